"""SQLite as Comity uses it: WAL, synchronous=FULL, numbered migrations that only go forward.

Decides how a database file is opened, migrated and written; tables belong to the adapter that names them. A committed
transaction survives kill -9 and a power cut; a newer schema refuses to open.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from comity.adapters.folder import PRIVATE_FILE
from comity.errors import ComityError, DiskFull, StateVersion, UsageError

BUSY_SECONDS = 10.0


class Database:
    """One file. `migrations[i]` is the script from version i to i + 1; a published one is never edited."""

    def __init__(self, path: Path, migrations: Sequence[str], *, secret: bool = False) -> None:
        """Open and migrate; StateVersion for a newer file, UsageError for one that is no database.

        Args:
            secret: overwrite what is deleted (`secure_delete`), here and in the write-ahead log.
        """
        self.path, self._secret, self._lock = path, secret, threading.RLock()
        path.touch(mode=PRIVATE_FILE, exist_ok=True)
        try:
            self._connection = sqlite3.connect(
                path, isolation_level=None, check_same_thread=False, timeout=BUSY_SECONDS
            )
            self._to_wal()
            self._connection.execute("PRAGMA synchronous=FULL")
            if secret:
                self._connection.execute("PRAGMA secure_delete=ON")
            self._migrate(migrations)
        except sqlite3.Error as e:
            raise told(e, path) from None
        if secret:
            self.forget()  # a process that was killed may have left in the write-ahead log what it had deleted

    def _to_wal(self) -> None:
        """WAL is a property of the file. Turning a new file into one waits for no lock, so we wait for it ourselves."""
        end = time.monotonic() + BUSY_SECONDS
        while self._connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
            try:
                self._connection.execute("PRAGMA journal_mode=WAL")
            except sqlite3.OperationalError as e:
                if e.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                    raise
                if time.monotonic() > end:
                    raise
                time.sleep(0.01)

    def _migrate(self, migrations: Sequence[str]) -> None:
        found = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if found > len(migrations):
            raise StateVersion(
                "the file was written by a newer Comity",
                where=str(self.path),
                found=f"version {found}",
                wanted=f"version {len(migrations)}",
                way_out="run the version that wrote it, or a newer one; nothing was changed",
            )
        for number in range(found, len(migrations)):
            self._step(number, migrations[number])

    def _step(self, number: int, script: str) -> None:
        """One migration in one transaction, unless another process that opened the file just now was first."""
        self._connection.execute("BEGIN IMMEDIATE")
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if version == number:
            for statement in filter(str.strip, script.split(";")):  # no migration has a semicolon within a statement
                self._connection.execute(statement)
            self._connection.execute(f"PRAGMA user_version={number + 1}")
        self._connection.execute("COMMIT")

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction: durable when the block ends, as if never begun when it raises."""
        with self._lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    yield self._connection
                    self._connection.execute("COMMIT")
                except BaseException:
                    if self._connection.in_transaction:
                        self._connection.execute("ROLLBACK")
                    raise
            except sqlite3.Error as e:
                raise told(e, self.path) from None

    def read(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Rows of a query."""
        with self._lock:
            try:
                return self._connection.execute(sql, parameters).fetchall()
            except sqlite3.Error as e:
                raise told(e, self.path) from None

    def forget(self) -> None:
        """Empty the write-ahead log, so that what was deleted stands in no file of the database.

        UsageError if another process reads the file meanwhile: then it could not be emptied.
        """
        with self._lock:
            try:
                ((busy, *_),) = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            except sqlite3.Error as e:
                raise told(e, self.path) from None
        if busy:
            raise UsageError(
                "another process reads the database, so what was deleted is not gone yet",
                where=str(self.path),
                way_out="stop that process",
            )

    def close(self) -> None:
        """Close; further use is an error."""
        with self._lock:
            self._connection.close()


def told(error: sqlite3.Error, path: Path) -> ComityError | sqlite3.Error:
    """What SQLite says, in the words of our tree; an error that is our own bug stays what it is."""
    code = getattr(error, "sqlite_errorcode", 0)
    match code & 0xFF:
        case sqlite3.SQLITE_FULL | sqlite3.SQLITE_IOERR:
            return DiskFull(
                "no room to write the database",
                where=str(path),
                found=str(error),
                way_out="make room, then run the same command again; nothing half-written was left",
            )
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_CANTOPEN:
            return UsageError(
                "the file is no database of Comity, or is damaged",
                where=str(path),
                found=str(error),
                way_out="restore the state folder from its backup; a cache.db may simply be removed",
            )
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return UsageError(
                "another process holds the database", where=str(path), found=str(error), way_out="stop that process"
            )
        case _:
            return error


def copy(path: Path, into: Path) -> None:
    """A copy of a database as one moment had it, while others write (SQLite's online backup); a new file, synced."""
    into.touch(mode=PRIVATE_FILE)
    source = f"{path.absolute().as_uri()}?mode=ro"
    try:
        with (
            closing(sqlite3.connect(source, uri=True, timeout=BUSY_SECONDS)) as before,
            closing(sqlite3.connect(into, timeout=BUSY_SECONDS)) as after,
        ):
            before.backup(after)
            after.execute("PRAGMA journal_mode=DELETE")  # one file, without a write-ahead log beside it
    except sqlite3.Error as e:
        raise told(e, path) from None
