"""Draws against the distribution, and what they give away against the definition of differential privacy."""

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from comity.errors import FormatError
from comity.model.skellam import skellam
from comity.stages.protect import noise
from tests import sample
from tests.builders.seal import Stream

DRAWS = 400_000


def fit(drawn: NDArray[np.int64], variance: float) -> float:
    """p value of a chi-square test against SciPy's Skellam, in bins of 20 or more expected draws."""
    law = stats.skellam(variance / 2, variance / 2)
    edge = int(law.isf(20 / len(drawn)))
    inside = np.arange(-edge, edge + 1)
    expected = np.concatenate([[law.cdf(-edge - 1)], law.pmf(inside), [law.sf(edge)]]) * len(drawn)
    clipped = np.clip(drawn, -edge - 1, edge + 1) + edge + 1
    found = np.bincount(clipped, minlength=len(expected))
    return float(stats.chisquare(found, expected * found.sum() / expected.sum()).pvalue)


@pytest.mark.parametrize("variance", [Fraction(1, 3), Fraction(36, 20), Fraction(36), Fraction(10_000)])
def test_draws_follow_the_distribution(variance: Fraction) -> None:
    drawn = noise.draw(variance, DRAWS, Stream(f"draws {variance}"))
    assert fit(drawn, float(variance)) > 1e-3
    deviation = math.sqrt(variance / DRAWS)
    assert abs(drawn.mean()) < 4 * deviation
    assert abs(drawn.var() / float(variance) - 1) < 5 * math.sqrt((2 + 1 / float(variance)) / DRAWS)


def test_the_test_itself_tells_a_wrong_variance() -> None:
    assert fit(noise.draw(Fraction(36), DRAWS, Stream("wrong")), 37.0) < 1e-6


def test_noise_of_several_members_is_noise_of_the_summed_variance() -> None:
    """Closed under sums: five members at a fifth, the dropped rest does not matter."""
    drawn = sum(noise.draw(Fraction(36, 5), DRAWS, Stream(f"member {i}")) for i in range(5))
    assert isinstance(drawn, np.ndarray)
    assert fit(drawn, 36.0) > 1e-3


def test_noise_is_added_in_place_and_modulo_2_to_the_64() -> None:
    cells = np.full(100_000, 2**63 - 1, "<i8")
    noise.add(cells, Fraction(36), Stream("place"))
    drawn = noise.draw(Fraction(36), 100_000, Stream("place"))
    with np.errstate(over="ignore"):
        assert np.array_equal(cells, np.int64(2**63 - 1) + drawn)


def test_no_two_throws_give_the_same_noise_and_equal_throws_do() -> None:
    one, same, other = (noise.draw(Fraction(36), 1000, Stream(text)) for text in ("one", "one", "other"))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_a_tie_in_the_leading_bits_is_decided_by_the_others() -> None:
    """Wherever 64 bits fall on a step of the table, all 128 decide, as plain integers do."""
    table = noise._table(Fraction(36))
    ties = np.array([step >> 64 for step in table.steps], np.uint64)
    for low in (0, 2**63, 2**64 - 1):
        found = noise._outcomes(table, ties, lambda n, low=low: low.to_bytes(n, "big"))
        wanted = [table.lowest + sum(step <= ((int(tie) << 64) | low) for step in table.steps) for tie in ties]
        assert wanted == found.tolist()


def test_every_leading_word_meets_the_outcome_of_the_whole_table() -> None:
    """The short cut by leading bits changes nothing, at its own edges too."""
    table = noise._table(Fraction(10_000))
    words = [w for k in (0, 1, 7, 32767, 32768, 65535) for w in (k << 48, (k << 48) + 1, ((k + 1) << 48) - 1)]
    found = noise._outcomes(table, np.array(words, np.uint64), lambda n: bytes(n))
    assert [table.lowest + sum(step <= word << 64 for step in table.steps) for word in words] == found.tolist()


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
    found = float(noise.epsilon(variance, 1, delta, shift))
    assert delta_of(variance, shift, found) <= float(delta)
    assert delta_of(variance, shift, found - 0.001) > float(delta)


@pytest.mark.parametrize(
    ("sigma", "cells", "low", "high"), [(10, 1, 0.553, 0.555), (10, 100, 6.54, 6.56), (50, 100, 1.18, 1.189)]
)
def test_epsilon_composed_is_the_published_figure(sigma: int, cells: int, low: float, high: float) -> None:
    """At delta 1e-10; figures of the accountant on the discrete Gaussian lie within 0.02."""
    assert low <= float(noise.epsilon(Fraction(sigma**2), cells, "0.0000000001", 1)) <= high


def test_more_noise_costs_less_and_more_cells_cost_more() -> None:
    one = noise.epsilon(Fraction(36), 1, "0.000001", 1)
    assert noise.epsilon(Fraction(72), 1, "0.000001", 1) < one < noise.epsilon(Fraction(36), 2, "0.000001", 1)


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
        noise.epsilon(Fraction(36), 1, delta, 1)


def test_noise_that_protects_nothing_has_no_epsilon() -> None:
    """A variance of a thousandth is no noise: nothing is stated, rather than a number that sounds like a promise."""
    with pytest.raises(FormatError):
        noise.epsilon(Fraction(1, 1000), 1, "0.0000000001", 10)
    assert noise.loss(sample.study(), Fraction(1, 10**15)) is None


@pytest.mark.parametrize("shift", [10, 1_000, 10**15])
def test_noise_lost_beside_the_shift_has_no_epsilon_over_several_cells(shift: int) -> None:
    """The accountant composes no loss that is all infinite; whoever moves such a study must not stop a node."""
    study = sample.study()
    assert study.noise is not None
    measures = tuple(replace(measure, bound=shift) for measure in study.layout.measures)
    layout = replace(study.layout, measures=measures)
    assert noise.loss(replace(study, layout=layout, noise=replace(study.noise, sigma2=1, cells=2))) is None
