"""A role that may write is refused, whichever way it may; the statement in the error takes the right away."""

import pytest

from comity.adapters.tables.postgres import PostgreSQL
from comity.errors import SourceError
from tests.postgres.conftest import Made
from tests.postgres.server import PASSWORD, Server

TABLE = "CREATE TABLE home.people (id int, region text)"
# What the office did, and what the error has to name.
WAYS = {
    "ALTER ROLE scribe SUPERUSER": "SUPERUSER",
    "ALTER ROLE scribe CREATEROLE": "CREATEROLE",
    "ALTER ROLE scribe CREATEDB": "CREATEDB",
    "ALTER ROLE scribe BYPASSRLS": "BYPASSRLS",
    "ALTER ROLE scribe REPLICATION": "REPLICATION",
    "GRANT pg_write_all_data TO scribe": "member of pg_write_all_data",
    "GRANT pg_write_server_files TO scribe": "member of pg_write_server_files",
    "GRANT pg_execute_server_program TO scribe": "member of pg_execute_server_program",
    "GRANT office TO scribe": "member of office",
    "ALTER ROLE scribe NOINHERIT; GRANT INSERT ON home.people TO clerk; GRANT clerk TO scribe": "INSERT",
    "GRANT INSERT ON home.people TO scribe": "INSERT",
    "GRANT UPDATE ON home.people TO scribe": "UPDATE",
    "GRANT DELETE ON home.people TO PUBLIC": "DELETE",
    "GRANT TRUNCATE ON home.people TO scribe": "TRUNCATE",
    "GRANT TRIGGER ON home.people TO scribe": "TRIGGER",
    "GRANT UPDATE (region) ON home.people TO scribe": "UPDATE",
    "GRANT INSERT (id) ON home.people TO scribe": "INSERT",
    "CREATE TABLE home.child () INHERITS (home.people); GRANT UPDATE ON home.child TO scribe": "UPDATE",
    "ALTER TABLE home.people OWNER TO scribe": "owner of the table",
    "GRANT CREATE ON SCHEMA home TO scribe": "CREATE in the schema",
    "GRANT CREATE ON DATABASE census TO scribe": "CREATE in the database",
}
# Rights that came another way than to the role itself or to all: the error names what, the office knows whence.
ELSEWHERE = ("NOINHERIT", "INHERITS", "OWNER")


@pytest.fixture(autouse=True)
def scribe(server: Server, made: Made) -> None:
    """A role with nothing but what a test gives it."""
    with server.office() as office:
        for role in ("scribe", "clerk"):
            if office.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                office.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")  # type: ignore[call-overload]
        made(TABLE)
        office.execute(f"CREATE ROLE scribe LOGIN PASSWORD '{PASSWORD}'; CREATE ROLE clerk")  # type: ignore[call-overload]
        office.execute("GRANT USAGE ON SCHEMA home TO scribe; GRANT SELECT ON home.people TO scribe")


@pytest.mark.parametrize("given", WAYS)
def test_a_role_that_may_write_is_refused_until_the_way_out_was_taken(server: Server, made: Made, given: str) -> None:
    source = made(given, user="scribe")
    with pytest.raises(SourceError) as told, PostgreSQL().opened(source):
        pass
    assert WAYS[given] in told.value.found
    assert "\n" not in str(told.value)
    if not any(word in given for word in ELSEWHERE):
        made(told.value.way_out)
        with PostgreSQL().opened(source) as table:
            assert 0 == table.count().to_pyarrow().as_py()


def test_a_role_that_may_read_and_nothing_else_is_taken(made: Made) -> None:
    with PostgreSQL().opened(made(user="scribe")) as table:
        assert ("id", "region") == table.columns


def test_a_column_that_the_role_may_not_read_is_not_there(made: Made) -> None:
    given = "REVOKE SELECT ON home.people FROM scribe; GRANT SELECT (id) ON home.people TO scribe"
    source = made(given, user="scribe")
    with PostgreSQL().opened(source) as table:
        assert ("id",) == table.columns
    assert PostgreSQL().vintage(source).startswith("sha256:")


@pytest.mark.parametrize(
    ("given", "grant"),
    [
        ("REVOKE USAGE ON SCHEMA home FROM scribe", 'GRANT USAGE ON SCHEMA "home" TO "scribe"'),
        ("REVOKE SELECT ON home.people FROM scribe", 'GRANT SELECT ON "home"."people" TO "scribe"'),
    ],
)
def test_a_role_that_may_not_read_is_told_what_it_lacks(made: Made, given: str, grant: str) -> None:
    source = made(given, user="scribe")
    with pytest.raises(SourceError) as told, PostgreSQL().opened(source):
        pass
    assert grant == told.value.way_out


def test_a_policy_that_hides_rows_is_no_silent_count_of_the_rest(made: Made) -> None:
    hides = "ALTER TABLE home.people ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON home.people USING (id < 5)"
    with pytest.raises(SourceError) as told, PostgreSQL().opened(made(hides, user="scribe")):
        pass
    assert "row-level security" in told.value.what


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("CREATE VIEW home.seen AS SELECT *, random() AS r FROM home.people", "a view"),
        ("CREATE SEQUENCE home.seen", "a sequence"),
        ("CREATE INDEX seen ON home.people (id)", "an index"),
    ],
)
def test_what_holds_no_rows_of_its_own_is_no_source(made: Made, given: str, found: str) -> None:
    with pytest.raises(SourceError) as told, PostgreSQL().opened(made(given, table="home.seen")):
        pass
    assert found == told.value.found


def test_a_materialised_view_and_a_table_in_parts_are_read(made: Made) -> None:
    rows = "INSERT INTO home.people VALUES (1, 'A'), (2, 'B')"
    source = made(rows, "CREATE MATERIALIZED VIEW home.seen AS SELECT * FROM home.people", table="home.seen")
    with PostgreSQL().opened(source) as table:
        assert 2 == table.count().to_pyarrow().as_py()
    parts = "CREATE TABLE home.all (id int) PARTITION BY LIST (id); CREATE TABLE home.one PARTITION OF home.all DEFAULT"
    with PostgreSQL().opened(made(parts, "INSERT INTO home.all VALUES (7)", table="home.all")) as table:
        assert [7] == table.to_pyarrow()["id"].to_pylist()
