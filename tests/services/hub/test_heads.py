"""Which checkpoint is published, who stands on it, who beside it, and by which policies a reader judges them."""

from pathlib import Path

import pytest

from comity.acts.key import KeyRevoked
from comity.acts.terms import Terms
from comity.acts.tick import Tick
from comity.assembly import fold, witnesses
from comity.errors import QuorumShort
from comity.keys import Ed25519Signer
from comity.tlog import beside
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.cosignature import cosign, time_of
from comity.tlog.note import COSIGNATURE, MLDSA_COSIGNATURE, Note, Vkey
from comity.tlog.quorum import Group, Log, Policy, Quorum, Witness
from tests.builders.assembly import ORIGIN, Assembly, naming, signer
from tests.services.hub.heads import Hub, lattice


def names(lines: object) -> list[str]:
    return [line.name.rpartition("/")[2] for line in lines]  # type: ignore[attr-defined]


def test_who_counts_stands_on_the_checkpoint_and_all_others_beside_it(tmp_path: Path) -> None:
    """Also who comes when it is published already."""
    assembly = Assembly(5, witnesses=["m1", "m2", "m3"])
    outsider, outside = Ed25519Signer(b"o" * 32), Vkey("w.example", Ed25519Signer(b"o" * 32).public, COSIGNATURE)
    hub = Hub(tmp_path / "hub", assembly, outside=[outside])
    note = hub.ask()
    assert [True, True, True] == hub.cosign(note, "m5", "m1", "m2")
    assert [True, True] == hub.cosign(note, "m3", "m4")
    assert hub.sequencer.cosign(str(cosign(note.text, "w.example", hub.now, outsider)))
    assert ["assembly", "m1", "m2"] == names(hub.published.signatures)
    assert ["m5"] == names(hub.side)
    hub.sequencer.settle()
    assert ["m3", "m4", "m5", "w.example"] == names(hub.side)
    assert all(time_of(line, outside, note.text) == hub.now for line in hub.side if line.name == "w.example")


def test_nobody_elses_line_is_taken(tmp_path: Path) -> None:
    """Of a stranger, of a member over another text, of a member under another's name."""
    hub = Hub(tmp_path / "hub", Assembly(4))
    note = hub.ask()
    stranger = str(cosign(note.text, "w.example", hub.now, signer("m1", "witness")))
    other = str(cosign(str(Checkpoint(ORIGIN, 1, bytes(32))), f"{ORIGIN}/m1", hub.now, signer("m1", "witness")))
    posing = hub.line("m2", note, by=signer("m1", "witness"))
    assert [False, False, False] == [hub.sequencer.cosign(line) for line in (stranger, other, posing)]


def test_a_restart_keeps_what_stands_beside_the_checkpoint(tmp_path: Path) -> None:
    assembly = Assembly(5, witnesses=["m1"])
    hub = Hub(tmp_path / "hub", assembly)
    note = hub.ask()
    hub.cosign(note, "m4", "m1")
    hub.store.close()
    again = Hub(tmp_path / "hub", assembly)
    assert [True] == again.cosign(note, "m5")
    again.sequencer.settle()
    assert ["m4", "m5"] == names(again.side)


def test_of_a_head_that_is_asked_for_again_only_the_counted_lines_are_asked_for_again(tmp_path: Path) -> None:
    """Their times are to be new; a second key's line is long, and is not sent again soon."""
    hub = Hub(tmp_path / "hub", Assembly(4))
    hub.say("m1", naming("m1", "witness-ml-dsa", lattice("m1")))
    note = hub.ask()
    hub.sequencer.cosign(hub.line("m1", note, by=lattice("m1")))
    hub.cosign(note, "m1")
    assert note.text == hub.ask().text
    hub.cosign(note, "m2", "m3")
    assert not (hub.public / "checkpoint").exists()
    hub.cosign(note, "m1")
    assert ["assembly", "m1", "m2", "m3"] == names(hub.published.signatures)
    assert ["m1"] == names(hub.side)


def registered(hub: Hub, *ids: str) -> None:
    """These members register an ML-DSA-44 key."""
    for id in ids:
        hub.say(id, naming(id, "witness-ml-dsa", lattice(id)))


def test_the_policies_lie_beside_the_checkpoint(tmp_path: Path) -> None:
    """That of ML-DSA-44 as soon as it can be met: with fewer keys than the charter's threshold it would be weaker."""
    hub = Hub(tmp_path / "hub", Assembly(4))
    hub.cosign(hub.ask(), "m1", "m2", "m3")
    policy = Policy.parse((hub.public / "policy").read_bytes())
    assert 3 == len(policy.check(hub.published).names)
    registered(hub, "m1", "m2")
    hub.cosign(hub.ask(), "m1", "m2", "m3")
    assert not (hub.public / "policy.ml-dsa-44").exists()
    registered(hub, "m3")
    note = hub.ask()
    for id in ("m1", "m2", "m3"):
        assert hub.sequencer.cosign(hub.line(id, note, by=lattice(id)))
    hub.cosign(note, "m1", "m2", "m3")
    second = Policy.parse((hub.public / "policy.ml-dsa-44").read_bytes())
    assert {MLDSA_COSIGNATURE} == {witness.vkey.algorithm for witness in second.quorum.witnesses}
    with pytest.raises(QuorumShort):
        second.check(hub.published)
    joined = beside.joined(hub.published, hub.side, second.quorum)
    assert [f"{ORIGIN}/m{i}" for i in (1, 2, 3)] == list(second.check(joined).names)
    assert "ml-dsa" not in (hub.public / "policy").read_text()
    hub.say("m1", KeyRevoked(purpose="witness-ml-dsa", key=lattice("m1").public), by=signer("m1", "officer"))
    hub.cosign(hub.ask(), "m1", "m2", "m3")
    assert not (hub.public / "policy.ml-dsa-44").exists()


def test_a_checkpoint_stands_under_the_keys_that_its_own_leaves_left(tmp_path: Path) -> None:
    """A key that is replaced while a checkpoint waits: the old one signs that head, the new one the next.

    Whoever reads the log up to a head has no other keys to judge it by.
    """
    hub, new = Hub(tmp_path / "hub", Assembly(4)), Ed25519Signer(b"n" * 32)
    waiting = hub.ask()
    hub.cosign(waiting, "m1")
    hub.say("m1", naming("m1", "witness", new))
    assert not hub.sequencer.cosign(hub.line("m1", waiting, by=new))
    hub.cosign(waiting, "m2", "m3")
    old, first = hub.published, Policy.parse((hub.public / "policy").read_bytes())
    at = fold.replay(hub.store.leaves(0, Checkpoint.of(old).size))
    assert 3 == len(witnesses.policy(at).check(old).names) == len(first.check(old).names)

    following = hub.ask()
    assert [False, True] == [*hub.cosign(following, "m1"), hub.sequencer.cosign(hub.line("m1", following, by=new))]
    hub.cosign(following, "m2", "m3")
    policy = Policy.parse((hub.public / "policy").read_bytes())
    assert 3 == len(policy.check(hub.published).names)
    assert 3 == len(first.check(old).names), "what was cosigned under the old key stays cosigned"
    with pytest.raises(QuorumShort):
        first.check(hub.published)
    with pytest.raises(QuorumShort):
        policy.check(old)


def test_a_tick_waits_for_a_checkpoint_under_the_keys_of_today(tmp_path: Path) -> None:
    """The rule judges it by these; a tick by the checkpoint before would be refused at the hub's own door."""
    hub = Hub(tmp_path / "hub", Assembly(4))
    hub.cosign(hub.ask(), "m1", "m2", "m3")
    assert hub.sequencer.cosigned() is not None
    hub.say("m1", naming("m1", "witness", Ed25519Signer(b"n" * 32)))
    assert hub.sequencer.cosigned() is None


@pytest.mark.parametrize("restarted", [False, True])
def test_a_tick_bears_the_lines_of_those_whom_the_members_want_for_witnesses(tmp_path: Path, restarted: bool) -> None:
    """They stand beside the checkpoint, and come late; nobody else's line goes with them."""
    assembly = Assembly(6, witnesses=["m1", "m2", "m3", "m4"])
    motion = assembly.motion("witnesses", Terms(witnesses=("m5",)))
    assembly.vote(motion, "yes")
    assembly.tick()
    hub = Hub(tmp_path / "hub", assembly)
    note = hub.ask()
    hub.now = assembly.time + 100
    hub.cosign(note, "m1", "m2", "m3")
    assert ["assembly", "m1", "m2", "m3"] == told(hub)
    assert [True, True] == hub.cosign(note, "m5", "m6")
    hub.sequencer.settle()
    if restarted:
        hub.store.close()
        hub = Hub(tmp_path / "hub", assembly)
    assert ["assembly", "m1", "m2", "m3", "m5"] == told(hub)
    hub.sequencer.say(Tick(checkpoint=hub.sequencer.cosigned()[0]))  # type: ignore[index]
    assert ("m5",) == witnesses.charter_of(hub.sequencer.state).witnesses


def told(hub: Hub) -> list[str]:
    """Who signed what a tick would say."""
    found = hub.sequencer.cosigned()
    return names(Note.parse(found[0]).signatures) if found else []


def test_a_readers_own_policy_counts_outside_witnesses(tmp_path: Path) -> None:
    """Two of three that no rule of the log knows; note and side file together."""
    keys = {f"w{i}.example": Ed25519Signer(bytes([i]) * 32) for i in (1, 2, 3)}
    vkeys = [Vkey(name, key.public, COSIGNATURE) for name, key in keys.items()]
    hub = Hub(tmp_path / "hub", Assembly(4), outside=vkeys)
    note = hub.ask()
    hub.cosign(note, "m1", "m2", "m3")
    own = Quorum(tuple(Witness(v.name, v) for v in vkeys), (Group("two", 2, tuple(keys)),), "two")
    policy = Policy((Log(Vkey.parse(witnesses.log_vkey(hub.sequencer.state))),), own)
    for name, expected in (("w1.example", False), ("w3.example", True)):
        hub.sequencer.cosign(str(cosign(note.text, name, hub.now, keys[name])))
        hub.sequencer.settle()
        joined = beside.joined(hub.published, hub.side, own)
        if expected:
            assert ("w1.example", "w3.example") == policy.check(joined).names
        else:
            with pytest.raises(QuorumShort):
                policy.check(joined)


def test_a_damaged_side_file_keeps_no_checkpoint_from_being_published(tmp_path: Path) -> None:
    """No rule counts it; what comes anew stands there again."""
    hub = Hub(tmp_path / "hub", Assembly(5, witnesses=["m1"]))
    note = hub.ask()
    path = hub.public / beside.path(Checkpoint.of(note).size)
    path.parent.mkdir()
    path.write_bytes(b"cut off in the mid")
    assert [True, True] == hub.cosign(note, "m4", "m1")
    assert (note.text, ["m4"]) == (hub.published.text, names(hub.side))


def test_without_witnesses_that_have_keys_nothing_is_published_and_nothing_breaks(tmp_path: Path) -> None:
    """Two of four revoked theirs: the threshold cannot be reached until one has a new key."""
    hub = Hub(tmp_path / "hub", Assembly(4))
    hub.cosign(hub.ask(), "m1", "m2", "m3")
    before = hub.published
    for id in ("m1", "m2"):
        key = signer(id, "witness").public
        hub.say(id, KeyRevoked(purpose="witness", key=key), by=signer(id, "officer"))
    assert [False, False, True, True] == hub.cosign(hub.ask(), "m1", "m2", "m3", "m4")
    assert [False, False, True, True] == hub.cosign(hub.ask(), "m1", "m2", "m3", "m4")
    assert before == hub.published
    new = Ed25519Signer(b"n" * 32)
    hub.say("m1", naming("m1", "witness", new))
    note = hub.ask()
    assert [True, True, True] == [*hub.cosign(note, "m3", "m4"), hub.sequencer.cosign(hub.line("m1", note, by=new))]
    assert note.text == hub.published.text


@pytest.mark.parametrize("restarted", [False, True])
def test_the_lines_of_a_published_checkpoint_bring_no_new_time(tmp_path: Path, restarted: bool) -> None:
    """They are public: whoever posts them again, while the same head is asked for anew, neither ends the asking nor
    takes the place of a newer line, of the note or beside it."""
    hub = Hub(tmp_path / "hub", Assembly(4))
    note, old = hub.ask(), hub.now
    hub.cosign(note, "m1", "m2", "m3", "m4")
    hub.sequencer.settle()
    if restarted:
        hub.store.close()
        hub = Hub(tmp_path / "hub", hub.assembly, now=hub.now)
    hub.now += 1000
    stale = [str(line) for line in (*hub.published.signatures[1:], *hub.side)]
    assert note.text == hub.ask().text
    hub.cosign(note, "m1")
    for line in stale:
        hub.sequencer.cosign(line)
    assert hub.sequencer.asking is not None
    hub.cosign(note, "m2")
    for line in stale:
        hub.sequencer.cosign(line)
    hub.cosign(note, "m3")
    found = hub.sequencer.cosigned()
    assert found is not None
    assert {old + 1010} == {time for _, time in times(hub)}


def times(hub: Hub) -> set[tuple[str, int | None]]:
    """Who stands on the published checkpoint, and since when."""
    known = [vkey for vkey in (witnesses.cosigner(hub.sequencer.state, f"m{i}") for i in range(1, 5)) if vkey]
    lines = hub.published.signatures[1:]
    return {(line.name, time_of(line, v, hub.published.text)) for line in lines for v in known if line.names(v)}


def test_a_line_beside_the_checkpoint_gives_way_to_a_newer_one_only(tmp_path: Path) -> None:
    """Of a member that no rule counts, too."""
    hub = Hub(tmp_path / "hub", Assembly(5, witnesses=["m1"]))
    note = hub.ask()
    older = hub.line("m5", note)
    hub.now += 5
    newer = hub.line("m5", note)
    hub.cosign(note, "m1")
    for line in (newer, older):
        assert hub.sequencer.cosign(line)
        hub.sequencer.settle()
    assert [newer] == [str(line) for line in hub.side]
