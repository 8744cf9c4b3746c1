"""Files that are larger than the memory of a count."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench import table_duckdb, table_unique
from comity.adapters.tables.counting import NationalTables
from comity.model.source import Design
from comity.stages.variance import Drawn


@pytest.mark.long
def test_twenty_million_rows_are_bounded_inside_a_gigabyte(tmp_path: Path) -> None:
    """Of four million persons, by a process of its own, whose peak is measured; DuckDB's own limit is 1 GB, and it
    spills nothing to disk."""
    path = tmp_path / "many.parquet"
    table_duckdb.write(path, table_duckdb.MANY)
    assert table_duckdb.peak(path) < 1000  # MB


@pytest.mark.long
def test_a_sample_of_five_million_persons_is_counted_in_lots_of_its_strata(tmp_path: Path) -> None:
    """In one lot it wants five times the memory. Each region is a stratum of all persons who were drawn there."""
    path = tmp_path / "sample.parquet"
    table_unique.write(path)
    rows, _ = table_duckdb.plans(path)
    sample = replace(rows, design=Design(strata="region"))
    few, many = (NationalTables(threads=2, memory=memory).count(sample).totals for memory in ("250MB", ""))
    assert isinstance(few, Drawn)
    assert isinstance(many, Drawn)
    assert {26} == {len({spread.draws for spread in totals.spreads}) for totals in (few, many)}
    assert few.covariances() == many.covariances()
