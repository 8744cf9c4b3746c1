"""A mirror copies what was published, whatever somebody published beside it."""

from pathlib import Path

import pytest

from comity import canon
from comity.acts.release import ReleasePublished
from comity.adapters.client import Client
from comity.model.member import HUB
from comity.model.release import Release
from comity.services.mirror import Copy
from comity.stages.publish import folder
from tests.builders.assembly import blob
from tests.builders.release import made
from tests.services.node.hub import Hub

EVIL = {
    "no record": lambda record: b"not a record",
    "a path out of the folder": lambda record: canon.encode(
        {**canon.plain(record), "files": [{"path": "../../../stolen", "digest": canon.digest(b"evil"), "size": 4}]}
    ),
}


@pytest.mark.parametrize("evil", EVIL)
def test_a_false_record_keeps_nothing_else_from_being_copied(tmp_path: Path, evil: str) -> None:
    source = made("evil")
    true = source.files[folder.RELEASE]
    false, inputs = EVIL[evil](true), canon.decode(true, Release).inputs
    assembly, state, leaves = source.assembly, source.assembly.state, list(source.assembly.leaves)
    assembly.say(HUB, ReleasePublished(release=blob(false), inputs=inputs, replaces=None, reason=None))
    public = tmp_path / "a" / "public"
    try:
        with Hub(assembly) as hub:
            hub.publish(0, text=assembly.cosigned(source.world.now + 40))
            for body in [*source.files.values(), false, b"evil"]:
                name = canon.hex_of(canon.digest(body))
                hub.files[f"blobs/sha256/{name[:2]}/{name}"] = body
            with Client(hub.address) as client:
                assert Copy(public, client).once()
    finally:
        assembly.state, assembly.leaves = state, leaves
    (shown,) = (public / "releases").iterdir()
    assert true == (shown / folder.RELEASE).read_bytes()
    assert not (tmp_path / "stolen").exists()
