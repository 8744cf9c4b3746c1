"""The family of audits: a member asks whoever answers for a figure, and that one answers, once.

A request waits for the charter's time, which begins with the first tick that holds it. Whether it was met in silence
follows from the last tick, and is nobody's to say (`assembly.audits`). An answer after the deadline is taken all the
same: late is better than never, and is told as late. What evidence shows is for people to judge.
"""

from dataclasses import replace
from typing import Any, Final

from comity.acts.audit import AuditAnswered, AuditRequested
from comity.assembly import audits
from comity.assembly.facts import AuditAnswer, AuditFacts, ReleaseFacts
from comity.assembly.rules.rule import (
    MEMBERS,
    PRODUCERS,
    Entry,
    Rule,
    by_actor,
    by_publisher,
    found,
    no,
    untagged,
    wait,
)
from comity.assembly.state import State
from comity.assembly.witnesses import charter_of
from comity.model.member import HUB
from comity.model.reason import Reason

OPEN: Final = 32  # requests of one actor to one other that may wait for an answer at the same time
EVIDENCE: Final = 16  # bodies of one answer
REFUSALS: Final = "audit"  # the family of codes by which a request is refused


def against_requested(state: State, entry: Entry[AuditRequested]) -> list[Reason]:
    """A figure that was never published, one who does not answer for it, the same once more, or too many at once.

    Whoever takes a release back answers for it all the same: so nobody escapes a question about what was published.
    """
    body = entry.body
    reasons = untagged(body.language)
    if body.text.size < 1:
        reasons.append(no("act.malformed", what="text"))
    if state.time == 0:
        reasons.append(no("act.unknown-thing", what="tick"))
    release = found(state.releases, body.release, state.digests)
    if release is None:
        return [*reasons, no("act.unknown-thing", what="release")]
    if not 0 <= body.figure < release.figures.count:
        reasons.append(no("act.unknown-thing", what="figure"))
    return reasons + _against_asked(state, entry, release)


def request(state: State, entry: Entry[AuditRequested]) -> State:
    """The request waits for its answer."""
    body, index, pair = entry.body, entry.ref.index, (entry.actor, entry.body.asked)
    facts = AuditFacts(
        ref=entry.ref,
        asks=entry.actor,
        asked=body.asked,
        release=body.release,
        figure=body.figure,
        text=body.text,
        language=body.language,
        deadline=state.time + charter_of(state).audit_seconds,
    )
    asking = state.asking.set(pair, (*state.asking.get(pair, ()), index))
    return state.having(audits=state.audits.set(index, facts), asking=asking)


def against_answered(state: State, entry: Entry[AuditAnswered]) -> list[Reason]:
    """No request, another's, one that is answered; a refusal without a code, or an answer without evidence."""
    body = entry.body
    audit = found(state.audits, body.audit, state.digests)
    if audit is None:
        return [no("act.unknown-thing", what="audit")]
    reasons = _against_answerer(audit, entry.actor)
    if audit.answer is not None:
        reasons.append(no("act.repeated"))
    families = {reason.code.partition(".")[0] for reason in body.reasons}
    if families != ({REFUSALS} if body.answer == "refused" else set()) or len(body.reasons) > len(set(body.reasons)):
        reasons.append(no("act.malformed", what="reasons"))
    most = 0 if body.answer == "refused" else EVIDENCE
    if not min(most, 1) <= len(body.evidence) <= most:
        reasons.append(no("act.malformed", what="evidence"))
    return reasons


def answer(state: State, entry: Entry[AuditAnswered]) -> State:
    """The request is answered, at the time that the last tick told."""
    body, index = entry.body, entry.body.audit.index
    audit = state.audits[index]
    said = AuditAnswer(ref=entry.ref, answer=body.answer, reasons=body.reasons, evidence=body.evidence, time=state.time)
    pair = (audit.asks, audit.asked)
    left = tuple(other for other in state.asking.get(pair, ()) if other != index)
    return state.having(
        audits=state.audits.set(index, replace(audit, answer=said)), asking=state.asking.set(pair, left)
    )


def told(state: State, since: int, size: int) -> State:
    """Behind a tick whose checkpoint has this size, the last one's `since`: time to answer begins, by `State.time`."""
    for index in range(since, size):
        if index in state.audits:
            deadline = state.time + charter_of(state).audit_seconds
            facts = replace(state.audits[index], opened=state.time, deadline=deadline)
            state = wait(state, deadline + 1).having(audits=state.audits.set(index, facts))
    return state


def _against_asked(state: State, entry: Entry[AuditRequested], release: ReleaseFacts) -> list[Reason]:
    """Oneself, one who does not answer for the release or cannot answer any more, or one who is asked already."""
    body = entry.body
    asked = state.actors.get(body.asked)
    if body.asked == entry.actor:
        return [no("act.malformed", what="asked")]
    gone = body.asked != HUB and (asked is None or asked.until is not None)
    if gone or body.asked not in audits.accountable(state, release):
        return [no("act.unknown-thing", what="asked")]
    waiting = [state.audits[index] for index in state.asking.get((entry.actor, body.asked), ())]
    if any((one.release, one.figure) == (body.release, body.figure) for one in waiting):
        return [no("act.repeated")]
    return [no("audit.too-many", most=str(OPEN))] if len(waiting) >= OPEN else []


def _against_answerer(audit: AuditFacts, actor: str) -> list[Reason]:
    """Only who was asked answers."""
    return [] if actor == audit.asked else [no("act.signer", asked=audit.asked)]


RULES: dict[type[Any], Rule] = {
    AuditRequested: Rule(signer=by_actor, roles=MEMBERS, against=against_requested, effect=request),
    AuditAnswered: Rule(signer=by_publisher, roles=PRODUCERS, against=against_answered, effect=answer),
}
