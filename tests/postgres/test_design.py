"""PostgreSQL finds the covariances of every design that DuckDB finds."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from comity.adapters.tables.counting import NationalTables
from comity.model.source import Binding, Map, Source
from tests import sample
from tests.builders import designed
from tests.postgres.conftest import Made
from tests.postgres.server import Server

TABLES = NationalTables()


@pytest.mark.parametrize("ids", ["texts", "numbers"])
@pytest.mark.parametrize("name", designed.DESIGNS)
def test_covariances_are_those_of_duckdb(name: str, ids: str, made: Made, server: Server, tmp_path: Path) -> None:
    rows, columns = designed.rows(), designed.COLUMNS
    if ids == "numbers":
        rows, columns = [(int(id[1:]), *row) for id, *row in rows], {**columns, "id": "int8"}
    path = tmp_path / "people.parquet"
    pq.write_table(pa.table({column: [row[i] for row in rows] for i, column in enumerate(columns)}), path)
    source = made(f"CREATE TABLE home.people ({', '.join(f'{column} {kind}' for column, kind in columns.items())})")
    with server.office() as office, office.cursor() as cursor:
        cursor.executemany(f"INSERT INTO home.people VALUES ({', '.join(['%s'] * len(columns))})", rows)
    ours = TABLES.count(designed.plan(source, designed.DESIGNS[name]))
    file = Source(id="file", path=str(path), format="parquet", unique=False)
    theirs = TABLES.count(designed.plan(file, designed.DESIGNS[name]))
    assert theirs.totals is not None
    assert ours.totals is not None
    assert theirs.totals.covariances() == ours.totals.covariances()
    assert theirs.values.tolist() == ours.values.tolist()
    assert any(v > 0 for v in theirs.totals.covariances()["wy", "wy"].values())


def test_a_check_tells_with_what_a_sample_would_be_refused(made: Made, server: Server) -> None:
    """As a count would; and nothing of a sample that is one."""
    columns, rows = designed.COLUMNS, designed.rows()
    source = made(f"CREATE TABLE home.people ({', '.join(f'{column} {kind}' for column, kind in columns.items())})")
    with server.office() as office, office.cursor() as cursor:
        cursor.executemany(f"INSERT INTO home.people VALUES ({', '.join(['%s'] * len(columns))})", rows)
    maps = (Map(variable="PERSON", column="id"), Map(variable="WAVE", column="year", codes={"2006": "6"}))
    binding = Binding(
        id="home", version="1", norm=sample.norm().name, maps=maps, design=designed.DESIGNS["three stages"]
    )
    assert "" == TABLES.inspected(source, sample.norm(), binding).refused
    with server.office() as office:
        office.execute("UPDATE home.people SET villages = 9 WHERE id = %s", [rows[0][0]])
    assert "several populations in one group" in TABLES.inspected(source, sample.norm(), binding).refused
