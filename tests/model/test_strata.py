"""Strata of a reference sample: which have points enough, and what they say about areas."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.model.strata import areas_of, share, strata


def test_a_stratum_needs_two_points() -> None:
    """A share of one point has no variance."""
    assert {0: {0: 2}, 1: {0: 1, 1: 2}} == strata([50, 50], [(0, 0), (1, 1), (0, 0), (1, 0), (1, 1)])
    assert strata([50, 50], [(0, 0), (0, 0), (1, 1)]) is None


def test_a_hundredth_may_be_without_points() -> None:
    pairs = [(0, 0), (0, 0)]
    assert {0: {0: 2}} == strata([99, 1], pairs)
    assert strata([98, 2], pairs) is None
    assert strata([0, 0], []) is None


def test_what_has_no_points_is_taken_as_mapped() -> None:
    found = strata([990, 7, 3], [(0, 0), (0, 0), (0, 1), (0, 1)])
    assert found is not None
    half = Fraction(990, 2)
    assert ((half, Fraction(990**2, 12)), (half + 7, Fraction(990**2, 12)), (Fraction(3), Fraction(0))) == areas_of(
        found, [990, 7, 3]
    )


@pytest.mark.parametrize(("hits", "points"), [(0, 2), (1, 2), (5, 75), (30, 30)])
def test_a_share_has_the_variance_of_a_mean(hits: int, points: int) -> None:
    """Sample variance of zeros and ones, by its own definition, over n."""
    values = [1] * hits + [0] * (points - hits)
    mean = Fraction(sum(values), points)
    spread = sum(((value - mean) ** 2 for value in values), Fraction(0)) / (points - 1)
    assert (mean, spread / points) == share(hits, points)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=60),
    st.lists(st.integers(1, 10**12), min_size=4, max_size=4),
)
def test_estimates_add_up_to_the_area(pairs: list[tuple[int, int]], areas: list[int]) -> None:
    found = strata(areas, pairs)
    if found is not None:
        assert sum(areas) == sum(estimate for estimate, _ in areas_of(found, areas))
