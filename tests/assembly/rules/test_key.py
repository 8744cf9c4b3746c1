"""The key family: an actor changes its own keys by its officer key, and no key serves twice."""

import pytest

from comity.acts.key import KeyRegistered, KeyRevoked, Purpose
from comity.acts.motion import Vote
from comity.acts.tick import Tick
from comity.assembly import witnesses
from comity.errors import QuorumShort
from comity.keys import MlDsa44Signer, Signer, public_text
from tests.builders.assembly import Assembly, naming, signer

NEW = signer("m1", "new")
LATTICE = MlDsa44Signer(b"m1" * 16)
SMALL_ORDER = public_text(bytes.fromhex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"))


@pytest.fixture
def assembly() -> Assembly:
    return Assembly(4)


def test_a_new_signing_key_serves_from_the_next_leaf_on(assembly: Assembly) -> None:
    motion = assembly.motion("study", b"{}")
    assembly.say("m1", naming("m1", "sign", NEW))
    vote = Vote(motion=motion, choice="yes")
    assert ["act.signer"] == assembly.refused("m1", vote)
    assert [] == assembly.refused("m1", vote, by=NEW)


@pytest.mark.parametrize("purpose", ["sign", "officer", "witness"])
def test_only_the_officer_key_changes_keys(assembly: Assembly, purpose: Purpose) -> None:
    body = naming("m1", purpose, NEW)
    assert [] == assembly.refused("m1", body)
    assert ["act.signer"] == assembly.refused("m1", body, by=signer("m1", "sign"))
    assert ["act.signer"] == assembly.refused("m1", body, by=signer("m2", "officer"))


def test_the_officer_key_says_nothing_else(assembly: Assembly) -> None:
    motion = assembly.motion("study", b"{}")
    assert ["act.signer"] == assembly.refused("m1", Vote(motion=motion, choice="yes"), by=signer("m1", "officer"))


@pytest.mark.parametrize(
    "key",
    [signer("m1", "sign"), signer("m2", "sign"), signer("hub", "log")],
)
def test_a_key_that_was_ever_named_is_refused(assembly: Assembly, key: Signer) -> None:
    assert ["charter.keys"] == assembly.refused("m1", naming("m1", "sign", key))


@pytest.mark.parametrize("key", [SMALL_ORDER, "ed25519:"])
def test_a_degenerate_key_is_refused(assembly: Assembly, key: str) -> None:
    assert ["charter.keys"] == assembly.refused("m1", KeyRegistered(purpose="sign", key=key, proof=bytes(64)))


@pytest.mark.parametrize(
    "proof",
    [
        naming("m2", "sign", NEW).proof,
        naming("m1", "witness", NEW).proof,
        naming("m1", "sign", NEW, "example.org/another").proof,
        naming("m1", "sign", signer("m1", "else")).proof,
        bytes(64),
        b"",
    ],
    ids=["another actor", "another purpose", "another log", "another key", "nothing", "none"],
)
def test_a_key_shows_by_itself_who_names_it_and_for_what(assembly: Assembly, proof: bytes) -> None:
    """Or anyone could name another's key first, and with that keep the owner out for ever."""
    said = KeyRegistered(purpose="sign", key=NEW.public, proof=proof)
    assert ["charter.keys"] == assembly.refused("m1", said)
    assert [] == assembly.refused("m1", naming("m1", "sign", NEW))


def test_an_old_key_does_not_come_back(assembly: Assembly) -> None:
    """It was replaced for a reason, perhaps because it was stolen."""
    assembly.say("m1", naming("m1", "sign", NEW))
    assert ["charter.keys"] == assembly.refused("m1", naming("m1", "sign", signer("m1", "sign")))


def test_who_revoked_its_signing_key_is_not_in_good_standing_until_it_has_another(assembly: Assembly) -> None:
    motion = assembly.motion("study", b"{}", mover="m2")
    assembly.say("m1", KeyRevoked(purpose="sign", key=signer("m1", "sign").public))
    assert "m1" not in assembly.state.members
    assert ["act.signer"] == assembly.refused("m1", Vote(motion=motion, choice="yes"))
    assembly.say("m1", naming("m1", "sign", NEW))
    assert "m1" in assembly.state.members
    assert [] == assembly.refused("m1", Vote(motion=motion, choice="yes"), by=NEW)


def test_only_the_key_that_serves_now_is_revoked_and_once(assembly: Assembly) -> None:
    other = KeyRevoked(purpose="sign", key=signer("m1", "witness").public)
    mine = KeyRevoked(purpose="sign", key=signer("m1", "sign").public)
    assert ["act.unknown-thing"] == assembly.refused("m1", other)
    assembly.say("m1", mine)
    assert ["act.repeated"] == assembly.refused("m1", mine)


def test_who_revoked_its_officer_key_changes_no_key_any_more(assembly: Assembly) -> None:
    assembly.say("m1", KeyRevoked(purpose="officer", key=signer("m1", "officer").public))
    assert ["act.signer"] == assembly.refused("m1", naming("m1", "sign", NEW))
    assert "m1" in assembly.state.members


def test_the_hub_changes_no_keys(assembly: Assembly) -> None:
    body = naming("hub", "sign", NEW)
    assert ["act.signer"] == assembly.refused("hub", body, by=signer("hub", "sign"))


def test_a_second_key_for_cosignatures_is_registered_replaced_and_revoked(assembly: Assembly) -> None:
    """It is no key of the party's: who it is, and what it may sign, does not change."""
    keys, other = assembly.state.actors["m1"].keys, MlDsa44Signer(b"m2" * 16)
    for key in (LATTICE, other):
        assembly.say("m1", naming("m1", "witness-ml-dsa", key))
        actor = assembly.state.actors["m1"]
        assert (key.public, keys, ()) == (actor.witness_ml_dsa, actor.keys, actor.revoked)
    old = KeyRevoked(purpose="witness-ml-dsa", key=LATTICE.public)
    assert ["act.unknown-thing"] == assembly.refused("m1", old)
    assembly.say("m1", KeyRevoked(purpose="witness-ml-dsa", key=other.public))
    assert ("witness-ml-dsa",) == assembly.state.actors["m1"].revoked
    assert assembly.state.actors["m1"].active
    assert ["charter.keys"] == assembly.refused("m1", naming("m1", "witness-ml-dsa", LATTICE))


@pytest.mark.parametrize("purpose", ["sign", "officer", "witness"])
def test_each_purpose_takes_keys_of_one_algorithm(assembly: Assembly, purpose: Purpose) -> None:
    """The log's rules count Ed25519; a second cosignature that is Ed25519 too would be the first one twice."""
    assert ["charter.keys"] == assembly.refused("m1", naming("m1", purpose, LATTICE))
    assert ["charter.keys"] == assembly.refused("m1", naming("m1", "witness-ml-dsa", NEW))
    assert ["charter.keys"] == assembly.refused("m1", KeyRegistered(purpose="witness-ml-dsa", key="ml-dsa-44:AAAA"))


def test_a_witness_that_left_still_registers_a_key_to_cosign_by_and_nothing_else(assembly: Assembly) -> None:
    """Two of four lost their keys and left: without this no checkpoint would count any more."""
    for id in ("m3", "m4"):
        key = signer(id, "witness").public
        assembly.say(id, KeyRevoked(purpose="witness", key=key), by=signer(id, "officer"))
        assembly.withdraw(id)
    with pytest.raises(QuorumShort):
        witnesses.quorum(assembly.state)
    officer, new = signer("m4", "officer"), signer("m4", "new")
    for purpose in ("sign", "officer"):
        assert ["act.not-standing"] == assembly.refused("m4", naming("m4", purpose, new), by=officer)
    assert ["act.signer"] == assembly.refused("m4", naming("m4", "witness", new), by=signer("m1", "officer"))
    assembly.say("m4", naming("m4", "witness", new), by=officer)
    assembly.signers["m4", "witness"] = new
    assembly.say("hub", Tick(checkpoint=assembly.cosigned(assembly.time + 1, by=["m1", "m2", "m4"])))
    assert "m4" not in assembly.state.members


def test_one_that_left_and_is_no_witness_registers_no_key() -> None:
    assembly = Assembly(5, witnesses=["m1"])
    assembly.withdraw("m5")
    said = naming("m5", "witness", signer("m5", "new"))
    assert ["act.not-standing"] == assembly.refused("m5", said, by=signer("m5", "officer"))


def test_one_second_key_never_serves_two_owners(assembly: Assembly) -> None:
    assembly.say("m1", naming("m1", "witness-ml-dsa", LATTICE))
    assert ["charter.keys"] == assembly.refused("m2", naming("m2", "witness-ml-dsa", LATTICE))
