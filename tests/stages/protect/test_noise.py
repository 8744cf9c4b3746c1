"""What draws give away, against the definition of differential privacy, OpenDP and the accountant's own mechanisms."""

import math
import time
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from comity.errors import FormatError
from comity.model.law import Exposure, Law
from comity.model.skellam import skellam
from comity.stages.protect import noise
from tests import sample


def law(variance: Fraction | int) -> Law:
    """Skellam noise."""
    return Law("skellam", Fraction(variance))


def delta_of(variance: Fraction, shift: int, epsilon: float) -> float:
    """The definition: the largest sum over outcomes of P(k) - e^epsilon P(k - shift), one cell."""
    table = skellam(variance)
    reach = len(table.weights) + shift
    terms = (float(table.mass(k - shift)) - math.exp(epsilon) * float(table.mass(k)) for k in range(-reach, reach + 1))
    return math.fsum(max(0.0, term) for term in terms)


@pytest.mark.parametrize(
    ("variance", "shift", "delta"),
    [(Fraction(100), 1, "0.0000000001"), (Fraction(36), 1, "0.000001"), (Fraction(400), 7, "0.00000001")],
)
def test_epsilon_is_what_the_definition_gives_rounded_up(variance: Fraction, shift: int, delta: str) -> None:
    found = float(noise.epsilon(law(variance), 1, delta, shift))
    assert delta_of(variance, shift, found) <= float(delta)
    assert delta_of(variance, shift, found - 0.001) > float(delta)


@pytest.mark.parametrize(
    ("sigma", "cells", "low", "high"), [(10, 1, 0.553, 0.555), (10, 100, 6.54, 6.56), (50, 100, 1.18, 1.189)]
)
def test_epsilon_composed_is_the_published_figure(sigma: int, cells: int, low: float, high: float) -> None:
    """At delta 1e-10; figures of the accountant on the discrete Gaussian lie within 0.02."""
    assert low <= float(noise.epsilon(law(sigma**2), cells, "0.0000000001", 1)) <= high


def test_more_noise_costs_less_and_more_cells_cost_more() -> None:
    one = noise.epsilon(law(36), 1, "0.000001", 1)
    assert noise.epsilon(law(72), 1, "0.000001", 1) < one < noise.epsilon(law(36), 2, "0.000001", 1)


def test_a_members_own_noise_alone_protects_less_than_the_plan() -> None:
    """Epsilon (ii) against epsilon (i)."""
    study = sample.study()
    plan, alone = noise.loss(study), noise.loss(study, noise.share(study, 10, 100))
    assert plan is not None
    assert alone is not None
    assert noise.share(study, 10, 100) == Fraction(36, 4)
    assert plan < alone


@pytest.mark.parametrize("delta", ["0", "1", "-0.1", "0.0000000000000000000000000000001"])
def test_a_delta_that_promises_nothing_or_too_much_is_refused(delta: str) -> None:
    with pytest.raises(FormatError):
        noise.epsilon(law(36), 1, delta, 1)


def test_noise_that_protects_nothing_has_no_epsilon() -> None:
    """A variance of a thousandth is no noise: nothing is stated, rather than a number that sounds like a promise."""
    with pytest.raises(FormatError):
        noise.epsilon(law(Fraction(1, 1000)), 1, "0.0000000001", 10)
    assert noise.loss(sample.study(), Fraction(1, 10**15)) is None


@pytest.mark.parametrize("shift", [10, 1_000, 10**15])
def test_noise_lost_beside_the_shift_has_no_epsilon_over_several_cells(shift: int) -> None:
    """The accountant composes no loss that is all infinite; whoever moves such a study must not stop a node."""
    study = sample.study()
    assert study.noise is not None
    measures = tuple(replace(measure, bound=shift) for measure in study.layout.measures)
    layout = replace(study.layout, measures=measures)
    assert noise.loss(replace(study, layout=layout, noise=replace(study.noise, sigma2=1, cells=2))) is None


def delta_of_many(exposed: list[Exposure], epsilon: float) -> float:
    """The definition over the whole grid of outcomes of a few cells, in SciPy's masses: no accountant, no transform."""
    losses, masses = np.zeros(1), np.ones(1)
    for one in exposed:
        half = float(one.law.parameter) / 2
        k = np.arange(-int(14 * math.sqrt(2 * half)) - 12, int(14 * math.sqrt(2 * half)) + 13)
        if one.law.name == "skellam":
            here, there = (stats.skellam(half, half).logpmf(at) for at in (k, k - one.shift))
        else:
            here, there = -(k**2) / (4 * half), -((k - one.shift) ** 2) / (4 * half)
            here, there = (at - np.log(np.exp(here).sum()) for at in (here, there))
        for _ in range(one.cells):
            losses = np.add.outer(losses, here - there).ravel()
            masses = np.multiply.outer(masses, np.exp(here)).ravel()
    return float((masses * np.maximum(0.0, -np.expm1(epsilon - losses))).sum())


@pytest.mark.parametrize("delta", ["0.000001", "0.0000000001", "0.000000000001"])
@pytest.mark.parametrize(
    "exposed",
    [
        [Exposure(law(4), 1, 3)],
        [Exposure(law(4), 1, 1), Exposure(law(9), 2, 1), Exposure(law(30), 1, 1)],
        [Exposure(Law("discrete-gaussian", Fraction(4)), 1, 2), Exposure(law(9), 2, 1)],
    ],
)
def test_epsilon_of_several_cells_is_what_the_definition_gives(exposed: list[Exposure], delta: str) -> None:
    """Never too small, and hardly too large: also at a delta near to what floats can tell, and with several laws."""
    found = noise.composed(tuple(exposed), delta)
    assert found is not None
    assert delta_of_many(exposed, float(found)) <= float(delta)
    assert delta_of_many(exposed, float(found) - 0.003) > float(delta)


def test_epsilon_of_other_laws_is_dp_accountings() -> None:
    """Its own mechanisms for the discrete Gaussian and the discrete Laplace, composed ten times."""
    from dp_accounting.pld import privacy_loss_distribution as pld

    theirs = pld.from_discrete_gaussian_mechanism(10.0, sensitivity=2).self_compose(10)
    ours = noise.epsilon(Law("discrete-gaussian", Fraction(100)), 10, "0.000001", 2)
    assert theirs.get_epsilon_for_delta(1e-6) == pytest.approx(float(ours), abs=3e-3)
    theirs = pld.from_discrete_laplace_mechanism(0.1, sensitivity=1).self_compose(40)
    ours = noise.epsilon(Law("discrete-laplace", Fraction(10)), 40, "0.000001", 1)
    assert theirs.get_epsilon_for_delta(1e-6) == pytest.approx(float(ours), abs=6e-3)
    assert float(ours) < 4  # less than adding up


def test_laplace_noise_costs_what_adds_up_at_most() -> None:
    laplace = Law("discrete-laplace", Fraction(2))
    assert Decimal("1.5") == noise.epsilon(laplace, 3, "0.0000000001", 1)
    assert Decimal("0.5") == noise.epsilon(laplace, 1, "0.000000000001", 1)


@given(st.permutations([Exposure(law(36), 1, 2), Exposure(law(36), 1, 1), Exposure(law(100), 3, 1)]))
def test_the_order_of_releases_does_not_matter(exposed: list[Exposure]) -> None:
    merged = (Exposure(law(100), 3, 1), Exposure(law(36), 1, 3))
    assert noise.composed(merged, "0.000001") == noise.composed(tuple(exposed), "0.000001")


def test_a_release_is_never_cheaper_by_concentrated_than_by_exact_accounts() -> None:
    """Rho is the looser account of one release; over many they meet."""
    for cells in (1, 10):
        spent = noise.rho(law(36), 1, cells)
        assert spent is not None
        by_rho = noise.from_rho(spent, "0.000001", cells)
        assert by_rho is not None
        exact = noise.epsilon(law(36), cells, "0.000001", 1)
        assert exact <= by_rho <= exact * Decimal("1.2")


def test_what_gives_everything_away_is_told_in_a_moment() -> None:
    """Ten million cells that cost little, and a million that cost all: nobody waits hours for a composition."""
    started = time.process_time()
    found = noise.composed((Exposure(law(2**26), 1, 10**7),), "0.000001")
    assert found is not None
    assert 1.698 < found < 1.85  # 1.698 of a Gaussian (Balle and Wang 2018); rho gives away a little more
    assert None is noise.composed((Exposure(law(10**4), 100, 10**6),), "0.000001")
    assert None is noise.composed((Exposure(Law("discrete-laplace", Fraction(5)), 5, 10**6),), "0.000001")
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    "law", [law(Fraction(1, 4)), law(36), Law("discrete-gaussian", Fraction(9)), Law("discrete-laplace", Fraction(5))]
)
@pytest.mark.parametrize("shift", [1, 4, 9])
def test_what_is_taken_for_the_mean_loss_is_not_more(law: Law, shift: int) -> None:
    """Nothing that could be stated is left unsaid: the mean by the definition, in whole numbers' masses."""
    table = law.masses
    reach = range(-len(table.weights) + 1 + shift, len(table.weights) - shift)
    pairs = [(table.mass(k), table.mass(k - shift)) for k in reach]
    mean = math.fsum(float(p) * (math.log(p) - math.log(q)) for p, q in pairs)
    assert 0 < float(noise._loss(Exposure(law, shift, 1))) <= mean * 1.001


def test_nobody_stands_under_a_study_without_noise() -> None:
    assert [] == list(noise.exposures(replace(sample.study(), noise=None)))
    assert ["skellam 36 x 1 by 1"] == [str(one) for one in noise.exposures(sample.study())]


@pytest.mark.parametrize("exposed", [(), (Exposure(law(36), 0, 1),), (Exposure(law(36), 1, 0),)])
def test_what_is_no_exposure_is_refused(exposed: tuple[Exposure, ...]) -> None:
    with pytest.raises(FormatError):
        noise.composed(exposed, "0.000001")
