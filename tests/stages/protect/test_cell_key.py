"""Counts changed by cell keys: the same persons alike everywhere, by the probabilities of the table, zeros never."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import FormatError
from comity.stages.protect import cell_key
from comity.stages.protect.p_table import WHOLE, p_table
from tests.builders import counts

SECRET = bytes(range(32))
TABLE = p_table(5, "2")
REGION = [("REF_AREA", "NORTH")]


def changed(value: int, key: int) -> int:
    return int(cell_key.perturbed(np.array([value]), np.array([key]), TABLE)[0]) - value


@pytest.mark.parametrize("value", [1, 2, 3, 4, 5, 6, 1000])
def test_as_many_keys_make_a_change_as_its_weight_says(value: int) -> None:
    """The keys of one change lie together: its first and last make it, and their number is the weight."""
    row = min(value, 5)
    first = 0
    for change, weight in zip(TABLE.changes[row].tolist(), TABLE.weights[row], strict=True):
        assert [change, change] == [changed(value, first), changed(value, first + weight - 1)]
        first += weight
    assert WHOLE == first


@given(st.lists(st.tuples(st.integers(0, 2000), st.integers(0, WHOLE - 1)), min_size=1))
def test_zeros_stay_and_nothing_moves_beyond_the_bound(cells: list[tuple[int, int]]) -> None:
    values, keys = np.array(cells).T
    found = cell_key.perturbed(values, keys, TABLE)
    assert (np.abs(found - values) <= 5).all()
    assert (found >= 0).all()
    assert not found[values == 0].any()


def test_a_named_cell_has_one_key_in_whatever_order_it_is_named() -> None:
    name = [("SEX", "F"), ("REF_AREA", "NORTH")]
    keys = cell_key.named(SECRET, [name, name[::-1], REGION, REGION], np.array([7, 7, 7, 8]))
    assert keys[0] == keys[1]
    assert 3 == len(set(keys.tolist()))
    assert keys[0] != cell_key.named(SECRET[::-1], [name], np.array([7]))[0]


def test_a_margin_has_the_name_that_its_own_table_gives_it() -> None:
    """The total over D1 is the cell of a table that has no D1."""
    both, one = counts.table((2, 2), (1, 2, 3, 4)), counts.table((2,), (3, 7))
    about = ("TIME_PERIOD", "2021")
    wide, narrow = (cell_key.names(table, about) for table in (both, one))
    assert [[about], [about, ("D0", "a")], [about, ("D0", "b")]] == narrow
    assert narrow == [wide[place] for place in (0, 3, 6)]
    assert [about, ("D0", "b"), ("D1", "a")] == wide[7]


def test_two_names_are_never_read_as_one() -> None:
    keys = cell_key.named(SECRET, [[("A", "B")], [("AB", "")], [("A", "")], [("", "A")]], np.array([1, 1, 1, 1]))
    assert 4 == len(set(keys.tolist()))


@pytest.mark.parametrize(("values", "keys"), [([-1], [0]), ([1], [-1]), ([1], [2**32]), ([1, 2], [3])])
def test_what_is_no_count_or_no_key_is_refused(values: list[int], keys: list[int]) -> None:
    with pytest.raises(FormatError):
        cell_key.perturbed(np.array(values), np.array(keys), TABLE)


def test_a_name_is_asked_for_each_cell() -> None:
    with pytest.raises(FormatError, match="one name for each cell"):
        cell_key.named(SECRET, [REGION], np.array([1, 2]))


def test_margins_that_happen_to_say_all_are_found() -> None:
    """Every part changed as far up as can be and the total as far down: only the truth lies between."""
    problem = counts.problem((3,), (2, 3, 4), threshold=4)
    total, parts = 9, problem.values != 9
    published = np.where(parts, problem.values + 5, total - 5)
    found = cell_key.given_away(problem, published, TABLE)
    assert [2, 3] == sorted(problem.values[found].tolist())
    assert [] == cell_key.given_away(problem, problem.values, TABLE).tolist()
