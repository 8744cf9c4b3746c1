"""Tables protected elsewhere: every cell that is reckoned too closely is found, and no other, by a second solver."""

from collections.abc import Collection, Mapping, Sequence
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from comity.errors import FormatError
from comity.model.cell_file import CellFile
from comity.model.protection import Rules
from comity.stages.protect import checking, placing, recovering
from comity.stages.protect.cells import Cells

FORM = CellFile(counts=True)
AREAS, SEXES = "abc", "xyz"
Key = tuple[str, str]
KEYS: list[Key] = [*product([*AREAS, "_T"], [*SEXES, "_T"])]
SUMS: list[tuple[Key, list[Key]]] = [
    *(((area, "_T"), [(area, sex) for sex in SEXES]) for area in [*AREAS, "_T"]),
    *((("_T", sex), [(area, sex) for area in AREAS]) for sex in [*SEXES, "_T"]),
]


def whole(values: Sequence[int]) -> dict[Key, int]:
    """Figures of 3 x 3 cells and their margins."""
    figures = dict(zip(product(AREAS, SEXES), values, strict=True))
    for total, parts in sorted(SUMS, key=lambda one: one[0] == ("_T", "_T")):
        figures[total] = sum(figures[part] for part in parts if part in figures)
    return {key: figures[key] for key in KEYS}


def file(figures: Mapping[Key, int], blanks: Collection[Key] = (), name: str = "a.csv") -> Cells:
    columns = {
        "AREA": [area for area, _ in figures],
        "SEX": [sex for _, sex in figures],
        "OBS_VALUE": ["" if key in blanks else str(value) for key, value in figures.items()],
        "OBS_STATUS": ["Q" if key in blanks else "A" for key in figures],
    }
    return Cells(name=name, columns=columns)


def ends(figures: Mapping[Key, int], blanks: Collection[Key], key: Key, least: int = 0) -> tuple[float, float]:
    """By scipy over the whole table: blanks at least so much, all else as it is, every sum kept."""
    rows = np.array([[float(one in parts) - float(one == total) for one in KEYS] for total, parts in SUMS])
    bounds = [(least, None) if one in blanks else (figures[one], figures[one]) for one in KEYS]
    found = []
    for sign in (1, -1):
        cost = [sign * float(one == key) for one in KEYS]
        ended = linprog(cost, A_eq=rows, b_eq=np.zeros(len(rows)), bounds=bounds, method="highs")
        found.append(float("inf") if ended.status == 3 else sign * float(ended.fun))
    return found[0], found[1]


def name(key: Key) -> str:
    return f"a.csv: AREA={key[0]} SEX={key[1]}"


VALUES = st.lists(st.integers(0, 9), min_size=9, max_size=9)
BLANKS = st.sets(st.sampled_from([*product(AREAS, SEXES), ("_T", "x"), ("a", "_T")]), max_size=7)


@given(VALUES, BLANKS)
@settings(max_examples=40)
def test_without_the_truth_a_blank_is_found_if_and_only_if_it_has_one_value(
    values: list[int], blanks: set[Key]
) -> None:
    figures = whole(values)
    found = recovering.recoverable([file(figures, blanks)], FORM)
    wanted = {}
    for key in blanks:
        low, high = ends(figures, blanks, key)
        if high - low < 1e-6:
            wanted[name(key)] = (str(round(low)), str(round(high)))
    assert wanted == {one.cell: (one.low, one.high) for one in found.findings}
    assert (len(blanks), None) == (found.blanks, found.sensitive)


@given(VALUES, BLANKS)
@settings(max_examples=40)
def test_with_the_truth_every_sensitive_cell_is_judged_and_every_other_left(
    values: list[int], blanks: set[Key]
) -> None:
    """A count of 1 to 3 must seem to be able to be 4, and to be as far below itself, or 1: zeros are no blanks."""
    figures = whole(values)
    blanks = {key for key in blanks if figures[key]}
    placed = placing.placed([file(figures)], FORM)
    rules = Rules(threshold=4, coalition=0)
    found = checking.checked(placed, [file(figures, blanks, "published.csv")], FORM, rules)
    wanted = set()
    for key in (one for one in KEYS if 0 < figures[one] < 4):
        low, high = ends(figures, blanks, key, least=1)
        enough = high >= 4 - 1e-6 and low <= max(figures[key] - (4 - figures[key]), 1) + 1e-6
        if key not in blanks or not enough:
            wanted.add(name(key))
    assert wanted == {one.cell for one in found.findings}
    assert sum(0 < one < 4 for one in figures.values()) == found.sensitive


def test_who_is_alone_in_a_cell_finds_what_others_do_not() -> None:
    """Two blanks in a row and column, one of them a single person: that person subtracts herself."""
    figures = whole([1, 2, 9, 9, 9, 9, 9, 9, 9])
    placed = placing.placed([file(figures)], FORM)
    blanks = [("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")]
    by_anybody, by_her = (
        checking.checked(placed, [file(figures, blanks)], FORM, Rules(threshold=3, coalition=size, zeros=True))
        for size in (0, 1)
    )
    assert () == by_anybody.findings
    (finding,) = by_her.findings
    assert (name(("a", "y")), (name(("a", "x")),), "2", "2") == (finding.cell, finding.known, finding.low, finding.high)
    assert ("1", "3") == finding.needs


def test_a_margin_in_no_file_counts_as_known_and_a_blank_one_does_not() -> None:
    figures = whole([1, 5, 6, 9, 9, 9, 9, 9, 9])
    placed = placing.placed([file(figures)], FORM)
    inner = {key: value for key, value in figures.items() if "_T" not in key}
    blanks = [("a", "x"), ("a", "y")]
    lacking = checking.checked(placed, [file(inner, blanks)], FORM, Rules(threshold=3))
    kept_back = checking.checked(placed, [file(figures, [*blanks, ("_T", "x"), ("_T", "y")])], FORM, Rules(threshold=3))
    assert ({name(("a", "x"))}, 7) == ({one.cell for one in lacking.findings}, lacking.margins)
    assert ((), 0) == (kept_back.findings, kept_back.margins)


def test_cells_that_the_published_file_leaves_out_are_kept_back() -> None:
    figures = whole([1, 5, 6, 4, 9, 9, 9, 9, 9])
    square = [("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")]
    placed = placing.placed([file(figures)], FORM)
    without = {key: value for key, value in figures.items() if key not in square}
    found = checking.checked(placed, [file(without)], FORM, Rules(threshold=3))
    assert (4, ()) == (found.blanks, found.findings)


def test_a_published_figure_that_is_not_the_true_one_is_told_by_its_cell_alone() -> None:
    figures = whole([1, 5, 6, 4, 9, 9, 9, 9, 9])
    placed = placing.placed([file(figures)], FORM)
    with pytest.raises(FormatError, match="AREA=a SEX=y: was published with another figure") as refusal:
        checking.checked(placed, [file({**figures, ("a", "y"): 77})], FORM, Rules(threshold=3))
    assert "77" not in str(refusal.value)


def test_figures_that_no_table_can_have_are_refused() -> None:
    """A total below its only shown part."""
    figures = {**whole([1, 5, 6, 4, 9, 9, 9, 9, 9]), ("a", "_T"): 3}
    with pytest.raises(FormatError, match="figures that no table can have"):
        recovering.recoverable([file(figures, [("a", "x"), ("a", "y")])], FORM)


def test_two_files_that_contradict_each_other_are_refused() -> None:
    figures = whole([1, 5, 6, 4, 9, 9, 9, 9, 9])
    other = Cells(name="b.csv", columns={"AREA": ["a", "b", "c", "_T"], "OBS_VALUE": ["12", "23", "27", "62"]})
    with pytest.raises(FormatError, match="contradict"):
        recovering.recoverable([file(figures), other], FORM)


def test_a_blank_of_one_table_that_another_gives_away_is_found() -> None:
    """Linked tables: each alone is safe; the second shows the total that the first keeps back."""
    figures = whole([1, 5, 6, 4, 9, 9, 9, 9, 9])
    first = file(figures, [("a", "x"), ("a", "_T"), ("_T", "x"), ("_T", "_T")])
    other = Cells(name="b.csv", columns={"AREA": ["a", "b", "c", "_T"], "OBS_VALUE": ["12", "22", "27", "61"]})
    assert () == recovering.recoverable([first], FORM).findings
    found = recovering.recoverable([first, other], FORM)
    assert {name(("a", "x")), name(("_T", "x"))} == {one.cell for one in found.findings}
