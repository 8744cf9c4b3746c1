"""Spark finds the covariances of a design that DuckDB finds: of three stages, and of replicate weights."""

from pathlib import Path

import pyarrow as pa
import pytest

from comity.adapters.tables.counting import NationalTables
from comity.model.source import Source
from tests.builders import designed, people

TABLES = NationalTables(threads=2)


@pytest.mark.long
@pytest.mark.parametrize("name", ["three stages", "replicates"])
def test_covariances_are_those_of_duckdb(name: str, tmp_path: Path) -> None:
    rows = designed.rows()
    table = pa.table({column: [row[i] for row in rows] for i, column in enumerate(designed.COLUMNS)})
    ours = TABLES.count(designed.plan(_source(people.folder(tmp_path / "two", table), "spark"), designed.DESIGNS[name]))
    one = next(people.folder(tmp_path / "one", table, files=1).glob("*.parquet"))
    theirs = TABLES.count(designed.plan(_source(one, "parquet"), designed.DESIGNS[name]))
    assert theirs.totals is not None
    assert ours.totals is not None
    assert theirs.totals.covariances() == ours.totals.covariances()
    assert theirs.values.tolist() == ours.values.tolist()


def _source(path: Path, form: str) -> Source:
    return Source(id=form, path=str(path), format=form, unique=False)
