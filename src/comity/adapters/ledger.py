"""The privacy ledger, `ledger.db`: what every release of this office's data has cost, charged before noise is drawn.

Decides that a charge is durable and that reading, reckoning and writing are one step, so that two releases at once
cannot both take what is left. The arithmetic, and what fits, is `stages.protect.budget`.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from comity.adapters.database import Database
from comity.canon import Digest
from comity.errors import BudgetSpent
from comity.model.policy import Budget
from comity.stages.protect import budget as arithmetic
from comity.stages.protect.budget import Charged, Spent

MIGRATIONS: Final = (
    """
    CREATE TABLE charge (
        key TEXT PRIMARY KEY,
        source TEXT NOT NULL,
        study TEXT NOT NULL,
        period TEXT NOT NULL,
        epsilon TEXT NOT NULL,
        delta TEXT NOT NULL,
        time INTEGER NOT NULL
    ) WITHOUT ROWID
    """,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the ledger: the charge, and the study and period it paid for."""

    charged: Charged
    study: Digest
    period: str


class Ledger:
    """Charges; none is ever changed or removed."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path, MIGRATIONS)

    def charge(self, line: Line, budget: Budget) -> bool:
        """Write a charge durably; True if it is new. BudgetSpent, and nothing written, if its year cannot bear it."""
        with self._database.write() as transaction:
            before = _lines(transaction.execute(_ALL))
            known = {entry.charged.key: entry for entry in before}.get(line.charged.key)
            if known and (known.study, known.period) != (line.study, line.period):
                raise BudgetSpent("another charge stands under this key", where="ledger.db", found=line.charged.key)
            charges = tuple(entry.charged for entry in before)
            if arithmetic.charge(charges, line.charged, budget) == charges:
                return False
            new = line.charged
            transaction.execute(
                "INSERT INTO charge VALUES (?, ?, ?, ?, ?, ?, ?)",
                (new.key, new.source, line.study, line.period, new.epsilon, new.delta, new.time),
            )
        return True

    def put_down(self, lines: Iterable[Line]) -> None:
        """Write charges that were made elsewhere, whether or not the budget bears them; what stands here stays."""
        with self._database.write() as transaction:
            for line in lines:
                new = line.charged
                transaction.execute(
                    "INSERT OR IGNORE INTO charge VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (new.key, new.source, line.study, line.period, new.epsilon, new.delta, new.time),
                )

    def lines(self) -> tuple[Line, ...]:
        """Every charge, oldest first."""
        return _lines(self._database.read(_ALL))

    def spent(self, source: str, now: int) -> Spent:
        """What a source's charges of this year add up to."""
        charges = (line.charged for line in self.lines())
        return arithmetic.spent(charges, source=source, year=arithmetic.year_of(now))

    def close(self) -> None:
        """Close the file."""
        self._database.close()


_ALL: Final = "SELECT key, source, study, period, epsilon, delta, time FROM charge ORDER BY time, key"


def _lines(rows: "sqlite3.Cursor | list[tuple[str, str, str, str, str, str, int]]") -> tuple[Line, ...]:
    return tuple(
        Line(
            charged=Charged(key=key, source=source, time=time, epsilon=epsilon, delta=delta),
            study=Digest(study),
            period=period,
        )
        for key, source, study, period, epsilon, delta, time in rows
    )
