"""A server that stands still is left: soon if the whole of it does, at the clock if one process does."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import ibis
import pytest

from comity.adapters.tables.postgres import PostgreSQL
from comity.errors import Unreachable
from comity.model.source import Source
from tests.postgres.conftest import Made
from tests.postgres.server import PASSWORD, Server

PEOPLE = ("CREATE TABLE home.people (id int)", "INSERT INTO home.people VALUES (1), (2)")


def slow(table: ibis.Table, seconds: float) -> int:
    """The rows, after a statement of the same session that takes so long."""
    table.get_backend().con.execute("SELECT pg_sleep(%s)", [seconds])
    return int(table.count().to_pyarrow().as_py())


def backend(server: Server, name: str) -> int:
    """The process of the server in which a session of this name is."""
    with server.office() as office:
        found = office.execute("SELECT pid FROM pg_stat_activity WHERE application_name = %s", [name]).fetchall()
    assert 1 == len(found)
    return int(str(found[0][0]))


def processes(server: Server) -> list[int]:
    """All of the server's, the one that lets sessions in first."""
    first = int((server.folder / "data" / "postmaster.pid").read_text().splitlines()[0])
    return [first, *map(int, Path(f"/proc/{first}/task/{first}/children").read_text().split())]


@contextmanager
def stopped(found: Callable[[], list[int]]) -> Iterator[Callable[[], None]]:
    """What stops processes, which go on afterwards."""
    pids: list[int] = []

    def stop() -> None:
        pids.extend(found())
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)

    try:
        yield stop
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def hurried(source: Source) -> Source:
    """A new session with its server is given up after two seconds, the least that libpq knows."""
    return replace(source, path=source.path + "?connect_timeout=2")


def test_a_server_that_stands_still_is_left_soon(server: Server, made: Made) -> None:
    """All its processes are stopped and its connections stay open: an hour's clock would notice in an hour."""
    source = hurried(made(*PEOPLE))
    begun, engine = time.monotonic(), PostgreSQL(beat=0.2, silence=0.5)
    with stopped(lambda: processes(server)) as stop, pytest.raises(Unreachable) as told, engine.opened(source) as table:
        [stop(), table.count().to_pyarrow()]
    assert 60 > time.monotonic() - begun
    assert "the server stands still" == told.value.what


def test_a_count_that_takes_long_goes_on_while_the_server_answers(server: Server, made: Made) -> None:
    with PostgreSQL(beat=0.05, silence=5).opened(made(*PEOPLE)) as table:
        assert 2 == slow(table, 1)
    assert server.log.count("statement: SELECT 1\n") > 3


def test_one_process_that_stands_still_is_left_at_the_clock(server: Server, made: Made) -> None:
    """The rest of the server answers, so that nothing else tells."""
    source, engine = made(*PEOPLE), PostgreSQL(seconds=1, grace=0, beat=0.1, silence=0.3)
    one = stopped(lambda: [backend(server, "comity")])
    with one as stop, pytest.raises(Unreachable) as told, engine.opened(source) as table:
        [stop(), table.count().to_pyarrow()]
    assert "the server stands still" == told.value.what


@pytest.mark.parametrize("which", ["the pulse's", "the one that lets sessions in"])
def test_nothing_fails_because_the_pulse_alone_is_silent(server: Server, made: Made, which: str) -> None:
    def found() -> list[int]:
        ours = which == "the pulse's"
        return [backend(server, "comity, whether the server answers")] if ours else processes(server)[:1]

    with stopped(found) as stop, PostgreSQL(beat=0.05, silence=0.2).opened(hurried(made(*PEOPLE))) as table:
        stop()
        assert 2 == slow(table, 0.8)


def test_nothing_fails_because_the_server_ends_the_pulse(server: Server, made: Made) -> None:
    with PostgreSQL(beat=0.05, silence=0.2).opened(made(*PEOPLE)) as table, server.office() as office:
        office.execute("SELECT pg_terminate_backend(%s)", [backend(server, "comity, whether the server answers")])
        assert 2 == slow(table, 0.5)


@pytest.mark.parametrize("full", ["ALTER ROLE single CONNECTION LIMIT 1", "ALTER DATABASE census CONNECTION LIMIT 1"])
def test_a_server_that_lets_no_second_session_in_is_counted_all_the_same(server: Server, made: Made, full: str) -> None:
    source = made(*PEOPLE, f"CREATE ROLE single LOGIN PASSWORD '{PASSWORD}'")
    source = replace(source, path=server.address("single"))
    with server.office() as office:
        office.execute("GRANT USAGE ON SCHEMA home TO single; GRANT SELECT ON home.people TO single")
        office.execute(full.encode())
    try:
        with PostgreSQL(beat=0.05, silence=0.2).opened(source) as table:
            assert 2 == slow(table, 0.4)
    finally:
        with server.office() as office:
            office.execute("ALTER DATABASE census CONNECTION LIMIT -1; DROP OWNED BY single; DROP ROLE single")


def test_no_session_is_left_behind(server: Server, made: Made) -> None:
    with PostgreSQL().opened(made(*PEOPLE)) as table:
        table.count().to_pyarrow()
    with server.office() as office:
        for _ in range(100):
            left = office.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = 'reader'").fetchone()
            if left == (0,):
                break
            time.sleep(0.02)
    assert (0,) == left
