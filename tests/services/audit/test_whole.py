"""An audit reads every file of a log: a true one holds; what is missing, torn or another is named with its place."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity import canon
from comity.adapters.client import Client
from comity.assembly import digest, witnesses
from comity.errors import ComityError, NotVerified, QuorumShort, UsageError
from comity.services.audit import whole
from comity.services.audit.files import AtAddress, InFolder
from comity.services.audit.walk import NoPrefix
from comity.services.audit.whole import Audited
from comity.services.demo import log as long_log
from comity.tlog import beside as side
from comity.tlog.cosignature import cosign
from comity.tlog.evidence import Evidence
from comity.tlog.note import Note, SignatureLine, vkey
from comity.tlog.quorum import Log, Policy
from comity.tlog.tile import decode_bundle, encode_bundle
from tests.builders.assembly import Assembly, naming, signer
from tests.services.node.hub import Hub

SIZE = 70_000  # 273 full bundles, a partial one, and a full tile of level 1


def quiet(done: int, total: int, what: str) -> None:
    """No progress."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A long log; whoever damages it puts it back."""
    out = tmp_path_factory.mktemp("long") / "log"
    long_log.make(out, SIZE, tell=quiet)
    return out


def audited(folder: Path, **how: object) -> Audited:
    """An audit under the policy beside the log."""
    policy = Policy.parse((folder / "policy").read_bytes())
    return whole.audit(InFolder(folder), tell=quiet, policy=policy, **how)  # type: ignore[arg-type]


def test_a_true_log_holds(made: Path) -> None:
    # 274 bundles and as many tiles of their hashes; of those 273 full: one tile and a part; of that one hash above.
    found = audited(made)
    assert (SIZE, 274, 277) == (found.checkpoint.size, found.bundles, found.tiles)
    assert ("demo.example/long-log/one", 3) == (found.seen.names[0], len(found.seen.names))
    assert (None, None) == (found.charter, found.state)


def test_a_log_that_names_no_key_wants_a_policy(made: Path) -> None:
    with pytest.raises(UsageError, match="--policy"):
        whole.audit(InFolder(made), tell=quiet)


def flipped(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


def turned(data: bytes) -> bytes:
    """The first two entries of a bundle, or hashes of a tile, the other way round."""
    if len(data) % 32:
        one, two, *rest = decode_bundle(data, 256)
        return encode_bundle([two, one, *rest])
    return data[32:64] + data[:32] + data[64:]


def halved(data: bytes) -> bytes:
    return data[: len(data) // 2]


FILES = ["tile/entries/100", "tile/entries/273.p/112", "tile/0/100", "tile/0/273.p/112", "tile/1/000", "tile/2/000.p/1"]


DAMAGES: dict[str, Callable[[bytes], bytes] | None] = {
    "flipped": flipped,
    "turned": turned,
    "halved": halved,
    "missing": None,
}
CASES = [(path, name) for path in FILES for name in DAMAGES if name != "turned" or ".p/" not in path]


@pytest.mark.parametrize(("path", "name"), CASES)
def test_a_damaged_file_is_named(made: Path, path: str, name: str) -> None:
    """One line, with the file and the place in it."""
    file = made / path
    before, damage = file.read_bytes(), DAMAGES[name]
    try:
        file.unlink() if damage is None else file.write_bytes(damage(before))
        with pytest.raises(NotVerified) as told:
            audited(made)
    finally:
        file.write_bytes(before)
    beside = path.replace("entries", "0") if "entries" in path else path.replace("/0/", "/entries/", 1)
    assert str(made / path) in str(told.value) or str(made / beside) in str(told.value)
    assert 1 == told.value.exit
    assert "\n" not in str(told.value)


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of two bundles, with side cosignatures; whoever damages it puts it back."""
    out = tmp_path_factory.mktemp("short") / "log"
    long_log.make(out, 300, tell=quiet)
    lines = (out / "checkpoint").read_text().splitlines(keepends=True)
    (out / "checkpoint").write_text("".join(lines[:7]))  # the log's line and two of three witnesses'
    (out / "cosignatures").mkdir()
    (out / "cosignatures" / "300").write_text(lines[7])
    return out


SHORT = ["checkpoint", "cosignatures/300", "tile/entries/000", "tile/entries/001.p/44"]
SHORT += ["tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1"]


def outcome(folder: Path) -> Audited | ComityError:
    """What an audit finds, or the error in which it ends."""
    try:
        return audited(folder)
    except ComityError as e:
        return e


@given(st.sampled_from(SHORT), st.integers(0, 10**6), st.integers(1, 255), st.booleans())
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_byte_of_any_file_can_be_changed_or_cut_off(short: Path, path: str, at: int, by: int, cut: bool) -> None:
    """Refused, or, where a witness's line no longer names a witness, the same head under those that are left."""
    file, head = short / path, audited(short).checkpoint
    before = file.read_bytes()
    at %= len(before)
    try:
        file.write_bytes(before[:at] if cut else before[:at] + bytes([before[at] ^ by]) + before[at + 1 :])
        found = outcome(short)
    finally:
        file.write_bytes(before)
    if isinstance(found, Audited):
        assert path in ("checkpoint", "cosignatures/300")
        assert (head, True) == (found.checkpoint, len(found.seen.names) >= 2)
    else:
        assert 1 == found.exit


def test_the_first_leaf_that_differs_is_named(made: Path) -> None:
    file = made / "tile/entries/100"
    before = file.read_bytes()
    entries = list(decode_bundle(before, 256))
    try:
        file.write_bytes(encode_bundle([*entries[:17], b"another", *entries[18:]]))
        with pytest.raises(NotVerified, match=f"leaf {100 * 256 + 17}"):
            audited(made)
    finally:
        file.write_bytes(before)


def test_files_that_agree_with_each_other_but_not_with_the_checkpoint_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two whole logs of one size, signed by one key: under the head of the other only the root shows it."""
    long_log.make(tmp_path / "one", 1000, tell=quiet)
    monkeypatch.setattr(long_log, "PADDING", b"other")
    long_log.make(tmp_path / "two", 1000, tell=quiet)
    (tmp_path / "one" / "checkpoint").write_bytes((tmp_path / "two" / "checkpoint").read_bytes())
    with pytest.raises(NotVerified, match="do not make the checkpoint's root"):
        audited(tmp_path / "one")


def test_an_earlier_checkpoint_must_be_a_prefix(made: Path, tmp_path: Path) -> None:
    """At a border of a bundle, within one, and at the newest size; another log's head is none."""
    for size in (1, 256, 300, 4096):
        earlier = tmp_path / str(size)
        long_log.make(earlier, size, tell=quiet)
        note = Note.parse((earlier / "checkpoint").read_bytes())
        assert size == audited(made, since=note).since
    newest = Note.parse((made / "checkpoint").read_bytes())
    assert SIZE == audited(made, since=newest).since
    with pytest.raises(NotVerified, match="shorter than it was"):
        audited(tmp_path / "300", since=newest)


def test_a_signed_head_of_other_leaves_is_no_prefix(
    made: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(long_log, "PADDING", b"other")
    long_log.make(tmp_path / "fork", 300, tell=quiet)
    with pytest.raises(NoPrefix, match="first 300 leaves are not those of the earlier checkpoint") as told:
        audited(made, since=Note.parse((tmp_path / "fork" / "checkpoint").read_bytes()))
    assert told.value.evidence is not None
    Evidence.parse(str(told.value.evidence)).verify(long_log.policy().logs[0].vkey)


def test_too_few_witnesses_and_an_unknown_log_are_refused(made: Path) -> None:
    policy = long_log.policy()
    note = made / "checkpoint"
    before = note.read_text()
    lines = before.splitlines(keepends=True)
    try:
        note.write_text("".join(lines[:6]))  # three lines of text, a blank one, the log's and one witness's signature
        with pytest.raises(QuorumShort):
            audited(made)
    finally:
        note.write_text(before)
    stranger = Policy((Log(vkey(long_log.ORIGIN, signer("hub", "log").public)),), policy.quorum)
    with pytest.raises(NotVerified, match="not signed by the log"):
        whole.audit(InFolder(made), tell=quiet, policy=stranger)


def test_a_false_line_of_a_second_log_key_is_refused_beside_a_good_one(made: Path) -> None:
    """Before hours are spent on leaves."""
    policy, note = long_log.policy(), made / "checkpoint"
    second, before = vkey(long_log.ORIGIN, signer("hub", "log").public), note.read_text()
    two = Policy((*policy.logs, Log(second)), policy.quorum)
    assert SIZE == whole.audit(InFolder(made), tell=quiet, policy=two).checkpoint.size
    try:
        note.write_text(f"{before}{SignatureLine(second.name, second.id, bytes(64))}\n")
        with pytest.raises(NotVerified, match="not signed by the log"):
            whole.audit(InFolder(made), tell=quiet, policy=two)
    finally:
        note.write_text(before)


def test_cosignatures_beside_the_checkpoint_count_under_the_readers_policy(made: Path) -> None:
    """And one that does not hold is refused."""
    note, beside = made / "checkpoint", made / "cosignatures" / str(SIZE)
    before = note.read_text()
    lines = before.splitlines(keepends=True)
    beside.parent.mkdir(exist_ok=True)
    try:
        note.write_text("".join(lines[:6]))
        beside.write_text("".join(sorted(lines[6:])))
        found = audited(made)
        assert (3, 2) == (len(found.seen.names), found.beside)
        beside.write_text(lines[6].replace("A", "B"))
        with pytest.raises(NotVerified):
            audited(made)
        beside.write_text("nonsense\n")
        with pytest.raises(NotVerified, match="not a signature line"):
            audited(made)
    finally:
        note.write_text(before)
        beside.unlink()


@pytest.fixture
def assembly() -> Assembly:
    made = Assembly(4)
    made.run(made.adopt("study", b'{"a":1}', name="trust-waves/1.0.0"))
    made.smuggle(b"nonsense")
    made.tick()
    return made


def test_an_assemblys_log_is_folded_and_its_breaches_are_told(assembly: Assembly) -> None:
    pinned = canon.digest(canon.encode(assembly.charter))
    with Hub(assembly) as hub, Client(hub.address) as client:
        hub.publish(assembly.time)
        found = whole.audit(AtAddress(client), tell=quiet, charter=pinned)
        assert found.state is not None
        assert digest.of(assembly.state) == digest.of(found.state)
        assert [breach.index for breach in assembly.state.breaches] == [breach.index for breach in found.state.breaches]
        envelopes = whole.audit(AtAddress(client), tell=quiet, structure=True)
        assert (None, False) == (envelopes.state, envelopes.pinned)
        assert ((len(assembly.leaves) - 2,), 1) == (envelopes.unsigned, envelopes.unsigned_count)
        with pytest.raises(NotVerified, match="begins with another charter"):
            whole.audit(AtAddress(client), tell=quiet, charter=canon.digest(b"other"))
        hub.publish(assembly.time, by=["m1", "m2"])
        with pytest.raises(QuorumShort):
            whole.audit(AtAddress(client), tell=quiet)
        hub.tiles([*assembly.leaves[:3], *assembly.leaves[4:], assembly.leaves[1]])
        with pytest.raises(NotVerified):
            whole.audit(AtAddress(client), tell=quiet)


def test_envelopes_alone_do_not_say_whose_key_counts_once_a_witness_changed_its_own(assembly: Assembly) -> None:
    """Neither the head under the old keys holds then nor that under the new ones, but by the reader's own policy."""
    fresh = {}
    for id in ("m1", "m2", "m3"):
        fresh[id, "witness"] = signer(f"{id} again", "witness")
        assembly.say(id, naming(id, "witness", fresh[id, "witness"]), by=signer(id, "officer"))
    with Hub(assembly) as hub, Client(hub.address) as client:
        hub.publish(assembly.time, by=["m1", "m2", "m3"])
        with pytest.raises(UsageError, match="--policy"):
            whole.audit(AtAddress(client), tell=quiet, structure=True)
        assembly.signers.update(fresh)
        hub.publish(assembly.time, by=["m1", "m2", "m3"])
        with pytest.raises(UsageError, match="--policy"):
            whole.audit(AtAddress(client), tell=quiet, structure=True)
        trusted = witnesses.policy(assembly.state)
        assert 3 == len(whole.audit(AtAddress(client), tell=quiet, structure=True, policy=trusted).seen.names)


def test_the_policy_that_is_served_is_the_one_that_the_leaves_make(assembly: Assembly) -> None:
    """Whoever begins with it would believe other keys."""
    true = str(witnesses.policy(assembly.state))
    with Hub(assembly) as hub, Client(hub.address) as client:
        hub.publish(assembly.time)
        hub.files["policy"] = true.encode()
        assert whole.audit(AtAddress(client), tell=quiet).state is not None
        for false in (true.replace("charter-quorum 3", "charter-quorum 2"), true.rpartition("quorum ")[0]):
            hub.files["policy"] = false.encode()
            with pytest.raises(NotVerified) as told:
                whole.audit(AtAddress(client), tell=quiet)
            assert f"{hub.address}/policy" == told.value.where


def test_a_members_line_beside_the_checkpoint_must_hold(assembly: Assembly) -> None:
    """No rule counts it; a false one is refused all the same, one of a stranger is not looked at."""
    with Hub(assembly) as hub, Client(hub.address) as client:
        hub.publish(assembly.time, by=["m1", "m2", "m3"])
        path, head = f"cosignatures/{len(assembly.leaves)}", assembly.checkpoint()
        name = witnesses.key_name(assembly.charter.origin, "m4")
        good = cosign(str(head), name, assembly.time, assembly.signers["m4", "witness"])
        strange = cosign(str(head), "elsewhere.example/w", assembly.time, signer("elsewhere", "witness"))
        hub.files[path] = side.text([good, strange]).encode()
        assert 1 == whole.audit(AtAddress(client), tell=quiet).beside
        false = SignatureLine(good.name, good.id, bytes([*good.signature[:-1], good.signature[-1] ^ 1]))
        hub.files[path] = side.text([false, strange]).encode()
        with pytest.raises(NotVerified, match="a cosignature does not hold"):
            whole.audit(AtAddress(client), tell=quiet)


def _peak(folder: Path, leaves: int) -> int:
    """KiB that an audit of so many leaves needs at most, in a process of its own."""
    out = folder / str(leaves)
    long_log.make(out, leaves, tell=quiet)
    code = (
        "import resource, sys\nfrom comity.cli.main import run\n"
        f"assert 0 == run(['log', 'audit', {str(out)!r}, '--policy', {str(out / 'policy')!r}])\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return int(done.stderr.split()[-1])


def test_memory_does_not_grow_with_the_log(tmp_path: Path) -> None:
    """Twenty times the leaves, the same peak within a tenth."""
    small, large = _peak(tmp_path, 1000), _peak(tmp_path, 20_000)
    assert large < 1.1 * small


@pytest.mark.long
def test_memory_does_not_grow_to_a_million_leaves(tmp_path: Path) -> None:
    """A log of a million, made and audited."""
    small, large = _peak(tmp_path, 100_000), _peak(tmp_path, 1_000_000)
    assert large < 1.2 * small


# A log that went to another hub


@pytest.fixture
def moved(tmp_path: Path) -> tuple[Path, str]:
    """The files of a log that went over, and a checkpoint of the old hub's."""
    assembly = Assembly(4)
    before = assembly.cosigned(assembly.time)
    assembly.move()
    assembly.tick()
    with Hub(assembly) as hub:
        hub.publish(assembly.time + 1)
        for path, data in hub.files.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(data)
    return tmp_path, before


def test_a_log_that_went_to_another_hub_holds_under_its_new_key(moved: tuple[Path, str]) -> None:
    folder, before = moved
    found = whole.audit(InFolder(folder), tell=quiet, since=Note.parse(before))
    assert found.state is not None
    assert "second.example.org/assembly" == found.checkpoint.origin
    assert (1, ()) == (len(found.state.successions), found.state.breaches)
    assert "second.example.org/assembly/m1" == found.seen.names[0]


def test_an_earlier_checkpoint_bears_the_name_that_the_log_had_then(moved: tuple[Path, str]) -> None:
    folder, before = moved
    renamed = Note.parse(before.replace("example.org/assembly", "other.example.org/assembly"))
    with pytest.raises(NotVerified, match="as it was called"):
        whole.audit(InFolder(folder), tell=quiet, since=renamed)


def test_envelopes_alone_do_not_say_whose_key_counts_now(moved: tuple[Path, str]) -> None:
    with pytest.raises(UsageError, match="--policy"):
        whole.audit(InFolder(moved[0]), tell=quiet, structure=True)
