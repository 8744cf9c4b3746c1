"""`comity log` by hand: explain, prove, audit, state, monitor and evidence, for people and as JSON, and every slip."""

import json
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from comity import canon
from comity.assembly import digest, fold, witnesses
from comity.cli.main import run
from comity.tlog import merkle, note, receipt
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.evidence import convict
from comity.tlog.note import Note
from comity.tlog.proof import Proof
from comity.tlog.quorum import Policy
from tests.builders.assembly import Assembly, naming, signer
from tests.services.node.hub import Hub


class Log:
    """Commands against a hub of four members with a study in force, an exchange that ended, and a breach."""

    def __init__(self, hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
        self.hub, self.assembly, self._capsys = hub, hub.assembly, capsys
        self.pin = canon.digest(canon.encode(hub.assembly.charter))
        self.named = ("--hub", hub.address, "--charter", self.pin)

    def run(self, *words: str, exit_code: int = 0, quiet: bool = True) -> str:
        """What a command prints; on standard error, if it fails."""
        assert exit_code == run(["log", *words])
        told = self._capsys.readouterr()
        assert not quiet or exit_code or told.err == ""
        return told.err if exit_code else told.out

    def said(self) -> Any:
        """What was printed since."""
        return self._capsys.readouterr()

    def json(self, *words: str, quiet: bool = True) -> Any:
        """The facts of a command."""
        return json.loads(self.run(*words, "--json", quiet=quiet))

    @property
    def vkey(self) -> str:
        """The log's key."""
        return witnesses.log_vkey(self.assembly.charter)


@pytest.fixture
def log(capsys: pytest.CaptureFixture[str]) -> Iterator[Log]:
    assembly = Assembly(4)
    assembly.run(assembly.adopt("study", b'{"a":1}', name="trust-waves/1.0.0"))
    assembly.smuggle(b"nonsense")
    assembly.tick()
    with Hub(assembly) as hub:
        hub.publish(assembly.time)
        yield Log(hub, capsys)


def test_a_leaf_is_explained_to_people_and_to_programs(log: Log) -> None:
    told = log.run("explain", "7", *log.named)
    assert "m1 votes yes on motion 6 about the study trust-waves/1.0.0." in told
    assert "followed  Motion 6 was adopted by the tick at leaf 12: 4 yes, 0 no, of 4 votes." in told.splitlines()
    facts = log.json("explain", "7", *log.named)
    assert (True, ["studies"], "2023-11-14T22:13:20Z") == (facts["effective"], facts["topics"], facts["after"])
    breach = len(log.assembly.leaves) - 2
    assert ["act.malformed"] == log.json("explain", str(breach), *log.named)["reasons"]
    assert "because  The statement is not in its canonical form" in log.run("explain", str(breach), *log.named)
    assert "followed  Nothing has followed from it." in log.run("explain", "1", *log.named).splitlines()
    assert "no such leaf" in log.run("explain", "9999", *log.named, exit_code=2)
    assert "'LEAF': not a whole number; way out" in log.run("explain", "abc", *log.named, exit_code=2)


def test_a_proof_is_checked_offline_by_three_files(log: Log, tmp_path: Path) -> None:
    out = tmp_path / "seven.proof"
    facts = log.json("prove", "7", "--out", str(out), *log.named)
    assert (7, len(log.assembly.leaves)) == (facts["leaf"], facts["size"])
    leaf = Path(facts["entry"]).read_bytes()
    assert log.assembly.leaves[7] == leaf
    Proof.parse(out.read_bytes()).verify(leaf, Policy.parse(Path(facts["policy"]).read_bytes()))
    log.hub.files.clear()  # nothing is asked of the hub any more
    assert "own-policy   no" in log.run("verify", "--proof", str(out), quiet=False)
    own = ("--policy", facts["policy"])
    assert log.json("verify", "--proof", str(out), *own, quiet=False)["own-policy"]
    Path(facts["entry"]).write_bytes(log.assembly.leaves[8])
    assert "the entry is not in the log at this place" in log.run("verify", "--proof", str(out), *own, exit_code=1)
    Path(facts["entry"]).unlink()
    assert "seven.proof.leaf" in log.run("verify", "--proof", str(out), *own, exit_code=2)


def test_a_proof_says_by_which_policy_and_key_it_holds(log: Log, tmp_path: Path) -> None:
    """For the reader to compare; giving the one that came with it is no comparison."""
    out = tmp_path / "seven.proof"
    policy = Path(log.json("prove", "7", "--out", str(out), *log.named)["policy"])
    facts = log.json("verify", "--proof", str(out), quiet=False)
    assert (canon.digest(policy.read_bytes()), log.vkey) == (facts["policy"], facts["log-key"])
    log.said()
    words = ("log", "verify", "--proof", str(out), "--policy")
    assert 0 == run([*words, str(policy)])
    assert "byte for byte" in log.said().err
    own = tmp_path / "own"
    own.write_text(f"# by phone\n{policy.read_text()}")
    assert 0 == run([*words, str(own)])
    assert "" == log.said().err
    own.write_text("nonsense\n")
    assert 2 == run([*words, str(own)])
    assert f"config.bad: {own}, policy" in log.said().err


def test_a_proof_is_written_whole_or_not_at_all(log: Log, tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    assert "is a folder" in log.run("prove", "7", "--out", str(tmp_path / "here"), *log.named, exit_code=2)
    assert ["here"] == [path.name for path in tmp_path.iterdir()]


def test_a_list_knows_its_kinds_and_who_spoke(log: Log) -> None:
    assert "wanted accession, answer, audit/answered," in log.run("list", "--kind", "nonsense", *log.named, exit_code=2)
    assert "wanted hub, m1, m2, m3, m4" in log.run("list", "--actor", "nobody", *log.named, exit_code=2)
    rows = log.json("list", "--kind", "accession", *log.named)
    assert ["member, area 001"] * 4 == [row["about"] for row in rows]


def test_a_leafs_hashes_are_spelt_as_a_checkpoint_spells_them(log: Log) -> None:
    """So that they can be compared by eye with what a proof, an audit or evidence prints."""
    leaf = log.assembly.leaves[7]
    facts = log.json("show", "7", *log.named)
    assert b64encode(sha256(b"\0" + leaf).digest()).decode() == facts["leaf-hash"]
    size = facts["head-size"]
    assert str(log.assembly.checkpoint(size)).splitlines()[2] == facts["head-root"]


def test_a_proof_may_stand_under_a_checkpoint_that_a_tick_logged(log: Log, tmp_path: Path) -> None:
    out = tmp_path / "old.proof"
    facts = log.json("prove", "3", "--size", "5", "--out", str(out), *log.named)
    assert 5 == facts["size"] == Checkpoint.of(Proof.parse(out.read_bytes()).note).size
    wrong = tmp_path / "wrong.proof"
    assert "wanted 5, 11, 12, 34;" in log.run("prove", "3", "--size", "7", "--out", str(wrong), *log.named, exit_code=2)
    assert "newer" in log.run("prove", "9", "--size", "5", "--out", str(wrong), *log.named, exit_code=2)
    assert [] == list(tmp_path.glob("wrong*"))


def test_a_proof_counts_the_keys_that_its_witnesses_had_then(log: Log, tmp_path: Path) -> None:
    """Before and after all of them changed their keys."""
    assembly, before = log.assembly, len(log.assembly.leaves) - 1
    for member in assembly.members:
        assembly.signers[member, "witness"] = signer(f"{member} again", "witness")
        assembly.say(member, naming(member, "witness", assembly.signers[member, "witness"]))
    changed = len(assembly.leaves)
    assembly.tick()
    for member in assembly.members:
        assembly.signers[member, "witness"] = signer(f"{member} once more", "witness")
        assembly.say(member, naming(member, "witness", assembly.signers[member, "witness"]))
    assembly.tick()
    log.hub.publish(assembly.time)
    for size in (before, changed, len(assembly.leaves)):
        facts = log.json("prove", "3", "--size", str(size), "--out", str(tmp_path / str(size)), *log.named)
        assert size == facts["size"]
        checked = ("verify", "--proof", str(tmp_path / str(size)), "--policy", facts["policy"])
        assert size == log.json(*checked, quiet=False)["size"]


def test_the_state_is_the_same_wherever_it_is_read(log: Log) -> None:
    found = digest.of(log.assembly.state)
    assert (found.digest, dict(found.parts)) == (
        (facts := log.json("state", *log.named))["digest"],
        facts["parts"],
    )
    early = digest.of(fold.replay(log.assembly.leaves[:9]))
    assert f"digest     {early.digest}" in log.run("state", "--at", "9", *log.named).splitlines()
    assert "no such size" in log.run("state", "--at", "9999", *log.named, exit_code=2)


def test_an_audit_of_files_and_of_a_hub_finds_the_same(log: Log, tmp_path: Path) -> None:
    for path, data in log.hub.files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    pinned = ("--charter", log.pin)
    here = log.json("audit", str(tmp_path), *pinned, quiet=False)
    assert "audited: all " in log.run("audit", str(tmp_path), *pinned, quiet=False).splitlines()[-1]
    assert here == log.json("audit", log.hub.address, *pinned, quiet=False)
    assert ("folded", digest.of(log.assembly.state).digest) == (here["leaves"], here["state"])
    assert [len(log.assembly.leaves) - 2] == here["leaves-without-effect"]
    assert "3 of 4 witnesses" == here["quorum"]
    shallow = log.json("audit", str(tmp_path), *pinned, "--structure-only", quiet=False)
    assert ("envelopes", 1) == (shallow["leaves"], shallow["unsigned-count"])
    since = tmp_path / "old"
    since.write_text(log.assembly.cosigned(log.assembly.time, size=9))
    assert 9 == log.json("audit", str(tmp_path), *pinned, "--since", str(since), quiet=False)["grown-from"]
    (entries,) = (tmp_path / "tile" / "entries").rglob("*.p/*")
    entries.write_bytes(entries.read_bytes()[:-1] + b"!")
    line = log.run("audit", str(tmp_path), *pinned, exit_code=1).splitlines()[-1]
    assert line.startswith(f"comity: verify.failed: {entries}, leaf {len(log.assembly.leaves) - 1}: ")


def test_an_audit_that_contradicts_a_kept_checkpoint_leaves_evidence(log: Log, tmp_path: Path) -> None:
    """Beside the checkpoint; once."""
    _, other, _ = forked(log)
    (tmp_path / "kept").write_text(str(other))
    words = ("audit", log.hub.address, "--charter", log.pin, "--since", str(tmp_path / "kept"))
    for _ in range(2):
        assert "convicts itself" in log.run(*words, exit_code=1)
    (file,) = tmp_path.glob("*.evidence")
    assert log.assembly.charter.origin == log.json("evidence", str(file), "--log", log.vkey)["convicts"]


@pytest.mark.parametrize("words", [["no-such-folder"], [".", "--home", "x"], ["x", "--policy", "no-such-file"]])
def test_an_audit_of_nothing_is_a_slip(words: list[str]) -> None:
    assert 2 == run(["log", "audit", *words])


def test_an_audit_says_what_it_reads_and_names_the_file_that_is_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 2 == run(["log", "audit"])
    assert "wanted WHERE: a folder with a log's public files, or the URL" in capsys.readouterr().err
    (tmp_path / "bad").write_text("nonsense\n")
    for option, code in (("--policy", 2), ("--since", 3)):
        assert code == run(["log", "audit", str(tmp_path), option, str(tmp_path / "bad")])
        assert f": {tmp_path / 'bad'}, " in capsys.readouterr().err


def test_a_monitor_looks_once(log: Log, tmp_path: Path) -> None:
    facts = log.json("monitor", *log.named, "--out", str(tmp_path), "--once")
    assert (len(log.assembly.leaves), 1) == (facts["new"], facts["breaches"])
    assert 0 == log.json("monitor", *log.named, "--out", str(tmp_path), "--once")["new"]
    assert (tmp_path / "studies.atom").is_file()
    assert "not an address" in log.run("monitor", "--hub", "x", "--out", str(tmp_path), "--once", exit_code=2)


def forked(log: Log) -> tuple[Note, Note, merkle.Node]:
    """The log's newest head, another of the same size under the same key, and the other's nodes."""
    assembly = log.assembly
    leaves = [*assembly.leaves[:-1], b"another"]
    hashes = [merkle.leaf_hash(leaf) for leaf in leaves]
    text = str(Checkpoint(assembly.charter.origin, len(hashes), merkle.root(hashes)))
    other = Note(text, (note.sign(text, assembly.charter.origin, assembly.signers["hub", "log"]),))
    return (
        Note.parse(assembly.cosigned(assembly.time)),
        other,
        lambda level, index: merkle.root(hashes[index << level : (index + 1) << level]),
    )


def test_evidence_of_two_views_convicts_by_the_logs_key_alone(log: Log, tmp_path: Path) -> None:
    one, other, node = forked(log)
    file = tmp_path / "split-view.evidence"
    file.write_text(str(convict(one, other, node)))
    facts = log.json("evidence", str(file), "--log", log.vkey)
    assert (log.assembly.charter.origin, 2) == (facts["convicts"], len(set(facts["roots"])))
    other_log = ("evidence", str(file), "--log", log.vkey, "--origin", "example.org/other")
    assert "views of another log" in log.run(*other_log, exit_code=1)
    file.write_text(str(convict(one, one, node)))
    assert "both views can be true" in log.run("evidence", str(file), "--log", log.vkey, exit_code=1)
    stranger = witnesses.log_vkey(Assembly(4, charter=None).charter).replace("example.org", "other.org")
    assert "--log: the id is not this key's" in log.run("evidence", str(file), "--log", stranger, exit_code=2)
    line = log.run("evidence", str(file), "--log", "example.org/log", exit_code=2)
    assert "--log: not a verifier key; found example.org/log; wanted name+8 hex digits+base64" in line


def test_a_file_that_another_command_checks_is_sent_there(log: Log, tmp_path: Path) -> None:
    """A leaf's proof, evidence, a figure: each says who reads it."""
    proof, split, figure = tmp_path / "leaf.proof", tmp_path / "split-view.evidence", tmp_path / "figure.tlog-proof"
    log.run("prove", "7", "--out", str(proof), *log.named)
    one, other, node = forked(log)
    split.write_text(str(convict(one, other, node)))
    figure.write_text(str(replace(Proof.parse(proof.read_bytes()), extra=b"a figure")))
    told = log.run("evidence", str(proof), "--log", log.vkey, exit_code=2)
    assert f"way out: comity log verify --proof {proof}" in told
    told = log.run("verify", "--proof", str(figure), exit_code=2)
    assert f"way out: comity verify {figure}" in told
    assert 2 == run(["verify", str(split)])
    assert f"way out: comity log evidence {split} --log VKEY" in log.said().err
    assert 1 == run(["verify", str(proof)])
    assert "comity log verify --proof FILE" in log.said().out


def test_evidence_of_a_dropped_statement_convicts_too(log: Log, tmp_path: Path) -> None:
    _, other, node = forked(log)
    assembly, last = log.assembly, len(log.assembly.leaves) - 1
    promised = receipt.Receipt(assembly.charter.origin, last, (merkle.leaf_hash(assembly.leaves[last]),))
    signed = promised.signed(assembly.signers["hub", "log"])
    file = tmp_path / "dropped.evidence"
    file.write_text(str(receipt.convict(signed, other, last, node)))
    facts = log.json("evidence", str(file), "--log", log.vkey)
    assert (last, "a statement acknowledged and left out") == (facts["leaf"], facts["of"])
    assert "two views" in log.run("evidence", str(file), "--log", log.vkey, "--origin", "x", exit_code=2)
    kept = receipt.Receipt(assembly.charter.origin, last, (merkle.leaf_hash(b"another"),))
    file.write_text(str(receipt.convict(kept.signed(assembly.signers["hub", "log"]), other, last, node)))
    assert "kept its promise" in log.run("evidence", str(file), "--log", log.vkey, exit_code=1)


@pytest.mark.parametrize("text", ["", "nonsense", "w3id.org/comity/split-view@v1\n", "w3id.org/comity/dropped@v1\n"])
def test_what_is_no_evidence_is_refused(log: Log, tmp_path: Path, text: str) -> None:
    file = tmp_path / "x.evidence"
    file.write_text(text)
    assert log.run("evidence", str(file), "--log", log.vkey, exit_code=3).startswith("comity: format.bad: ")


def test_a_demonstration_log_is_made_and_audited(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command that its help names."""
    out = tmp_path / "long"
    assert 0 == run(["demo", "log", "--leaves", "700", "--out", str(out)])
    assert 0 == run(["log", "audit", str(out), "--policy", str(out / "policy")])
    assert "leaves             opaque" in capsys.readouterr().out.splitlines()
    assert 2 == run(["log", "audit", str(out)])
    assert 2 == run(["demo", "log", "--leaves", "700", "--out", str(out)])
    assert 2 == run(["demo", "log", "--leaves", "0", "--out", str(tmp_path / "none")])
