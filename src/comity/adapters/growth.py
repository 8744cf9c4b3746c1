"""What this node cosigned last, `witness.db`: size, root and time, on disk before the cosignature leaves.

Decides that memory only grows, in one step with the comparison: two requests at once, or a crash between, never let a
smaller size, another root of the same size, or an earlier time be signed. Whether the new size was proven to grow out
of the old one is the caller's to show (`services.node.cosign`, `tlog.witness`).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from comity.adapters.database import Database
from comity.errors import ClockOff, NotVerified
from comity.tlog.witness import Memory

MIGRATIONS: Final = (
    """
    CREATE TABLE cosigned (
        origin TEXT PRIMARY KEY,
        size INTEGER NOT NULL,
        root BLOB NOT NULL,
        time INTEGER NOT NULL
    ) WITHOUT ROWID
    """,
    "ALTER TABLE cosigned ADD COLUMN note TEXT NOT NULL DEFAULT ''",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosigned:
    """The last checkpoint of a log under this node's cosignature."""

    memory: Memory
    time: int  # POSIX seconds in the cosignature
    note: str = ""  # the checkpoint under the log's signature, as evidence of what was shown; "" if it was not kept


NOTHING: Final = Cosigned(memory=Memory(), time=0)


class Growth:
    """The memory of a witness, by log."""

    def __init__(self, path: Path) -> None:
        self.path, self._database = path, Database(path, MIGRATIONS)

    def last(self, origin: str) -> Cosigned:
        """What was cosigned last; nothing at first."""
        rows = self._database.read("SELECT size, root, time, note FROM cosigned WHERE origin = ?", (origin,))
        if not rows:
            return NOTHING
        size, root, time, note = rows[0]
        return Cosigned(memory=Memory(size, bytes(root)), time=time, note=note)

    def advance(self, origin: str, since: Memory, memory: Memory, *, time: int, note: str = "") -> None:
        """From `since` to `memory`, durably; NotVerified or ClockOff, and nothing written, if that is no growth."""
        with self._database.write() as transaction:
            rows = transaction.execute("SELECT size, root, time FROM cosigned WHERE origin = ?", (origin,)).fetchall()
            size, root, before = rows[0] if rows else (0, NOTHING.memory.root, 0)
            if (size, bytes(root)) != (since.size, since.root) or memory.size < size:
                raise NotVerified(
                    "not the size that was cosigned last",
                    where=f"witness of {origin}",
                    found=f"from {since.size} to {memory.size}",
                    wanted=f"from {size}",
                )
            if memory.size == size and memory.root != bytes(root):
                raise NotVerified("a second root of one size", where=f"witness of {origin}", found=str(size))
            if time < before:
                raise ClockOff(
                    "this clock went back behind the last cosignature",
                    where=f"witness of {origin}",
                    found=str(time),
                    wanted=f"{before} at least",
                    way_out="set the clock (NTP)",
                )
            row = (origin, memory.size, memory.root, time, note)
            transaction.execute(
                "INSERT OR REPLACE INTO cosigned (origin, size, root, time, note) VALUES (?, ?, ?, ?, ?)", row
            )

    def close(self) -> None:
        """Close the file."""
        self._database.close()
