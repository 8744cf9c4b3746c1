"""Conformance: how each member applies the norms in force, as counts out of the log and what it said itself. No ranks.

Whether an office does at home what it says is not in the log: its binding is named by digest, its deviations are
told by its reservations. Which study asks under which norm stands in the studies' texts, so the caller brings it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from comity.acts.charter import NORMS
from comity.assembly import queries
from comity.assembly.facts import Actor, ConsentFacts, InForce, RefusalFacts
from comity.assembly.rules.rule import PRODUCERS
from comity.assembly.state import State
from comity.canon import Digest

Question = tuple[Digest, str]  # a study in one period


@dataclass(frozen=True, slots=True, kw_only=True)
class Last:
    """A member's last answer to any version of a norm: which version, and the leaf that says it."""

    version: str
    norm: Digest
    leaf: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """How one member applies one norm. What it was asked under it adds up: consented, refused and silent."""

    member: str
    role: str
    asked: int
    consented: int  # a consent stands
    refused: int  # refused, or took its consent back
    silent: int
    answered: int  # of the questions asked: gave a sealed vector or a table of its own
    binding: Digest | None  # of its last consent
    last: Last | None
    reserved: tuple[str, ...]  # parts, as they stand


@dataclass(frozen=True, slots=True, kw_only=True)
class Conformance:
    """One norm in force.

    review: POSIX seconds at which it is to be looked at again; overdue: that time is over.
    """

    norm: Digest
    name: str
    matter: str
    review: int | None
    overdue: bool
    studies: int  # that ask under it
    applied: tuple[Applied, ...]


def conformance(state: State, norms: Mapping[Digest, Digest]) -> tuple[Conformance, ...]:
    """Every norm in force, with everyone who has data.

    norms: of each study whose text is at hand, the norm that it asks under. Other studies are not counted.
    """
    who = {id: actor for id, actor in sorted(state.actors.items()) if actor.active and actor.party.role in PRODUCERS}
    answers = _answers(state)
    return tuple(
        _of(state, thing, norms, who, answers) for matter in NORMS for thing in queries.standing(state, matter)
    )


def _of(
    state: State,
    thing: InForce,
    norms: Mapping[Digest, Digest],
    who: Mapping[str, Actor],
    answers: Mapping[Question, Mapping[str, int]],
) -> Conformance:
    norm = thing.thing.digest
    asked = [question for question in sorted(state.asked) if norms.get(question[0]) == norm]
    line = {other: name for other in set(norms.values()) if _line(name := _name(state, other)) == _line(thing.name)}
    return Conformance(
        norm=norm,
        name=thing.name,
        matter=thing.matter,
        review=thing.review,
        overdue=thing.review is not None and thing.review <= state.time,
        studies=len({study for study, _ in asked}),
        applied=tuple(
            _applied(state, norm, id, actor, asked, answers, _last(id, norms, line, answers))
            for id, actor in who.items()
        ),
    )


def _applied(
    state: State,
    norm: Digest,
    id: str,
    actor: Actor,
    asked: list[Question],
    answers: Mapping[Question, Mapping[str, int]],
    last: Last | None,
) -> Applied:
    words = [word for question in asked if (word := _word(state, question, id, actor))]
    given = [one for question in asked for one in queries.decided(state, id, *question) if _is_consent(one)]
    newest = max(given, key=lambda one: one.ref.index, default=None)
    stands = queries.reservation(state, norm, id)
    return Applied(
        member=id,
        role=actor.party.role,
        asked=len(words),
        consented=words.count("consented"),
        refused=words.count("refused"),
        silent=words.count("silent"),
        answered=sum(id in answers.get(question, {}) for question in asked),
        binding=newest.binding if isinstance(newest, ConsentFacts) else None,
        last=last,
        reserved=stands.parts if stands else (),
    )


def _word(state: State, question: Question, id: str, actor: Actor) -> str:
    """What one made of a question; "" if it could not be asked: it came when the sum was there, or has no seal."""
    said = queries.decided(state, id, *question)
    if any(isinstance(one, ConsentFacts) and one.revoked is None for one in said):
        return "consented"
    if said:
        return "refused"
    over = queries.opened_sum(state, *question)
    late = over is not None and over.closed is not None and actor.since > over.closed.ref.index
    return "" if late or actor.party.role != "member" else "silent"


def _is_consent(said: ConsentFacts | RefusalFacts) -> bool:
    return isinstance(said, ConsentFacts)


def _answers(state: State) -> dict[Question, dict[str, int]]:
    """By question, who answered, and the leaf of its last answer."""
    found: dict[Question, dict[str, int]] = {}
    for question, member, leaf in _said(state):
        at = found.setdefault(question, {})
        at[member] = max(leaf, at.get(member, 0))
    return found


def _said(state: State) -> Iterator[tuple[Question, str, int]]:
    for exchange in state.exchanges.values():
        for member, said in exchange.answers.items():
            yield (exchange.study, exchange.period), member, said.ref.index
    for index, said in state.nationals.items():
        consent = state.consents[index]
        yield (consent.study, consent.period), consent.member, said.ref.index


def _last(
    id: str,
    norms: Mapping[Digest, Digest],
    line: Mapping[Digest, str],
    answers: Mapping[Question, Mapping[str, int]],
) -> Last | None:
    """The newest answer to a study under any version of a norm."""
    found = [
        Last(version=line[norm], norm=norm, leaf=by[id])
        for (study, _), by in answers.items()
        if id in by and (norm := norms.get(study)) is not None and norm in line
    ]
    return max(found, key=lambda one: one.leaf, default=None)


def _name(state: State, norm: Digest) -> str:
    moved = queries.motions_about(state, norm)
    return moved[0].name if moved else ""


def _line(name: str) -> str:
    """What all versions of a norm are called: its id."""
    return name.partition("/")[0]
