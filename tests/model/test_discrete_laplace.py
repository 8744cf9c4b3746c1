"""The table of the discrete Laplace distribution, against its closed form in 80 digits and SciPy."""

from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from scipy import stats

from comity.errors import FormatError
from comity.model.discrete_laplace import discrete_laplace


@pytest.mark.parametrize("scale", [Fraction(1, 10), Fraction(5, 2), Fraction(2), Fraction(100, 7)])
def test_the_table_is_the_closed_form_to_more_than_160_bits(scale: Fraction) -> None:
    """(1 - q) / (1 + q) q^k, by the decimal module's own exponential."""
    table = discrete_laplace(scale)
    with localcontext(prec=80):
        q = (-Decimal(scale.denominator) / Decimal(scale.numerator)).exp()
        found = [Decimal(weight) / Decimal(table.total) for weight in table.weights]
        apart = sum((abs((1 - q) / (1 + q) * q**k - one) for k, one in enumerate(found)), Decimal(0))
        assert apart + q ** len(found) < Decimal(2) ** -160


@pytest.mark.parametrize("scale", [0.5, 3.0, 70.0])
def test_masses_and_variance_are_scipys(scale: float) -> None:
    table, law = discrete_laplace(Fraction(scale)), stats.dlaplace(1 / scale)
    for k in (0, 1, 3, int(4 * scale)):
        assert float(table.mass(k)) == pytest.approx(law.pmf(k), rel=1e-9)
    assert float(table.variance) == pytest.approx(law.var(), rel=1e-9)


def test_neighbours_differ_by_one_factor_everywhere() -> None:
    """So that a shift of 1 costs 1 / scale, in the last place of the table as in the first."""
    table = discrete_laplace(Fraction(10))
    with localcontext(prec=60):
        factor = Fraction(Decimal("0.1").exp())
    for k in (0, 1, 50, 200, 500):
        assert abs(table.mass(k) / table.mass(k + 1) / factor - 1) < Fraction(1, 10**40)


@pytest.mark.parametrize("scale", [Fraction(0), Fraction(-1), Fraction(2**13 + 1)])
def test_a_scale_that_is_none_is_refused(scale: Fraction) -> None:
    with pytest.raises(FormatError):
        discrete_laplace(scale)
