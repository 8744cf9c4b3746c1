"""Read-only is demanded: a role that may write is refused, with the statement that takes the right away.

The session is read-only besides (`postgres`). This is the second wall, which a setting alone cannot open: whoever could
make Comity run any statement at all still could not change the office's data. Asked of every role that this one may
become (SET ROLE). Temporary tables are tolerated: PostgreSQL lets everyone make them unless an office forbids it, a
read-only session makes none, and they hold nobody's data.
"""

from typing import TYPE_CHECKING, Any, Final

from comity.adapters.tables.postgres_table import Relation, quoted
from comity.errors import SourceError

if TYPE_CHECKING:
    import psycopg

_ROLES: Final = """
SELECT r.rolname::text, r.rolsuper, r.rolcreaterole, r.rolcreatedb, r.rolreplication, r.rolbypassrls
FROM pg_roles r WHERE pg_has_role(current_user, r.oid, 'MEMBER')"""
_ATTRIBUTES: Final = ("SUPERUSER", "CREATEROLE", "CREATEDB", "REPLICATION", "BYPASSRLS")
_PREDEFINED: Final = ("pg_write_all_data", "pg_write_server_files", "pg_execute_server_program")

_MINE: Final = """
WITH mine AS (SELECT oid FROM pg_roles r WHERE pg_has_role(current_user, r.oid, 'MEMBER'))"""
_OWNS: Final = _MINE + " SELECT count(*) FROM pg_class c, mine WHERE c.oid = ANY(%s) AND c.relowner = mine.oid"
_WRITES: Final = (
    _MINE
    + """
SELECT DISTINCT p.word FROM pg_class c, mine, unnest(ARRAY['INSERT','UPDATE','DELETE','TRUNCATE','TRIGGER']) p(word)
WHERE c.oid = ANY(%s) AND (has_table_privilege(mine.oid, c.oid, p.word)
  OR CASE WHEN p.word IN ('INSERT','UPDATE') THEN has_any_column_privilege(mine.oid, c.oid, p.word) ELSE false END)
ORDER BY p.word"""
)
_CREATES: Final = (
    _MINE
    + """
SELECT coalesce(bool_or(has_schema_privilege(mine.oid, %s::oid, 'CREATE')), false),
       coalesce(bool_or(has_database_privilege(mine.oid, current_database(), 'CREATE')), false),
       quote_ident(current_database()) FROM mine"""
)


def insist(connection: "psycopg.Connection[Any]", relation: Relation, *, where: str) -> None:
    """Refuse a role that may write; SourceError with each way in which it may, and how to take it away."""
    ask = connection.execute
    user = quoted(connection.info.user)
    table = f"{quoted(relation.schema)}.{quoted(relation.name)}"
    found: list[str] = []
    ways: list[str] = []
    for name, *flags in ask(_ROLES).fetchall():
        words = [word for word, holds in zip(_ATTRIBUTES, flags, strict=True) if holds]
        if name == connection.info.user and words:
            found += words
            ways.append(f"ALTER ROLE {user} " + " ".join(f"NO{word}" for word in words))
        elif words or name in _PREDEFINED:
            found.append(f"member of {name}")
            ways.append(f"REVOKE {quoted(name)} FROM {user}")
        if words and words[0] == "SUPERUSER" and name == connection.info.user:
            break  # a superuser may do all that follows: one statement is the way out
    else:
        if _one(connection, _OWNS, [relation.tree])[0]:
            found.append("owner of the table")
            ways.append(f"ALTER TABLE {table} OWNER TO another role")
        elif rights := [word for (word,) in ask(_WRITES, [relation.tree]).fetchall()]:
            found += rights
            ways.append(f"REVOKE {', '.join(rights)} ON {table} FROM {user}, PUBLIC")
        in_schema, in_database, database = _one(connection, _CREATES, [relation.schema_oid])
        if in_schema:
            found.append("CREATE in the schema")
            ways.append(f"REVOKE CREATE ON SCHEMA {quoted(relation.schema)} FROM {user}, PUBLIC")
        if in_database:
            found.append("CREATE in the database")
            ways.append(f"REVOKE CREATE ON DATABASE {database} FROM {user}, PUBLIC")
    if found:
        raise SourceError(
            "the role may write",
            where=where,
            found=f"{connection.info.user}: {', '.join(found)}",
            wanted="a role that may read the table and nothing else (docs/sources.md)",
            way_out="; ".join(ways),
        )


def _one(connection: "psycopg.Connection[Any]", query: str, values: list[object]) -> Any:
    row = connection.execute(query, values).fetchone()
    assert row is not None
    return row
