"""Who lone respondents are, by a second reading of the relations."""

import numpy as np
from hypothesis import given, settings

from comity.stages.protect.problem import Problem
from comity.stages.protect.respondents import Respondents
from tests.builders.problems import counted, problems, respondents, within


@given(problem=problems())
@settings(max_examples=60, deadline=None)
def test_a_lone_cell_within_a_lone_cell_is_the_same_persons(problem: Problem) -> None:
    found = Respondents(problem)
    people = {frozenset(found.cells([who])) for who in set(found.of[problem.alone].tolist())}
    assert {frozenset(group) for group in respondents(problem)} == people
    assert [-1] * int((~problem.alone).sum()) == found.of[~problem.alone].tolist()


@given(problem=problems())
@settings(max_examples=60, deadline=None)
def test_what_a_respondent_gave_cannot_be_hidden_from_him(problem: Problem) -> None:
    """Less of the lower protection level is asked where he stands in the cell, and all of it elsewhere."""
    found = Respondents(problem)
    for cell in np.flatnonzero(problem.primary).tolist():
        inside = within(problem, cell)
        for group in respondents(problem):
            own = max((int(problem.values[at]) for at in group & inside), default=0)
            least = min(int(problem.lower[cell]), int(problem.values[cell]) - own)
            assert least == found.lower(cell, [min(group)])


def test_two_persons_in_a_cell_know_it_together() -> None:
    """A row of 1 and 1: each knows that the other is there, and both know the row."""
    problem = counted(((2,), (2,)), [1, 1, 9, 9], coalition=2)
    found = Respondents(problem)
    row = int(np.flatnonzero(problem.values == 2)[0])
    one, two = found.own(row)
    assert [2, 1, 0] == [found.lower(row, known) for known in ([], [one], [one, two])]
