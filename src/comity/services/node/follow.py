"""What the log says to this node: the state up to a checkpoint under the quorum, every leaf read.

Decides which checkpoint counts: signed by the log of the pinned charter, or by the hub that the members chose to take
it over; cosigned by the charter's quorum (or more, if the office's policy asks for more), its root recomputed from all
leaves, and never smaller than before: a new hub that leaves out what stood under the quorum is not followed. Meaning is
`assembly.fold`'s alone. Equal leaves give equal states, so nodes of one process share the newest ones.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Final

from comity.adapters.client import Client
from comity.adapters.leaves import Leaves
from comity.assembly import fold, witnesses
from comity.assembly.state import State
from comity.canon import Digest
from comity.errors import ClockOff, ComityError, NotVerified, PolicyRefuses
from comity.model.reason import Reason
from comity.services.node import conflict
from comity.services.node.reader import Reader, Source, parse
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.note import Note
from comity.tlog.quorum import Cosigned, Quorum, cosigned

CLOCK: Final = 300  # seconds that this machine may be away from the witnesses' time
SHARED: Final = 4  # newest states kept for other nodes of this process

_states: dict[bytes, State] = {}  # root -> the state that follows from its leaves


@dataclass(slots=True)
class Follower:
    """One node's view of the log. `witnesses`: cosignatures its policy asks for, 0 for the charter's quorum."""

    home: Path
    client: Client
    reader: Reader
    cache: Leaves | None = None
    witnesses: int = 0
    state: State = fold.start()
    seen: Cosigned | None = None  # the checkpoint up to which `state` goes
    _raw: bytes | None = None

    @classmethod
    def open(
        cls, home: Path, client: Client, charter: Digest, cache: Leaves | None, *, keep: bool, witnesses: int = 0
    ) -> "Follower":
        """Begin with the pinned charter and what the cache holds, without a call to the hub.

        Args:
            keep: write to the cache what is read.
        """
        followed = _followed(cache)
        reader = Reader(client, charter, cache, keep=keep, pause=followed[1] if followed else 0)
        follower = cls(home, client, reader, cache if keep else None, witnesses)
        follower._begin()
        if followed and reader.charter:
            # Nothing new is learnt from it: it was checked before, and is checked again.
            with suppress(ComityError):
                note, _ = followed
                if reader.check(note).size <= reader.size:
                    follower.read(note)
                    follower._follow(note)
        return follower

    def poll(self) -> bool:
        """Look for a new checkpoint; True if the state or its time is newer. Any failure leaves all as it was.

        Raises:
            NotVerified: leaves left out, a split view, or a log that shrank; the evidence is kept.
            QuorumShort: too few witnesses stand under the checkpoint.
            Unreachable: the hub does not answer.
        """
        conflict.halt(self.home)
        raw = self.client.moving("checkpoint")
        if raw is None or raw == self._raw:
            return False
        note = parse(raw, where="checkpoint")
        if not self.reader.leads_on(note):
            self._check(note)
        self._refuse_the_past(note)
        self.read(note)
        self._follow(note)
        self._raw = raw
        if self.cache is not None:
            self.cache.follow(str(note))
        return True

    def pending(self) -> Note | None:
        """The checkpoint that waits for cosignatures, every leaf of it read, or None.

        NotVerified, also for a checkpoint of the old hub's, where the log went over to another.
        """
        raw = self.client.moving("checkpoint.pending")
        if raw is None:
            return None
        note = parse(raw, where="checkpoint.pending")
        checkpoint = self.read(note)
        if self.reader.log is None or checkpoint.origin != self.reader.log.name:
            raise NotVerified(
                "the old hub asks for cosignatures of a log that went over to another",
                where=f"checkpoint.pending of {checkpoint.origin}",
                wanted=self.reader.log.name if self.reader.log else "",
                way_out="not cosigned; name the new hub's address (comity node join)",
            )
        return note

    def go_over(self, client: Client, note: Note, shown: Source) -> None:
        """Read on at another hub, which must have taken the log over; if it has not, all stays as it was.

        Args:
            shown: what leads to the note, read before: no call is made for it.
        """
        self.reader.client = shown
        try:
            self.read(note)
        except ComityError:
            self.reader.client = self.client
            raise
        self.client = self.reader.client = client
        self._raw = None

    def _check(self, note: Note) -> None:
        """`Reader.check`, and evidence where an old hub goes on behind the end of its log."""
        try:
            self.reader.check(note)
        except NotVerified:
            if self.reader.log is not None and Checkpoint.of(note).origin != self.reader.log.name:
                conflict.keep(self.home / conflict.FOLDER, self.reader, self.client, note)
            raise

    def read(self, note: Note) -> Checkpoint:
        """`Reader.read`, and evidence if the leaves do not make the checkpoint's root."""
        try:
            checkpoint = self.reader.read(note, self._certain())
        except NotVerified:
            conflict.keep(self.home / conflict.FOLDER, self.reader, self.reader.client, note)
            raise
        self._begin()
        return checkpoint

    def _certain(self) -> State:
        """What stood under the quorum: no other hub takes it away again."""
        return self.state

    def ask(self, witnesses: int) -> None:
        """From now on ask for so many cosignatures; what stood under fewer counts no more."""
        if witnesses != self.witnesses:
            self.witnesses, self.seen, self._raw = witnesses, None, None

    def check_clock(self, now: int) -> None:
        """ClockOff if this machine's clock cannot be right.

        It may not be behind the witnesses' median by more than 300 s. A log that rests is older than any clock, so
        being ahead shows against the hub's own Date header: a liar there can only keep this node silent.
        """
        behind = self.seen.time - now if self.seen and self.seen.times else 0
        apart = abs(self.client.date - now) if self.client.date else 0
        if behind > CLOCK or apart > CLOCK:
            other = self.seen.time if self.seen and behind > CLOCK else self.client.date
            raise ClockOff(
                "this machine's clock is too far from the others'",
                where="clock",
                found=str(now),
                wanted=f"within {CLOCK} s of {other}",
                way_out="set the clock (NTP)",
            )

    def _follow(self, note: Note) -> None:
        """Fold up to a checkpoint whose leaves were read, if the quorum stands under it.

        By the keys as its own leaves left them, which only officers change: the witnesses cosign by these.
        """
        checkpoint = Checkpoint.of(note)
        state = self._folded(checkpoint)
        if checkpoint.origin != (now := witnesses.charter_of(state).origin):
            raise NotVerified(
                "the log's own leaves end it, and its hub goes on",
                where=f"checkpoint {checkpoint.size} of {checkpoint.origin}",
                wanted=f"a checkpoint of {now}",
            )
        self.seen = cosigned(note, self._quorum(state))
        self.state = state

    def _begin(self) -> None:
        """Leaf 0 is pinned: it holds before any witness has seen it, or no witness could begin."""
        if self.state.size == 0 and self.reader.size:
            self.state, reasons = _founded(self.reader.leaves(0, 1)[0])
            if reasons:
                raise NotVerified("the pinned charter does not hold", where="leaf 0", found=reasons[0].code)

    def _quorum(self, state: State) -> Quorum:
        """The charter's quorum, or as many of its witnesses as the policy asks, if that is more."""
        quorum = witnesses.quorum(state)
        (group,) = quorum.groups
        if self.witnesses <= group.least:
            return quorum
        if self.witnesses > len(group.members):
            raise PolicyRefuses(
                "the policy asks for more witnesses than the charter names",
                where="policy.toml: sealed.witnesses",
                found=str(self.witnesses),
                wanted=f"{len(group.members)} at most",
            )
        return replace(quorum, groups=(*quorum.groups[:-1], replace(group, least=self.witnesses)))

    def _refuse_the_past(self, note: Note) -> None:
        """A published checkpoint never goes back; a mirror that is late does, and says nothing new."""
        size = Checkpoint.of(note).size
        if self.seen and size < self.seen.checkpoint.size:
            conflict.keep(self.home / conflict.FOLDER, self.reader, self.client, note)
            raise NotVerified(
                "the log shrank",
                where=f"checkpoint {size} of {self.seen.checkpoint.origin}",
                found=f"{size} leaves",
                wanted=f"{self.seen.checkpoint.size} at least",
                way_out="ask again later; the checkpoint is kept in evidence/",
            )

    def _folded(self, checkpoint: Checkpoint) -> State:
        """The state at a checkpoint whose leaves were read."""
        state = _states.get(checkpoint.root)
        if state is None:
            state = self.reader.folded(checkpoint.size) or self.state
            for leaf in self.reader.leaves(state.size, checkpoint.size):
                state, _ = fold.step(state, leaf)  # what is against the rules stands in state.breaches
            while len(_states) >= SHARED:
                _states.pop(next(iter(_states)))
            _states[checkpoint.root] = state
        return state


def _followed(cache: Leaves | None) -> tuple[Note, int] | None:
    """The checkpoint that was followed last, and its size; None if there is none, or none that can be read."""
    text = cache.followed() if cache else ""
    with suppress(ComityError):
        note = Note.parse(text)
        return note, Checkpoint.of(note).size
    return None


@lru_cache(maxsize=4)
def _founded(leaf: bytes) -> tuple[State, tuple[Reason, ...]]:
    """The state after leaf 0; the same for all offices of a process."""
    return fold.step(fold.start(), leaf)
