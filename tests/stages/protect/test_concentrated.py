"""Rho of each law, against Renyi divergences by their definition, OpenDP's accounts and published formulas."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import special

from comity.errors import FormatError
from comity.model.law import Exposure, Law
from comity.stages.protect import concentrated, noise

ORDERS = [1.0001, 1.01, 1.3, 1.9, 2, 2.5, 3, 7.7, 16, 16.5, 17, 40.5, 100, 1000]


def logs(k: NDArray[np.int64], variance: float) -> NDArray[np.float64]:
    """Logarithm of e^-v I_k(v): SciPy's; for large orders by Debye's expansion (DLMF 10.41.3): never 0."""
    order = np.maximum(np.abs(k), 50).astype(float)
    z = variance / order
    root = np.sqrt(1 + z * z)
    p = 1 / root
    first, second = (3 * p - 5 * p**3) / 24, (81 * p**2 - 462 * p**4 + 385 * p**6) / 1152
    eta = root + np.log(z / (1 + root))
    large = (
        order * eta - np.log(2 * math.pi * order) / 2 - np.log(root) / 2 + np.log1p(first / order + second / order**2)
    )
    small = np.log(special.ive(np.minimum(np.abs(k), 50), variance))
    return np.asarray(np.where(np.abs(k) > 50, large - variance, small))


def divergence(variance: float, shift: int, order: float) -> float:
    """D_alpha of Skellam noise and its shift by the definition, far beyond where mass lies."""
    reach = int(40 * math.sqrt(variance) + 4 * order * shift) + 60
    k = np.arange(-reach, reach + 1)
    terms = order * logs(k - shift, variance) + (1 - order) * logs(k, variance)
    return float(special.logsumexp(terms) / (order - 1))


@pytest.mark.parametrize(("variance", "shift"), [(1, 1), (4, 1), (36, 1), (36, 6), (100, 1), (400, 40), (10_000, 3)])
def test_no_order_of_skellam_noise_exceeds_its_rho(variance: int, shift: int) -> None:
    """Whole orders and others, below and above the one where numbers end and the theorem begins."""
    found = concentrated.rho(Law("skellam", Fraction(variance)), shift, 1)
    assert found is not None
    worst = max(divergence(variance, shift, order) / order for order in ORDERS)
    assert worst <= float(found) * (1 + 1e-7)
    assert float(found) <= worst * 1.06 or variance < 36 or shift > 6  # an honest bound, and no wild one


@pytest.mark.parametrize(("variance", "shift"), [(4, 1), (36, 1), (36, 6), (10_000, 3)])
def test_both_halves_of_the_orders_are_bounded_for_themselves(variance: int, shift: int) -> None:
    """Numbers are near the truth up to their last order; the theorem covers what follows, also between whole orders."""
    law = Law("skellam", Fraction(variance))
    below, above = concentrated.by_numbers(law, shift, 16), concentrated.by_theorem(law, shift, 16)
    low = max(divergence(variance, shift, order) / order for order in ORDERS if order <= 16)
    assert low * (1 - 1e-9) <= below <= low * 1.005
    high = max(divergence(variance, shift, order) / order for order in ORDERS if order >= 16)
    assert high <= above
    s, v = shift, variance
    published = ((n * s * s / (2 * v) + ((2 * n - 1) * s * s + 6 * s) / (4 * v * v)) / n for n in range(16, 5000))
    assert max(published) <= above


@given(a=st.floats(1.001, 16), width=st.floats(0.001, 2), low=st.floats(0, 5), rise=st.floats(0, 20))
def test_a_chord_is_bounded_everywhere(a: float, width: float, low: float, rise: float) -> None:
    """A line over alpha (alpha - 1): no place between its ends lies above the bound, and some place reaches it."""
    b, high = a + width, low + rise
    found = concentrated._chord(a, low, b, high)
    places = np.linspace(a, b, 2001)
    line = (low + (high - low) * (places - a) / (b - a)) / (places * (places - 1))
    assert line.max() <= found * (1 + 1e-9)
    assert found <= line.max() * (1 + 1e-3) + 1e-12


def test_chords_cost_what_the_steps_between_orders_make_of_an_even_growth() -> None:
    """Gaussian noise: D_alpha is rho alpha; where steps are a tenth of 15, the chord lies 0.01 / 4 x 15/16 above it."""
    found = concentrated.by_numbers(Law("discrete-gaussian", Fraction(100)), 1, 16)
    assert 0.005 * 1.002 < found < 0.005 * 1.0025


def test_skellam_noise_costs_a_little_more_than_gaussian_noise_of_its_variance() -> None:
    for variance, most in ((36, 1.04), (100, 1.02), (10_000, 1.003)):
        skellam, bell = (
            concentrated.rho(Law(name, Fraction(variance)), 1, 1) for name in ("skellam", "discrete-gaussian")
        )
        assert skellam is not None
        assert bell is not None
        assert bell <= skellam <= bell * Decimal(most)


def test_skellam_noise_lost_beside_the_shift_has_no_rho() -> None:
    assert None is concentrated.rho(Law("skellam", Fraction(1)), 10**15, 1)


@pytest.mark.parametrize(("sigma2", "shift", "cells"), [(36, 1, 1), (36, 1, 7), (400, 7, 2), (7, 3, 1)])
def test_rho_of_gaussian_noise_is_opendps(sigma2: int, shift: int, cells: int) -> None:
    import opendp.prelude as dp

    dp.enable_features("contrib")
    space = dp.vector_domain(dp.atom_domain(T="i64", nan=False)), dp.l2_distance(T="f64")
    theirs = dp.m.make_gaussian(*space, scale=math.sqrt(sigma2)).map(d_in=shift * math.sqrt(cells))
    found = concentrated.rho(Law("discrete-gaussian", Fraction(sigma2)), shift, cells)
    assert theirs == pytest.approx(float(found or 0), rel=1e-9)
    assert Fraction(shift**2 * cells, 2 * sigma2) <= Fraction(found or 0)


@pytest.mark.parametrize(("scale", "shift", "cells"), [(2, 1, 1), (10, 3, 2)])
def test_pure_epsilon_of_laplace_noise_is_opendps(scale: int, shift: int, cells: int) -> None:
    import opendp.prelude as dp

    dp.enable_features("contrib")
    space = dp.vector_domain(dp.atom_domain(T="i64", nan=False)), dp.l1_distance(T="i64")
    theirs = dp.m.make_laplace(*space, scale=float(scale)).map(d_in=shift * cells)
    law = Law("discrete-laplace", Fraction(scale))
    assert theirs == pytest.approx(float(concentrated.pure([Exposure(law, shift, cells)]) or 0), rel=1e-9)
    assert Decimal(shift**2 * cells) / (2 * scale**2) == concentrated.rho(law, shift, cells)


def test_other_noise_has_no_pure_epsilon() -> None:
    laws = [Law("discrete-laplace", Fraction(2)), Law("skellam", Fraction(36))]
    assert None is concentrated.pure(Exposure(law, 1, 1) for law in laws)


@pytest.mark.parametrize("rho", ["0.0001", "0.0139", "0.5", "3"])
@pytest.mark.parametrize("delta", ["0.000001", "0.0000000001"])
def test_epsilon_of_a_rho_is_opendps_or_less(rho: str, delta: str) -> None:
    """Never below what OpenDP computes by the same corollary by more than its own search allows."""
    import opendp.prelude as dp

    dp.enable_features("contrib")
    space = dp.vector_domain(dp.atom_domain(T="i64", nan=False)), dp.l2_distance(T="f64")
    measured = dp.c.make_zCDP_to_approxDP(dp.m.make_gaussian(*space, scale=math.sqrt(0.5 / float(rho))))
    theirs = measured.map(d_in=1.0).epsilon(delta=float(delta))
    ours = noise.from_rho(Decimal(rho), delta, cells=1)
    assert ours is not None
    assert theirs * (1 - 1e-6) <= float(ours) <= theirs * 1.001 + 1e-4


def test_what_cost_nothing_gives_nothing_away() -> None:
    assert 0 == noise.from_rho(Decimal(0), "0.000001", cells=1)


def test_a_rho_beyond_any_promise_has_no_epsilon() -> None:
    assert None is noise.from_rho(Decimal(100), "0.000001", cells=1)


@pytest.mark.parametrize(("shift", "cells"), [(0, 1), (1, 0), (-1, 1)])
def test_what_is_no_exposure_is_refused(shift: int, cells: int) -> None:
    with pytest.raises(FormatError):
        concentrated.rho(Law("discrete-gaussian", Fraction(36)), shift, cells)
