"""How votes decide: the count of a motion among members in good standing, and what the charter's rule makes of it.

Pure arithmetic on whole numbers; when a motion is decided is the affair of `rules.tick`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from comity.acts.charter import Rule
from comity.acts.motion import Choice
from comity.assembly.state import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Weights by choice, the weight of all members who might have voted, and how many members said no."""

    yes: int
    no: int
    abstain: int
    total: int
    objections: int


def count(votes: Mapping[str, Choice], members: Mapping[str, Actor]) -> Tally:
    """The votes of those who are members in good standing now; the vote of one who is not any more counts nowhere."""
    weight = dict.fromkeys(("yes", "no", "abstain"), 0)
    objections = 0
    for id, choice in votes.items():
        if id in members:
            weight[choice] += members[id].party.weight
            objections += choice == "no"
    total = sum(member.party.weight for member in members.values())
    return Tally(yes=weight["yes"], no=weight["no"], abstain=weight["abstain"], total=total, objections=objections)


def adopts(rule: Rule, tally: Tally) -> bool:
    """Whether the count adopts, under one rule of the charter; an assembly without members adopts nothing.

    Majority: yes is more than `share` per cent of yes and no, and at least `quorum` per cent of all weight voted.
    Consensus: fewer than `objections` members said no.
    """
    if tally.total == 0:
        return False
    if rule.method == "consensus":
        return tally.objections < rule.objections
    voted = tally.yes + tally.no + tally.abstain
    return 100 * tally.yes > rule.share * (tally.yes + tally.no) and 100 * voted >= rule.quorum * tally.total
