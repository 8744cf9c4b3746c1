"""The charter's rules in words, and who voted what on one motion, in lines for a table."""

from collections.abc import Mapping
from dataclasses import dataclass

from comity.acts.charter import Charter, Rule
from comity.acts.motion import Choice
from comity.assembly import tally
from comity.assembly.state import MotionFacts
from comity.pages import words
from comity.pages.assembly.room import Room, duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the roll: who, with which weight, said what; and whether it counts."""

    member: str
    weight: int
    choice: Choice | None
    counts: bool
    recused: bool


def rule(given: Rule) -> tuple[str, ...]:
    """A rule as sentences."""
    told = [words.say(f"assembly.rule.{given.method}", share=given.share, objections=given.objections)]
    if given.method == "majority":
        told.append(words.say("assembly.rule.quorum", quorum=given.quorum))
    told.append(words.say(f"assembly.rule.{given.counted}"))
    if given.groups:
        told.append(words.count("assembly.rule.groups", given.groups))
    told.append(words.say("assembly.rule.open", time=duration(given.seconds)))
    if given.consultation:
        told.append(words.say("assembly.rule.consultation", time=duration(given.consultation)))
    return tuple(told)


def ballot(room: Room, facts: MotionFacts) -> tuple[Rule, tuple[Line, ...]]:
    """The rule that decides a motion, and its roll: of one that is open as it stands, else as the second count has it.

    Whoever has a vote is on it, and whoever voted.
    """
    charter = room.charter
    if facts.outcome != "open":
        counted = room.counted(facts.ref.index)
        kept = dict(facts.votes)
        lines = tuple(
            Line(member=b.member, weight=b.weight, choice=b.choice, counts=b.counts, recused=False)
            for b in counted.roll
            if b.counts or b.member in kept
        )
        return counted.rule, lines
    given, members = charter.rules[facts.matter], room.state.members
    voters = tally.voters(charter, facts.matter, members)
    return given, tuple(
        Line(
            member=id,
            weight=1 if given.counted == "members" else room.state.actors[id].party.weight,
            choice=facts.votes.get(id),
            counts=id in voters,
            recused=id in members and id not in voters,
        )
        for id in sorted({*members, *facts.votes})
    )


def sums(lines: tuple[Line, ...]) -> Mapping[str, int]:
    """Weights that count, by choice; `none` of those that did not vote, `total` of all."""
    told = dict.fromkeys(("yes", "no", "abstain", "none", "total"), 0)
    for line in lines:
        if line.counts:
            told[line.choice or "none"] += line.weight
            told["total"] += line.weight
    return told


def groups(charter: Charter, area: str) -> str:
    """The group of the charter that an area is in; "" for none."""
    return next((name for name, areas in sorted(charter.groups.items()) if area in areas), "")
