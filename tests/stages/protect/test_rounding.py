"""Controlled rounding: additive, beside the truth, its mean the truth; and no sensitive cell reckoned from it."""

from dataclasses import replace
from itertools import product
from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import csr_array

from comity.errors import ConfigError, FormatError, PolicyRefuses
from comity.model.protection import Rules
from comity.stages.dice import Dice
from comity.stages.protect import ranges, rounding, sticky, tables
from comity.stages.protect.problem import UNBOUNDED, Problem
from tests.builders import counts

SECRET = bytes(range(32))
BASES = st.sampled_from([3, 5])


def dice(*name: str) -> Dice:
    return sticky.keyed(SECRET, *name)


@given(counts.problems(), BASES, st.integers(0, 99))
@settings(max_examples=60)
def test_a_rounded_table_adds_up_and_lies_beside_the_true_one(problem: Problem, base: int, name: int) -> None:
    made = rounding.rounded(problem, base, dice(str(name)))
    moved = made.values - problem.values
    assert not (problem.relations @ made.values).any()
    assert not (made.values % base).any()
    assert (np.abs(moved) <= (made.beyond + 1) * base - 1).all()
    still = (made.beyond == 0) & (problem.values % base == 0)
    assert [0] * int(still.sum()) == moved[still].tolist()
    assert not made.values[problem.values == 0].any()


@given(counts.problems(dimensions=2), BASES)
@settings(max_examples=40)
def test_in_two_dimensions_the_mean_is_the_truth_exactly(problem: Problem, base: int) -> None:
    """The tables of which one is drawn, each as often, add up to base times the true one (Baum and Trotter 1978)."""
    found = rounding.parts(problem, base, dice("parts"))
    made = rounding.rounded(problem, base, dice("parts"))
    assert base == len(found)
    assert problem.values.tolist() == np.sum(found, axis=0).tolist()
    assert made.unbiased
    assert made.values.tolist() in [(base * part).tolist() for part in found]


def test_not_always_the_first_part_is_published() -> None:
    problem = counts.problem((4, 4), range(1, 17))
    first = 0
    for name in map(str, range(30)):
        made = rounding.rounded(problem, 5, dice(name)).values
        first += int((made == 5 * rounding.parts(problem, 5, dice(name))[0]).all())
    assert 0 < first < 20  # one in five


@given(counts.problems(dimensions=3, largest=9), BASES)
@settings(max_examples=25)
def test_a_table_is_said_to_be_unbiased_if_its_parts_are_all_there(problem: Problem, base: int) -> None:
    found = rounding.parts(problem, base, dice("parts"))
    made = rounding.rounded(problem, base, dice("parts"))
    assert made.unbiased is (len(found) == base and problem.values.tolist() == np.sum(found, axis=0).tolist())
    assert all(not (problem.relations @ part).any() for part in found)


def test_the_same_table_is_rounded_the_same() -> None:
    problem = counts.problem((4, 5), range(20))
    made = [rounding.rounded(problem, 3, dice(name)).values.tolist() for name in ("2021", "2021", "2022")]
    assert made[0] == made[1]
    assert made[0] != made[2]


LINES = ("abc", "ade", "afg", "bdf", "beg", "cdg", "cef")
"""The Fano plane: seven points, seven lines of three, any two of which share a point."""


def fano(values: tuple[int, ...]) -> Problem:
    """Seven cells, and as totals the sums of each line."""
    rows = np.zeros((7, 14), np.int64)
    for at, line in enumerate(LINES):
        rows[at, [ord(point) - 97 for point in line]] = 1
        rows[at, 7 + at] = -1
    every = np.concatenate([values, rows[:, :7] @ values])
    return of_relations(rows, every)


def of_relations(rows: NDArray[np.int64], values: NDArray[np.int64]) -> Problem:
    none, zero = np.zeros(len(values), bool), np.zeros(len(values), np.int64)
    return Problem(
        values=values, relations=csr_array(rows), primary=none, upper=zero, lower=zero, open=~none, hidden=none,
        cost=zero + 1, floor=np.minimum(values, 0), ceiling=zero + UNBOUNDED, alone=none,
    )  # fmt: skip


def fewest(problem: Problem, base: int, inner: int) -> int:
    """Steps beyond the nearest two multiples, by trying every rounding of the inner cells up to one step further."""
    values, rows = problem.values, problem.relations.toarray()
    low = values // base
    totals = {int(np.flatnonzero(row < 0)[0]): np.flatnonzero(row > 0) for row in rows}

    def steps(cell: int, multiple: int) -> int:
        return max(int(low[cell]) - multiple, multiple - -(-int(values[cell]) // base), 0)

    best = 10**6
    for moves in product((-1, 0, 1, 2), repeat=inner):
        table = {cell: int(low[cell]) + moves[cell] for cell in range(inner)}
        table |= {total: sum(table[int(part)] for part in parts) for total, parts in totals.items()}
        best = min(best, sum(steps(cell, multiple) for cell, multiple in table.items()))
    return best


@pytest.mark.parametrize("values", [(1,) * 7, (1, 1, 1, 1, 1, 1, 4), (4, 1, 1, 1, 1, 1, 2)])
def test_where_no_table_lies_beside_the_truth_the_fewest_steps_are_taken(values: tuple[int, ...]) -> None:
    """Of seven ones each line must have exactly one that goes up, and two points never have no line in common."""
    problem = fano(values)
    made = rounding.rounded(problem, 3, dice("fano"))
    assert not (problem.relations @ made.values).any()
    assert fewest(problem, 3, 7) == made.beyond.sum()


def test_no_table_lies_beside_seven_ones() -> None:
    """So the test above has something to find."""
    assert fewest(fano((1,) * 7), 3, 7) > 0


def test_what_was_published_before_stays() -> None:
    problem = counts.problem((4, 5), range(20))
    first = rounding.rounded(problem, 3, dice("first"))
    cells = np.flatnonzero(problem.values % 3)[:6].tolist()
    again = rounding.rounded(problem, 3, dice("second"), fixed={cell: int(first.values[cell]) for cell in cells})
    assert first.values[cells].tolist() == again.values[cells].tolist()
    assert not (problem.relations @ again.values).any()


@pytest.mark.parametrize(("cell", "value"), [(0, 1), (0, 30), (1, 3)])
def test_what_is_no_rounding_of_a_cell_cannot_be_kept(cell: int, value: int) -> None:
    """No multiple; too far away; and a cell that alone makes its total, which was said to be another number."""
    problem = of_relations(np.array([[1, -1]]), np.array([4, 4]))
    with pytest.raises(PolicyRefuses):
        rounding.rounded(problem, 3, dice("x"), fixed={0: 6, cell: value})


@pytest.mark.parametrize("base", [2, 4, 10])
def test_other_bases_are_refused(base: int) -> None:
    with pytest.raises(FormatError, match="wanted 3 or 5"):
        rounding.rounded(counts.problem((2,), (1, 2)), base, dice("x"))


@given(counts.problems(dimensions=2, largest=6), st.integers(0, 99))
@settings(max_examples=25)
def test_a_count_stays_as_open_as_its_own_figure_leaves_it(problem: Problem, name: int) -> None:
    """By a solver that is not ours: nothing in the table narrows a cell that was rounded to z below z to z + 2."""
    made = rounding.controlled(problem, 3, dice(str(name)))
    low, high = made.ends()
    floor = np.where(problem.values == 0, 0, np.maximum(low, 0))
    ceiling = np.where(problem.values == 0, 0, high)
    for cell in np.flatnonzero(problem.primary):
        least, most = counts.interval(problem, int(cell), floor, ceiling)
        assert least <= made.values[cell] + 1e-6
        assert most >= made.values[cell] + 2 - 1e-6


@given(counts.problems(dimensions=2, largest=4), st.integers(0, 99))
@settings(max_examples=15)
def test_who_is_alone_in_a_cell_reckons_nobody_else(problem: Problem, name: int) -> None:
    """He knows his own cell; every sensitive cell that is not himself again keeps two values at least."""
    made = rounding.controlled(problem, 3, dice(str(name)))
    low, high = made.ends()
    floor = np.where(problem.values == 0, 0, np.maximum(low, 0))
    ceiling = np.where(problem.values == 0, 0, high)
    alone = np.flatnonzero(problem.values == 1)[:2]
    for own in alone.tolist():
        for cell in np.flatnonzero(problem.primary & (problem.values > 1))[:4].tolist():
            least, most = counts.interval(problem, cell, floor, ceiling, {own: 1})
            assert most - least >= 1 - 1e-6


def shown(which: list[tuple[int, ...]]) -> tables.Table:
    """Two by two, the cells at these places published exactly before; 0 is the total of a dimension."""
    made = counts.table((2, 2), (4, 1, 20, 30))
    status = made.status.copy()
    for place in which:
        status[int(np.ravel_multi_index(place, made.shape))] = tables.SHOWN
    return replace(made, status=status)


@pytest.mark.parametrize(("which", "safe"), [([], True), ([(1, 0)], True), ([(1, 0), (1, 1)], False)])
def test_exact_figures_of_before_that_give_a_cell_away_stop_the_rounding(
    which: list[tuple[int, ...]], safe: bool
) -> None:
    """Where row and neighbour were shown as they are, the cell of one person follows, whatever the rounding says."""
    problem = tables.link([shown(which)], Rules(threshold=3, coalition=0)).problem
    made = rounding.rounded(problem, 3, dice("x"))
    assert safe is (not rounding.refused(problem, made, counts=True))
    if not safe:
        with pytest.raises(PolicyRefuses, match="gives sensitive cells away"):
            rounding.controlled(problem, 3, dice("x"))


@pytest.mark.parametrize(("coalition", "safe"), [(0, True), (1, False)])
def test_exact_figures_that_give_a_cell_to_one_respondent_stop_the_rounding(coalition: int, safe: bool) -> None:
    """1 + 2 + 7 = 10, the 7 and the 10 shown before: anybody is left three values, who is the 1 is left one."""
    made = counts.table((3,), (1, 2, 7))
    status = np.where(np.isin(made.values, (7, 10)), tables.SHOWN, tables.OPEN).astype(np.uint8)
    problem = tables.link([replace(made, status=status)], Rules(threshold=3, coalition=coalition)).problem
    rounded = rounding.Rounded(
        values=np.array([9, 0, 3, 6]), base=3, beyond=np.zeros(4, np.int64), unbiased=True
    )  # of 10, 1, 2 and 7
    found = rounding.refused(problem, rounded, counts=True)
    assert safe is (not found)
    assert safe or [(2, 2)] == [(breach.low, breach.high) for breach in found]


def test_room_in_a_respondent_s_own_line_is_none_for_him() -> None:
    """7 = 1 + 6, the 6 shown before: anybody is left 6, 7 and 8 for the total, who is the 1 only the 7."""
    made = counts.table((2,), (1, 6))
    status = np.where(made.values == 6, tables.SHOWN, tables.OPEN).astype(np.uint8)
    asked = Rules(threshold=2, sensitive=({"D0": "_T"},), coalition=1)
    problem = tables.link([replace(made, status=status)], asked).problem
    rounded = rounding.Rounded(values=np.array([6, 0, 6]), base=3, beyond=np.zeros(3, np.int64), unbiased=True)
    assert [(0, (1,), 7, 7)] == [
        (one.cell, one.known, one.low, one.high) for one in rounding.refused(problem, rounded, counts=True)
    ]
    assert not rounding.refused(replace(problem, coalition=0), rounded, counts=True)


@pytest.mark.parametrize("way", ["counts", "magnitudes"])
def test_a_base_below_what_a_magnitude_needs_protects_none(way: Literal["counts", "magnitudes"]) -> None:
    """A turnover of 1,000 whose owner must not be reckoned within a tenth is not hidden by a change of 2."""
    problem = replace(
        counts.problem((3,), (1000, 2000, 3000)),
        primary=np.array([False, True, False, False]),
        upper=np.array([0, 100, 0, 0]),
        lower=np.array([0, 100, 0, 0]),
    )
    assert 1000 == problem.values[1]
    found = rounding.refused(problem, rounding.rounded(problem, 3, dice("x")), counts=way == "counts")
    assert (way == "magnitudes") is bool(found)


def test_a_large_table_of_three_dimensions_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole numbers might take hours; in two dimensions they take none."""
    monkeypatch.setattr(rounding, "WIDEST", 10)
    with pytest.raises(PolicyRefuses, match="too large to be rounded in three dimensions"):
        rounding.rounded(counts.problem((3, 3, 3), range(1, 28)), 3, dice("x"))
    assert rounding.rounded(counts.problem((9, 3), range(1, 28)), 3, dice("x")).unbiased


def test_of_a_table_in_between_one_rounding_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = counts.problem((3, 3, 3), range(1, 28))
    assert 3 == len(rounding.parts(problem, 3, dice("x")))
    monkeypatch.setattr(rounding, "SUMMED", 10)
    assert 1 == len(rounding.parts(problem, 3, dice("x")))
    assert not rounding.rounded(problem, 3, dice("x")).unbiased


def test_a_secret_that_can_be_guessed_rounds_nothing() -> None:
    with pytest.raises(ConfigError):
        rounding.rounded(counts.problem((2,), (1, 2)), 3, sticky.keyed(b"short", "x"))


def test_two_who_pool_what_they_know_are_no_case_for_rounding() -> None:
    problem = replace(counts.problem((3,), (1, 1, 7)), coalition=2)
    with pytest.raises(ConfigError, match="two respondents who pool"):
        rounding.controlled(problem, 3, dice("x"))


def test_no_claim_is_made_of_a_table_that_is_not_allowed() -> None:
    """`free` shows by two tables; one that does not add up, or that is out of its bounds, shows nothing."""
    problem = counts.problem((3,), (4, 5, 7))
    made = rounding.rounded(problem, 3, dice("x"))
    known = ranges.seen(problem, *made.ends())
    assert ranges.free(known, made.values, 2).all()
    assert not ranges.free(known, made.values + 3, 2).any()
    assert not ranges.free(known, made.values * 5, 2).any()
    assert not ranges.free(known, made.values, 3).any()
