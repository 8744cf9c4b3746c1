"""Influence: who drafts what is adopted, who votes with the outcome, what a vote can decide, who holds offices, who is
in the sums.

Counts with what they are out of, powers and concentrations as exact fractions; judges nobody and ranks nobody. The
mover of a text stands for its author: the log knows no other. A draft that its mover amended counts as what it became.
Offices are counted by the seconds of their terms, as they were adopted.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final, get_args

from comity.acts.charter import NORMS, Charter, Matter, Rule
from comity.assembly import tally
from comity.assembly.counts import Share, herfindahl
from comity.assembly.facts import MotionFacts
from comity.assembly.power import Game, Power, game, power
from comity.assembly.recount import recount
from comity.assembly.roll import Recount
from comity.assembly.state import State

STUDIES: Final = ("study",)
_WON: Final = frozenset({("yes", "adopted"), ("no", "rejected")})


@dataclass(frozen=True, slots=True, kw_only=True)
class Votes:
    """A member's part in the motions that were decided while it had a vote."""

    won: int  # yes to what was adopted, no to what was rejected
    lost: int
    abstained: int
    missed: int  # did not vote
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Influence:
    """What one actor moved and voted, and how many of the answers behind releases are its own."""

    id: str
    role: str
    standing: bool
    norms_moved: Share  # of all motions about norms, whatever became of them
    norms_adopted: Share  # of those adopted
    studies_moved: Share
    studies_adopted: Share
    others_moved: Share  # about members, suspensions, the charter, offices, the hub and witnesses
    votes: Votes
    offices: Share  # seconds of all terms that have begun, up to the last tick
    answers: Share  # of the answers from which releases that stand were made


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePower:
    """What members' votes can decide under one rule of the charter, and the matters that it decides.

    members: who has a vote on them: today's members in good standing, without the one that the charter recuses.
    """

    matters: tuple[Matter, ...]
    rule: Rule
    game: Game
    members: tuple[str, ...]
    powers: tuple[Power, ...] | None  # by member; None where the weights are too large to reckon it
    recused: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Concentration:
    """The Herfindahl index over actors: 1 if one has all, 1/n if n have the same; None where there is nothing yet."""

    norms_moved: Fraction | None
    norms_adopted: Fraction | None
    studies_moved: Fraction | None
    studies_adopted: Fraction | None
    offices: Fraction | None  # of the seconds held
    answers: Fraction | None


def influence(state: State, leaves: Sequence[bytes]) -> tuple[Influence, ...]:
    """Every actor that ever acceded, by id."""
    counted = recount(state, leaves)
    owners = sources(state)
    return tuple(
        Influence(
            id=id,
            role=actor.party.role,
            standing=actor.standing,
            norms_moved=_moved(state, id, NORMS),
            norms_adopted=_moved(state, id, NORMS, adopted=True),
            studies_moved=_moved(state, id, STUDIES),
            studies_adopted=_moved(state, id, STUDIES, adopted=True),
            others_moved=_moved(state, id, set(get_args(Matter)) - {*NORMS, *STUDIES}),
            votes=_votes(id, counted),
            offices=_offices(state, id),
            answers=Share(sum(owner == id for owner in owners.values()), len(owners)),
        )
        for id, actor in sorted(state.actors.items())
    )


def powers(state: State) -> tuple[RulePower, ...]:
    """The power of today's members, once for each rule by which different matters are decided by the same members."""
    charter = state.charter
    if charter is None:
        return ()
    alike: dict[tuple[Rule, str], list[Matter]] = {}
    for matter in get_args(Matter):
        if matter in charter.rules:
            without = tally.recused(charter, matter)
            key = _deciding(charter.rules[matter]), without if without in state.members else ""
            alike.setdefault(key, []).append(matter)
    return tuple(_power(charter, tuple(matters), rule, without, state) for (rule, without), matters in alike.items())


def _power(charter: Charter, matters: tuple[Matter, ...], rule: Rule, without: str, state: State) -> RulePower:
    voters = [actor.party for id, actor in state.members.items() if id != without]
    groups = [[i for i, one in enumerate(voters) if one.area in areas] for _, areas in sorted(charter.groups.items())]
    played = game(rule, [one.weight for one in voters], groups)
    return RulePower(
        matters=matters,
        rule=rule,
        game=played,
        members=tuple(one.id for one in voters),
        powers=power(played),
        recused=without,
    )


def _deciding(rule: Rule) -> Rule:
    """The rule without its times and without the fields that its method does not ask."""
    rule = replace(rule, seconds=0, consultation=0)
    if rule.method == "consensus":
        return replace(rule, share=0, quorum=0, counted="weights", groups=0)
    return replace(rule, objections=0)


def concentration(of: Iterable[Influence]) -> Concentration:
    """How much of drafting, of offices, and of the answers behind releases, is in few hands."""
    listed = list(of)
    return Concentration(
        norms_moved=herfindahl(one.norms_moved.count for one in listed),
        norms_adopted=herfindahl(one.norms_adopted.count for one in listed),
        studies_moved=herfindahl(one.studies_moved.count for one in listed),
        studies_adopted=herfindahl(one.studies_adopted.count for one in listed),
        offices=herfindahl(one.offices.count for one in listed),
        answers=herfindahl(one.answers.count for one in listed),
    )


def sources(state: State) -> dict[int, str]:
    """Answers, by leaf index, from which releases that were not taken back were made, and whose they are.

    Behind a sum stand the answers of its survivors; an answer behind several releases counts once.
    """
    inputs = {index for release in state.releases.values() if release.withdrawn is None for index in release.inputs}
    owners = {
        said.ref.index: state.consents[consent].member
        for consent, said in state.nationals.items()
        if said.ref.index in inputs
    }
    for exchange in state.exchanges.values():
        if exchange.closed and exchange.survivors and exchange.closed.ref.index in inputs:
            summed = set(exchange.survivors.members)
            owners |= {said.ref.index: member for member, said in exchange.answers.items() if said.ref.index in summed}
    return owners


def _offices(state: State, id: str) -> Share:
    """Seconds of one member's terms, out of everyone's, of any office, as far as they are over by the last tick."""
    held = [(term.member, max(min(term.until, state.time) - term.starts, 0)) for term in state.offices]
    return Share(sum(seconds for member, seconds in held if member == id), sum(seconds for _, seconds in held))


def _moved(state: State, id: str, matters: Iterable[str], *, adopted: bool = False) -> Share:
    """One actor's motions on these matters, out of everyone's."""
    wanted = set(matters)
    motions: list[MotionFacts] = [
        motion
        for motion in state.motions.values()
        if motion.matter in wanted and (motion.outcome == "adopted" or not adopted) and motion.outcome != "amended"
    ]
    return Share(sum(motion.mover == id for motion in motions), len(motions))


def _votes(id: str, counted: Mapping[int, Recount]) -> Votes:
    """How one member voted where its vote counted."""
    lines = [
        (ballot.heard, one.outcome)
        for one in counted.values()
        if one.outcome in ("adopted", "rejected")
        for ballot in one.roll
        if ballot.member == id and ballot.counts
    ]
    won = [(choice, outcome) for choice, outcome in lines if (choice, outcome) in _WON]
    choices = [choice for choice, _ in lines]
    return Votes(
        won=len(won),
        lost=choices.count("yes") + choices.count("no") - len(won),
        abstained=choices.count("abstain"),
        missed=choices.count(None),
        of=len(lines),
    )
