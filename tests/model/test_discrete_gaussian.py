"""The table of the discrete Gaussian, against its definition in 80 digits, dp-accounting and the paper's bounds."""

from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from dp_accounting.pld import privacy_loss_mechanism

from comity.errors import FormatError
from comity.model.discrete_gaussian import discrete_gaussian

PARAMETERS = [Fraction(1, 10), Fraction(9, 5), Fraction(36), Fraction(36, 7), Fraction(1000)]


@pytest.mark.parametrize("sigma2", PARAMETERS)
def test_the_table_is_the_definition_to_more_than_160_bits(sigma2: Fraction) -> None:
    """exp(-k^2 / 2s) over its sum, by the decimal module's own exponential."""
    table = discrete_gaussian(sigma2)
    with localcontext(prec=80):
        s = Decimal(sigma2.numerator) / Decimal(sigma2.denominator)
        bell = [(-(k * k) / (2 * s)).exp() for k in range(len(table.weights) + 50)]
        whole = bell[0] + 2 * sum(bell[1:])
        found = [Decimal(weight) / Decimal(table.total) for weight in table.weights]
        inside = zip(bell, found, strict=False)
        apart = sum((abs(mass / whole - one) for mass, one in inside), Decimal(0)) + sum(bell[len(found) :]) / whole
        assert apart < Decimal(2) ** -160


@pytest.mark.parametrize("sigma", [0.5, 6.0, 50.0])
def test_masses_are_dp_accountings(sigma: float) -> None:
    """Its mechanism for the same law; it knows the distribution function only."""
    theirs = privacy_loss_mechanism.DiscreteGaussianPrivacyLoss(sigma)
    table = discrete_gaussian(Fraction(sigma) ** 2)
    for k in (-3, 0, 1, int(2 * sigma)):
        ours = sum(float(table.mass(at)) for at in range(1 - len(table.weights), k + 1))
        assert ours == pytest.approx(theirs.noise_cdf(k), rel=1e-9)


@pytest.mark.parametrize("sigma2", PARAMETERS)
def test_the_variance_is_sigma_squared_at_most(sigma2: Fraction) -> None:
    """Corollary 9 of the paper, and its floor sigma^2 (1 - 4 pi^2 sigma^2 / (e^(4 pi^2 sigma^2) - 1)) from 1 on."""
    found = discrete_gaussian(sigma2).variance
    assert found <= sigma2
    assert sigma2 < 1 or float(found) == pytest.approx(float(sigma2), rel=1e-6)


@pytest.mark.parametrize("sigma2", [Fraction(0), Fraction(-1), Fraction(2**32 + 1)])
def test_a_parameter_that_is_none_is_refused(sigma2: Fraction) -> None:
    with pytest.raises(FormatError):
        discrete_gaussian(sigma2)


def test_noise_of_nearly_nothing_is_nearly_always_0() -> None:
    assert float(discrete_gaussian(Fraction(1, 10**15)).mass(0)) == 1
