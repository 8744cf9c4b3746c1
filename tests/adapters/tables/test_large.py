"""Four million persons of five rows each are counted inside a gigabyte."""

from pathlib import Path

import pytest

from bench import table_duckdb


@pytest.mark.long
def test_twenty_million_rows_are_bounded_inside_a_gigabyte(tmp_path: Path) -> None:
    """By a process of its own, whose peak is measured; DuckDB's own limit is 1 GB, and it spills nothing to disk."""
    path = tmp_path / "many.parquet"
    table_duckdb.write(path, table_duckdb.MANY)
    assert table_duckdb.peak(path) < 1000  # MB
