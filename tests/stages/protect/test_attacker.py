"""What an attacker finds out: published intervals, bounds beforehand, ends that there are none of, coalitions."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.stages.protect import attacker
from comity.stages.protect.attacker import Breach
from comity.stages.protect.problem import UNBOUNDED, Intervals, Problem
from tests.builders import counts
from tests.builders.attacked import marked, problem, square

ROW = [(0, [1, 2, 3, 4])]  # a total and four parts


def row(*parts: int, needs: dict[int, int], **others: int) -> Problem:
    return problem([sum(parts), *parts], ROW, needs, **others)


def ends(found: Intervals, *cells: int) -> list[tuple[int, int]]:
    return [(int(found.low[cell]), int(found.high[cell])) for cell in cells]


def test_a_cell_alone_in_its_row_is_given_away() -> None:
    asked = row(5, 20, 30, 40, needs={1: 3})
    assert (Breach(cell=1, known=(), low=5, high=5),) == attacker.breaches(asked, asked.primary)


def test_two_cells_of_a_row_hide_each_other_in_their_sum() -> None:
    asked = row(5, 20, 30, 40, needs={1: 3})
    found = attacker.audit(asked, marked(5, [1, 2]))
    assert [(95, 95), (0, 25), (0, 25), (30, 30)] == ends(found, 0, 1, 2, 3)
    assert () == attacker.breaches(asked, marked(5, [1, 2]))


def test_an_interval_that_is_one_too_short_is_a_breach() -> None:
    asked = row(5, 20, 30, 40, needs={1: 20})
    assert () == attacker.breaches(asked, marked(5, [1, 2]))
    asked = row(5, 20, 30, 40, needs={1: 21})
    assert (Breach(cell=1, known=(), low=0, high=25),) == attacker.breaches(asked, marked(5, [1, 2]))


def test_where_the_total_is_hidden_too_a_part_has_no_end() -> None:
    asked = row(5, 20, 30, 40, needs={1: 3})
    assert [(90, UNBOUNDED), (0, UNBOUNDED)] == ends(attacker.audit(asked, marked(5, [0, 1])), 0, 1)


def test_what_everybody_knows_beforehand_narrows_the_interval() -> None:
    asked = replace(row(5, 20, 30, 40, needs={1: 3}), ceiling=np.full(5, 100), floor=np.array([0, 2, 0, 0, 0]))
    assert [(2, 25), (0, 23)] == ends(attacker.audit(asked, marked(5, [1, 2])), 1, 2)
    asked = replace(asked, ceiling=np.array([100, 100, 21, 100, 100]))
    assert [(4, 25)] == ends(attacker.audit(asked, marked(5, [1, 2])), 1)


def test_a_cell_that_everybody_knows_hides_nothing() -> None:
    asked = row(5, 20, 30, 40, needs={1: 3})
    asked = replace(asked, floor=np.array([0, 0, 20, 0, 0]), ceiling=np.array([100, 100, 20, 100, 100]))
    assert [(5, 5)] == ends(attacker.audit(asked, marked(5, [1, 2])), 1)


def test_a_primary_that_is_shown_is_a_breach() -> None:
    asked = row(5, 20, 30, 40, needs={1: 3})
    assert (Breach(cell=1, known=(), low=5, high=5),) == attacker.breaches(asked, np.zeros(5, bool))


def test_a_lone_respondent_takes_his_own_part_out() -> None:
    """Of two hidden cells he knows one, so that he knows both; of three he does not."""
    asked = row(5, 20, 30, 40, needs={1: 3}, coalition=1)
    asked = replace(asked, alone=marked(5, [2]))
    assert (Breach(cell=1, known=(2,), low=5, high=5),) == attacker.breaches(asked, marked(5, [1, 2]))
    assert () == attacker.breaches(asked, marked(5, [1, 2, 3]))
    assert () == attacker.breaches(replace(asked, coalition=0), marked(5, [1, 2]))


def test_two_respondents_together_take_both_their_parts_out() -> None:
    asked = replace(row(5, 20, 30, 40, needs={1: 3}), alone=marked(5, [2, 3]), coalition=2)
    assert (Breach(cell=1, known=(2, 3), low=5, high=5),) == attacker.breaches(asked, marked(5, [1, 2, 3]))
    assert () == attacker.breaches(replace(asked, coalition=1), marked(5, [1, 2, 3]))
    assert () == attacker.breaches(asked, marked(5, [1, 2, 3, 4]))


def test_nobody_is_an_attacker_of_his_own_cell() -> None:
    asked = replace(row(5, 20, 30, 40, needs={1: 3}), alone=marked(5, [1]), coalition=2)
    assert () == attacker.breaches(asked, marked(5, [1, 2]))


def test_whom_one_is_enough_to_reckon_no_pair_is_named_for() -> None:
    asked = replace(row(5, 20, 30, 40, needs={1: 30}), alone=marked(5, [2, 3]), coalition=2)
    known = [breach.known for breach in attacker.breaches(asked, marked(5, [1, 2, 3]))]
    assert [(3,)] == known
    wide = replace(asked, upper=np.array([0, 31, 0, 0, 0]))
    assert [(2,), (3,)] == [breach.known for breach in attacker.breaches(wide, marked(5, [1, 2, 3]))]


def test_the_published_square_gives_one_cell_away_though_no_row_has_one_blank() -> None:
    """w = 30, 47, 64, 89 and so on: w|b is 47 exactly; with one more blank it lies in 0 to 78 (sdcTable)."""
    values, relations = square([[30, 47, 64, 89], [90, 124, 5, 31], [92, 100, 59, 85], [800, 991, 651, 685]])
    hidden = [0, 1, 2, 5, 7, 11, 13, 16, 18]
    asked = problem(values, relations, dict.fromkeys(hidden, 1))
    assert (Breach(cell=1, known=(), low=47, high=47),) == attacker.breaches(asked, marked(25, hidden))
    more = marked(25, [*hidden, 8])
    assert () == attacker.breaches(asked, more)
    assert [(0, 78)] == ends(attacker.audit(asked, more), 1)


def test_large_values_are_reckoned_as_exactly_as_small_ones() -> None:
    """A table in units of a billionth: the interval is still that of the row, to the unit."""
    unit = 10**12
    asked = row(5 * unit, 20 * unit, 30 * unit, 40 * unit, needs={1: 20 * unit})
    assert [(0, 25 * unit)] == ends(attacker.audit(asked, marked(5, [1, 2])), 1)
    assert () == attacker.breaches(asked, marked(5, [1, 2]))
    assert 1 == len(attacker.breaches(replace(asked, upper=asked.upper + asked.primary), marked(5, [1, 2])))


@settings(max_examples=15, deadline=None)
@given(counts.problems(), st.data())
def test_who_knows_more_or_sees_more_finds_no_wider_interval(asked: Problem, data: st.DataObject) -> None:
    hidden = asked.primary | asked.open
    every = attacker.audit(asked, hidden)
    places = np.flatnonzero(hidden).tolist()
    shown = data.draw(st.lists(st.sampled_from(places), max_size=3)) if places else []
    less = hidden & ~marked(asked.cells, shown)
    for found in (attacker.audit(asked, less | asked.primary), attacker.audit(asked, hidden, known=shown)):
        assert (every.low[asked.primary] <= found.low[asked.primary]).all()
        assert (every.high[asked.primary] >= found.high[asked.primary]).all()


@pytest.mark.parametrize("coalition", [0, 1, 2])
@settings(max_examples=10, deadline=None)
@given(asked=counts.problems())
def test_one_coalition_a_cell_finds_the_same_cells(asked: Problem, coalition: int) -> None:
    asked = replace(asked, coalition=coalition)
    every = {breach.cell for breach in attacker.breaches(asked, asked.primary)}
    assert every == {breach.cell for breach in attacker.breaches(asked, asked.primary, first=True)}


def test_a_judgement_tells_its_progress() -> None:
    told: list[tuple[int, int]] = []
    asked = row(5, 20, 30, 40, needs={1: 3})
    attacker.breaches(asked, marked(5, [1, 2]), tell=lambda done, total, what: told.append((done, total)))
    assert [(1, 1), (1, 1)] == told
