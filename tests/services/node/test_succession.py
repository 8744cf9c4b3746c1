"""A node follows the log to the hub that the members chose, and to no other; what it followed is never taken back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from comity import canon
from comity.acts.consent import PolicyPublished
from comity.adapters.client import Client
from comity.adapters.leaves import Leaves
from comity.assembly import fold
from comity.assembly.state import State
from comity.errors import NotVerified, QuorumShort
from comity.model.reason import Reason
from comity.services.node import follow
from comity.services.node.follow import Follower
from tests.builders.assembly import Assembly, blob, host_of
from tests.services.node.hub import Hub

SECOND = host_of("second")


@pytest.fixture(autouse=True)
def _alone() -> None:
    """No state is shared with another test's node."""
    follow._states.clear()


@pytest.fixture
def assembly() -> Assembly:
    """Members that have chosen the second hub; the first still keeps the log."""
    made = Assembly(4)
    made.choose(SECOND)
    return made


@pytest.fixture
def hub(assembly: Assembly) -> Iterator[Hub]:
    """The first hub, as it stood."""
    with Hub(assembly) as made:
        made.publish(assembly.time)
        yield made


def following(home: Path, hub: Hub) -> Follower:
    """A node that follows a hub, with its cache on disk."""
    home.mkdir(exist_ok=True)
    pinned = canon.digest(canon.encode(hub.assembly.charter))
    return Follower.open(home, Client(hub.address), pinned, Leaves(home / "cache.db"), keep=True)


def successor(assembly: Assembly, *, final: str = "") -> Assembly:
    """The same log at the second hub, which has taken it over behind the final checkpoint."""
    other = assembly.copied()
    (motion,) = [one.ref for one in other.state.motions.values() if one.matter == "hub"]
    other.take_over(SECOND, motion, final or other.cosigned(other.time))
    return other


def said(assembly: Assembly, text: bytes) -> None:
    assembly.say("m1", PolicyPublished(policy=blob(text)))


def test_a_node_goes_on_at_the_new_hub_right_behind_its_own_log(tmp_path: Path, assembly: Assembly, hub: Hub) -> None:
    follower = following(tmp_path, hub)
    follower.poll()
    then = assembly.state.size
    with Hub(successor(assembly)) as second:
        said(second.assembly, b"later")
        second.publish(assembly.time + 5)
        follower.client = follower.reader.client = Client(second.address)
        assert follower.poll()
        assert second.assembly.state == follower.state
        asked = [path for _, path, _ in second.asked if "entries" in path]
        assert [f"/{second.partial_of(0, then + 2)}"] == asked


def test_a_node_that_starts_again_knows_both_hubs_names(tmp_path: Path, assembly: Assembly, hub: Hub) -> None:
    follower = following(tmp_path, hub)
    follower.poll()
    with Hub(successor(assembly)) as second:
        second.publish(assembly.time + 5)
        follower.client = follower.reader.client = Client(second.address)
        follower.poll()
        before = len(second.asked)
        again = following(tmp_path, second)
        assert second.assembly.state == again.state
        assert before == len(second.asked)


def test_a_node_that_moved_folds_its_log_once_when_it_starts(
    tmp_path: Path, assembly: Assembly, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where it read on, to cosign, beyond what stands under the quorum."""
    follower = following(tmp_path, hub)
    follower.poll()
    with Hub(successor(assembly)) as second:
        second.publish(assembly.time + 5)
        follower.client = follower.reader.client = Client(second.address)
        follower.poll()
        published = second.assembly.state
        said(second.assembly, b"waits for cosignatures")
        second.ask()
        assert follower.pending() is not None
        follow._states.clear()
        folded, step = list[bytes](), fold.step

        def counting(state: State, leaf: bytes) -> tuple[State, tuple[Reason, ...]]:
            folded.append(leaf)
            return step(state, leaf)

        monkeypatch.setattr(fold, "step", counting)
        assert published == following(tmp_path, second).state
        assert second.assembly.leaves == folded


def test_a_reader_who_was_never_there_before_reads_across_the_change(tmp_path: Path, assembly: Assembly) -> None:
    with Hub(successor(assembly)) as second:
        second.publish(assembly.time + 5)
        follower = following(tmp_path, second)
        assert follower.poll()
        assert second.assembly.state == follower.state


def test_the_old_hubs_later_checkpoint_is_refused_and_kept(tmp_path: Path, assembly: Assembly, hub: Hub) -> None:
    follower = following(tmp_path, hub)
    follower.poll()
    with Hub(successor(assembly)) as second:
        second.publish(assembly.time + 5)
        follower.client = follower.reader.client = Client(second.address)
        follower.poll()
        for _ in range(3):
            said(assembly, bytes([len(assembly.leaves)]))
        hub.publish(assembly.time + 9)
        follower.client = follower.reader.client = Client(hub.address)
        with pytest.raises(NotVerified, match="went over to another hub"):
            follower.poll()
        assert second.assembly.state == follower.state
        assert 1 == len(list((tmp_path / "evidence").iterdir()))
        hub.ask()
        with pytest.raises(NotVerified):
            follower.pending()


def test_a_new_hub_that_cuts_off_what_stood_under_the_quorum_is_not_followed(
    tmp_path: Path, assembly: Assembly, hub: Hub
) -> None:
    follower = following(tmp_path, hub)
    short = successor(assembly)
    said(assembly, b"published before the end")
    hub.publish(assembly.time + 1)
    follower.poll()
    with Hub(short) as second:
        for _ in range(3):
            said(short, bytes([len(short.leaves)]))
        second.publish(assembly.time + 9)
        follower.client = follower.reader.client = Client(second.address)
        with pytest.raises(NotVerified):
            follower.poll()
        assert assembly.state == follower.state
        assert 1 == len(list((tmp_path / "evidence").iterdir()))


def test_what_was_read_and_never_stood_under_the_quorum_gives_way(tmp_path: Path, assembly: Assembly, hub: Hub) -> None:
    """The old hub asked for cosignatures of a leaf, and died."""
    follower = following(tmp_path, hub)
    follower.poll()
    moved = successor(assembly)
    said(assembly, b"never published")
    hub.ask()
    assert follower.pending() is not None
    with Hub(moved) as second:
        second.publish(assembly.time + 5)
        follower.client = follower.reader.client = Client(second.address)
        assert follower.poll()
        assert moved.state == follower.state
        assert moved.state == following(tmp_path, second).state


def test_nobody_else_takes_the_log_over(tmp_path: Path, assembly: Assembly, hub: Hub) -> None:
    """A stranger who has all leaves and a key of its own."""
    follower = following(tmp_path, hub)
    follower.poll()
    stranger = successor(assembly)
    stranger.state = assembly.state
    stranger.leaves.pop()
    said(stranger, b"mine now")
    with Hub(stranger) as second:
        text = stranger.cosigned(assembly.time + 5).replace("example.org/assembly", "second.example.org/assembly")
        second.publish(assembly.time + 5, text=text)
        follower.client = follower.reader.client = Client(second.address)
        with pytest.raises(NotVerified):
            follower.poll()
        assert assembly.state == follower.state


def test_a_hub_that_logs_its_own_end_and_goes_on_is_not_followed(tmp_path: Path, assembly: Assembly) -> None:
    old = assembly.signers["hub", "log"]
    moved = successor(assembly)
    moved.signers["hub", "log"] = old
    said(moved, b"still here")
    with Hub(moved) as second:
        second.publish(assembly.time + 5, text=moved.cosigned(assembly.time + 5))
        with pytest.raises(NotVerified):
            following(tmp_path, second).poll()


def test_the_new_hub_needs_the_quorum_under_its_own_name(tmp_path: Path, assembly: Assembly) -> None:
    with Hub(successor(assembly)) as second:
        second.publish(assembly.time + 5, by=["m1", "m2"])
        with pytest.raises(QuorumShort):
            following(tmp_path, second).poll()
