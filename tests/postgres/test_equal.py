"""PostgreSQL counts what is reckoned row by row, and what DuckDB counts, whatever the office's types and collations."""

from dataclasses import astuple, replace

import psycopg
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.adapters.tables.counting import NationalTables
from comity.adapters.tables.postgres import PostgreSQL
from comity.adapters.tables.spelling import kinds, text
from comity.errors import SourceError
from comity.model.source import Source
from comity.stages.collect import READABLE
from tests.adapters.tables import test_bounded as oracle
from tests.builders import recoding
from tests.builders.people import Asked
from tests.builders.reckoning import reckoned
from tests.engines.test_equal import shown
from tests.postgres.conftest import Made
from tests.postgres.server import Server

TABLES = NationalTables()
# A collation to which "p" is "P" and "é" is "e" with an accent: it splits and merges codes, if it is asked.
CAREFREE = "CREATE COLLATION home.carefree (provider=icu, locale='und-u-ks-level1', deterministic=false)"
CHARACTERS = st.characters(exclude_characters="\x00", exclude_categories=["Cs"])


@pytest.fixture
def people(server: Server, made: Made) -> Source:
    columns = "id text COLLATE home.carefree, region int, age float8, y float8, w float8, kind text, year int"
    return made(CAREFREE, f"CREATE TABLE home.people ({columns})")


def filled(server: Server, rows: list[oracle.Row]) -> None:
    with server.office() as office, office.cursor() as cursor:
        cursor.execute("TRUNCATE home.people")
        cursor.executemany("INSERT INTO home.people VALUES (%s, %s, %s, %s, %s, %s, %s)", list(map(astuple, rows)))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(oracle.ROWS, min_size=1, max_size=120), touched=st.integers(1, 4))
def test_what_is_counted_is_reckoned_row_by_row(
    people: Source, server: Server, rows: list[oracle.Row], touched: int
) -> None:
    """Universe, bands, a scale, weights, missing values, persons of many rows and cells, under any collation."""
    filled(server, rows)
    plan = replace(oracle.plan(oracle.Path("/"), touched=touched), source=people)
    assert oracle.reckoned(rows, touched=touched) == oracle.told(TABLES.count(plan))


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(oracle.ROWS, min_size=1, max_size=80), touched=st.integers(2, 3), largest=st.integers(0, 2))
def test_margins_are_counted_person_by_person(
    people: Source, server: Server, tmp_path: oracle.Path, rows: list[oracle.Row], touched: int, largest: int
) -> None:
    filled(server, rows)
    plan = replace(
        oracle.plan(oracle.Path("/"), touched=touched, largest=largest), source=people, margins=oracle.MARGINS
    )
    rows_ = pq.read_table(oracle.written(rows, tmp_path / "people.parquet"))
    assert shown(reckoned(Asked(plan=plan, rows=rows_))) == shown(TABLES.count(plan))


def test_what_a_person_adds_to_a_margin_is_cut_to_64_bits(people: Source, server: Server) -> None:
    filled(server, [oracle.person("p", region, age, w=2.0**62) for region in (1, 2) for age in (7.0, 30.0)])
    counts = TABLES.count(replace(oracle.huge(oracle.Path("/")), source=people))
    assert 2**63 - 1 == counts.margins.largest[0, 0, 0]  # type: ignore[union-attr]


def test_the_largest_parts_are_told_by_their_size(people: Source, server: Server) -> None:
    filled(server, oracle.EARNERS)
    assert oracle.told_largest(TABLES.count(replace(oracle.plan(oracle.Path("/"), largest=3), source=people)), 3)


def test_a_count_says_which_server_made_it(people: Source, server: Server) -> None:
    """The server's own version, as it tells it in SQL."""
    filled(server, [oracle.Row("p", 1, 30.0, 1.0, 1.0)])
    with server.office() as office:
        (told,) = office.execute("SHOW server_version").fetchone() or ("",)
    counted = TABLES.count(replace(oracle.plan(oracle.Path("/")), source=people))
    assert f"postgresql {str(told).split()[0]}" == counted.engine


def test_a_collation_neither_merges_persons_nor_codes(people: Source, server: Server) -> None:
    """To this one, "p" is "P"."""
    filled(server, [oracle.Row(id, 1, 30.0, 1.0, 1.0) for id in ("p", "P", "p\u0301")])
    assert 3 == max(TABLES.count(replace(oracle.plan(oracle.Path("/")), source=people)).contributors)
    with PostgreSQL().opened(people) as table:
        assert 3 == table["id"].nunique().to_pyarrow().as_py()
        assert 1 == table.filter(table["id"].isin(["P"])).count().to_pyarrow().as_py()


def test_a_sum_beyond_64_bits_is_refused_with_the_columns_name(people: Source, server: Server) -> None:
    filled(server, [oracle.Row("p", 1, 3.0, 20.0, 9.3e17)] * 3)
    with pytest.raises(SourceError) as told:
        TABLES.count(replace(oracle.plan(oracle.Path("/")), source=people))
    assert "column" in str(told.value)
    assert " w" in str(told.value)


# Each type that an office's table may have, a value in it, and the text of docs/binding.md for it.
SPELT = [
    ("text", "'it''s \\ \"x\" %s é'", 'it\'s \\ "x" %s é'),
    ("text", "''", None),
    ("text COLLATE home.carefree", "'É'", "É"),
    ("char(5)", "'ab'", "ab"),
    ("varchar(9)", "' a '", " a "),
    ("home.mood", "'low'", "low"),
    ("home.code", "'07'", "07"),
    ("uuid", "'6F9619FF-8B86-D011-B42D-00C04FC964FF'", "6f9619ff-8b86-d011-b42d-00c04fc964ff"),
    ("smallint", "-7", "-7"),
    ("bigint", "9223372036854775807", "9223372036854775807"),
    ("numeric", "1.50", "1.5"),
    ("numeric", "12345678901234567890123.0", "12345678901234567890123"),
    ("numeric", "'NaN'", None),
    ("numeric(6,0)", "120", "120"),
    ("numeric(6,2)", "-0.10", "-0.1"),
    ("real", "0.1", "0.1"),
    ("real", "1234567.5", "1234567.5"),
    ("float8", "1.0", "1"),
    ("float8", "-0.0", "0"),
    ("float8", "0.1", "0.1"),
    ("float8", "1e-5", "1e-05"),
    ("float8", "1000000000000000.5", repr(1000000000000000.5)),
    ("float8", "1e22", "1e+22"),
    ("float8", "'-Infinity'", "-inf"),
    ("float8", "'NaN'", None),
    ("boolean", "true", "true"),
    ("date", "'1999-12-31'", "1999-12-31"),
]


def test_every_value_is_spelt_as_in_a_file(made: Made) -> None:
    source = made(
        CAREFREE,
        "CREATE TYPE home.mood AS ENUM ('low')",
        "CREATE DOMAIN home.two AS varchar(2); CREATE DOMAIN home.code AS home.two",
        f"CREATE TABLE home.people ({', '.join(f'c{i} {kind}' for i, (kind, _, _) in enumerate(SPELT))})",
        f"INSERT INTO home.people VALUES ({', '.join(value for _, value, _ in SPELT)})",
    )
    with PostgreSQL().opened(source) as table:
        found = table.select(**{name: text(table[name]) for name in kinds(table)}).to_pyarrow().to_pylist()[0]
    assert [spelt for _, _, spelt in SPELT] == list(found.values())


def test_a_type_that_has_no_one_spelling_is_no_column_of_a_binding(made: Made) -> None:
    source = made("CREATE TABLE home.people (a json, b int[], c timestamptz, d interval)")
    assert set() == set(READABLE) & set(TABLES.columns(source).values())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.text(CHARACTERS, min_size=1, max_size=12),
    table=st.text(CHARACTERS, min_size=1, max_size=12),
    code=st.text(CHARACTERS, min_size=1, max_size=20),
)
def test_names_and_codes_are_never_sql(made: Made, name: str, table: str, code: str) -> None:
    read_as_it_is(made, name, table, code)


@pytest.mark.parametrize(
    "evil", ['"; DROP TABLE home.people; --', "'); DROP TABLE x; --", "%s %(a)s {}", "$$;'", "\\' OR 1=1 --"]
)
def test_sql_in_a_name_or_code_is_text(made: Made, evil: str) -> None:
    read_as_it_is(made, evil, evil, evil)


def read_as_it_is(made: Made, name: str, table: str, code: str) -> None:
    """A table and a column of this name and a value that is a code: it is found, and nothing else happened."""
    import ibis
    from psycopg import sql

    place = sql.SQL("home.{}").format(sql.Identifier(table)).as_string()
    column = sql.Identifier(name).as_string()
    value = sql.Literal(code).as_string()
    try:
        source = made(
            f"DROP TABLE IF EXISTS {place}",
            f"CREATE TABLE {place} ({column} text)",
            f"INSERT INTO {place} VALUES ({value})",
            table="home." + sql.Identifier(table).as_string(),
        )
    except psycopg.Error:
        return  # no name for PostgreSQL itself
    with PostgreSQL().opened(source) as rows:
        met = ibis.literal({code: "known"}, "map<string, string>").get(rows[rows.columns[0]], "unknown")
        listed = rows[rows.columns[0]].isin([code])
        found = rows.select(met=met, listed=listed, value=rows.columns[0]).to_pyarrow().to_pylist()
    assert [{"met": "known", "listed": True, "value": code}] == found


NUMBERS = {
    "1": 1.0, "-2.50": -2.5, "+7": 7.0, ".5": 0.5, "5.": 5.0, "1e3": 1000.0, "-1E-2": -0.01, "1e999": float("inf"),
    "-1e400": float("-inf"), "1e-999": 0.0, "-1e-9999": 0.0, "1e9999": float("inf"), "1e0002": 100.0, "1\n": None,
    "abc": None, "0x1": None, "nan": None, "1,5": None, " 1": None,
    "1_0": None, "--1": None, "1" * 301: None, "٣": None, "1e00002": None, "1" * 300: float("1" * 300),
}  # fmt: skip


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=recoding.asked())
def test_a_value_that_stands_for_a_number_is_that_number(made: Made, server: Server, asked: Asked) -> None:
    kind = {"string": "text COLLATE home.carefree", "int64": "bigint", "double": "float8", "bool": "boolean"}
    of = kind[str(asked.rows.schema.field("y").type)]
    drop = "DROP TABLE IF EXISTS home.people; DROP COLLATION IF EXISTS home.carefree"
    source = made(drop, CAREFREE, f"CREATE TABLE home.people (id bigint, wave int, q text, y {of})")
    with server.office() as office, office.cursor() as cursor:
        rows = [tuple(row.values()) for row in asked.rows.to_pylist()]
        cursor.executemany("INSERT INTO home.people VALUES (%s, %s, %s, %s)", rows)
    assert shown(reckoned(asked)) == shown(TABLES.count(replace(asked.plan, source=source)))


def test_a_text_is_a_decimal_number_or_none(made: Made) -> None:
    values = ", ".join(f"({i}, '{word}')" for i, word in enumerate(NUMBERS))
    source = made("CREATE TABLE home.people (i int, x text)", f"INSERT INTO home.people VALUES {values}")
    engine = PostgreSQL()
    with engine.opened(source) as table:
        found = table.select(x=engine.number(table["x"]), i="i").order_by("i").to_pyarrow()["x"].to_pylist()
    assert list(NUMBERS.values()) == found
