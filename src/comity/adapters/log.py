"""The log's truth on disk: entries and head in one SQLite file, `log.db`.

Decides when an entry is in the log: after the one transaction that adds it and moves the head, and not before. Tiles
and checkpoints are made from it by `static_log`; signatures, witnesses and meaning are others' affair. A log is begun
once, by `create`; opening never makes one, because a lost log must not look like a new one.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import RLock
from typing import NoReturn, Self

from comity.adapters import durable
from comity.errors import (
    ComityError,
    ConfigError,
    DiskFull,
    FormatError,
    Locked,
    NotVerified,
    StateVersion,
    UsageError,
    WorldError,
)
from comity.tlog.merkle import EMPTY, Range, leaf_hash
from comity.tlog.tile import LARGEST_ENTRY

APPLICATION = 0x434D4C47  # "CMLG" in the file's header: not any SQLite file is a log
CHUNK = 4096  # entries read at a time

# One tuple of statements a version, never changed once released; a newer file than these is refused.
MIGRATIONS = (
    (
        "CREATE TABLE entries (place INTEGER PRIMARY KEY, leaf BLOB NOT NULL) STRICT",
        "CREATE TABLE head (one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL, root BLOB NOT NULL) STRICT",
        f"INSERT INTO head VALUES (1, 0, x'{EMPTY.hex()}')",
    ),
)


class LogStore:
    """Entries of one log, appended by one process. Safe to use from several threads."""

    def __init__(self, path: Path, db: sqlite3.Connection) -> None:
        self.path = path
        self._db = db
        self._lock = RLock()
        self._range = Range()
        self._uncertain = False

    @classmethod
    def create(cls, path: Path) -> Self:
        """Begin a log: inception, once. UsageError if a file is there already."""
        if path.exists():
            raise UsageError(
                "a log is begun only once", where=str(path), found="a file", way_out="open it, or move it away"
            )
        beside = durable.waiting(path)
        durable.remove(beside)
        db = _connect(beside)
        try:
            db.execute(f"PRAGMA application_id = {APPLICATION}")
            _migrate(db, path)
        except sqlite3.Error as e:
            _world(e, path)
        finally:
            db.close()
        # Only a whole file gets the name; closing has folded the write-ahead log into it.
        durable.place(beside, path)
        return cls.open(path)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a log and recompute its root from every entry; NotVerified if the head says otherwise."""
        if not path.is_file():
            way_out = "restore log.db from a backup; a new log is begun only by init"
            raise ConfigError("there is no log", where=str(path), way_out=way_out)
        db = _connect(path)
        store = cls(path, db)
        try:
            (found,) = db.execute("PRAGMA application_id").fetchone()
            if found != APPLICATION:
                raise FormatError(
                    "not a log", where=str(path), found=f"application id {found}", wanted=str(APPLICATION)
                )
            _migrate(db, path)
            store._range = store._recompute()
        except sqlite3.Error as e:
            db.close()
            _unreadable(e, path)
        except ComityError:
            db.close()
            raise
        return store

    def close(self) -> None:
        """Close the file; the store is of no use afterwards."""
        with self._lock:
            self._db.close()

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

    def append(self, leaves: Sequence[bytes]) -> list[int]:
        """Add entries in one durable transaction; their indices, returned after the commit.

        Raises:
            FormatError: an entry longer than 65,535 bytes; nothing is added.
            Locked: another process moved the head; this one must stop.
            DiskFull, WorldError: nothing is added, unless the message says that the outcome is unknown.
        """
        for leaf in leaves:
            if len(leaf) > LARGEST_ENTRY:
                found, wanted = f"{len(leaf)} bytes", f"at most {LARGEST_ENTRY}"
                raise FormatError("an entry is too long", where="log", found=found, wanted=wanted)
        with self._lock:
            if self._uncertain:
                raise WorldError("the outcome of an append is unknown", where=str(self.path), way_out="restart the hub")
            before, first = self._range, self._range.size
            grown = before.extend(map(leaf_hash, leaves))
            if leaves:
                try:
                    self._commit(before, grown, leaves)
                except sqlite3.Error as e:
                    self._abandon(e, before)
                self._range = grown
        return list(range(first, grown.size))

    def leaf(self, index: int) -> bytes:
        """One entry; FormatError if there is none."""
        return self.leaves(index, index + 1)[0]

    def leaves(self, start: int, stop: int) -> list[bytes]:
        """Entries from start to before stop; FormatError beyond the log."""
        if not 0 <= start <= stop <= self.size:
            found, wanted = f"{start} to {stop}", f"within 0 to {self.size}"
            raise FormatError("no such entries", where=str(self.path), found=found, wanted=wanted)
        with self._lock:
            rows = self._db.execute(
                "SELECT leaf FROM entries WHERE place >= ? AND place < ? ORDER BY place", (start, stop)
            ).fetchall()
        return [leaf for (leaf,) in rows]

    def _commit(self, before: Range, grown: Range, leaves: Sequence[bytes]) -> None:
        """The commit point: entries and head together, only if the head is still where this process left it."""
        self._db.execute("BEGIN IMMEDIATE")
        moved = self._db.execute(
            "UPDATE head SET size = ?, root = ? WHERE size = ? AND root = ?",
            (grown.size, grown.root(), before.size, before.root()),
        )
        if moved.rowcount != 1:
            self._db.execute("ROLLBACK")
            way_out = "stop one of the two hubs that work on this state folder"
            raise Locked("another process has moved the log's head", where=str(self.path), way_out=way_out)
        self._db.executemany("INSERT INTO entries VALUES (?, ?)", enumerate(leaves, start=before.size))
        self._db.execute("COMMIT")

    def _abandon(self, error: sqlite3.Error, before: Range) -> NoReturn:
        """After a failed transaction: nothing was added, or else nobody knows and the store stops."""
        try:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            now = self._db.execute("SELECT size, root FROM head").fetchone()
        except sqlite3.Error:
            now = None
        if now != (before.size, before.root()):
            self._uncertain = True
            found, way_out = str(error), "restart the hub: it reads what the disk holds"
            raise WorldError("the outcome of an append is unknown", where=str(self.path), found=found, way_out=way_out)
        _world(error, self.path)

    def _recompute(self) -> Range:
        """The range over every entry, compared with the head that was committed with them."""
        made = Range()
        for place, leaf in self._entries():
            if place != made.size:
                raise self._damaged(f"no entry {made.size}", "every entry from 0")
            made = made.append(leaf_hash(leaf))
        size, root = self._db.execute("SELECT size, root FROM head").fetchone()
        if (made.size, made.root()) != (size, root):
            raise self._damaged(f"{made.size} entries under root {made.root().hex()}", f"{size} under {root.hex()}")
        return made

    def _entries(self) -> Iterator[tuple[int, bytes]]:
        cursor = self._db.execute("SELECT place, leaf FROM entries ORDER BY place")
        while rows := cursor.fetchmany(CHUNK):
            yield from rows

    def _damaged(self, found: str, wanted: str) -> NotVerified:
        way_out = "restore log.db from a backup that is not older than the published checkpoint"
        what = "the entries do not make the head that was committed"
        return NotVerified(what, where=str(self.path), found=found, wanted=wanted, way_out=way_out)


def _connect(path: Path) -> sqlite3.Connection:
    """A connection whose commits are on the disk when they return."""
    try:
        db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
        except sqlite3.Error:
            db.close()
            raise
    except sqlite3.Error as e:
        _unreadable(e, path)
    return db


def _migrate(db: sqlite3.Connection, path: Path) -> None:
    """Bring the file to this version, one transaction a step; StateVersion if it is newer."""
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        found, wanted = f"version {version}", f"{len(MIGRATIONS)} at most"
        way_out = "use the Comity that wrote it, or a newer one"
        raise StateVersion(
            "a newer Comity wrote this log", where=str(path), found=found, wanted=wanted, way_out=way_out
        )
    for number, statements in enumerate(MIGRATIONS[version:], start=version + 1):
        db.execute("BEGIN IMMEDIATE")
        for statement in statements:
            db.execute(statement)
        db.execute(f"PRAGMA user_version = {number}")
        db.execute("COMMIT")


def _unreadable(error: sqlite3.Error, path: Path) -> NoReturn:
    """A file that cannot be opened as a log."""
    if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        way_out = "restore log.db from a backup"
        raise FormatError("not a log, or a damaged one", where=str(path), found=str(error), way_out=way_out) from error
    _world(error, path)


def _world(error: sqlite3.Error, path: Path) -> NoReturn:
    """A failed transaction, which left nothing behind, as one of our errors."""
    match error.sqlite_errorcode & 0xFF:
        case sqlite3.SQLITE_FULL:
            raise DiskFull(
                "no room for the entries; none was added", where=str(path), way_out="free some space"
            ) from error
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            raise Locked("another process is writing to this log", where=str(path), way_out="stop it") from error
        case _:
            raise WorldError("the log could not be read or written", where=str(path), found=str(error)) from error
