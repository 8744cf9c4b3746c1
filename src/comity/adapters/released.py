"""What this office decided on of its own tables, `released.db`: true values and what was shown, for later tables.

Decides that a table is durable here before anything of it is said, and that none is ever changed or removed. It holds
small cells as they are, so it is for its owner alone, stays at home, and belongs into every backup. What a line means
is `stages.protect.released`.
"""

from pathlib import Path
from typing import Final

from comity import canon
from comity.adapters.database import Database
from comity.adapters.vault import Question
from comity.canon import Digest
from comity.stages.protect import released
from comity.stages.protect.released import Released

FILE: Final = "released.db"

MIGRATIONS: Final = (
    """
    CREATE TABLE released (
        number INTEGER PRIMARY KEY,
        digest TEXT NOT NULL UNIQUE,
        study TEXT NOT NULL,
        period TEXT NOT NULL,
        source TEXT NOT NULL,
        norm TEXT NOT NULL,
        value TEXT NOT NULL,
        body BLOB NOT NULL
    )
    """,
    "CREATE INDEX of_people ON released (source, norm, value)",
)


class Memory:
    """Tables that were decided on, oldest first."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path, MIGRATIONS)

    def put(self, body: bytes) -> None:
        """Keep a table durably; one that is here already stays the one line that it is. FormatError if it is none."""
        one = released.decode(body)
        with self._database.write() as transaction:
            transaction.execute(
                "INSERT OR IGNORE INTO released (digest, study, period, source, norm, value, body) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (canon.digest(body), one.study, one.period, one.source, one.norm, one.value, body),
            )

    def of(self, norm: str, value: str) -> tuple[Released, ...]:
        """Every table of the same people and period, from whichever source: a corrected file is another one."""
        rows = self._database.read(
            "SELECT body FROM released WHERE norm = ? AND value = ? ORDER BY number", (norm, value)
        )
        return tuple(released.decode(bytes(body), where=FILE) for (body,) in rows)

    def questions(self) -> frozenset[Question]:
        """The questions of which a table is kept."""
        rows = self._database.read("SELECT DISTINCT study, period FROM released")
        return frozenset(Question(study=Digest(study), period=period) for study, period in rows)

    def close(self) -> None:
        """Close the file."""
        self._database.close()
