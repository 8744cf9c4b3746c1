"""A second count of every motion: who had a vote, who voted what, and what the charter's rule makes of it.

Written apart from `tally` and `rules.tick`, which decide: membership, time, roll and outcome are reckoned here once
more from the acts, by other arithmetic, and `differs` says where the two do not agree. Which leaves have effect at all
is the fold's word (`spoken`). A member's vote counts if it is a member in good standing when a tick decides the motion.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal

from comity import canon
from comity.acts.charter import Accession, Charter, Matter, Rule, Withdrawal
from comity.acts.key import KeyRegistered, KeyRevoked
from comity.acts.motion import Choice, Motion, MotionWithdrawn, Vote
from comity.acts.tick import Tick
from comity.assembly.spoken import Cosigners, Seen, Spoken, spoken
from comity.assembly.state import State
from comity.canon import Digest
from comity.model.member import Party

Outcome = Literal["open", "adopted", "rejected", "withdrawn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """One line of the roll: who, with which weight, voted what at which leaf, and whether it counts."""

    member: str
    weight: int
    choice: Choice | None  # None: did not vote
    leaf: int | None
    counts: bool  # a member in good standing when the motion was decided, or now if it is open


@dataclass(frozen=True, slots=True, kw_only=True)
class Recount:
    """A motion counted anew. `roll`: by id, all who had a vote, and all who voted."""

    motion: int  # leaf index
    matter: Matter
    name: str
    mover: str
    replaces: int | None  # leaf index of the motion whose text this one amends
    rule: Rule
    roll: tuple[Ballot, ...]
    opened: int | None  # POSIX seconds of the first tick that held it
    ends: int | None  # POSIX seconds from which a tick decides it; None before it was opened
    tick: int | None  # leaf index of the tick that decided it
    time: int | None  # POSIX seconds of that tick
    outcome: Outcome
    stale: bool = False  # rejected, as the text that it amends was in force no more

    def weight(self, *choices: Choice | None) -> int:
        """Votes that count, for these choices."""
        return sum(ballot.weight for ballot in self.roll if ballot.counts and ballot.choice in choices)

    @property
    def total(self) -> int:
        """Votes of all members in good standing, whether they voted or not."""
        return self.weight("yes", "no", "abstain", None)

    @property
    def objections(self) -> int:
        """How many members said no, whatever their weight."""
        return len([ballot for ballot in self.roll if ballot.counts and ballot.choice == "no"])

    @property
    def quorate(self) -> bool:
        """Whether enough of all votes took part; consensus asks for no quorum."""
        if self.rule.method == "consensus":
            return True
        return self.total > 0 and Fraction(self.total - self.weight(None), self.total) >= _percent(self.rule.quorum)

    @property
    def carried(self) -> bool:
        """Whether the votes cast are enough by the rule, the quorum left aside."""
        if self.rule.method == "consensus":
            return self.total > 0 and not self.objections >= self.rule.objections
        cast = self.weight("yes", "no")
        return cast > 0 and Fraction(self.weight("yes"), cast) > _percent(self.rule.share)


def recount(state: State, leaves: Sequence[bytes]) -> dict[int, Recount]:
    """Every motion of a log, by leaf index, in order."""
    floor = _Floor()
    for said in spoken(state, leaves):
        floor.hear(said)
    return dict(floor.counted())


def differs(state: State, counted: Recount) -> tuple[str, ...]:
    """What the fold says otherwise of this motion: none of it, if the two agree."""
    facts = state.motions[counted.motion]
    votes = {ballot.member: ballot.choice for ballot in counted.roll if ballot.choice is not None}
    pairs = {
        "votes": (dict(facts.votes), votes),
        "opened": (facts.opened, counted.opened),
        "tick": (facts.tick, counted.tick),
        "outcome": (facts.outcome, counted.outcome),
    }
    return tuple(name for name, (ours, theirs) in pairs.items() if ours != theirs)


@dataclass(frozen=True, slots=True)
class _Seat:
    """A party that acceded, and what became of it."""

    party: Party
    there: bool = True
    signs: bool = True

    @property
    def votes(self) -> bool:
        return self.party.role == "member" and self.there and self.signs


@dataclass(frozen=True, slots=True)
class _Moved:
    """A motion while the log is read."""

    index: int
    mover: str
    body: Motion
    votes: dict[str, tuple[Choice, int]] = field(default_factory=dict)
    opened: int | None = None


class _Floor:
    """The assembly as far as motions need it: seats, rules, motions, and which texts are in force."""

    def __init__(self) -> None:
        self.rules: dict[str, Rule] = {}
        self.seats: dict[str, _Seat] = {}
        self.moved: dict[int, _Moved] = {}
        self.open: set[int] = set()
        self.done: dict[int, Recount] = {}
        self.in_force: set[Digest] = set()
        self.cosigners = Cosigners()

    def hear(self, said: Spoken) -> None:
        """One act more."""
        self.cosigners.hear(said)
        match said.body:
            case Charter(rules=rules):
                self.rules = rules
            case Accession(party=party):
                self.seats[party.id] = _Seat(party)
            case Withdrawal():
                self._leaves(said.actor)
            case KeyRevoked(purpose="sign"):
                self._signs(said.actor, signs=False)
            case KeyRegistered(purpose="sign"):
                self._signs(said.actor, signs=True)
            case Motion() as body:
                self.moved[said.index] = _Moved(said.index, said.actor, body)
                self.open.add(said.index)
            case Vote(motion=motion, choice=choice):
                self.moved[motion.index].votes[said.actor] = (choice, said.index)
            case MotionWithdrawn(motion=motion):
                self.open.remove(motion.index)
                self.done[motion.index] = self._count(self.moved[motion.index], self._voters(), outcome="withdrawn")
            case Tick() as tick:
                self._tick(self.cosigners.seen(tick), said.index)

    def counted(self) -> Iterator[tuple[int, Recount]]:
        """All motions; those still open as they stand."""
        for index, moved in self.moved.items():
            yield index, self.done.get(index) or self._count(moved, self._voters(), outcome="open")

    def _tick(self, seen: Seen, index: int) -> None:
        """Motions that the checkpoint holds are open; those whose time is over are decided by who has a vote now."""
        voters = self._voters()
        for motion in sorted(self.open):
            moved = self.moved[motion]
            if moved.opened is None and motion < seen.size:
                moved = self.moved[motion] = replace(moved, opened=seen.time)
            ends = self._ends(moved)
            if ends is not None and seen.time >= ends:
                self._decide(moved, voters, index, seen.time)

    def _decide(self, moved: _Moved, voters: frozenset[str], tick: int, time: int) -> None:
        body = moved.body
        old = self.moved[body.replaces.index].body.thing.digest if body.replaces else None
        stale = old is not None and old not in self.in_force
        votes = self._count(moved, voters, outcome="open")
        adopted = votes.carried and votes.quorate and not stale
        outcome: Outcome = "adopted" if adopted else "rejected"
        self.open.remove(moved.index)
        self.done[moved.index] = self._count(moved, voters, outcome=outcome, tick=tick, time=time, stale=stale)
        if not adopted:
            return
        if body.matter == "suspension":
            if canon.digest(canon.encode(self.seats[body.name].party)) == body.thing.digest:
                self._leaves(body.name)
            return
        self.in_force = (self.in_force - {old}) | {body.thing.digest}

    def _leaves(self, id: str) -> None:
        self.seats[id] = replace(self.seats[id], there=False)

    def _signs(self, id: str, *, signs: bool) -> None:
        self.seats[id] = replace(self.seats[id], signs=signs)

    def _ends(self, moved: _Moved) -> int | None:
        if moved.opened is None:
            return None
        return max(moved.body.closes, moved.opened + self.rules[moved.body.matter].seconds)

    def _voters(self) -> frozenset[str]:
        return frozenset(id for id, seat in self.seats.items() if seat.votes)

    def _count(
        self,
        moved: _Moved,
        voters: frozenset[str],
        *,
        outcome: Outcome,
        tick: int | None = None,
        time: int | None = None,
        stale: bool = False,
    ) -> Recount:
        roll = []
        for id in sorted(voters | set(moved.votes)):
            choice, leaf = moved.votes.get(id, (None, None))
            weight = self.seats[id].party.weight
            roll.append(Ballot(member=id, weight=weight, choice=choice, leaf=leaf, counts=id in voters))
        return Recount(
            motion=moved.index,
            matter=moved.body.matter,
            name=moved.body.name,
            mover=moved.mover,
            replaces=moved.body.replaces.index if moved.body.replaces else None,
            rule=self.rules[moved.body.matter],
            roll=tuple(roll),
            opened=moved.opened,
            ends=self._ends(moved),
            tick=tick,
            time=time,
            outcome=outcome,
            stale=stale,
        )


def _percent(of: int) -> Fraction:
    return Fraction(of, 100)
