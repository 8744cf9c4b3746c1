"""Pattern that gives the value away by being minimal: what goes without saying of blanks leaves them one value.

Empty cells are shown as zeros, so a blank is none: four blanks that make up four are four ones. The weakened build
believes that any of them may be empty, and finds those four enough. Guard: a blank count is at least 1 for an attacker
as well. And whoever tries all tables, and hides each as we do, is left with a large value all the same.
"""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from comity.model.protection import Rules
from comity.stages.protect import attacker, tables
from comity.stages.protect.problem import Problem
from comity.stages.protect.suppression.choose import choose

THRESHOLD = 3


def asked(*people: int, threshold: int = THRESHOLD) -> Problem:
    """Of a row with its total; a cell that is not empty has one person, as everybody knows."""
    count = np.array(people)
    table = tables.extended([("AREA", [f"A{at}" for at in range(len(people))])], count, count, counts=True)
    problem = tables.link([table], Rules(threshold=threshold)).problem
    floor = (problem.values > 0).astype(np.int64)
    return replace(problem, floor=floor, lower=np.minimum(problem.upper, problem.values - floor))


def weakened(problem: Problem) -> Problem:
    return replace(problem, floor=np.zeros_like(problem.floor), lower=np.minimum(problem.upper, problem.values))


def left(problem: Problem, pattern: np.ndarray) -> set[tuple[int, ...]]:
    """What the blanks may be: at least one person each, and as many together as the total leaves."""
    blanks = np.flatnonzero(pattern)
    shown = problem.values[0] - sum(problem.values[1:][~pattern[1:]])
    return {one for one in product(range(1, int(shown) + 1), repeat=len(blanks)) if sum(one) == shown}


def test_four_ones_that_hide_each_other_are_four_ones() -> None:
    problem = asked(1, 1, 1, 1, 20, 30)
    minimal = choose(weakened(problem)).suppressed
    assert [1, 2, 3, 4] == np.flatnonzero(minimal).tolist()
    assert {(1, 1, 1, 1)} == left(problem, minimal)
    assert [1, 2, 3, 4] == [breach.cell for breach in attacker.breaches(problem, minimal)]


def test_what_is_hidden_beside_them_leaves_each_of_them_many_values() -> None:
    problem = asked(1, 1, 1, 1, 20, 30)
    pattern = choose(problem)
    assert () == attacker.breaches(problem, pattern.suppressed)
    assert THRESHOLD <= pattern.intervals.high[1:5].min()
    assert problem.values[5] > 0
    assert pattern.suppressed[5]


@pytest.mark.parametrize("people", [(2, 9, 20, 30), (1, 6, 20, 30), (4, 5, 20, 30)])
def test_who_hides_every_table_as_we_do_is_left_with_a_value_that_is_not_sensitive(people: tuple[int, ...]) -> None:
    """That one of the two blanks is sensitive he knows; not which. All tables with the same blanks, by trying them."""
    threshold = 5
    pattern = choose(asked(*people, threshold=threshold)).suppressed
    assert [1, 2] == np.flatnonzero(pattern).tolist()
    together = people[0] + people[1]
    candidates = {
        one
        for one in range(1, together)
        if (choose(asked(one, together - one, *people[2:], threshold=threshold)).suppressed == pattern).all()
    }
    assert people[0] in candidates
    assert any(one >= threshold for one in candidates)
    assert 2 < len(candidates)
