"""What draws give away, against the definition of differential privacy, OpenDP and the accountant's own mechanisms."""

import math
from dataclasses import replace
from fractions import Fraction

import pytest

from comity.errors import FormatError
from comity.model.law import Law
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
