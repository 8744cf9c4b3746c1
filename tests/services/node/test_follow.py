"""What the log says to a node: only what the quorum stands under, and only after every leaf was read."""

import email.utils
from pathlib import Path

import pytest

from comity import canon
from comity.acts.terms import Terms
from comity.adapters.client import Client
from comity.adapters.leaves import Leaves
from comity.canon import Digest
from comity.errors import ClockOff, NotVerified, PolicyRefuses, QuorumShort, Unreachable
from comity.services.node import follow
from comity.services.node.follow import Follower
from comity.tlog import note
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.evidence import Evidence
from comity.tlog.merkle import leaf_hash, root
from comity.tlog.note import Note, Vkey
from tests.builders.assembly import START, Assembly, naming, signer
from tests.services.node.hub import Hub


@pytest.fixture(autouse=True)
def _alone() -> None:
    """No state is shared with another test's node."""
    follow._states.clear()


def digest_of(assembly: Assembly) -> Digest:
    return canon.digest(canon.encode(assembly.charter))


def following(home: Path, hub: Hub, *, charter: Digest | None = None, witnesses: int = 0) -> Follower:
    """A follower with its own cache in the folder."""
    pinned = charter or digest_of(hub.assembly)
    return Follower.open(home, Client(hub.address), pinned, Leaves(home / "cache.db"), keep=True, witnesses=witnesses)


def test_the_state_is_what_the_fold_says(tmp_path: Path) -> None:
    with Hub(Assembly(4)) as hub:
        hub.publish(START)
        follower = following(tmp_path, hub)
        assert follower.poll()
        assert hub.assembly.state == follower.state
        assert not follower.poll()


def test_a_longer_log_is_read_on_from_where_it_was(tmp_path: Path) -> None:
    """Over more than one bundle, and without asking for bytes that were read."""
    assembly = Assembly(4)
    with Hub(assembly) as hub:
        hub.publish(START)
        follower = following(tmp_path, hub)
        follower.poll()
        for round_ in range(3):
            for _ in range(100):
                assembly.tick()
            hub.publish(assembly.time)
            before = len(hub.asked)
            assert follower.poll()
            assert assembly.state == follower.state
            read = sum(size for _, path, size in hub.asked[before:] if "entries" in path)
            assert read == sum(2 + len(leaf) for leaf in assembly.leaves[-100:]), round_
        assert assembly.state.size > 256


@pytest.mark.parametrize("ranges", [True, False])
def test_a_partial_bundle_may_have_become_a_full_one(tmp_path: Path, ranges: bool) -> None:
    assembly = Assembly(4)
    with Hub(assembly) as hub:
        hub.ranges = ranges
        hub.publish(START)
        follower = following(tmp_path, hub)
        follower.poll()
        assembly.tick()
        text = assembly.cosigned(assembly.time)
        size = assembly.state.size
        while assembly.state.size < 256:
            assembly.tick()
        hub.publish(0, text=text)
        hub.files.pop(hub.partial_of(0, size), None)
        assert follower.poll()
        assert size == follower.state.size


def test_a_restart_reads_only_what_is_new(tmp_path: Path) -> None:
    with Hub(Assembly(4)) as hub:
        hub.publish(START)
        following(tmp_path, hub).poll()
        follow._states.clear()
        hub.asked.clear()
        again = following(tmp_path, hub)
        assert hub.assembly.state == again.state
        assert again.seen
        assert [] == hub.asked


def test_a_spoilt_cache_is_read_again(tmp_path: Path) -> None:
    with Hub(Assembly(4)) as hub:
        hub.publish(START)
        following(tmp_path, hub).poll()
        cache = Leaves(tmp_path / "cache.db")
        leaves, text = cache.load()
        cache.append(0, [*leaves[:-2], leaves[-1]], text)
        cache.close()
        again = following(tmp_path, hub)
        assert 0 == again.state.size
        assert again.poll()
        assert hub.assembly.state == again.state


def test_another_charter_than_the_pinned_one_is_refused(tmp_path: Path) -> None:
    with Hub(Assembly(4)) as hub:
        hub.publish(START)
        follower = following(tmp_path, hub, charter=digest_of(Assembly(3)))
        with pytest.raises(NotVerified, match="another charter"):
            follower.poll()
        assert 0 == follower.state.size


@pytest.mark.parametrize("left_out", [1, 3, -1])
def test_a_log_with_one_leaf_left_out_is_refused(tmp_path: Path, left_out: int) -> None:
    """Whatever the hub says of the size: the root must come out of the leaves."""
    assembly = Assembly(4)
    with Hub(assembly) as hub:
        hub.publish(START)
        shortened = list(assembly.leaves)
        del shortened[left_out]
        hub.tiles([*shortened, assembly.leaves[1]])
        follower = following(tmp_path, hub)
        with pytest.raises(NotVerified, match="do not make the checkpoint's root"):
            follower.poll()
        assert follower.seen is None


def test_a_checkpoint_short_of_the_quorum_is_refused(tmp_path: Path) -> None:
    """Of four witnesses three must have cosigned (C2SP policy of the charter)."""
    assembly = Assembly(4)
    with Hub(assembly) as hub:
        follower = following(tmp_path, hub)
        hub.publish(START, by=["m1", "m2"])
        with pytest.raises(QuorumShort):
            follower.poll()
        assert follower.seen is None
        hub.publish(START, by=["m1", "m2", "m3"])
        assert follower.poll()


def test_a_policy_may_ask_for_more_witnesses(tmp_path: Path) -> None:
    assembly = Assembly(4)
    with Hub(assembly) as hub:
        hub.publish(START, by=["m1", "m2", "m3"])
        with pytest.raises(QuorumShort):
            following(tmp_path, hub, witnesses=4).poll()
        with pytest.raises(PolicyRefuses, match=r"sealed\.witnesses"):
            following(tmp_path, hub, witnesses=5).poll()


def test_a_checkpoint_of_another_key_is_refused(tmp_path: Path) -> None:
    assembly = Assembly(4)
    with Hub(assembly) as hub:
        text = assembly.cosigned(START)
        stranger = note.sign(str(assembly.checkpoint()), assembly.charter.origin, assembly.signers["m1", "sign"])
        lines = (stranger, *Note.parse(text).signatures[1:])
        hub.publish(START, text=str(Note(str(assembly.checkpoint()), lines)))
        with pytest.raises(NotVerified, match="not signed by the log"):
            following(tmp_path, hub).poll()


def test_a_log_that_shrank_is_refused_and_kept(tmp_path: Path) -> None:
    assembly = Assembly(4)
    with Hub(assembly) as hub:
        old = assembly.cosigned(START)
        assembly.tick()
        hub.publish(assembly.time)
        follower = following(tmp_path, hub)
        follower.poll()
        before = follower.state
        hub.files["checkpoint"] = old.encode()
        with pytest.raises(NotVerified, match="shrank"):
            follower.poll()
        assert before is follower.state
        assert 1 == len(list((tmp_path / "evidence").iterdir()))
        hub.publish(assembly.time + 1)
        assert follower.poll()


def fork(assembly: Assembly, leaves: list[bytes]) -> str:
    """A checkpoint that the log's own key and all witnesses signed, of other leaves."""
    text = str(Checkpoint(assembly.charter.origin, len(leaves), root([leaf_hash(leaf) for leaf in leaves])))
    signed = note.sign(text, assembly.charter.origin, assembly.signers["hub", "log"])
    return str(Note(text, (signed,)))


@pytest.mark.parametrize("more", [0, 1, 3], ids=["same size", "one more", "three more"])
def test_a_split_view_is_refused_and_proven(tmp_path: Path, more: int) -> None:
    """The evidence convicts by itself, and the node says nothing more, also after a restart."""
    assembly = Assembly(4)
    with Hub(assembly) as hub:
        hub.publish(START)
        follower = following(tmp_path, hub)
        follower.poll()
        other = [*assembly.leaves[:-1], *assembly.leaves[1 : 2 + more]]
        hub.tiles(other)
        hub.files["checkpoint"] = fork(assembly, other).encode()
        with pytest.raises(NotVerified):
            follower.poll()
        (file,) = (tmp_path / "evidence").iterdir()
        log = Vkey(assembly.charter.origin, assembly.signers["hub", "log"].public)
        assert "split-view.evidence" == file.name
        Evidence.parse(file.read_bytes()).verify(log)
        hub.publish(START + 1)
        with pytest.raises(NotVerified, match="two views"):
            following(tmp_path, hub).poll()


def test_a_split_view_is_proven_out_of_the_full_tiles_of_a_log_that_grew_beyond_it(tmp_path: Path) -> None:
    """A host may take a partial tile away as soon as the full one is there."""
    assembly = Assembly(4)
    with Hub(assembly) as hub:
        hub.publish(START)
        follower = following(tmp_path, hub)
        follower.poll()
        other = [*assembly.leaves[:-1], *assembly.leaves[1:4]]
        hub.files = {path: data for path, data in hub.files.items() if not path.startswith("tile/")}
        hub.tiles([*other, *assembly.leaves[1:2] * 300])
        hub.files["checkpoint"] = fork(assembly, other).encode()
        with pytest.raises(NotVerified):
            follower.poll()
        assert ["split-view.evidence"] == [file.name for file in (tmp_path / "evidence").iterdir()]


def test_an_honest_log_leaves_no_evidence(tmp_path: Path) -> None:
    assembly = Assembly(4)
    with Hub(assembly) as hub:
        follower = following(tmp_path, hub)
        for _ in range(3):
            assembly.tick()
            hub.ask()
            follower.pending()
            hub.publish(assembly.time)
            follower.poll()
        assert not (tmp_path / "evidence").exists()


def test_a_hub_without_its_tiles_is_asked_again_later(tmp_path: Path) -> None:
    with Hub(Assembly(4)) as hub:
        hub.publish(START)
        tiles = {name: hub.files.pop(name) for name in list(hub.files) if name.startswith("tile/")}
        follower = following(tmp_path, hub)
        with pytest.raises(Unreachable):
            follower.poll()
        hub.files |= tiles
        assert follower.poll()


@pytest.mark.parametrize("garbage", [b"", b"\xff", b"no checkpoint\n", b"a\n1\nb\n\n\xe2\x80\x94 x y\n"])
def test_garbage_is_no_checkpoint(tmp_path: Path, garbage: bytes) -> None:
    from comity.errors import FormatError

    with Hub(Assembly(4)) as hub:
        hub.files["checkpoint"] = garbage
        with pytest.raises(FormatError):
            following(tmp_path, hub).poll()


def test_a_clock_behind_the_witnesses_is_off(tmp_path: Path) -> None:
    """300 seconds are borne, one more is not."""
    with Hub(Assembly(4)) as hub:
        hub.date = ""
        hub.publish(START)
        follower = following(tmp_path, hub)
        follower.poll()
        follower.check_clock(START - 300)
        with pytest.raises(ClockOff, match="NTP"):
            follower.check_clock(START - 301)


def test_a_clock_ahead_shows_against_the_hubs(tmp_path: Path) -> None:
    """A log that rests is older than any clock, so the witnesses' time alone cannot show it."""
    with Hub(Assembly(4)) as hub:
        hub.date = email.utils.formatdate(START + 10_000, usegmt=True)
        hub.publish(START)
        follower = following(tmp_path, hub)
        follower.poll()
        follower.check_clock(START + 10_300)
        with pytest.raises(ClockOff):
            follower.check_clock(START + 10_301)


def test_witnesses_that_changed_their_keys_are_followed(tmp_path: Path) -> None:
    """All four in one stride: none of the old keys stands under the next checkpoint; after a restart as well."""
    assembly = Assembly(4)
    with Hub(assembly) as hub:
        hub.publish(START)
        follower = following(tmp_path, hub)
        follower.poll()
        for id in ("m1", "m2", "m3", "m4"):
            new = signer(id, "another witness")
            assembly.say(id, naming(id, "witness", new))
            assembly.signers[id, "witness"] = new
        hub.publish(START + 10)
        assert follower.poll()
        assert assembly.state == follower.state
        assert assembly.state == following(tmp_path, hub).state


def test_other_witnesses_are_followed_and_those_before_them_no_more(tmp_path: Path) -> None:
    """By the members' decision, from the head that holds it; after a restart as well."""
    assembly = Assembly(5, witnesses=["m1", "m2", "m3", "m4"])
    with Hub(assembly) as hub:
        hub.publish(START)
        follower = following(tmp_path, hub)
        follower.poll()
        assembly.adopt("witnesses", Terms(witnesses=("m1", "m5")))
        before = follower.state
        hub.publish(assembly.time + 10, by=["m2", "m3", "m4"])
        with pytest.raises(QuorumShort):
            follower.poll()
        assert before == follower.state
        hub.publish(assembly.time + 10, by=["m1", "m5"])
        assert follower.poll()
        assert assembly.state == follower.state == following(tmp_path, hub).state


def test_a_head_before_the_decision_stands_under_the_old_witnesses(tmp_path: Path) -> None:
    """The tick that decides is cosigned by them, as nobody could name others without it."""
    assembly = Assembly(5, witnesses=["m1", "m2", "m3", "m4"])
    motion = assembly.motion("witnesses", Terms(witnesses=("m1", "m5")))
    assembly.vote(motion, "yes")
    with Hub(assembly) as hub:
        hub.publish(assembly.time + 10, by=["m1", "m5"])
        with pytest.raises(QuorumShort):
            following(tmp_path, hub).poll()
        hub.publish(assembly.time + 10, by=["m2", "m3", "m4"])
        assert following(tmp_path, hub).poll()


def test_a_key_that_no_officer_registered_cosigns_nothing(tmp_path: Path) -> None:
    """A hub logs leaves that put its own keys in the witnesses' place: they have no effect, and are no quorum."""
    assembly = Assembly(4)
    with Hub(assembly) as hub:
        hub.publish(START)
        follower = following(tmp_path, hub)
        follower.poll()
        before = follower.state
        for id in ("m1", "m2", "m3", "m4"):
            new = signer("hub", f"instead of {id}")
            leaf = assembly.leaf(id, naming(id, "witness", new), by=signer("hub", "sign"))
            assert assembly.smuggle(leaf)
            assembly.signers[id, "witness"] = new
        hub.publish(START + 10)
        with pytest.raises(QuorumShort):
            follower.poll()
        assert before == follower.state
