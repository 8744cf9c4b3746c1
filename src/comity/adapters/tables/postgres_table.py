"""A table of PostgreSQL as it is read: which columns, each in the one kind that all engines share.

Text of every kind (enum, uuid, citext, a collation that takes "a" for "A") is compared by its bytes: a collation of the
office's would put two codes into one group, or one into two. Numbers of unlimited precision are text in one spelling,
exact. Plain views and foreign tables are not read: what they hold may differ between two looks in one snapshot.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from comity.errors import SourceError

if TYPE_CHECKING:
    import psycopg

_FIND: Final = """
SELECT c.oid, n.oid, row_security_active(c.oid), has_schema_privilege(n.oid, 'USAGE')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relname = %s"""
_TREE: Final = """
WITH RECURSIVE tree(oid) AS (
  SELECT %s::oid UNION SELECT i.inhrelid FROM pg_inherits i JOIN tree ON i.inhparent = tree.oid)
SELECT c.oid, c.relkind::text FROM pg_class c JOIN tree USING (oid) ORDER BY c.oid <> %s, c.oid"""
_COLUMNS: Final = """
WITH RECURSIVE base(attnum, attname, oid, typmod) AS (
  SELECT a.attnum, a.attname::text, a.atttypid, a.atttypmod FROM pg_attribute a
  WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped AND has_column_privilege(a.attrelid, a.attnum, 'SELECT')
  UNION ALL SELECT b.attnum, b.attname, t.typbasetype, t.typtypmod FROM base b JOIN pg_type t ON t.oid = b.oid
  WHERE t.typtype = 'd')
SELECT b.attname, t.typtype::text, CASE WHEN t.typtype IN ('b', 'e') THEN t.typname ELSE 'composed' END::text, b.typmod
FROM base b JOIN pg_type t ON t.oid = b.oid WHERE t.typtype <> 'd' ORDER BY b.attnum"""

_COMMENTS: Final = """
SELECT a.attname::text, col_description(a.attrelid, a.attnum) FROM pg_attribute a
WHERE a.attrelid = %s AND a.attname = ANY(%s) AND col_description(a.attrelid, a.attnum) <> '' ORDER BY a.attnum"""

_TEXTS: Final = ("text", "varchar", "bpchar", "char", "name", "uuid", "citext")
# Columns without a cast keep the server's statistics: of others it takes one row in 200 to meet a condition, and sorts.
_AS_THEY_ARE: Final = {
    "bool": "boolean",
    "date": "date",
    "float8": "float64",
    "int2": "int16",
    "int4": "int32",
    "int8": "int64",
}
_NAMED: Final = {"timestamp": "timestamp", "timestamptz": "timestamp('UTC')", "time": "time", "json": "json"}
_KINDS: Final = {"v": "a view", "f": "a foreign table", "S": "a sequence", "i": "an index", "c": "a type"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A table, partitioned table or materialised view.

    tree: its own oid first, then those of its partitions or children.
    columns: name of each column that the role may read, its type and modifier in PostgreSQL's words.
    lasting: what a row says is in the row alone: the words of an enum are not.
    """

    schema: str
    name: str
    schema_oid: int
    tree: list[int]
    columns: tuple[tuple[str, str, int], ...]
    lasting: bool

    @property
    def table(self) -> str:
        """Its name in a query."""
        return f"{quoted(self.schema)}.{quoted(self.name)}"

    @property
    def sql(self) -> str:
        """The query of what is read, columns in their order."""
        reads = [f"{_read(*column)[0]} AS {quoted(column[0])}" for column in self.columns]
        return f"SELECT {', '.join(reads)} FROM {self.table}"

    @property
    def kinds(self) -> dict[str, str]:
        """Name of each column and its type in Ibis."""
        return {column[0]: _read(*column)[1] for column in self.columns}


def quoted(name: str) -> str:
    """An identifier, whatever stands in it."""
    return '"' + name.replace('"', '""') + '"'


def _read(name: str, kind: str, modifier: int) -> tuple[str, str]:
    """How a column is read, and as which type of Ibis."""
    column = quoted(name)
    if kind in _TEXTS:
        return f'CAST({column} AS text) COLLATE "C"', "string"
    if kind == "float4":  # the number that is written, and not the double nearest to the single
        return f"CAST(CAST({column} AS text) AS double precision)", "float64"
    if kind == "numeric":
        # pg_attribute.atttypmod of numeric(p, s) is (p << 16 | s) + 4
        digits, places = (modifier - 4) >> 16, (modifier - 4) & 0x7FF
        if modifier >= 0 and not places and digits <= 18:
            return f"CAST(NULLIF({column}, 'NaN') AS bigint)", "int64"
        return f"CAST(trim_scale(NULLIF({column}, 'NaN')) AS text)" + ' COLLATE "C"', "string"
    return column, _AS_THEY_ARE.get(kind) or _NAMED.get(kind) or "unknown"


def found(connection: "psycopg.Connection[Any]", schema: str, name: str, *, where: str) -> Relation:
    """The table as the catalogue has it in this snapshot; SourceError if it is none that is read."""
    row = connection.execute(_FIND, [schema, name]).fetchone()
    if row is None:
        raise SourceError("no such table", where=where, found=f"{schema}.{name}", wanted="SCHEMA.TABLE of the database")
    oid, schema_oid, hides, may_use = row
    table = f"{quoted(schema)}.{quoted(name)}"
    user = quoted(connection.info.user)
    if not may_use:
        raise _unread(f"GRANT USAGE ON SCHEMA {quoted(schema)} TO {user}", where, "no USAGE of its schema")
    tree = connection.execute(_TREE, [oid, oid]).fetchall()
    if wrong := next((kind for _, kind in tree if kind not in "rpm"), ""):
        raise SourceError(
            "not a table that holds its own rows",
            where=where,
            found=_KINDS.get(wrong, wrong),
            wanted="a table, or a materialised view",
            way_out=f"CREATE MATERIALIZED VIEW ... AS SELECT ... FROM {table}",
        )
    if hides:
        raise SourceError(
            "row-level security hides rows from this role",
            where=where,
            wanted="all rows, or a materialised view of those that may be counted",
        )
    rows = connection.execute(_COLUMNS, [oid]).fetchall()
    if not rows:
        raise _unread(f"GRANT SELECT ON {table} TO {user}", where, "no column that it may select")
    columns = tuple((name, "text" if type == "e" else kind, modifier) for name, type, kind, modifier in rows)
    kinds = (_read(*column)[1] for column in columns)
    return Relation(
        schema=schema,
        name=name,
        schema_oid=schema_oid,
        tree=[oid for oid, _ in tree],
        columns=columns,
        lasting="unknown" not in kinds and all(type != "e" for _, type, _, _ in rows),
    )


def comments(connection: "psycopg.Connection[Any]", relation: Relation) -> dict[str, str]:
    """What the office wrote beside columns (COMMENT ON COLUMN), of those that have it."""
    rows = connection.execute(_COMMENTS, [relation.tree[0], [name for name, _, _ in relation.columns]]).fetchall()
    return dict(rows)


def _unread(grant: str, where: str, what: str) -> SourceError:
    return SourceError("the role may not read the table", where=where, found=what, way_out=grant)
