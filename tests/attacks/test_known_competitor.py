"""Dominance by a known competitor: who holds the second largest part of a cell reckons the largest one from it.

He subtracts his own part from what the cell is, or from the most that it can be. The judge here is a linear programme
of its own over the whole table, and the rule in its own words: his estimate must be p per cent off, or more.
"""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import linprog

from comity.model.protection import Dominance, Rules
from comity.stages.protect import tables
from comity.stages.protect.problem import Problem
from comity.stages.protect.suppression.choose import choose

FIRST, SECOND, OTHERS = 600, 380, 20  # of the cell (A, MINING), of ten enterprises
CELLS = np.array([FIRST + SECOND + OTHERS, 30, 900, 40, 5, 800, 900, 850, 5])
LARGEST = np.array([[FIRST, 3, 90, 4, 2, 80, 90, 85, 2], [SECOND, 3, 90, 4, 1, 80, 90, 85, 1]])
TABLE = tables.extended(
    [("AREA", "ABC"), ("BRANCH", ["MINING", "TRADE", "SERVICES"])],
    CELLS,
    np.full(9, 10),
    LARGEST,
    counts=False,
)
CELL = int(tables.finest(TABLE)[0])
P = 10


def problem(rules: Rules) -> Problem:
    """The problem of the table, its cells in the table's own order."""
    linked = tables.link([TABLE], rules)
    assert list(range(TABLE.cells)) == linked.places[0].tolist()
    return linked.problem


def most(of: Problem, suppressed: NDArray[np.bool_]) -> float:
    """The most that the cell can be for whoever knows all that is shown."""
    bounds = [(0, None) if hide else (value, value) for hide, value in zip(suppressed, of.values, strict=True)]
    goal = -(np.arange(of.cells) == CELL).astype(float)
    found = linprog(goal, A_eq=of.relations, b_eq=np.zeros(of.relations.shape[0]), bounds=bounds)
    return float("inf") if found.status == 3 else -float(found.fun)


def percent_off(of: Problem, suppressed: NDArray[np.bool_]) -> float:
    """By how many per cent the competitor's best upper estimate of the largest part is above it."""
    return 100 * (most(of, suppressed) - SECOND - FIRST) / FIRST


def test_a_crowd_in_the_cell_is_no_guard() -> None:
    """Ten contributors are enough for a threshold: the cell is shown, and the competitor is 3 per cent off."""
    asked = problem(Rules(threshold=10))
    assert not asked.primary.any()
    assert 3 < percent_off(asked, choose(asked).suppressed) < 4


def test_one_dominant_part_is_not_all_that_dominates() -> None:
    """(1,90) looks at the largest alone, which is 60 per cent: shown again."""
    asked = problem(Rules(dominance=(Dominance(n=1, k=90),)))
    assert 3 < percent_off(asked, choose(asked).suppressed) < 4


@pytest.mark.parametrize("rules", [Rules(p=P), Rules(dominance=(Dominance(n=2, k=90),))])
def test_the_competitor_is_p_per_cent_off_or_more(rules: Rules) -> None:
    asked = problem(rules)
    assert asked.primary[CELL]
    assert percent_off(asked, choose(asked).suppressed) >= P


def test_without_the_protection_level_a_hidden_cell_is_as_good_as_shown() -> None:
    """The weakened build hides the cell so that it is not exact, and no more: the cheapest cells beside it go, he
    knows them to be small, and is 4 per cent off."""
    asked = problem(Rules(p=P))
    weak = replace(asked, upper=np.minimum(asked.upper, 1), lower=np.minimum(asked.lower, 1))
    pattern = choose(weak).suppressed
    assert pattern[CELL]
    assert percent_off(asked, pattern) < P
