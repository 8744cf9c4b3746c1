"""What one person adds is bounded before it sums: DuckDB against a plain reckoning in Python, row by row."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.adapters.tables import lots
from comity.adapters.tables.bound import LONGEST
from comity.adapters.tables.counting import NationalTables
from comity.errors import SourceError
from comity.methods import registry
from comity.methods.card import WEIGHT, Bounds, Card, Method, Needs, Term, products
from comity.model.source import Band, Source
from comity.model.structure import Axis, Layout, Measure
from comity.stages.collect import Condition, Number, Reading
from comity.stages.compute import Counts, Plan
from tests.builders import people
from tests.builders.reckoning import drawn

SALT, OTHER = b"\x01" * 32, b"\x02" * 32
TERMS = (Term(id="n"), Term(id="w", factors=(WEIGHT,)), Term(id="wy", factors=(WEIGHT, "y")))
BOUNDS = {"n": 2, "w": 500, "wy": 40_000}
REGIONS, AGES = ("A", "B"), ("child", "adult")
LAYOUT = Layout(
    dimensions=(Axis(id="REGION", codes=REGIONS), Axis(id="AGE", codes=AGES)),
    measures=tuple(Measure(id=id, name=id, decimals=0, bound=bound) for id, bound in BOUNDS.items()),
)
CELLS = LAYOUT.cells
CARD = Card(
    name="sums",
    version="1",
    title="Sums",
    needs=Needs(terms=TERMS, measures=tuple(BOUNDS), part=1, parameters=(), noise=True, numbers=("y",)),
    promises=(),
    bounds=Bounds(cells=1000, touched=1),
    decimals=(),
    citations=(),
    assumptions=(),
)


def contribute(bound: Any, layout: Layout, parameters: object) -> Any:
    return products(bound, TERMS)


METHOD = Method(card=CARD, contribute=contribute, finish=registry.load("table", "1").finish)


def reading(variable: str, column: str, list: Sequence[str] = (), **changes: Any) -> Reading:
    found = Reading(variable=variable, column=column, codes={}, missing=(), list=tuple(list), blank=())
    return replace(found, **changes)


UNIT = reading("PERSON", "id", missing=("0",))
READINGS = (
    reading("REGION", "region", REGIONS, codes={"1": "A", "2": "B", "3": "B"}, missing=("9",)),
    reading(
        "AGE",
        "age",
        AGES,
        bands=(Band(code="child", below="18"), Band(code="adult", least="18", below="120")),
        missing=("-1",),
    ),
)
NUMBER = Number(reading=reading("Y", "y", missing=("-8",), scale="0.5"), decimals=1, least=-500, most=900)


def plan(path: Path, **changes: Any) -> Plan:
    """Persons by region and age band: rows, weights in tenths, and a number in tenths."""
    found = Plan(
        source=Source(id="home", path=str(path), format="parquet", unique=False),
        layout=LAYOUT,
        method=METHOD,
        parameters={},
        unit=UNIT,
        time=reading("T", "year"),
        periods=("2025",),
        readings=READINGS,
        numbers={"y": NUMBER},
        universe=(Condition(column="kind", values=("home",), without=(), least=None, below=None),),
        weight="w",
        weight_decimals=1,
        touched=2,
        salt=SALT,
    )
    return replace(found, **changes)


@dataclass(frozen=True)
class Row:
    """One row of a survey; None is NULL."""

    id: str | None
    region: int | None
    age: float | None
    y: float | None
    w: float | None
    kind: str | None = "home"
    year: int = 2025


def written(rows: Sequence[Row], path: Path) -> Path:
    kinds = {"id": pa.string(), "region": pa.int64(), "age": pa.float64(), "y": pa.float64(), "w": pa.float64()}
    kinds |= {"kind": pa.string(), "year": pa.int64()}
    pq.write_table(
        pa.table({name: pa.array([getattr(row, name) for row in rows], k) for name, k in kinds.items()}), path
    )
    return path


def half_up(x: float) -> int:
    return math.floor(x + 0.5)


def finite(x: float | None) -> bool:
    return x is not None and math.isfinite(x)


@dataclass(frozen=True)
class Reckoned:
    """What a table of rows ought to count."""

    values: list[list[int]]
    contributors: list[int]
    counted: int
    missing: int
    outside: int


def reckoned(rows: Sequence[Row], *, touched: int = 2, salt: bytes = SALT) -> Reckoned:
    """The bounded plan, one row after the other."""
    regions = {1: "A", 2: "B", 3: "B"}
    parts: dict[str, dict[int, list[int]]] = defaultdict(dict)
    counted = missing = outside = 0
    for row in rows:
        if row.kind != "home" or row.year != 2025:
            continue
        region_lost = row.region in (None, 9)
        age_lost = row.age is None or math.isnan(row.age) or row.age == -1
        lost = row.id in (None, "", "0") or not finite(row.w) or row.w < 0 or not finite(row.y) or row.y == -8  # type: ignore[operator]
        if region_lost or age_lost or lost:
            missing += 1
            continue
        if row.region not in regions or row.age >= 120:  # type: ignore[operator]
            outside += 1
            continue
        counted += 1
        w = half_up(row.w * 10)  # type: ignore[operator]
        y = min(max(half_up(min(max(row.y * 0.5 * 10, -1e9), 1e9)), -500), 900)  # type: ignore[operator]
        cell = 2 * "AB".index(regions[row.region]) + int(row.age >= 18)  # type: ignore[operator,index]
        part = parts[str(row.id)].setdefault(cell, [0, 0, 0])
        for i, more in enumerate((1, w, w * y)):
            part[i] += more
    values, adding = [[0] * CELLS for _ in BOUNDS], [[0] * CELLS for _ in BOUNDS]
    for id, cells in parts.items():
        for cell in sorted(cells, key=lambda cell: drawn(salt, cell, id))[:touched]:
            for i, bound in enumerate(BOUNDS.values()):
                values[i][cell] += min(max(cells[cell][i], -bound), bound)
                adding[i][cell] += cells[cell][i] != 0
    contributors = [min(filter(None, of), default=0) for of in zip(*adding, strict=True)]
    return Reckoned(values, contributors, counted, missing, outside)


def told(counts: Counts) -> Reckoned:
    values = counts.values.reshape(len(BOUNDS), CELLS).tolist()
    return Reckoned(values, counts.contributors.tolist(), counts.rows, counts.missing, counts.outside)


TABLES = NationalTables(threads=1)
IDS = st.sampled_from(
    ["p", "q", "7", "07", "9" * 18, "9" * 19, "1\n", "r", "é", "e\u0301", "p|1", "0", "", None, " p", "P"]
)
ROWS = st.builds(
    Row,
    id=IDS,
    region=st.sampled_from([1, 2, 3, 9, 4, None]),
    age=st.sampled_from([0.0, 17.9, 18.0, 90.0, 120.0, -1.0, -2.0, math.nan, None]),
    y=st.sampled_from([0.1, 0.3, -7.0, 20.0, 1e300, -1e300, math.inf, math.nan, -8.0, None]),
    w=st.sampled_from([0.0, 1.0, 0.05, 12.34, 1e6, -1.0, math.nan, math.inf, None]),
    kind=st.sampled_from(["home", "home", "home", "ship", None]),
    year=st.sampled_from([2025, 2025, 2025, 2024]),
)


@settings(max_examples=6, deadline=None)
@given(rows=st.lists(ROWS, min_size=1, max_size=120), touched=st.integers(1, 4))
def test_duckdb_counts_what_is_reckoned_row_by_row(
    rows: list[Row], touched: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Universe, bands, a scale, weights, missing values, persons of many rows and cells."""
    path = written(rows, tmp_path_factory.mktemp("rows") / "people.parquet")
    assert reckoned(rows, touched=touched) == told(TABLES.count(plan(path, touched=touched)))


def person(id: str, region: int = 1, age: float = 30.0, y: float = 2.0, w: float = 1.0) -> Row:
    return Row(id=id, region=region, age=age, y=y, w=w)


MANY = [person(f"p{i}", region, age) for i in range(12) for region in (1, 2) for age in (7.0, 30.0)]


def test_lots_of_persons_add_up_to_all_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan_ = plan(written([*MANY, *EARNERS], tmp_path / "people.parquet"), largest=3, margins=MARGINS)
    whole = TABLES.count(plan_)
    monkeypatch.setattr(lots, "number", lambda *_, **__: 4)
    several = TABLES.count(plan_)
    assert reckoned([*MANY, *EARNERS]) == told(whole) == told(several)
    assert np.array_equal(whole.largest, several.largest)
    assert whole.margins is not None
    assert several.margins is not None
    assert np.array_equal(whole.margins.number, several.margins.number)
    assert np.array_equal(whole.margins.largest, several.margins.largest)
    assert whole.largest.any(axis=(1, 2)).all()


@settings(max_examples=3, deadline=None)
@given(rows=st.lists(ROWS, min_size=1, max_size=60), touched=st.integers(1, 3))
def test_one_person_moves_few_cells_by_its_bound_at_most(
    rows: list[Row], touched: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whoever is left out, whatever the rows say: `touched` cells at most, each measure by its bound at most."""
    path = tmp_path_factory.mktemp("rows") / "people.parquet"
    rows = [*rows, *(person("heavy", region, age, y=80.0, w=1e6) for region in (1, 2) for age in (7.0, 30.0))]
    with_, without = (
        TABLES.count(plan(written(some, path), touched=touched)).values.reshape(len(BOUNDS), CELLS)
        for some in (rows, [row for row in rows if row.id != "heavy"])
    )
    moved = abs(with_ - without)
    assert touched == int(moved.any(axis=0).sum())
    assert all(most <= bound for most, bound in zip(moved.max(axis=1).tolist(), BOUNDS.values(), strict=True))


MARGINS = ((-1, 0, 1, 0), (-1, 0, 0))  # region A is a group of its own, B is in none
EARNERS = [person("p", y=40.0), person("p", y=20.0), person("q", y=30.0), person("r", y=-70.0), person("s", region=2)]


@pytest.mark.parametrize("largest", [0, 1, 3])
def test_the_largest_parts_of_a_cell_are_told_by_their_size(largest: int, tmp_path: Path) -> None:
    """A person's rows are one part, and a part below zero is as large as one above."""
    counts = TABLES.count(plan(written(EARNERS, tmp_path / "people.parquet"), largest=largest))
    assert told_largest(counts, largest)


def told_largest(counts: Counts, largest: int) -> bool:
    """Whether counts of EARNERS tell what is known by hand, y in tenths of a half and weights in tenths.

    Nothing where nobody asks, and never in words.
    """
    if not largest:
        return counts.largest is None
    assert counts.largest is not None
    assert "largest" not in repr(counts)
    found = counts.largest.reshape(largest, len(BOUNDS), CELLS).tolist()
    parts = {"n": {1: [2, 1, 1], 3: [1]}, "w": {1: [20, 10, 10], 3: [10]}, "wy": {1: [3500, 3000, 1500], 3: [100]}}
    expected = [[[0] * CELLS for _ in BOUNDS] for _ in range(largest)]
    for row, cells in enumerate(parts.values()):
        for cell, sizes in cells.items():
            for place, size in enumerate(sizes[:largest]):
                expected[place][row][cell] = size
    return expected == found


def test_a_person_of_several_cells_is_one_contributor_of_their_margins(tmp_path: Path) -> None:
    """By what he adds to all of them: p's 2000 in A and -1000 in B are 1000 of both, less than q's and r's."""
    p, q = [person("p", y=40.0), person("p", region=2, y=-20.0)], person("q", y=30.0)
    r = [person("r", region=2, age=7.0, y=30.0), person("r", region=2, y=10.0)]
    found = TABLES.count(plan(written([*p, q, *r], tmp_path / "people.parquet"), largest=2, margins=MARGINS)).margins
    assert found is not None
    persons = [[3, 1, 3], [2, 0, 2], [2, 0, 2], [2, 1, 2]]  # all, the group, A, B; all, children, adults
    assert persons == found.number.reshape(4, 3).tolist()
    most = [[2000, 1500, 1500], [2000, 0, 2000], [2000, 0, 2000], [2000, 1500, 1000]]
    next_ = [[1500, 0, 1000], [1500, 0, 1500], [1500, 0, 1500], [1000, 0, 500]]
    assert [most, next_] == found.largest[:, 2].reshape(2, 4, 3).tolist()
    rows = [[2, 1, 2], [1, 0, 1], [1, 0, 1], [2, 1, 1]]
    assert rows == found.largest[0, 0].reshape(4, 3).tolist()


def test_what_a_person_adds_to_a_margin_is_cut_to_64_bits(tmp_path: Path) -> None:
    """Four cells of 2^62 each are 2^64: too large for any rule, and no error of the engine."""
    rows = [person("p", region, age, w=2.0**62) for region in (1, 2) for age in (7.0, 30.0)]
    path = written(rows, tmp_path / "people.parquet")
    assert 2**63 - 1 == TABLES.count(huge(path)).margins.largest[0, 0, 0]  # type: ignore[union-attr]


def huge(path: Path) -> Plan:
    """One sum of weights as large as 64 bits hold, of persons in up to four cells, with margins."""
    terms = (Term(id="w", factors=(WEIGHT,)),)
    card = replace(CARD, needs=replace(CARD.needs, terms=terms, measures=("w",), numbers=()))
    method = Method(card=card, contribute=lambda b, layout, p: products(b, terms), finish=METHOD.finish)
    layout = replace(LAYOUT, measures=(Measure(id="w", name="w", decimals=0, bound=2**62),))
    changes = {"method": method, "layout": layout, "numbers": {}, "weight_decimals": 0, "touched": 4}
    return plan(path, **changes, largest=1, margins=MARGINS)


def test_hash_salt_reuse_is_none_two_releases_keep_other_cells(tmp_path: Path) -> None:
    """The same question keeps the same cells however often it is asked; another one keeps others."""
    path = written(MANY, tmp_path / "people.parquet")
    once, again = (told(TABLES.count(plan(path, touched=1))) for _ in range(2))
    other = told(TABLES.count(plan(path, touched=1, salt=OTHER)))
    assert reckoned(MANY, touched=1) == once == again
    assert reckoned(MANY, touched=1, salt=OTHER) == other
    assert once != other


def test_a_code_outside_the_list_is_hidden_in_no_cell(tmp_path: Path) -> None:
    """No margin takes it in: the cells are the rows of codes of the list, and it is told by its national value."""
    rows = [person("p"), person("q", region=77), person("r", age=150.0)]
    counts = TABLES.count(plan(written(rows, tmp_path / "people.parquet")))
    assert 1 == counts.values.reshape(len(BOUNDS), CELLS)[0].sum()
    assert (1, 2, {"REGION": {"77": 1}, "AGE": {"150": 1}}) == (counts.rows, counts.outside, counts.unmapped)


def test_a_collation_splits_no_code(tmp_path: Path) -> None:
    """Spelt otherwise, a code is outside the list: composed or not, in another case, with a blank after it."""
    answers = ["\u00e9", "e\u0301", "\u00c9", "\u00e9 ", "\u00e9"]
    path = tmp_path / "people.parquet"
    pq.write_table(pa.table({"id": list("abcde"), "year": [2025] * 5, "q": answers, "r": ["x"] * 5}), path)
    layout = Layout(
        dimensions=(Axis(id="Q", codes=("\u00e9", "other")),),
        measures=(Measure(id="n", name="n", decimals=0, bound=1),),
    )
    method = registry.load("table", "1")
    asked = reading("Q", "q", ("\u00e9", "other"))
    for unique in (False, True):
        source = Source(id="home", path=str(path), format="parquet", unique=unique)
        changes = {
            "layout": layout,
            "method": method,
            "readings": (asked,),
            "numbers": {},
            "universe": (),
            "weight": "",
        }
        counts = TABLES.count(plan(path, source=source, **changes))
        assert ([2, 0], 3) == (counts.values.tolist(), counts.outside)


@pytest.mark.parametrize(("y", "fits"), [(2**62 - 512, True), (2**62, False)], ids=["at the edge", "beyond it"])
def test_a_sum_beyond_64_bits_is_refused_with_its_column(y: int, fits: bool, tmp_path: Path) -> None:
    """Two persons of 2^62 are one more than int64 holds: never wrapped, never cut. 2^62 - 512 is the float64 below."""
    path = tmp_path / "people.parquet"
    ids, ys = ["p", "q", "r"], [y, 2**62, 0]
    pq.write_table(pa.table({"id": ids, "year": [2025] * 3, "y": ys}), path)
    terms = (Term(id="s", factors=("y",)),)
    card = replace(CARD, needs=replace(CARD.needs, terms=terms, measures=("s",)))
    method = Method(card=card, contribute=lambda b, layout, p: products(b, terms), finish=METHOD.finish)
    layout = Layout(dimensions=(), measures=(Measure(id="s", name="s", decimals=0, bound=2**63 - 1),))
    number = Number(reading=reading("Y", "y"), decimals=0, least=0, most=2**62)
    changes = {"layout": layout, "method": method, "readings": (), "numbers": {"y": number}, "universe": ()}
    asked = plan(path, weight="", **changes)
    if fits:
        assert [2**62 + y] == TABLES.count(asked).values.tolist()
    else:
        with pytest.raises(SourceError, match="too large for a whole number of 64 bits") as caught:
            TABLES.count(asked)
        assert "measure s, column y" in str(caught.value)


def test_a_weight_beyond_64_bits_is_refused_with_its_column(tmp_path: Path) -> None:
    path = written([person("p", w=1e18)], tmp_path / "people.parquet")
    with pytest.raises(SourceError, match="measure wy, column w, y"):
        TABLES.count(plan(path))


def test_long_ids_in_a_small_file_do_not_fill_the_machine(tmp_path: Path) -> None:
    """One id of 10,000 characters in 100,000 rows is a file of 4 KB, and 1 GB where rows stand one by one."""
    long = pa.DictionaryArray.from_arrays(pa.array(np.zeros(100_000, "<i4")), pa.array(["é" * 10_000]))
    rows = pa.table({"id": long, "q": ["1"] * 100_000, "wave": [6] * 100_000})
    pq.write_table(rows, path := tmp_path / "rows.parquet")
    asked = people.of(people.table(("1", "2"), unit="id", time="wave", column="q"), path, "parquet")
    with pytest.raises(SourceError, match="an id that is too long for one; found 10000 characters"):
        NationalTables(memory="300MB").count(asked)
    edge = pa.table({"id": ["é" * LONGEST] * 2, "q": ["1"] * 2, "wave": [6] * 2})
    pq.write_table(edge, path)
    assert 1 == NationalTables().count(asked).contributors.sum()
