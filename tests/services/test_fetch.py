"""A release is fetched as one whole folder that verifies offline, or not at all."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from comity import canon
from comity.acts.release import ReleasePublished
from comity.assembly import witnesses
from comity.canon import Digest
from comity.cli.verify import Disk
from comity.errors import FormatError, NotVerified, Unreachable, UsageError
from comity.model.job import Silent
from comity.model.member import HUB
from comity.model.release import Release
from comity.services import fetch, reading
from comity.stages.publish import folder
from comity.stages.verify.check import verify
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.cosignature import cosign
from comity.tlog.note import COSIGNATURE, Note, Vkey
from comity.tlog.quorum import Log, Policy, Quorum, Witness
from tests.builders.assembly import FIGURES, blob, signer
from tests.builders.release import Made, made
from tests.services.node.hub import Hub


def path_of(digest: Digest) -> str:
    name = canon.hex_of(digest)
    return f"blobs/sha256/{name[:2]}/{name}"


@pytest.fixture
def served() -> Iterator[tuple[Hub, Made]]:
    """A hub that serves a release, its log and every body of its folder."""
    source = made()
    with Hub(source.assembly) as hub:
        hub.publish(0, text=source.note)
        for body in [*source.folder.values(), *source.files.values()]:
            hub.files[path_of(canon.digest(body))] = body
        yield hub, source


def index_of(source: Made) -> int:
    return max(source.assembly.state.releases)


def fetched(hub: Hub, source: Made, out: Path) -> fetch.Fetched:
    with reading.at_hub(hub.address, source.charter) as found:
        return fetch.fetch(found, index_of(source), out, tell=Silent())


def test_what_was_fetched_is_what_was_published_and_verifies(served: tuple[Hub, Made], tmp_path: Path) -> None:
    hub, source = served
    told = fetched(hub, source, tmp_path / "release")
    found = Disk(tmp_path / "release")
    assert dict(source.folder) == dict(found)
    assert (len(found), 0) == (told.files, told.gone)
    assert verify(found, pin=source.charter).holds
    assert ["release"] == [path.name for path in tmp_path.iterdir()]


def test_a_body_that_is_missing_leaves_no_folder(served: tuple[Hub, Made], tmp_path: Path) -> None:
    hub, source = served
    del hub.files[path_of(canon.digest(source.files[folder.CSV]))]
    with pytest.raises(Unreachable, match="does not serve this body"):
        fetched(hub, source, tmp_path / "release")
    assert [] == list(tmp_path.iterdir())


def test_a_body_that_is_another_leaves_no_folder(served: tuple[Hub, Made], tmp_path: Path) -> None:
    hub, source = served
    hub.files[path_of(canon.digest(source.files[folder.CSV]))] = b"another"
    with pytest.raises(NotVerified, match="another body"):
        fetched(hub, source, tmp_path / "release")
    assert [] == list(tmp_path.iterdir())


def test_a_view_that_is_gone_is_told_and_the_rest_is_fetched(served: tuple[Hub, Made], tmp_path: Path) -> None:
    """After the time to be challenged, vectors need not be shown any more."""
    hub, source = served
    view = next(x.closed.view for x in source.assembly.state.exchanges.values() if x.closed and x.closed.view)
    vectors = [path for path in source.folder if path.startswith(folder.VIEW)]
    del hub.files[path_of(view.digest)]
    told = fetched(hub, source, tmp_path / "release")
    assert told.gone
    assert len(vectors) > 1 == sum(path.startswith(folder.VIEW) for path in Disk(tmp_path / "release"))


def test_a_folder_that_holds_something_is_left_alone(served: tuple[Hub, Made], tmp_path: Path) -> None:
    hub, source = served
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(UsageError, match="is there already"):
        fetched(hub, source, tmp_path)
    assert "mine" == (tmp_path / "mine").read_text()


@pytest.mark.parametrize(
    "path", ["../out.csv", "/out.csv", "log/checkpoint", "view/x", "release.json", "a//b", "a b", ""]
)
def test_a_record_cannot_name_a_file_outside_or_among_the_proofs(tmp_path: Path, path: str) -> None:
    """Whoever publishes may write anything into its record; nothing of it is written here."""
    source = made("evil")
    record = canon.decode(source.files[folder.RELEASE], Release)
    body = b"evil"
    evil = canon.encode(
        {
            **canon.plain(source.files[folder.RELEASE]),
            "files": [{"path": path, "digest": canon.digest(body), "size": 4}],
        }
    )
    assembly, state, leaves = source.assembly, source.assembly.state, list(source.assembly.leaves)
    ref = assembly.say(
        HUB, ReleasePublished(release=blob(evil), figures=FIGURES, inputs=record.inputs, replaces=None, reason=None)
    )
    try:
        with Hub(assembly) as hub:
            hub.publish(0, text=assembly.cosigned(source.world.now + 40))
            hub.files |= {path_of(canon.digest(data)): data for data in [*source.folder.values(), evil, body]}
            with reading.at_hub(hub.address, source.charter) as found, pytest.raises(FormatError, match="not a path"):
                fetch.fetch(found, ref.index, tmp_path / "release", tell=Silent())
    finally:
        assembly.state, assembly.leaves = state, leaves
    assert [] == list(tmp_path.iterdir())


def test_cosignatures_beside_the_checkpoint_come_along_for_a_policy_of_ones_own(
    served: tuple[Hub, Made], tmp_path: Path
) -> None:
    """Of a witness that no rule knows: with its line the folder stands under the reader's policy, without it not."""
    hub, source = served
    note, key = Note.parse(source.note), signer("w.example", "witness")
    size = Checkpoint.of(note).size
    line = cosign(note.text, "w.example", source.world.now, key)
    witness = Witness("w", Vkey("w.example", key.public, COSIGNATURE))
    own = Policy((Log(Vkey.parse(witnesses.log_vkey(source.assembly.state))),), Quorum((witness,), (), "w"))
    hub.files[f"cosignatures/{size}"] = f"{line}\n".encode()
    fetched(hub, source, tmp_path / "with")
    assert verify(Disk(tmp_path / "with"), policy=own).holds
    assert verify(Disk(tmp_path / "with"), pin=source.charter).holds
    hub.files[f"cosignatures/{size}"] = b"no lines"
    fetched(hub, source, tmp_path / "without")
    assert dict(source.folder) == dict(Disk(tmp_path / "without"))
    assert not verify(Disk(tmp_path / "without"), policy=own).holds
    (tmp_path / "with" / "log" / "cosignatures" / str(size)).write_bytes(b"what somebody hides here\n")
    assert not verify(Disk(tmp_path / "with"), pin=source.charter).holds
