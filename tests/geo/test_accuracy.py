"""Areas from a reference sample: the published example, and laws that hold for every sample."""

from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import FormatError
from comity.geo.accuracy import assess

# Olofsson et al. (2014), table 8: deforestation, forest gain, stable forest, stable non-forest; rows are the map.
MATRIX = [[66, 0, 5, 4], [0, 55, 8, 12], [1, 0, 153, 11], [2, 1, 9, 313]]
PIXELS = (200_000, 150_000, 3_200_000, 6_450_000)
AREAS = [900 * pixels for pixels in PIXELS]  # square metres: Landsat's pixel is 30 m
HECTARE = 10_000


def test_deforestation_is_what_the_paper_says() -> None:
    """Page 54: the map shows 18,000 ha; the sample says 21,158 ha, give or take 6,158."""
    deforestation, gain, forest, other = assess(MATRIX, AREAS).areas
    assert 18_000 == AREAS[0] // HECTARE
    assert ("21158", "6158") == (f"{deforestation.value / HECTARE:.0f}", f"{deforestation.margin / HECTARE:.0f}")
    assert ("11686", "3756") == (f"{gain.value / HECTARE:.0f}", f"{gain.margin / HECTARE:.0f}")
    assert ("285770", "15510") == (f"{forest.value / HECTARE:.0f}", f"{forest.margin / HECTARE:.0f}")
    assert ("581386", "16282") == (f"{other.value / HECTARE:.0f}", f"{other.margin / HECTARE:.0f}")


def test_accuracies_are_what_the_paper_says() -> None:
    found = assess(MATRIX, AREAS)
    assert ("0.947", "0.02") == (f"{found.overall.value:.3f}", f"{found.overall.margin:.2f}")
    users = [f"{user.value:.2f} {user.margin:.2f}" for user in found.users if user]
    assert ["0.88 0.07", "0.73 0.10", "0.93 0.04", "0.96 0.02"] == users
    assert found.producers[0] is not None
    assert "0.75 0.21" == f"{found.producers[0].value:.2f} {found.producers[0].margin:.2f}"


def test_an_interval_is_its_value_with_the_margin_on_either_side() -> None:
    estimate = assess(MATRIX, AREAS).areas[0]
    low, high = estimate.interval
    assert ("15000", "27315") == (f"{low / HECTARE:.0f}", f"{high / HECTARE:.0f}")


counts = st.lists(st.lists(st.integers(0, 40), min_size=3, max_size=3), min_size=3, max_size=3)


@given(counts, st.lists(st.integers(1, 10**14), min_size=3, max_size=3))
def test_areas_add_up_to_the_map_and_accuracies_are_shares(matrix: list[list[int]], areas: list[int]) -> None:
    """What one class gains another loses; the whole is known."""
    if min(map(sum, matrix)) < 2:
        return
    found = assess(matrix, areas)
    assert sum(areas) == pytest.approx(float(sum(area.value for area in found.areas)), rel=1e-24)
    for estimate in (found.overall, *found.users, *found.producers):
        assert estimate is None or 0 <= estimate.value <= 1


@given(counts, st.lists(st.integers(1, 10**9), min_size=3, max_size=3))
def test_floats_agree(matrix: list[list[int]], areas: list[int]) -> None:
    """The paper's equations 2, 3, 6, 7 and 9 to 11 as anyone would write them with arrays."""
    n = np.array(matrix, float)
    if n.sum(1).min() < 2 or n.sum(0).min() == 0:
        return
    p, w = n / n.sum(1, keepdims=True), np.array(areas, float)[:, None]
    terms = w**2 * p * (1 - p) / (n.sum(1, keepdims=True) - 1)
    whole, users = (w * p).sum(0), np.diag(p)
    producers = w[:, 0] * users / whole
    own = np.diag(terms)
    others = terms.sum(0) - own
    found = assess(matrix, areas)
    assert whole == pytest.approx([float(area.value) for area in found.areas])
    assert np.sqrt(terms.sum(0)) == pytest.approx([float(area.error) for area in found.areas], rel=1e-9, abs=1e-6)
    assert users == pytest.approx([float(user.value) for user in found.users if user])
    assert np.sqrt(own) / w[:, 0] == pytest.approx([float(user.error) for user in found.users if user])
    assert producers == pytest.approx([float(producer.value) for producer in found.producers if producer])
    errors = np.sqrt(own * (1 - producers) ** 2 + np.maximum(others, 0) * producers**2) / whole
    assert errors == pytest.approx([float(p.error) for p in found.producers if p], rel=1e-6, abs=1e-6)


def test_a_sample_without_a_mistake_leaves_the_map_as_it_is() -> None:
    found = assess([[30, 0], [0, 70]], [7, 11])
    assert [Decimal(7), Decimal(11)] == [area.value for area in found.areas]
    assert {Decimal(0)} == {area.error for area in found.areas} | {found.overall.error}


def test_a_class_that_the_map_lacks_has_no_users_accuracy_but_an_area() -> None:
    found = assess([[8, 2], [0, 0]], [100, 0])
    assert found.users[1] is None
    assert Decimal(20) == found.areas[1].value
    assert found.producers[1] is not None
    assert 0 == found.producers[1].value


def test_the_callers_arithmetic_changes_nothing() -> None:
    expected = assess(MATRIX, AREAS)
    with localcontext() as context:
        context.prec = 5
        found = assess(MATRIX, AREAS)
        margins = [area.margin for area in found.areas]
    assert expected == found
    assert [area.margin for area in expected.areas] == margins


@pytest.mark.parametrize(
    ("matrix", "areas", "says"),
    [
        ([[1, 2]], [5], "does not fit"),
        ([[2]], [5, 6], "does not fit"),
        ([], [], "does not fit"),
        ([[3, -1], [0, 4]], [5, 6], "zero or more"),
        ([[3, 1], [0, 4]], [0, 0], "zero or more"),
        ([[3, 1], [0, 1]], [5, 6], "class 1: too few reference points.*found 1.*way out"),
    ],
)
def test_what_is_no_sample_of_the_map_is_refused(matrix: list[list[int]], areas: list[int], says: str) -> None:
    with pytest.raises(FormatError, match=says):
        assess(matrix, areas)
