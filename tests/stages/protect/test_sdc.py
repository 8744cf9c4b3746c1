"""A member's own table: every sensitive cell hidden, and so well that a solver that is not ours cannot find it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from comity.errors import ConfigError, FormatError
from comity.model import cube as cubes
from comity.model.cube import STATUS, Cube
from comity.model.policy import National
from comity.model.protection import Dominance, Rules
from comity.model.structure import Axis, Layout, Measure
from comity.stages.protect import sdc, tables
from comity.stages.protect.released import Kept
from comity.stages.protect.sdc import Measured, Protected
from tests import sample

A, Q = STATUS.index("A"), STATUS.index("Q")
SUM = {"m1": Measured(what="sum", counts=False, part=1)}
CELLS = st.one_of(st.just(0), st.integers(1, 4), st.integers(5, 60))
TABLES = st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=2, max_size=4)


def cube(number: list[list[int]], *more: list[list[int]], axes: tuple[str, ...] = ("D", "E")) -> Cube:
    """Persons by rows and columns; each further table is a further measure, of the same persons."""
    shape = np.array(number).shape
    layout = Layout(
        dimensions=tuple(
            Axis(id=id, codes=tuple(f"{id}{i}" for i in range(n))) for id, n in zip(axes, shape, strict=True)
        ),
        measures=tuple(Measure(id=f"m{i}", name="", decimals=0, bound=1) for i in range(1 + len(more))),
    )
    values = np.array([number, *more], "<i8").ravel()
    return cubes.plain(layout, values, np.tile(np.array(number, "<i4").ravel(), 1 + len(more)))


def line(number: list[int], *more: list[int]) -> Cube:
    """A table of one dimension."""
    return cube(number, *more, axes=("D",))  # type: ignore[arg-type]


def protected(
    table: Cube,
    threshold: int = 10,
    *,
    earlier: tuple[Kept, ...] = (),
    own: tuple[Kept, ...] = (),
    largest: "np.typing.NDArray[np.int64] | None" = None,
    measures: dict[str, Measured] | None = None,
    parents: dict[str, dict[str, str]] | None = None,
    **rules: object,
) -> Protected:
    return sdc.protected(
        table,
        Rules(threshold=threshold, **rules),  # type: ignore[arg-type]
        measures=measures or {},
        earlier=earlier,
        own=own,
        largest=largest,
        parents=parents,
    )


def hidden(found: Protected) -> list[int]:
    """Places of the suppressed keys."""
    return np.flatnonzero(found.cube.status[: found.cube.layout.cells] == Q).tolist()


def reach(kept: Kept, of: tuple[Kept, ...], cell: int) -> tuple[float, float]:
    """How low and how high a cell may be for whoever knows all that is not hidden of some tables of D and E.

    An oracle of its own: the unknown are the finest cells of D x E alone, every margin that is shown an equation.
    """
    rows, columns = (len(one.codes) - 1 for one in of[0].table.variables)
    equations, sums = [], []

    def sum_of(table: tables.Table, at: int) -> np.typing.NDArray[np.int64]:
        named = {one.id: code for one, code in zip(table.variables, table.key(at), strict=True)}
        parts = np.zeros((rows, columns), np.int64)
        row, column = (named.get(id, "_T") for id in ("D", "E"))
        parts[
            slice(None) if row == "_T" else int(row[1:]),
            slice(None) if column == "_T" else int(column[1:]),
        ] = 1
        return parts.ravel()

    for one in of:
        for at in np.flatnonzero(~one.hidden).tolist():
            equations.append(sum_of(one.table, at))
            sums.append(int(one.table.values[at]))
    aim = sum_of(kept.table, cell).astype(float)
    known = (np.array(equations), np.array(sums)) if equations else (None, None)
    ends = [linprog(sign * aim, A_eq=known[0], b_eq=known[1], bounds=(0, None)) for sign in (1, -1)]
    return ends[0].fun, float("inf") if ends[1].status == 3 else -ends[1].fun


def wide(kept: Kept, of: tuple[Kept, ...], cell: int, threshold: int = 5) -> bool:
    """Whether a small cell may be as large as the threshold, and as much smaller than it is, or 1: none is blank."""
    value = int(kept.table.values[cell])
    low, high = reach(kept, of, cell)
    return high >= threshold - 1e-6 and low <= max(1, 2 * value - threshold) + 1e-6


@settings(max_examples=20, deadline=None)
@given(number=TABLES)
def test_every_small_cell_may_be_as_large_as_one_that_is_shown_and_as_far_below(number: list[list[int]]) -> None:
    found = protected(cube(number), 5, coalition=0)
    (persons,) = found.kept
    small = np.flatnonzero((persons.table.values > 0) & (persons.table.values < 5))
    assert persons.hidden[small].all()
    assert all(wide(persons, found.kept, cell) for cell in small.tolist())


@settings(max_examples=20, deadline=None)
@given(number=TABLES, first=st.booleans())
def test_a_second_table_gives_nothing_of_the_first_away(number: list[list[int]], first: bool) -> None:
    """By D and E, and by D alone, in either order: both patterns together leave each small cell its interval."""
    by_both, by_one = cube(number), line([sum(row) for row in number])
    order = (by_one, by_both) if first else (by_both, by_one)
    before = protected(order[0], 5, coalition=0)
    after = protected(order[1], 5, coalition=0, earlier=before.kept)
    kept = (*after.kept, *before.kept) if first else (*before.kept, *after.kept)
    for one in kept:
        small = np.flatnonzero((one.table.values > 0) & (one.table.values < 5))
        assert all(wide(one, kept, cell) for cell in small.tolist())


@given(number=TABLES)
@settings(max_examples=10, deadline=None)
def test_nothing_else_changes_and_nothing_of_a_hidden_cell_is_left(number: list[list[int]]) -> None:
    table = cube(number, number)
    found = protected(table, 5)
    places = hidden(found)
    both = [*places, *(place + table.layout.cells for place in places)]
    rest = np.setdiff1d(np.arange(table.layout.length), both)
    assert table.values[rest].tolist() == found.cube.values[rest].tolist()
    assert {A} >= set(found.cube.status[rest].tolist())
    back = cubes.decode(cubes.encode(found.cube))
    for name in ("values", "contributors", "sampling", "noise"):
        assert [0] * len(both) == getattr(back, name)[both].tolist()
    assert [int(place in places) for place in range(table.layout.cells)] == found.withheld.tolist()


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        ([50, 3, 20, 40], [1, 2]),
        ([50, 3, 4, 20], [1, 2, 3]),  # 3 and 4 are 7 together: neither could be a 10
        ([50, 10, 20], []),  # at the threshold is not below it
        ([50, 0, 0, 20], []),  # true zeros are shown
        ([50, 0, 3, 0], [0, 2]),
        ([0, 3, 0, 0], [0, 1, 2, 3]),  # all persons stand in one small cell: zeros would tell in which
        ([0, 0], []),
        ([3], [0]),
    ],
)
def test_tables_by_hand(cells: list[int], wanted: list[int]) -> None:
    assert wanted == hidden(protected(line(cells)))


def test_a_cell_is_hidden_in_all_its_measures_and_no_reader_is_told_why() -> None:
    found = protected(line([50, 3, 20], [500, 30, 200]), measures=SUM)
    assert [50, 0, 0, 500, 0, 0] == found.cube.values.tolist()
    assert [A, Q, Q, A, Q, Q] == found.cube.status.tolist()
    assert ("", "threshold", "secondary") == found.reasons


def test_what_one_measure_hides_is_hidden_in_all() -> None:
    """Enough persons everywhere, but one of them has nearly all of a sum."""
    income = [500, 300, 200, 400]
    parts = np.zeros((1, 2, 4), np.int64)
    parts[0, 1] = [20, 290, 10, 20]
    found = protected(line([50, 30, 20, 40], income), measures=SUM, largest=parts, dominance=(Dominance(n=1, k=80),))
    assert "dominance" == found.reasons[1]
    assert 2 <= len(hidden(found)) < 4
    assert all(found.cube.status[place] == found.cube.status[place + 4] == Q for place in hidden(found))


def test_a_rule_that_cannot_be_kept_hides_every_cell_and_says_why_at_home() -> None:
    table = line([50, 30, 20], [500, 300, 200])
    found = protected(table, measures=SUM, p=10)
    assert ("largest", [0, 1, 2]) == (found.whole, hidden(found))
    below = protected(line([50, 30, 20], [500, -300, 200]), measures=SUM, p=10)
    assert ("values", [0, 1, 2]) == (below.whole, hidden(below))
    assert ("", []) == (protected(table, measures=SUM).whole, hidden(protected(table, measures=SUM)))


def test_a_sensitive_cell_that_an_earlier_table_pins_down_hides_the_whole_table() -> None:
    """By D everything was shown; by another list of D of which one group is a single code, nothing can be hidden."""
    before = protected(line([12, 30, 40]))
    listed = protected(line([12, 30, 40]), earlier=before.kept, sensitive=({"D": "D0"},))
    assert ("threshold" not in listed.reasons, "sensitive") == (True, listed.reasons[0])
    finer = cube([[9, 3], [30, 0], [40, 0]])
    found = protected(finer, earlier=before.kept)
    # 12 of D0 was shown: 9 and 3 cannot both be anything up to 10 within it, so that one of them would be a 2 at least
    assert "" == found.whole
    assert {0, 1} <= set(hidden(found))


def test_a_table_of_which_too_much_is_sensitive_is_hidden_whole_before_a_pattern_is_looked_for() -> None:
    """Of 1,600 cells of one person each, every one must hold against 1,600 respondents: 2,561,600 attacks."""
    found = protected(cube([[1] * 40 for _ in range(40)]), coalition=1)
    assert ("dense", [Q] * 1600) == (found.whole, found.cube.status.tolist())


def test_groups_of_a_code_list_are_margins_too() -> None:
    """West is two regions: with one of them hidden, the other one goes, as West is taken to be known."""
    parents = {"D": {"D0": "WEST", "D1": "WEST", "D2": "EAST", "D3": "EAST"}}
    assert [0, 1] == hidden(protected(line([3, 50, 20, 40]), parents=parents))
    assert [0, 2] == hidden(protected(line([3, 50, 20, 40])))


def test_the_same_question_has_the_same_pattern_whatever_came_between() -> None:
    table = line([50, 3, 20, 40])
    own = protected(table)
    after = protected(table, 30, own=own.kept)  # a stricter policy meanwhile takes nothing back
    assert hidden(own) == hidden(after)
    counted_anew = protected(line([50, 4, 20, 40]), own=own.kept)
    assert {1, 2} <= set(hidden(counted_anew))


def test_one_person_more_is_not_told_by_two_tables() -> None:
    """The same cell once with 30 and once with 31 persons: both shown would be that one's answer."""
    before = protected(line([30, 40, 50]))
    found = protected(line([31, 40, 50]), earlier=before.kept)
    assert 0 in hidden(found)
    apart = protected(line([60, 40, 50]), earlier=before.kept)  # thirty more are no one's secret
    assert [] == hidden(apart)


def test_a_threshold_below_one_is_refused() -> None:
    with pytest.raises(ConfigError):
        protected(line([1, 2]), 0)


def test_the_norm_may_ask_more_than_the_policy_and_the_policy_more_than_the_norm() -> None:
    norm = sample.norm()
    least = norm.protection.threshold
    assert least == sdc.rules(National(publish=True, threshold=1), norm).threshold
    assert least + 7 == sdc.rules(National(publish=True, threshold=least + 7), norm).threshold
    assert ("rounding", 5) == (
        (found := sdc.rules(National(publish=True, threshold=1, way="rounding", base=5), None)).way,
        found.base,
    )


@pytest.mark.parametrize(("touched", "blanks"), [(1, [0, 1, 2]), (2, [0, 1, 2, 3])])
def test_who_stands_alone_in_two_cells_knows_both_where_one_person_may(touched: int, blanks: list[int]) -> None:
    """700 and 900 are one person's then, who takes them out of what three blanks have together, and has the third."""
    table = line([1, 1, 2, 40, 50, 60], [700, 900, 800, 20_000, 30_000, 45_000])
    asked = Rules(threshold=3, coalition=1, zeros=True)
    found = sdc.protected(table, asked, measures={"m1": Measured(what="sum", counts=False, part=0)}, touched=touched)
    assert blanks == hidden(found)


def test_a_total_too_large_to_be_reckoned_with_is_refused_by_its_measure() -> None:
    """Two cells of 2^52 + 1 each: each can be reckoned with, their total cannot."""
    with pytest.raises(FormatError) as refused:
        protected(line([50, 60], [2**52 + 1, 2**52 + 1]), measures=SUM)
    assert "m1: D=_T" == refused.value.where
    assert str(2**53 + 2) not in str(refused.value)
