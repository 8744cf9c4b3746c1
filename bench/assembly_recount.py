"""One motion counted a second time from a log's static files, beside reading and hashing those files alone.

Ten years of 193 members at 20 motions a year (`tests.builders.decade`), as anyone has them who copied the hub's public
folder. Two rows: all of it, as `comity assembly recount` does (files, hashes, quorum, the fold, the second count); and
the second count alone, of a reader that has followed the log.
"""

import tempfile
import time
from pathlib import Path

from bench.row import Row
from comity import canon
from comity.adapters.log import LogStore
from comity.adapters.public import PublicFiles
from comity.adapters.static_log import StaticLog
from comity.assembly.recount import differs, recount
from comity.services import reading
from comity.services.node.reader import Reader, parse
from comity.tlog.merkle import leaf_hash, root
from tests.builders.decade import Decade

HERE = Path(__file__).resolve().parent.parent / "build"  # a disk: the system's folder for such things may be memory
SIZE = 60_000  # leaves


def run() -> list[Row]:
    """The whole command, and its second count alone."""
    log = Decade()
    log.grow(SIZE)
    HERE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=HERE) as folder:
        public = Path(folder) / "public"
        written(log, Path(folder))
        bound = bare(public)
        started = time.perf_counter()
        with reading.in_folder(public, canon.digest(canon.encode(log.charter))) as read:
            state, leaves = read.log.state, read.log.leaves
        middle = time.perf_counter()
        counted = recount(state, leaves)
        ended = time.perf_counter()
    motion = max(index for index, one in counted.items() if one.tick)
    assert not differs(state, counted[motion]), "two counts of the bench's motion differ"
    years = f"{len(leaves):,} leaves, {len(counted)} motions, 193 members; bound: the same files read and hashed"
    return [
        row(len(leaves), ended - started, bound, f"leaves; one motion from static files alone; {years}"),
        row(len(leaves), ended - middle, bound, f"leaves; by who has followed them: the second count alone; {years}"),
    ]


def row(n: int, ours: float, bound: float, note: str) -> Row:
    """Beside the bound."""
    return {
        "bench": "assembly.recount",
        "n": n,
        "ours_s": ours,
        "bound_s": bound,
        "ratio": ours / bound,
        "per_s": n / ours,
        "peer": None,
        "peer_s": None,
        "note": note,
    }


def written(log: Decade, folder: Path) -> None:
    """The hub's public folder: bundles, tiles, and a checkpoint under all witnesses."""
    with LogStore.create(folder / "log.db") as store:
        static = StaticLog.open(folder / "public", store)
        store.append(log.leaves, lambda size, root: "")
        static.grow()
    (folder / "public" / "checkpoint").write_text(log.checkpoint())


def bare(public: Path) -> float:
    """Seconds of reading the leaves out of the files and computing the root that the checkpoint names."""
    files = PublicFiles(public)
    started = time.perf_counter()
    reader = Reader(files, None, None, keep=False)
    checkpoint = reader.read(parse(files.moving("checkpoint") or b"", where="checkpoint"))
    leaves = reader.leaves(0, checkpoint.size)
    assert root([leaf_hash(leaf) for leaf in leaves]) == checkpoint.root
    return time.perf_counter() - started
