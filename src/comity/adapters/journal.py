"""The egress journal, `journal.db`: every byte that leaves this node is on disk before it is sent, and stays there; and
beside it what the log promised in return, a receipt for each statement.

Decides nothing about what may leave. A statement is kept under a key made of its meaning, so that a node that was
killed says the same bytes again and not a second statement. The head of a request (its line and headers, as they stand
on the wire) is kept when it is sent first: how often a public file was asked for again, in the same words, is no entry.
"""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from comity import canon
from comity.adapters.database import Database
from comity.canon import Digest

MIGRATIONS: Final = (
    """
    CREATE TABLE egress (
        number INTEGER PRIMARY KEY,
        time INTEGER NOT NULL,
        kind TEXT NOT NULL,
        key TEXT UNIQUE,
        digest TEXT NOT NULL,
        size INTEGER NOT NULL,
        body BLOB NOT NULL
    );
    CREATE INDEX egress_digest ON egress (digest, kind)
    """,
    """
    CREATE TABLE promise (
        number INTEGER PRIMARY KEY,
        leaf BLOB NOT NULL,
        place INTEGER NOT NULL,
        note TEXT NOT NULL,
        UNIQUE (leaf, place)
    )
    """,
)
HEAD: Final = "head"  # the kind of what is no body: a request's line and headers
_ROW: Final = "number, time, kind, key, digest, size"


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What the log promised by a receipt: this leaf hash (RFC 6962) at this index; `note` is the signed receipt."""

    index: int
    leaf: bytes
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One body or head that left, or was about to when the node stopped."""

    number: int
    time: int  # POSIX seconds
    kind: str  # "statement", "body", "cosignature", "request", "head"
    key: str  # what it says, for a statement; "" otherwise
    digest: Digest
    size: int  # bytes


class Journal:
    """Append-only: there is no way here to change or remove an entry."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path, MIGRATIONS)
        self._heads: set[Digest] = set()  # that are on disk, as far as this process wrote them

    def record(self, kind: str, *bodies: bytes, now: int) -> None:
        """Put bodies on disk that are about to leave, in one transaction; the same one of a kind is written once."""
        with self._database.write() as transaction:
            for body in bodies:
                known = transaction.execute(
                    "SELECT 1 FROM egress WHERE digest = ? AND kind = ?", (canon.digest(body), kind)
                )
                if not known.fetchone():
                    self._insert(transaction, kind, None, body, now)

    def sends(self, head: bytes, parts: tuple[bytes, ...], *, now: int) -> None:
        """Put a request's head on disk before it is sent; and what no entry knows of its parts, as a body."""
        unknown = tuple(part for part in parts if not self.knows(canon.digest(part)))
        if unknown:
            self.record("body", *unknown, now=now)
        name = canon.digest(head)
        if name not in self._heads:
            self.record(HEAD, head, now=now)
            self._heads.add(name)

    def at(self, now: Callable[[], int]) -> Callable[[bytes, tuple[bytes, ...]], None]:
        """What every request of a client goes past (`client.Egress`), by this clock."""
        return lambda head, parts: self.sends(head, parts, now=now())

    def say(self, key: str, leaf: bytes, *, now: int) -> bytes:
        """The leaf that says this: the one on disk if there is one, else this one, which then is."""
        if (known := self.said(key)) is not None:
            return known
        with self._database.write() as transaction:
            self._insert(transaction, "statement", key, leaf, now)
        return leaf

    def said(self, key: str) -> bytes | None:
        """The leaf that was kept under this key."""
        rows = self._database.read("SELECT body FROM egress WHERE key = ?", (key,))
        return bytes(rows[0][0]) if rows else None

    def promise(self, promise: Promise) -> None:
        """Keep a receipt, durably; the same promise once, however often it is made."""
        with self._database.write() as transaction:
            transaction.execute(
                "INSERT OR IGNORE INTO promise (leaf, place, note) VALUES (?, ?, ?)",
                (promise.leaf, promise.index, promise.note),
            )

    def promises(self, since: int = 0) -> tuple[tuple[int, Promise], ...]:
        """Promises behind a number, each with its own, in the order in which they were made."""
        rows = self._database.read(
            "SELECT number, place, leaf, note FROM promise WHERE number > ? ORDER BY number", (since,)
        )
        return tuple((number, Promise(index=place, leaf=leaf, note=note)) for number, place, leaf, note in rows)

    def entries(self) -> tuple[Entry, ...]:
        """Every body that left, oldest first."""
        return self._entries("kind <> ?")

    def heads(self) -> tuple[Entry, ...]:
        """Every head that left, oldest first."""
        return self._entries("kind = ?")

    def _entries(self, which: str) -> tuple[Entry, ...]:
        rows = self._database.read(f"SELECT {_ROW} FROM egress WHERE {which} ORDER BY number", (HEAD,))
        return tuple(
            Entry(number=number, time=time, kind=kind, key=key or "", digest=Digest(digest), size=size)
            for number, time, kind, key, digest, size in rows
        )

    def knows(self, digest: Digest) -> bool:
        """Whether a body of this digest is on disk."""
        return bool(self._database.read("SELECT 1 FROM egress WHERE digest = ? LIMIT 1", (digest,)))

    def find(self, digest: Digest) -> bytes | None:
        """A body that left, by its digest."""
        rows = self._database.read("SELECT body FROM egress WHERE digest = ? LIMIT 1", (digest,))
        return bytes(rows[0][0]) if rows else None

    def body(self, number: int) -> bytes | None:
        """The very bytes of an entry."""
        rows = self._database.read("SELECT body FROM egress WHERE number = ?", (number,))
        return bytes(rows[0][0]) if rows else None

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _insert(self, transaction: sqlite3.Connection, kind: str, key: str | None, body: bytes, now: int) -> None:
        transaction.execute(
            "INSERT INTO egress (time, kind, key, digest, size, body) VALUES (?, ?, ?, ?, ?, ?)",
            (now, kind, key, canon.digest(body), len(body), body),
        )
