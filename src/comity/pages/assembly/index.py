"""Who did what, by actor, gathered once from a state that grows: the pages of members ask for the newest of it.

What an actor moved, voted and said stands in a state by motion or leaf. An index remembers how far it has looked, so
that a head more costs what came with it. It holds leaf indices, no facts: those are the state's.
"""

from bisect import insort
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

from comity.acts.motion import Comment, CommentAnswered
from comity.assembly.facts import MotionFacts
from comity.assembly.state import State
from comity.canon import Digest
from comity.pages.assembly.room import Room

Follows = Literal["replaced", "amended"]


def _lists() -> defaultdict[str, list[int]]:
    return defaultdict(list)


@dataclass(slots=True)
class Index:
    """What was said, by whom; each list in the order of the log."""

    moved: defaultdict[str, list[int]] = field(default_factory=_lists)
    voted: defaultdict[str, list[int]] = field(default_factory=_lists)  # motions
    choices: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    consents: defaultdict[str, list[int]] = field(default_factory=_lists)
    refusals: defaultdict[str, list[int]] = field(default_factory=_lists)
    releases: defaultdict[str, list[int]] = field(default_factory=_lists)
    proposed: defaultdict[str, list[int]] = field(default_factory=_lists)  # estimates, by custodian
    estimated: defaultdict[str, list[int]] = field(default_factory=_lists)  # estimates, by country
    asks: defaultdict[str, list[int]] = field(default_factory=_lists)  # audits
    asked: defaultdict[str, list[int]] = field(default_factory=_lists)  # audits
    # motion -> later motions that replace it if adopted, or amend it
    followed: defaultdict[int, list[tuple[Follows, int]]] = field(default_factory=lambda: defaultdict(list))
    texts: defaultdict[int, list[Digest]] = field(default_factory=lambda: defaultdict(list))  # motion -> its comments'
    _seen: dict[str, int] = field(default_factory=dict)  # history -> how many of it were gathered
    _open: set[int] = field(default_factory=set)  # motions that were open at the last look
    _votes: dict[int, int] = field(default_factory=dict)  # motion -> how many of its votes were gathered
    _read: set[int] = field(default_factory=set)  # leaves of comments and answers whose bodies are known

    def update(self, room: Room) -> None:
        """Gather what came since the last look; the state must be the same log, not shorter."""
        state = room.state
        for index in (*sorted(self._open), *self._new("motions", len(state.motions), state)):
            self._motion(room, state.motions[index])
        self._open = set(state.pending)
        for consent in self._new("consents", len(state.consents), state):
            self.consents[state.consents[consent].member].append(consent)
        for refusal in self._new("refusals", len(state.refusals), state):
            self.refusals[state.refusals[refusal].member].append(refusal)
        for release in self._new("releases", len(state.releases), state):
            self.releases[state.releases[release].publisher].append(release)
        for estimate in self._new("estimates", len(state.estimates), state):
            self.proposed[state.estimates[estimate].custodian].append(estimate)
            self.estimated[state.estimates[estimate].member].append(estimate)
        for audit in self._new("audits", len(state.audits), state):
            self.asks[state.audits[audit].asks].append(audit)
            self.asked[state.audits[audit].asked].append(audit)

    def _new(self, name: str, size: int, state: State) -> tuple[int, ...]:
        """Keys of one history behind those that were gathered."""
        seen = self._seen.get(name, 0)
        self._seen[name] = size
        return tuple(islice(getattr(state, name), seen, size))

    def _motion(self, room: Room, facts: MotionFacts) -> None:
        """A new motion, or one that was open: who voted since, and what was said of it."""
        index = facts.ref.index
        if index not in self._open:
            self.moved[facts.mover].append(index)
            if facts.replaces is not None:
                self.followed[facts.replaces.index].append(("replaced", index))
            if facts.amends is not None:
                self.followed[facts.amends.index].append(("amended", index))
        for member, choice in islice(facts.votes.items(), self._votes.get(index, 0), None):
            insort(self.voted[member], index)  # who looks at every head finds them in another order
            self.choices[member][choice] += 1
        self._votes[index] = len(facts.votes)
        for leaf in (*facts.comments, *facts.answers.values()):
            if leaf not in self._read:
                said = room.said(leaf).body
                assert isinstance(said, Comment | CommentAnswered)
                self.texts[index].append(said.text.digest)
                self._read.add(leaf)
