"""ledger.charge: charges to the privacy ledger in a second, each durable, beside bare SQLite commits of the same row.

Both write one row a transaction with `synchronous=FULL` in WAL, so each waits for the disk once. Ours reads what stands
under the key, reckons what is spent and whether the charge fits, in the same transaction. Once the budget is so far
spent that charges no longer add up below it, each is reckoned by zCDP too: a row of its own.
"""

import sqlite3
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.row import Row
from comity.adapters.ledger import MIGRATIONS, Ledger, Line
from comity.canon import digest
from comity.model.policy import Budget
from comity.stages.protect.budget import Charged, Cost

CHARGES, ROUNDS = 200, 9
START = 1_790_000_000
AMPLE = Budget(epsilon="100000", delta="0.9")
SHORT = Budget(epsilon="20", delta="0.000001")  # by adding up only the first ten fit
STUDY = digest(b"study")


def lines(number: int) -> list[Line]:
    """Charges of one round, each of a key of its own."""
    cost = Cost(epsilon="0.1", delta="0.0000001", rho="0.0001", made="skellam 5000 x 1 by 1")
    keys = (f"{STUDY} w{number} {i}" for i in range(CHARGES))
    charged = (Charged.of(cost, key=key, source="survey", unit="person", time=START) for key in keys)
    return [Line(charged=one, study=STUDY, period="w6") for one in charged]


def row(line: Line) -> tuple[object, ...]:
    """The same as the ledger's table has it."""
    new = line.charged
    paid = new.key, new.source, line.study, line.period, new.epsilon, new.delta, new.time
    return (*paid, new.unit, new.rho, new.made)


def bare(path: Path) -> Callable[[Sequence[Line]], None]:
    """A commit for each row, and nothing else."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    for script in MIGRATIONS[:2]:
        connection.executescript(script)

    def write(asked: Sequence[Line]) -> None:
        for one in asked:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO charge VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row(one))
            connection.execute("COMMIT")

    return write


def charged(ledger: Ledger, budget: Budget) -> Callable[[Sequence[Line]], None]:
    """Ours."""

    def write(asked: Sequence[Line]) -> None:
        for one in asked:
            if not ledger.charge(one, budget):
                raise SystemExit(f"bench ledger.charge: not written: {one.charged.key}")

    return write


def timed(write: Callable[[Sequence[Line]], None], asked: Sequence[Line]) -> float:
    """Seconds of one round."""
    started = time.perf_counter()
    write(asked)
    return time.perf_counter() - started


def run() -> list[Row]:
    """Medians of interleaved rounds, the first dropped; the ledger grows from round to round, on all three sides."""
    with TemporaryDirectory(dir=Path.cwd()) as folder:
        ample, short = Ledger(Path(folder, "ample.db")), Ledger(Path(folder, "short.db"))
        with closing(ample), closing(short):
            sides = bare(Path(folder, "bare.db")), charged(ample, AMPLE), charged(short, SHORT)
            found = [[timed(write, lines(number)) for write in sides] for number in range(ROUNDS + 1)][1:]
    theirs, ours, reckoned = (statistics.median(column) for column in zip(*found, strict=True))
    return [
        Row(
            bench="ledger.charge",
            n=CHARGES,
            ours_s=took,
            bound_s=theirs,
            ratio=took / theirs,
            per_s=CHARGES / took,
            peer=f"SQLite {sqlite3.sqlite_version}",
            peer_s=theirs,
            note=f"charges, one transaction and one sync each, of {CHARGES * (ROUNDS + 1)} in the end: {what}",
        )
        for took, what in ((ours, "as long as they add up"), (reckoned, "reckoned by zCDP, each beyond the first ten"))
    ]
