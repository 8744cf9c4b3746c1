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
    rows = connection.execute(_ROLES).fetchall()
    faults = _attributes(rows, connection.info.user)
    if not any(superuser for _, superuser, *_ in rows):  # who is one has every right besides
        faults += _rights(connection, relation)
    if faults:
        raise SourceError(
            "the role may write",
            where=where,
            found=f"{connection.info.user}: {', '.join(found for found, _ in faults)}",
            wanted="a role that may read the table and nothing else (docs/sources.md)",
            way_out="; ".join(way_out for _, way_out in faults),
        )


def _attributes(rows: list[Any], user: str) -> list[tuple[str, str]]:
    """What is wrong with the role itself and the roles that it is a member of, each with the way out."""
    faults = []
    for name, *flags in rows:
        words = [word for word, holds in zip(_ATTRIBUTES, flags, strict=True) if holds]
        if name == user and words:
            statement = f"ALTER ROLE {quoted(user)} " + " ".join(f"NO{word}" for word in words)
            faults.append((", ".join(words), statement))
        elif words or name in _PREDEFINED:
            faults.append((f"member of {name}", f"REVOKE {quoted(name)} FROM {quoted(user)}"))
    return faults


def _rights(connection: "psycopg.Connection[Any]", relation: Relation) -> list[tuple[str, str]]:
    """What is wrong with its rights to the table, the schema and the database, each with the way out."""
    faults = []
    table, whom = relation.table, f"{quoted(connection.info.user)}, PUBLIC"
    if _one(connection, _OWNS, [relation.tree])[0]:
        faults.append(("owner of the table", f"ALTER TABLE {table} OWNER TO another role"))
    elif rights := [word for (word,) in connection.execute(_WRITES, [relation.tree]).fetchall()]:
        faults.append((", ".join(rights), f"REVOKE {', '.join(rights)} ON {table} FROM {whom}"))
    in_schema, in_database, database = _one(connection, _CREATES, [relation.schema_oid])
    if in_schema:
        faults.append(("CREATE in the schema", f"REVOKE CREATE ON SCHEMA {quoted(relation.schema)} FROM {whom}"))
    if in_database:
        faults.append(("CREATE in the database", f"REVOKE CREATE ON DATABASE {database} FROM {whom}"))
    return faults


def _one(connection: "psycopg.Connection[Any]", query: str, values: list[object]) -> Any:
    row = connection.execute(query, values).fetchone()
    assert row is not None
    return row
