"""Who asks, answers, refuses and is silent: counts that add up to the log."""

from collections import Counter
from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.acts import statement
from comity.acts.audit import AuditAnswered, AuditRequested
from comity.acts.estimate import EstimateAnswered
from comity.acts.exchange import ExchangeRefused
from comity.acts.key import KeyRevoked
from comity.acts.release import ReleasePublished
from comity.acts.tick import Tick
from comity.assembly import queries
from comity.assembly.audits import Received
from comity.assembly.counts import Share
from comity.assembly.reciprocity import Account, Answers, reciprocity
from comity.canon import Digest
from comity.model.reason import Reason
from comity.tlog.note import Note
from tests.builders.assembly import FIGURES, Assembly, blob, naming, party, signer
from tests.builders.audits import Figured, answered
from tests.builders.estimates import SECONDS, Estimates, draft
from tests.builders.life import DEEDS, Deed, lived, summed_without_the_last

deeds = st.lists(st.tuples(st.integers(0, DEEDS - 1), st.integers(0, 6), st.integers(0, 60)), min_size=20, max_size=60)


def accounts(assembly: Assembly, periods: dict[Digest, list[str]] | None = None) -> dict[str, Account]:
    told = reciprocity(assembly.state, assembly.leaves, periods)
    return {one.id: one for one in told.accounts}


@settings(max_examples=25)
@given(deeds)
def test_the_acts_of_all_and_the_breaches_are_the_leaves_of_the_log(done: list[Deed]) -> None:
    """Read leaf by leaf by the statement's own words, kind by kind and actor by actor."""
    assembly = lived(done)
    told = reciprocity(assembly.state, assembly.leaves)
    breached = {breach.index for breach in assembly.state.breaches}
    expected = Counter[tuple[str, str]]()
    for index, leaf in enumerate(assembly.leaves):
        if index not in breached:
            act = statement.read(leaf).act
            expected[act.actor, act.kind] += 1
    found = {(one.id, kind): count for one in told.accounts for kind, count in one.acts}
    found |= {("hub", kind): count for kind, count in told.hub.acts}
    assert dict(expected) == found
    assert Share(len(breached), len(assembly.leaves)) == told.hub.breaches
    assert len(assembly.leaves) == sum(found.values()) + told.hub.breaches.count


@settings(max_examples=25)
@given(deeds)
def test_every_question_put_to_somebody_had_one_end(done: list[Deed]) -> None:
    """What is asked is consented, refused, taken back or met with silence; refusals and motions are all somebody's."""
    assembly = lived(done)
    state = assembly.state
    told = reciprocity(state, assembly.leaves).accounts
    for one in told:
        answers = one.answers
        assert answers.asked == answers.consented + answers.refused + answers.taken_back + answers.silent
    silent = Counter(id for study, period in state.asked for id in queries.silent(state, study, period))
    assert {id: count for id, count in silent.items() if count} == {
        one.id: one.answers.silent for one in told if one.answers.silent
    }
    assert Counter(r.code for refusal in state.refusals.values() for r in refusal.reasons) == sum(
        (Counter(dict(one.answers.codes)) for one in told), Counter[str]()
    )
    studies = [motion.mover for motion in state.motions.values() if motion.matter == "study"]
    assert {one.id: Share(studies.count(one.id), len(studies)) for one in told} == {
        one.id: one.studies_moved for one in told
    }


def test_consents_refusals_silence_and_a_consent_taken_back() -> None:
    assembly = Assembly(5)
    study = assembly.adopt("study", b"{}")
    assembly.national(assembly.consent("m1", study, national=True, sealed=None))
    assembly.refuse("m2", study, Reason(code="policy.officer"), Reason(code="policy.no-source"))
    assembly.revoke(assembly.consent("m3", study))
    assembly.consent("m4", study)
    found = accounts(assembly)
    assert Answers(consented=1, asked=1, answered=1) == found["m1"].answers
    assert Answers(refused=1, asked=1, codes=(("policy.no-source", 1), ("policy.officer", 1))) == found["m2"].answers
    assert Answers(taken_back=1, asked=1) == found["m3"].answers
    assert Answers(consented=1, asked=1) == found["m4"].answers
    assert Answers(silent=1, asked=1) == found["m5"].answers
    assert (Share(1, 1), Share(0, 1)) == (found["m1"].studies_moved, found["m2"].studies_moved)


def test_a_period_that_nobody_spoke_of_is_asked_if_the_studys_text_lists_it() -> None:
    assembly = Assembly(4)
    study = assembly.adopt("study", b"{}")
    assembly.refuse("m1", study, period="1")
    assert 1 == accounts(assembly)["m2"].answers.asked
    found = accounts(assembly, {study: ["1", "2", "3"]})
    assert (3, 1, 2) == (found["m1"].answers.asked, found["m1"].answers.refused, found["m1"].answers.silent)
    assert (3, 3) == (found["m2"].answers.asked, found["m2"].answers.silent)


def test_the_sum_the_releases_and_who_left_the_exchange() -> None:
    """Six on the roster: m6 leaves after the shares, m5 answers and is in the sum, m1 to m4 as well."""
    assembly = Assembly(6)
    study = assembly.adopt("study", b"{}")
    for member in assembly.members:
        assembly.consent(member, study)
    exchange = assembly.open(study)
    for member in assembly.members:
        assembly.shares(exchange, member)
    assembly.shared(exchange)
    left = ExchangeRefused(exchange=exchange, step="answer", reason=Reason(code="seal.late"), blames=())
    assembly.say("m6", left)
    for member in assembly.members[:5]:
        assembly.answer(exchange, member)
    assembly.survivors(exchange)
    for member in assembly.members[:5]:
        assembly.unmask(exchange, member)
    closed = assembly.close(exchange)
    release = ReleasePublished(release=blob(b"r"), figures=FIGURES, inputs=(closed.index,), replaces=None, reason=None)
    assembly.say("hub", release)
    found = accounts(assembly)
    assert Answers(consented=1, asked=1, answered=1, summed=Share(1, 1)) == found["m5"].answers
    assert Answers(consented=1, asked=1, summed=Share(0, 1)) == found["m6"].answers
    assert [Share(0, 1), Share(1, 1)] == [found["m5"].left, found["m6"].left]
    assert Share(0, 1) == found["m1"].releases
    hub = reciprocity(assembly.state, assembly.leaves).hub
    assert (1, 1, (), Share(1, 1)) == (hub.exchanges, hub.sums, hub.failed, hub.releases)


def test_who_joins_after_the_sum_was_opened_was_not_asked() -> None:
    assembly = Assembly(4)
    study = assembly.adopt("study", b"{}")
    assembly.run(study)
    newcomer = party("m9")
    assembly.adopt("member", newcomer, name="m9")
    assembly.join(newcomer)
    assert ("m9",) == queries.silent(assembly.state, study, "1")
    assert 0 == accounts(assembly)["m9"].answers.asked
    assert 1 == accounts(assembly, {study: ["2"]})["m9"].answers.silent


def test_who_answered_need_not_be_in_the_sum() -> None:
    assembly = Assembly(5)
    summed_without_the_last(assembly, assembly.adopt("study", b"{}"))
    found = accounts(assembly)
    assert Answers(consented=1, asked=1, answered=1, summed=Share(1, 1)) == found["m4"].answers
    assert Answers(consented=1, asked=1, answered=1, summed=Share(0, 1)) == found["m5"].answers


def test_who_joins_after_a_study_was_replaced_was_not_asked_by_the_old_one() -> None:
    assembly = Assembly(4)
    old = assembly.adopt("study", b"1")
    assembly.refuse("m1", old)
    moved = next(iter(assembly.state.motions.values())).ref
    assembly.adopt("study", b"2", replaces=moved)
    newcomer = party("m9")
    assembly.adopt("member", newcomer, name="m9")
    assembly.join(newcomer)
    found = accounts(assembly)
    assert (1, 0) == (found["m2"].answers.silent, found["m9"].answers.asked)


def test_cosignatures_are_counted_by_the_keys_of_their_time() -> None:
    """4 ticks: m4 misses one, changes its key, and cosigns again; m1 by a key it has no more is not counted."""
    assembly = Assembly(5, witnesses=["m1", "m2", "m3", "m4"])
    say = assembly.say
    say("hub", Tick(checkpoint=assembly.cosigned(assembly.time + 10, by=["m1", "m2", "m3"])))
    new = signer("m4", "another witness")
    say("m4", naming("m4", "witness", new))
    assembly.signers["m4", "witness"] = new
    assembly.tick()
    say("m1", KeyRevoked(purpose="witness", key=assembly.parties["m1"].keys.witness))
    assembly.tick()
    found = accounts(assembly)
    expected = {"m1": Share(3, 4), "m2": Share(4, 4), "m3": Share(4, 4), "m4": Share(3, 4), "m5": None}
    assert expected == {id: one.cosigned for id, one in found.items()}


def test_what_stands_against_the_rules_is_the_hubs_and_nobody_elses() -> None:
    assembly = Assembly(3)
    before = accounts(assembly)
    forged = assembly.leaf(
        "m1", statement.KINDS["withdrawal"](charter=assembly.state.charter_digest), by=signer("x", "y")
    )
    assembly.smuggle(forged)
    assembly.smuggle(b"nonsense")
    told = reciprocity(assembly.state, assembly.leaves)
    assert before == {one.id: one for one in told.accounts}
    assert Share(2, len(assembly.leaves)) == told.hub.breaches
    assert (("act.malformed", 1), ("act.signer", 1)) == told.hub.against


@pytest.mark.parametrize("ready", [True, False])
def test_a_founder_yet_to_accede_has_an_account(*, ready: bool) -> None:
    """By id, and with what it said: the convenor's charter is an act of its."""
    assembly = Assembly(3, ready=ready)
    told = reciprocity(assembly.state, assembly.leaves).accounts
    assert ["m1", "m2", "m3"] == [one.id for one in told]
    assert [ready] * 3 == [one.acceded for one in told]
    assert ("charter", 1) in told[0].acts


@lru_cache
def figured() -> Figured:
    return Figured()


audited = st.lists(
    st.tuples(
        st.sampled_from(["ask", "ask", "answer", "refuse", "answer", "tick", "later"]),
        st.sampled_from(["m1", "m2", "m3", "m4", "m5", "hub", "maps"]),
        st.sampled_from(["m1", "m2", "m3", "m4", "hub"]),
        st.integers(0, 3),
    ),
    max_size=25,
)


@settings(max_examples=40)
@given(audited)
def test_every_request_for_an_audit_had_one_end(done: list[tuple[str, str, str, int]]) -> None:
    """Counted a second time from the acts alone: who asked whom, which tick first held it, and what came by when."""
    log = figured().copied()
    codes = ("audit.law", "audit.burden")
    for what, actor, other, which in done:
        about = log.joint if which % 2 else log.own
        audits = list(log.state.audits.values())
        match what:
            case "ask":
                log.smuggle(log.leaf(actor, log.asks(release=about, asked=other, figure=which // 2)))
            case "answer" | "refuse" if audits:
                reasons = tuple(Reason(code=code) for code in codes[: 1 + which % 2]) if what == "refuse" else ()
                chosen = audits[which % len(audits)]
                said = answered(chosen.ref, *reasons, evidence=0 if reasons else 1)
                log.smuggle(log.leaf(chosen.asked if which else actor, said))
            case "tick":
                log.tick()
            case "later":
                log.tick(log.time + log.charter.audit_seconds + which)
    told = reciprocity(log.state, log.leaves)
    found = {one.id: one.audits for one in told.accounts} | {"hub": told.hub.audits}
    expected, asked_by = second_count(log)
    assert {id: one for id, one in found.items() if one.asked} == expected
    assert {one.id: one.audits_moved for one in told.accounts} == {
        one.id: Share(asked_by[one.id], asked_by.total()) for one in told.accounts
    }
    for one in found.values():
        assert one.asked == one.answered + one.refused + one.silent + one.open
        assert one.late <= one.silent


def second_count(log: Figured) -> tuple[dict[str, Received], Counter[str]]:
    """Requests by their ends, out of the leaves: no state is asked but which leaves have no effect."""
    breached = {breach.index for breach in log.state.breaches}
    acts = [(i, statement.read(leaf).act) for i, leaf in enumerate(log.leaves) if i not in breached]
    now, begun = 0, dict[int, int]()  # the time at each place; request -> time of the tick that first held it
    put: dict[int, tuple[str, str]] = {}
    ends: dict[int, str] = {}
    codes: dict[str, Counter[str]] = {}
    for index, act in acts:
        if isinstance(act.body, Tick):
            note = Note.parse(act.body.checkpoint)
            now = max(int.from_bytes(line.signature[:8], "big") for line in note.signatures[1:])  # all at one time
            size = int(note.text.splitlines()[1])
            begun |= {request: now for request in put if request < size and request not in begun}
        elif isinstance(act.body, AuditRequested):
            put[index] = (act.actor, act.body.asked)
        elif isinstance(act.body, AuditAnswered):
            request = act.body.audit.index
            late = request in begun and now > begun[request] + log.charter.audit_seconds
            ends[request] = "late" if late else act.body.answer
            codes.setdefault(act.actor, Counter()).update(reason.code for reason in act.body.reasons)
    over = {request for request, time in begun.items() if now > time + log.charter.audit_seconds}
    found = {}
    for id in {asked for _, asked in put.values()}:
        mine = [ends.get(request, "silent" if request in over else "open") for request in put if put[request][1] == id]
        found[id] = Received(
            answered=mine.count("answered"),
            refused=mine.count("refused"),
            silent=mine.count("silent") + mine.count("late"),
            open=mine.count("open"),
            asked=len(mine),
            late=mine.count("late"),
            codes=tuple(sorted(codes.get(id, Counter()).items())),
        )
    return found, Counter(asks for asks, _ in put.values())


def test_estimates_are_counted_for_the_country_and_for_the_custodian() -> None:
    """Three put to m1, one to m2: one accepted, one objected to and withheld, one open; m2's time is over."""
    log = Estimates()
    first, second = (log.propose(draft(value), member="m1") for value in ("1.5", "2.5"))
    log.propose(draft("4.5"), member="m2")
    log.tick()
    log.say("m1", EstimateAnswered(estimate=first, answer="accepted", reasons=(), counter=None, note=None))
    why = (Reason(code="objection.definition"),)
    log.say("m1", EstimateAnswered(estimate=second, answer="objected", reasons=why, counter=None, note=None))
    log.say("un", log.settled(second, "withheld"))
    log.tick(log.time + SECONDS + 1)
    log.propose(draft("3.5"), member="m1")
    found = accounts(log)
    one, two, agency = (found[id].estimates for id in ("m1", "m2", "un"))
    assert (3, (("open", 1), ("accepted", 1), ("objected", 1))) == (one.put, one.answers)
    assert (1, (("silent", 1),)) == (two.put, two.answers)
    assert (Share(4, 4), (("waits", 3), ("withheld", 1))) == (agency.proposed, agency.ends)
    assert (Share(0, 4), ()) == (one.proposed, one.ends)
