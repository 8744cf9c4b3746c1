"""An estimate is the country's to answer, and ends as its answer allows; nobody hurries it, or answers for it."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity import canon
from comity.acts.charter import Silence, Withdrawal
from comity.acts.estimate import Answer, EstimateProposed, EstimateSettled, Sealed, Settlement
from comity.acts.key import KeyRegistered, KeyRevoked
from comity.acts.motion import Comment
from comity.acts.refs import Blob, Ref
from comity.acts.terms import Amendment, Terms
from comity.assembly import clock, estimates, explain, fold, queries
from comity.assembly.rules import estimate as rules
from comity.keys import box_text
from comity.model.reason import Reason
from comity.pages import explain as worded
from tests.builders.assembly import blob
from tests.builders.estimates import SECONDS, Estimates, draft, secret

DRAFT, OTHER, COUNTER = draft("12.5"), draft("12.6"), draft("9.1")
# Which settlement each answer allows, as the guidelines on data flows have it; here by hand, apart from the code.
ALLOWED: dict[str, set[str]] = {
    "accepted": {"published", "aggregates-only", "withheld"},
    "accepted-with-note": {"published", "aggregates-only", "withheld"},
    "objected": {"aggregates-only", "withheld"},
    "objected with a value": {"side-by-side", "aggregates-only", "withheld"},
    "replaced": {"country-data", "aggregates-only", "withheld"},
}


@lru_cache
def founded(silence: Silence = "objected") -> Estimates:
    return Estimates(silence=silence)


@pytest.fixture
def log() -> Estimates:
    return founded().copy()


def test_a_custodian_puts_an_estimate_to_a_country_and_a_tick_begins_its_time(log: Estimates) -> None:
    ref = log.propose(DRAFT)
    assert ("open", None) == (queries.estimate_stage(log.state, log.facts(ref)), log.facts(ref).opened)
    log.tick(log.time + 70)
    assert (log.time, log.time + SECONDS) == (log.facts(ref).opened, log.facts(ref).deadline)
    log.tick(log.time + SECONDS)
    assert "open" == queries.estimate_stage(log.state, log.facts(ref))
    log.tick(log.time + 1)
    assert "silent" == queries.estimate_stage(log.state, log.facts(ref))


def test_a_long_time_to_answer_stays_as_long_as_it_was_named(log: Estimates) -> None:
    named = log.proposal(DRAFT, seconds=1000)
    ref = log.say("un", named)
    log.tick()
    assert named.deadline == log.facts(ref).deadline


def test_nobody_but_a_custodian_proposes_and_only_to_a_member_that_can_read_it(log: Estimates) -> None:
    for actor, body, codes in (
        ("m2", log.proposal(), ["act.signer"]),
        ("un", log.proposal(member="m3"), ["estimate.box"]),
        ("un", log.proposal(member="who"), ["act.unknown-thing"]),
        ("un", log.proposal(member="m9"), ["act.unknown-thing"]),
        ("un", log.proposal(seconds=SECONDS - 1), ["estimate.too-short"]),
        ("un", log.proposal(seconds=SECONDS + 366 * 86_400 + 1), ["estimate.too-long"]),
        ("un", replace(log.proposal(), series=""), ["act.malformed"]),
        ("un", replace(log.proposal(), series="A\u202eB"), ["act.malformed"]),
        ("un", replace(log.proposal(), series="=1+1"), ["act.malformed"]),
        ("un", replace(log.proposal(), period="2020 "), ["act.malformed"]),
        ("un", replace(log.proposal(), period="2" * 65), ["act.malformed"]),
        ("un", replace(log.proposal(), method="abc"), ["act.malformed"]),
    ):
        assert codes == log.refused(actor, body), body
    log.say("m1", KeyRevoked(purpose="box", key=log.state.actors["m1"].box))
    assert ["estimate.box"] == log.refused("un", log.proposal())


def test_whoever_has_as_much_to_settle_as_one_may_settles_first(
    log: Estimates, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of one country, and of all; an answer does not end it, a settlement does, and others are not bound by it."""
    monkeypatch.setattr(rules, "OPEN", 2)
    monkeypatch.setattr(rules, "OVERALL", 3)
    first, _ = [log.propose(draft(f"{i}")) for i in (1, 2)]
    log.say("m1", log.answered(first, "accepted"))
    assert ["estimate.too-many"] == log.refused("un", log.proposal(DRAFT))
    other = log.propose(DRAFT, member="m2")
    assert ["estimate.too-many"] == log.refused("un", log.proposal(OTHER, member="m2"))
    assert [] == log.refused("who", log.proposal(OTHER, member="m2"))
    log.say("un", log.settled(first, "withheld"))
    assert [] == log.refused("un", log.proposal(OTHER))
    assert [] == log.refused("un", log.proposal(OTHER, member="m2"))
    log.say("m2", log.answered(other, "accepted"))
    log.say("un", log.settled(other, "withheld"))
    assert (1, ()) == (log.state.unsettled_by["un"], log.state.unsettled["un", "m2"])
    assert fold.replay(log.leaves) == log.state


def test_a_country_is_told_what_waits_for_it_and_nothing_else(log: Estimates) -> None:
    refs = [log.propose(draft(f"{i}"), member=member) for i, member in enumerate(("m1", "m2", "m1", "m1"))]
    log.say("m1", log.answered(refs[2], "accepted"))
    log.say("un", log.settled(refs[2], "withheld"))
    waits = [facts.ref for facts in queries.waiting(log.state, "m1")]
    assert [refs[0], refs[3]] == waits
    log.tick()
    log.tick(log.facts(refs[0]).deadline + 1)
    assert () == queries.waiting(log.state, "m1")


def test_a_box_is_named_once_for_one_addressee_and_is_never_public_before(log: Estimates) -> None:
    value = log.sealed(DRAFT, "un", "m1")
    log.say("un", log.proposal(value=value))
    assert ["act.repeated"] == log.refused("who", log.proposal(member="m2", value=value))
    motion = log.motion("study", b"{}")
    log.say("m3", Comment(motion=motion, text=blob(b"seen before"), language="en"))
    assert ["act.repeated"] == log.refused("un", log.proposal(value=replace(value, box=blob(b"seen before"))))
    for size in (0, 64 * 1024 + 1):
        box = Blob(digest=canon.digest(b"new"), size=size)
        assert ["act.too-large"] == log.refused("un", log.proposal(value=Sealed(draft=DRAFT.digest, box=box)))


def test_the_country_alone_answers_once_and_in_time(log: Estimates) -> None:
    ref = log.propose(DRAFT)
    for actor in ("m2", "un"):
        assert ["act.signer"] == log.refused(actor, log.answered(ref, "accepted"))
    missing = replace(log.answered(ref, "accepted"), estimate=Ref(index=ref.index, digest=canon.digest(b"")))
    assert ["act.unknown-thing"] == log.refused("m1", missing)
    log.say("m1", log.answered(ref, "accepted"))
    assert ["act.repeated"] == log.refused("m1", log.answered(ref, "objected", "legal"))
    late = log.propose(OTHER)
    log.tick()
    log.tick(log.facts(late).deadline + 1)
    assert ["act.closed"] == log.refused("m1", log.answered(late, "accepted"))


def test_an_answer_holds_what_it_must_and_no_more(log: Estimates) -> None:
    ref = log.propose(DRAFT)
    wrong = [
        log.answered(ref, "objected"),
        log.answered(ref, "accepted", "legal"),
        log.answered(ref, "replaced"),
        log.answered(ref, "accepted", counter=COUNTER),
        log.answered(ref, "accepted-with-note", counter=COUNTER, note=b"a note"),
        log.answered(ref, "accepted-with-note"),
        log.answered(ref, "accepted", note=b"a note"),
        log.answered(ref, "objected", "newer-data", "legal"),
        log.answered(ref, "objected", "legal", "legal"),
        replace(log.answered(ref, "objected"), reasons=(Reason(code="policy.officer"),)),
        replace(log.answered(ref, "objected"), reasons=(Reason(code="objection.legal", params={"name": "x"}),)),
    ]
    for body in wrong:
        assert ["act.malformed"] == log.refused("m1", body), body
    right = [
        log.answered(ref, "accepted"),
        log.answered(ref, "accepted-with-note", note=b"a note"),
        log.answered(ref, "objected", "legal", "newer-data", note=b"a note"),
        log.answered(ref, "objected", "legal", counter=COUNTER),
        log.answered(ref, "replaced", counter=COUNTER),
    ]
    for body in right:
        assert [] == log.refused("m1", body), body


def test_a_counter_value_waits_for_a_custodian_that_can_open_it(log: Estimates) -> None:
    ref = log.propose(DRAFT, by="who")
    assert ["estimate.box"] == log.refused("m1", log.answered(ref, "replaced", counter=COUNTER))
    assert [] == log.refused("m1", log.answered(ref, "objected", "legal"))


def test_a_country_that_left_was_silent(log: Estimates) -> None:
    ref = log.propose(DRAFT)
    log.say("m1", Withdrawal(charter=canon.digest(canon.encode(log.charter))))
    assert ["act.not-standing"] == log.refused("m1", log.answered(ref, "accepted"))
    log.tick()
    log.tick(log.facts(ref).deadline + 1)
    assert [] == log.refused("un", log.settled(ref, "withheld"))


def test_only_the_very_record_that_was_shown_is_opened(log: Estimates) -> None:
    ref = log.propose(DRAFT)
    log.say("m1", log.answered(ref, "objected", "legal", counter=COUNTER))
    for opened, counter in ((OTHER, COUNTER), (DRAFT, OTHER), (COUNTER, DRAFT), (DRAFT, None), (None, COUNTER)):
        body = log.settled(ref, "side-by-side", opened=opened, counter=counter)
        assert {"estimate.settlement"} == set(log.refused("un", body))
    assert ["estimate.settlement"] == log.refused("un", log.settled(ref, "withheld", opened=DRAFT))
    assert ["act.signer"] == log.refused("who", log.settled(ref, "withheld"))
    log.say("un", log.settled(ref, "side-by-side", opened=DRAFT, counter=COUNTER))
    assert ["act.repeated"] == log.refused("un", log.settled(ref, "withheld"))


@pytest.mark.parametrize(("silence", "wanted"), [("objected", "objected"), ("accepted", "accepted")])
def test_silence_counts_as_the_charter_has_it(silence: Silence, wanted: str) -> None:
    log = founded(silence).copy()
    ref = log.propose(DRAFT)
    log.tick()
    assert ["estimate.early"] == log.refused("un", log.settled(ref, "withheld"))
    log.tick(log.facts(ref).deadline + 1)
    assert ALLOWED[wanted] == queries.may_settle(log.state, log.facts(ref))


def test_an_amendment_changes_no_silence_whose_time_has_begun() -> None:
    """Neither one that is over nor one that is to come; only what a tick begins later is under the new article."""
    log = founded("objected").copy()
    past = log.propose(DRAFT)
    log.tick()
    log.tick(log.facts(past).deadline + 1)
    running = log.propose(OTHER)
    log.adopt("charter", Terms(charter=Amendment(rules={}, silence="accepted")))
    later = log.propose(draft("12.7"))
    log.tick()
    log.tick(log.facts(later).deadline + 1)
    for ref, wanted in ((past, "objected"), (running, "objected"), (later, "accepted")):
        assert "silent" == queries.estimate_stage(log.state, log.facts(ref))
        assert ALLOWED[wanted] == queries.may_settle(log.state, log.facts(ref))


def _suspend(log: Estimates) -> None:
    log.adopt("suspension", log.parties["m1"], name="m1")


def _withdraw(log: Estimates) -> None:
    log.withdraw("m1")


def _lose_key(log: Estimates) -> None:
    log.say("m1", KeyRevoked(purpose="sign", key=log.parties["m1"].keys.sign))


@pytest.mark.parametrize("leave", [_suspend, _withdraw, _lose_key])
def test_a_country_out_of_good_standing_at_its_deadline_accepted_nothing(leave: Callable[[Estimates], None]) -> None:
    """Also where silence is acceptance. What it let pass while it was in stays silence, whatever becomes of it."""
    log = founded("accepted").copy()
    before = log.propose(DRAFT)
    log.tick()
    log.tick(log.facts(before).deadline + 1)
    ref = log.say("un", log.proposal(OTHER, seconds=1000))
    log.tick()
    leave(log)
    assert [] != log.refused("m1", log.answered(ref, "objected", "legal"))
    log.tick(log.facts(ref).deadline)
    assert not log.facts(ref).absent
    log.tick(log.facts(ref).deadline + 1)
    assert ALLOWED["objected"] == queries.may_settle(log.state, log.facts(ref))
    assert ALLOWED["accepted"] == queries.may_settle(log.state, log.facts(before))
    assert ["estimate.settlement"] == log.refused("un", log.settled(ref, "published", opened=OTHER))
    assert worded.follows(explain.one(log.leaves, ref.index, log.state))[0].startswith(
        "It was met with silence: m1 was out of good standing when its time was over at "
    )
    assert fold.replay(log.leaves) == log.state


def test_a_country_that_came_back_in_time_may_answer_and_is_silent_if_it_does_not() -> None:
    log = founded("accepted").copied()
    ref = log.say("un", log.proposal(DRAFT, seconds=1000))
    log.tick()
    log.say("m1", KeyRevoked(purpose="sign", key=log.parties["m1"].keys.sign))
    log.tick()
    log.recover("m1")
    assert [] == log.refused("m1", log.answered(ref, "accepted"))
    log.tick(log.facts(ref).deadline + 1)
    assert ALLOWED["accepted"] == queries.may_settle(log.state, log.facts(ref))


@pytest.mark.parametrize("answer", ALLOWED)
def test_a_settlement_is_one_that_the_answer_allows(log: Estimates, answer: str) -> None:
    ref = log.propose(DRAFT)
    _answer(log, ref, answer)
    for outcome in get_args(Settlement):
        allowed = outcome in ALLOWED[answer]
        assert allowed == (outcome in queries.may_settle(log.state, log.facts(ref)))
        assert allowed == (log.refused("un", _settlement(log, ref, outcome)) == []), outcome


ANSWERS = st.sampled_from(sorted(ALLOWED))
ACTS = st.one_of(
    st.tuples(st.just("answer"), st.sampled_from(["m1", "m2", "un"]), ANSWERS),
    st.tuples(st.just("settle"), st.sampled_from(["un", "who", "m1"]), st.sampled_from(get_args(Settlement))),
    st.tuples(st.just("tick"), st.just(""), st.sampled_from([1, 60, SECONDS, SECONDS + 1])),
)


@given(st.lists(ACTS, max_size=7), st.sampled_from(get_args(Silence)))
@settings(max_examples=60)
def test_whatever_is_said_in_whatever_order_only_the_paths_of_the_table_have_effect(
    said: list[tuple[str, str, Any]], silence: Silence
) -> None:
    """A machine of its own goes along: it knows the table, the deadline by its own sum, and nothing of the code."""
    log = founded(silence).copy()
    ref = log.propose(DRAFT)
    answered, ended, ends = "", "", None  # what the country said, how it was settled, and when its time is over
    for verb, actor, what in said:
        if verb == "tick":
            log.tick(log.time + what)
            ends = log.time + SECONDS if ends is None else ends
            continue
        over = ends is not None and log.time > ends
        if verb == "answer":
            expected = actor == "m1" and not answered and not over
            reasons = log.smuggle(log.leaf(actor, _answered(log, ref, what)))
            answered = what if expected else answered
        else:
            counted = answered or (silence if over else "")
            expected = actor == "un" and not ended and bool(counted) and what in ALLOWED[counted]
            reasons = log.smuggle(log.leaf(actor, _settlement(log, ref, what)))
            ended = what if expected else ended
        assert expected == (not reasons), (verb, actor, what, reasons)
    facts = log.facts(ref)
    assert (answered.removesuffix(" with a value") or None) == (facts.answer.answer if facts.answer else None)
    assert (ended or None) == (facts.settled.outcome if facts.settled else None)
    assert fold.replay(log.leaves) == log.state


@given(st.lists(st.tuples(st.sampled_from(["m1", "m2"]), st.sampled_from(["", *ALLOWED]), st.booleans()), max_size=5))
@settings(max_examples=25)
def test_counts_add_up_to_the_estimates_in_the_log(said: list[tuple[str, str, bool]]) -> None:
    log = founded().copy()
    refs = [log.propose(draft(f"{place}.5"), member=member) for place, (member, _, _) in enumerate(said)]
    for ref, (_, answer, settled) in zip(refs, said, strict=True):
        if answer:
            _answer(log, ref, answer)
            if settled:
                log.say("un", log.settled(ref, "withheld"))
    log.tick()
    found = estimates.counts(log.state)
    assert {("un", member) for member, _, _ in said} == {(one.custodian, one.member) for one in found}
    for one in found:
        mine = [(answer, settled) for member, answer, settled in said if member == one.member]
        assert len(mine) == one.proposed == sum(one.answers.values()) == sum(one.ends.values())
        for kind in get_args(Answer):
            assert sum(answer.removesuffix(" with a value") == kind for answer, _ in mine) == one.answers[kind]
        assert sum(not answer for answer, _ in mine) == one.answers["open"]
        assert sum(bool(answer) and settled for answer, settled in mine) == one.ends["withheld"]


def test_the_hub_asks_for_time_when_an_estimate_begins_and_when_its_time_is_over(log: Estimates) -> None:
    log.tick(log.time + 1000)
    ref = log.propose(DRAFT)
    assert clock.serves(log.state, log.state.size, log.time + 1)
    log.tick()
    ends = log.facts(ref).deadline
    assert ends + 1 == clock.next_deadline(log.state)
    assert (False, True) == tuple(clock.serves(log.state, log.state.size, time) for time in (ends, ends + 1))


def test_a_key_for_boxes_is_a_sound_one_that_nobody_named_before(log: Estimates) -> None:
    assert box_text(secret("m1").public) == log.state.actors["m1"].box
    sound = secret("another").public
    over = (3329).to_bytes(2, "little") + sound[2:]  # the first coefficient is no residue (FIPS 203, 7.2)
    wrong = {
        "named before": box_text(secret("m1").public),
        "a coefficient beyond q": box_text(over),
        "a point of small order": box_text(sound[:1184] + bytes(32)),
        "short": box_text(sound)[:-4],
        "another algorithm": "ed25519:" + box_text(sound).partition(":")[2],
        "Ed25519": log.parties["m1"].keys.sign,
    }
    for why, key in wrong.items():
        assert ["charter.keys"] == log.refused("m3", KeyRegistered(purpose="box", key=key)), why
    assert ["charter.keys"] == log.refused("m3", KeyRegistered(purpose="sign", key=box_text(sound)))
    log.say("m1", KeyRegistered(purpose="box", key=box_text(sound)))
    assert box_text(sound) == log.state.actors["m1"].box
    assert ["act.unknown-thing"] == log.refused("m1", KeyRevoked(purpose="box", key=box_text(secret("m1").public)))
    log.say("m1", KeyRevoked(purpose="box", key=box_text(sound)))
    assert ("box",) == log.state.actors["m1"].revoked


def test_before_the_first_tick_nothing_is_put_to_anyone() -> None:
    """Without a time the charter's least time could end in 1970."""
    early = founded().copy()
    early.state = early.state.having(time=0)
    assert ["estimate.too-short"] == early.refused("un", early.proposal(seconds=10**9))


def _answered(log: Estimates, ref: Ref, answer: str) -> Any:
    counter = COUNTER if answer in ("objected with a value", "replaced") else None
    codes = ("definition",) if answer.startswith("objected") else ()
    note = b"a note" if answer == "accepted-with-note" else None
    kind: Any = answer.removesuffix(" with a value")
    return log.answered(ref, kind, *codes, counter=counter, note=note)


def _answer(log: Estimates, ref: Ref, answer: str) -> None:
    log.say(log.facts(ref).member, _answered(log, ref, answer))


def _settlement(log: Estimates, ref: Ref, outcome: Settlement) -> EstimateSettled:
    opened = DRAFT if outcome in ("published", "side-by-side") else None
    counter = COUNTER if outcome in ("country-data", "side-by-side") else None
    return log.settled(ref, outcome, opened=opened, counter=counter)


def test_the_kinds_name_their_boxes_apart_from_public_bodies(log: Estimates) -> None:
    """So that no mirror asks for a box, and no door shows one."""
    ref = log.propose(DRAFT)
    log.say("m1", log.answered(ref, "objected", "legal", counter=COUNTER, note=b"a note"))
    facts = log.facts(ref)
    assert facts.answer is not None
    assert facts.answer.counter is not None
    boxes = {facts.value.box.digest: "m1", facts.answer.counter.box.digest: "un"}
    assert boxes == {name: addressee for name, (_, addressee, _) in log.state.boxes.items()}
    assert not boxes.keys() & set(log.state.bodies)
    assert canon.digest(b"a note") in log.state.bodies
    assert isinstance(log.proposal(), EstimateProposed)
