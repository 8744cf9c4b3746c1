"""Which data a table of PostgreSQL holds: the digest of its rows, read once, and afterwards whether they are the same.

The digest says the same over restarts, dumps and servers, and reads and sorts every row. The mark of a table says only
that nobody wrote to it since, by numbers that PostgreSQL keeps of every row anyway; to read these costs less than a
count. While a process runs it remembers the last digest of each table with its mark, and reads no row again whose table
still has it. Both hold against whoever may write rows or change the table; neither against whoever runs the server.
Why: docs/adr/0029.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from comity.adapters.tables.postgres_table import Relation, quoted
from comity.canon import Digest

if TYPE_CHECKING:
    import psycopg

    from comity.adapters.tables.postgres_patience import Pulse

# Of each row its text, in which every value is told from every other, NULL from '', and a row's end from its middle;
# rows in the order of their bytes, in 4,096 parts by a hash that need not be secure, since it only keeps each part
# small enough to be one value.
_ROWS: Final = """
SELECT coalesce(sum(n), 0)::text, encode(sha256(coalesce(string_agg(digest, '' ORDER BY part), '')), 'hex') FROM (
  SELECT part, count(*) AS n, sha256(convert_to(string_agg(line, '' ORDER BY line), 'UTF8')) AS digest FROM (
    SELECT line, hashtext(line) & 4095 AS part FROM (
      SELECT CAST(ROW({columns}) AS text) COLLATE "C" AS line FROM {table} OFFSET 0) AS spelt) AS placed
  GROUP BY part) AS parts"""

_WRITERS: Final = """
SELECT tableoid::bigint, xmin::text, count(*) FROM {table} GROUP BY tableoid, xmin ORDER BY tableoid, xmin::text
LIMIT {most} + 1"""
# Columns as they are now: numbers are never used again, and whatever changes one is another writer of its line.
_COLUMNS: Final = """
SELECT attrelid::bigint, attnum::int, xmin::text FROM pg_attribute
WHERE attrelid IN ({tree}) AND attnum > 0 ORDER BY 1, 2"""
_LASTING: Final = """
SELECT has_column_privilege({oid}, 'xmin', 'SELECT') AND has_column_privilege({oid}, 'tableoid', 'SELECT')
  AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid IN ({tree}) AND attgenerated NOT IN ('', 's'))
  AND NOT EXISTS (SELECT FROM pg_class c LEFT JOIN pg_am a ON a.oid = c.relam
                  WHERE c.oid IN ({tree}) AND c.relkind <> 'p' AND a.amname IS DISTINCT FROM 'heap'),
  pg_postmaster_start_time()::text,
  pg_snapshot_xmin(pg_current_snapshot())::text::bigint, pg_snapshot_xmax(pg_current_snapshot())::text::bigint"""
_MOST: Final = 100_000  # writers that a mark may have: a table into which each row came alone has as many as rows
# A copy of a database, at another's name, has its tables with the same numbers; not its own line in the list of them.
_DATABASE: Final = "SELECT oid::bigint, xmin::text FROM pg_database WHERE datname = current_database()"
_NUMBERS: Final = 2**32  # of transactions; then they come again


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What every change of a table changes.

    facts: of one run of the server; which database and columns there are, and how many rows each transaction wrote.
    writers: the numbers of these transactions, and of those that wrote the columns and the database's line, below 2^32.
    oldest: the first transaction that may not have ended yet; next: the first that had not begun; below 2^64.
    """

    facts: str
    writers: frozenset[int]
    oldest: int
    next: int

    def since(self, earlier: "Mark") -> bool:
        """Whether nobody has changed the table since an earlier mark of it.

        A row that is new is the work of a transaction that had not ended then; no row then was its work, unless one
        had the same number four thousand million transactions ago. A row that is gone is missing in its number.
        """
        span = self.next - earlier.oldest
        return self.facts == earlier.facts and all((n - earlier.oldest) % _NUMBERS >= span for n in self.writers)


_known: Final[dict[str, tuple[Mark, Digest]]] = {}  # the last of each table


def vintage(connection: "psycopg.Connection[Any]", relation: Relation, pulse: "Pulse | None" = None) -> Digest:
    """Digest of the rows as a multiset, whatever their order on disk, with names and types of the columns read.

    Columns that the role may not read are no part of it.

    Args:
        pulse: a second session with the server, without which every row is read.
    """
    mark = _mark(connection, relation, pulse) if pulse is not None and relation.lasting else None
    place = json.dumps([_server(connection), relation.schema, relation.name, relation.columns])
    known = _known.get(place)  # once: another thread may look at the table, too
    if mark is not None and known is not None and mark.since(known[0]):
        return known[1]
    digest = read(connection, relation)
    if mark is not None:
        _known[place] = (mark, digest)
    return digest


def read(connection: "psycopg.Connection[Any]", relation: Relation) -> Digest:
    """`vintage` out of the rows themselves."""
    columns = ", ".join(quoted(name) for name, _, _ in relation.columns)
    found = connection.execute(_ROWS.format(columns=columns, table=relation.table).encode()).fetchone()
    facts = json.dumps(["comity-table/2", relation.columns, found], ensure_ascii=False)
    return Digest("sha256:" + hashlib.sha256(facts.encode()).hexdigest())


def _mark(connection: "psycopg.Connection[Any]", relation: Relation, pulse: "Pulse") -> Mark | None:
    """None where a table has none: its rows are not PostgreSQL's own, or are the work of too many transactions for this
    process's memory; or its columns change while we look.
    """

    def asked(query: str) -> list[Any]:
        return connection.execute(query.encode()).fetchall()

    tree = ", ".join(map(str, relation.tree))
    lasting, started, oldest, next = asked(_LASTING.format(oid=relation.tree[0], tree=tree))[0]
    if not lasting:
        return None
    columns, database = asked(_COLUMNS.format(tree=tree)), asked(_DATABASE)
    # Rows first: whoever reads them holds the columns, so that what is committed by now is what was read by.
    rows = asked(_WRITERS.format(table=relation.table, most=_MOST))
    if len(rows) > _MOST or columns != pulse.asked(_COLUMNS.format(tree=tree)):
        return None
    return Mark(
        facts=json.dumps([started, database, relation.tree, columns, rows]),
        writers=frozenset(int(writer) for _, writer, *_ in rows)
        | {int(writer) for *_, writer in (*columns, *database)},
        oldest=oldest,
        next=next,
    )


def _server(connection: "psycopg.Connection[Any]") -> list[object]:
    info = connection.info
    return [info.host, info.hostaddr, info.port, info.dbname]
