"""Differencing: two cuts of one variable that differ by one code, each of many people; the difference is one person.

Ages up to 14 and 15 to 64 in one table, up to 15 and 16 to 64 in another. The weakened build looks at the cells that
are published, and each has many. Guard: the difference of two cells of the same people is a cell of the problem.
"""

import numpy as np

from comity.stages.protect import attacker
from comity.stages.protect.suppression.choose import choose
from tests.builders.attacked import marked, problem

CODES = ["_T", "0-14", "15-64", "0-15", "16-64", "15", "65+"]
VALUES = [140, 41, 69, 42, 68, 1, 30]
RELATIONS = [(0, [1, 2, 6]), (0, [3, 4, 6]), (3, [1, 5]), (2, [5, 4])]
AGE_15, THRESHOLD = 5, 5
ASKED = problem(VALUES, RELATIONS, {AGE_15: THRESHOLD - 1}, closed=[0])
PUBLISHED = ~marked(7, [AGE_15])  # nobody asked for the age of 15


def test_two_tables_of_many_tell_of_one() -> None:
    """Forty-two less forty-one."""
    assert all(value >= THRESHOLD for value in ASKED.values[PUBLISHED])
    found = attacker.audit(ASKED, ~PUBLISHED)
    assert (1, 1) == (found.low[AGE_15], found.high[AGE_15])


def test_no_pair_of_cuts_is_shown_that_differs_by_one_person() -> None:
    pattern = choose(ASKED)
    shown = ~pattern.suppressed
    assert () == attacker.breaches(ASKED, pattern.suppressed)
    assert not (shown[1] and shown[3])
    assert not (shown[2] and shown[4])
    assert not (shown[1] and shown[4] and shown[6])
    assert pattern.intervals.high[AGE_15] >= THRESHOLD


def test_a_cut_that_is_published_already_decides_what_the_next_one_shows() -> None:
    """The first table was published whole: of the second nothing is left but what both have."""
    asked = problem(VALUES, RELATIONS, {AGE_15: THRESHOLD - 1}, closed=[0, 1, 2, 6])
    pattern = choose(asked)
    assert ["0-15", "16-64", "15"] == [CODES[at] for at in np.flatnonzero(pattern.suppressed)]
    assert () == attacker.breaches(asked, pattern.suppressed)
