"""What a second reading remembers while it goes through a log: seats, motions, articles, and what is in force.

Nouns of `recount` alone, apart from the facts of the state: a mistake there is not made here again. When a motion ends
is reckoned here; whose votes count, and what follows, by `recount`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from comity.acts.charter import Matter, Rule
from comity.acts.motion import Choice, Motion
from comity.model.member import Party


@dataclass(frozen=True, slots=True)
class Seat:
    """A party that acceded, and what became of it."""

    party: Party
    moved: int  # leaf index at which it last joined, left or recovered
    there: bool = True
    signs: bool = True

    @property
    def votes(self) -> bool:
        return self.party.role == "member" and self.there and self.signs


@dataclass(frozen=True, slots=True)
class Moved:
    """A motion while the log is read, under the rule by whose times it was moved.

    remarks: leaf index of a comment, and that of its answer.
    polled: the tick behind which votes are taken, and the time that the first tick told which saw that one.
    """

    index: int
    mover: str
    body: Motion
    rule: Rule
    votes: dict[str, tuple[Choice, int]] = field(default_factory=dict)
    remarks: dict[int, int | None] = field(default_factory=dict)
    opened: int | None = None
    polled: tuple[int, int | None] | None = None
    ended: int | None = None  # leaf index of the mover's own end

    @property
    def talks(self) -> int | None:
        """When its consultation is over."""
        return None if self.opened is None else self.opened + self.rule.consultation

    @property
    def ends(self) -> int | None:
        """When a tick decides it: behind each of three times that must all be told."""
        times = [self.body.closes, None if self.opened is None else self.opened + self.rule.seconds]
        if self.rule.consultation:
            begun = self.polled[1] if self.polled else None
            times.append(None if begun is None else begun + self.rule.seconds - self.rule.consultation)
        told = [time for time in times if time is not None]
        return max(told) if len(told) == len(times) else None


@dataclass(frozen=True, slots=True)
class Articles:
    """What the charter says of votes, as it stands."""

    rules: Mapping[str, Rule]
    recused: tuple[str, ...]
    groups: Mapping[str, tuple[str, ...]]
    host: str

    def without(self, matter: Matter) -> str:
        """Who has no vote on a matter."""
        return self.host if self.host and matter in self.recused else ""

    def group(self, area: str) -> str:
        """The group that an area is in."""
        return next((name for name, areas in self.groups.items() if area in areas), "")


@dataclass(frozen=True, slots=True)
class Thing:
    """What a motion brought into force."""

    motion: int
    name: str
    matter: str
    starts: int
    until: int | None = None
