"""Replicate weights on DuckDB: summed for what was kept of each person, before any cut; holes in them are refused."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.adapters.tables import bounded
from comity.adapters.tables.duck import Duck
from comity.errors import SourceError
from comity.methods import registry
from comity.model.source import Design, Replicates, Source
from comity.model.structure import Axis, Layout, Measure
from comity.stages import variance
from comity.stages.collect import Number, Reading
from comity.stages.compute import Counts, Plan

CODES = ("a", "b", "c")
MEAN = registry.load("mean", "1")
LAYOUT = Layout(
    dimensions=(Axis(id="D", codes=CODES),),
    measures=tuple(
        Measure(id=id, name=id, decimals=0, bound=bound)
        for id, bound in {"n": 1, "w": 5, "wy": 40, "wyy": 900, "vw": 10**9, "cwy": 10**9, "vy": 10**9}.items()
    ),
)
COLUMNS = tuple(f"r{i}" for i in range(34))  # more than are summed in one query
FEW = Design(replicates=Replicates(columns=COLUMNS[:2], scale="1/2"))


def reading(column: str, codes: tuple[str, ...] = ()) -> Reading:
    return Reading(variable=column, column=column, codes={}, missing=(), list=codes, blank=())


PLAN = Plan(
    source=Source(id="home", path="", format="parquet", unique=False),
    layout=LAYOUT,
    method=MEAN,
    parameters={"y": "Y"},
    unit=reading("id"),
    time=reading("id"),
    periods=(),
    readings=(reading("code", CODES),),
    numbers={"y": Number(reading=reading("y"), decimals=0, least=-9, most=9)},
    weight="w",
    design=FEW,
    touched=3,
    salt=bytes(32),
)

PERSONS = st.lists(
    st.tuples(st.integers(1, 9), st.sampled_from(CODES), st.integers(-9, 9), st.integers(0, 20), st.integers(0, 4)),
    min_size=1,
    max_size=8,
)


def table(people: list[tuple[int, str, int, int, int]]) -> dict[str, list[Any]]:
    """Rows of a person, a code, y, a weight; a replicate's weight is up to four times that."""
    rows: dict[str, list[Any]] = {name: [one[i] for one in people] for i, name in enumerate(("id", "code", "y", "w"))}
    return rows | {name: [one[3] * ((one[4] + i) % 5) for one in people] for i, name in enumerate(COLUMNS)}


def counted(rows: dict[str, list[Any]], plan: Plan = PLAN) -> Counts:
    return bounded.counted(ibis.duckdb.connect().create_table("rows", pa.table(rows)), plan, Duck(), unique=False)


@settings(max_examples=3, deadline=None)
@given(PERSONS)
def test_variances_are_those_of_the_replicates_totals(people: list[tuple[int, str, int, int, int]]) -> None:
    """Row by row, in Python; weights beyond the bound of 5 are cut in the figure and not here."""
    rows = table(people)
    every = Design(replicates=Replicates(columns=COLUMNS, scale="1/34"))
    counts = counted(rows, replace(PLAN, design=every))
    assert counts.totals is not None
    values, sampling = variance.moments(LAYOUT, MEAN.card.needs.moments, counts.values, counts.totals)
    expected, beside = [], []
    for code in CODES:
        here = [i for i, one in enumerate(rows["code"]) if one == code]
        w, wy = (
            [sum(rows[c][i] * factor[i] for i in here) for c in ("w", *COLUMNS)] for factor in ([1] * 99, rows["y"])
        )
        pairs = ((w, w), (w, wy), (wy, wy))
        found = [
            Fraction(sum((x - a[0]) * (y - b[0]) for x, y in zip(a[1:], b[1:], strict=True)), 34) for a, b in pairs
        ]
        expected.append([round(one) for one in found])
        beside.append(float(found[0]))
    assert expected == values.reshape(7, 3)[4:].T.tolist()
    assert beside == sampling.reshape(7, 3)[1].tolist()


def test_a_replicate_sums_only_what_was_kept_of_a_person() -> None:
    """One person in three cells, of which one is kept: the others have no variance either."""
    rows = table([(1, code, 3, 2, 1) for code in CODES])
    counts = counted(rows, replace(PLAN, touched=1))
    assert isinstance(counts.totals, variance.Replicated)
    kept = {int(cell) for cell in counts.contributors.nonzero()[0]}
    assert (1, kept) == (len(kept), set(counts.totals.totals["w"]))


@pytest.mark.parametrize("hole", [None, -1, "many"])
def test_a_row_with_a_weight_and_without_a_replicate_weight_is_refused(hole: object) -> None:
    rows = table([(1, "a", 3, 2, 1), (2, "a", 3, 2, 1)])
    rows["r1"] = [str(rows["r1"][0]), hole] if isinstance(hole, str) else [rows["r1"][0], hole]
    with pytest.raises(SourceError, match="home: r1: rows have no replicate weight; found 1 rows"):
        counted(rows)


def test_a_row_without_a_weight_needs_no_replicate_weight() -> None:
    rows = table([(1, "a", 3, 2, 1), (2, "a", 3, 2, 1)])
    rows["w"][1] = rows["r1"][1] = None
    counts = counted(rows)
    assert (1, 1) == (counts.rows, counts.missing)
