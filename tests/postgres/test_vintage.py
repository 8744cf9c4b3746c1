"""The digest of a table's rows, and the mark by which a table that nobody wrote to is not read again."""

import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from comity.adapters.tables import postgres_table, postgres_vintage
from comity.adapters.tables.postgres import PostgreSQL
from comity.adapters.tables.postgres_vintage import Mark
from comity.canon import Digest
from comity.model.source import Source
from tests.postgres.conftest import Made
from tests.postgres.server import OWNER, Server, programs

PEOPLE = (
    "CREATE TABLE home.people (id int, name text, born date)",
    "INSERT INTO home.people SELECT i, 'name ' || i, date '2000-01-01' + i FROM generate_series(1, 50) i",
)
PARTS = (
    "CREATE TABLE home.people (id int, name text) PARTITION BY RANGE (id)",
    "CREATE TABLE home.low PARTITION OF home.people FOR VALUES FROM (0) TO (10)",
    "CREATE TABLE home.high (id int, name text)",
    "CREATE TABLE home.higher (id int, name text)",
    "BEGIN; INSERT INTO home.people VALUES (1, 'a'); INSERT INTO home.high VALUES (11, 'b');"
    "INSERT INTO home.higher VALUES (11, 'c'); COMMIT",
    "ALTER TABLE home.people ATTACH PARTITION home.high FOR VALUES FROM (10) TO (20)",
)

Row = tuple[str | None, str | None]


@contextmanager
def forgotten() -> Iterator[None]:
    """As in another process, which knows no mark."""
    kept = dict(postgres_vintage._known)
    postgres_vintage._known.clear()
    try:
        yield
    finally:
        postgres_vintage._known.clear()
        postgres_vintage._known.update(kept)


def again(source: Source) -> Digest:
    """The digest out of the rows themselves."""
    with forgotten():
        return PostgreSQL().vintage(source)


def reads(server: Server) -> int:
    """How often all rows were read for a digest."""
    return server.log.count("sha256(convert_to(string_agg")


def test_rows_of_a_table_that_nobody_wrote_to_are_read_once(server: Server, made: Made) -> None:
    source = made(*PEOPLE)
    first, before = PostgreSQL().vintage(source), reads(server)
    made("VACUUM FULL home.people", "ANALYZE home.people", "CREATE INDEX ON home.people (id)")
    assert [first] * 2 == [PostgreSQL().vintage(source) for _ in range(2)]
    assert before == reads(server)
    assert first == again(source)
    assert before + 1 == reads(server)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE home.people SET name = 'other' WHERE id = 7",
        "DELETE FROM home.people WHERE id = 7; INSERT INTO home.people VALUES (7, 'other', '2000-01-08')",
        "DELETE FROM home.people WHERE id = 7",
        "INSERT INTO home.people VALUES (51)",
        "ALTER TABLE home.people DROP name; ALTER TABLE home.people ADD name text DEFAULT 'other'",
        "ALTER TABLE home.people ALTER name TYPE text USING name || '!'",
        "ALTER TABLE home.people RENAME name TO id2; ALTER TABLE home.people RENAME id TO name",
        "CREATE TABLE home.b AS SELECT id, 'b' AS name, born FROM home.people; ALTER TABLE home.people RENAME TO c;"
        "ALTER TABLE home.b RENAME TO people",
        "TRUNCATE home.people; INSERT INTO home.people SELECT i, 'b', '2000-01-01' FROM generate_series(1, 50) i",
        "SAVEPOINT s; UPDATE home.people SET name = 'other' WHERE id = 7; RELEASE s",
    ],
)
def test_whatever_is_changed_the_rows_are_read_again(made: Made, change: str) -> None:
    source = made(*PEOPLE)
    before = PostgreSQL().vintage(source)
    made(f"BEGIN; {change}; COMMIT")
    after = PostgreSQL().vintage(source)
    assert after == again(source)
    assert before != after


def test_a_table_of_very_many_transactions_has_no_mark(
    server: Server, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their numbers, as many as rows, would fill the node's memory."""
    monkeypatch.setattr(postgres_vintage, "_MOST", 3)
    source = made("CREATE TABLE home.people (id int)", *(f"INSERT INTO home.people VALUES ({i})" for i in range(3)))
    before, first = reads(server), PostgreSQL().vintage(source)
    assert first == PostgreSQL().vintage(source)
    assert before + 1 == reads(server)
    made("INSERT INTO home.people VALUES (3)")
    assert 1 == len({PostgreSQL().vintage(source) for _ in range(2)} - {first})
    assert before + 3 == reads(server)


def test_rows_that_are_written_again_are_the_same_data(server: Server, made: Made) -> None:
    source = made(*PEOPLE)
    first, before = PostgreSQL().vintage(source), reads(server)
    made("BEGIN; CREATE TABLE home.b AS TABLE home.people; TRUNCATE home.people", "UPDATE home.b SET id = id")
    made("INSERT INTO home.people SELECT * FROM home.b ORDER BY id DESC")
    assert first == PostgreSQL().vintage(source)
    assert before + 1 == reads(server)


def test_another_partition_of_the_same_size_is_noticed(made: Made) -> None:
    """Its rows were written by the same transaction, before the first look."""
    source = made(*PARTS)
    before = PostgreSQL().vintage(source)
    made(
        "ALTER TABLE home.people DETACH PARTITION home.high",
        "ALTER TABLE home.people ATTACH PARTITION home.higher FOR VALUES FROM (10) TO (20)",
    )
    after = PostgreSQL().vintage(source)
    assert after == again(source)
    assert before != after


def test_a_word_of_an_enum_is_noticed_though_no_row_is_written(made: Made) -> None:
    source = made(
        "CREATE TYPE home.sex AS ENUM ('m', 'f')",
        "CREATE TABLE home.people (id int, sex home.sex)",
        "INSERT INTO home.people VALUES (1, 'm')",
    )
    before = PostgreSQL().vintage(source)
    made("ALTER TYPE home.sex RENAME VALUE 'm' TO 'male'")
    assert before != PostgreSQL().vintage(source)


def test_a_word_within_a_type_of_the_offices_own_is_noticed(made: Made) -> None:
    """A range of words, named as PostgreSQL names its text: what its rows say changes with the words, unwritten."""
    source = made(
        "CREATE TYPE home.sex AS ENUM ('f', 'm')",
        "CREATE TYPE home.text AS RANGE (subtype = home.sex)",
        "CREATE TABLE home.people (id int, sex home.text)",
        "INSERT INTO home.people VALUES (1, '[f,f]')",
    )
    before = PostgreSQL().vintage(source)
    made("ALTER TYPE home.sex RENAME VALUE 'f' TO 'x'")
    assert before != PostgreSQL().vintage(source)


def test_a_copy_of_the_database_in_its_place_is_noticed(server: Server, made: Made) -> None:
    """Its table has the number, and its rows the writers, of that which was read; another row is gone from it."""
    source = made("CREATE TABLE home.people (id int)", "INSERT INTO home.people VALUES (1), (2)")
    source = replace(source, path=server.address("reader", "one"))

    def said(database: str, *statements: str) -> None:
        with server.office(database) as office:
            for statement in statements:
                office.execute(statement)  # type: ignore[call-overload]

    drop = [f"DROP DATABASE IF EXISTS {name}" for name in ("one", "other", "gone")]
    said("postgres", *drop, "CREATE DATABASE one TEMPLATE census", "CREATE DATABASE other TEMPLATE census")
    said("one", "DELETE FROM home.people WHERE id = 1")
    said("other", "DELETE FROM home.people WHERE id = 2")
    before = PostgreSQL().vintage(source)
    said("postgres", "ALTER DATABASE one RENAME TO gone", "ALTER DATABASE other RENAME TO one")
    after = PostgreSQL().vintage(source)
    assert after == again(source)
    assert before != after
    said("postgres", *drop)


def test_columns_that_change_after_the_snapshot_are_noticed(server: Server, made: Made) -> None:
    """The rows keep their writers, and the snapshot does not see that the column is another one."""
    source = made("CREATE TABLE home.people (id int, a text)", "INSERT INTO home.people SELECT 1")
    made("ALTER TABLE home.people ADD name text DEFAULT 'old'")
    before, engine = PostgreSQL().vintage(source), PostgreSQL()
    with engine.opened(source) as table, server.office() as office:
        office.execute("ALTER TABLE home.people DROP name; ALTER TABLE home.people ADD name text DEFAULT 'new'")
        assert ["new"] == table.to_pyarrow()["name"].to_pylist()
        assert before != engine.vintage(source)


def test_a_role_that_may_read_some_columns_is_served_without_a_mark(server: Server, made: Made) -> None:
    source = made(*PEOPLE)
    with server.office() as office:
        office.execute("REVOKE SELECT ON home.people FROM reader; GRANT SELECT (id, name) ON home.people TO reader")
    before, first = reads(server), PostgreSQL().vintage(source)
    assert first == PostgreSQL().vintage(source)
    assert before + 2 == reads(server)
    with server.office() as office:
        office.execute("GRANT SELECT (xmin, tableoid) ON home.people TO reader")
    assert [first] * 2 == [PostgreSQL().vintage(source) for _ in range(2)]
    assert before + 3 == reads(server)


def test_a_dump_in_another_database_is_the_same_data(server: Server, made: Made) -> None:
    source = made(*PEOPLE, "CREATE TABLE home.more (id int)")
    before = PostgreSQL().vintage(source)
    where = ["-h", str(server.folder), "-p", str(server.port), "-U", OWNER]
    with server.office() as office:
        office.execute("DROP DATABASE IF EXISTS copy")
        office.execute("CREATE DATABASE copy")
    dump = subprocess.run([programs() / "pg_dump", *where, "census"], check=True, capture_output=True).stdout
    subprocess.run([programs() / "psql", *where, "-q", "copy"], input=dump, check=True, capture_output=True)
    with server.office("copy") as office:
        office.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    assert before == PostgreSQL().vintage(replace(source, path=server.address("reader", "copy")))


_TEXT = st.none() | st.text(alphabet='ab,()"\\ \n', max_size=3)
_ROWS = st.lists(st.tuples(_TEXT, _TEXT), max_size=3)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_ROWS, _ROWS)
@example([(None, "")], [("", None)])
@example([("a,b", "c")], [("a", "b,c")])
@example([("a", "b),(c"), ("d", "e")], [("a", "b"), ("c),(d", "e")])
@example([("a", "b)(c,d")], [("a", "b"), ("c", "d")])
@example([('"', "a")], [('""', "a")])
@example([("a", "b"), ("c", "d")], [("a", "d"), ("c", "b")])
@example([("a", "b")] * 2, [("c", "d")] * 2)
@example([("a", "b")] * 2, [("a", "b")])
@example([("a", "b")] * 2 + [("c", "d")], [("a", "b")] + [("c", "d")] * 2)
@example([("a", "b"), ("c", "d")], [("c", "d"), ("a", "b")])
def test_two_tables_have_one_digest_if_their_rows_are_the_same(
    digests: Callable[..., list[Digest]], a: list[Row], b: list[Row]
) -> None:
    """NULL is not '', nothing moves from one column or row into the next, and a row twice is not that row once."""
    found = digests(a, b)
    assert (Counter(a) == Counter(b)) == (found[0] == found[1])


@pytest.fixture
def digests(server: Server, made: Made) -> Iterator[Callable[..., list[Digest]]]:
    """The digest of each list of rows, as a table that holds them."""
    made("CREATE TABLE home.people (a text, b text)")
    with server.office() as office, office.cursor() as cursor:
        relation = postgres_table.found(office, "home", "people", where="")

        def digests(*tables: list[Row]) -> list[Digest]:
            found = []
            for rows in tables:
                office.execute("TRUNCATE home.people")
                cursor.executemany("INSERT INTO home.people VALUES (%s, %s)", rows)
                found.append(postgres_vintage.read(office, relation))
            return found

        yield digests


def mark(*writers: int, oldest: int, next: int, facts: str = "") -> Mark:
    return Mark(facts=facts, writers=frozenset(writers), oldest=oldest, next=next)


@pytest.mark.parametrize(
    ("then", "now", "same"),
    [
        (mark(900, oldest=1000, next=1000), mark(900, oldest=2000, next=2000), True),
        (mark(900, oldest=1000, next=1000, facts="a"), mark(900, oldest=2000, next=2000, facts="b"), False),
        # it had not ended at the first look, though its number was there: of a row written 2^32 transactions ago
        (mark(900, oldest=2**32 + 800, next=2**32 + 950), mark(900, oldest=2**32 + 960, next=2**32 + 960), False),
        # it came after the first look
        (mark(900, oldest=2**32 + 800, next=2**32 + 800), mark(900, oldest=2**32 + 901, next=2**32 + 901), False),
        (mark(900, oldest=2**32 + 800, next=2**32 + 800), mark(900, oldest=2**32 + 900, next=2**32 + 900), True),
        # all numbers came again
        (mark(900, oldest=1000, next=1000), mark(900, oldest=2**32 + 1000, next=2**32 + 1000), False),
    ],
)
def test_a_mark_ends_before_the_numbers_of_its_transactions_come_again(then: Mark, now: Mark, same: bool) -> None:
    assert same is now.since(then)
