"""What followed from an act that has effect: decided, used, answered, replaced, or taken back since, and by which leaf.

Asked of the newest state, so the same leaf has more outcomes as the log grows. An act from which nothing can follow
has none; an act that still waits says so.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from comity.acts.charter import Accession, Charter
from comity.acts.consent import ConsentGiven, ConsentRefused
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
from comity.acts.key import WITNESS_ML_DSA, KeyRegistered
from comity.acts.motion import Comment, Motion, Vote
from comity.acts.refs import Ref
from comity.acts.release import ReleaseAnnounced, ReleasePublished
from comity.acts.statement import Act
from comity.acts.tick import Tick
from comity.assembly import queries
from comity.assembly.accounts import Term
from comity.assembly.state import ExchangeFacts, HubSaid, MotionFacts, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One thing that followed, as a code that is worded, with the names that the sentence needs."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


def of(act: Act, index: int, now: State) -> tuple[Outcome, ...]:
    """All that followed from the effective leaf `index`, as far as the state `now` knows."""
    find = OUTCOMES.get(type(act.body))
    return tuple(find(act, index, now)) if find else ()


def _charter(act: Act, index: int, now: State) -> Iterator[Outcome]:
    body: Any = act.body
    joined = sum(party.id in now.actors for party in body.founders)
    yield Outcome(code="charter.joined", params={"joined": joined, "founders": len(body.founders)})


def _accession(act: Act, index: int, now: State) -> Iterator[Outcome]:
    actor = now.actors.get(act.actor)
    if actor is not None and actor.since == index and actor.until is not None:
        yield Outcome(code="accession.left", params={"leaf": actor.until})


def _motion(act: Act, index: int, now: State) -> Iterator[Outcome]:
    yield from _decided(now, now.motions.get(index))


def _on_motion(act: Act, index: int, now: State) -> Iterator[Outcome]:
    body: Any = act.body
    yield from _decided(now, now.motions.get(body.motion.index))


def _decided(now: State, motion: MotionFacts | None) -> Iterator[Outcome]:
    if motion is None:
        return
    params: dict[str, Any] = {"motion": motion.ref.index, "name": motion.name, "leaf": motion.tick}
    yield Outcome(code=f"motion.{motion.outcome}", params=params)
    if motion.outcome != "adopted" or motion.matter in ("member", "suspension"):
        return
    standing = now.in_force.get(motion.thing.digest)
    if standing is not None and standing.motion == motion.ref:
        yield Outcome(code="motion.stands", params=params)
    else:
        yield Outcome(code="motion.replaced", params=params)


def _key(act: Act, index: int, now: State) -> Iterator[Outcome]:
    body: Any = act.body
    actor = now.actors.get(act.actor)
    if actor is None:
        return
    now_serving = actor.witness_ml_dsa if body.purpose == WITNESS_ML_DSA else getattr(actor.keys, body.purpose)
    serves = now_serving == body.key and body.purpose not in actor.revoked
    yield Outcome(code="key.serves" if serves else "key.gone", params={"purpose": Term(f"purpose.{body.purpose}")})


def _consent(act: Act, index: int, now: State) -> Iterator[Outcome]:
    consent = now.consents.get(index)
    if consent is None:
        return
    used = [x for _, x in sorted(now.exchanges.items()) if index in x.opened.members]
    for exchange in used:
        yield Outcome(code="consent.used", params={"exchange": exchange.opened.ref.index, "attempt": exchange.attempt})
        yield from _ended(exchange)
    if index in now.nationals:
        yield Outcome(code="consent.answered", params={"leaf": now.nationals[index].ref.index})
        yield from _released(now, now.nationals[index].ref.index)
    if consent.revoked is not None:
        yield Outcome(code="consent.revoked", params={"leaf": consent.revoked})
    elif not used and index not in now.nationals:
        yield Outcome(code="consent.waits")


def _refusal(act: Act, index: int, now: State) -> Iterator[Outcome]:
    refusal = now.refusals.get(index)
    if refusal is None:
        return
    said = queries.decided(now, act.actor, refusal.study, refusal.period)
    later = [one for one in said if one.ref.index > index and one.ref.index in now.consents]
    if later:
        yield Outcome(code="refusal.later", params={"leaf": later[0].ref.index})


def _exchange(act: Act, index: int, now: State) -> Iterator[Outcome]:
    if index in now.exchanges:
        yield from _ended(now.exchanges[index])


def _share(act: Act, index: int, now: State) -> Iterator[Outcome]:
    yield from _counted(now, act, index, "shared")


def _answer(act: Act, index: int, now: State) -> Iterator[Outcome]:
    body: Any = act.body
    if body.consent is not None:
        yield from _released(now, index)
    else:
        yield from _counted(now, act, index, "survivors")


def _in_exchange(act: Act, index: int, now: State) -> Iterator[Outcome]:
    body: Any = act.body
    if body.exchange.index in now.exchanges:
        yield from _ended(now.exchanges[body.exchange.index])


def _counted(now: State, act: Act, index: int, step: str) -> Iterator[Outcome]:
    """Whether the hub's set of a step holds this leaf, and how the exchange ended."""
    body: Any = act.body
    ref: Ref = body.exchange
    exchange = now.exchanges.get(ref.index)
    if exchange is None:
        return
    said: HubSaid | None = getattr(exchange, step)
    if said is not None:
        code = f"{step}.in" if index in said.members else f"{step}.out"
        yield Outcome(code=code, params={"leaf": said.ref.index})
    yield from _ended(exchange)


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


def _closed(act: Act, index: int, now: State) -> Iterator[Outcome]:
    body: Any = act.body
    if body.sum is not None:
        yield from _released(now, index)


def _released(now: State, index: int) -> Iterator[Outcome]:
    """Releases that were made from a leaf."""
    made = queries.releases(now, [index])
    for release in made:
        publisher = Term("publisher.hub") if release.publisher == "hub" else release.publisher
        yield Outcome(code="released", params={"leaf": release.ref.index, "publisher": publisher})
    if not made:
        yield Outcome(code="unreleased")


def _announced(act: Act, index: int, now: State) -> Iterator[Outcome]:
    body: Any = act.body
    made = [release for release in now.releases.values() if queries.subject(now, release) == (body.study, body.period)]
    for release in made:
        if release.ref.index > index and release.publisher == act.actor:
            yield Outcome(code="announced.kept", params={"leaf": release.ref.index})


def _published(act: Act, index: int, now: State) -> Iterator[Outcome]:
    release = now.releases.get(index)
    if release is None:
        return
    later = [other for other in now.releases.values() if other.replaces and other.replaces.index == index]
    for other in later:
        yield Outcome(code="release.replaced", params={"leaf": other.ref.index})
    if release.withdrawn is not None:
        yield Outcome(code="release.withdrawn", params={"leaf": release.withdrawn})
    elif not later:
        yield Outcome(code="release.stands")


def _tick(act: Act, index: int, now: State) -> Iterator[Outcome]:
    """The motions that it decided."""
    for ref, motion in sorted(now.motions.items()):
        if motion.tick == index:
            matter = Term(f"matter.{motion.matter}")
            params = {"motion": ref, "name": motion.name, "matter": matter}
            yield Outcome(code=f"tick.{motion.outcome}", params=params)


OUTCOMES: Final[Mapping[type[Any], Callable[[Act, int, State], Iterator[Outcome]]]] = {
    Charter: _charter,
    Accession: _accession,
    Motion: _motion,
    Comment: _on_motion,
    Vote: _on_motion,
    KeyRegistered: _key,
    ConsentGiven: _consent,
    ConsentRefused: _refusal,
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
    Tick: _tick,
}
