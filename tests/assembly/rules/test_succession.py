"""Succession and recovery: a log goes to the hub that was chosen, from where its witnesses left it; keys come back."""

from dataclasses import replace

import pytest

from comity import canon
from comity.acts.charter import Succession
from comity.acts.consent import PolicyPublished
from comity.acts.key import KeyRegistered, Recovery
from comity.acts.motion import Vote
from comity.acts.tick import Tick
from comity.assembly import fold, hosts
from comity.assembly.recount import differs, recount
from comity.keys import Ed25519Signer
from comity.model.member import HUB
from tests.builders.assembly import (
    ORIGIN,
    PURPOSES,
    Assembly,
    blob,
    host_of,
    host_signer,
    naming,
    party,
    recovering,
    signer,
)

SECOND, THIRD = host_of("second"), host_of("third")


@pytest.fixture
def assembly() -> Assembly:
    return Assembly(4)


def refused(assembly: Assembly, body: Succession, *, by: Ed25519Signer | None = None, actor: str = HUB) -> list[str]:
    """Codes against a succession by the second hub's key, unless another signs."""
    leaf = assembly.leaf(actor, body, by=by or host_signer(SECOND, "sign"))
    return [reason.code for reason in fold.admit(assembly.state, leaf)]


def fresh(id: str, name: str = "again") -> Recovery:
    """By three keys that no log has seen."""
    return recovering(id, {purpose: signer(f"{id} {name}", purpose) for purpose in PURPOSES})


def test_the_log_goes_on_under_the_name_and_keys_that_were_voted_on(assembly: Assembly) -> None:
    before = assembly.state
    ref = assembly.move("second")
    after = assembly.state
    assert before.charter is not None
    assert after.charter is not None
    assert (SECOND.hub, SECOND.origin, SECOND.host) == (after.charter.hub, after.charter.origin, after.charter.host)
    assert before.charter_digest == after.charter_digest
    assert before.charter.founders == after.charter.founders
    assert [(ref, ORIGIN, SECOND.origin)] == [(one.ref, one.before, one.after) for one in after.successions]
    assert None is hosts.awaited(after)


def test_everything_that_was_said_stands_and_time_goes_on(assembly: Assembly) -> None:
    study = assembly.adopt("study", b"{}")
    consent = assembly.consent("m1", study)
    assembly.move()
    told = assembly.time
    assembly.tick()
    assert told < assembly.time
    assert consent.index in assembly.state.consents
    assert ("study", study) in assembly.state.in_force


def test_statements_name_the_new_log_from_the_next_leaf_on(assembly: Assembly) -> None:
    said = PolicyPublished(policy=blob(b"a policy"))
    before = assembly.leaf("m1", said, origin=ORIGIN)
    assembly.move()
    assert ["act.origin"] == [reason.code for reason in fold.admit(assembly.state, before)]
    assert [] == assembly.refused("m1", said)


def test_the_old_hub_says_nothing_any_more(assembly: Assembly) -> None:
    old, log = assembly.signers[HUB, "sign"], assembly.signers[HUB, "log"]
    assembly.move()
    assert ["act.signer"] == assembly.refused(HUB, Tick(checkpoint=assembly.cosigned(assembly.time + 90)), by=old)
    assembly.signers[HUB, "log"] = log
    assert ["act.signature"] == assembly.refused(HUB, Tick(checkpoint=assembly.cosigned(assembly.time + 90)))


def test_whose_key_and_name_stood_follows_from_the_size(assembly: Assembly) -> None:
    at = assembly.move("second").index
    then = assembly.move("third").index
    names = {size: hosts.log_at(assembly.state, size).name for size in (1, at, at + 1, then, then + 1)}
    assert {1: ORIGIN, at: ORIGIN, at + 1: SECOND.origin, then: SECOND.origin, then + 1: THIRD.origin} == names
    keys = [hosts.log_at(assembly.state, size).key for size in (at, then, then + 1)]
    assert [signer(HUB, "log").public, SECOND.hub.log, THIRD.hub.log] == keys
    named = [hosts.origin_at(assembly.state, index) for index in (0, at, at + 1, then, then + 1)]
    assert [ORIGIN, ORIGIN, SECOND.origin, SECOND.origin, THIRD.origin] == named


def test_nobody_takes_the_log_over_whom_no_motion_chose(assembly: Assembly) -> None:
    motion = assembly.motion("study", b"{}")
    body = Succession(motion=motion, final=assembly.cosigned(assembly.time))
    assert ["act.signer"] == refused(assembly, body)


def test_only_the_hub_that_was_chosen_last_takes_it_over(assembly: Assembly) -> None:
    first = assembly.choose(SECOND)
    later = assembly.choose(THIRD)
    final = assembly.cosigned(assembly.time)
    assert ["act.signer"] == refused(assembly, Succession(motion=first, final=final))
    third = Succession(motion=later, final=final)
    assert ["act.signer"] == refused(assembly, third)
    assert [] == refused(assembly, third, by=host_signer(THIRD, "sign"))


def test_a_motion_moves_the_log_once(assembly: Assembly) -> None:
    motion = assembly.choose(SECOND)
    assembly.take_over(SECOND, motion, assembly.cosigned(assembly.time))
    assert ["act.signer"] == refused(assembly, Succession(motion=motion, final=assembly.cosigned(assembly.time)))


@pytest.mark.parametrize("by", [signer(HUB, "sign"), host_signer(SECOND, "log"), signer("m1", "sign")])
def test_a_succession_is_signed_by_the_new_hubs_own_key(assembly: Assembly, by: Ed25519Signer) -> None:
    body = Succession(motion=assembly.choose(SECOND), final=assembly.cosigned(assembly.time))
    assert ["act.signer"] == refused(assembly, body, by=by)


def test_the_final_checkpoint_is_the_log_right_up_to_here(assembly: Assembly) -> None:
    """One that is shorter would let the new hub say something before it has the log."""
    motion = assembly.choose(SECOND)
    final = assembly.cosigned(assembly.time)
    assert [] == refused(assembly, Succession(motion=motion, final=final))
    assembly.say("m1", PolicyPublished(policy=blob(b"a policy")))
    assert ["succession.final"] == refused(assembly, Succession(motion=motion, final=final))


def test_the_final_checkpoint_stands_under_the_old_logs_quorum_and_key(assembly: Assembly) -> None:
    motion = assembly.choose(SECOND)
    short = Succession(motion=motion, final=assembly.cosigned(assembly.time, by=["m1", "m2"]))
    assert ["succession.final"] == refused(assembly, short)
    assembly.signers[HUB, "log"] = host_signer(SECOND, "log")
    assert ["succession.final"] == refused(assembly, Succession(motion=motion, final=assembly.cosigned(assembly.time)))
    assert ["act.malformed"] == refused(assembly, Succession(motion=motion, final="no note"))


def test_new_keys_by_the_officer_key_take_the_place_of_all_three(assembly: Assembly) -> None:
    said = fresh("m1")
    ref = assembly.say("m1", said, by=signer("m1", "officer"))
    actor = assembly.state.actors["m1"]
    assert (said.keys, (), ref.index) == (actor.keys, actor.revoked, actor.recovered)
    motion = assembly.motion("study", b"{}", mover="m2")
    vote = Vote(motion=motion, choice="yes")
    assert ["act.signer"] == assembly.refused("m1", vote)
    assert [] == assembly.refused("m1", vote, by=signer("m1 again", "sign"))


@pytest.mark.parametrize("by", [signer("m1", "sign"), signer("m2", "officer"), signer("m1 again", "officer")])
def test_nobody_else_recovers_an_actor(assembly: Assembly, by: Ed25519Signer) -> None:
    assert ["act.signer"] == assembly.refused("m1", fresh("m1"), by=by)


def test_keys_that_were_ever_named_do_not_come_back(assembly: Assembly) -> None:
    officer = signer("m1", "officer")
    for again in (
        {purpose: signer("m1", purpose) for purpose in PURPOSES},
        dict.fromkeys(PURPOSES, signer("m1 again", "sign")),
    ):
        assert ["charter.keys"] == assembly.refused("m1", recovering("m1", again), by=officer)


@pytest.mark.parametrize("which", range(3))
def test_each_new_key_shows_by_itself_that_the_actor_holds_it(assembly: Assembly, which: int) -> None:
    """Another member's proof is none, though the key be nobody's yet."""
    said, other = fresh("m1"), recovering("m2", {purpose: signer("m1 again", purpose) for purpose in PURPOSES})
    proofs = tuple(other.proofs[i] if i == which else proof for i, proof in enumerate(said.proofs))
    assert said.keys == other.keys
    officer = signer("m1", "officer")
    assert ["charter.keys"] == assembly.refused("m1", Recovery(keys=said.keys, proofs=proofs), by=officer)  # type: ignore[arg-type]
    assert [] == assembly.refused("m1", said, by=officer)


def test_nobody_keeps_a_member_from_the_keys_that_were_agreed_on_for_it(assembly: Assembly) -> None:
    """Not by registering one of them: whoever saw it in the motion does not hold it. Nor an officer key's thief."""
    said = fresh("m1")
    agreed = replace(party("m1"), keys=said.keys)
    assembly.adopt("member", agreed, name="m1")
    for id, by in (("m2", signer("m2", "officer")), ("m1", signer("m1", "officer"))):
        named = KeyRegistered(
            purpose="witness", key=said.keys.sign, proof=naming(id, "witness", signer("thief", id)).proof
        )
        assert ["charter.keys"] == assembly.refused(id, named, by=by)
    assert [] == assembly.refused("m1", said, by=signer("m1 again", "officer"))


def test_keys_that_were_agreed_on_before_an_actor_went_on_by_itself_are_nobodys(assembly: Assembly) -> None:
    """Decided before its recovery or after it: whoever holds the other keys does not speak for it later."""
    said = fresh("m1", "agreed")
    agreed = replace(party("m1"), keys=said.keys)
    open_ = assembly.motion("member", agreed, name="m1", mover="m2", closes=assembly.time + 900)
    assembly.vote(open_, "yes", "m2", "m3", "m4")
    assembly.adopt("member", replace(party("m1"), keys=fresh("m1", "third").keys), name="m1")
    assembly.recover("m1")
    for name in ("agreed", "third"):
        by = signer(f"m1 {name}", "officer")
        assert ["act.signer"] == assembly.refused("m1", fresh("m1", name), by=by)
    assembly.decide(open_)
    found = assembly.state.motions[open_.index]
    assert ("rejected", "overtaken") == (found.outcome, found.hindrance)
    assert () == differs(assembly.state, recount(assembly.state, assembly.leaves)[open_.index])


def test_recovery_says_nothing_twice(assembly: Assembly) -> None:
    """The vote of the lost node stands."""
    motion = assembly.motion("study", b"{}", mover="m2")
    assembly.vote(motion, "no", "m1")
    assembly.say("m1", fresh("m1"), by=signer("m1", "officer"))
    again = Vote(motion=motion, choice="yes")
    assert ["act.repeated"] == assembly.refused("m1", again, by=signer("m1 again", "sign"))


def test_without_the_officer_key_the_members_agree_on_the_new_ones(assembly: Assembly) -> None:
    new, said = signer("m1 again", "officer"), fresh("m1")
    assert ["act.signer"] == assembly.refused("m1", said, by=new)
    agreed = canon.encode({**canon.plain(canon.encode(party("m1"))), "keys": canon.plain(canon.encode(said.keys))})
    assembly.adopt("member", agreed, name="m1")
    assert ["act.signer"] == assembly.refused("m1", fresh("m1", "else"), by=signer("m1 else", "officer"))
    assembly.say("m1", said, by=new)
    assert canon.digest(agreed) not in assembly.state.in_force


def test_recovery_gives_back_what_was_revoked_and_drops_what_only_the_lost_node_could_open(assembly: Assembly) -> None:
    assembly.say("m1", naming("m1", "witness", signer("m1", "other")), by=signer("m1", "officer"))
    assembly.say("m1", fresh("m1"), by=signer("m1", "officer"))
    actor = assembly.state.actors["m1"]
    assert ("", "") == (actor.witness_ml_dsa, actor.box)


def test_nobody_takes_a_key_of_a_hub_that_may_be_chosen(assembly: Assembly) -> None:
    """Whoever is against the motion could make it impossible, before the decision and after it."""
    officer = signer("m2", "officer")
    own = {purpose: signer("m2 again", purpose) for purpose in PURPOSES}
    taken = recovering("m2", own | {"sign": host_signer(SECOND, "sign")})
    motion = assembly.motion_of(SECOND)
    for _ in ("open", "awaited"):
        for key in ("sign", "log"):
            body = naming("m2", "witness", host_signer(SECOND, key))
            assert ["charter.keys"] == assembly.refused("m2", body, by=officer)
        assert ["charter.keys"] == assembly.refused("m2", taken, by=officer)
        if assembly.state.motions[motion.index].outcome == "open":
            assembly.vote(motion, "yes")
            assembly.decide(motion)
    assert [] == assembly.refused("m2", naming("m2", "witness", host_signer(THIRD, "log")), by=officer)
