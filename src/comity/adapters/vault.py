"""An exchange's secrets, `seal.db`: what `stages.answer` must remember between two steps, and must forget for good.

Decides how it is kept (one transaction an effect) and forgotten (overwritten in the database, and the write-ahead log
emptied); what is kept is the stage's. The file lies outside every backup: a restored secret could act twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from comity.adapters.database import Database
from comity.canon import Digest

MIGRATIONS: Final = (
    """
    CREATE TABLE memory (
        study TEXT NOT NULL,
        period TEXT NOT NULL,
        attempt INTEGER NOT NULL,
        name TEXT NOT NULL,
        value BLOB NOT NULL,
        PRIMARY KEY (study, period, attempt, name)
    ) WITHOUT ROWID
    """,
)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Attempt:
    """Whose memory: one attempt of one study in one period."""

    study: Digest
    period: str
    number: int


class Vault:
    """Names and bytes, by attempt."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path, MIGRATIONS, secret=True)

    def memory(self, attempt: Attempt) -> Mapping[str, bytes]:
        """Everything kept of an attempt."""
        rows = self._database.read(
            "SELECT name, value FROM memory WHERE study = ? AND period = ? AND attempt = ?", _key(attempt)
        )
        return MappingProxyType({name: bytes(value) for name, value in rows})

    def attempts(self) -> tuple[Attempt, ...]:
        """Attempts of which anything is kept."""
        rows = self._database.read("SELECT DISTINCT study, period, attempt FROM memory")
        return tuple(
            sorted(Attempt(study=Digest(study), period=period, number=number) for study, period, number in rows)
        )

    def keep(self, attempt: Attempt, put: Mapping[str, bytes], drop: tuple[str, ...] = ()) -> None:
        """Put and drop in one durable transaction; what is dropped is gone from every file when this returns."""
        with self._database.write() as transaction:
            transaction.executemany(
                "DELETE FROM memory WHERE study = ? AND period = ? AND attempt = ? AND name = ?",
                [(*_key(attempt), name) for name in drop],
            )
            transaction.executemany(
                "INSERT OR REPLACE INTO memory VALUES (?, ?, ?, ?, ?)",
                [(*_key(attempt), name, value) for name, value in put.items()],
            )
        if drop:
            self._database.forget()

    def close(self) -> None:
        """Close the file."""
        self._database.close()


def _key(attempt: Attempt) -> tuple[str, str, int]:
    return attempt.study, attempt.period, attempt.number
