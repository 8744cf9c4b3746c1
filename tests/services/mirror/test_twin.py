"""A mirror copies the twin as well: the same bytes, and nothing that is not the log's own."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from comity.adapters.client import Client
from comity.errors import NotVerified
from comity.model.member import HUB
from comity.services import reading, twins
from comity.services.mirror.copy import Copy
from comity.tlog import note, sigsum
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.evidence import Evidence
from comity.tlog.merkle import leaf_hash, root
from comity.tlog.note import Note
from comity.tlog.tile import Edge, Tile, encode_bundle, hash_entries
from tests.builders.assembly import Assembly
from tests.builders.twin import TwinHub, released
from tests.services.node.hub import Hub


@dataclass
class Source:
    """A hub with two releases in its log, served; what is released later is served by `show`."""

    hub: TwinHub
    door: Hub
    study: str

    def show(self) -> None:
        self.hub.take()
        self.hub.twin.once()
        self.hub.cosign()
        self.door.publish(self.hub.now)
        for path in self.hub.public.rglob("*"):
            if path.is_file():
                self.door.files[path.relative_to(self.hub.public).as_posix()] = path.read_bytes()

    def twin(self) -> dict[str, bytes]:
        """Served files of the twin, but for those that only a hub needs."""
        return {name: data for name, data in self.door.files.items() if name.startswith("sigsum/")}

    def view(self, leaves: list[bytes]) -> None:
        """Another twin under the log's own key."""
        name = sigsum.log_vkey(self.hub.assembly.signers[HUB, "log"].public).name
        text = str(Checkpoint(name, len(leaves), root([leaf_hash(leaf) for leaf in leaves])))
        signed = Note(text, (note.sign(text, name, self.hub.assembly.signers[HUB, "log"]),))
        edge, full = Edge().extend(hash_entries(leaves))
        files = {str(tile): data for tile, data in (*full, *edge.partial())}
        files |= {str(Tile(-1, 0, len(leaves))): encode_bundle(leaves), "checkpoint": str(signed).encode()}
        self.door.files |= {f"sigsum/{path}": data for path, data in files.items()}


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Source]:
    assembly = Assembly(4)
    study = assembly.adopt("study", b"{}")
    for period in ("1", "2"):
        released(assembly, study, period)
    hub = TwinHub(tmp_path / "hub", assembly)
    with Hub(assembly) as door:
        source = Source(hub, door, study)
        source.show()
        yield source
    hub.close()


def held(folder: Path) -> dict[str, bytes]:
    """Files of a copy's twin."""
    public = folder / "public"
    return {p.relative_to(public).as_posix(): p.read_bytes() for p in (public / "sigsum").rglob("*") if p.is_file()}


def test_the_copy_has_the_same_bytes_and_grows_with_it(source: Source, tmp_path: Path) -> None:
    with Client(source.door.address) as client:
        copy = Copy(tmp_path / "copy", client)
        copy.once()
        assert source.twin() == held(tmp_path / "copy")

        released(source.hub.assembly, source.study, "3")
        source.show()
        copy.once()
    assert source.twin().items() >= held(tmp_path / "copy").items()
    assert b"\n3\n" in held(tmp_path / "copy")["sigsum/checkpoint"]


def test_a_reader_of_the_copy_gets_the_same_proofs(source: Source, tmp_path: Path) -> None:
    with Client(source.door.address) as client:
        Copy(tmp_path / "copy", client).once()
    public = tmp_path / "copy" / "public"
    with Hub(source.hub.assembly) as mirror:
        mirror.files = {p.relative_to(public).as_posix(): p.read_bytes() for p in public.rglob("*") if p.is_file()}
        release = max(source.hub.assembly.state.releases)
        with reading.at_hub(mirror.address, None) as there, reading.at_hub(source.door.address, None) as here:
            assert twins.sigsum_files(here, release) == twins.sigsum_files(there, release)


def test_a_hub_without_a_twin_is_copied_as_before(source: Source, tmp_path: Path) -> None:
    for name in source.twin():
        source.door.files.pop(name)
    with Client(source.door.address) as client:
        assert Copy(tmp_path / "copy", client).once()
    assert {} == held(tmp_path / "copy")


def test_a_second_view_of_the_twin_is_kept_as_evidence_once(source: Source, tmp_path: Path) -> None:
    """The log's key alone convicts; the copy of log and twin stays what it was."""
    with Client(source.door.address) as client:
        copy = Copy(tmp_path / "copy", client)
        copy.once()
        before = held(tmp_path / "copy")
        source.view([b"x" * 128, b"y" * 128, b"z" * 128])
        for _ in range(3):
            with pytest.raises(NotVerified, match="two views"):
                copy.once()

    assert before == held(tmp_path / "copy")
    (kept,) = (tmp_path / "copy").glob("*.evidence")
    Evidence.parse(kept.read_bytes()).verify(sigsum.log_vkey(source.hub.assembly.signers[HUB, "log"].public))


@pytest.mark.parametrize("name", ["sigsum/policy", "sigsum/hub.pub"])
def test_a_policy_or_key_of_something_else_is_not_copied(source: Source, tmp_path: Path, name: str) -> None:
    source.door.files[name] = b"log 00\n"
    with Client(source.door.address) as client, pytest.raises(NotVerified, match="not a file of this twin"):
        Copy(tmp_path / "copy", client).once()
    assert name not in held(tmp_path / "copy")
    assert "sigsum/checkpoint" not in held(tmp_path / "copy")
