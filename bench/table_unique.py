"""table.unique: a source with a unique privacy unit through our plan, beside the same count as one plain DuckDB query.

The whole count is timed on both sides: open the file, count, hand over the cells. Ours also reads codes through the
binding and finds what is missing or outside the lists. What is done once for each file (its digest, whether the unit
is unique) has rows of its own.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.row import Row
from comity.adapters.microdata.opening import vintage
from comity.adapters.tables.counting import NationalTables
from comity.canon import Digest
from comity.methods import registry
from comity.model.norm import Authority, Norm, Protection, Variable
from comity.model.source import Binding, Map, Source
from comity.model.structure import Code, Codelist, Dimension, Measure, Structure
from comity.model.study import NoisePlan, Period, Study, Timing
from comity.stages import compute

ROWS = 5_000_000
THREADS = 2
ROUNDS = 5
REGIONS, AGES = 26, 40


def norm() -> Norm:
    """Persons by region and age band: 1,040 cells."""
    lists = [("REGION", [f"R{i:02d}" for i in range(REGIONS)]), ("AGE", [f"Y{i}" for i in range(AGES)])]
    return Norm(
        id="BENCH",
        version="1.0.0",
        title="Persons",
        goal="16",
        related=True,
        authority=Authority(kind="own", source="", citation=""),
        replaces=None,
        structure=Structure(
            id="BENCH",
            agency="COMITY",
            version="1.0.0",
            name="Persons",
            codelists=tuple(
                Codelist(id=f"CL_{id}", agency="COMITY", version="1.0", codes=tuple(Code(id=c, name=c) for c in codes))
                for id, codes in lists
            ),
            dimensions=tuple(Dimension(id=id, name=id, codelist=f"CL_{id}") for id, _ in lists),
            measures=(Measure(id="n", name="Persons", decimals=0, bound=1),),
        ),
        variables=(
            *(Variable(id=i, concept=i, universe="all", unit="person", codelist=None, missing=()) for i in ("P", "T")),
            *(
                Variable(id=id, concept=id, universe="all", unit="person", codelist=f"CL_{id}", missing=())
                for id, _ in lists
            ),
        ),
        unit="P",
        period="T",
        protection=Protection(unit="person", cells=1, threshold=10),
        disclaimer="",
    )


def study(norm: Norm) -> Study:
    """All cells of the norm, one period."""
    return Study(
        id="BENCH",
        version="1.0.0",
        title="Persons",
        goal="16",
        related=True,
        rehearsal=True,
        norm=norm.digest,
        method=registry.reference("table", "1"),
        parameters={},
        layout=norm.structure.layout(("REGION", "AGE"), ("n",)),
        bound=10_000_000,
        colluding=3,
        noise=NoisePlan(sigma2=36, cells=1, delta="0.000001", epsilon="1"),
        periods=(Period(id="2025", value="2025"),),
        timing=Timing(consent=60, step=6, send=2),
    )


def write(path: Path) -> None:
    """Five million persons; regions as text, ages as numbers, 1 in 50 without an answer."""
    # Seeded, because two runs must count the same rows. No figure of anybody hangs on it.
    dice = np.random.Generator(np.random.PCG64(1))
    age = dice.integers(0, AGES, ROWS)
    regions = pa.array([f"{i:02d}" for i in range(REGIONS)])
    region = pa.DictionaryArray.from_arrays(pa.array(dice.integers(0, REGIONS, ROWS).astype("i1")), regions)
    table = {
        "id": pa.array(dice.permutation(ROWS)),
        "year": pa.array(np.full(ROWS, 2025)),
        "region": region.cast(pa.string()),
        "age": pa.array(age, mask=dice.random(ROWS) < 0.02),
    }
    pq.write_table(pa.table(table), path)


def binding() -> Binding:
    """Both variables through codes, as a real office's would be."""
    return Binding(
        id="bench",
        version="1",
        norm="BENCH/1.0.0",
        maps=(
            Map(variable="P", column="id", codes={}, missing=()),
            Map(variable="T", column="year", codes={}, missing=()),
            Map(
                variable="REGION", column="region", codes={f"{i:02d}": f"R{i:02d}" for i in range(REGIONS)}, missing=()
            ),
            Map(variable="AGE", column="age", codes={str(i): f"Y{i}" for i in range(AGES)}, missing=("-1",)),
        ),
        deviations=(),
    )


def plain(path: Path) -> int:
    """The query that nobody can leave out, by DuckDB alone."""
    with duckdb.connect(":memory:", config={"threads": str(THREADS)}) as connection:
        query = "SELECT region, age, count(*) AS n FROM read_parquet($path) WHERE year = 2025 GROUP BY ALL"
        found = connection.execute(query, {"path": str(path)}).to_arrow_table()
    return int(pa.compute.sum(found["n"]).as_py())


def distinct(path: Path) -> int:
    """Whether the unit is unique, by DuckDB alone."""
    with duckdb.connect(":memory:", config={"threads": str(THREADS)}) as connection:
        query = "SELECT count(*) FROM (SELECT 1 FROM read_parquet($path) GROUP BY year, id HAVING count(*) > 1)"
        row = connection.execute(query, {"path": str(path)}).fetchone()
    return int(row[0]) if row else 0


def timed(work: Callable[[], object]) -> float:
    """Seconds of one call."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def beside(name: str, ours: Callable[[], object], bound: Callable[[], object] | None, note: str) -> Row:
    """Medians of interleaved rounds, so that a slow moment hits both sides; the first round warms and is dropped."""
    rounds = [(timed(ours), timed(bound) if bound else 0.0) for _ in range(ROUNDS + 1)][1:]
    ours_s = statistics.median(seconds for seconds, _ in rounds)
    bound_s = statistics.median(seconds for _, seconds in rounds) if bound else None
    return Row(
        bench=name,
        n=ROWS,
        ours_s=ours_s,
        bound_s=bound_s,
        ratio=ours_s / bound_s if bound_s else None,
        per_s=ROWS / ours_s,
        peer=None,
        peer_s=None,
        note=note,
    )


def run() -> list[Row]:
    """The count, and what comes before it once for each file."""
    tables, asked, bound = NationalTables(threads=THREADS), norm(), binding()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "persons.parquet"
        write(path)
        source = Source(id="bench", path=str(path), format="parquet", unique=True, vintage=Digest(""))
        known = tables.register(source, asked, bound)
        plan = compute.plan(study(asked), asked, bound, "2025", source=known, method=registry.load("table", "1"))
        counts = tables.count(plan)
        if int(counts.values.sum()) + counts.missing != plain(path) or counts.outside:
            raise SystemExit("bench table.unique: our count is not DuckDB's")
        size = path.stat().st_size // 1_000_000
        return [
            beside(
                "table.unique",
                lambda: tables.count(plan),
                lambda: plain(path),
                f"rows; {REGIONS * AGES} cells, {THREADS} threads, Parquet of {size} MB; with the file's digest "
                "compared; bound: the plain DuckDB group by",
            ),
            beside(
                "table.unique",
                lambda: tables.unique(known, asked, bound),
                lambda: distinct(path),
                "rows; once for each file: whether the privacy unit is unique; bound: the plain DuckDB query",
            ),
            beside("table.unique", lambda: vintage(known), None, "rows; once for each count: the file's digest alone"),
        ]
