"""Entries made durable, one batch after another, beside bare SQLite commits of the same rows.

As the hub does it: entries are staged, read back and hashed, the head that they make is signed, all in one transaction.
"""

import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.row import Row
from comity.adapters.log import LogStore
from comity.adapters.static_log import StaticLog
from comity.keys import Ed25519Signer
from comity.tlog import note
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.note import Note

HERE = Path(__file__).resolve().parent.parent / "build"  # a disk: the system's folder for such things may be memory
LENGTH = 1000  # bytes of an entry; an act is about that long
ORIGIN, LOG = "log.example/bench", Ed25519Signer(bytes(32))
SIZES = ((1, 1_000), (10, 5_000), (100, 30_000), (1_000, 100_000))  # entries a batch, entries in all


def run() -> list[Row]:
    """Two rows a batch size: committed, and committed with its tiles written and synced."""
    return [row for batch, count in SIZES for row in measure(batch, count)]


def measure(batch: int, count: int) -> Iterator[Row]:
    """The better of two runs of each kind, in turns."""
    entries = [i.to_bytes(8, "big") + bytes(LENGTH - 8) for i in range(count)]
    batches = [entries[at : at + batch] for at in range(0, count, batch)]
    kinds = {
        "bound": bare,
        "committed, entries and their signed head": committed,
        "committed, then bundles and tiles written, each file synced": written,
    }
    taken: dict[str, float] = {}
    for _ in range(2):
        for kind, work in kinds.items():
            taken[kind] = min(taken.get(kind, float("inf")), alone(work, batches))
    bound = taken.pop("bound")
    for kind, ours in taken.items():
        yield {
            "bench": "log.store",
            "n": count,
            "ours_s": ours,
            "bound_s": bound,
            "ratio": ours / bound,
            "per_s": count / ours,
            "peer": None,
            "peer_s": None,
            "note": f"{kind}; {batch} a batch, {LENGTH} bytes each; bound: SQLite alone, WAL, synchronous=FULL",
        }


def alone(work: Callable[[Path, list[list[bytes]]], float], batches: list[list[bytes]]) -> float:
    """Seconds of one run in a folder of its own."""
    HERE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=HERE) as folder:
        return work(Path(folder), batches)


def committed(folder: Path, batches: list[list[bytes]]) -> float:
    """What a member waits for when it posts a statement."""
    with LogStore.create(folder / "log.db") as store:
        start = time.perf_counter()
        for batch in batches:
            store.append(batch, seal)
        return time.perf_counter() - start


def written(folder: Path, batches: list[list[bytes]]) -> float:
    """What one round of the hub costs before it asks for cosignatures."""
    with LogStore.create(folder / "log.db") as store:
        log = StaticLog.open(folder / "public", store)
        start = time.perf_counter()
        for batch in batches:
            store.append(batch, seal)
            log.grow()
        return time.perf_counter() - start


def seal(size: int, root: bytes) -> str:
    """The signed note of a head, as the hub makes it."""
    text = str(Checkpoint(ORIGIN, size, root))
    return str(Note(text, (note.sign(text, ORIGIN, LOG),)))


def bare(folder: Path, batches: list[list[bytes]]) -> float:
    """The same rows and commits, and nothing else."""
    db = sqlite3.connect(folder / "bare.db", isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("CREATE TABLE entries (place INTEGER PRIMARY KEY, leaf BLOB NOT NULL)")
    start, place = time.perf_counter(), 0
    for batch in batches:
        db.execute("BEGIN IMMEDIATE")
        db.executemany("INSERT INTO entries VALUES (?, ?)", enumerate(batch, start=place))
        db.execute("COMMIT")
        place += len(batch)
    taken = time.perf_counter() - start
    db.close()
    return taken
