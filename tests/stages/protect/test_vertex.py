"""Relations solved exactly by refinement, beside Cramer's rule in fractions."""

from fractions import Fraction
from itertools import permutations
from math import prod

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from comity.stages.protect import vertex

SIZE = 4
ENTRIES = st.lists(st.lists(st.integers(-1, 1), min_size=SIZE, max_size=SIZE), min_size=SIZE, max_size=SIZE)


def determinant(rows: list[list[int]]) -> int:
    """By all permutations."""
    found = 0
    for order in permutations(range(SIZE)):
        odd = sum(order[i] > order[j] for i in range(SIZE) for j in range(i + 1, SIZE)) % 2
        found += (-1) ** odd * prod(rows[at][order[at]] for at in range(SIZE))
    return found


def whole(numbers: list[int]) -> np.ndarray:
    return np.array(numbers, object)


@given(rows=ENTRIES, right=st.lists(st.integers(-(2**53), 2**53), min_size=SIZE, max_size=SIZE))
@settings(max_examples=150, deadline=None)
def test_what_is_found_is_the_one_solution(rows: list[list[int]], right: list[int]) -> None:
    """A second relation, the sum of all, does not disturb; without one solution nothing is claimed."""
    more = csr_array(np.array([*rows, np.sum(rows, axis=0)]))
    found = vertex.exact(more, whole([*right, sum(right)]))
    if not (scale := determinant(rows)):
        return
    columns = ([[*row[:at], b, *row[at + 1 :]] for row, b in zip(rows, right, strict=True)] for at in range(SIZE))
    assert [Fraction(determinant(column), scale) for column in columns] == found


def test_relations_that_contradict_each_other_have_no_solution() -> None:
    rows = csr_array(np.array([[1, 0], [0, 1], [1, 1]]))
    assert None is vertex.exact(rows, whole([1, 2, 4]))
    assert None is vertex.exact(csr_array(np.array([[1, 0], [0, 1], [0, 0]])), whole([1, 2, 4]))


def test_two_relations_of_three_cells_leave_the_answer_open() -> None:
    assert None is vertex.exact(csr_array(np.array([[1, 1, 0], [0, 1, 1]])), whole([1, 2]))


def test_a_long_chain_of_halves_has_a_denominator_of_fifty_bits_and_one_of_seventy_is_not_read() -> None:
    """Each cell is two of the next."""

    def chain(count: int) -> list[Fraction] | None:
        rows = np.eye(count, dtype=np.int64) - 2 * np.eye(count, k=1, dtype=np.int64)
        rows[-1, -1], rows[-1, 0] = 0, 1
        return vertex.exact(csr_array(rows), whole([0] * (count - 1) + [1]))

    assert [Fraction(1, 2**at) for at in range(51)] == chain(51)
    assert None is chain(71)
