"""A second reckoner of voting power that others wrote (powerindex), in floating point.

Where one member alone reaches the quota it gives all power to such members, which is true only if the others together
do not reach it: with votes 1, 1, 2 and a quota of 2 the first two win together. Those games it is not asked about;
`tests/assembly/test_power.py` goes through their coalitions one by one.
"""

import powerindex
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.assembly.power import Game, power


def theirs(weights: list[int], quota: int) -> tuple[list[float], list[float]]:
    reckoned = powerindex.Game(quota, weights)
    reckoned.calc()
    return reckoned.banzhaf, reckoned.shapley_shubik


def no_member_alone(weights: list[int]) -> st.SearchStrategy[tuple[list[int], int]]:
    return st.tuples(st.just(weights), st.integers(max(weights) + 1, sum(weights)))


@settings(max_examples=40)
@given(st.lists(st.integers(1, 12), min_size=2, max_size=12).flatmap(no_member_alone))
def test_it_finds_the_same_power(of: tuple[list[int], int]) -> None:
    weights, quota = of
    found = power(Game(weights=tuple(weights), quota=quota))
    assert found is not None
    banzhaf, shapley = theirs(weights, quota)
    assert banzhaf == pytest.approx([float(one.banzhaf) for one in found])
    assert shapley == pytest.approx([float(one.shapley) for one in found])


def test_the_council_of_1958() -> None:
    """Published: .238 .238 .238 .143 .143 0 (Banzhaf); .233 .233 .233 .150 .150 0 (Shapley and Shubik)."""
    found = power(Game(weights=(4, 4, 4, 2, 2, 1), quota=12))
    assert found is not None
    banzhaf, shapley = theirs([4, 4, 4, 2, 2, 1], 12)
    assert [0.238, 0.238, 0.238, 0.143, 0.143, 0] == [round(share, 3) for share in banzhaf]
    assert [0.233, 0.233, 0.233, 0.15, 0.15, 0] == [round(float(one.shapley), 3) for one in found]
    assert banzhaf == pytest.approx([float(one.banzhaf) for one in found])
    assert shapley == pytest.approx([float(one.shapley) for one in found])
