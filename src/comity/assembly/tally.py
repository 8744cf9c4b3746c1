"""How votes decide: the count of a motion among those who have a vote on it, and what the charter's rule makes of it.

A vote counts with its member's weight, or once, as the rule says. The host state's office has no vote on matters in
which the charter recuses it. Pure arithmetic on whole numbers; when a motion is decided is the affair of `rules.tick`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from comity.acts.charter import Charter, Matter, Rule
from comity.acts.motion import Choice
from comity.assembly.facts import EMPTY, Actor, MotionFacts
from comity.assembly.state import State
from comity.assembly.witnesses import charter_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """What the members of one group of the charter said."""

    name: str
    yes: int
    no: int
    voters: int  # its members that have a vote


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Votes by choice, those of all who might have voted, and how many said no, whatever their weight."""

    yes: int
    no: int
    abstain: int
    total: int
    objections: int
    groups: tuple[Group, ...] = ()  # of the charter, in its order


def of(state: State, motion: MotionFacts) -> Tally:
    """How the votes on a motion stand among those who have one today."""
    charter = charter_of(state)
    return tally(charter, motion, state.members)


def tally(charter: Charter, motion: MotionFacts, members: Mapping[str, Actor]) -> Tally:
    """The votes on a motion under a charter, among these members in good standing."""
    rule = charter.rules[motion.matter]
    return count(in_time(motion), voters(charter, motion.matter, members), counted=rule.counted, groups=charter.groups)


def in_time(motion: MotionFacts) -> Mapping[str, Choice]:
    """The votes that the checkpoint held by which the motion was decided; all, before it is."""
    held = motion.held
    return motion.votes if held is None else {id: said for id, said in motion.votes.items() if motion.cast[id] < held}


def recused(charter: Charter, matter: Matter) -> str:
    """The member that has no vote on a matter, as its office hosts the hub; "" if there is none."""
    return charter.host if matter in charter.recused else ""


def voters(charter: Charter, matter: Matter, members: Mapping[str, Actor]) -> Mapping[str, Actor]:
    """Members that have a vote on a matter."""
    without = recused(charter, matter)
    return {id: member for id, member in members.items() if id != without}


def count(
    votes: Mapping[str, Choice],
    voters: Mapping[str, Actor],
    *,
    counted: Literal["weights", "members"] = "weights",
    groups: Mapping[str, Sequence[str]] = EMPTY,
) -> Tally:
    """The votes of those who have one now; the vote of one who has none any more counts nowhere."""
    weight = dict.fromkeys(("yes", "no", "abstain"), 0)
    sides = {name: {"yes": 0, "no": 0} for name in groups}
    group_of = {area: name for name, areas in groups.items() for area in areas}
    objections = 0
    for id, choice in votes.items():
        if id not in voters:
            continue
        party = voters[id].party
        one = party.weight if counted == "weights" else 1
        weight[choice] += one
        objections += choice == "no"
        if choice != "abstain" and party.area in group_of:
            sides[group_of[party.area]][choice] += one
    seated = Counter(group_of.get(voter.party.area) for voter in voters.values())
    return Tally(
        yes=weight["yes"],
        no=weight["no"],
        abstain=weight["abstain"],
        total=sum(voter.party.weight if counted == "weights" else 1 for voter in voters.values()),
        objections=objections,
        groups=tuple(Group(name=name, voters=seated[name], **sides[name]) for name in sorted(sides)),
    )


def adopts(rule: Rule, tally: Tally) -> bool:
    """Whether the count adopts, under one rule of the charter; an assembly in which nobody has a vote adopts nothing.

    Majority: yes is more than `share` per cent of yes and no, at least `quorum` per cent of all votes took part, and
    in at least `groups` groups yes is more than `share` per cent as well: in each that has a vote, if there are fewer,
    so that no amendment makes every later motion impossible.
    Consensus: fewer than `objections` members said no.
    """
    if tally.total == 0:
        return False
    if rule.method == "consensus":
        return tally.objections < rule.objections
    voted = tally.yes + tally.no + tally.abstain
    carried = sum(exceeds(rule, group) for group in tally.groups)
    return exceeds(rule, tally) and 100 * voted >= rule.quorum * tally.total and carried >= asked(rule, tally)


def asked(rule: Rule, tally: Tally) -> int:
    """In how many groups the share must be exceeded, by the rule and by who has a vote."""
    return min(rule.groups, sum(group.voters > 0 for group in tally.groups))


def exceeds(rule: Rule, side: Tally | Group) -> bool:
    """Whether yes is more than the rule's share of yes and no."""
    return 100 * side.yes > rule.share * (side.yes + side.no)
