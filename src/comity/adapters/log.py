"""The log's truth on disk: entries, head and the signed note of that head in one SQLite file, `log.db`.

Decides when an entry is in the log: after the one transaction that adds it and moves the head, and not before. Within
it, entries are stored, read back, and hashed again; the head that they make is signed; then all is committed together,
only if the head is still where this process left it. So what was hashed is what SQLite holds (in its own memory: a bit
lost on the disk is found at the next start), and each size has one signed note. How a head is signed is the caller's;
tiles and checkpoints are made by `static_log`. A log is begun once, by `create`; opening never makes one, because a
lost log must not look like a new one.
"""

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import RLock
from typing import Final, NoReturn, Self

from comity.adapters import durable
from comity.adapters.database import Database
from comity.errors import ComityError, ConfigError, FormatError, Locked, NotVerified, UsageError, WorldError
from comity.tlog.merkle import EMPTY, Range, leaf_hash
from comity.tlog.tile import LARGEST_ENTRY

APPLICATION: Final = 0x434D4C47  # "CMLG", at byte 68 of the file: not any SQLite file is a log
CHUNK: Final = 4096  # entries read at a time

MIGRATIONS: Final = (
    f"""
    PRAGMA application_id = {APPLICATION};
    CREATE TABLE entries (place INTEGER PRIMARY KEY, leaf BLOB NOT NULL) STRICT;
    CREATE TABLE head (one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL, root BLOB NOT NULL) STRICT;
    INSERT INTO head VALUES (1, 0, x'{EMPTY.hex()}')
    """,
    """
    ALTER TABLE head ADD COLUMN note TEXT NOT NULL DEFAULT ''
    """,
)

Seal = Callable[[int, bytes], str]  # size and root of a head -> its signed note; what it raises undoes the transaction


class LogStore:
    """Entries of one log, appended by one process. Safe to use from several threads."""

    def __init__(self, path: Path, database: Database) -> None:
        self.path = path
        self._database = database
        self._lock = RLock()
        self._range = Range()
        self._stopped: ComityError | None = None

    @classmethod
    def create(cls, path: Path) -> Self:
        """Begin a log: inception, once. UsageError if a file is there already."""
        if path.exists():
            what, way_out = "a log is begun only once", "open it, or move it away"
            raise UsageError(what, where=str(path), found="a file", way_out=way_out)
        beside = durable.waiting(path)
        for leftover in ("", "-wal", "-shm"):
            durable.remove(beside.with_name(beside.name + leftover))
        Database(beside, MIGRATIONS).close()
        # Only a whole file gets the name; closing has folded the write-ahead log into it.
        durable.place(beside, path)
        return cls.open(path)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a log and recompute its root from every entry; NotVerified if the head says otherwise."""
        _is_log(path)
        store = cls(path, Database(path, MIGRATIONS))
        try:
            store._range = store._recompute()
        except (ComityError, sqlite3.Error):
            store.close()
            raise
        return store

    def close(self) -> None:
        """Close the file; the store is of no use afterwards."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def size(self) -> int:
        """Number of entries."""
        return self._range.size

    def root(self) -> bytes:
        """Root over all entries."""
        return self._range.root()

    def head(self) -> tuple[int, bytes]:
        """Size and root of one moment."""
        now = self._range
        return now.size, now.root()

    @property
    def stopped(self) -> ComityError | None:
        """Why nothing more is taken: another process moved the head, or the outcome of an append is unknown.

        Only opening the log again tells what the disk holds.
        """
        return self._stopped

    def note(self) -> str:
        """The signed note of the head; "" if it was never signed."""
        ((note,),) = self._database.read("SELECT note FROM head")
        return str(note)

    def sign(self, seal: Seal) -> str:
        """The signed note of the head, which is signed and kept now if it never was."""
        with self._lock:
            if not (note := self.note()):
                size, root = self.head()
                note = seal(size, root)
                with self._database.write() as transaction:
                    self._take(transaction, self._range)
                    self._move(transaction, self._range, note)
            return note

    def append(self, leaves: Sequence[bytes], seal: Seal | None = None) -> list[int]:
        """Add entries in one durable transaction; their indices, returned after the commit.

        Args:
            seal: signs the head that the stored entries make; without it the head stays unsigned.

        Raises:
            FormatError: an entry longer than 65,535 bytes; nothing is added.
            NotVerified: what was stored is not what was given; nothing is added, and nothing was signed.
            UsageError: another process holds the file; nothing is added.
            Locked: another process has moved the head; the store takes no more.
            DiskFull: nothing is added.
            WorldError: the outcome is unknown; the store takes no more until it is opened again.
        """
        for leaf in leaves:
            if len(leaf) > LARGEST_ENTRY:
                found, wanted = f"{len(leaf)} bytes", f"at most {LARGEST_ENTRY}"
                raise FormatError("an entry is too long", where="log", found=found, wanted=wanted)
        with self._lock:
            if self._stopped:
                raise self._stopped
            before = self._range
            if leaves:
                try:
                    self._range = self._commit(before, leaves, seal)
                except (ComityError, sqlite3.Error) as e:
                    self._abandon(e, before)
        return list(range(before.size, before.size + len(leaves)))

    def leaf(self, index: int) -> bytes:
        """One entry; FormatError if there is none."""
        return self.leaves(index, index + 1)[0]

    def leaves(self, start: int, stop: int) -> list[bytes]:
        """Entries from start to before stop; FormatError beyond the log."""
        if not 0 <= start <= stop <= self.size:
            found, wanted = f"{start} to {stop}", f"within 0 to {self.size}"
            raise FormatError("no such entries", where=str(self.path), found=found, wanted=wanted)
        return self._read(start, stop)

    def _read(self, start: int, stop: int) -> list[bytes]:
        rows = self._database.read(
            "SELECT leaf FROM entries WHERE place >= ? AND place < ? ORDER BY place", (start, stop)
        )
        return [leaf for (leaf,) in rows]

    def _commit(self, before: Range, leaves: Sequence[bytes], seal: Seal | None) -> Range:
        """Stage the entries, recheck what was staged, sign the head that it makes; then the commit point."""
        with self._database.write() as transaction:
            self._take(transaction, before)
            transaction.executemany("INSERT INTO entries VALUES (?, ?)", enumerate(leaves, start=before.size))
            rows = transaction.execute("SELECT leaf FROM entries WHERE place >= ? ORDER BY place", (before.size,))
            staged = [leaf for (leaf,) in rows]
            if staged != list(leaves):
                raise NotVerified(
                    "what was stored is not what was given; nothing was signed",
                    where=str(self.path),
                    found=f"{len(staged)} entries",
                    wanted=f"the {len(leaves)} given",
                    way_out="check this machine's memory and disk before it writes a log again",
                )
            grown = before.extend(map(leaf_hash, staged))
            self._move(transaction, grown, seal(grown.size, grown.root()) if seal else "")
        return grown

    def _take(self, transaction: sqlite3.Connection, head: Range) -> None:
        """Locked unless the head is still where this process left it: the comparing half of compare and swap."""
        found = transaction.execute("SELECT size, root FROM head").fetchone()
        if found != (head.size, head.root()):
            way_out = "stop one of the two hubs that work on this state folder"
            raise Locked("another process has moved the log's head", where=str(self.path), way_out=way_out)

    def _move(self, transaction: sqlite3.Connection, head: Range, note: str) -> None:
        """The swapping half: nobody else writes between the two, as the transaction holds the file from its start."""
        transaction.execute("UPDATE head SET size = ?, root = ?, note = ?", (head.size, head.root(), note))

    def _abandon(self, error: ComityError | sqlite3.Error, before: Range) -> NoReturn:
        """After a failed transaction: nothing was added, or else nobody knows and the store stops."""
        if isinstance(error, Locked):
            self._stopped = error
        if isinstance(error, (Locked, NotVerified)):
            raise error
        try:
            (now,) = self._database.read("SELECT size, root FROM head")
        except (ComityError, sqlite3.Error):
            now = ()
        if now != (before.size, before.root()):
            self._stopped = self._unknown()
            raise self._stopped from error
        raise error

    def _recompute(self) -> Range:
        """The range over every entry, compared with the head that was committed with them."""
        ((size, root),) = self._database.read("SELECT size, root FROM head")
        ((count,),) = self._database.read("SELECT count(*) FROM entries")
        made = Range()
        for start in range(0, size, CHUNK):
            made = made.extend(map(leaf_hash, self._read(start, min(start + CHUNK, size))))
        if (count, made.size, made.root()) != (size, size, root):
            raise NotVerified(
                "the entries do not make the head that was committed",
                where=str(self.path),
                found=f"{count} entries, root {made.root().hex()}",
                wanted=f"{size}, root {root.hex()}",
                way_out="restore log.db from a backup that is not older than the published checkpoint",
            )
        return made

    def _unknown(self) -> WorldError:
        way_out = "restart the hub: it reads what the disk holds"
        return WorldError("the outcome of an append is unknown", where=str(self.path), way_out=way_out)


def _is_log(path: Path) -> None:
    """By the file's first 100 bytes, before anything is opened or migrated."""
    if not path.is_file():
        way_out = "comity hub found begins a log, once; a log that was lost is restored from its backup"
        raise ConfigError("there is no log", where=str(path), way_out=way_out)
    with path.open("rb") as file:
        header = file.read(100)
    if not header.startswith(b"SQLite format 3\0") or header[68:72] != APPLICATION.to_bytes(4, "big"):
        raise FormatError("not a log", where=str(path), found=repr(header[:16]), way_out="restore log.db from a backup")
