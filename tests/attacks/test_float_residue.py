"""Float residue: the last bits of a noisy figure say what it was before the noise (Mironov, CCS 2012).

A draw in floating point reaches some numbers and not others, and which ones depends on the figure it is added to. Here
the outputs of every table are the same whole numbers, so no last bit tells one from another.
"""

import ast
import inspect
import math
from fractions import Fraction

import numpy as np
import pytest

from comity.model import discrete_gaussian, discrete_laplace, law, masses
from comity.model.law import Law
from comity.stages.protect import noise, sampler
from tests.builders.seal import Stream

LAWS = [Law("skellam", Fraction(36)), Law("discrete-gaussian", Fraction(36)), Law("discrete-laplace", Fraction(4))]
SCALE = 4.0
OUTPUTS = 100


def uniform(dice: Stream) -> float:
    """As every generator of floats makes it: a whole number of 53 bits, over 2^53."""
    return (int.from_bytes(dice(8), "big") >> 11 | 1) / 2**53


def float_laplace(value: float, dice: Stream) -> float:
    """The textbook's Laplace mechanism, as it stands in many a library."""
    sign = 1 if dice(1)[0] & 1 else -1
    return value + sign * SCALE * math.log(uniform(dice))


def reached(value: float, output: float) -> bool:
    """Whether the textbook's mechanism can give this output for this value at all: the attack."""
    for sign in (1, -1):
        near = math.exp((output - value) / (sign * SCALE)) * 2**53
        if near <= 2**53:
            for u in range(max(1, int(near) - 40), min(2**53, int(near) + 41)):
                if value + sign * SCALE * math.log(u / 2**53) == output:
                    return True
    return False


def test_without_whole_numbers_the_attack_tells_the_tables_apart() -> None:
    """A count of 6 or of 7, Laplace noise of scale 4 on floats: of a hundred outputs the attacker is certain."""
    dice = Stream("floats")
    outputs = [float_laplace(7.0, dice) for _ in range(OUTPUTS)]
    assert OUTPUTS == sum(reached(7.0, output) for output in outputs)
    assert sum(reached(6.0, output) for output in outputs) < 0.9 * OUTPUTS


def reach(law: Law, value: int) -> range:
    """Every output for a value that the sampler's table can give; a gap in it would be residue."""
    table = sampler.columns(law)
    found = np.unique(table.outcomes)
    assert np.array_equal(found, np.arange(found[0], found[-1] + 1))
    return range(value + int(found[0]), value + int(found[-1]) + 1)


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_every_whole_number_is_reached_from_every_value(law: Law) -> None:
    """One lattice, spacing 1, without a hole: an output that rules a neighbour out lies beyond twelve deviations."""
    one, other = reach(law, 6), reach(law, 7)
    assert (one.step, one[0] + 1, one[-1] + 1) == (other.step, other[0], other[-1])
    beyond = law.masses.tail(one[-1] - 6) + law.masses.mass(one[-1] - 6)
    assert beyond < Fraction(1, 2**120)
    outputs = 7 + noise.draw(law, OUTPUTS, Stream("whole"))
    assert OUTPUTS == sum(int(output) in one for output in outputs) == sum(int(output) in other for output in outputs)


@pytest.mark.parametrize("value", [0, 1, 2**53 + 1, -(2**60) - 1, 2**62 + 1])
def test_the_last_bit_of_an_output_is_even_or_odd_whatever_the_value(value: int) -> None:
    """Also where a float has no last bit: added in floats, every output of a large value is even."""
    cells = np.full(2000, value, "<i8")
    drawn = noise.draw(LAWS[0], len(cells), Stream("large"))
    noise.add(cells, LAWS[0], Stream("large"))
    odd = int((cells & 1).sum())
    assert 900 < odd < 1100
    assert [value + int(one) for one in drawn] == cells.tolist()
    if abs(value) > 2**54:
        floats = (float(value) + drawn.astype(float)).astype("<i8")
        assert not (floats & 1).any()


def floating(source: str) -> list[str]:
    """What in a source may make a float of a whole number."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            found.append(repr(node.value))
        if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
            found.append(ast.unparse(node))
        if isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node) in {"float", "np.float64", "np.float32"}:
            found.append(ast.unparse(node))
    return found


def test_no_float_is_made_where_noise_is_drawn() -> None:
    """Nor in the tables that it is drawn from: a quotient in them is a fraction's."""
    assert [] == floating(inspect.getsource(sampler))
    quotients = {"1 / (2 * sigma2)", "1 / sigma2", "1 / scale", "x / 2 ** halvings"}
    tables = (masses.decay, masses.halved, discrete_gaussian, discrete_laplace, law)
    assert quotients == {found for one in tables for found in floating(inspect.getsource(one))}
    assert all(isinstance(weight, int) for one in LAWS for weight in one.masses.weights)


def test_the_search_for_floats_finds_one() -> None:
    assert ["0.5", "a / b", "np.float64"] == sorted(floating("x = 0.5\ny = a / b\nz = w.astype(np.float64)"))
