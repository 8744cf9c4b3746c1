"""The charter's rules in words, and who voted what on one motion, in lines for a table."""

from collections.abc import Mapping
from dataclasses import dataclass

from comity.acts.charter import Charter, Rule
from comity.acts.motion import Choice
from comity.assembly import tally
from comity.assembly.facts import MotionFacts
from comity.assembly.roll import Recount
from comity.pages import words
from comity.pages.assembly.room import Room, duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the roll: who, of which group, with which weight, said what; and whether it counts."""

    member: str
    group: str  # "" for none
    weight: int
    choice: Choice | None
    counts: bool
    recused: bool
    late: bool = False  # voted behind the checkpoint that decided: as if it had not


@dataclass(frozen=True, slots=True, kw_only=True)
class Roll:
    """The rule that decides a motion, the groups that the charter had or has, and all lines, by member."""

    rule: Rule
    groups: tuple[str, ...]
    lines: tuple[Line, ...]


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


def roll(room: Room, facts: MotionFacts) -> Roll:
    """The roll of a motion: of one that is open as it stands, of one that is over as the second count has it.

    Whoever has a vote is on it, whoever voted, and who is recused.
    """
    return _now(room, facts) if facts.outcome == "open" else _then(room.counted(facts.ref.index))


def _then(counted: Recount) -> Roll:
    lines = [
        Line(
            member=b.member,
            group=b.group,
            weight=b.weight,
            choice=b.choice,
            counts=b.counts,
            recused=False,
            late=b.late,
        )
        for b in counted.roll
    ]
    if counted.recused and all(line.member != counted.recused for line in lines):
        lines.append(Line(member=counted.recused, group="", weight=0, choice=None, counts=False, recused=True))
    return Roll(rule=counted.rule, groups=counted.groups, lines=tuple(sorted(lines, key=lambda line: line.member)))


def _now(room: Room, facts: MotionFacts) -> Roll:
    charter, members = room.charter, room.state.members
    given, voters = charter.rules[facts.matter], tally.voters(charter, facts.matter, members)
    lines = tuple(
        Line(
            member=id,
            group=_group(charter, room.state.actors[id].party.area),
            weight=1 if given.counted == "members" else room.state.actors[id].party.weight,
            choice=facts.votes.get(id),
            counts=id in voters,
            recused=id in members and id not in voters,
        )
        for id in sorted({*members, *facts.votes})
    )
    return Roll(rule=given, groups=tuple(sorted(charter.groups)), lines=lines)


def _group(charter: Charter, area: str) -> str:
    return next((name for name, areas in sorted(charter.groups.items()) if area in areas), "")


def sums(lines: tuple[Line, ...]) -> Mapping[str, int]:
    """Weights that count, by choice; `none` of those that did not vote, `total` of all."""
    told = dict.fromkeys(("yes", "no", "abstain", "none", "total"), 0)
    for line in lines:
        if line.counts:
            told[(None if line.late else line.choice) or "none"] += line.weight
            told["total"] += line.weight
    return told


def lacks(counted: Recount) -> tuple[str, ...]:
    """What the votes lacked for the rule to adopt a motion that is over, as sentences; none if they were enough."""
    given, cast = counted.rule, counted.weight("yes", "no")
    if not counted.total:
        return (words.say("assembly.lack.total"),)
    if given.method == "consensus":
        told = words.count("assembly.lack.objections", counted.objections, objections=given.objections)
        return () if counted.carried else (told,)
    voted = cast + counted.weight("abstain")
    yes, carrying = counted.weight("yes"), len(counted.carrying)
    said = []
    if not counted.quorate:
        said.append(words.say("assembly.lack.quorum", voted=voted, total=counted.total, quorum=given.quorum))
    if not counted.exceeds(None):
        said.append(words.say("assembly.lack.share", yes=yes, cast=cast, share=given.share))
    if carrying < counted.asked:
        said.append(words.say("assembly.lack.groups", carrying=carrying, asked=counted.asked))
    return tuple(said)
