"""When tables found before surely have a mean that leaves the cells of respondents where they are, and when not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from comity.stages.protect.coalitions import SEVERAL, around, crossed

PAIR = frozenset((7, 9))


@pytest.mark.parametrize(
    ("moves", "sure"),
    [
        ([(0, 0)], True),
        ([(1, 0), (-1, 0)], True),
        ([(0, 1), (0, -1)], True),
        ([(1, 1), (1, -1), (-1, 1), (-1, -1)], True),
        ([(1, 1), (1, -1), (-1, 1)], False),
        ([(1, 1), (-1, -1)], False),  # unless they move both in one proportion
        ([(1, 0), (0, -1)], False),
        ([(SEVERAL, 0), (-1, 0)], False),
    ],
)
def test_a_pair_is_left_alone_by_a_mean_only_where_signs_alone_say_so(moves: list[tuple[int, int]], sure: bool) -> None:
    assert ({PAIR} if sure else set()) == around(np.array(moves), [7, 9])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=1, max_size=5))
def test_what_is_sure_has_a_mean_by_a_solver(moves: list[tuple[int, int]]) -> None:
    """Weights from 0, of sum 1, by which the moves cancel."""
    found = np.array(moves)
    if around(np.sign(found), [7, 9]):
        rows = np.vstack([found.T, np.ones(len(found))])
        assert 0 == linprog(np.zeros(len(found)), A_eq=rows, b_eq=[0, 0, 1]).status
    one = crossed(np.sign(found[:, :1]), [7])
    assert bool(one) == (found[:, 0].min() <= 0 <= found[:, 0].max())
