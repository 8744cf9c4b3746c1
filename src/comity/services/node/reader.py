"""Every leaf of the log, read and hashed by this node itself: nothing of the hub's own reckoning is believed.

Decides whether a checkpoint that the log's key signed is the root of exactly the leaves that the hub serves, and that
its leaf 0 is the charter that the office pinned. Which key that is follows from the leaves too: a checkpoint under a
name that they do not know yet is believed only if a succession among the leaves before it says so. Who cosigned a
checkpoint is the affair of `follow`; what to do with two views that cannot both be true is `conflict`'s.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Protocol

from comity import canon
from comity.acts import statement
from comity.acts.charter import Charter, Succession
from comity.acts.statement import Body
from comity.adapters.leaves import Leaves
from comity.assembly import fold, hosts, witnesses
from comity.assembly.state import State
from comity.canon import Digest
from comity.errors import ComityError, FormatError, NotVerified, Unreachable
from comity.tlog import follow, merkle
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.follow import Followed
from comity.tlog.merkle import Range
from comity.tlog.note import Note, Vkey
from comity.tlog.spelling import b64
from comity.tlog.tile import ENTRIES, HEIGHT, Tile, decode_bundle, narrow


class Source(Protocol):
    """Where a log's files are read: a hub, or what a hub has shown already."""

    @property
    def address(self) -> str:
        """How messages name it."""
        ...

    def file(self, path: str, /, *, since: int = 0) -> bytes | None:
        """Bytes of a file from `since` on, or None if there is none."""
        ...


class Reader:
    """The leaves of one log under one pinned charter, and the checkpoint up to which they were read."""

    def __init__(
        self, client: Source, charter: Digest | None, cache: Leaves | None, *, keep: bool, pause: int = 0
    ) -> None:
        """Go on where the cache ends; a cache that does not make its own checkpoint's root is forgotten.

        Args:
            charter: pinned; None for a reader without a pin, who takes the charter that the log begins with.
            keep: write to the cache what is read; the desk beside a running node only reads it.
            pause: the size at which whoever asks will want the state first (`folded`).
        """
        self.client, self._pinned, self._cache = client, charter, cache if keep else None
        self._forget()
        if cache is not None:
            self._load(*cache.load(), pause)

    def _forget(self) -> None:
        self.charter: Charter | None = None  # leaf 0
        self.log: Vkey | None = None  # by the newest succession that was read
        self._moved: State | None = None  # behind that succession; None while the log is where it was founded
        self._paused: State | None = None  # a state on the way to that one
        self.note: Note | None = None  # the largest checkpoint whose leaves were read
        self._leaves: list[bytes] = []
        self._hashes: list[bytes] = []
        self._ranges: dict[int, Range] = {0: Range()}

    @property
    def size(self) -> int:
        """Leaves read."""
        return len(self._hashes)

    def leaves(self, start: int, stop: int) -> list[bytes]:
        """Leaves from start to before stop, as read."""
        return self._leaves[start:stop]

    def folded(self, size: int) -> State | None:
        """The state at a size, if this reader had to fold the log so far to know its name; nothing is folded here."""
        return next((state for state in (self._moved, self._paused) if state and state.size == size), None)

    def root(self, size: int) -> bytes:
        """Root over the first `size` leaves, out of this node's own hashes."""
        if size not in self._ranges:
            nearest = max(known for known in self._ranges if known <= size)
            self._ranges[size] = self._ranges[nearest].extend(self._hashes[nearest:size])
        return self._ranges[size].root()

    def node(self, level: int, index: int) -> bytes:
        """Root of a complete subtree, out of this node's own hashes (`merkle.Node`)."""
        return merkle.nodes(self._hashes)(level, index)

    def check(self, note: Note) -> Checkpoint:
        """The checkpoint of a note of this log, signed by its key; the charter is fetched first if it is not known."""
        checkpoint = Checkpoint.of(note)
        self._know(checkpoint)
        log = self._log_at(checkpoint.size)
        if log is None or checkpoint.origin != log.name or not note.signed_by(log):
            raise self._unsigned(note, checkpoint, log)
        return checkpoint

    def leads_on(self, note: Note) -> bool:
        """Whether a checkpoint names a log that no leaf read so far knows: only a succession behind them can say so."""
        checkpoint = Checkpoint.of(note)
        self._know(checkpoint)
        is_former = self._moved is not None and hosts.former(self._moved, checkpoint.origin) is not None
        return self.log is not None and checkpoint.origin != self.log.name and not is_former

    def read(self, note: Note, since: State | None = None) -> Checkpoint:
        """Read on to a checkpoint; NotVerified if the leaves served, or those read before, do not make its root.

        Args:
            since: what the reader holds for certain. Where another hub has taken the log over, leaves that were read
                beyond it give way to the new hub's; without it, everything that was read is certain.
        """
        if self.leads_on(note):
            return self._go_over(note, since)
        checkpoint = self.check(note)
        if checkpoint.size <= self.size:
            if self.root(checkpoint.size) != checkpoint.root:
                raise NotVerified(
                    "the checkpoint is not of the log that was read before",
                    where=f"checkpoint {checkpoint.size} of {checkpoint.origin}",
                    found=b64(checkpoint.root),
                    wanted=b64(self.root(checkpoint.size)),
                    way_out="keep both checkpoints and ask another mirror: one of the two views is false",
                )
            return checkpoint
        before = self.size
        leaves = self._fetch(before, checkpoint.size)
        grown = follow.advance(Followed(self._range(before)), checkpoint, leaves)
        self._take(leaves, grown.range, note)
        if self._cache is not None:
            self._cache.append(before, leaves, str(note))
        return checkpoint

    def last(self, origin: str) -> Note | None:
        """The newest checkpoint that was read of the log of a name: of a former one, that with which it ended."""
        if self.log is not None and origin == self.log.name:
            return self.note
        ended = hosts.former(self._moved, origin) if self._moved else None
        if ended is None:
            return None
        body = statement.read(self._leaves[ended.ref.index]).act.body
        return Note.parse(body.final) if isinstance(body, Succession) else None

    def _go_over(self, note: Note, since: State | None) -> Checkpoint:
        """Read on under another hub, if the leaves that it serves hold the succession that says so."""
        checkpoint = Checkpoint.of(note)
        state = fold.replay(self._leaves) if since is None else since
        if checkpoint.size <= state.size:
            raise self._unsigned(note, checkpoint, self.log)
        leaves = self._fetch(state.size, checkpoint.size)
        grown = follow.advance(Followed(self._range(state.size)), checkpoint, leaves)
        before = state.size
        state = _on(state, leaves)
        if self.charter is None or state.charter_digest != canon.digest(canon.encode(self.charter)):
            raise NotVerified("the log begins with another charter than it was known by", where="leaf 0")
        log = hosts.log_at(state, checkpoint.size)
        if checkpoint.origin != log.name or not note.signed_by(log):
            raise self._unsigned(note, checkpoint, log)
        self._rewind(before)
        self.log, self._moved, self._paused = log, state, None
        self._take(leaves, grown.range, note)
        if self._cache is not None:
            self._cache.append(before, leaves, str(note))
        return checkpoint

    def _rewind(self, size: int) -> None:
        """Forget leaves from here on: they are not the log's."""
        self._leaves, self._hashes = self._leaves[:size], self._hashes[:size]
        self._ranges = {known: kept for known, kept in self._ranges.items() if known <= size}

    def _log_at(self, size: int) -> Vkey | None:
        """The log's key for a checkpoint of a size, as far as the leaves that were read say."""
        return self.log if self._moved is None else hosts.log_at(self._moved, size)

    def _unsigned(self, note: Note, checkpoint: Checkpoint, log: Vkey | None) -> NotVerified:
        where, found = f"checkpoint {checkpoint.size} of {checkpoint.origin}", [line.name for line in note.signatures]
        ended = hosts.former(self._moved, checkpoint.origin) if self._moved else None
        if ended is not None:
            return NotVerified(
                "the log went over to another hub, and the old one goes on alone",
                where=where,
                found=f"{checkpoint.size} leaves",
                wanted=f"{ended.size} at most, then {ended.after}",
                way_out="name the new hub's address (comity node join); what the old one says is kept in evidence/",
            )
        return NotVerified(
            "the checkpoint is not signed by the log that the charter names",
            where=where,
            found=", ".join(found),
            wanted=str(log),
        )

    def _range(self, size: int) -> Range:
        self.root(size)
        return self._ranges[size]

    def _know(self, checkpoint: Checkpoint) -> None:
        """Fetch leaf 0, once; it must be the charter that the office pinned, and that charter names the log's key."""
        if self.log is not None and self.charter is not None:
            return
        if checkpoint.size == 0:
            raise NotVerified("a log without a charter", where=checkpoint.origin, wanted=self._pinned or "leaf 0")
        leaf = self._bundle(Tile(ENTRIES, 0, min(checkpoint.size, 1 << HEIGHT)), 0)[0]
        self._found(leaf)

    def _found(self, leaf: bytes) -> None:
        body, found = _first(leaf)
        if not isinstance(body, Charter) or self._pinned not in (None, found):
            raise NotVerified(
                "the log begins with another charter",
                where="leaf 0",
                found=found,
                wanted=self._pinned or "a charter",
                way_out="check the hub's address, and the charter's digest with the convenor",
            )
        self.charter, self.log = body, Vkey.parse(witnesses.log_vkey(body))

    def _fetch(self, start: int, stop: int) -> tuple[bytes, ...]:
        """Leaves from start to before stop, as the hub serves them; only bytes that were not read before are asked."""
        found: list[bytes] = []
        for tile in follow.needed(stop, start):
            found += self._bundle(tile, max(start - (tile.index << HEIGHT), 0))
        return tuple(found)

    def _bundle(self, tile: Tile, have: int) -> tuple[bytes, ...]:
        """Entries of a bundle behind the first `have`; a partial one is cut out of the full one that replaced it."""
        start = tile.index << HEIGHT
        offset = sum(2 + len(leaf) for leaf in self._leaves[start : start + have])
        data = self.client.file(str(tile), since=offset)
        if data is None and not tile.full:
            whole = self.client.file(str(Tile(ENTRIES, tile.index)))
            data = None if whole is None else narrow(tile, whole)[offset:]
        if data is None:
            raise Unreachable(
                "a part of the log is missing", where=f"{self.client.address}/{tile}", way_out="ask again later"
            )
        try:
            return decode_bundle(data, tile.width - have)
        except FormatError as e:
            raise NotVerified(
                "the log's files do not go on where they were read before", where=str(tile), found=e.found
            ) from None

    def _take(self, leaves: Sequence[bytes], grown: Range, note: Note) -> None:
        """Remember leaves that were shown to make the note's root."""
        self._leaves += leaves
        self._hashes += [merkle.leaf_hash(leaf) for leaf in leaves]
        self._ranges = {size: kept for size, kept in self._ranges.items() if size >= self.size - 4096 or not size}
        self._ranges[self.size] = grown
        self.note = note

    def _load(self, leaves: Sequence[bytes], text: str, pause: int) -> None:
        """Take the cache, if its leaves make the root of a checkpoint that the log's key signed."""
        try:
            if leaves:
                self._found(leaves[0])
                note = Note.parse(text)
                if self.leads_on(note):
                    self._paused = fold.replay(leaves[:pause])
                    self._moved = _on(self._paused, leaves[pause:])
                    self.log = Vkey.parse(witnesses.log_vkey(self._moved))
                checkpoint = self.check(note)
                grown = follow.advance(Followed(), checkpoint, leaves)
                self._take(leaves, grown.range, note)
        except ComityError:
            self._forget()
            if self._cache is not None:
                self._cache.clear()


def _on(state: State, leaves: Iterable[bytes]) -> State:
    """The state after more leaves; what is against the rules stands in its breaches."""
    for leaf in leaves:
        state, _ = fold.step(state, leaf)
    return state


@lru_cache(maxsize=4)
def _first(leaf: bytes) -> tuple[Body, Digest]:
    """What leaf 0 says, and its digest; read once for all offices of a process."""
    body = statement.read(leaf, where="leaf 0").act.body
    return body, canon.digest(canon.encode(body))


def parse(raw: bytes, *, where: str) -> Note:
    """A note that the hub serves, within the limits of a checkpoint."""
    if len(raw) > 1 << 20:
        raise FormatError("too large for a checkpoint", where=where, found=f"{len(raw)} bytes")
    return Note.parse(raw)
