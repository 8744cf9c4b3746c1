"""Canonical JSON: one spelling and one digest for every record, and no other is read."""

import json
import unicodedata
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from comity import canon
from comity.errors import FormatError

TEXT = st.text(st.characters(codec="utf-8")).map(lambda text: unicodedata.normalize("NFC", text))
SAFE = st.integers(-canon.SAFE, canon.SAFE)
VALUES = st.recursive(
    st.none() | st.booleans() | SAFE | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    """A record within a record."""

    raw: bytes
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One field of each kind."""

    name: str
    count: int
    inner: Inner
    many: tuple[int, ...]
    by: dict[str, int]


RECORDS = st.builds(
    Record,
    name=TEXT,
    count=SAFE,
    inner=st.builds(Inner, raw=st.binary(max_size=20), note=st.none() | TEXT),
    many=st.lists(SAFE, max_size=3).map(tuple),
    by=st.dictionaries(TEXT, SAFE, max_size=3),
)


@given(RECORDS)
def test_what_is_written_is_read_back(record: Record) -> None:
    assert record == canon.decode(canon.encode(record), Record)


@given(VALUES)
def test_plain_values_are_read_back_and_spelt_as_rfc_8785(value: object) -> None:
    data = canon.encode(value)
    assert value == canon.plain(data)
    assert value == json.loads(data)
    assert rfc8785.dumps(value) == data  # type: ignore[arg-type]


@pytest.mark.parametrize("key", ["a", "\x00", "\x1f", '"', "\\", "/", "\x7f", "\u20ac", "\uffff", "\U0001f600"])
def test_keys_are_ordered_and_escaped_as_rfc_8785_does(key: str) -> None:
    """By UTF-16 code units: U+1F600 stands before U+FFFF."""
    value = {key: key, "b": 1, "\ue000": 2, "A": 3}
    assert rfc8785.dumps(value) == canon.encode(value)  # type: ignore[arg-type]


@given(st.dictionaries(st.text(st.characters(max_codepoint=127), max_size=4), SAFE | TEXT, max_size=6))
def test_ascii_keys_are_written_as_rfc_8785_does(value: dict[str, object]) -> None:
    """They take the short way."""
    assert rfc8785.dumps(value) == canon.encode(value)  # type: ignore[arg-type]


@given(st.binary(max_size=60))
def test_any_bytes_are_either_canonical_or_refused(data: bytes) -> None:
    try:
        value = canon.plain(data)
    except FormatError:
        return
    assert data == canon.encode(value)


@given(RECORDS, st.randoms(use_true_random=False))
def test_another_order_of_keys_is_refused(record: Record, dice: object) -> None:
    """One record has one digest, so nobody can sign one spelling and show another."""
    plain = json.loads(canon.encode(record))
    turned = dict(reversed(list(plain.items())))
    data = json.dumps(turned, ensure_ascii=False, separators=(",", ":")).encode()
    with pytest.raises(FormatError):
        canon.decode(data, Record)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" 1",
        b"1.0",
        b"1.5",
        b"1e3",
        b"-0",
        b"NaN",
        b"9007199254740992",
        b'{"a":1,"a":1}',
        b'{"b":1, "a":1}',
        b'"\\u0041"',
        b'"\\ud800"',
        b'"\xff"',
        '"A\u030a"'.encode(),
        b"[1]\n",
        b"\xef\xbb\xbf1",
        b"[" * 20_000,
        b"[" * 800 + b"]" * 800 + b" ",
    ],
)
def test_other_spellings_are_refused(data: bytes) -> None:
    with pytest.raises(FormatError):
        canon.plain(data)


def test_a_value_too_deep_for_this_machine_is_refused_not_a_crash() -> None:
    """However deep the caller itself is."""

    def down(depth: int) -> None:
        if depth:
            down(depth - 1)
        else:
            with pytest.raises(FormatError):
                canon.plain(b"[" * 960 + b"]" * 960)

    down(300)


def test_the_largest_safe_integers_are_written() -> None:
    assert b"[-9007199254740991,9007199254740991]" == canon.encode([-(2**53 - 1), 2**53 - 1])


@pytest.mark.parametrize("value", [1.0, float("nan"), 2**53, -(2**53), "A\u030a", {"A\u030a": 1}, object()])
def test_values_that_no_record_holds_are_not_written(value: object) -> None:
    with pytest.raises((FormatError, TypeError)):
        canon.encode(value)


@pytest.mark.parametrize("change", [{"extra": 1}, {"name": None}, {"count": "1"}, {"count": True}, {"many": None}])
def test_a_record_with_another_field_or_type_is_refused(change: dict[str, object]) -> None:
    record = Record(name="a", count=1, inner=Inner(raw=b"x", note=None), many=(1,), by={})
    data = canon.encode({**json.loads(canon.encode(record)), **change})
    with pytest.raises(FormatError):
        canon.decode(data, Record)


def test_a_missing_field_is_refused() -> None:
    with pytest.raises(FormatError):
        canon.decode(b'{"raw":"eA=="}', Inner)


@pytest.mark.parametrize("spelt", ["eA", "eA=", "eB==", "e A==", "eA==\n", "eA-="])
def test_bytes_have_one_spelling_in_base64(spelt: str) -> None:
    """`eB==` has bits set that no byte holds."""
    with pytest.raises(FormatError):
        canon.decode(canon.encode({"note": None, "raw": spelt}), Inner)


def test_an_unknown_field_is_named_by_its_path() -> None:
    given = {"name": "a", "count": 1, "inner": {"raw": "eA==", "note": None, "more": 1}, "many": [], "by": {}}
    with pytest.raises(FormatError, match=r"inner\.more"):
        canon.convert(given, Record, where="a table")


@dataclass(frozen=True)
class Told:
    """A table as somebody writes it by hand."""

    id: str
    kind: Literal["fish", "flesh"] = "fish"
    by: dict[str, Inner] | None = None


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({}, "wanted id; if any, kind, by"),
        ({"id": "a", "kynd": "fish"}, "unknown field kynd.*wanted id; if any, kind, by"),
        ({"id": "a", "kind": "fowl"}, "wanted fish, flesh$"),
        ({"id": "a", "by": {"a-b": {"raw": "eA==", "note": None, "more": 1}}}, "by.a-b.more; wanted raw, note$"),
        ({"id": "a", "by": {"a": {"raw": "eA=="}}}, "wanted raw, note$"),
    ],
)
def test_a_table_that_does_not_fit_is_told_the_words_or_the_fields_that_do(given: object, wanted: str) -> None:
    with pytest.raises(FormatError, match=wanted):
        canon.convert(given, Told, where="a table")


def test_a_digest_is_sha_256_in_one_spelling() -> None:
    """FIPS 180-4, the empty message."""
    empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert empty == canon.digest(b"")
    assert sha256(b"").digest() == canon.raw_of(empty)


@pytest.mark.parametrize("text", ["", "sha256:", "sha256:" + "A" * 64, "sha1:" + "a" * 64, "sha256:" + "a" * 63])
def test_other_spellings_of_a_digest_are_refused(text: str) -> None:
    with pytest.raises(FormatError):
        canon.hex_of(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exact:
    """A record whose types have no room for a float."""

    count: int
    text: str
    by: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loose:
    """A record with room for values that no record may hold."""

    count: int
    text: str
    by: dict[str, int]
    any: object


@pytest.mark.parametrize(
    "data",
    [
        b'{"any":null,"by":{},"count":9007199254740992,"text":""}',
        b'{"any":null,"by":{},"count":-9007199254740992,"text":""}',
        b'{"any":null,"by":{"a":12345678901234567},"count":1,"text":""}',
        b'{"any":1.5,"by":{},"count":1,"text":""}',
        b'{"any":{"a":[12345678901234567]},"by":{},"count":1,"text":""}',
        b'{"any":null,"by":{},"count":1.0,"text":""}',
        b'{"any":null,"by":{},"count":1e1,"text":""}',
        b'{"any":null,"by":{},"count":-0,"text":""}',
        '{"any":null,"by":{},"count":1,"text":"A\u030a"}'.encode(),
        b'{"any":null,"by":{},"count":1,"text":"\\u00e9"}',
        '{"any":null,"by":{"\uffff":2,"\U0001f600":1},"count":1,"text":""}'.encode(),
    ],
)
def test_whatever_a_record_may_not_hold_is_refused_in_every_field(data: bytes) -> None:
    """Also by the short way, which is taken only where nothing of this can be there."""
    with pytest.raises(FormatError):
        canon.decode(data, Loose)
    with pytest.raises(FormatError):
        canon.decode(data.replace(b'"any":null,', b""), Exact)


@pytest.mark.parametrize("text", [":1234567890123456", ",1.5e3", "[-9007199254740993", "1" * 40])
def test_a_text_that_looks_like_a_number_is_a_text(text: str) -> None:
    data = rfc8785.dumps({"any": None, "by": {}, "count": canon.SAFE, "text": text})
    assert Loose(count=canon.SAFE, text=text, by={}, any=None) == canon.decode(data, Loose)


@dataclass(frozen=True)
class _Inner:
    least: int
    most: int = 1


@dataclass(frozen=True)
class _Outer:
    inner: _Inner
    several: tuple[_Inner, ...] = ()


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"inner": {"leest": 1, "most": 2}}, "leest"),
        ({"iner": {"least": 1}}, "iner"),
        ({"inner": {}}, ""),
        ({"inner": {"least": 1}, "several": [{"leest": 1}]}, ""),  # which of several, the reader does not say
        ({"inner": {f"n{i}": i for i in range(9)}}, "n0, n1, n2, n3, n4"),
        ({"inner": {"least": "1", "leest": 1}}, ""),  # nothing is missing
    ],
)
def test_what_stands_where_a_field_is_missing_is_told(value: object, found: str) -> None:
    with pytest.raises(FormatError) as refused:
        canon.convert(value, _Outer, where="x.toml")
    assert found == refused.value.found
