"""The hub, or another member, puts its own key in a member's place, to open what is sealed to that member.

Guards: consents are signed by their member and the fold checks it; keys may not repeat; a member compares the key in
the log with the secret on its disk.
"""

from dataclasses import replace

from comity.acts.consent import ConsentGiven
from comity.stages import answer
from comity.stages.effects import Say
from comity.stages.seal import derivations
from tests.builders.assembly import signer
from tests.builders.seal import World


def consent(world: World, id: str) -> ConsentGiven:
    """What an office is about to say; its secrets are kept."""
    office = world.office(id)
    *keeps, say = answer.next(world.home(office), office.dice)
    for keep in keeps:
        world.carry_out(office, keep)
    assert isinstance(say, Say)
    assert isinstance(say.body, ConsentGiven)
    return say.body


def mine(world: World) -> bytes:
    return derivations.private_key(b"h" * 32, "envelope", b"k").public


def test_a_consent_with_another_key_is_not_the_members() -> None:
    world = World(5)
    body = consent(world, "m2")
    assert body.sealed is not None
    swapped = replace(body, sealed=replace(body.sealed, envelope_key=mine(world)))
    assert world.assembly.refused("m2", swapped, by=signer("hub", "sign")) == ["act.signer"]


def test_a_member_that_finds_another_key_in_its_place_leaves_before_it_deals() -> None:
    """Even if the log were forged: the secret on disk does not give that key."""
    world = World(7)
    world.run(until=lambda: bool(world.state.exchanges))
    theirs = next(c for c in world.state.consents.values() if c.member == "m2")
    assert theirs.sealed is not None
    forged = replace(theirs, sealed=replace(theirs.sealed, envelope_key=mine(world)))
    world.views["m2"] = replace(world.state, consents=world.state.consents.set(theirs.ref.index, forged))
    world.now += 40
    office = world.office("m2")
    for effect in answer.next(world.home(office), office.dice):
        world.carry_out(office, effect)
    assert "seal.memory-lost" == world.facts.left["m2"].reason.code
    assert not world.office("m2").sent


def test_a_key_that_is_in_the_log_already_serves_nobody_else() -> None:
    """Copied keys: the second consent is refused at the door, and has no effect in the log."""
    world = World(5)
    world.act(world.office("m1"))
    first = next(c for c in world.state.consents.values() if c.member == "m1")
    body = consent(world, "m2")
    assert first.sealed is not None
    assert body.sealed is not None
    copied = replace(body, sealed=replace(body.sealed, mask_key=first.sealed.mask_key))
    assert ["seal.keys"] == world.assembly.refused("m2", copied)


def test_a_stranger_that_nobody_voted_in_consents_to_nothing() -> None:
    """Sybils: a roster holds members in good standing only."""
    world = World(5)
    body = consent(world, "m2")
    leaf = world.assembly.leaf("m99", body, by=signer("m99", "sign"))
    assert world.assembly.smuggle(leaf)
    assert not [c for c in world.state.consents.values() if c.member == "m99"]
