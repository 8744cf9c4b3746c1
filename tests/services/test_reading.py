"""A log as anyone reads it: under a pinned charter, or said to be unpinned; refused if anything is left out."""

from pathlib import Path

import pytest

from comity import canon
from comity.adapters.client import Client
from comity.adapters.leaves import Leaves
from comity.canon import Digest
from comity.errors import NotVerified, QuorumShort, Unreachable
from comity.model.member import Party
from comity.services import reading
from comity.services.node import setup
from comity.services.node.follow import Follower
from tests.builders.assembly import START, Assembly
from tests.services.node.hub import Hub


def digest_of(assembly: Assembly) -> Digest:
    return canon.digest(canon.encode(assembly.charter))


def test_a_log_is_read_up_to_its_checkpoint() -> None:
    assembly = Assembly(4)
    with Hub(assembly) as hub:
        hub.publish(START)
        with reading.at_hub(hub.address, digest_of(assembly)) as found:
            assert assembly.state == found.log.state
            assert tuple(assembly.leaves) == found.log.leaves
            assert found.log.pinned


def test_who_pins_nothing_is_told_which_charter_it_is() -> None:
    assembly = Assembly(4)
    with Hub(assembly) as hub:
        hub.publish(START)
        with reading.at_hub(hub.address, None) as found:
            assert (digest_of(assembly), False) == (found.log.charter, found.log.pinned)


def test_another_charter_than_the_pinned_one_is_refused() -> None:
    with Hub(Assembly(4)) as hub:
        hub.publish(START)
        with pytest.raises(NotVerified, match="another charter"):
            reading.at_hub(hub.address, digest_of(Assembly(3)))


def test_a_log_with_a_leaf_left_out_is_refused_pinned_or_not() -> None:
    assembly = Assembly(4)
    with Hub(assembly) as hub:
        hub.publish(START)
        hub.tiles([*assembly.leaves[:3], *assembly.leaves[4:], assembly.leaves[1]])
        for pin in (None, digest_of(assembly)):
            with pytest.raises(NotVerified, match="do not make the checkpoint's root"):
                reading.at_hub(hub.address, pin)


def test_a_checkpoint_short_of_the_quorum_is_refused() -> None:
    with Hub(Assembly(4)) as hub:
        hub.publish(START, by=["m1", "m2"])
        with pytest.raises(QuorumShort):
            reading.at_hub(hub.address, None)


def test_a_hub_that_published_nothing_yet_says_so() -> None:
    with Hub(Assembly(4)) as hub, pytest.raises(Unreachable, match="no checkpoint was published yet"):
        reading.at_hub(hub.address, None)


def test_a_body_is_what_its_digest_says_or_nothing() -> None:
    assembly = Assembly(4)
    thing = assembly.adopt("norm", b"{}")
    with Hub(assembly) as hub:
        hub.publish(assembly.time)
        with reading.at_hub(hub.address, None) as found:
            assert b"{}" == found.get(thing)
            assert not found.has(canon.digest(b"another"))
        name = canon.hex_of(thing)
        hub.files[f"blobs/sha256/{name[:2]}/{name}"] = b"[]"
        with reading.at_hub(hub.address, None) as found, pytest.raises(NotVerified, match="another body"):
            found.get(thing)


def office(home: Path, hub: Hub) -> tuple[Party, Digest]:
    """A node's folder that pins the hub's charter."""
    party = setup.init(home, id="m1", area="001")
    pinned = digest_of(hub.assembly)
    setup.pin(home, hub=hub.address, charter=pinned)
    return party, pinned


def test_an_office_reads_by_the_charter_that_it_pinned(tmp_path: Path) -> None:
    with Hub(Assembly(4)) as hub:
        hub.publish(START)
        office(tmp_path / "m1", hub)
        with reading.at_home(tmp_path / "m1") as found:
            assert (hub.assembly.state, True, "") == (found.log.state, found.log.pinned, found.stale)


def test_an_office_has_what_its_node_verified_when_the_hub_is_gone(tmp_path: Path) -> None:
    home = tmp_path / "m1"
    with Hub(Assembly(4)) as hub:
        hub.publish(START)
        _, pinned = office(home, hub)
        Follower.open(home, Client(hub.address), pinned, Leaves(home / "cache.db"), keep=True).poll()
    with reading.at_home(home) as found:
        assert hub.assembly.state == found.log.state
        assert "does not answer" in found.stale


def test_an_office_that_read_nothing_needs_the_hub(tmp_path: Path) -> None:
    with Hub(Assembly(4)) as hub:
        office(tmp_path / "m1", hub)
    with pytest.raises(Unreachable):
        reading.at_home(tmp_path / "m1")
