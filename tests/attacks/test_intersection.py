"""Intersection of margins: no cell inside is published, and the margins that cross in it leave it one value.

Three tables of two dimensions of the same people, cells of many in each. The weakened build protects each of them; who
lays them over each other reads a cell of the cube that nobody published (bounds of Fréchet). Guard: the cells inside
are cells of the problem, published or not.
"""

from dataclasses import replace

import numpy as np

from comity.model.protection import Rules
from comity.stages.protect import attacker, tables
from comity.stages.protect.suppression.choose import choose
from comity.stages.protect.tables import HIDDEN

RULES = Rules(threshold=4, coalition=0)
CUBE = np.array([[[1, 30], [40, 0]], [[25, 15], [20, 0]]])  # by sex, illness and area
AXES = [("SEX", ["F", "M"]), ("ILL", ["YES", "NO"]), ("AREA", ["N", "S"])]


def asked(*, inside: bool) -> tables.Linked:
    """The three margins of two dimensions; with the cells inside, none of which anybody publishes."""
    full = tables.extended(AXES, CUBE.ravel(), CUBE.ravel(), counts=True)
    if inside:
        status = full.status.copy()
        status[tables.finest(full)] = HIDDEN
        return tables.link([replace(full, status=status)], RULES)
    flat = [np.delete(np.arange(3), axis) for axis in range(3)]
    margins = [CUBE.sum(axis=axis) for axis in range(3)]
    return tables.link(
        [
            tables.extended([AXES[one], AXES[two]], cells.ravel(), cells.ravel(), counts=True)
            for (one, two), cells in zip(flat, margins, strict=True)
        ],
        RULES,
    )


def test_three_margins_without_a_small_cell_tell_of_one_person_inside() -> None:
    """By each of them everything may be shown; together there is one cube left, and one woman in it is ill."""
    apart = asked(inside=False)
    assert not apart.problem.primary.any()
    assert not choose(apart.problem).suppressed.any()
    whole = asked(inside=True).problem
    only_margins = whole.shut
    found = attacker.audit(whole, only_margins)
    one = np.flatnonzero(whole.primary)
    assert [(1, 1)] == list(zip(found.low[one].tolist(), found.high[one].tolist(), strict=True))


def test_a_margin_is_hidden_where_they_cross_in_a_small_cell() -> None:
    whole = asked(inside=True)
    pattern = choose(whole.problem)
    assert () == attacker.breaches(whole.problem, pattern.suppressed)
    assert (pattern.suppressed & ~whole.problem.shut).any()
    (one,) = np.flatnonzero(whole.problem.primary)
    assert pattern.intervals.high[one] >= RULES.threshold
