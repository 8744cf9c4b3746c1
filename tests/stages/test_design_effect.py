"""The design effect: 1 for what it is held against, and none where that says nothing."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.stages import design_effect
from tests.builders import samples

SAMPLES = st.lists(st.integers(-99, 99), min_size=2, max_size=9).filter(lambda values: len(set(values)) > 1)


@given(SAMPLES, st.integers(1, 20))
def test_a_simple_random_sample_has_none(values: list[int], weight: int) -> None:
    """Of the total of n persons who stand for `weight` each, with the correction for a finite population."""
    n = len(values)
    people = [
        samples.Drawn(place=("", str(i)), populations=(n * weight,), cell=0, terms=(weight * y,))
        for i, y in enumerate(values)
    ]
    variance = samples.covariance(people, 0, 0, 0)
    sums = {"weight": Fraction(n * weight), "total": Fraction(weight * sum(values))}
    squares = Fraction(weight * sum(y * y for y in values))
    effect = design_effect.effect(variance, persons=n, squares=squares, of="total", **sums)
    mean = design_effect.effect(variance / (n * weight) ** 2, persons=n, squares=squares, **sums)
    assert (effect, mean) == ((1, 1) if weight > 1 else (0, 0))


@pytest.mark.parametrize(("persons", "weight", "squares"), [(1, 5, 20), (0, 0, 0), (4, 0, 0), (3, 6, 6)])
def test_where_a_simple_random_sample_says_nothing_there_is_no_effect(persons: int, weight: int, squares: int) -> None:
    """One person, no weight, or all alike."""
    sums = {"weight": Fraction(weight), "total": Fraction(weight), "squares": Fraction(squares)}
    assert None is design_effect.effect(Fraction(1), persons=persons, **sums)
