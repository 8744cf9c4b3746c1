"""One snapshot, nobody's functions, and nothing told that a row or a secret stands in."""

from dataclasses import replace
from pathlib import Path

import ibis
import psycopg
import pytest

from comity.adapters.tables import order
from comity.adapters.tables.postgres import PostgreSQL
from comity.errors import ConfigError, SourceError, Unreachable, WorldError
from comity.model.source import POSTGRESQL, Source
from tests.postgres.conftest import Made
from tests.postgres.server import PASSWORD, Server

SALT = bytes(range(100, 132))
PEOPLE = (
    "CREATE TABLE home.people (id int, name text)",
    "INSERT INTO home.people VALUES (1, 'Ada Lovelace'), (2, 'Ben')",
)


def test_vintage_and_counts_see_the_same_rows_while_another_writes(server: Server, made: Made) -> None:
    source, engine = made(*PEOPLE), PostgreSQL()
    before = engine.vintage(source)
    with engine.opened(source) as table, server.office() as office:
        office.execute("INSERT INTO home.people VALUES (3, 'Cy'); UPDATE home.people SET name = 'x' WHERE id = 1")
        assert (2, before) == (table.count().to_pyarrow().as_py(), engine.vintage(source))
    assert before != PostgreSQL().vintage(source)


@pytest.mark.parametrize(
    "change",
    [
        "INSERT INTO home.people VALUES (2, 'Ben')",
        "DELETE FROM home.people WHERE id = 2",
        "UPDATE home.people SET name = 'ben' WHERE id = 2",
        "UPDATE home.people SET name = NULL WHERE id = 2",
        "UPDATE home.people SET id = 3 - id",
        "ALTER TABLE home.people RENAME name TO names",
        "ALTER TABLE home.people ALTER id TYPE bigint",
        "ALTER TABLE home.people ADD more int",
    ],
)
def test_every_change_is_another_vintage(made: Made, change: str) -> None:
    before = PostgreSQL().vintage(made(*PEOPLE))
    assert before != PostgreSQL().vintage(made(change))


def test_the_order_of_rows_is_no_part_of_the_vintage(made: Made) -> None:
    before = PostgreSQL().vintage(made(*PEOPLE))
    again = made("CREATE TABLE home.other AS SELECT * FROM home.people ORDER BY id DESC", "DROP TABLE home.people")
    made("ALTER TABLE home.other RENAME TO people")
    assert before == PostgreSQL().vintage(again)


def test_a_planted_function_is_never_called(made: Made) -> None:
    planted = "CREATE FUNCTION home.{} RETURNS {} LANGUAGE sql AS $$ SELECT {} $$"
    source = made(
        *PEOPLE,
        planted.format("sha256(bytea)", "bytea", "'\\x00'::bytea"),
        "CREATE FUNCTION public.sha256(bytea) RETURNS bytea LANGUAGE sql AS $$ SELECT '\\x00'::bytea $$",
        "CREATE FUNCTION public.trim_scale(text) RETURNS text LANGUAGE sql AS $$ SELECT 'no' $$",
        "ALTER ROLE reader SET search_path = public, pg_catalog",
    )
    try:
        engine = PostgreSQL()
        with engine.opened(source) as table:
            found = table.select(h=engine.numbered(ibis.literal("abc"))).limit(1).to_pyarrow()["h"][0].as_py()
    finally:
        made("DROP FUNCTION public.sha256(bytea), public.trim_scale(text); ALTER ROLE reader RESET search_path")
    # FIPS 180-4, the example "abc"
    assert 0xBA7816BF8F01CFE == found


def test_the_words_of_a_salt_are_put_together_by_the_server_and_stand_in_no_log(server: Server, made: Made) -> None:
    """Nor do the session's halves of them: whoever reads the log cannot tell which cells were kept."""
    engine, words = PostgreSQL(), order.words(SALT)
    with engine.opened(made(*PEOPLE)) as table:
        found = table.select(**{f"w{i}": one for i, one in enumerate(engine.hidden(words))}).limit(1).to_pyarrow()
        with pytest.raises(ValueError, match="one salt"):
            engine.hidden(order.words(SALT[::-1]))
    assert list(words) == list(found.to_pylist()[0].values())
    log = server.log
    assert "comity.pad8" in log  # the statement is there
    assert [] == [word for word in (SALT.hex(), *map(str, words), *map(str, engine.pad)) if word in log]


def test_the_session_cannot_write_even_if_it_wanted(made: Made) -> None:
    engine = PostgreSQL()
    with engine.opened(made(*PEOPLE)) as table, pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        table.get_backend().con.execute("CREATE TEMP TABLE x (a int)")


def test_a_fault_in_a_row_is_told_without_the_row(made: Made) -> None:
    source = made(*PEOPLE)
    with pytest.raises(SourceError) as told, PostgreSQL().opened(source) as table:
        table.select(x=table["name"].cast("int64")).to_pyarrow()
    assert "InvalidTextRepresentation (22P02)" in str(told.value)
    assert "Ada" not in str(told.value)
    assert told.value.__suppress_context__


def test_a_number_too_large_is_told(made: Made) -> None:
    source = made("CREATE TABLE home.people AS SELECT 9223372036854775807 AS x FROM generate_series(1, 2)")
    with pytest.raises(SourceError) as told, PostgreSQL().opened(source) as table:
        table.agg(x=table["x"].sum()).to_pyarrow()
    assert "64 bits" in told.value.what


def test_a_count_that_takes_too_long_is_stopped(made: Made) -> None:
    source = made("CREATE TABLE home.people AS SELECT i AS x FROM generate_series(1, 3000) i")
    with pytest.raises(WorldError) as told, PostgreSQL(seconds=1).opened(source) as t:
        t.cross_join(t.view(), rname="a{name}").cross_join(t.view(), rname="b{name}").count().to_pyarrow()
    assert "it took too long" == told.value.found


def test_a_server_whose_machine_is_gone_is_noticed(made: Made) -> None:
    """Without a packet in answer, a session ends within two minutes."""
    source, engine = made(*PEOPLE), PostgreSQL()
    with engine._session(source) as (connection, _):
        told = connection.info.get_parameters()
    assert 120 >= int(told["keepalives_idle"]) + int(told["keepalives_interval"]) * int(told["keepalives_count"])
    assert 120_000 >= int(told["tcp_user_timeout"]) > 0


def test_a_server_that_goes_away_is_told(server: Server, made: Made) -> None:
    source = made(*PEOPLE)

    def end() -> None:
        with server.office() as office:
            office.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'reader'")

    with pytest.raises(Unreachable) as told, PostgreSQL().opened(source) as table:
        [end(), table.count().to_pyarrow()]
    assert "ended" in told.value.what


def test_a_table_that_another_session_locks_is_told(server: Server, made: Made) -> None:
    source = made(*PEOPLE)
    with server.office() as office:
        office.autocommit = False
        office.execute("LOCK home.people IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(WorldError) as told:
            PostgreSQL(wait=1).vintage(source)
        office.rollback()
    assert "another session locks the table" == told.value.found


@pytest.mark.parametrize(
    "path", ["postgresql://reader@127.0.0.1:1/census", "postgresql://reader@/census?host=/nowhere"]
)
def test_no_server_is_told(path: str) -> None:
    source = Source(id="pg", path=path, format=POSTGRESQL, table="people", unique=False)
    with pytest.raises(Unreachable) as told:
        PostgreSQL().vintage(source)
    assert "no session" in told.value.what
    assert "?" not in told.value.found  # libpq asks on a line of its own whether the server runs; why not stands before


def test_a_wrong_password_is_told_without_it(server: Server, made: Made, secret: Path) -> None:
    source = made(*PEOPLE)
    secret.write_text("not the right one\n")
    with pytest.raises(Unreachable) as told:
        PostgreSQL().vintage(source)
    assert "password authentication failed" in told.value.found
    assert "the secret's file" in told.value.way_out
    assert "not the right one" not in str(told.value) + server.log


def test_nothing_of_the_environment_stands_in_for_the_secret(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    source = replace(made(*PEOPLE), secret="")
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    with pytest.raises(Unreachable) as told:
        PostgreSQL().vintage(source)
    assert "--secret" in told.value.way_out


def test_the_socket_of_the_same_machine_serves_too(server: Server, made: Made) -> None:
    source = made(*PEOPLE)
    assert PostgreSQL().vintage(source) == PostgreSQL().vintage(replace(source, path=server.socket("reader")))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_secret_that_others_may_read_is_refused(made: Made, secret: Path, mode: int) -> None:
    source = made(*PEOPLE)
    secret.chmod(mode)
    with pytest.raises(ConfigError) as told:
        PostgreSQL().vintage(source)
    assert "0o600" == told.value.wanted
