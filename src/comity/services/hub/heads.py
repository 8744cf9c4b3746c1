"""The heads of the log: which checkpoint waits for cosignatures, which is published, and who stands under each.

Decides that a checkpoint is published when the charter's quorum stands under it, by the keys as its own leaves left
them: so whoever reads the log up to there finds the same quorum. The note carries the log's line and those that count;
all other lines, and what comes late, stand in the side file (`tlog.beside`). Beside it lie the policies by which a
reader judges them: `policy`, and `policy.ml-dsa-44` apart, because older readers refuse a file with such a key in it.

A line is public once it is published, and anybody may post it again. So of one key and one head only a later line is
new: else whoever has no key at all could answer, with old times, each time that a new time is asked for.

For one thread at a time: the sequencer's lock.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Self

from comity.adapters import durable
from comity.adapters.static_log import StaticLog
from comity.assembly import clock, witnesses
from comity.assembly.state import State
from comity.errors import QuorumShort
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.cosignature import time_of
from comity.tlog.note import Note, SignatureLine, Vkey
from comity.tlog.quorum import Cosigned, Policy, cosigned

Key = tuple[str, bytes]  # name and id of a verifier key

PATIENCE: Final = 3  # seconds
POLICY: Final = "policy"
MLDSA_POLICY: Final = "policy.ml-dsa-44"


@dataclass(slots=True)
class Head:
    """One checkpoint, what the log means up to it, and the newest line of each key that cosigned it.

    times: of the newest line of each key at this very head, whether that line stands among `lines` or not.
    """

    note: Note
    state: State
    lines: dict[Key, SignatureLine] = field(default_factory=dict)
    times: dict[Key, int] = field(default_factory=dict)

    @classmethod
    def standing(cls, note: Note, state: State, beside: Sequence[SignatureLine], outside: Sequence[Vkey]) -> Self:
        """A checkpoint that was published before, with what stands on it and beside it."""
        head = cls(note, state)
        for line in (*note.signatures, *beside):
            head.take(line, outside)
        head.lines.clear()  # they are on disk
        return head

    def take(self, given: SignatureLine, outside: Sequence[Vkey]) -> bool:
        """Whether the line is a cosignature of this checkpoint, by a member or an outside witness; kept if new."""
        mine = witnesses.named(self.state, given)
        vkey = mine or next((vkey for vkey in outside if given.names(vkey)), None)
        time = time_of(given, vkey, self.note.text) if vkey else None
        if time is None:
            return False
        key = given.name, given.id
        if _is_later(time, self.times.get(key)):
            self.lines[key], self.times[key] = given, time
        return True


class Heads:
    """Pending and published checkpoint of one log."""

    def __init__(self, static: StaticLog, at: State, *, outside: Sequence[Vkey] = ()) -> None:
        """Begin with what is published.

        Args:
            at: what the log means up to the published checkpoint.
            outside: keys of witnesses that are no members.
        """
        self._static, self._outside = static, tuple(outside)
        self._pending: Head | None = None
        self._asked = 0  # when, POSIX seconds
        self._late = False  # whether lines came for the published checkpoint that its side file does not hold yet
        note = static.published()
        self._published: Head | None = None
        if note:
            beside = static.standing(Checkpoint.of(note).size)
            self._published = Head.standing(note, at, beside, self._outside)
            self._show(self._published)

    @property
    def pending(self) -> Note | None:
        """The checkpoint that waits for cosignatures."""
        return self._pending.note if self._pending else None

    @property
    def published(self) -> Note | None:
        """The newest checkpoint that stands under the quorum."""
        return self._published.note if self._published else None

    @property
    def covered(self) -> State | None:
        """What the log means up to that checkpoint."""
        return self._published.state if self._published else None

    def ask(self, head: Callable[[], Note], state: State, now: int) -> None:
        """Show a pending checkpoint of the whole log; tiles first, so that whoever cosigns can read every leaf.

        One that waits is left alone for a while: replacing it at each new leaf would never let it reach its quorum.

        Args:
            head: writes the files of all that is committed, and gives the note that was signed with it.
            state: what the log means up to there.
            now: POSIX seconds.
        """
        if self._pending and now - self._asked < PATIENCE:
            return
        before, self._pending = self._pending, Head(head(), state)
        if self._published and self._published.note.text == self._pending.note.text:
            self._pending.times |= self._published.times
        if before and before.note.text == self._pending.note.text:
            # times that count are to be new; what only stands beside may stay
            counted = _counted(state)
            self._pending.lines = {key: line for key, line in before.lines.items() if key not in counted}
            self._pending.times |= {key: before.times[key] for key in self._pending.lines}
        self._asked = now
        self._static.publish_pending(str(self._pending.note))

    def take(self, given: SignatureLine) -> bool:
        """Take a cosignature of the pending checkpoint, or a late one of the published; True if it is either.

        Publishes the pending checkpoint when its quorum is reached.
        """
        if self._pending and self._pending.take(given, self._outside):
            self._publish(self._pending)
            return True
        if self._published and self._published.take(given, self._outside):
            self._late = True
            return True
        return False

    def settle(self) -> None:
        """Write what came late into the side file: once for many lines."""
        if self._published and self._late:
            self._beside(self._published)

    def cosigned(self, state: State) -> tuple[str, Cosigned] | None:
        """The published checkpoint and its quorum by the keys of a newer state, as a tick is judged.

        None if there is no checkpoint, or keys were changed since: the next one stands under the new keys. With it go
        the lines of those whom the members want for witnesses, as far as they have come.
        """
        if self._published is None:
            return None
        try:
            found = cosigned(self._published.note, witnesses.quorum(state))
        except QuorumShort:
            return None
        wanted = clock.wanted(state, found.time)
        return str(self._with(self._published, state, wanted) if wanted else self._published.note), found

    def _with(self, head: Head, state: State, members: Sequence[str]) -> Note:
        """The published checkpoint with lines of further members that stand beside it."""
        vkeys = [witnesses.cosigner(state, member) for member in members]
        keys = {(vkey.name, vkey.id) for vkey in vkeys if vkey is not None} - {
            (line.name, line.id) for line in head.note.signatures
        }
        known = [*self._static.standing(Checkpoint.of(head.note).size), *head.lines.values()]
        more = {(line.name, line.id): line for line in known if (line.name, line.id) in keys}
        return Note(head.note.text, (*head.note.signatures, *(line for _, line in sorted(more.items()))))

    def _publish(self, head: Head) -> None:
        """Publish a checkpoint if the charter's quorum stands under it; the rest goes into its side file."""
        counted = _counted(head.state)
        lines = [line for key, line in sorted(head.lines.items()) if key in counted]
        full = Note(head.note.text, (*head.note.signatures, *lines))
        try:
            cosigned(full, witnesses.quorum(head.state))
        except QuorumShort:
            return
        rest = {key: line for key, line in head.lines.items() if key not in counted}
        published = Head(full, head.state, rest, head.times)
        self._beside(published)
        self._show(published)
        self._static.publish(str(full))
        self._published, self._pending = published, None
        self._static.publish_pending(None)

    def _beside(self, head: Head) -> None:
        self._static.beside(Checkpoint.of(head.note).size, head.lines.values())
        self._late = False

    def _show(self, head: Head) -> None:
        """The two policies as of a checkpoint. That of ML-DSA-44 is there once enough witnesses have such a key."""
        self._put(POLICY, witnesses.policy(head.state))
        try:
            self._put(MLDSA_POLICY, witnesses.mldsa_policy(head.state))
        except QuorumShort:
            durable.remove(self._static.public / MLDSA_POLICY)

    def _put(self, name: str, policy: Policy) -> None:
        path, data = self._static.public / name, str(policy).encode()
        if not path.is_file() or path.read_bytes() != data:
            durable.write(path, data)


def _is_later(time: int, known: int | None) -> bool:
    """Whether a line says a newer time than the newest that is known of its key at this head."""
    return known is None or time > known


def _counted(state: State) -> set[Key]:
    """Name and id of each key that the charter's quorum counts."""
    found = (witnesses.cosigner(state, member) for member in witnesses.charter_of(state).witnesses)
    return {(vkey.name, vkey.id) for vkey in found if vkey is not None}
