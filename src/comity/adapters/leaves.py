"""The leaves that this node has read, `cache.db`: a cache, so that a restart asks the hub for new leaves only.

Decides nothing: whoever loads it recomputes the root over every leaf and compares it with the checkpoint kept beside
them. The file may be removed at any time.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from comity.adapters.database import Database

MIGRATIONS: Final = (
    """
    CREATE TABLE leaf (place INTEGER PRIMARY KEY, data BLOB NOT NULL);
    CREATE TABLE head (name TEXT PRIMARY KEY, note TEXT NOT NULL) WITHOUT ROWID
    """,
)


class Leaves:
    """Leaves of one log from 0 on, the signed checkpoint whose root they make, and the newest under the quorum."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path, MIGRATIONS)

    def load(self) -> tuple[tuple[bytes, ...], str]:
        """All leaves and the note of the checkpoint that they reach; nothing and "" at first."""
        leaves = self._database.read("SELECT data FROM leaf ORDER BY place")
        return tuple(bytes(data) for (data,) in leaves), self._note("read")

    def append(self, start: int, leaves: Sequence[bytes], note: str) -> None:
        """Keep the leaves from `start` on, and the checkpoint that they reach."""
        with self._database.write() as transaction:
            transaction.execute("DELETE FROM leaf WHERE place >= ?", (start,))
            transaction.executemany("INSERT INTO leaf VALUES (?, ?)", enumerate(leaves, start))
            transaction.execute("INSERT OR REPLACE INTO head VALUES ('read', ?)", (note,))

    def followed(self) -> str:
        """The note of the newest checkpoint under the quorum; "" at first."""
        return self._note("followed")

    def follow(self, note: str) -> None:
        """Keep the newest checkpoint under the quorum."""
        with self._database.write() as transaction:
            transaction.execute("INSERT OR REPLACE INTO head VALUES ('followed', ?)", (note,))

    def clear(self) -> None:
        """Forget everything; it is read again."""
        with self._database.write() as transaction:
            transaction.execute("DELETE FROM leaf")
            transaction.execute("DELETE FROM head")

    def _note(self, name: str) -> str:
        rows = self._database.read("SELECT note FROM head WHERE name = ?", (name,))
        return str(rows[0][0]) if rows else ""

    def close(self) -> None:
        """Close the file."""
        self._database.close()
