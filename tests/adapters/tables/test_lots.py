"""In how many lots of persons rows are counted, so that a count stays within its memory."""

from collections.abc import Mapping
from itertools import combinations_with_replacement
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from comity.adapters.tables.counting import NationalTables
from comity.adapters.tables.duck import Duck
from comity.methods import registry
from comity.methods.regression.measures import codes
from comity.model.source import Band
from comity.model.structure import Axis, Layout, Measure
from comity.stages.collect import Number
from tests.adapters.tables.test_bounded import plan, reading

PRODUCTS = codes(2)


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
def test_an_engine_is_told_whether_persons_are_named_by_texts(
    ids: list[object], texts: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Texts stand in memory several times while rows are sorted: fewer rows are counted at once."""
    columns = {"id": ids, "year": [2025] * 3, "region": [1, 2, 1], "age": [30.0] * 3, "y": [2.0] * 3, "w": [1.0] * 3}
    pq.write_table(pa.table({**columns, "kind": ["home"] * 3}), tmp_path / "people.parquet")
    told = []

    def bears(duck: Duck, sums: Mapping[str, int], *, texts: bool) -> int:
        told.append(texts)
        return 2

    monkeypatch.setattr(Duck, "bears", bears)
    assert 3 == NationalTables().count(plan(tmp_path / "people.parquet")).rows
    assert [texts] == told
