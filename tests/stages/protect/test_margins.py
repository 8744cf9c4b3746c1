"""Margins out of the finest cells: never more contributors than there are, never smaller largest parts."""

from collections.abc import Iterator, Mapping
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import FormatError
from comity.stages.protect import margins, tables
from comity.stages.protect.margins import Margins

REGIONS = ("N1", "N2", "S1")
NORTH = {"N1": "NORTH", "N2": "NORTH"}
SEXES = ("F", "M")
CELLS = tuple(product(REGIONS, SEXES))

Person = Mapping[tuple[str, str], int]
"""What one person contributes to each cell that he stands in."""


def people(touched: int) -> st.SearchStrategy[list[Person]]:
    person = st.dictionaries(st.sampled_from(CELLS), st.integers(0, 100), min_size=1, max_size=touched)
    return st.lists(person, max_size=12)


def within(code: str, region: str) -> bool:
    return code in ("_T", region) or NORTH.get(region) == code


def parts(persons: list[Person], region: str, sex: str) -> list[int]:
    """What each person of a cell or margin contributes to it, the largest first."""
    own = [
        [part for (place, gender), part in person.items() if within(region, place) and sex in ("_T", gender)]
        for person in persons
    ]
    return sorted((sum(of) for of in own if of), reverse=True)


def largest(of: list[int], n: int) -> list[int]:
    return [*of, *[0] * n][:n]


def counted(persons: list[Person], n: int) -> Margins:
    """What is known of every cell, persons by persons: codes as `tables.variable` orders them."""
    every = [parts(persons, *cell) for cell in product(("_T", "NORTH", *REGIONS), ("_T", *SEXES))]
    return Margins(number=np.array([len(of) for of in every]), largest=np.array([largest(of, n) for of in every]).T)


def table(persons: list[Person], touched: int, n: int = 2, known: Margins | None = None) -> tables.Table:
    cells = [parts(persons, *cell) for cell in CELLS]
    return tables.extended(
        [("REGION", REGIONS), ("SEX", SEXES)],
        np.array([sum(of) for of in cells]),
        np.array([len(of) for of in cells]),
        np.array([largest(of, n) for of in cells]).T,
        counts=False,
        parents={"REGION": NORTH},
        touched=touched,
        counted=known,
    )


def every(found: tables.Table, persons: list[Person]) -> Iterator[tuple[int, list[int]]]:
    """Each cell of a table, beside what its persons truly contribute."""
    for cell in range(found.cells):
        region, sex = found.key(cell)
        yield cell, parts(persons, region, sex)


@given(persons=people(1))
def test_of_people_who_stand_in_one_cell_all_is_known(persons: list[Person]) -> None:
    found = table(persons, 1)
    for cell, truly in every(found, persons):
        expected = (sum(truly), len(truly), largest(truly, 2))
        assert expected == (found.values[cell], found.number[cell], found.largest[:, cell].tolist())


@given(persons=people(3), n=st.integers(1, 3))
def test_of_people_who_stand_in_several_cells_the_side_that_hides_more_is_taken(persons: list[Person], n: int) -> None:
    """As few contributors as there may be, and the m largest together never below the truth."""
    found = table(persons, 3, n)
    for cell, truly in every(found, persons):
        assert sum(truly) == found.values[cell]
        assert found.number[cell] <= len(truly)
        assert (found.number[cell] > 0) == (len(truly) > 0)
        for m in range(1, n + 1):
            assert sum(largest(truly, m)) <= found.largest[:m, cell].sum() <= found.values[cell]


@given(persons=people(3), n=st.integers(1, 3))
def test_of_margins_that_were_counted_all_is_known(persons: list[Person], n: int) -> None:
    """In spite of people who stand in several cells: neither fewer contributors nor larger ones than there are."""
    found = table(persons, 3, n, counted(persons, n))
    for cell, truly in every(found, persons):
        expected = (len(truly), len(truly) == 1, largest(truly, n))
        assert expected == (found.number[cell], found.alone[cell], found.largest[:, cell].tolist())


@pytest.mark.parametrize("others", [[{("N1", "F"): 5}], []])
def test_margins_of_another_table_are_refused(others: list[Person]) -> None:
    persons: list[Person] = [{("N1", "F"): 5, ("S1", "M"): 1}]
    with pytest.raises(FormatError, match="margins of another table"):
        table(persons, 3, 2, counted(others, 2))


@given(persons=people(3), touched=st.sampled_from([1, 3]))
def test_nobody_is_said_to_be_alone_who_may_have_company(persons: list[Person], touched: int) -> None:
    """Two who are alone in two cells may be one person, as far as the sums tell: their margin is neither's alone."""
    persons = [dict([*person.items()][:touched]) for person in persons]
    found = table(persons, touched)
    for cell, truly in every(found, persons):
        assert not found.alone[cell] or len(truly) == 1
        assert touched > 1 or found.alone[cell] == (len(truly) == 1)


@given(persons=people(3))
def test_a_margin_of_one_cell_says_what_the_cell_says(persons: list[Person]) -> None:
    """Errors to one side are not made where nothing is added up."""
    cells = [parts(persons, "_T", sex) for sex in SEXES]
    found = tables.extended(
        [("REGION", ["N1"]), ("SEX", SEXES)],
        np.array([sum(of) for of in cells]),
        np.array([len(of) for of in cells]),
        np.array([largest(of, 2) for of in cells]).T,
        counts=False,
        touched=3,
    )
    shape = found.shape
    for array in (found.values, found.number, *found.largest):
        assert array.reshape(shape)[0].tolist() == array.reshape(shape)[1].tolist()


def test_the_finest_codes_are_those_without_children() -> None:
    assert [2, 3, 4] == margins.leaves((-1, 0, 1, 1, 0)).tolist()


def test_levels_are_counted_from_the_top() -> None:
    """A group of two codes with a group of one of them within it, and a code of no group."""
    assert [[3, 4, 5], [2, -1, -1], [1, 1, -1], [0, 0, 0]] == [
        level.tolist() for level in margins.levels((-1, 0, 1, 2, 1, 0))
    ]


@given(above=st.lists(st.integers(0, 30), max_size=12))
def test_a_group_stands_on_one_level_with_all_codes_below_it(above: list[int]) -> None:
    """Whoever adds up a level at a time would else count a person twice who stands in codes of two depths."""
    parents = (-1, *(parent % (i + 1) for i, parent in enumerate(above)))
    leaves, levels = margins.leaves(parents).tolist(), margins.levels(parents)
    assert leaves == levels[0].tolist()
    for group in set(range(len(parents))) - set(leaves):
        (found,) = (level.tolist() for level in levels if group in level)
        assert [_is_below(leaf, group, parents) for leaf in leaves] == [above == group for above in found]


def _is_below(code: int, group: int, parents: tuple[int, ...]) -> bool:
    return code == group or (code > 0 and _is_below(parents[code], group, parents))


def test_nobody_knows_the_largest_of_a_margin_of_cells_whose_nobody_knows() -> None:
    number = np.array([1, 2])
    assert (0, 3) == tables.extended([("SEX", SEXES)], number, number, counts=True, touched=2).largest.shape
