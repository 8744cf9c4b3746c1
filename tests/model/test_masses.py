"""What all laws have in common: masses, tails, bounds, and exponentials in whole numbers."""

from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import FormatError
from comity.model.law import Law
from comity.model.masses import BITS, ERROR, decay, halved


@given(st.fractions(min_value=0, max_value=400, max_denominator=10**9))
def test_an_exponential_is_the_decimal_modules(x: Fraction) -> None:
    with localcontext(prec=130):
        expected = (-Decimal(x.numerator) / Decimal(x.denominator)).exp() * Decimal(2) ** BITS
        assert abs(Decimal(decay(x)) - expected) < 2**20


@pytest.mark.parametrize("text", ["skellam 36", "discrete-gaussian 36", "discrete-laplace 4"])
def test_the_bound_is_the_least_that_holds_for_all_cells(text: str) -> None:
    """99.99 % over a thousand cells: the tail beyond it is small enough, and the one before is not."""
    table = Law.parse(text).masses
    found = table.bound(1000, Decimal("0.9999"))
    assert 1000 * (table.tail(found) - ERROR) <= Fraction(1, 10**4) < 1000 * (table.tail(found - 1) - ERROR)


def test_more_confidence_than_a_table_holds_is_refused() -> None:
    with pytest.raises(FormatError):
        halved((1, 1)).bound(1, 1 - ERROR)


def test_masses_of_a_small_table() -> None:
    """Weights 2 at 0 and 1 at -1 and 1: a half, two quarters, variance a half."""
    table = halved((2, 1))
    assert [Fraction(1, 4), Fraction(1, 2), Fraction(1, 4), 0] == [table.mass(k) for k in (-1, 0, 1, 2)]
    assert Fraction(1, 2) == table.variance
