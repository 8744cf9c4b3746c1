"""The tick: the one clock, told by the witnesses' quorum, and what follows from time."""

from dataclasses import replace

import pytest

from comity import canon
from comity.acts.key import KeyRevoked
from comity.acts.motion import Motion
from comity.acts.terms import Amendment, Terms
from comity.acts.tick import Tick
from comity.assembly import queries
from comity.tlog import note
from comity.tlog.cosignature import cosign
from tests.builders.assembly import MAJORITY, START, Assembly, blob, naming, party, signer


@pytest.fixture
def assembly() -> Assembly:
    """Four witnesses: one may be bad, three must have cosigned."""
    return Assembly(4)


def test_time_is_the_median_of_the_quorums_times(assembly: Assembly) -> None:
    """The lower of two in the middle: no minority moves it beyond an honest witness."""
    text = str(assembly.checkpoint())
    lines = [note.sign(text, assembly.charter.origin, signer("hub", "log"))]
    for id, time in {"m1": START + 5, "m2": START + 9, "m3": START + 7, "m4": START + 1_000_000}.items():
        lines.append(cosign(text, f"{assembly.charter.origin}/{id}", time, signer(id, "witness")))
    assembly.say("hub", Tick(checkpoint=str(note.Note(text, tuple(lines)))))
    assert START + 7 == assembly.time


def test_a_tick_without_the_quorum_tells_no_time(assembly: Assembly) -> None:
    two = Tick(checkpoint=assembly.cosigned(START + 10, by=["m1", "m2"]))
    three = Tick(checkpoint=assembly.cosigned(START + 10, by=["m1", "m2", "m4"]))
    assert ["tick.quorum"] == assembly.refused("hub", two)
    assert [] == assembly.refused("hub", three)


def test_others_than_the_charters_witnesses_do_not_count() -> None:
    assembly = Assembly(5, witnesses=["m1", "m2", "m3", "m4"])
    body = Tick(checkpoint=assembly.cosigned(START + 10, by=["m1", "m2", "m5"]))
    assert ["tick.quorum"] == assembly.refused("hub", body)


def test_one_witness_does_not_count_twice(assembly: Assembly) -> None:
    text = str(assembly.checkpoint())
    lines = [note.sign(text, assembly.charter.origin, signer("hub", "log"))]
    for id, time in [("m1", START + 5), ("m1", START + 6), ("m2", START + 7)]:
        lines.append(cosign(text, f"{assembly.charter.origin}/{id}", time, signer(id, "witness")))
    body = Tick(checkpoint=str(note.Note(text, tuple(lines))))
    assert ["tick.quorum"] == assembly.refused("hub", body)


def test_a_cosignature_that_does_not_hold_spoils_the_tick(assembly: Assembly) -> None:
    text = str(assembly.checkpoint())
    good = note.Note.parse(assembly.cosigned(START + 10, by=["m1", "m2", "m3"]))
    forged = cosign(text, f"{assembly.charter.origin}/m4", START + 10, signer("m4", "witness"))
    forged = replace(forged, signature=forged.signature[:-1] + bytes([forged.signature[-1] ^ 1]))
    assert ["act.signature"] == assembly.refused("hub", Tick(checkpoint=str(good.with_lines(forged))))


def test_a_checkpoint_that_the_log_did_not_sign_is_refused(assembly: Assembly) -> None:
    whole = note.Note.parse(assembly.cosigned(START + 10))
    unsigned = note.Note(whole.text, whole.signatures[1:])
    assert ["act.signature"] == assembly.refused("hub", Tick(checkpoint=str(unsigned)))


def test_a_root_that_this_log_never_had_is_refused(assembly: Assembly) -> None:
    other = Assembly(4, others=[party("watch", role="observer")])
    size = assembly.state.size
    assert ["act.head"] == assembly.refused("hub", Tick(checkpoint=other.cosigned(START + 10, size=size)))


def test_a_checkpoint_of_another_log_or_none_is_refused(assembly: Assembly) -> None:
    body = Tick(checkpoint=assembly.cosigned(START + 10).replace(assembly.charter.origin, "example.org/other", 1))
    assert ["act.origin"] == assembly.refused("hub", body)
    assert ["act.malformed"] == assembly.refused("hub", Tick(checkpoint="noon"))


def test_only_the_hub_logs_ticks(assembly: Assembly) -> None:
    assert ["act.signer"] == assembly.refused("m1", Tick(checkpoint=assembly.cosigned(START + 10)))


def test_neither_time_nor_size_goes_back(assembly: Assembly) -> None:
    early = assembly.cosigned(START + 50, size=3)
    assembly.tick(START + 10)
    assert ["tick.backwards"] == assembly.refused("hub", Tick(checkpoint=assembly.cosigned(START + 9)))
    assert ["tick.backwards"] == assembly.refused("hub", Tick(checkpoint=early))
    assert [] == assembly.refused("hub", Tick(checkpoint=assembly.cosigned(START + 10)))


def test_witnesses_are_named_by_a_tick_that_they_themselves_could_have_told(assembly: Assembly) -> None:
    """A set that cannot cosign would end the log: no later tick could put it out. Until then the motion is open."""
    motion = assembly.motion("witnesses", Terms(witnesses=("m1", "m4")))
    assembly.vote(motion, "yes")
    assembly.tick()
    ends = assembly.state.motions[motion.index].opened
    assert ends is not None
    for time, by in ((ends + 60, ["m1", "m2", "m3"]), (ends + 90, ["m2", "m3", "m4"])):
        assembly.say("hub", Tick(checkpoint=assembly.cosigned(time, by=by)))
        assert "open" == assembly.state.motions[motion.index].outcome
        assert ("m1", "m2", "m3", "m4") == assembly.state.charter.witnesses if assembly.state.charter else ()
    assembly.say("hub", Tick(checkpoint=assembly.cosigned(ends + 90, by=["m1", "m2", "m4"])))
    assert "adopted" == assembly.state.motions[motion.index].outcome


def test_a_line_of_a_witness_to_come_that_does_not_hold_is_none() -> None:
    """Its own, over another checkpoint: the note tells the time all the same, and the motion waits."""
    assembly = Assembly(5, witnesses=["m1", "m2", "m3", "m4"])
    motion = assembly.motion("witnesses", Terms(witnesses=("m5",)))
    assembly.vote(motion, "yes")
    assembly.tick()
    for size, outcome in ((assembly.state.size - 1, "open"), (assembly.state.size + 1, "adopted")):
        good = note.Note.parse(assembly.cosigned(assembly.time + 100, by=["m1", "m2", "m3"]))
        line = note.Note.parse(assembly.cosigned(assembly.time + 100, size=size, by=["m5"])).signatures[-1]
        assembly.say("hub", Tick(checkpoint=str(good.with_lines(line))))
        assert outcome == assembly.state.motions[motion.index].outcome


def test_a_motion_about_witnesses_that_the_votes_reject_waits_for_nobody(assembly: Assembly) -> None:
    motion = assembly.motion("witnesses", Terms(witnesses=("m4",)))
    assembly.tick()
    assembly.say("hub", Tick(checkpoint=assembly.cosigned(START + 500, by=["m1", "m2", "m3"])))
    assert "rejected" == assembly.state.motions[motion.index].outcome


def test_who_is_suspended_by_a_tick_is_no_witness_by_it() -> None:
    """Whichever was moved first: the set is judged by the members that the same tick leaves."""
    assembly = Assembly(5, witnesses=["m1", "m2", "m3", "m4"])
    named = assembly.motion("witnesses", Terms(witnesses=("m1", "m5")))
    out = assembly.motion("suspension", assembly.parties["m5"], name="m5")
    for motion in (named, out):
        assembly.vote(motion, "yes")
    assembly.decide(named)
    found = [assembly.state.motions[motion.index] for motion in (named, out)]
    assert [("rejected", "terms"), ("adopted", None)] == [(one.outcome, one.hindrance) for one in found]


def test_a_new_witness_key_counts_from_its_leaf_on_and_the_old_one_no_more(assembly: Assembly) -> None:
    new = signer("m1", "new witness")
    assembly.say("m1", naming("m1", "witness", new))
    ids = ["m1", "m2", "m3"]
    assert ["tick.quorum"] == assembly.refused("hub", Tick(checkpoint=assembly.cosigned(START + 10, by=ids)))
    assembly.signers["m1", "witness"] = new
    assert [] == assembly.refused("hub", Tick(checkpoint=assembly.cosigned(START + 10, by=ids)))


def test_a_revoked_witness_key_does_not_lower_the_threshold(assembly: Assembly) -> None:
    for id in ("m1", "m2"):
        assembly.say(id, KeyRevoked(purpose="witness", key=signer(id, "witness").public))
    assert ["tick.quorum"] == assembly.refused("hub", Tick(checkpoint=assembly.cosigned(START + 10)))


# What follows from time


def outcome(assembly: Assembly, index: int) -> str:
    return assembly.state.motions[index].outcome


def test_a_motion_is_decided_by_the_first_tick_at_its_closing_time(assembly: Assembly) -> None:
    motion = assembly.motion("study", b"{}", closes=START + 100)
    assembly.vote(motion, "yes")
    assembly.tick(START + 1)
    assembly.tick(START + 99)
    assert "open" == outcome(assembly, motion.index)
    tick = assembly.tick(START + 100)
    facts = assembly.state.motions[motion.index]
    assert ("adopted", tick.index) == (facts.outcome, facts.tick)
    in_force = queries.standing(assembly.state, "study")[0]
    assert (motion, tick.index, START + 100) == (in_force.motion, in_force.tick, in_force.time)


def test_the_least_time_runs_from_the_first_tick_that_holds_the_motion(assembly: Assembly) -> None:
    """A week after the last tick, a motion whose closing time is past already must not pass at once."""
    motion = assembly.motion("study", b"{}", closes=START + 60)
    assembly.vote(motion, "yes")
    week = START + 604_800
    assembly.tick(week)
    assembly.tick(week + 59)
    assert "open" == outcome(assembly, motion.index)
    assembly.tick(week + 60)
    assert "adopted" == outcome(assembly, motion.index)


def test_a_checkpoint_from_before_the_motion_does_not_start_its_time(assembly: Assembly) -> None:
    size = assembly.state.size
    motion = assembly.motion("study", b"{}")
    assembly.say("hub", Tick(checkpoint=assembly.cosigned(START + 10, size=size)))
    assert None is assembly.state.motions[motion.index].opened


def test_members_are_counted_as_they_stand_when_it_is_decided(assembly: Assembly) -> None:
    """A vote of one who left counts nowhere, and the total is of those who are there."""
    motion = assembly.motion("study", b"{}", mover="m3")
    assembly.vote(motion, "no", "m1", "m2")
    assembly.vote(motion, "yes", "m3")
    assembly.withdraw("m1")
    assembly.withdraw("m2")
    assembly.decide(motion)
    assert "adopted" == outcome(assembly, motion.index)


def test_an_assembly_that_everyone_left_adopts_nothing() -> None:
    consensus = replace(MAJORITY, method="consensus", objections=1)
    assembly = Assembly(4, others=[party("agency", role="custodian")], rules={"norm": consensus})
    motion = assembly.motion("norm", b"{}", mover="agency")
    for id in assembly.members:
        assembly.withdraw(id)
    assembly.decide(motion)
    facts = assembly.state.motions[motion.index]
    assert ("rejected", None) == (facts.outcome, facts.hindrance)


def test_consensus_adopts_unless_enough_members_object() -> None:
    consensus = replace(MAJORITY, method="consensus", objections=2)
    for objectors, expected in ((1, "adopted"), (2, "rejected")):
        assembly = Assembly(4, rules={"study": consensus})
        motion = assembly.motion("study", b"{}")
        assembly.vote(motion, "no", *assembly.members[:objectors])
        assembly.decide(motion)
        assert expected == outcome(assembly, motion.index)


def test_weights_decide() -> None:
    assembly = Assembly([party("m1", weight=3), party("m2"), party("m3")])
    motion = assembly.motion("study", b"{}")
    assembly.vote(motion, "no", "m2", "m3")
    assembly.vote(motion, "yes", "m1")
    assembly.decide(motion)
    assert "adopted" == outcome(assembly, motion.index)


def test_a_suspended_member_is_out_from_the_tick_on() -> None:
    assembly = Assembly(4)
    motion = assembly.motion("suspension", party("m4"), name="m4")
    assembly.vote(motion, "yes", "m1", "m2", "m3")
    assert "m4" in assembly.members
    tick = assembly.decide(motion)
    assert "m4" not in assembly.members
    assert tick.index == assembly.state.actors["m4"].until
    assert not assembly.state.in_force


def test_a_suspension_of_one_who_left_before_changes_nothing() -> None:
    assembly = Assembly(4)
    motion = assembly.motion("suspension", party("m4"), name="m4")
    assembly.vote(motion, "yes", "m1", "m2", "m3")
    left = assembly.withdraw("m4")
    assembly.decide(motion)
    assert left.index == assembly.state.actors["m4"].until


def test_a_suspended_member_comes_back_by_a_new_motion() -> None:
    assembly = Assembly(4)
    motion = assembly.motion("suspension", party("m4"), name="m4")
    assembly.vote(motion, "yes", "m1", "m2", "m3")
    assembly.decide(motion)
    assembly.adopt("member", party("m4"), name="m4")
    assembly.join(party("m4"))
    assert "m4" in assembly.members


# Versions in force from a date on


def standing(assembly: Assembly) -> list[str]:
    return [thing.name for thing in queries.standing(assembly.state, "norm")]


def test_a_version_begins_at_its_date_and_the_one_before_holds_until_then(assembly: Assembly) -> None:
    assembly.adopt("norm", b"1", name="norm/1")
    old = queries.standing(assembly.state, "norm")[0]
    date = assembly.time + 5000
    assembly.adopt("norm", b"2", name="norm/2", replaces=old.motion, starts=date, review=date + 9)
    new = assembly.state.in_force["norm", canon.digest(b"2")]
    assert (date, date + 9, None) == (new.starts, new.review, new.until)
    assert date == assembly.state.in_force["norm", old.thing.digest].until
    assert ["norm/1"] == standing(assembly)
    assembly.tick(date - 1)
    assert ["norm/1"] == standing(assembly)
    assembly.tick(date)
    assert ["norm/2"] == standing(assembly)
    assert [("norm", canon.digest(b"2"))] == list(assembly.state.in_force)


def test_a_date_that_has_passed_when_the_members_decide_is_the_decision(assembly: Assembly) -> None:
    assembly.adopt("norm", b"1", starts=assembly.time - 1000)
    (thing,) = assembly.state.in_force.values()
    assert (assembly.time, assembly.time) == (thing.starts, thing.time)


def test_a_version_that_is_to_be_replaced_is_replaced_by_no_other(assembly: Assembly) -> None:
    """Neither may it be moved, nor can one that was moved before be adopted."""
    assembly.adopt("norm", b"1")
    old = queries.standing(assembly.state, "norm")[0].motion
    late = assembly.motion("norm", b"3", replaces=old, closes=assembly.time + 900)
    assembly.vote(late, "yes")
    assembly.adopt("norm", b"2", replaces=old, starts=assembly.time + 5000)
    third = Motion(matter="norm", thing=blob(b"4"), name="n", replaces=old, closes=assembly.time + 60)
    assert ["act.unknown-thing"] == assembly.refused("m1", third)
    assembly.decide(late)
    facts = assembly.state.motions[late.index]
    assert ("rejected", "overtaken") == (facts.outcome, facts.hindrance)


def test_a_version_that_follows_one_to_come_never_begins_before_it(assembly: Assembly) -> None:
    assembly.adopt("norm", b"1")
    first = queries.standing(assembly.state, "norm")[0].motion
    date = assembly.time + 5000
    assembly.adopt("norm", b"2", replaces=first, starts=date)
    second = assembly.state.in_force["norm", canon.digest(b"2")].motion
    assembly.adopt("norm", b"3", replaces=second)
    assert date == assembly.state.in_force["norm", canon.digest(b"3")].starts
    assembly.tick(date)
    assert [("norm", canon.digest(b"3"))] == list(assembly.state.in_force)


def test_a_text_that_is_about_to_leave_is_not_brought_back_by_a_second_motion(assembly: Assembly) -> None:
    """Else it would be called adopted, and leave all the same."""
    twice = [
        assembly.motion("norm", b"1", mover=id, closes=assembly.time + wait) for id, wait in (("m1", 60), ("m2", 900))
    ]
    for motion in twice:
        assembly.vote(motion, "yes")
    assembly.decide(twice[0])
    assembly.adopt("norm", b"2", replaces=twice[0], starts=assembly.time + 5000)
    assembly.decide(twice[1])
    assert "overtaken" == assembly.state.motions[twice[1].index].hindrance


# What the charter says when a motion is decided


def test_a_motion_is_decided_by_the_rule_that_stands_then() -> None:
    """Two of four votes are no majority of 60 %, and are one of 40 %."""
    assembly = Assembly(4, rules={"norm": replace(MAJORITY, share=60)})
    motion = assembly.motion("norm", b"{}", closes=assembly.time + 900)
    assembly.vote(motion, "yes", "m1", "m2")
    assembly.vote(motion, "no", "m3", "m4")
    assembly.adopt("charter", Terms(charter=Amendment(rules={"norm": replace(MAJORITY, share=40)})))
    assembly.decide(motion)
    assert "adopted" == outcome(assembly, motion.index)


def test_motions_of_one_tick_are_decided_by_the_rules_that_it_finds() -> None:
    """So nothing hangs on which of them was moved first."""
    assembly = Assembly(4, rules={"norm": replace(MAJORITY, share=60)})
    change = assembly.motion("charter", Terms(charter=Amendment(rules={"norm": replace(MAJORITY, share=40)})))
    motion = assembly.motion("norm", b"{}")
    assembly.vote(change, "yes")
    assembly.vote(motion, "yes", "m1", "m2")
    assembly.vote(motion, "no", "m3", "m4")
    assembly.decide(motion)
    assert ("adopted", "rejected") == (outcome(assembly, change.index), outcome(assembly, motion.index))


def test_terms_that_cannot_be_any_more_are_not_adopted(assembly: Assembly) -> None:
    """Two motions on one change of the charter: the second would change nothing."""
    terms = Terms(charter=Amendment(rules={"norm": replace(MAJORITY, share=40)}))
    twice = [assembly.motion("charter", terms, mover=id) for id in ("m1", "m2")]
    for motion in twice:
        assembly.vote(motion, "yes")
    assembly.decide(twice[1])
    assert ["adopted", "rejected"] == [outcome(assembly, motion.index) for motion in twice]
    assert "terms" == assembly.state.motions[twice[1].index].hindrance
    assert not assembly.state.in_force
