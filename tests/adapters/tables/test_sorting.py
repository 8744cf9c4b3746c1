"""Choosing by sorting, against the same choice reckoned person by person in plain Python."""

from collections import defaultdict
from typing import Any
from unittest.mock import patch

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.adapters.tables import sorting

PLACES = st.integers(0, 5) | st.integers(0, 2**62)
KINDS: dict[str, tuple[pa.DataType, st.SearchStrategy[Any]]] = {
    "near": (pa.int64(), st.integers(100, 105)),
    "far": (pa.int64(), st.integers(-(2**63), 2**63 - 1) | st.integers(-1, 1)),
    "small": (pa.int8(), st.integers(-128, 127)),
    "unsigned": (pa.uint64(), st.integers(2**64 - 4, 2**64 - 1) | st.integers(0, 1)),
    "text": (pa.string(), st.sampled_from(["", "a", "A", "ä", "7", "07"])),
}


def reckoned(rows: list[tuple[Any, int, int]], most: int) -> dict[tuple[Any, int], int]:
    """Sums by person and place, of each person's first places."""
    sums: dict[Any, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for person, place, value in rows:
        sums[person][place] += value
    return {(who, place): of[place] for who, of in sums.items() for place in sorted(of)[:most]}


def table(rows: list[tuple[Any, int, int]], kind: pa.DataType, chunk: int) -> pa.Table:
    """Rows as an engine gives them, in chunks."""
    columns = [pa.array([row[i] for row in rows], type) for i, type in enumerate((kind, pa.int64(), pa.int64()))]
    whole = pa.table(dict(zip(("who", "place", "value"), columns, strict=True)))
    return pa.concat_tables([whole.slice(at, chunk) for at in range(0, len(rows), chunk)] or [whole])


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data(), most=st.integers(1, 4), block=st.integers(1, 9), chunk=st.integers(1, 9))
def test_of_each_person_the_least_places_are_found_with_their_sums(
    kind: str, data: st.DataObject, most: int, block: int, chunk: int
) -> None:
    type, ids = KINDS[kind]
    values = st.integers(-(2**40), 2**40)
    rows = data.draw(st.lists(st.tuples(ids, PLACES, values), max_size=25))
    expected = reckoned(rows, most)
    with patch.object(sorting, "_BLOCK", block):
        given_ = table(rows, type, chunk)
        summed = sorting.least(given_, of="who", place="place", most=most, sums=("value",), threads=2)
        alone = sorting.least(given_.drop("value"), of="who", place="place", most=most, sums=(), threads=2)
    assert expected == {(row["who"], row["place"]): row["value"] for row in summed.to_pylist()}
    assert len(expected) == len(summed)
    assert type == summed.schema.field("who").type
    assert sorted(expected, key=str) == sorted(((row["who"], row["place"]) for row in alone.to_pylist()), key=str)


@pytest.mark.parametrize("block", [1, 100])
@pytest.mark.parametrize("sums", [(), ("value",)])
def test_places_that_are_one_word_are_told_apart(block: int, sums: tuple[str, ...]) -> None:
    """Sixty-one bits of a word are left to a place of 62 beside three persons."""
    rows = [(who, 2**62 - last, last) for who in range(3) for last in (1, 2, 1, 3, 2**40)]
    expected = {(who, 2**62 - last): value for who in range(3) for last, value in ((2**40, 2**40), (3, 3), (2, 2))}
    with patch.object(sorting, "_BLOCK", block):
        given_ = table(rows, pa.int64(), 4).select(["who", "place", *sums])
        found = sorting.least(given_, of="who", place="place", most=3, sums=sums, threads=2)
    assert expected == {(row["who"], row["place"]): row.get("value", 2**62 - row["place"]) for row in found.to_pylist()}


@pytest.mark.long
def test_ids_that_are_longer_together_than_two_gigabytes_are_told_apart() -> None:
    """As the ids of a register may be; the same long one again and again, so that memory holds it once."""
    long = pa.array(["x" * 2**26])
    persons, numbers = sorting.Persons.of(pa.chunked_array([*[long] * 32, pa.array(["y", "z", "y"])]))
    assert [*[0] * 32, 1, 2, 1] == numbers.tolist()
    assert ["z", "y"] == persons.ids(numbers[[33, 32]]).to_pylist()


@pytest.mark.parametrize("column", ["place", "value"])
def test_a_row_without_a_place_or_a_value_is_no_other_number(column: str) -> None:
    """As the bits of NaN it would move rows to other persons."""
    rows = {"who": [1, 1, 2], "place": [3, 4, 3], "value": [5, 6, 7]}
    rows[column] = [None, *rows[column][1:]]  # type: ignore[list-item]
    with pytest.raises(TypeError, match=column):
        sorting.least(pa.table(rows), of="who", place="place", most=1, sums=("value",), threads=1)
