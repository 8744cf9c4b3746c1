"""research.frame: a release of a million figures as a table, beside PyArrow's bare read of the same Parquet file.

Ours also compares the file with the digest that the release's record gives, turns texts of errors into exact decimals
and words the units; what is done once for each release (its record, a hundred megabytes of canonical JSON, compared
with the digest in the log) has a row of its own. The log is a real one, made by the tests' builders.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.row import Row
from comity import canon, research
from comity.acts.refs import Blob
from comity.acts.release import ReleasePublished
from comity.adapters.blobs import Blobs
from comity.model.member import HUB
from comity.model.release import File, Release
from comity.model.structure import Axis
from comity.research.published import Published
from comity.sdmx import dataset
from comity.sdmx.dataset import Columns, DataSet
from comity.stages.publish import bundle, folder
from tests.builders.assembly import FIGURES
from tests.builders.release import made

CELLS = 500_000
MEASURES = ("n", "share")
N = CELLS * len(MEASURES)
AGES = 8
ROUNDS = 5
CODES = [folder.AREA, "ANSWER", "SEX", folder.MEASURE, folder.PERIOD, folder.STATUS, folder.SAMPLING, folder.NOISE]


def published(place: Path) -> Published:
    """A public folder whose log names a joint release of a million figures; the release, as a reader finds it."""
    world = made()
    small = canon.decode(world.files[folder.RELEASE], Release)
    areas = tuple(f"R{i:05d}" for i in range(CELLS // AGES))
    ages = tuple(str(i + 1) for i in range(AGES))
    axes = (Axis(id="ANSWER", codes=ages), Axis(id="SEX", codes=areas))  # the norm's dimensions, with many more codes
    table = observations(ages, areas)
    parquet = dataset.parquet(table)
    listed = (File(path=folder.PARQUET, digest=canon.digest(parquet), size=len(parquet)),)
    large = replace(small, layout=replace(small.layout, dimensions=axes), figures=(), files=listed)
    record = canon.encode(large).replace(b'"figures":[]', b'"figures":[' + b",".join(figures(table.table)) + b"]")
    assembly = world.assembly
    said = Blob(digest=canon.digest(record), size=len(record))
    assembly.say(HUB, ReleasePublished(release=said, figures=FIGURES, inputs=small.inputs, replaces=None, reason=None))
    for path, data in bundle.log(assembly.leaves, assembly.cosigned(world.world.now + 60)).items():
        file = place / path.removeprefix(folder.LOG)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    Blobs(place / "blobs").put_all([record, parquet, *assembly.bodies.values()])
    return opened(place, said.digest)


def opened(place: Path, digest: str) -> Published:
    """Connect anew and take a release."""
    return research.connect(place).release(digest)


def observations(ages: tuple[str, ...], areas: tuple[str, ...]) -> DataSet:
    """Figures with errors of three or four digits, one in a hundred suppressed."""
    # Seeded, because two runs must read the same file. No figure of anybody hangs on it.
    dice = np.random.Generator(np.random.PCG64(1))
    values, errors = dice.integers(0, 100_000, N), dice.integers(1, 9_999, N)
    shown = dice.random(N) >= 0.01
    columns = Columns(
        dimensions=(folder.AREA, "ANSWER", "SEX", folder.MEASURE, folder.PERIOD),
        measures=(folder.VALUE,),
        attributes=(folder.STATUS, folder.SAMPLING, folder.NOISE),
    )
    held = {
        folder.AREA: ["_X"] * N,
        "ANSWER": np.tile(np.repeat(ages, len(areas)), len(MEASURES)),
        "SEX": np.tile(areas, AGES * len(MEASURES)),
        folder.MEASURE: np.repeat(MEASURES, CELLS),
        folder.PERIOD: ["2010-01-01/P5Y"] * N,
        folder.VALUE: pa.array([str(value) for value in values], mask=~shown),
        folder.STATUS: np.where(shown, "A", "Q"),
        folder.SAMPLING: pa.array([f"{error / 10}" for error in errors], mask=~shown),
        folder.NOISE: pa.array(["10.1"] * N, mask=~shown),
    }
    table = pa.table({name: pa.array(held[name], pa.string()) for name in columns.all}, schema=dataset.schema(columns))
    return DataSet(kind="datastructure", structure="COMITY:TRUST(1.0.0)", action="I", columns=columns, table=table)


def figures(table: pa.Table) -> Iterator[bytes]:
    """The same as canonical JSON of figures."""
    names = ("ANSWER", "SEX", folder.MEASURE, folder.NOISE, folder.SAMPLING, folder.STATUS, folder.VALUE)
    for answer, sex, measure, noise, sampling, status, value in zip(
        *(table[name].to_pylist() for name in names), strict=True
    ):
        shown = "null" if value is None else f'"{value}"'
        yield (
            f'{{"key":["{answer}","{sex}"],"measure":"{measure}","noise":"{noise or ""}",'
            f'"sampling":"{sampling or ""}","status":"{status}","value":{shown}}}'
        ).encode()


def timed(work: Callable[[], object]) -> float:
    """Seconds of one call."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def beside(ours: Callable[[], object], bound: Callable[[], object], coded: Callable[[], object], note: str) -> Row:
    """Medians of interleaved rounds, so that a slow moment hits all sides; the first round warms and is dropped."""
    rounds = [(timed(ours), timed(bound), timed(coded)) for _ in range(ROUNDS + 1)][1:]
    ours_s, bound_s, coded_s = (statistics.median(side) for side in zip(*rounds, strict=True))
    return Row(
        bench="research.frame",
        n=N,
        ours_s=ours_s,
        bound_s=bound_s,
        ratio=ours_s / bound_s,
        per_s=N / ours_s,
        peer="PyArrow, told which columns are codes",
        peer_s=coded_s,
        note=note,
    )


def run() -> list[Row]:
    """The figures alone, as pandas too, and from nothing."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        release = published(place)
        file = release.summary.files[0]
        path = Blobs(place / "blobs").path(file.digest)
        if not release.frame().arrow()[folder.VALUE].equals(pq.read_table(path)[folder.VALUE]):
            raise SystemExit("bench research.frame: our values are not the file's")
        size = f"Parquet of {file.size / 1e6:.1f} MB"

        def bare() -> pa.Table:
            return pq.read_table(path)

        def coded() -> pa.Table:
            return pq.read_table(path, read_dictionary=CODES)

        return [
            beside(
                lambda: release.frame().arrow(),
                bare,
                coded,
                f"observations, to Arrow with exact decimals; {size}, its digest compared; bound: read_table alone",
            ),
            beside(
                lambda: release.frame().pandas(),
                lambda: bare().to_pandas(),
                lambda: coded().to_pandas(),
                f"observations, to pandas; {size}, its digest compared; bound: read_table and to_pandas alone",
            ),
            beside(
                lambda: opened(place, release.digest).frame().arrow(),
                bare,
                coded,
                "observations, from nothing: the log read and checked, the record compared with its digest in the log "
                f"({release.facts.release.size / 1e6:.0f} MB of JSON, its figures skipped), then the same; bound: "
                "read_table alone",
            ),
        ]
