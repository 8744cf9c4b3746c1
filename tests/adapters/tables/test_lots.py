"""In how many lots of persons rows are counted, so that a count stays within its memory."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations_with_replacement
from os import sysconf
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from comity.adapters.tables import coverage, lots
from comity.adapters.tables.counting import NationalTables
from comity.adapters.tables.duck import Duck
from comity.errors import SourceError
from comity.methods import registry
from comity.methods.regression.measures import codes
from comity.model.source import Band, Source
from comity.model.structure import Axis, Layout, Measure
from comity.stages.collect import Number
from tests.adapters.tables.test_bounded import plan, reading
from tests.builders import designed

PRODUCTS = codes(2)
LOTS = {  # by which column, and whether in several
    "persons": {("id", True), ("", False)},
    "strata": {("id", True), ("stratum", True)},
    "clusters": {("id", True), ("stratum", True)},
    "three stages": {("id", True), ("stratum", True)},
    "replicates": {("id", True)},
}

_lot = lots.lot


@pytest.mark.long
def test_rows_that_are_laid_into_every_cell_are_counted_in_more_lots(tmp_path: Path) -> None:
    """A million persons, each in the ten products of a regression: in one lot they are more than 250 MB hold."""
    n = 1_000_000
    columns = {"id": np.arange(n), "year": np.full(n, 2025), "one": np.full(n, 1), "two": np.full(n, 2)}
    pq.write_table(pa.table({**columns, "three": np.full(n, 3)}), tmp_path / "people.parquet")
    columns_of = {"x1": "one", "x2": "two", "y": "three"}
    asked = plan(
        tmp_path / "people.parquet",
        layout=Layout(
            dimensions=(Axis(id="TERM", codes=PRODUCTS),),
            measures=tuple(Measure(id=id, name=id, decimals=0, bound=100) for id in ("n", "wz")),
        ),
        method=registry.load("regression", "1"),
        parameters=columns_of,
        readings=(reading("TERM", "one", PRODUCTS, bands=(Band(code="1-1"),)),),
        numbers={
            factor: Number(reading=reading(factor, column), decimals=0, least=0, most=9)
            for factor, column in columns_of.items()
        },
        universe=(),
        weight="",
        weight_decimals=0,
        touched=len(PRODUCTS),
    )
    found = NationalTables(threads=2, memory="250MB").count(asked)
    expected = [a * b * found.rows for a, b in combinations_with_replacement((1, 1, 2, 3), 2)]
    assert [found.rows, *[0] * 9, *expected] == found.values.tolist()
    assert n - 1 == found.rows  # "0" is no id


@pytest.mark.parametrize(("ids", "texts"), [([1, 1, 2], False), (["1", "1", "2"], True)], ids=["numbers", "texts"])
def test_lots_are_smaller_where_persons_are_named_by_texts(
    ids: list[object], texts: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Texts stand in memory several times while rows are sorted: fewer rows are counted at once."""
    columns = {"id": ids, "year": [2025] * 3, "region": [1, 2, 1], "age": [30.0] * 3, "y": [2.0] * 3, "w": [1.0] * 3}
    pq.write_table(pa.table({**columns, "kind": ["home"] * 3}), tmp_path / "people.parquet")
    told = []

    def number(room: int, needs: Sequence[tuple[int, lots.Size]], *, texts: bool) -> int:
        told.append(texts)
        return 2

    asked = plan(tmp_path / "people.parquet")
    monkeypatch.setattr(lots, "number", number)
    assert 3 == NationalTables().count(asked).rows
    assert {texts} == set(told)


def test_lots_are_as_many_as_the_rows_take() -> None:
    """Two rows of 200 bytes and three of 600 are 2,200 bytes."""
    needs = [(2, lots.BOUNDED), (3, lots.DRAWN)]
    rooms = {2200: 1, 2199: 2, 1100: 2, 1099: 3, 1: 2200}
    assert rooms == {room: lots.number(room, needs, texts=False) for room in rooms}
    assert 4 == lots.number(1000, needs, texts=True)
    assert 1 == lots.number(None, [(10**12, lots.DRAWN)], texts=True)
    assert 1 == lots.number(1000, [(0, lots.BOUNDED)], texts=False)


def test_a_count_has_the_room_that_it_is_given_or_less_than_the_machine_has() -> None:
    assert [250 * 10**6, 4 * 10**9, 10**12] == [Duck(memory=memory).room for memory in ("250MB", "4GB", "1TB")]
    assert 10**8 < Duck().room < sysconf("SC_PAGE_SIZE") * sysconf("SC_PHYS_PAGES") // 3


def test_rows_whose_sums_an_engine_makes_of_decimals_take_more() -> None:
    assert (lots.BOUNDED, lots.SUMMED) == (lots.bounding({"n": 1, "w": 2**63 - 1}), lots.bounding({"n": 1, "w": 2**63}))
    assert lots.BOUNDED.numbers < lots.SUMMED.numbers


def test_a_lot_has_all_rows_with_a_value_of_a_column_and_null_is_one() -> None:
    rows = ibis.duckdb.connect().create_table(
        "rows", pa.table({"a": [1, None, 3, None, 1], "b": ["x", "y", None, "", "x"]})
    )
    for column in ("a", "b"):
        found = [lots.lot(rows, column, place, 4)[column].to_pyarrow().to_pylist() for place in range(4)]
        assert sorted(map(str, rows[column].to_pyarrow().to_pylist())) == sorted(
            str(value) for of in found for value in of
        )
        assert 1 == sum(None in of for of in found)
        assert 1 == sum(of.count("x") + of.count(1) > 0 for of in found)


@pytest.mark.parametrize("name", designed.DESIGNS)
def test_a_design_says_the_same_in_lots(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of strata, or of persons with replicate weights."""
    seen = agreeing(designed.rows(), name, tmp_path, monkeypatch)
    assert LOTS[name] == {(column, many > 1) for column, many in seen}
    assert 2 == max([many for column, many in seen if column == "stratum"], default=2)  # there are no more strata


def test_where_rows_are_persons_the_design_alone_asks_for_lots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two lots of persons where it is found out that they are; their places are then looked for in one."""
    persons = {row[0]: row for row in designed.rows()}
    seen = agreeing([*persons.values()], "strata", tmp_path, monkeypatch, room=5_000)
    assert {("id", 2), ("id", 1), ("stratum", 2)} == seen


@pytest.mark.parametrize("room", [10**9, 9_000])
def test_a_count_refuses_a_person_in_two_strata(room: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who would be in two lots of strata, and one person in each."""
    columns = {column: [row[i] for row in designed.rows()] for i, column in enumerate(designed.COLUMNS)}
    columns["id"][0] = columns["id"][-1]
    pq.write_table(pa.table(columns), tmp_path / "sample.parquet")
    source = Source(id="home", path=str(tmp_path / "sample.parquet"), format="parquet", unique=False)
    monkeypatch.setattr(Duck, "room", property(lambda _: room))
    with pytest.raises(SourceError, match=r"home: stratum: persons stand in two places .* found 1 further places"):
        NationalTables().count(designed.plan(source, designed.DESIGNS["strata"]))


def test_a_period_without_rows_is_one_lot_of_no_stratum(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    columns = {column: [row[i] for row in designed.rows()] for i, column in enumerate(designed.COLUMNS)}
    pq.write_table(pa.table(columns), tmp_path / "sample.parquet")
    source = Source(id="home", path=str(tmp_path / "sample.parquet"), format="parquet", unique=False)
    monkeypatch.setattr(Duck, "room", property(lambda _: 9_000))
    found = NationalTables().count(replace(designed.plan(source, designed.DESIGNS["strata"]), periods=("1999",)))
    assert found.totals is not None
    assert (0, False, [{}] * 5) == (found.rows, found.values.any(), [*found.totals.covariances().values()])


def agreeing(
    rows: Sequence[tuple[Any, ...]], name: str, path: Path, monkeypatch: pytest.MonkeyPatch, room: int = 9_000
) -> set[tuple[str, int]]:
    """By which columns rows were laid into how many lots in little room, with the same counts as in much."""
    columns = {column: [row[i] for row in rows] for i, column in enumerate(designed.COLUMNS)}
    pq.write_table(pa.table(columns), path / "sample.parquet")
    source = Source(id="home", path=str(path / "sample.parquet"), format="parquet", unique=False)
    asked, seen = designed.plan(source, designed.DESIGNS[name]), set()
    whole = NationalTables(threads=1).count(asked)

    def lot(rows: ibis.Table, column: str, place: int, many: int) -> ibis.Table:
        seen.add((column, many))
        return _lot(rows, column, place, many)

    monkeypatch.setattr(lots, "lot", lot)
    monkeypatch.setattr(Duck, "room", property(lambda _: room))
    found = NationalTables(threads=1).count(asked)
    assert whole.totals is not None
    assert found.totals is not None
    assert whole.totals.covariances() == found.totals.covariances()
    assert whole.values.tolist() == found.values.tolist()
    return seen


def test_a_stratum_of_one_unit_is_refused_in_lots_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And is one of all that there are."""
    columns = {column: [row[i] for row in designed.rows()] for i, column in enumerate(designed.COLUMNS)}
    columns["stratum"] = [f"{s}{d}" for s, d in zip(columns["stratum"], columns["district"], strict=True)]
    pq.write_table(pa.table(columns), tmp_path / "sample.parquet")
    source = Source(id="home", path=str(tmp_path / "sample.parquet"), format="parquet", unique=False)
    monkeypatch.setattr(Duck, "room", property(lambda _: 9_000))
    with pytest.raises(SourceError, match="home: stratum: 6 strata with a single unit"):
        NationalTables().count(designed.plan(source, designed.DESIGNS["clusters"]))


@pytest.mark.parametrize("many", [1, 4])
def test_sums_too_large_for_a_variance_are_refused_in_the_same_words_in_lots(
    many: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of four strata adds 3e18 to the squares of one cell: no lot of fewer is too large by itself."""
    columns = {column: [row[i] for row in designed.rows()][:8] for i, column in enumerate(designed.COLUMNS)}
    columns |= {"id": list("abcdefgh"), "code": ["a"] * 8, "y": [1e4] * 8, "w": [1500.0] * 8, "stratum": [*"PPQQRRSS"]}
    pq.write_table(pa.table(columns), tmp_path / "sample.parquet")
    source = Source(id="home", path=str(tmp_path / "sample.parquet"), format="parquet", unique=False)
    monkeypatch.setattr(lots, "number", lambda *_, **__: many)
    with pytest.raises(SourceError, match="home: wyy: the sum of what all persons add is too large"):
        NationalTables().count(designed.plan(source, designed.DESIGNS["strata"]))


@pytest.mark.parametrize("room", [10**9, 1_000])
def test_persons_of_several_rows_are_seen_in_lots(room: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred persons, of whom ten have two rows; and three rows that name nobody."""
    ids = [*map(str, range(100)), *map(str, range(10)), None, "", "none"]
    pq.write_table(pa.table({"id": ids, "year": ["2025"] * len(ids)}), tmp_path / "people.parquet")
    monkeypatch.setattr(Duck, "room", property(lambda _: room))
    source = Source(id="home", path=str(tmp_path / "people.parquet"), format="parquet", unique=False)
    unit = replace(reading("PERSON", "id", ()), missing=("none",))
    time = replace(reading("YEAR", "year", ()), codes={"2025": "2025"})
    by = NationalTables().engine(source)
    with by.opened(source) as table:
        found = coverage.uniqueness(table, unit, time, by)
    assert coverage.Uniqueness(rows=113, nameless=3, repeated=10) == found
