"""What an act says, as the names that a sentence about it needs: one account for each kind.

Names come from the state: whose motion, which study, who consented. An act that points to nothing is told all the
same, by what it says itself. Words are `pages.explain`'s.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final

from comity.acts.audit import AuditAnswered, AuditRequested
from comity.acts.charter import Accession, Charter, Matter, Succession, Withdrawal
from comity.acts.consent import ConsentGiven, ConsentRefused, ConsentRevoked, PolicyPublished
from comity.acts.estimate import EstimateAnswered, EstimateProposed, EstimateSettled
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
from comity.acts.motion import Comment, CommentAnswered, Motion, MotionWithdrawn, Reservation, Vote
from comity.acts.refs import Ref
from comity.acts.release import ReleaseAnnounced, ReleasePublished, ReleaseWithdrawn
from comity.acts.statement import Act
from comity.acts.terms import Terms
from comity.acts.tick import Tick
from comity.assembly import queries
from comity.assembly.articles import MATTERS
from comity.assembly.facts import ExchangeFacts, Said
from comity.assembly.state import State
from comity.canon import Digest
from comity.errors import FormatError
from comity.model.member import HUB
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.note import Note

SHOWN: Final = 52  # characters of a key: an Ed25519 key whole, of longer ones the beginning


@dataclass(frozen=True, slots=True)
class Moment:
    """POSIX seconds, to be written as a time."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the catalogue, by its key."""

    key: str


@dataclass(frozen=True, slots=True)
class Account:
    """Which of the kind's sentences fits, and what it names."""

    variant: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


def told(act: Act, here: State, now: State) -> Account:
    """The account of an act behind which the state is `here`, with the names that are known `now`."""
    return ACCOUNTS[type(act.body)](act, here, now)


def study_name(state: State, study: Digest) -> str:
    """What the first motion about it calls a study; its digest if nobody moved it."""
    moved = queries.motions_about(state, study)
    return moved[0].name if moved else study


def _charter(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    params = {"name": body.name, "origin": body.origin, "founders": len(body.founders)}
    count = len(body.witnesses)
    return Account("", params | {"witnesses": count, "least": (count + (count - 1) // 3) // 2 + 1})


def _accession(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    votes = "member" if body.party.weight == 1 else "member.weighed"
    return Account(
        votes if body.party.role == "member" else "other",
        {"role": Term(f"role.{body.party.role}"), "weight": body.party.weight},
    )


def _plain(act: Act, here: State, now: State) -> Account:
    return Account()


def _motion(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    params: dict[str, Any] = {"matter": Term(f"matter.{body.matter}"), "name": body.name, "closes": Moment(body.closes)}
    params |= {"digest": body.thing.digest} | _ballot(now, body.matter)
    if body.matter in ("member", "suspension"):
        return Account(body.matter, params)
    if body.terms is not None:
        return _terms(body.terms, body.matter, params)
    if body.replaces is not None:
        old = now.motions.get(body.replaces.index)
        return Account("amends", params | {"replaces": body.replaces.index, "old": old.name if old else "?"})
    return Account("thing", params)


def _terms(terms: Terms, matter: Matter, params: dict[str, Any]) -> Account:
    """What would change, by the terms of the motion's own matter; it may hold others, and then has no effect."""
    if matter == "office" and (office := terms.office):
        named = {"office": office.office, "member": office.member, "starts": Moment(office.starts)}
        return Account("office", params | named | {"until": Moment(office.until)})
    if matter == "witnesses" and terms.witnesses is not None:
        return Account("witnesses", params | {"members": terms.witnesses})
    if matter == "hub" and (host := terms.hub):
        return Account("hub", params | {"origin": host.origin, "address": host.hub.address, "host": host.host or "-"})
    if matter == "charter" and (change := terms.charter):
        others = [
            field.name for field in fields(change) if field.name != "rules" and getattr(change, field.name) is not None
        ]
        rules = tuple(Term(f"matter.{name}") for name in sorted(change.rules) if name in MATTERS)
        return Account(
            "charter", params | {"rules": rules, "articles": tuple(Term(f"article.{name}") for name in others)}
        )
    return Account("terms", params)


def _about_motion(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    return Account("", _of_motion(now, body.motion) | {"language": getattr(body, "language", "")})


def _comment_answered(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    place = now.remarks.get(body.comment.index)
    of = _of_motion(now, now.motions[place].ref) if place is not None else {"motion": "?", "name": "?", "matter": "?"}
    return Account(
        "", of | {"comment": body.comment.index, "taken": Term(f"taken.{body.answer}"), "language": body.language}
    )


def _reservation(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    variant = "enters" if body.parts else "lifts"
    return Account(variant, {"norm": study_name(now, body.norm), "parts": _ids(body.parts)})


def _vote(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    actor = here.actors.get(act.actor)
    weight = actor.party.weight if actor else 1
    params = {"choice": Term(f"choice.{body.choice}"), "weight": weight}
    return Account("" if weight == 1 else "weighed", params | _of_motion(now, body.motion))


def _succession(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    motion = now.motions.get(body.motion.index)
    host = motion.terms.hub if motion and motion.terms else None
    after, address = (host.origin, host.hub.address) if host else ("?", "?")
    before = here.charter.origin if here.charter else "?"
    return Account("", {"motion": body.motion.index, "before": before, "after": after, "address": address})


def _key(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    algorithm, _, material = body.key.partition(":")
    shown = body.key if len(body.key) <= SHOWN else f"{algorithm}:{material[:SHOWN]}..."
    return Account("", {"purpose": Term(f"purpose.{body.purpose}"), "key": shown})


def _given(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    variant = "both" if body.sealed and body.national else "sealed" if body.sealed else "national"
    attempt = body.sealed.attempt if body.sealed else 0
    return Account(variant, _of_study(now, body.study, body.period) | {"attempt": attempt})


def _refused(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    return Account("", _of_study(now, body.study, body.period) | {"reasons": tuple(body.reasons)})


def _revoked(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    return Account("", _of_consent(now, body.consent))


def _policy(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    return Account("", {"digest": body.policy.digest})


def _opened(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    members = _ids(now.consents[index].member for index in body.roster if index in now.consents)
    params = {"attempt": body.attempt, "count": len(body.roster), "members": members}
    return Account("", _of_study(now, body.study, body.period) | params | {"closes": Moment(body.deadlines[3])})


def _step(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    return Account("", _of_exchange(now, body.exchange))


def _set(act: Act, here: State, now: State) -> Account:
    """A set that the hub fixes, leaf indices of what members said in the step before; and who does not go on."""
    body: Any = act.body
    exchange, named = now.exchanges.get(body.exchange.index), set(body.members)
    said: Mapping[str, Said] = {}
    before: tuple[str, ...] = ()
    if exchange is not None and isinstance(body, ExchangeShared):
        said, before = exchange.shares, queries.members_of(now, exchange)
    elif exchange is not None:
        said, before = exchange.answers, queries.dealt(exchange)
    members = _ids(member for member, one in said.items() if one.ref.index in named)
    missing = _ids(member for member in before if member not in members)
    params = {"count": len(body.members), "members": members, "missing": missing}
    return Account("missing" if missing else "whole", _of_exchange(now, body.exchange) | params)


def _answer(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    if body.exchange is not None:
        return Account("sealed", _of_exchange(now, body.exchange))
    if body.consent is not None:
        return Account("national", _of_consent(now, body.consent))
    return Account("nothing")


def _left(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    params = {"step": Term(f"step.{body.step}"), "reasons": (body.reason,), "blames": _ids(body.blames)}
    return Account("blames" if body.blames else "plain", _of_exchange(now, body.exchange) | params)


def _closed(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    params = _of_exchange(now, body.exchange)
    if body.failed is not None:
        return Account("failed", params | {"reasons": (body.failed,)})
    exchange = now.exchanges.get(body.exchange.index)
    count = len(exchange.survivors.members) if exchange and exchange.survivors else 0
    return Account("sum", params | {"count": count, "digest": body.sum.digest if body.sum else "?"})


def _announced(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    params = _of_study(now, body.study, body.period) | {"time": Moment(body.time), "earlier": _ids(body.earlier)}
    return Account("earlier" if body.earlier else "nobody", params)


def _published(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    release = now.releases.get(here.size - 1)
    subject = queries.subject(now, release) if release else None
    params = _of_study(now, *subject) if subject else {"study": "?", "period": "?"}
    params |= {"count": len(body.inputs), "inputs": _ids(map(str, body.inputs))}
    params |= {"leaves": Term("leaf.one" if len(body.inputs) == 1 else "leaf.other"), "digest": body.release.digest}
    kind = "joint" if act.actor == HUB else "national"
    if body.replaces is None:
        return Account(kind, params)
    reasons = (body.reason,) if body.reason else ()
    return Account(f"{kind}.again", params | {"replaces": body.replaces.index, "reasons": reasons})


def _withdrawn(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    release = now.releases.get(body.release.index)
    subject = queries.subject(now, release) if release else None
    params = _of_study(now, *subject) if subject else {"study": "?", "period": "?"}
    return Account("", params | {"release": body.release.index, "reasons": (body.reason,)})


def _audit(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    audit = now.audits.get(here.size - 1)
    params = _of_release(now, body.release.index) | {"figure": body.figure + 1, "asked": body.asked}
    params |= {"language": body.language, "deadline": Moment(audit.deadline) if audit else "?"}
    return Account("hub" if body.asked == HUB else "", params)


def _audited(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    audit = now.audits.get(body.audit.index)
    params = {"audit": body.audit.index, "count": len(body.evidence), "reasons": tuple(body.reasons)}
    params |= {"asks": audit.asks if audit else "?", "figure": audit.figure + 1 if audit else "?"}
    return Account(body.answer, params | _of_release(now, audit.release.index if audit else -1))


def _proposed(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    params = {"country": body.member, "series": body.series, "period": body.period, "draft": body.value.draft}
    return Account("", params | {"deadline": Moment(body.deadline)})


def _estimate_answered(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    variant = f"{body.answer}.counter" if body.answer == "objected" and body.counter else body.answer
    return Account(variant, _of_estimate(now, body.estimate) | {"reasons": tuple(body.reasons)})


def _settled(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    return Account(body.outcome, _of_estimate(now, body.estimate))


def _tick(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    try:
        size = Checkpoint.of(Note.parse(body.checkpoint)).size
    except FormatError:
        return Account("unreadable")
    if here.size - 1 in here.breached:
        return Account("refused", {"size": size})
    return Account("", {"size": size, "time": Moment(here.time)})


def _ballot(state: State, matter: str) -> dict[str, Any]:
    """The charter's rule for a matter."""
    rule = state.charter.rules.get(matter) if state.charter else None
    return {"ballot": rule} if rule else {}


def _of_motion(state: State, ref: Ref) -> dict[str, Any]:
    """A motion that an act points to; "?" for what is none."""
    motion = state.motions.get(ref.index)
    if motion is None:
        return {"motion": ref.index, "name": "?", "matter": Term("matter.unknown")}
    matter = Term(f"matter.{motion.matter}")
    return {"motion": ref.index, "name": motion.name, "matter": matter} | _ballot(state, motion.matter)


def _of_release(state: State, index: int) -> dict[str, Any]:
    """A release that an act points to, with what it is about."""
    release = state.releases.get(index)
    subject = queries.subject(state, release) if release else None
    named = _of_study(state, *subject) if subject else {"study": "?", "period": "?"}
    return named | {"release": index if release else "?"}


def _of_study(state: State, study: Digest, period: str) -> dict[str, Any]:
    return {"study": study_name(state, study), "period": period}


def _of_consent(state: State, ref: Ref) -> dict[str, Any]:
    consent = state.consents.get(ref.index)
    named = _of_study(state, consent.study, consent.period) if consent else {"study": "?", "period": "?"}
    return named | {"consent": ref.index}


def _of_estimate(state: State, ref: Ref) -> dict[str, Any]:
    facts = state.estimates.get(ref.index)
    if facts is None:
        return {"estimate": ref.index, "custodian": "?", "country": "?", "series": "?", "period": "?"}
    named = {"custodian": facts.custodian, "country": facts.member}
    return named | {"estimate": ref.index, "series": facts.series, "period": facts.period}


def _of_exchange(state: State, ref: Ref) -> dict[str, Any]:
    exchange: ExchangeFacts | None = state.exchanges.get(ref.index)
    named = _of_study(state, exchange.study, exchange.period) if exchange else {"study": "?", "period": "?"}
    return named | {"exchange": ref.index}


def _ids(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(ids)


ACCOUNTS: Final[Mapping[type[Any], Callable[[Act, State, State], Account]]] = {
    Charter: _charter,
    Accession: _accession,
    Withdrawal: _plain,
    Succession: _succession,
    Motion: _motion,
    MotionWithdrawn: _about_motion,
    Comment: _about_motion,
    CommentAnswered: _comment_answered,
    Vote: _vote,
    Reservation: _reservation,
    KeyRegistered: _key,
    KeyRevoked: _key,
    Recovery: _plain,
    ConsentGiven: _given,
    ConsentRefused: _refused,
    ConsentRevoked: _revoked,
    PolicyPublished: _policy,
    EstimateProposed: _proposed,
    EstimateAnswered: _estimate_answered,
    EstimateSettled: _settled,
    ExchangeOpened: _opened,
    Shares: _step,
    ExchangeShared: _set,
    Answer: _answer,
    ExchangeSurvivors: _set,
    Unmask: _step,
    ExchangeRefused: _left,
    ExchangeClosed: _closed,
    ReleaseAnnounced: _announced,
    ReleasePublished: _published,
    ReleaseWithdrawn: _withdrawn,
    AuditRequested: _audit,
    AuditAnswered: _audited,
    Tick: _tick,
}
