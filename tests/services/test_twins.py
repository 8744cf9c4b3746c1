"""A release as programs of others check it: nothing is handed out that does not hold by our own reading."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from comity import canon
from comity.assembly import twin, witnesses
from comity.cli.main import run
from comity.errors import ComityError, NotVerified, QuorumShort, Unreachable
from comity.model.member import HUB
from comity.services import reading, twins
from comity.tlog import note, sigsum
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.cosignature import cosign
from comity.tlog.merkle import leaf_hash, root
from comity.tlog.note import Note, Vkey
from comity.tlog.proof import Proof
from comity.tlog.quorum import NONE, Log, Policy, Quorum
from comity.tlog.tile import encode_bundle
from tests.builders.assembly import START, Assembly
from tests.builders.twin import released
from tests.services.node.hub import Hub

BY = ("m1", "m2", "m3")


@pytest.fixture
def hub() -> Iterator[Hub]:
    """Two releases, under the quorum; of a twin there is none yet."""
    assembly = Assembly(4)
    study = assembly.adopt("study", b"{}")
    for period in ("1", "2"):
        released(assembly, study, period)
    with Hub(assembly) as hub:
        hub.publish(START + 100)
        yield hub


def leaves(hub: Hub) -> list[bytes]:
    """What the twin must hold."""
    sign = hub.assembly.signers[HUB, "sign"]
    return [bytes(sigsum.Leaf.of(digest, sign)) for digest in twin.files(hub.assembly.state)]


def serve(hub: Hub, leaves: list[bytes], by: tuple[str, ...] = BY) -> None:
    """A published twin of these leaves, whatever they are, with cosignatures of witnesses that did not look."""
    assembly = hub.assembly
    name = twin.log(assembly.state).name
    text = str(Checkpoint(name, len(leaves), root([leaf_hash(leaf) for leaf in leaves])))
    lines = [note.sign(text, name, assembly.signers[HUB, "log"])]
    for id in by:
        key = witnesses.key_name(assembly.charter.origin, id)
        lines.append(cosign(text, key, START, assembly.signers[id, "witness"]))
    hub.files["sigsum/checkpoint"] = str(Note(text, tuple(lines))).encode()
    hub.files[f"sigsum/tile/entries/000.p/{len(leaves)}"] = encode_bundle(leaves)


def made(hub: Hub, kind: str, place: int = 1) -> twins.Checkable:
    """The files of the first or second release."""
    release = sorted(hub.assembly.state.releases)[place]
    with reading.at_hub(hub.address, canon.digest(canon.encode(hub.assembly.charter))) as log:
        return twins.KINDS[kind](log, release)


@pytest.mark.parametrize("place", [0, 1])
def test_the_sigsum_files_are_record_proof_policy_and_key(hub: Hub, place: int) -> None:
    serve(hub, leaves(hub))

    files = made(hub, "sigsum", place).files

    record, state = files["release.json"], hub.assembly.state
    proof = sigsum.Proof.parse(files["release.json.proof"])
    key = hub.assembly.signers[HUB, "sign"].public
    assert f"release.json of m1, {place + 1}".encode() == record
    assert 3 == len(proof.verify(sha256(record).digest(), key, twin.policy(state)).names)
    assert sigsum.policy_text(twin.policy(state)).encode() == files["policy"]


def test_the_spicy_files_are_the_leaf_and_its_path(hub: Hub) -> None:
    checkable = made(hub, "spicy")

    release = max(hub.assembly.state.releases)
    leaf, spicy = checkable.files[f"leaf-{release}.json"], checkable.files[f"leaf-{release}.json.spicy"]
    assert hub.assembly.leaves[release] == leaf
    proof = Proof.parse(b"c2sp.org/tlog-proof@v1\n" + spicy)
    log = Vkey.parse(witnesses.log_vkey(hub.assembly.state))
    assert proof.verify(leaf, Policy((Log(log),), Quorum((), (), NONE))).checkpoint.size == len(hub.assembly.leaves)
    assert str(log) in checkable.command


def swapped(hub: Hub) -> None:
    serve(hub, leaves(hub)[::-1])


def stranger(hub: Hub) -> None:
    extra = sigsum.Leaf.of(sha256(b"never released").digest(), hub.assembly.signers[HUB, "sign"])
    serve(hub, [leaves(hub)[0], bytes(extra)])


def uncosigned(hub: Hub) -> None:
    serve(hub, leaves(hub), by=("m1", "m2"))


def changed_files(hub: Hub) -> None:
    serve(hub, leaves(hub))
    hub.files["sigsum/tile/entries/000.p/2"] = encode_bundle(leaves(hub)[::-1])


def too_short(hub: Hub) -> None:
    serve(hub, leaves(hub)[:1])


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (swapped, NotVerified),
        (stranger, NotVerified),
        (uncosigned, QuorumShort),
        (changed_files, NotVerified),
        (too_short, Unreachable),
        (lambda hub: None, Unreachable),
    ],
)
def test_a_twin_that_is_not_the_logs_gives_no_files(hub: Hub, change: object, error: type[ComityError]) -> None:
    assert callable(change)
    change(hub)

    with pytest.raises(error):
        made(hub, "sigsum")


def command(hub: Hub, kind: str, out: Path) -> int:
    """Exit code of the command."""
    release = str(max(hub.assembly.state.releases))
    return run(["release", "prove", release, "--twin", kind, "--out", str(out), "--hub", hub.address])


def test_the_command_writes_a_folder_and_prints_how_to_check_it(
    hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    serve(hub, leaves(hub))

    assert 0 == command(hub, "sigsum", tmp_path / "twin")

    said = capsys.readouterr().out
    assert said.endswith("\nsigsum-verify -k hub.pub -p policy release.json.proof < release.json\n")
    names = ["hub.pub", "policy", "release.json", "release.json.proof"]
    assert names == sorted(path.name for path in (tmp_path / "twin").iterdir())


def test_the_command_refuses_in_one_line_and_writes_nothing(
    hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("")
    for kind, out, code in (("pgp", "new", 2), ("spicy", "full", 2), ("sigsum", "new", 4)):
        assert code == command(hub, kind, tmp_path / out)
        assert 1 == len([line for line in capsys.readouterr().err.splitlines() if "pin" not in line])
    assert ["full"] == [path.name for path in tmp_path.iterdir()]
