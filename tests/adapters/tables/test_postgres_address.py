"""Addresses hold no password, and names of tables are those of SQL."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.adapters.tables.postgres_address import address, is_address, named
from comity.adapters.tables.postgres_table import quoted
from comity.errors import ConfigError

NAMES = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1, max_size=20)


def test_an_address_is_read_by_its_parts() -> None:
    expected = {"host": "db.example", "port": "5433", "user": "reader", "dbname": "census", "sslmode": "verify-full"}
    assert expected == address("postgresql://reader@db.example:5433/census?sslmode=verify-full", where="pg")


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("postgresql://reader:hunter2@host/census", "a password stands in the address"),
        ("postgresql://reader@host/census?password=hunter2", "a password stands in the address"),
        ("postgresql://reader@host/census?options=-c%20row_security%3Don&x=hunter2", "not the address"),
        ("postgresql://reader@host/census?options=hunter2", "unknown in an address"),
        ("postgresql://reader@host/census?service=hunter2", "unknown in an address"),
        ("postgresql://reader@host/census?passfile=hunter2", "unknown in an address"),
        ("postgresql://host/census?sslmode=require", "names no user"),
        ("postgresql://reader@host", "names no dbname"),
        ("postgresql://reader:hunter2@[host/census", "not the address"),
        ("host=h user=u password=hunter2", "not the address"),
    ],
)
def test_another_address_is_refused_and_not_repeated(path: str, what: str) -> None:
    with pytest.raises(ConfigError) as told:
        address(path, where="pg")
    assert what in told.value.what
    assert "hunter2" not in str(told.value)
    assert told.value.__cause__ is None


@pytest.mark.parametrize("path", ["people.parquet", "/data/postgresql://x", "mysql://a@b/c"])
def test_what_is_no_address_is_a_file(path: str) -> None:
    assert not is_address(path)


@given(schema=NAMES, name=NAMES)
def test_every_name_can_be_said_in_double_quotes(schema: str, name: str) -> None:
    assert (schema, name) == named(f"{quoted(schema)}.{quoted(name)}", where="pg")


@pytest.mark.parametrize(
    ("word", "expected"),
    [("people", ("public", "people")), ("Home.People", ("Home", "People")), ('s."a.b"', ("s", "a.b"))],
)
def test_plain_names_are_taken_as_they_stand(word: str, expected: tuple[str, str]) -> None:
    assert expected == named(word, where="pg")


@pytest.mark.parametrize("word", ["", ".", "a.b.c", 'a"b', '"a', "a.", ".b", "a\x00"])
def test_other_words_are_no_tables_name(word: str) -> None:
    with pytest.raises(ConfigError):
        named(word, where="pg")
