"""4x4 attacker example: each row and column has two blanks, and one of them is reckoned exactly all the same.

The weakened build counts blanks in rows and columns; the attacker adds two rows and takes three columns away. What is
chosen is judged by a linear programme over the whole table (sdcTable's example; the value 47 of w and b).
"""

import numpy as np

from comity.stages.protect import attacker
from comity.stages.protect.suppression.choose import choose
from tests.builders.attacked import marked, problem, square

VALUES, RELATIONS = square([[30, 47, 64, 89], [90, 124, 5, 31], [92, 100, 59, 85], [800, 991, 651, 685]])
BLANK = [0, 1, 2, 5, 7, 11, 13, 16, 18]
ASKED = problem(VALUES, RELATIONS, dict.fromkeys(BLANK, 1))
WB = 1


def test_two_blanks_in_each_row_and_column_do_not_hide_the_cell() -> None:
    """Rows w and y less columns b and so on: every blank but one cancels, without any programme."""
    body = marked(25, BLANK).reshape(5, 5)
    assert 2 <= min(count for count in (*body.sum(axis=0), *body.sum(axis=1)) if count)
    unknown = ASKED.relations.toarray()[:, BLANK]
    combined, *_ = np.linalg.lstsq(unknown.T, (np.array(BLANK) == WB).astype(float), rcond=None)
    assert np.allclose(combined @ unknown, np.array(BLANK) == WB)
    shown = np.where(marked(25, BLANK), 0, VALUES)
    assert 47 == round(float(-combined @ (ASKED.relations @ shown)))


def test_one_more_cell_hides_it_from_0_to_78() -> None:
    pattern = choose(ASKED)
    assert [8] == np.flatnonzero(pattern.suppressed & ~marked(25, BLANK)).tolist()
    assert (0, 78) == (pattern.intervals.low[WB], pattern.intervals.high[WB])
    assert () == attacker.breaches(ASKED, pattern.suppressed)
