"""table.duckdb: persons of several rows bounded by our plan on DuckDB, beside one plain group by of the same file.

"rows" counts persons as `table/1` does, of each at most K cells; "cells" sums a number beside, each part of a person
cut to the norm's bound. The plain group by bounds nothing. Memory is that of a process of its own, which counts four
times the rows inside a limit of 1 GB for DuckDB.
"""

import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench import machine
from bench import table_unique as persons
from bench.peers import opendp
from bench.row import Row
from comity.adapters.tables.counting import NationalTables
from comity.methods import registry
from comity.methods.card import Method, Term, products
from comity.model.source import Source
from comity.model.structure import Measure
from comity.services.node import bounding
from comity.stages import compute
from comity.stages.collect import Number, Reading
from comity.stages.compute import Plan

ROWS, MANY = 5_000_000, 20_000_000
EACH = 5  # rows a person, on average
TOUCHED = 3
THREADS = 2
LIMIT = "1GB"
TERMS = (Term(id="n"), Term(id="s", factors=("y",)))
CHILD = "import sys; from bench import table_duckdb; table_duckdb.alone(sys.argv[1])"


def write(path: Path, rows: int) -> None:
    """Persons of five rows on average, in 26 regions and 40 ages, with a number; a million rows at a time."""
    # Seeded, because two runs must count the same rows. No figure of anybody hangs on it.
    dice = np.random.Generator(np.random.PCG64(2))
    regions = pa.array([f"{i:02d}" for i in range(persons.REGIONS)])
    writer = None
    for start in range(0, rows, 1_000_000):
        size = min(1_000_000, rows - start)
        region = pa.DictionaryArray.from_arrays(pa.array(dice.integers(0, persons.REGIONS, size).astype("i1")), regions)
        table = pa.table(
            {
                "id": dice.integers(0, rows // EACH, size),
                "year": np.full(size, 2025),
                "region": region.cast(pa.string()),
                "age": pa.array(dice.integers(0, persons.AGES, size), mask=dice.random(size) < 0.02),
                "value": dice.integers(-100, 1000, size),
            }
        )
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    if writer:
        writer.close()


def plans(path: Path, memory: str = "") -> tuple[Plan, Plan]:
    """ "rows" and "cells" of a file that was checked first, in so much memory."""
    norm, method = persons.norm(), registry.load("table", "1")
    source = Source(id="bench", path=str(path), format="parquet", unique=False)
    source = NationalTables(threads=THREADS, memory=memory).register(source, norm, persons.binding())
    rows = compute.plan(persons.study(norm), norm, persons.binding(), "2025", source=source, method=method)
    rows = replace(rows, touched=TOUCHED, salt=bytes(bounding.SALT))
    needs = replace(method.card.needs, terms=TERMS, measures=("n", "s"), numbers=("y",))
    sums = Method(
        card=replace(method.card, needs=needs),
        contribute=lambda bound, layout, parameters: products(bound, TERMS),
        finish=method.finish,
    )
    measures = tuple(Measure(id=id, name=id, decimals=0, bound=bound) for id, bound in (("n", 1), ("s", 500)))
    value = Reading(variable="Y", column="value", codes={}, missing=(), list=(), blank=())
    number = Number(reading=value, decimals=0, least=-50, most=500)
    layout = replace(rows.layout, measures=measures)
    return rows, replace(rows, method=sums, layout=layout, numbers={"y": number})


def plain(path: Path) -> int:
    """The query that bounds nothing, by DuckDB alone."""
    with duckdb.connect(":memory:", config={"threads": str(THREADS)}) as connection:
        query = (
            "SELECT region, age, count(*) AS n, sum(value) AS s FROM read_parquet($path) WHERE year = 2025 GROUP BY ALL"
        )
        return len(connection.execute(query, {"path": str(path)}).to_arrow_table())


def alone(path: str) -> None:
    """A check of the file and one count of "cells", inside DuckDB's memory limit; prints the process's peak, in MB, and
    the persons counted.
    """
    tables = NationalTables(threads=THREADS, memory=LIMIT)
    counts = tables.count(plans(Path(path), LIMIT)[1])
    print(machine.peak(), int(counts.contributors.sum()))


def peak(path: Path) -> int:
    """MB of a process that does nothing but `alone`."""
    root = Path(__file__).resolve().parent.parent
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(path)], cwd=root, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"bench table.duckdb: {done.stderr.strip().splitlines()[-1]}")
    return int(done.stdout.split()[0])


def peered(row: Row, path: Path) -> Row:
    """The row with OpenDP's seconds for the same rows, where it is installed; once: it takes tens of seconds."""
    try:
        count = opendp.counting(path, unit="id", keys=("region", "age"), touched=TOUCHED)
    except ImportError:
        return row
    started = time.perf_counter()
    count()
    return {**row, "peer": opendp.NAME, "peer_s": time.perf_counter() - started}


def run() -> list[Row]:
    """Both plans beside the plain group by; and four times the rows, in how much memory."""
    tables = NationalTables(threads=THREADS)
    with tempfile.TemporaryDirectory() as folder:
        path, large = Path(folder) / "persons.parquet", Path(folder) / "many.parquet"
        write(path, ROWS)
        rows, cells = plans(path)
        found = [
            persons.beside(
                "table.duckdb",
                lambda plan=plan: tables.count(plan),
                lambda: plain(path),
                f"{name}; {ROWS // EACH} persons, {rows.layout.cells} cells, K = {TOUCHED}, {THREADS} threads; "
                "bound: the plain DuckDB group by, which bounds nobody",
            )
            for name, plan in (("rows", rows), ("cells", cells))
        ]
        found[0] = peered(found[0], path)
        write(large, MANY)
        few = peak(path)
        started = time.perf_counter()
        all_ = peak(large)  # once: it takes minutes on a busy machine
        seconds = time.perf_counter() - started
        found.append(
            Row(
                bench="table.duckdb",
                n=MANY,
                ours_s=seconds,
                bound_s=None,
                ratio=None,
                per_s=MANY / seconds,
                peer=None,
                peer_s=None,
                note=f"cells; once, in a process of its own; memory_limit {LIMIT}: peak {all_} MB, "
                f"and {few} MB of {ROWS} rows",
            )
        )
        return found
