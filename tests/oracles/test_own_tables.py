"""Linked tables, from counts to a pattern, judged by another who knows no relation: only persons in the finest cells.

The judge has a number of persons for each cell of the whole cross table, none below 0, and equations for all that is
shown of any table: a sum of those numbers. How large and how small a sensitive cell can be is a linear programme of
scipy over them. So it shares neither margins, nor linking, nor relations, nor the attacker with the code.
"""

from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import linprog

from comity.model.protection import Rules
from comity.stages.protect import tables
from comity.stages.protect.suppression.choose import choose
from comity.stages.protect.tables import Table

AREAS, SEXES, AGES = ("a", "b", "c"), ("F", "M"), ("y", "o")
FINEST = list(product(AREAS, SEXES, AGES))
WAYS: list[dict[str, str]] = [{}, {"a": "AB", "b": "AB"}, {"b": "BC", "c": "BC"}]


def table(people: NDArray[np.int64], other: str, way: dict[str, str]) -> Table:
    """Area by sex, or area by age, the areas grouped in some way."""
    cube = people.reshape(3, 2, 2)
    count, codes = (cube.sum(axis=2), SEXES) if other == "SEX" else (cube.sum(axis=1), AGES)
    return tables.extended(
        [("AREA", AREAS), (other, codes)], count.ravel(), count.ravel(), counts=True, parents={"AREA": way}
    )


def persons(of: Table, cell: int, way: dict[str, str]) -> NDArray[np.float64]:
    """Which of the finest cells a table's cell is the sum of, by its codes alone."""
    place, second = of.key(cell)
    at = 1 if of.variables[1].id == "SEX" else 2
    return np.array(
        [(place in ("_T", key[0], way.get(key[0]))) and second in ("_T", key[at]) for key in FINEST], np.float64
    )


@given(
    people=st.lists(st.integers(0, 6), min_size=12, max_size=12),
    ways=st.tuples(st.sampled_from(WAYS), st.sampled_from(WAYS)),
    zeros=st.booleans(),
)
@settings(max_examples=40)
def test_no_sensitive_cell_is_reckoned_from_all_that_the_tables_show(
    people: list[int], ways: tuple[dict[str, str], dict[str, str]], zeros: bool
) -> None:
    """Whatever is shown of two tables with one margin in common, each interval is as wide as the threshold asks."""
    both = [table(np.array(people), other, way) for other, way in zip(("SEX", "AGE"), ways, strict=True)]
    linked = tables.link(both, Rules(threshold=3, zeros=zeros, coalition=0))
    pattern = choose(linked.problem)
    sums, values, asked = [], [], {}
    some = []  # what everybody knows of blanks where zeros are shown: that somebody is there
    for one, place, way in zip(both, linked.places, ways, strict=True):
        for cell in range(one.cells):
            row, whole = persons(one, cell, way), int(place[cell])
            assert row @ people == one.values[cell]
            if not pattern.suppressed[whole]:
                assert one.values[cell] >= 3 or (one.values[cell] == 0 and not zeros)
                sums.append(row)
                values.append(float(one.values[cell]))
                continue
            if not zeros:
                some.append(row)
            if linked.problem.primary[whole] and whole not in pattern.unprotectable:
                asked[whole] = (row, int(one.values[cell]))
    shown = {"A_eq": np.array(sums), "b_eq": values} if sums else {}
    known = {"A_ub": -np.array(some), "b_ub": -np.ones(len(some))} if some else {}
    for row, value in asked.values():
        low, high = (linprog(sign * row, **shown, **known) for sign in (1, -1))
        assert 0 == low.status
        assert not zeros or low.fun <= max(0, value - (3 - value)) + 1e-6
        assert high.status == 3 or -high.fun >= 3 - 1e-6
