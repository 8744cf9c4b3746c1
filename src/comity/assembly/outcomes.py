"""What followed from an act that has effect: decided, used, answered, replaced, or taken back since, and by which leaf.

Asked of the newest state, so the same leaf has more outcomes as the log grows. An act from which nothing can follow
has none; an act that still waits says so.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from comity.acts.audit import AuditAnswered, AuditRequested
from comity.acts.charter import Accession, Charter, Succession
from comity.acts.consent import ConsentGiven, ConsentRefused
from comity.acts.estimate import EstimateAnswered, EstimateProposed
from comity.acts.exchange import (
    Answer,
    ExchangeClosed,
    ExchangeOpened,
    ExchangeRefused,
    ExchangeShared,
    ExchangeSurvivors,
    Shares,
    Unmask,
)
from comity.acts.key import KeyRegistered, KeyRevoked, Recovery
from comity.acts.motion import Comment, CommentAnswered, Motion, Reservation, Vote
from comity.acts.refs import Ref
from comity.acts.release import ReleaseAnnounced, ReleasePublished
from comity.acts.statement import Act
from comity.acts.tick import Tick
from comity.assembly import audits, queries
from comity.assembly.accounts import Moment, Term
from comity.assembly.facts import ExchangeFacts, MotionFacts
from comity.assembly.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One thing that followed, as a code that is worded, with the names that the sentence needs."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A log as far as it is known.

    now: its newest state.
    before: the state before the leaf at a place.
    later: acts behind the leaf that is told, which have effect, with their places.
    """

    now: State
    before: Callable[[int], State]
    later: Callable[[], Iterable[tuple[int, Act]]]


def of(act: Act, index: int, log: Known) -> tuple[Outcome, ...]:
    """All that followed from the effective leaf `index`, as far as the log is known."""
    find = OUTCOMES.get(type(act.body))
    return tuple(find(act, index, log)) if find else ()


def _charter(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    body: Any = act.body
    joined = sum(party.id in log.now.actors for party in body.founders)
    yield Outcome(code="charter.joined", params={"joined": joined, "founders": len(body.founders)})


def _accession(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    actor = log.now.actors.get(act.actor)
    if actor is not None and actor.since == index and actor.until is not None:
        yield Outcome(code="accession.left", params={"leaf": actor.until})


def _motion(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    yield from _decided(log, log.now.motions.get(index))


def _on_motion(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    body: Any = act.body
    yield from _decided(log, log.now.motions.get(body.motion.index))


def _decided(log: Known, motion: MotionFacts | None) -> Iterator[Outcome]:
    if motion is None:
        return
    params: dict[str, Any] = {"motion": motion.ref.index, "name": motion.name, "leaf": motion.tick}
    if motion.tick is None:
        yield Outcome(code=f"motion.{motion.outcome}", params=params)
        return
    yield from _counted_out(log, motion, f"motion.{motion.outcome}", params, motion.tick)
    if motion.outcome != "adopted" or motion.matter in ("member", "suspension"):
        return
    standing = log.now.in_force.get(motion.thing.digest)
    if motion.matter in ("charter", "office", "witnesses"):
        yield Outcome(code=f"motion.{motion.matter}", params=params)
    elif standing is not None and standing.motion == motion.ref:
        is_due = standing.starts > log.now.time
        params |= {"time": Moment(standing.starts)}
        yield Outcome(code="motion.begins" if is_due else "motion.stands", params=params)
        if standing.until is not None:
            yield Outcome(code="motion.ends", params=params | {"time": Moment(standing.until)})
    else:
        yield Outcome(code="motion.replaced", params=params)


def _counted_out(log: Known, motion: MotionFacts, code: str, params: Mapping[str, Any], tick: int) -> Iterator[Outcome]:
    """A decision with its votes, as they stood when the tick came; and where it was not they that decided."""
    state = log.before(tick)
    votes = queries.tally(state, motion)
    yield Outcome(code=code, params={**params, "yes": votes.yes, "no": votes.no, "all": votes.total})
    if motion.hindrance is not None:
        yield Outcome(code=f"motion.{motion.hindrance}", params={"motion": motion.ref.index})


def _comment(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    """Its answer, and what became of the motion."""
    place = log.now.remarks.get(index)
    motion = log.now.motions.get(-1 if place is None else place)
    if motion is not None and index in motion.answers:
        yield Outcome(code="comment.answered", params={"leaf": motion.answers[index]})
    yield from _decided(log, motion)


def _answered(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    body: Any = act.body
    place = log.now.remarks.get(body.comment.index)
    yield from _decided(log, log.now.motions.get(-1 if place is None else place))


def _reservation(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    """Whether it stands; or which later one took its place."""
    body: Any = act.body
    said = log.now.reservations.get((body.norm, act.actor), ())
    later = next((one for one in said if one.ref.index > index), None)
    if later is not None:
        code = "reservation.replaced" if later.parts else "reservation.lifted"
        yield Outcome(code=code, params={"leaf": later.ref.index})
    elif body.parts:
        yield Outcome(code="reservation.stands")


def _key(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    body: Any = act.body
    actor = log.now.actors.get(act.actor)
    if actor is None:
        return
    purpose = Term(f"purpose.{body.purpose}")
    if actor.key(body.purpose) == body.key and body.purpose not in actor.revoked:
        yield Outcome(code="key.serves", params={"purpose": purpose})
        return
    for leaf, later in log.later():
        said: Any = later.body
        if later.actor != act.actor or not isinstance(said, KeyRegistered | KeyRevoked | Recovery):
            continue
        if isinstance(said, Recovery) or said.purpose == body.purpose:
            code = "key.revoked" if isinstance(said, KeyRevoked) else "key.replaced"
            yield Outcome(code=code, params={"purpose": purpose, "leaf": leaf})
            return


def _succession(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    """Whether the log is still kept there."""
    later = next((one for one in log.now.successions if one.ref.index > index), None)
    if later is not None:
        yield Outcome(code="succession.left", params={"leaf": later.ref.index, "after": later.after})
    elif any(one.ref.index == index for one in log.now.successions):
        yield Outcome(code="succession.stands")


def _recovery(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    """What it left to the actor."""
    actor = log.now.actors.get(act.actor)
    if actor is not None and actor.recovered is not None:
        again = actor.recovered > index
        yield (
            Outcome(code="recovery.again", params={"leaf": actor.recovered})
            if again
            else Outcome(code="recovery.stands")
        )


def _consent(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    consent = log.now.consents.get(index)
    if consent is None:
        return
    used = [x for _, x in sorted(log.now.exchanges.items()) if index in x.opened.members]
    for exchange in used:
        yield Outcome(code="consent.used", params={"exchange": exchange.opened.ref.index, "attempt": exchange.attempt})
        yield from _part(exchange, act.actor)
        yield from _ended(exchange)
    if index in log.now.nationals:
        yield Outcome(code="consent.answered", params={"leaf": log.now.nationals[index].ref.index})
        yield from _released(log.now, log.now.nationals[index].ref.index)
    if consent.revoked is not None:
        yield Outcome(code="consent.revoked", params={"leaf": consent.revoked})
    elif not used and index not in log.now.nationals:
        yield Outcome(code="consent.waits")


def _refusal(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    refusal = log.now.refusals.get(index)
    if refusal is None:
        return
    said = queries.decided(log.now, act.actor, refusal.study, refusal.period)
    later = [one for one in said if one.ref.index > index and one.ref.index in log.now.consents]
    if later:
        yield Outcome(code="refusal.later", params={"leaf": later[0].ref.index})


def _exchange(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    if index in log.now.exchanges:
        yield from _ended(log.now.exchanges[index])
        yield from _without(log.now, log.now.exchanges[index])


def _share(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    body: Any = act.body
    exchange = log.now.exchanges.get(body.exchange.index)
    if exchange is None:
        return
    if exchange.shared is not None and index in exchange.shared.members:
        yield Outcome(code="shared.in", params={"leaf": exchange.shared.ref.index})
    yield from _part(exchange, act.actor)
    yield from _ended(exchange)


def _answer(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    body: Any = act.body
    if body.consent is not None:
        yield from _released(log.now, index)
    else:
        yield from _counted(log.now, act, index)


def _in_exchange(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    body: Any = act.body
    if body.exchange.index in log.now.exchanges:
        yield from _ended(log.now.exchanges[body.exchange.index])


def _counted(now: State, act: Act, index: int) -> Iterator[Outcome]:
    """Whether the hub added this answer up, and how the exchange ended."""
    body: Any = act.body
    ref: Ref = body.exchange
    exchange = now.exchanges.get(ref.index)
    if exchange is None:
        return
    said = exchange.survivors
    if said is not None:
        code = "survivors.in" if index in said.members else "survivors.out"
        yield Outcome(code=code, params={"leaf": said.ref.index})
    yield from _ended(exchange)


def _part(exchange: ExchangeFacts, member: str) -> Iterator[Outcome]:
    """Whether a member of the roster is in the sum, or where it dropped out, as far as the hub has said."""
    dealt, answered, left = exchange.shares.get(member), exchange.answers.get(member), exchange.left.get(member)
    if left is not None:
        yield Outcome(code="part.left", params={"leaf": left.ref.index})
    if exchange.shared is None:
        return
    if dealt is None:
        yield Outcome(code="part.silent", params={"leaf": exchange.shared.ref.index})
    elif dealt.ref.index not in exchange.shared.members:
        yield Outcome(code="shared.out", params={"leaf": exchange.shared.ref.index})
    elif exchange.survivors is not None:
        code = "missing" if answered is None else "in" if answered.ref.index in exchange.survivors.members else "out"
        yield Outcome(code=f"part.{code}", params={"leaf": exchange.survivors.ref.index})


def _without(now: State, exchange: ExchangeFacts) -> Iterator[Outcome]:
    """Who of the roster is not in the set that the hub adds up."""
    if exchange.survivors is None:
        return
    summed = queries.summed(exchange)
    if missing := tuple(member for member in queries.members_of(now, exchange) if member not in summed):
        yield Outcome(code="exchange.without", params={"members": missing})


def _ended(exchange: ExchangeFacts) -> Iterator[Outcome]:
    """How an exchange ended, or that it runs."""
    ref = exchange.opened.ref.index
    if exchange.closed is None:
        yield Outcome(code="exchange.runs", params={"exchange": ref})
        return
    params = {"exchange": ref, "leaf": exchange.closed.ref.index}
    if exchange.closed.failed is not None:
        yield Outcome(code="exchange.failed", params=params | {"reasons": (exchange.closed.failed,)})
    else:
        yield Outcome(code="exchange.sum", params=params)


def _closed(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    body: Any = act.body
    if body.sum is not None:
        exchange = log.now.exchanges.get(body.exchange.index)
        yield from _without(log.now, exchange) if exchange else ()
        yield from _released(log.now, index)


def _released(now: State, index: int) -> Iterator[Outcome]:
    """Releases that were made from a leaf."""
    made = queries.releases(now, [index])
    for release in made:
        publisher = Term("publisher.hub") if release.publisher == "hub" else release.publisher
        yield Outcome(code="released", params={"leaf": release.ref.index, "publisher": publisher})
    if not made:
        yield Outcome(code="unreleased")


def _announced(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    body: Any = act.body
    made = [
        release
        for release in log.now.releases.values()
        if queries.subject(log.now, release) == (body.study, body.period)
    ]
    for release in made:
        if release.ref.index > index and release.publisher == act.actor:
            yield Outcome(code="announced.kept", params={"leaf": release.ref.index})


def _published(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    release = log.now.releases.get(index)
    if release is None:
        return
    later = [other for other in log.now.releases.values() if other.replaces and other.replaces.index == index]
    for other in later:
        yield Outcome(code="release.replaced", params={"leaf": other.ref.index})
    if release.withdrawn is not None:
        yield Outcome(code="release.withdrawn", params={"leaf": release.withdrawn})
    elif not later:
        yield Outcome(code="release.stands")


def _audit(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    """Whether a request was answered, or met with silence so far; the fact of silence stays when an answer comes."""
    audit = log.now.audits.get(index)
    if audit is None:
        return
    standing = audits.standing(audit, log.now.time)
    params = {"deadline": Moment(audit.deadline), "leaf": audit.answer.ref.index if audit.answer else None}
    yield Outcome(code=f"audit.{standing.replace(' ', '-')}", params=params)


def _audited(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    body: Any = act.body
    audit = log.now.audits.get(body.audit.index)
    if audit is not None and audits.standing(audit, log.now.time) in audits.SILENT:
        yield Outcome(code="audit.late", params={"deadline": Moment(audit.deadline)})


def _proposed(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    """Answered by its country, met with silence, or waiting; and how it ended."""
    facts = log.now.estimates.get(index)
    if facts is None:
        return
    params = {"country": facts.member, "deadline": Moment(facts.deadline)}
    if facts.answer is not None:
        said = Term(f"estimate.{facts.answer.answer}")
        yield Outcome(code="estimate.answered", params=params | {"answer": said, "leaf": facts.answer.ref.index})
    elif queries.may_answer(log.now, facts):
        yield Outcome(code="estimate.open", params=params)
    else:
        yield Outcome(code="estimate.silent", params=params)
    yield from _settlement(log.now, index)


def _of_estimate(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    body: Any = act.body
    yield from _settlement(log.now, body.estimate.index)


def _settlement(now: State, index: int) -> Iterator[Outcome]:
    facts = now.estimates.get(index)
    if facts is not None and facts.settled is not None:
        outcome = Term(f"settled.{facts.settled.outcome}")
        yield Outcome(code="estimate.settled", params={"leaf": facts.settled.ref.index, "outcome": outcome})


def _tick(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    """The motions that it decided."""
    for motion in (log.now.motions[ref] for ref in log.before(index).pending):
        if motion.tick == index:
            matter = Term(f"matter.{motion.matter}")
            params = {"motion": motion.ref.index, "name": motion.name, "matter": matter}
            yield from _counted_out(log, motion, f"tick.{motion.outcome}", params, index)


OUTCOMES: Final[Mapping[type[Any], Callable[[Act, int, Known], Iterator[Outcome]]]] = {
    Charter: _charter,
    Accession: _accession,
    Motion: _motion,
    Comment: _comment,
    CommentAnswered: _answered,
    Vote: _on_motion,
    Reservation: _reservation,
    KeyRegistered: _key,
    Succession: _succession,
    Recovery: _recovery,
    ConsentGiven: _consent,
    ConsentRefused: _refusal,
    EstimateProposed: _proposed,
    EstimateAnswered: _of_estimate,
    ExchangeOpened: _exchange,
    Shares: _share,
    ExchangeShared: _in_exchange,
    Answer: _answer,
    ExchangeSurvivors: _in_exchange,
    Unmask: _in_exchange,
    ExchangeRefused: _in_exchange,
    ExchangeClosed: _closed,
    ReleaseAnnounced: _announced,
    ReleasePublished: _published,
    AuditRequested: _audit,
    AuditAnswered: _audited,
    Tick: _tick,
}
