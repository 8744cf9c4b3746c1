"""The count of one motion as a second reading makes it: the roll call, and what the charter's rule makes of it.

Decides quorum, share and groups by fractions, apart from `tally`. Who is on the roll is `recount`'s affair.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from comity.acts.charter import Matter, Rule
from comity.acts.motion import Choice
from comity.assembly.facts import Hindrance

Outcome = Literal["open", "adopted", "rejected", "withdrawn", "amended"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """One line of the roll: who, with which weight, voted what at which leaf, and whether it counts."""

    member: str
    weight: int
    choice: Choice | None  # None: did not vote
    leaf: int | None
    counts: bool  # has a vote on this matter, when the motion was decided, or now if it is open
    late: bool = False  # behind the checkpoint by which the motion was decided: as if it had not voted
    group: str = ""  # of the charter, "" if it is in none

    @property
    def heard(self) -> Choice | None:
        """What it voted in time."""
        return None if self.late else self.choice


@dataclass(frozen=True, slots=True, kw_only=True)
class Recount:
    """A motion counted anew. `roll`: by id, all who had a vote, and all who voted."""

    motion: int  # leaf index
    matter: Matter
    name: str
    mover: str
    replaces: int | None  # leaf index of the motion whose text this one takes the place of
    amends: int | None  # leaf index of the draft that this one changes
    rule: Rule
    roll: tuple[Ballot, ...]
    groups: tuple[str, ...] = ()  # of the charter, by name
    recused: str = ""  # the member that has no vote on this matter, "" if there is none
    opened: int | None  # POSIX seconds of the first tick that held it
    ends: int | None  # POSIX seconds from which a tick decides it; None before it was opened
    tick: int | None  # leaf index of the tick that decided it
    time: int | None  # POSIX seconds of that tick
    outcome: Outcome
    consulted: int | None = None  # POSIX seconds at which its consultation is over; None before it was opened
    hindrance: Hindrance | None = None  # why it was rejected whatever the votes
    comments: int = 0
    answered: int = 0  # comments
    starts: int | None = None  # POSIX seconds from which its thing is in force, if it was adopted
    until: int | None = None  # POSIX seconds at which a newer one takes its place
    stands: bool = False  # in force, or to be

    def weight(self, *choices: Choice | None, group: str | None = None) -> int:
        """Votes that count, for these choices; of one group, or of all."""
        of = [ballot for ballot in self.roll if ballot.counts and group in (None, ballot.group)]
        return sum(ballot.weight for ballot in of if ballot.heard in choices)

    @property
    def total(self) -> int:
        """Votes of all who have one, whether they voted or not."""
        return self.weight("yes", "no", "abstain", None)

    @property
    def objections(self) -> int:
        """How many members said no, whatever their weight."""
        return len([ballot for ballot in self.roll if ballot.counts and ballot.heard == "no"])

    @property
    def quorate(self) -> bool:
        """Whether enough of all votes took part; consensus asks for no quorum."""
        if self.rule.method == "consensus":
            return True
        return self.total > 0 and Fraction(self.total - self.weight(None), self.total) >= _percent(self.rule.quorum)

    @property
    def carrying(self) -> tuple[str, ...]:
        """Groups among whose votes the share is exceeded."""
        return tuple(group for group in self.groups if self.exceeds(group))

    @property
    def asked(self) -> int:
        """In how many groups the share must be exceeded: as the rule says, or in all with a vote, if they are fewer."""
        return min(self.rule.groups, len({ballot.group for ballot in self.roll if ballot.counts} & set(self.groups)))

    @property
    def carried(self) -> bool:
        """Whether the votes cast are enough by the rule, the quorum left aside."""
        if self.rule.method == "consensus":
            return self.total > 0 and not self.objections >= self.rule.objections
        return self.exceeds(None) and not len(self.carrying) < self.asked

    def exceeds(self, group: str | None) -> bool:
        """Whether the share of yes is enough, among the votes of one group or of all."""
        cast = self.weight("yes", "no", group=group)
        return cast > 0 and Fraction(self.weight("yes", group=group), cast) > _percent(self.rule.share)


def _percent(of: int) -> Fraction:
    return Fraction(of, 100)
