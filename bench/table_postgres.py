"""table.postgres: the bounded plan on a PostgreSQL server of Debian's package, beside its own plain group by.

The whole count is timed on both sides, but the digest of the table, which has a row of its own: begin a session, count,
hand over the cells. Ours binds codes, finds what is missing, and keeps of each person three parts by a secret order.
"""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import table_unique
from bench.row import Row
from bench.table_unique import AGES, REGIONS, beside
from comity.adapters.tables import postgres_vintage
from comity.adapters.tables.counting import NationalTables
from comity.adapters.tables.postgres import PostgreSQL
from comity.canon import Digest
from comity.methods import registry
from comity.model.source import POSTGRESQL, Source
from comity.services.node import bounding
from comity.stages import compute
from comity.stages.compute import Plan
from tests.postgres.server import PASSWORD, Server, running

ROWS, PERSONS, CELLS_A_PERSON = 5_000_000, 1_000_000, 3

# Spread by hashes, the same rows each time; 1 in 50 without an age.
_FILL = """
CREATE SCHEMA home;
CREATE TABLE home.{name} AS SELECT {person} AS id, 2025 AS year,
  lpad((abs(hashint4extended(i, 1)) % {regions})::text, 2, '0') AS region,
  CASE WHEN i % 50 > 0 THEN abs(hashint4extended(i, 2)) % {ages} END AS age
FROM generate_series(1, {rows}) AS i;
ANALYZE home.{name};
GRANT USAGE ON SCHEMA home TO reader; GRANT SELECT ON home.{name} TO reader;
"""


def filled(server: Server, secret: Path, name: str, rows: int, persons: int) -> Source:
    """A table of rows that persons share, or of one row each; the source that reads it."""
    person = "i" if persons == rows else f"abs(hashint4extended(i, 3)) % {persons}"
    text = _FILL.format(name=name, person=person, regions=REGIONS, ages=AGES, rows=rows)
    with server.office() as office:
        office.execute(text.replace("CREATE SCHEMA", "CREATE SCHEMA IF NOT EXISTS").encode())
    return Source(
        id=name,
        path=server.address("reader"),
        format=POSTGRESQL,
        table=f"home.{name}",
        secret=str(secret),
        unique=persons == rows,
    )


def asked(source: Source) -> Plan:
    """All cells of the bench's norm, three of a person."""
    norm = table_unique.norm()
    norm = replace(norm, protection=replace(norm.protection, cells=CELLS_A_PERSON))
    method = registry.load("table", "1")
    study, binding = table_unique.study(norm), table_unique.binding()
    return compute.plan(study, norm, binding, "2025", source=source, method=method, salt=b"\x05" * bounding.SALT)


def plain(server: Server, name: str) -> Callable[[], int]:
    """The query that nobody can leave out, by the server alone."""

    def count() -> int:
        with server.office() as office:
            found = office.execute(
                f"SELECT region, age, count(*) FROM home.{name} WHERE year = 2025 GROUP BY region, age".encode()
            )
            return sum(int(str(n)) for _, _, n in found.fetchall())

    return count


def run(rows: int = ROWS, persons: int = PERSONS) -> list[Row]:
    """Several rows a person, one row a person, the digest of the table, and what tells that it is the same."""
    # The bench's server keeps its safety (fsync) as Debian ships it: nothing is written while we count.
    with running(logged=False) as server, TemporaryDirectory() as folder:
        secret = Path(folder) / "secret"
        secret.write_text(PASSWORD)
        secret.chmod(0o600)
        with server.office() as office:
            office.execute(b"CREATE ROLE reader LOGIN PASSWORD '" + PASSWORD.encode() + b"'")
            office.execute(b"REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        found = []
        for name, people, what in (("several", persons, "bounded"), ("single", rows, "one row a person")):
            source = filled(server, secret, name, rows, people)
            # `counted` compares no digest: a source that was not checked has none, and is found to be unique or not.
            found.append(_counted(server, source, people, what))
        bare = plain(server, "single")
        for work, note in (
            (lambda: read(source), "rows; the table's digest, once while a process runs; bound: the plain group by"),
            (
                lambda: PostgreSQL().vintage(source),
                "rows; whether anybody wrote to the table since, at every later count; bound: the plain group by",
            ),
        ):
            found.append(sized(beside("table.postgres", work, bare, note), rows, note))
        return found


def read(source: Source) -> Digest:
    """The digest out of the rows, whatever is remembered of the table."""
    with PostgreSQL()._session(source) as (connection, relation):  # no engine's word asks for that
        return postgres_vintage.read(connection, relation)


def _counted(server: Server, source: Source, persons: int, what: str) -> Row:
    tables, plan, bare = NationalTables(), asked(source), plain(server, source.id)
    rows = bare()
    unique = source.unique

    def count() -> int:
        from comity.adapters.tables import bounded, patterns
        from comity.adapters.tables.spelling import is_one_of

        by = tables.engine(source)
        with by.opened(source, plan.reads) as table:
            mine = table.filter(is_one_of(table[plan.time.column], plan.periods))
            counts = patterns.counted(mine, plan, by) if unique else bounded.counted(mine, plan, by, unique=False)
        return counts.rows + counts.missing

    if count() != rows:
        raise SystemExit("bench table.postgres: our count is not PostgreSQL's")
    note = f"rows of {persons:,} persons, {what}; {REGIONS * AGES} cells, K = {CELLS_A_PERSON}; bound: a plain group by"
    return sized(beside("table.postgres", count, bare, note), rows, note)


def sized(row: Row, rows: int, note: str) -> Row:
    """The row with its own n."""
    return {**row, "n": rows, "per_s": rows / row["ours_s"], "note": note}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="The bench alone, smaller for a quick look.")
    parser.add_argument("--rows", type=int, default=ROWS)
    many = parser.parse_args().rows
    json.dump(run(many, many // 5), sys.stdout, indent=1)
