"""The family of estimates: who proposes, who answers, and which settlement the answer allows.

The country alone answers, once, and until its deadline has passed by a tick; then it was silent. Drafts and
counter-values are seen here by digest only: what is opened must be the very record whose digest was logged before, and
a box is named once, for one addressee. Whether a box holds the draft is known to its addressee alone.
"""

from dataclasses import replace
from typing import Any, Final

from comity.acts.estimate import EstimateAnswered, EstimateProposed, EstimateSettled, Sealed
from comity.acts.key import BOX
from comity.acts.refs import Blob
from comity.assembly import queries
from comity.assembly.facts import EstimateAnswer, EstimateFacts, Settled
from comity.assembly.history import History
from comity.assembly.rules.rule import MEMBERS, Entry, Rule, by_actor, found, no, unspelt, wait
from comity.assembly.state import State
from comity.assembly.witnesses import charter_of
from comity.canon import Digest
from comity.model.estimate import is_code
from comity.model.reason import Reason, ordered

CUSTODIANS: Final = frozenset({"custodian"})
LARGEST: Final = 64 * 1024  # bytes of a box
OPEN: Final = 256  # estimates of one custodian for one country that may be unsettled at the same time
OVERALL: Final = 8192  # the same, for all countries; a hub keeps a box or two of each
LONGEST: Final = 366 * 86_400  # seconds that a country may be given beyond the least time: its box is kept as long
OBJECTION: Final = "objection."
OPENS: Final = frozenset({"published", "side-by-side"})  # settlements that show the estimate
COUNTERS: Final = frozenset({"country-data", "side-by-side"})  # settlements that show the country's value


def against_proposed(state: State, entry: Entry[EstimateProposed]) -> list[Reason]:
    """No such member, no key to seal to, or less time to answer than the charter gives."""
    body = entry.body
    member = state.actors.get(body.member)
    if member is None or not member.standing:
        return [no("act.unknown-thing", what="member")]
    reasons = _against_sealed(state, body.value, body.member) + unspelt(*([body.method] if body.method else []))
    reasons += [no("act.malformed", what=what) for what in ("series", "period") if not is_code(getattr(body, what))]
    if not state.time or body.deadline < state.time + charter_of(state).estimate_seconds:
        reasons.append(no("estimate.too-short"))
    elif body.deadline > state.time + charter_of(state).estimate_seconds + LONGEST:
        reasons.append(no("estimate.too-long"))
    return reasons + _against_many(state, entry.actor, body.member)


def propose(state: State, entry: Entry[EstimateProposed]) -> State:
    """The country is asked; its box waits for it."""
    body, pair = entry.body, (entry.actor, entry.body.member)
    facts = EstimateFacts(
        ref=entry.ref,
        custodian=entry.actor,
        member=body.member,
        series=body.series,
        period=body.period,
        method=body.method,
        value=body.value,
        deadline=body.deadline,
        silence=charter_of(state).silence,
    )
    return state.having(
        estimates=state.estimates.set(entry.ref.index, facts),
        unsettled=state.unsettled.set(pair, (*state.unsettled.get(pair, ()), entry.ref.index)),
        unsettled_by=state.unsettled_by.set(entry.actor, state.unsettled_by.get(entry.actor, 0) + 1),
        boxes=_boxed(state, body.value, body.member, entry.ref.index),
    )


def against_answered(state: State, entry: Entry[EstimateAnswered]) -> list[Reason]:
    """Not the country's to answer, a second time or too late; or an answer without what it must hold."""
    body = entry.body
    facts = found(state.estimates, body.estimate, state.digests)
    if facts is None:
        return [no("act.unknown-thing", what="estimate")]
    if entry.actor != facts.member:
        return [no("act.signer", what="estimate")]
    if facts.answer is not None:
        return [no("act.repeated")]
    if not queries.may_answer(state, facts):
        return [no("act.closed", what="deadline")]
    flaws = {
        "reasons": not _are_objections(body),
        "counter": not _may_counter(body),
        "note": (body.note is not None) != (body.answer == "accepted-with-note") and body.answer.startswith("accepted"),
    }
    reasons = [no("act.malformed", what=what) for what, wrong in flaws.items() if wrong]
    return reasons + (_against_sealed(state, body.counter, facts.custodian) if body.counter else [])


def answer(state: State, entry: Entry[EstimateAnswered]) -> State:
    """The country has spoken, once and for all."""
    body, index = entry.body, entry.body.estimate.index
    facts = state.estimates[index]
    said = EstimateAnswer(ref=entry.ref, answer=body.answer, reasons=body.reasons, counter=body.counter, note=body.note)
    return state.having(
        estimates=state.estimates.set(index, replace(facts, answer=said)),
        boxes=_boxed(state, body.counter, facts.custodian, index) if body.counter else state.boxes,
    )


def against_settled(state: State, entry: Entry[EstimateSettled]) -> list[Reason]:
    """Not the custodian's, a second time, too early, none that the answer allows, or another value than was shown."""
    body = entry.body
    facts = found(state.estimates, body.estimate, state.digests)
    if facts is None:
        return [no("act.unknown-thing", what="estimate")]
    if entry.actor != facts.custodian:
        return [no("act.signer", what="estimate")]
    if facts.settled is not None:
        return [no("act.repeated")]
    if queries.estimate_stage(state, facts) == "open":
        return [no("estimate.early")]
    if body.outcome not in queries.may_settle(state, facts):
        return [no("estimate.settlement", outcome=body.outcome)]
    counter = facts.answer.counter if facts.answer else None
    shown = {
        "opened": _shows(body.opened, facts.value if body.outcome in OPENS else None),
        "counter": _shows(body.counter, counter if body.outcome in COUNTERS else None),
    }
    return [no("estimate.settlement", what=what) for what, same in shown.items() if not same]


def settle(state: State, entry: Entry[EstimateSettled]) -> State:
    """The estimate has ended; what is opened is public from here on."""
    body, index = entry.body, entry.body.estimate.index
    settled = Settled(ref=entry.ref, outcome=body.outcome, opened=body.opened, counter=body.counter, time=state.time)
    facts = replace(state.estimates[index], settled=settled)
    pair = (facts.custodian, facts.member)
    return state.having(
        estimates=state.estimates.set(index, facts),
        unsettled=state.unsettled.set(pair, tuple(other for other in state.unsettled[pair] if other != index)),
        unsettled_by=state.unsettled_by.set(facts.custodian, state.unsettled_by[facts.custodian] - 1),
    )


def told(state: State, since: int, size: int) -> State:
    """Behind a tick whose checkpoint has this size, the last one's `since`: time to answer begins, by `State.time`."""
    least, silence = state.time + charter_of(state).estimate_seconds, charter_of(state).silence
    for index in range(since, size):
        facts = state.estimates.get(index)
        if facts is not None and facts.answer is None:
            facts = replace(facts, opened=state.time, deadline=max(facts.deadline, least), silence=silence)
            state = wait(state, facts.deadline + 1).having(estimates=state.estimates.set(index, facts))
    return state


def over(state: State, time: int) -> State:
    """At a time that is to be told: whose time ends by it without an answer, while its country is not in good standing.

    Whether that comes back later, or leaves later, is nothing to this estimate.
    """
    if state.deadlines.first is None or state.deadlines.first > time:
        return state
    gone = [pair for pair in state.unsettled if not state.actors[pair[1]].standing]
    for index in (index for pair in gone for index in state.unsettled[pair]):
        facts = state.estimates[index]
        if queries.may_answer(state, facts) and facts.opened is not None and facts.deadline < time:
            state = state.having(estimates=state.estimates.set(index, replace(facts, absent=True)))
    return state


def _against_many(state: State, custodian: str, member: str) -> list[Reason]:
    """Whoever has so much to settle settles first."""
    if len(state.unsettled.get((custodian, member), ())) >= OPEN:
        return [no("estimate.too-many", most=str(OPEN))]
    return [no("estimate.too-many", most=str(OVERALL))] if state.unsettled_by.get(custodian, 0) >= OVERALL else []


def _are_objections(body: EstimateAnswered) -> bool:
    """At least one reason of the family if it is an objection, none if not; sorted, and each once."""
    of_family = all(reason.code.startswith(OBJECTION) and not reason.params for reason in body.reasons)
    return of_family and bool(body.reasons) == (body.answer == "objected") and body.reasons == ordered([*body.reasons])


def _may_counter(body: EstimateAnswered) -> bool:
    """National data take the estimate's place, or stand beside an objection; whoever accepts has none."""
    return body.counter is not None if body.answer == "replaced" else body.counter is None or body.answer == "objected"


def _against_sealed(state: State, value: Sealed, addressee: str) -> list[Reason]:
    """A digest that is none, a box that somebody named before, that is too large, or that nobody could seal."""
    reasons = unspelt(value.draft)
    if not 0 < value.box.size <= LARGEST:
        reasons.append(no("act.too-large", what="box"))
    if value.box.digest in state.boxes or value.box.digest in state.bodies:
        reasons.append(no("act.repeated", what="box"))
    actor = state.actors.get(addressee)
    if actor is None or not actor.box or BOX in actor.revoked:
        reasons.append(no("estimate.box"))
    return reasons


def _boxed(state: State, value: Sealed, addressee: str, estimate: int) -> History[Digest, tuple[int, str, int]]:
    return state.boxes.set(value.box.digest, (value.box.size, addressee, estimate))


def _shows(opened: Blob | None, value: Sealed | None) -> bool:
    """Whether a settlement opens the very record that was sealed, or nothing where nothing is to be opened."""
    shown: Digest | None = opened.digest if opened else None
    return shown == (value.draft if value else None)


RULES: dict[type[Any], Rule] = {
    EstimateProposed: Rule(signer=by_actor, roles=CUSTODIANS, against=against_proposed, effect=propose),
    EstimateAnswered: Rule(signer=by_actor, roles=MEMBERS, against=against_answered, effect=answer),
    EstimateSettled: Rule(signer=by_actor, roles=CUSTODIANS, against=against_settled, effect=settle),
}
