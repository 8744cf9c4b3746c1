"""What a deciding checkpoint holds, and what came behind it; what else ends a motion, or keeps it from adoption."""

from dataclasses import replace

import pytest

from comity import canon
from comity.acts.charter import Rule
from comity.acts.motion import Motion, MotionWithdrawn, Vote
from comity.acts.refs import Ref
from comity.acts.terms import Amendment, Appointment, Terms
from comity.acts.tick import Tick
from comity.assembly import clock, queries
from comity.assembly.recount import differs, recount
from comity.assembly.roll import Recount
from comity.model.member import HUB, Party
from tests.builders.assembly import MAJORITY, Assembly, blob, charter_of, encoded, party

CONSULTED = replace(MAJORITY, seconds=600, consultation=300)
YEAR = 366 * 86_400


def ended(assembly: Assembly, motion: Ref) -> tuple[str, str | None]:
    """Its outcome and hindrance, on which the second count must agree."""
    counted(assembly)
    facts = assembly.state.motions[motion.index]
    return facts.outcome, facts.hindrance


def counted(assembly: Assembly) -> dict[int, Recount]:
    found = recount(assembly.state, assembly.leaves)
    assert {} == {index: told for index, one in found.items() if (told := differs(assembly.state, one))}
    return found


def late_tick(assembly: Assembly, checkpoint: str) -> None:
    assembly.say(HUB, Tick(checkpoint=checkpoint))


def other_keys(assembly: Assembly, id: str) -> Party:
    return replace(assembly.parties[id], keys=party(f"{id}-other").keys)


# Votes, answers and a mover's own end


def test_a_vote_behind_the_deciding_checkpoint_stands_on_the_roll_as_too_late() -> None:
    """By hand: one yes against two no under the checkpoint; two more yes behind it change nothing."""
    assembly = Assembly(5)
    motion = assembly.motion("study", b"{}")
    assembly.tick()
    assembly.vote(motion, "no", "m1", "m2")
    assembly.vote(motion, "yes", "m3")
    checkpoint = assembly.cosigned(assembly.time + 60)
    assembly.vote(motion, "yes", "m4", "m5")
    late_tick(assembly, checkpoint)
    assert ("rejected", None) == ended(assembly, motion)
    found = counted(assembly)[motion.index]
    assert ["m4", "m5"] == [ballot.member for ballot in found.roll if ballot.late]
    assert (1, 2, 2, 5) == (found.weight("yes"), found.weight("no"), found.weight(None), found.total)
    tally = queries.tally(assembly.state, assembly.state.motions[motion.index])
    assert (1, 2, 5) == (tally.yes, tally.no, tally.total)


@pytest.mark.parametrize("amended", [False, True])
def test_a_motion_whose_time_had_come_is_decided_though_its_mover_ended_it_behind_the_checkpoint(
    *, amended: bool
) -> None:
    assembly = Assembly(4)
    motion = assembly.motion("study", b"{}")
    assembly.tick()
    assembly.vote(motion, "yes", "m2", "m3")
    checkpoint = assembly.cosigned(assembly.time + 60)
    if amended:
        assembly.motion("study", b"[]", amends=motion)
    else:
        assembly.say("m1", MotionWithdrawn(motion=motion))
    assert ("amended" if amended else "withdrawn", None) == ended(assembly, motion)
    assert ["act.closed"] == assembly.refused("m4", Vote(motion=motion, choice="no"))
    late_tick(assembly, checkpoint)
    assert ("adopted", None) == ended(assembly, motion)


def test_an_end_that_a_checkpoint_holds_stays_one() -> None:
    assembly = Assembly(4)
    motion = assembly.motion("study", b"{}")
    assembly.tick()
    assembly.vote(motion, "yes", "m2", "m3", "m4")
    assembly.say("m1", MotionWithdrawn(motion=motion))
    assert clock.next_deadline(assembly.state) is None
    assembly.tick(assembly.time + 60)
    assert ("withdrawn", None) == ended(assembly, motion)
    assert () == assembly.state.pending


def test_an_answer_behind_the_deciding_checkpoint_is_none() -> None:
    assembly = Assembly(4, rules={"norm": CONSULTED})
    motion = assembly.motion("norm", b"{}")
    remark = assembly.comment(motion, "m2")
    assembly.consult(motion)
    assembly.vote(motion, "yes")
    assembly.tick(assembly.time + 5)
    checkpoint = assembly.cosigned(assembly.time + 300)
    assembly.reply(remark)
    late_tick(assembly, checkpoint)
    assert ("rejected", "unanswered") == ended(assembly, motion)


# Time to vote behind a consultation


@pytest.mark.parametrize("method", ["consensus", "majority"])
def test_a_tick_that_comes_too_late_to_end_a_consultation_ends_no_vote(method: str) -> None:
    """Nothing is decided before votes were possible for as long as the rule says."""
    rule = Rule(method=method, share=50, quorum=50, objections=1, seconds=600, consultation=300)  # type: ignore[arg-type]
    assembly = Assembly(4, rules={"norm": rule})
    motion = assembly.motion("norm", b"{}")
    assembly.tick()
    assert ["motion.consultation"] == assembly.refused("m2", Vote(motion=motion, choice="no"))
    assembly.tick(assembly.time + 900)
    assert "open" == ended(assembly, motion)[0]
    assembly.vote(motion, "no", "m2", "m3")
    assembly.tick()
    shown = assembly.time
    assembly.tick(shown + 299)
    assert "open" == ended(assembly, motion)[0]
    assembly.tick(shown + 300)
    assert ("rejected", None) == ended(assembly, motion)


def test_a_consultation_is_that_of_the_rule_under_which_the_motion_was_moved() -> None:
    """An amendment asks no answer of those who owed none, and takes no time from those who had it."""
    assembly = Assembly(4)
    free = assembly.motion("norm", b"{}", closes=assembly.time + 300)
    assembly.comment(free, "m2")
    assembly.vote(free, "yes")
    assembly.adopt("charter", Terms(charter=Amendment(rules={"norm": CONSULTED})))
    consulted = assembly.motion("norm", b"[]")
    assembly.decide(free)
    assert ("adopted", None) == ended(assembly, free)
    assembly.adopt("charter", Terms(charter=Amendment(rules={"norm": MAJORITY})))
    assert ["motion.consultation"] == assembly.refused("m2", Vote(motion=consulted, choice="no"))


# Who leaves


def test_the_motions_of_one_who_is_suspended_end_at_the_next_tick() -> None:
    assembly = Assembly(5)
    motion = assembly.motion("norm", b"{}", mover="m5", closes=assembly.time + 900)
    assembly.vote(motion, "yes")
    assembly.adopt("suspension", assembly.parties["m5"], name="m5")
    assert "open" == ended(assembly, motion)[0]
    tick = assembly.tick()
    assert ("rejected", "left") == ended(assembly, motion)
    assert tick.index == assembly.state.motions[motion.index].tick


def test_a_suspension_is_of_whoever_is_in_under_the_id() -> None:
    """A candidate that became a member while its suspension was voted on is out as a member."""
    assembly = Assembly(4, others=[party("c1", role="candidate")])
    assembly.adopt("member", party("c1"), name="c1")
    out = assembly.motion("suspension", assembly.parties["c1"], name="c1")
    assembly.vote(out, "yes")
    assembly.join(party("c1"))
    assembly.decide(out)
    assert ("adopted", None) == ended(assembly, out)
    assert "c1" not in assembly.members


def test_no_text_under_another_matter_keeps_a_member_from_being_suspended_or_admitted() -> None:
    assembly = Assembly(4)
    assembly.adopt("norm", assembly.parties["m4"], name="norm/1")
    assembly.adopt("suspension", assembly.parties["m4"], name="m4")
    assert "m4" not in assembly.members
    assembly.adopt("study", party("m9"), name="study/1")
    assembly.adopt("member", party("m9"), name="m9")
    assembly.join(party("m9"))
    assert "m9" in assembly.members


def test_a_second_admission_of_one_who_is_in_is_overtaken() -> None:
    assembly = Assembly(4)
    first, second = (
        assembly.motion("member", party("m9"), name="m9", mover=mover, closes=assembly.time + seconds)
        for mover, seconds in (("m1", 60), ("m2", 900))
    )
    for motion in (first, second):
        assembly.vote(motion, "yes")
    assembly.decide(first)
    assembly.join(party("m9"))
    assembly.decide(second)
    assert ("rejected", "overtaken") == ended(assembly, second)
    assembly.adopt("suspension", party("m9"), name="m9")
    assert "m9" not in assembly.members


@pytest.mark.parametrize("suspended", [False, True])
def test_who_is_out_comes_back_by_a_motion_that_was_moved_since(*, suspended: bool) -> None:
    """Neither by an admission that it had not used, nor by one that was moved before."""
    assembly = Assembly(5)
    other = other_keys(assembly, "m5")
    assembly.adopt("member", other, name="m5")
    later = assembly.motion("member", replace(other, area="002"), name="m5", closes=assembly.time + 900)
    assembly.vote(later, "yes")
    if suspended:
        out = assembly.motion("suspension", assembly.parties["m5"], name="m5")
        assembly.vote(out, "yes", "m1", "m2", "m3", "m4")
        assembly.decide(out)
    else:
        assembly.withdraw("m5")
    assert queries.adopted(assembly.state, canon.digest(encoded(other)), "member") is None
    assembly.decide(later)
    assert ("rejected", "overtaken") == ended(assembly, later)
    assembly.adopt("member", assembly.parties["m5"], name="m5")
    assembly.join(assembly.parties["m5"])
    assert "m5" in assembly.members


# What is in force


def test_a_norm_that_is_to_come_is_not_brought_forward_by_what_would_leave_a_gap() -> None:
    assembly = Assembly(4)
    assembly.adopt("norm", b"1")
    old = queries.standing(assembly.state, "norm")[0].motion
    coming = assembly.motion("norm", b"2", starts=assembly.time + 70 * YEAR)
    instead = assembly.motion("norm", b"2", mover="m2", replaces=old, closes=assembly.time + 900)
    for motion in (coming, instead):
        assembly.vote(motion, "yes")
        assembly.decide(motion)
    assert ("rejected", "overtaken") == ended(assembly, instead)
    assert [old] == [thing.motion for thing in queries.standing(assembly.state, "norm")]


def test_a_review_that_is_past_when_a_thing_begins_is_due_at_once() -> None:
    assembly = Assembly(4)
    motion = assembly.motion("norm", b"{}", review=assembly.time + 61)
    assembly.vote(motion, "yes")
    assembly.tick(assembly.time + 50)
    assembly.tick(assembly.time + 500)
    (thing,) = assembly.state.in_force.values()
    assert (assembly.time, assembly.time) == (thing.starts, thing.review)


# Bounds


def test_an_actor_has_32_motions_until_a_tick_holds_the_end_of_one() -> None:
    assembly = Assembly(4, others=[party("agency", role="custodian")])
    motions = [assembly.motion("norm", b"%d" % number, mover="agency") for number in range(32)]
    one_more = Motion(matter="norm", thing=blob(b"x"), name="n", replaces=None, closes=assembly.time + 60)
    assert ["motion.too-many"] == assembly.refused("agency", one_more)
    assert [] == assembly.refused("m1", one_more)
    assembly.say("agency", MotionWithdrawn(motion=motions[0]))
    assert ["motion.too-many"] == assembly.refused("agency", one_more)
    assembly.tick()
    assert [] == assembly.refused("agency", replace(one_more, closes=assembly.time + 60))


@pytest.mark.parametrize("what", ["closes", "starts", "review"])
def test_no_motion_names_a_time_more_than_a_hundred_years_ahead(what: str) -> None:
    """A hundred Julian years are 36,525 days."""
    assembly = Assembly(4)
    last = assembly.time + 36_525 * 86_400
    body = Motion(matter="norm", thing=blob(b"x"), name="n", replaces=None, closes=assembly.time + 60)
    assert [] == assembly.refused("m1", replace(body, **{what: last}))
    assert "motion.too-far" in assembly.refused("m1", replace(body, **{what: last + 1}))


def test_an_appointment_ends_within_a_hundred_years() -> None:
    terms = Terms(office=Appointment(office="chair", member="m2", starts=0, until=2**53 - 1))
    assembly = Assembly(4)
    body = Motion(
        matter="office", thing=blob(encoded(terms)), name="o", replaces=None, closes=assembly.time, terms=terms
    )
    assert "motion.too-far" in assembly.refused("m1", body)


def test_no_amendment_makes_every_later_one_impossible() -> None:
    """A group in which nobody has a vote is not asked for; one that has members is."""
    parties = [party(f"m{i}", area=area) for i, area in enumerate(("246", "246", "710"), start=1)]
    groups = {"north": ("246",), "nobody": ("999",), "south": ("710",)}
    rule = replace(MAJORITY, groups=3)
    assembly = Assembly(charter=replace(charter_of(parties, rules={"norm": rule}), groups=groups))
    without, within = assembly.motion("norm", b"1"), assembly.motion("norm", b"2")
    assembly.vote(without, "yes", "m1", "m2")
    assembly.vote(within, "yes")
    assembly.decide(within)
    assert (("rejected", None), ("adopted", None)) == (ended(assembly, without), ended(assembly, within))
    assert (2, ("north", "south")) == (counted(assembly)[within.index].asked, counted(assembly)[within.index].carrying)
