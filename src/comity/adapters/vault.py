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
        name TEXT NOT NULL,
        value BLOB NOT NULL,
        PRIMARY KEY (study, period, name)
    ) WITHOUT ROWID
    """,
)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Question:
    """Whose memory: one study in one period. Names in it begin with the number of the attempt (`stages.effects`)."""

    study: Digest
    period: str


class Vault:
    """Names and bytes, by question."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path, MIGRATIONS, secret=True)
        self._owed = False  # something was deleted that may still stand in a file

    def memory(self, question: Question) -> Mapping[str, bytes]:
        """Everything kept of a question; UsageError while something that was dropped could not be wiped yet."""
        self._wipe()
        rows = self._database.read("SELECT name, value FROM memory WHERE study = ? AND period = ?", _key(question))
        return MappingProxyType({name: bytes(value) for name, value in rows})

    def questions(self) -> tuple[Question, ...]:
        """Questions of which anything is kept."""
        rows = self._database.read("SELECT DISTINCT study, period FROM memory")
        return tuple(sorted(Question(study=Digest(study), period=period) for study, period in rows))

    def keep(self, question: Question, put: Mapping[str, bytes], drop: tuple[str, ...] = ()) -> None:
        """Put and drop in one durable transaction; what is dropped is gone from every file when this returns.

        UsageError if it could not be wiped; then nothing is kept or read before it is.
        """
        with self._database.write() as transaction:
            transaction.executemany(
                "DELETE FROM memory WHERE study = ? AND period = ? AND name = ?",
                [(*_key(question), name) for name in drop],
            )
            transaction.executemany(
                "INSERT OR REPLACE INTO memory VALUES (?, ?, ?, ?)",
                [(*_key(question), name, value) for name, value in put.items()],
            )
        self._owed |= bool(drop)
        self._wipe()

    def _wipe(self) -> None:
        if self._owed:
            self._database.forget()
            self._owed = False

    def close(self) -> None:
        """Close the file."""
        self._database.close()


def _key(question: Question) -> tuple[str, str]:
    return question.study, question.period
