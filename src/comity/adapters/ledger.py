"""The privacy ledger, `ledger.db`: what every release of this office's data has cost, charged before noise is drawn.

Decides that a charge is durable and that reading, reckoning and writing are one step, so that two releases at once
cannot both take what is left. The arithmetic, and what fits, is `stages.protect.budget`. What the lines come to is kept
in memory beside them, and read anew whenever another process wrote one.
"""

import sqlite3
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from comity.adapters.database import Database
from comity.canon import Digest
from comity.errors import BudgetSpent
from comity.model.policy import Budget
from comity.stages.protect import budget as arithmetic
from comity.stages.protect.budget import Account, Books, Charged, Spent

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
    """
    ALTER TABLE charge ADD COLUMN unit TEXT NOT NULL DEFAULT '*';
    ALTER TABLE charge ADD COLUMN rho TEXT NOT NULL DEFAULT '';
    ALTER TABLE charge ADD COLUMN made TEXT NOT NULL DEFAULT ''
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
        self._database, self._lock = Database(path, MIGRATIONS), threading.Lock()
        self._books: dict[Account, Spent] | None = None  # of the lines as they were at `_version`
        self._version = -1

    def charge(self, line: Line, budget: Budget) -> bool:
        """Write a charge durably; True if it is new. BudgetSpent, and nothing written, if its budget cannot bear it."""
        with self._lock:
            books, self._books = self._books, None  # until all went well
            with self._database.write() as transaction:
                if (version := _version(transaction)) != self._version or books is None:
                    books = arithmetic.books(one.charged for one in _lines(transaction.execute(_ALL)))
                if fresh := _is_new(transaction, line):
                    _bear(books, line.charged, budget)
                    transaction.execute(_INSERT, _row(line))
            if fresh:
                where = arithmetic.account(line.charged)
                books[where] = books.get(where, arithmetic.NOTHING).plus(line.charged.cost)
            self._books, self._version = books, version
        return fresh

    def put_down(self, lines: Iterable[Line]) -> None:
        """Write charges that were made elsewhere, whether or not the budget bears them; what stands here stays."""
        with self._lock, self._database.write() as transaction:
            self._books = None
            for line in lines:
                transaction.execute(_INSERT.replace("INSERT", "INSERT OR IGNORE"), _row(line))

    def lines(self) -> tuple[Line, ...]:
        """Every charge, oldest first."""
        return _lines(self._database.read(_ALL))

    def spent(self, source: str, unit: str, now: int, budget: Budget) -> Spent:
        """What counts for a release of this source and privacy unit at this time (POSIX seconds)."""
        books = arithmetic.books(line.charged for line in self.lines())
        return arithmetic.spent(books, source=source, unit=unit, now=now, budget=budget)

    def close(self) -> None:
        """Close the file."""
        self._database.close()


_COLUMNS: Final = "key, source, study, period, epsilon, delta, time, unit, rho, made"
_ALL: Final = f"SELECT {_COLUMNS} FROM charge ORDER BY time, key"
_INSERT: Final = f"INSERT INTO charge ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

_Row = tuple[str, str, str, str, str, str, int, str, str, str]


def _version(transaction: sqlite3.Connection) -> int:
    """Another one whenever another connection has written (SQLite, PRAGMA data_version)."""
    (version,) = transaction.execute("PRAGMA data_version").fetchone()
    return int(version)


def _is_new(transaction: sqlite3.Connection, line: Line) -> bool:
    """Whether nothing stands under the key; BudgetSpent if another charge does."""
    for known in _lines(transaction.execute(f"SELECT {_COLUMNS} FROM charge WHERE key = ?", (line.charged.key,))):
        if (known.study, known.period) != (line.study, line.period):
            raise BudgetSpent("another charge stands under this key", where="ledger.db", found=line.charged.key)
        return not arithmetic.same(known.charged, line.charged)
    return True


def _bear(books: Books, new: Charged, budget: Budget) -> None:
    """BudgetSpent unless the budget bears it after all that stands in the books."""
    before = arithmetic.spent(books, source=new.source, unit=new.unit, now=new.time, budget=budget)
    _ = arithmetic.NOTHING.plus(new.cost)  # a cost that is none is an error, not a refusal
    if not arithmetic.fits(before, new.cost, budget):
        raise arithmetic.refused(before, new, budget)


def _row(line: Line) -> _Row:
    new = line.charged
    return (
        new.key,
        new.source,
        line.study,
        line.period,
        new.epsilon,
        new.delta,
        new.time,
        new.unit,
        new.rho,
        new.made,
    )


def _lines(rows: Iterable[_Row]) -> tuple[Line, ...]:
    return tuple(
        Line(
            charged=Charged(
                key=key, source=source, time=time, epsilon=epsilon, delta=delta, unit=unit, rho=rho, made=made
            ),
            study=Digest(study),
            period=period,
        )
        for key, source, study, period, epsilon, delta, time, unit, rho, made in rows
    )
