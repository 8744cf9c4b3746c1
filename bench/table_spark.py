"""table.spark: the bounded plan on Spark's local engine, beside its own plain group by. The ratio is stated, no aim.

The whole count is timed on both sides, but for the start of the session, which a node pays once, and the digest of the
files: open the folder, count, hand over the cells.
"""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench import table_unique
from bench.row import Row
from bench.table_unique import AGES, REGIONS, THREADS, beside
from comity.adapters.tables import bounded, patterns
from comity.adapters.tables.spark import Spark
from comity.adapters.tables.spark_session import session
from comity.adapters.tables.spelling import is_one_of
from comity.methods import registry
from comity.model.source import SPARK, Source
from comity.stages import compute

ROWS, A_PERSON, CELLS_A_PERSON, FILES = 5_000_000, 5, 3, 8


def written(folder: Path, rows: int, persons: int) -> Source:
    """A folder of files: rows that persons share, or of one row each; 1 in 50 without an age."""
    folder.mkdir()
    # Seeded, because two runs must count the same rows. No figure of anybody hangs on it.
    dice = np.random.Generator(np.random.PCG64(1))
    person = dice.permutation(rows) if persons == rows else dice.integers(0, persons, rows)
    regions = pa.array([f"{i:02d}" for i in range(REGIONS)])
    table = {
        "id": pa.array(person),
        "year": pa.array(np.full(rows, 2025)),
        "region": pa.DictionaryArray.from_arrays(pa.array(dice.integers(0, REGIONS, rows)), regions).cast(pa.string()),
        "age": pa.array(dice.integers(0, AGES, rows), mask=dice.random(rows) < 0.02),
    }
    whole, size = pa.table(table), -(-rows // FILES)
    for at in range(FILES):
        pq.write_table(whole.slice(at * size, size), folder / f"part-{at:05}.parquet")
    return Source(id=folder.name, path=str(folder), format=SPARK, unique=persons == rows)


def plain(source: Source) -> Callable[[], int]:
    """The query that nobody can leave out, by Spark alone."""

    def count() -> int:
        rows = session(THREADS).read.parquet(source.path).where("year = 2025")
        return sum(int(one["count"]) for one in rows.groupBy("region", "age").count().collect())

    return count


def ours(source: Source) -> Callable[[], int]:
    """The plan over all cells of the bench's norm; which it is, is known of the source."""
    norm = table_unique.norm()
    norm = replace(norm, protection=replace(norm.protection, cells=CELLS_A_PERSON))
    study, binding = table_unique.study(norm), table_unique.binding()
    method, salt = registry.load("table", "1"), bytes(32)
    plan = compute.plan(study, norm, binding, "2025", source=source, method=method, salt=salt)

    def count() -> int:
        by = Spark(threads=THREADS)
        with by.opened(source, plan.reads) as table:
            rows = table.filter(is_one_of(table[plan.time.column], plan.periods))
            one = source.unique
            counts = patterns.counted(rows, plan, by) if one else bounded.counted(rows, plan, by, unique=False)
        return counts.rows + counts.missing

    return count


def run(rows: int = ROWS) -> list[Row]:
    """Several rows a person, and one row a person."""
    found = []
    with TemporaryDirectory() as place:
        for name, persons in (("several", rows // A_PERSON), ("single", rows)):
            source = written(Path(place) / name, rows, persons)
            count, bare = ours(source), plain(source)
            if count() != rows or bare() != rows:
                raise SystemExit("bench table.spark: our count is not Spark's")
            note = (
                f"rows of {persons:,} persons; {REGIONS * AGES} cells, K = {CELLS_A_PERSON}, {FILES} files, "
                f"local[{THREADS}]; bound: Spark's plain group by"
            )
            row = beside("table.spark", count, bare, note)
            found.append(Row({**row, "n": rows, "per_s": rows / row["ours_s"]}))
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="The bench alone, smaller for a quick look.")
    parser.add_argument("--rows", type=int, default=ROWS)
    json.dump(run(parser.parse_args().rows), sys.stdout, indent=1)
