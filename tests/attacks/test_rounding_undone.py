"""Rounding undone by margins: a table rounded cell by cell gives itself away where it adds up to the truth.

Who knows the base knows between what each cell lies, and each margin; together they may leave one table. Controlled
rounding leaves every count three values at least, and the same table is never rounded twice in two ways.
"""

import numpy as np

from comity.stages.dice import Dice
from comity.stages.protect import ranges, rounding, sticky
from comity.stages.protect.attacker import audit
from comity.stages.protect.problem import Problem
from tests.builders import counts

SECRET = bytes(range(32))
TWOS = counts.problem((5,), (2, 2, 2, 2, 2), threshold=3)
TOTAL = int(np.flatnonzero(TWOS.values == 10)[0])


def alone(problem: Problem, dice: Dice) -> rounding.Rounded:
    """The weakened build: each cell up or down by a draw of its own, margins too (random rounding)."""
    up = sticky.sides(dice, problem.cells, 3) < problem.values % 3
    values = (problem.values // 3 + up) * 3
    return rounding.Rounded(values=values, base=3, beyond=np.zeros(problem.cells, np.int64), unbiased=True)


def exact(problem: Problem, made: rounding.Rounded) -> list[int]:
    """The sensitive cells that have one value left."""
    known = ranges.seen(problem, *made.ends())
    found = audit(known, np.ones(problem.cells, bool))
    return np.flatnonzero(problem.primary & (found.low == found.high)).tolist()


def test_five_twos_that_all_went_down_under_a_total_that_went_up_are_twos() -> None:
    """0, 0, 0, 0, 0 and 12: none is above 2, together they are at least 10."""
    rolled = [alone(TWOS, sticky.keyed(SECRET, str(at))) for at in range(2000)]
    bad = [made for made in rolled if made.values[TOTAL] == 12 and made.values.sum() == 12]
    assert bad, "one in 243 x 3 rolls"
    assert 5 == len(exact(TWOS, bad[0]))


def test_controlled_rounding_never_leaves_one_value() -> None:
    """Of the same table, by the same dice; the total is beside its parts."""
    for at in range(60):
        made = rounding.controlled(TWOS, 3, sticky.keyed(SECRET, str(at)))
        assert made.values[TOTAL] == made.values.sum() - made.values[TOTAL]
        assert [] == exact(TWOS, made)


def test_rounding_anew_at_every_question_would_average_to_the_truth() -> None:
    """The weakened build throws new dice each time; the secret's dice answer alike, whatever is asked how often."""
    problem = counts.problem((3, 3), (1, 2, 4, 5, 7, 8, 10, 11, 13))
    anew = [rounding.rounded(problem, 3, sticky.keyed(SECRET, "table", str(at))).values for at in range(300)]
    again = [rounding.rounded(problem, 3, sticky.keyed(SECRET, "table")).values for at in range(10)]
    assert problem.values.tolist() == np.rint(np.mean(anew, axis=0)).astype(int).tolist()
    assert (np.abs(np.rint(np.mean(again, axis=0)) - problem.values) > 0).any()
    assert 1 == len({tuple(one.tolist()) for one in again})


def test_a_cell_rounded_in_an_earlier_table_is_not_rounded_anew_in_another() -> None:
    """3 in one table and 6 in the other would be a 4 or a 5; a total that both tables have is published once."""
    first = counts.problem((4,), (4, 7, 1, 2))
    second = counts.problem((2,), (11, 3))
    total = int(np.flatnonzero(first.values == 14)[0])
    other = int(np.flatnonzero(second.values == 14)[0])
    differ = kept = 0
    for at in range(30):
        before = rounding.rounded(first, 3, sticky.keyed(SECRET, "first", str(at))).values[total]
        anew = rounding.rounded(second, 3, sticky.keyed(SECRET, "second", str(at)))
        told = rounding.rounded(second, 3, sticky.keyed(SECRET, "second", str(at)), fixed={other: int(before)})
        differ += int(anew.values[other] != before)
        kept += int(told.values[other] == before)
    assert differ > 0
    assert 30 == kept
