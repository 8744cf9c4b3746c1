"""The table of the Skellam distribution, against its series in 80 digits and against SciPy."""

import math
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from scipy import stats

from comity.errors import FormatError
from comity.model.masses import ERROR
from comity.model.skellam import joint_bound, skellam


def series(variance: Fraction, k: int) -> Decimal:
    """exp(-v) I_k(v) by its power series (DLMF 10.25.2)."""
    with localcontext(prec=80):
        v = Decimal(variance.numerator) / Decimal(variance.denominator)
        half, total, term = v / 2, Decimal(0), None
        term = half**k / Decimal(math.factorial(k)) if k else Decimal(1)
        for m in range(1, 2000):
            total += term
            term = term * half * half / (m * (m + k))
            if term < Decimal(10) ** -90:
                break
        return (-v).exp() * total


@pytest.mark.parametrize("variance", [Fraction(1, 10), Fraction(9, 5), Fraction(36), Fraction(100), Fraction(36, 7)])
def test_the_table_is_the_distribution_to_more_than_100_bits(variance: Fraction) -> None:
    table = skellam(variance)
    apart = sum(
        abs(Decimal(table.weights[k]) / Decimal(table.total) - series(variance, k)) for k in range(len(table.weights))
    )
    assert apart < Decimal(2) ** -80  # the oracle's own 28 digits of division
    with localcontext(prec=80):
        for k in (0, 1, 5, 20):
            mass = Decimal(table.mass(k).numerator) / Decimal(table.mass(k).denominator)
            assert abs(mass - series(variance, k)) < Decimal(2) ** -160


@pytest.mark.parametrize("variance", [0.5, 36.0, 2500.0, 1e6])
def test_masses_and_tails_are_scipys(variance: float) -> None:
    table, law = skellam(Fraction(variance)), stats.skellam(variance / 2, variance / 2)
    for k in (0, 1, 3, int(2 * math.sqrt(variance)), int(4 * math.sqrt(variance))):
        assert float(table.mass(k)) == pytest.approx(law.pmf(k), rel=1e-9)
        assert float(table.tail(k)) == pytest.approx(2 * law.sf(k), rel=1e-6)


def test_the_masses_add_up_to_one_and_nothing_lies_beyond_the_table() -> None:
    table = skellam(Fraction(36))
    assert table.total == table.weights[0] + 2 * sum(table.weights[1:])
    assert table.mass(len(table.weights)) == 0
    assert table.tail(len(table.weights)) == ERROR


@pytest.mark.parametrize(("variance", "cells"), [(36, 10), (100, 1), (2500, 100_000)])
def test_the_joint_bound_is_the_least_that_holds(variance: int, cells: int) -> None:
    """99.99 % over all cells, and one less does not."""
    found = joint_bound(Fraction(variance), cells, Decimal("0.9999"))
    law = stats.skellam(variance / 2, variance / 2)
    assert cells * 2 * law.sf(found) <= 1e-4 < cells * 2 * law.sf(found - 1)


def test_a_bound_with_more_confidence_than_the_table_holds_is_refused() -> None:
    with pytest.raises(FormatError):
        joint_bound(Fraction(36), 10, 1 - Fraction(1, 2**159))


@pytest.mark.parametrize("variance", [Fraction(0), Fraction(-1), Fraction(2**32 + 1)])
def test_a_variance_that_is_none_is_refused(variance: Fraction) -> None:
    with pytest.raises(FormatError):
        skellam(variance)
