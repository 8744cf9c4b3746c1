"""A second count of every motion: who had a vote, who voted what, and what the charter's rule makes of it.

Written apart from `tally`, `rules.motion` and `rules.tick`, which decide: membership, rules, time, roll, outcome and
what is in force are reckoned here once more from the acts, by other arithmetic, and `differs` says where the two do not
agree. Two things are taken from the fold: which leaves have effect at all (`spoken`), and whether what a motion says of
the charter, an office, the witnesses or the hub could still be when it was decided (`assembly.terms`).

A vote is counted if it was given between consultation and end, once, by a member not recused; it counts if that member
has a vote when a tick decides the motion, and that tick's checkpoint holds the vote. What the count makes of the rule
is in `roll`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from comity.acts.charter import Accession, Charter, Succession, Withdrawal
from comity.acts.key import KeyRegistered, KeyRevoked, Recovery
from comity.acts.motion import Comment, CommentAnswered, Motion, MotionWithdrawn, Vote
from comity.acts.tick import Tick
from comity.assembly.facts import Hindrance, MotionFacts
from comity.assembly.remembered import Articles, Moved, Seat, Thing
from comity.assembly.roll import Ballot, Outcome, Recount
from comity.assembly.spoken import Cosigners, Seen, Spoken, spoken
from comity.assembly.state import State
from comity.canon import Digest
from comity.model.member import Party

# Matters of which things stand in force; an admission until it is used.
STANDING: Final = frozenset({"norm", "norm-recognised", "study", "hub", "member"})


def recount(state: State, leaves: Sequence[bytes]) -> dict[int, Recount]:
    """Every motion of a log, by leaf index, in order."""
    floor = _Floor(state)
    for said in spoken(state, leaves):
        floor.hear(said)
    return dict(floor.counted())


class Recounting:
    """The second count of a log that grows: each leaf is read once, and a motion that is over stays as it was counted.

    Without the dates of what is in force, which later motions change.
    """

    def __init__(self) -> None:
        self._floor: _Floor | None = None
        self._size = 0

    def over(self, state: State, leaf: Callable[[int], bytes]) -> Mapping[int, Recount]:
        """Motions that are over; the state is of the same log as before, and as long or longer."""
        floor, since = (self._floor, self._size) if self._floor else (_Floor(state), 0)
        floor.fold, self._floor = state, None  # a count that breaks off is begun anew
        for said in spoken(state, [leaf(index) for index in range(since, state.size)], since=since):
            floor.hear(said)
        self._floor, self._size = floor, state.size
        return floor.done


def differs(state: State, counted: Recount) -> tuple[str, ...]:
    """What the fold says otherwise of this motion: none of it, if the two agree."""
    facts = state.motions[counted.motion]
    votes = {ballot.member: ballot.choice for ballot in counted.roll if ballot.choice is not None}
    pairs = {
        "votes": (dict(facts.votes), votes),
        "opened": (facts.opened, counted.opened),
        "tick": (facts.tick, counted.tick),
        "outcome": (facts.outcome, counted.outcome),
        "hindrance": (facts.hindrance, counted.hindrance),
        "answers": ((len(facts.comments), len(facts.answers)), (counted.comments, counted.answered)),
        "in force": (_in_force(state, facts), (counted.starts, counted.until) if counted.stands else None),
    }
    return tuple(name for name, (ours, theirs) in pairs.items() if ours != theirs)


def _in_force(state: State, facts: MotionFacts) -> tuple[int, int | None] | None:
    """From when, and until when, what the motion brought is in force; members are admitted, and then it is used up."""
    thing = state.in_force.get((facts.matter, facts.thing.digest))
    if thing is None or thing.motion != facts.ref or facts.matter == "member":
        return None
    return thing.starts, thing.until


class _Floor:
    """The assembly as far as motions need it: seats, articles, motions, and which texts are in force."""

    def __init__(self, state: State) -> None:
        self.fold = state
        self.articles = Articles({}, (), {}, "")
        self.seats: dict[str, Seat] = {}
        self.moved: dict[int, Moved] = {}
        self.open: set[int] = set()
        self.done: dict[int, Recount] = {}
        self.remarks: dict[int, int] = {}
        self.things: dict[tuple[str, Digest], Thing] = {}
        self.ran: dict[int, tuple[int, int | None]] = {}  # motion -> from when and until when its thing is in force
        self.time = 0
        self.cosigners = Cosigners()

    def hear(self, said: Spoken) -> None:
        """One act more."""
        self.cosigners.hear(said)
        match said.body:
            case Charter() as charter:
                self.articles = Articles(charter.rules, charter.recused, charter.groups, charter.host)
            case Accession(party=party):
                self._accedes(party, said.index)
            case Withdrawal():
                self._leaves(said.actor, said.index)
            case KeyRevoked(purpose="sign"):
                self._signs(said.actor, signs=False)
            case KeyRegistered(purpose="sign"):
                self._signs(said.actor, signs=True)
            case Recovery():
                self.seats[said.actor] = replace(self.seats[said.actor], signs=True, moved=said.index)
                self._admits_no_more(said.actor)
            case Succession(motion=motion):
                self._succeeds(motion.index)
            case Tick() as tick:
                self._tick(self.cosigners.seen(tick), said.index)
            case Motion() | MotionWithdrawn() | Comment() | CommentAnswered() | Vote():
                self._debate(said)

    def _debate(self, said: Spoken) -> None:
        """What is said of motions."""
        match said.body:
            case Motion() as body:
                self.moved[said.index] = Moved(said.index, said.actor, body, self.articles.rules[body.matter])
                self.open.add(said.index)
                if body.amends:
                    self._ends_by_mover(body.amends.index, said.index, "amended")
            case MotionWithdrawn(motion=motion):
                self._ends_by_mover(motion.index, said.index, "withdrawn")
            case Comment(motion=motion):
                self.remarks[said.index] = motion.index
                self.moved[motion.index].remarks[said.index] = None
            case CommentAnswered(comment=comment):
                self.moved[self.remarks[comment.index]].remarks[comment.index] = said.index
            case Vote(motion=motion, choice=choice) if self._hears(said.actor, motion.index):
                self.moved[motion.index].votes[said.actor] = (choice, said.index)

    def counted(self) -> Iterator[tuple[int, Recount]]:
        """All motions; those still open as they stand."""
        for index, moved in self.moved.items():
            one = self.done.get(index) or self._count(moved, self._voters(), self.articles, outcome="open")
            starts, until = self.ran.get(index, (None, None))
            thing = self.things.get((moved.body.matter, moved.body.thing.digest))
            stands = thing is not None and thing.motion == index and moved.body.matter != "member"
            yield index, replace(one, starts=starts, until=until, stands=stands)

    def _hears(self, actor: str, index: int) -> bool:
        """Whether a vote is taken: of one who has a vote, on an open motion, behind its consultation, the first."""
        moved = self.moved[index]
        in_time = moved.rule.consultation == 0 or (moved.talks is not None and self.time >= moved.talks)
        may = self.seats[actor].votes and actor != self.articles.without(moved.body.matter)
        return index in self.open and moved.ended is None and in_time and may and actor not in moved.votes

    def _ends_by_mover(self, index: int, leaf: int, outcome: Outcome) -> None:
        """Over, unless a tick yet to come decides it by leaves before this one."""
        self.moved[index] = replace(self.moved[index], ended=leaf)
        self.done[index] = self._count(self.moved[index], self._voters(), self.articles, outcome=outcome)

    def _tick(self, seen: Seen, index: int) -> None:
        """Time goes on: what is replaced by now is gone, and motions whose time is over are decided.

        All are decided by the articles and the voters that the tick finds, and by what was said before its checkpoint.
        """
        self.time = seen.time
        gone = [digest for digest, thing in self.things.items() if thing.until is not None and thing.until <= seen.time]
        for digest in gone:
            del self.things[digest]
        articles, voters = self.articles, self._voters()
        for motion in sorted(self.open):
            if (ended := self.moved[motion].ended) is not None and ended < seen.size:
                self.open.remove(motion)
                continue
            moved = self.moved[motion] = self._told(self.moved[motion], seen, index)
            if motion in self.done:
                self.done[motion] = replace(self.done[motion], opened=moved.opened, ends=moved.ends)
            mover = self.seats[moved.mover]
            if not mover.there and mover.moved < seen.size:
                votes = self._count(moved, voters, articles, outcome="rejected", size=seen.size)
                self.done[motion] = replace(votes, tick=index, time=seen.time, hindrance="left")
                self.open.remove(motion)
            elif moved.ends is not None and seen.time >= moved.ends:
                self._decide(moved, voters, articles, index, seen)

    def _told(self, moved: Moved, seen: Seen, index: int) -> Moved:
        """What a tick dates of a motion."""
        if moved.opened is None and moved.index < seen.size:
            moved = replace(moved, opened=seen.time)
        if moved.polled is None and moved.rule.consultation and moved.talks is not None and moved.talks <= seen.time:
            return replace(moved, polled=(index, None))
        if moved.polled is not None and moved.polled[1] is None and moved.polled[0] < seen.size:
            return replace(moved, polled=(moved.polled[0], seen.time))
        return moved

    def _decide(self, moved: Moved, voters: frozenset[str], articles: Articles, tick: int, seen: Seen) -> None:
        votes = self._count(moved, voters, articles, outcome="open", size=seen.size)
        enough = votes.carried and votes.quorate
        hindrance = self._hindrance(moved, seen.size, tick) if enough else None
        named = moved.body.terms.witnesses if moved.body.terms else None
        if enough and hindrance is None and named and not self.cosigners.stand_under(seen.tick, named):
            return  # it waits for those whom it names
        outcome: Outcome = "adopted" if enough and hindrance is None else "rejected"
        self.open.remove(moved.index)
        self.done[moved.index] = replace(votes, outcome=outcome, tick=tick, time=self.time, hindrance=hindrance)
        if outcome == "adopted":
            self._enact(moved, tick)

    def _hindrance(self, moved: Moved, size: int, tick: int) -> Hindrance | None:
        """A text or seat that is in another place by now, a comment without an answer; the fold's word on terms."""
        body = moved.body
        if (body.matter, body.thing.digest) in self.things or (body.replaces and self._replaced(body) is None):
            return "overtaken"
        if body.matter == "member" and body.name in self.seats and self.seats[body.name].moved > moved.index:
            return "overtaken"
        if moved.rule.consultation and not all(answer and answer < size for answer in moved.remarks.values()):
            return "unanswered"
        facts = self.fold.motions[moved.index]
        return "terms" if (facts.hindrance, facts.tick) == ("terms", tick) else None

    def _replaced(self, body: Motion) -> Thing | None:
        """The thing that a motion takes the place of, if no other is to do so already."""
        if body.replaces is None:
            return None
        old = self.moved[body.replaces.index].body
        thing = self.things.get((old.matter, old.thing.digest))
        return thing if thing and thing.motion == body.replaces.index and thing.until is None else None

    def _enact(self, moved: Moved, tick: int) -> None:
        """What an adopted motion changes of all this."""
        body = moved.body
        if body.matter == "suspension":
            self._leaves(body.name, tick)
        if body.terms and body.terms.charter:
            change, now = body.terms.charter, self.articles
            self.articles = Articles(
                rules={**now.rules, **change.rules},
                recused=now.recused if change.recused is None else change.recused,
                groups=now.groups if change.groups is None else change.groups,
                host=now.host,
            )
        if body.terms and body.terms.witnesses:
            self.cosigners.name(body.terms.witnesses)
        if body.matter in STANDING:
            self._stands(moved)

    def _stands(self, moved: Moved) -> None:
        """The thing is in force from its date, and what it replaces until then."""
        old = self._replaced(moved.body)
        starts = max(moved.body.starts or 0, self.time, old.starts if old else 0)
        if old is not None:
            place = (old.matter, self.moved[old.motion].body.thing.digest)
            self.ran[old.motion] = (old.starts, starts)
            if starts > self.time:
                self.things[place] = replace(old, until=starts)
            else:
                del self.things[place]
        body = moved.body
        self.things[body.matter, body.thing.digest] = Thing(moved.index, body.name, body.matter, starts)
        if body.matter != "member":
            self.ran[moved.index] = (starts, None)

    def _succeeds(self, motion: int) -> None:
        """The log is at another host; whatever else was decided about its place is over."""
        terms = self.moved[motion].body.terms
        if terms and terms.hub:
            self.articles = replace(self.articles, host=terms.hub.host)
        self.things = {place: thing for place, thing in self.things.items() if thing.matter != "hub"}

    def _admits_no_more(self, id: str) -> None:
        """What was agreed on about who joins under this id is used, or over."""
        over = [place for place, thing in self.things.items() if (thing.matter, thing.name) == ("member", id)]
        for place in over:
            del self.things[place]

    def _accedes(self, party: Party, leaf: int) -> None:
        """Somebody joins, by a key that serves: nobody does by one that was revoked or replaced."""
        self.seats[party.id] = Seat(party, leaf)
        self._admits_no_more(party.id)

    def _leaves(self, id: str, leaf: int) -> None:
        if self.seats[id].there:
            self.seats[id] = replace(self.seats[id], there=False, moved=leaf)
        self._admits_no_more(id)

    def _signs(self, id: str, *, signs: bool) -> None:
        self.seats[id] = replace(self.seats[id], signs=signs)

    def _voters(self) -> frozenset[str]:
        return frozenset(id for id, seat in self.seats.items() if seat.votes)

    def _count(
        self, moved: Moved, members: frozenset[str], articles: Articles, *, outcome: Outcome, size: int | None = None
    ) -> Recount:
        body = moved.body
        rule, recused = articles.rules[body.matter], articles.without(body.matter)
        voters = members - {recused}
        roll = []
        for id in sorted(voters | set(moved.votes)):
            choice, leaf = moved.votes.get(id, (None, None))
            party = self.seats[id].party
            weight = party.weight if rule.counted == "weights" else 1
            late = leaf is not None and size is not None and leaf >= size
            roll.append(
                Ballot(
                    member=id,
                    weight=weight,
                    choice=choice,
                    leaf=leaf,
                    counts=id in voters,
                    late=late,
                    group=articles.group(party.area),
                )
            )
        return Recount(
            motion=moved.index,
            matter=body.matter,
            name=body.name,
            mover=moved.mover,
            replaces=body.replaces.index if body.replaces else None,
            amends=body.amends.index if body.amends else None,
            rule=rule,
            roll=tuple(roll),
            groups=tuple(sorted(articles.groups)),
            recused=recused,
            opened=moved.opened,
            ends=moved.ends,
            consulted=moved.talks if moved.rule.consultation else None,
            tick=None,
            time=None,
            outcome=outcome,
            comments=len(moved.remarks),
            answered=len([answer for answer in moved.remarks.values() if answer is not None]),
        )
