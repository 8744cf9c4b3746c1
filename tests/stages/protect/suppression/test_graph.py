"""Surroundings and parts, by walks over the relations one by one."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.stages.protect.problem import Problem
from comity.stages.protect.suppression.graph import Graph
from tests.builders.problems import problems


def walked(problem: Problem, cell: int, allowed: set[int], steps: int) -> set[int]:
    """Allowed cells within so many steps, a step being a relation."""
    members = [set(np.flatnonzero(row).tolist()) for row in problem.relations.toarray()]
    seen = {cell}
    for _ in range(steps):
        seen |= {at for row in members if row & seen for at in row & allowed}
    return seen


@given(problem=problems(), data=st.data())
@settings(max_examples=60, deadline=None)
def test_surroundings_are_whole_steps_of_allowed_cells(problem: Problem, data: st.DataObject) -> None:
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=problem.cells, max_size=problem.cells)))
    cell = data.draw(st.integers(0, problem.cells - 1))
    near = data.draw(st.integers(1, problem.cells))
    allowed = set(np.flatnonzero(mask).tolist())
    none = np.zeros(problem.cells, bool)
    cells, beside = Graph(problem.relations).around(cell, mask, none, near, near)
    balls = [walked(problem, cell, allowed, steps) for steps in range(problem.cells)]
    wanted = next((ball for ball in balls if len(ball) >= near), balls[-1])
    assert sorted(wanted) == cells.tolist()
    assert set(beside.tolist()) <= balls[1]


@given(problem=problems(), data=st.data())
@settings(max_examples=60, deadline=None)
def test_parts_move_independently_and_nothing_in_them_stands_alone(problem: Problem, data: st.DataObject) -> None:
    """What is stripped is found by the relations alone: each with one unknown cell gives it away, again and again."""
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=problem.cells, max_size=problem.cells)))
    members = [set(np.flatnonzero(row).tolist()) for row in problem.relations.toarray()]
    left = set(np.flatnonzero(mask).tolist())
    while given_away := {at for row in members if len(row & left) == 1 for at in row & left}:
        left -= given_away
    graph = Graph(problem.relations)
    parts = [set(part.tolist()) for part in graph.components(mask)]
    assert left == set().union(*parts)
    assert left == set(np.flatnonzero(graph.loose(mask)).tolist())
    assert all(not row & part or row & left <= part for part in parts for row in members)
    for part in parts:
        inside = np.isin(np.arange(problem.cells), sorted(part))
        assert part == walked(problem, min(part), part, int(inside.sum()))
