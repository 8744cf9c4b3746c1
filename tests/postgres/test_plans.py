"""How PostgreSQL goes about a statement of ours, by its own account."""

from comity.adapters.tables import spelling
from comity.adapters.tables.postgres import PostgreSQL
from comity.stages.collect import Reading
from tests.postgres.conftest import Made

# as if the table had millions of rows
LARGE = (
    "SET LOCAL min_parallel_table_scan_size = 0; SET LOCAL parallel_setup_cost = 0; SET LOCAL parallel_tuple_cost = 0"
)


def test_a_table_whose_codes_are_looked_up_is_read_by_several_processes(made: Made) -> None:
    source = made("CREATE TABLE home.people AS SELECT i % 7 || '' AS sex FROM generate_series(1, 1000) i")
    codes = {str(i): f"S{i}" for i in range(7)}
    reading = Reading(variable="SEX", column="sex", codes=codes, missing=(), list=tuple(codes.values()), blank=())
    with PostgreSQL().opened(source) as table:
        backend = table.get_backend()
        backend.con.execute(LARGE)
        rows = spelling.listed(table, reading, reading.list, code="code", place="place")
        counted = rows.group_by("code", "place").agg(n=rows.count())
        plan = "\n".join(line for (line,) in backend.con.execute("EXPLAIN " + backend.compile(counted)).fetchall())
        found = {(row["code"], row["place"]): row["n"] for row in counted.to_pyarrow().to_pylist()}
    assert "Parallel Seq Scan on people" in plan
    assert plan.index("Gather") < plan.index("Join")  # what is below is done by each of them
    assert {(f"S{i}", i): len(range(i or 7, 1001, 7)) for i in range(7)} == found
