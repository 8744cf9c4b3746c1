"""What everyone asks of a state: is it in force, who consented, who is on the roster, which attempt is it.

Pure questions without a decision of their own; each answer follows from the log alone. What needs the text of a norm,
study or policy is asked elsewhere.
"""

from collections.abc import Iterable, Iterator
from typing import Literal

from comity.acts.charter import Matter
from comity.acts.estimate import Settlement
from comity.assembly import offices
from comity.assembly import tally as ballots
from comity.assembly.facts import (
    ConsentFacts,
    EstimateFacts,
    ExchangeFacts,
    InForce,
    MotionFacts,
    RefusalFacts,
    ReleaseFacts,
    ReservationFacts,
    Term,
)
from comity.assembly.state import State
from comity.assembly.tally import Tally
from comity.canon import Digest

EstimateStage = Literal["open", "silent", "answered", "settled"]


def adopted(state: State, digest: Digest, matter: Matter) -> InForce | None:
    """The thing with this digest, if the members' decision on this matter brought it into force and still does."""
    thing = state.in_force.get((matter, digest))
    return thing if thing is not None and holds(state, thing) else None


def holds(state: State, thing: InForce) -> bool:
    """Whether it is in force at the time of the last tick."""
    return thing.starts <= state.time and (thing.until is None or state.time < thing.until)


def standing(state: State, matter: Matter) -> tuple[InForce, ...]:
    """All things of one matter that are in force, in the order of their motions."""
    things = [thing for thing in state.in_force.values() if thing.matter == matter and holds(state, thing)]
    return tuple(sorted(things, key=lambda thing: thing.motion.index))


def holder(state: State, office: str) -> Term | None:
    """Who holds an office at the time of the last tick, by the term in which it does; None: it is vacant."""
    return next((term for term in state.offices if term.office == office and offices.holds(state, term)), None)


def terms(state: State, office: str) -> tuple[Term, ...]:
    """Every term of an office that was adopted, past and to come, in the order of time."""
    return tuple(sorted((t for t in state.offices if t.office == office), key=lambda term: term.starts))


def in_office(state: State, member: str) -> tuple[Term, ...]:
    """The terms in which a member holds offices at the time of the last tick, in the order of their motions."""
    return tuple(term for term in state.offices if term.member == member and offices.holds(state, term))


def motions_about(state: State, digest: Digest) -> tuple[MotionFacts, ...]:
    """Every motion about a thing, in order."""
    return tuple(motion for _, motion in sorted(state.motions.items()) if motion.thing.digest == digest)


def tally(state: State, motion: MotionFacts) -> Tally:
    """How the votes stand among the members that have one today."""
    return ballots.of(state, motion)


def exchanges(state: State, study: Digest, period: str) -> tuple[ExchangeFacts, ...]:
    """All attempts of a study in a period, in order."""
    return tuple(state.exchanges[index] for index in state.attempts.get((study, period), ()))


def exchange(state: State, study: Digest, period: str, attempt: int) -> ExchangeFacts | None:
    """One attempt, if it was opened."""
    return next((x for x in exchanges(state, study, period) if x.attempt == attempt), None)


def stated(facts: ExchangeFacts) -> Iterator[Digest]:
    """Bodies that the members' own statements of an exchange name: public only where its view names them."""
    for said in (facts.shares, facts.answers, facts.unmask):
        yield from (one.body.digest for one in said.values())


def attempt(state: State, study: Digest, period: str) -> int:
    """The attempt that consents and refusals belong to now: one more than those that failed."""
    return 1 + sum(failed(x) for x in exchanges(state, study, period))


def failed(exchange: ExchangeFacts) -> bool:
    """Whether the hub closed it without a sum."""
    return exchange.closed is not None and exchange.closed.sum is None


def members_of(state: State, exchange: ExchangeFacts) -> tuple[str, ...]:
    """The roster by ids, in its order."""
    return tuple(state.consents[index].member for index in exchange.opened.members if index in state.consents)


def dealt(exchange: ExchangeFacts) -> tuple[str, ...]:
    """Members whose shares the hub named: those that go on."""
    named = exchange.shared.members if exchange.shared else ()
    return tuple(member for member, said in exchange.shares.items() if said.ref.index in named)


def summed(exchange: ExchangeFacts) -> tuple[str, ...]:
    """Members whose answers the hub named: those that it adds up."""
    named = exchange.survivors.members if exchange.survivors else ()
    return tuple(member for member, said in exchange.answers.items() if said.ref.index in named)


def opened_sum(state: State, study: Digest, period: str) -> ExchangeFacts | None:
    """The attempt that was closed with a sum, if there is one; there is never a second."""
    return next((x for x in exchanges(state, study, period) if x.closed and x.closed.sum), None)


def decided(state: State, member: str, study: Digest, period: str) -> tuple[ConsentFacts | RefusalFacts, ...]:
    """What one member said to a study in a period: consents, revoked ones too, and refusals, in order."""
    return tuple(_answer(state, index) for index in state.said.get((study, period, member), ()))


def consents(state: State, study: Digest, period: str) -> tuple[ConsentFacts, ...]:
    """All consents, revoked ones too, in order."""
    return tuple(said for said in _asked(state, study, period) if isinstance(said, ConsentFacts))


def refusals(state: State, study: Digest, period: str) -> tuple[RefusalFacts, ...]:
    """All refusals, in order."""
    return tuple(said for said in _asked(state, study, period) if isinstance(said, RefusalFacts))


def roster(state: State, study: Digest, period: str, attempt: int) -> tuple[int, ...]:
    """Consents for a sealed attempt that stand, of members in good standing: all of them, none more (SEAL, step 0)."""
    return tuple(
        said.ref.index
        for said in consents(state, study, period)
        if said.revoked is None
        and said.sealed is not None
        and said.sealed.attempt == attempt
        and state.actors[said.member].standing
    )


def silent(state: State, study: Digest, period: str) -> tuple[str, ...]:
    """Members in good standing who have neither consented nor refused."""
    spoke = {said.member for said in _asked(state, study, period)}
    return tuple(id for id in state.members if id not in spoke)


def reservation(state: State, norm: Digest, member: str, *, before: int | None = None) -> ReservationFacts | None:
    """A member's reservation against a norm as it stands, or as it stood before a leaf; None if there is none."""
    said = state.reservations.get((norm, member), ())
    last = next((one for one in reversed(said) if before is None or one.ref.index < before), None)
    return last if last is not None and last.parts else None


def reservations(state: State, norm: Digest) -> tuple[ReservationFacts, ...]:
    """All reservations that stand against a norm, by member."""
    members = sorted(member for about, member in state.reservations if about == norm)
    found = (reservation(state, norm, member) for member in members)
    return tuple(one for one in found if one is not None)


def estimate_stage(state: State, facts: EstimateFacts) -> EstimateStage:
    """How far an estimate is: the country may still answer, has answered, or let its time pass; or it has ended."""
    if facts.settled is not None:
        return "settled"
    if facts.answer is not None:
        return "answered"
    return "open" if may_answer(state, facts) else "silent"


def may_answer(state: State, facts: EstimateFacts) -> bool:
    """Whether the country still has time, by the last tick; before one that holds the estimate it has not begun."""
    return facts.answer is None and (facts.opened is None or state.time <= facts.deadline)


def waiting(state: State, member: str) -> tuple[EstimateFacts, ...]:
    """Estimates that wait for this country's answer, in order."""
    unsettled = [index for custodian in state.actors for index in state.unsettled.get((custodian, member), ())]
    return tuple(facts for index in sorted(unsettled) if may_answer(state, facts := state.estimates[index]))


def may_settle(state: State, facts: EstimateFacts) -> frozenset[Settlement]:
    """The settlements that the country's answer allows, or its silence as the charter had it; none before either.

    Whoever was out of good standing at its deadline accepted nothing.
    """
    if estimate_stage(state, facts) in ("open", "settled"):
        return frozenset()
    said = facts.answer.answer if facts.answer else "objected" if facts.absent else facts.silence
    shown: dict[str, tuple[Settlement, ...]] = {
        "accepted": ("published",),
        "accepted-with-note": ("published",),
        "objected": ("side-by-side",) if facts.answer and facts.answer.counter else (),
        "replaced": ("country-data",),
    }
    return frozenset(("aggregates-only", "withheld", *shown[said]))


def releases(state: State, inputs: Iterable[int]) -> tuple[ReleaseFacts, ...]:
    """Releases made from any of these leaves, in order."""
    wanted = set(inputs)
    return tuple(release for release in state.releases.values() if wanted.intersection(release.inputs))


def subject(state: State, release: ReleaseFacts) -> tuple[Digest, str] | None:
    """The study and period that a release is about, by its inputs; None if they are of no one question."""
    asked = (source(state, index) for index in release.inputs)
    found = {(one.study, one.period) for one in asked}
    return found.pop() if len(found) == 1 else None


def source(state: State, output: int) -> ExchangeFacts | ConsentFacts:
    """What a leaf that a release may be made from ends: an exchange by its sum, or a consent by its national table."""
    index = state.sources[output]
    return state.exchanges[index] if index in state.exchanges else state.consents[index]


def _asked(state: State, study: Digest, period: str) -> Iterable[ConsentFacts | RefusalFacts]:
    for index in state.asked.get((study, period), ()):
        yield _answer(state, index)


def _answer(state: State, index: int) -> ConsentFacts | RefusalFacts:
    return state.consents[index] if index in state.consents else state.refusals[index]
