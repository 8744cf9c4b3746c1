"""A table is a table if whole numbers say so: what a solver's floating point finds is not believed."""

from fractions import Fraction

import numpy as np
import pytest
from scipy.sparse import csc_array

from comity.stages.protect import certificate
from comity.stages.protect.problem import UNBOUNDED
from comity.stages.protect.unknown import Component


def component(rows: list[list[int]], below: list[int], above: list[int]) -> Component:
    return Component(
        cells=np.arange(len(below)),
        relations=csc_array(np.array(rows, np.int64)),
        below=np.array(below),
        above=np.array(above),
    )


PAIR = component([[1, 1]], [5, 20], [UNBOUNDED, 30])


def test_a_vertex_in_floating_point_is_written_in_whole_numbers() -> None:
    found = certificate.written(PAIR, [np.array([19.999999999, -20.000000001])])
    assert ([[20, -20]], [1]) == (found.moves.tolist(), found.denominators.tolist())


@pytest.mark.parametrize("moves", [(20, -19), (21, -21), (-6, 6), (-31, 31), (2**61, -(2**61))])
def test_what_breaks_a_relation_or_a_bound_is_no_table(moves: tuple[int, int]) -> None:
    assert [False] == certificate.holds(PAIR, np.array([moves]), 1).tolist()


@pytest.mark.parametrize("found", [(20.0, -19.0), (0.1, -0.2), (21.0, -21.0), (-6.0, 6.0), (2.0**62, -(2.0**62))])
def test_what_a_solver_found_wrongly_is_mended_or_left_out(found: tuple[float, float]) -> None:
    for one, other in certificate.written(PAIR, [np.array(found)]).moves.tolist():
        assert (0, True, True) == (one + other, -5 <= one, -20 <= other <= 30)


# a = 2 b - x, b = 2 c, c = 2 d, d = 2 e, e = 2 a: thirty-one of a are x
RING = component(
    [[1, -2, 0, 0, 0, 1], [0, 1, -2, 0, 0, 0], [0, 0, 1, -2, 0, 0], [0, 0, 0, 1, -2, 0], [-2, 0, 0, 0, 1, 0]],
    [100] * 6,
    [100, 100, 100, 100, 100, 7],
)


def test_fractions_over_a_rare_denominator_are_guessed_and_found_by_elimination() -> None:
    exact = [Fraction(7 * factor, 31) for factor in (1, 16, 8, 4, 2, 31)]
    found = certificate.written(RING, [np.array([float(move) for move in exact])])
    assert [31] == found.denominators.tolist()
    assert [7, 112, 56, 28, 14, 217] == found.moves[0].tolist()
    assert exact == certificate.solved(RING, np.array([float(move) for move in exact]), {})
    assert 31 == certificate.common(np.array([float(move) for move in exact]))


def test_a_fraction_is_rounded_towards_the_truth() -> None:
    found = certificate.written(component([[1, 1]], [5, 20], [9, 30]), [np.array([2.5, -2.5]), np.array([-4.5, 4.5])])
    assert ([2, 4], [4, 2]) == (found.up().tolist(), found.down().tolist())
    assert ([True, False], [False, False]) == (found.reaching(0, 2).tolist(), found.reaching(0, 3).tolist())
    assert ([False, True], [False, False]) == (found.reaching(0, -4).tolist(), found.reaching(0, -5).tolist())
