"""Witnesses, and the coalitions against which none of them serves."""

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.stages.protect.problem import Problem
from comity.stages.protect.suppression.demand import Demands, Root, needed
from tests.builders.problems import counted, problems


@given(problem=problems(), data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_gap_is_left_exactly_where_some_coalition_meets_every_witness(problem: Problem, data: st.DataObject) -> None:
    """All coalitions one by one, against some vectors; whether they keep the relations is no matter here."""
    demands = Demands(problem)
    people = sorted(set(demands.respondents.of[problem.alone].tolist()))
    cells = st.sets(st.integers(0, problem.cells - 1), min_size=1)
    for root in needed(problem)[:3]:
        witnesses = []
        for moved in data.draw(st.lists(cells, max_size=4)):
            places = np.array(sorted(moved | {root.cell}))
            witnesses.append(demands.witness(places, np.full(len(places), float(root.way))))
        himself = int(demands.respondents.of[root.cell])
        others = [who for who in people if who != himself]
        met = all(
            demands.level(root, frozenset(known)) <= 0
            or any(demands.meets(witness, root, frozenset(known)) for witness in witnesses)
            for size in range(problem.coalition + 1)
            for known in combinations(others, size)
        )
        gaps, used = demands.gaps(root, witnesses)
        assert met == (not gaps)
        assert set(used) <= set(witnesses)
        assert not gaps or all(len(known) <= problem.coalition for known in gaps)


def test_a_witness_goes_as_far_as_its_cells_may() -> None:
    """Two cells of a row against each other: one falls to 0, the other rises as much."""
    problem = counted(((2,), (2,)), [2, 5, 9, 9], coalition=0)
    demands = Demands(problem)
    two, five = (int(np.flatnonzero(problem.values == value)[0]) for value in (2, 5))
    cells = np.array(sorted([two, five]))
    witness = demands.witness(cells, np.where(cells == two, 1.0, -1.0))
    assert (5.0, 0.0) == (witness.reach(Root(two, 1)), witness.reach(Root(cell=0, way=1)))
    back = demands.witness(cells, np.where(cells == two, -1.0, 1.0))
    assert 2.0 == back.reach(Root(two, -1))
