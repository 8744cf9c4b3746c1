"""A second attacker: scipy's linear programmes on the whole table, nothing reduced, nothing kept warm, no code of ours.

It knows what the first one knows, tries each coalition one by one, and finds the same intervals and breaches.
"""

from collections.abc import Collection
from dataclasses import replace
from itertools import combinations
from math import ceil, floor, inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import linprog

from comity.stages.protect import attacker
from comity.stages.protect.problem import UNBOUNDED, Problem
from tests.builders import counts
from tests.builders.hierarchies import named

NEAR = 1e-6


def interval(problem: Problem, suppressed: NDArray[np.bool_], cell: int, known: Collection[int]) -> tuple[int, int]:
    """By the definition: every table that adds up, with the cells shown or known as they are."""
    bounds = []
    for at, value in enumerate(problem.values.tolist()):
        free = suppressed[at] and at not in known
        top = None if problem.ceiling[at] == UNBOUNDED else int(problem.ceiling[at])
        bounds.append((int(problem.floor[at]), top) if free else (value, value))
    ends = []
    for sign in (1, -1):
        cost = np.zeros(problem.cells)
        cost[cell] = sign
        rows = problem.relations
        found = linprog(cost, A_eq=rows, b_eq=np.zeros(rows.shape[0]), bounds=bounds, method="highs")
        assert found.status in (0, 3), found.message
        ends.append(sign * found.fun if found.status == 0 else sign * -inf)
    return ceil(ends[0] - NEAR), UNBOUNDED if ends[1] == inf else floor(ends[1] + NEAR)


def persons(problem: Problem) -> list[set[int]]:
    """Who is alone in a cell is alone in each part of it that is not empty, and in each whole that has no others."""
    rows = problem.relations.toarray()
    groups = [{cell} for cell in np.flatnonzero(problem.alone).tolist()]
    for row in rows:
        total, parts = np.flatnonzero(row < 0), np.flatnonzero(row > 0)
        for at in total[problem.alone[total]]:
            same = {int(at), *(int(part) for part in parts if problem.alone[part])}
            met = [group for group in groups if group & same]
            groups = [group for group in groups if not group & same] + [set().union(*met)]
    return groups


def within(problem: Problem, cell: int, person: set[int]) -> int:
    """What a person knows that he gave to a cell: the largest of his cells that is a part of it, or of its parts."""
    rows, own = problem.relations.toarray(), 0
    below, seen = [cell], {cell}
    while below:
        at = below.pop()
        own = max(own, int(problem.values[at])) if at in person else own
        for row in rows[rows[:, at] < 0]:
            new = {int(part) for part in np.flatnonzero(row > 0) if problem.values[part]} - seen
            seen |= new
            below += new
    return own


def breaches(problem: Problem, suppressed: NDArray[np.bool_]) -> set[tuple[int, frozenset[int]]]:
    """Each primary, with the persons (by their first cell) who reckon it; who needs no other is named without."""
    who = persons(problem) if problem.coalition else []
    found: set[tuple[int, frozenset[int]]] = set()
    for cell in np.flatnonzero(problem.primary).tolist():
        others = [person for person in who if cell not in person]
        groups = [group for size in range(problem.coalition + 1) for group in combinations(others, size)]
        for group in groups:
            names = frozenset(min(person) for person in group)
            if any(at == cell and less <= names for at, less in found):
                continue
            low, high = interval(problem, suppressed, cell, set().union(*group))
            value = int(problem.values[cell])
            own = sum(within(problem, cell, person) for person in group)
            least = max(0, min(int(problem.lower[cell]), value - own))
            if high < value + int(problem.upper[cell]) or low > value - least:
                found.add((cell, names))
    return found


def few(found: set[tuple[int, frozenset[int]]]) -> set[tuple[int, frozenset[int]]]:
    """Pairs of which neither is enough, in either direction."""
    return {(cell, names) for cell, names in found if not any(at == cell and less < names for at, less in found)}


@st.composite
def patterns(draw: st.DrawFn) -> tuple[Problem, NDArray[np.bool_]]:
    """Small tables of counts, some with what everybody knows; secondaries at random."""
    problem = draw(counts.problems(dimensions=3, largest=6))
    flags = draw(st.lists(st.booleans(), min_size=problem.cells, max_size=problem.cells))
    suppressed = problem.primary | (problem.open & np.array(flags, bool))
    if draw(st.booleans()):
        wide = draw(st.integers(1, 20))
        known = problem.values + wide
        low = np.maximum(problem.floor, problem.values - wide)
        problem = replace(problem, ceiling=np.minimum(known, problem.ceiling), floor=low)
    return problem, suppressed


@settings(max_examples=15, deadline=None)
@given(patterns(), st.data())
def test_both_attackers_find_the_same_intervals(case: tuple[Problem, NDArray[np.bool_]], data: st.DataObject) -> None:
    problem, suppressed = case
    hidden = np.flatnonzero(suppressed).tolist()
    known = data.draw(st.lists(st.sampled_from(hidden), max_size=2, unique=True)) if hidden else []
    ours = attacker.audit(problem, suppressed, known=known)
    for cell in np.flatnonzero(problem.primary).tolist()[:8]:
        assert interval(problem, suppressed, cell, known) == (ours.low[cell], ours.high[cell])
    for cell in hidden[:8]:
        low, high = interval(problem, suppressed, cell, known)
        assert low <= ours.low[cell] <= problem.values[cell] <= ours.high[cell] <= high


@pytest.mark.parametrize("coalition", [0, 1, 2])
@settings(max_examples=8, deadline=None)
@given(case=patterns())
def test_both_attackers_find_the_same_breaches(case: tuple[Problem, NDArray[np.bool_]], coalition: int) -> None:
    problem, suppressed = replace(case[0], coalition=coalition), case[1]
    first = {cell: min(person) for person in persons(problem) for cell in person}
    found = {
        (breach.cell, frozenset(first[cell] for cell in breach.known))
        for breach in attacker.breaches(problem, suppressed)
    }
    assert few(breaches(problem, suppressed)) == found


@pytest.mark.parametrize("share", [3, 12])
def test_both_attackers_find_the_same_intervals_in_a_table_of_magnitudes(share: int) -> None:
    """676 cells, two hierarchies and a flat variable, every third or twelfth cell suppressed besides the primaries."""
    problem = named("676")
    suppressed = problem.primary | (problem.open & (np.arange(problem.cells) % share == 0))
    ours = attacker.audit(problem, suppressed)
    chosen = np.flatnonzero(problem.primary)[::10].tolist()
    assert [interval(problem, suppressed, cell, ()) for cell in chosen] == [
        (ours.low[cell], ours.high[cell]) for cell in chosen
    ]
