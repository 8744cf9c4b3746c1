"""Figures of `aggregate/1`: weighted means of members' figures, what they cover, and what is not published."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import FormatError
from comity.methods.aggregate.card import CARD, METHOD
from comity.methods.aggregate.finish import finish
from comity.methods.aggregate.measures import weights
from comity.model.release import Figure
from tests.methods.tables import finished, layout, value

TERMS = {"present": 0, "a": 0, "av": 0, "avv": 0}
WEIGHTS = "fiji:900 samoa:200 tonga:100"
FIGURES = st.dictionaries(st.sampled_from(("fiji", "samoa", "tonga")), st.integers(0, 100), min_size=1)


def of(given_: dict[str, int], **parameters: str) -> tuple[Figure, ...]:
    """The region's figures in one cell, from what each member has."""
    a = weights({"weights": WEIGHTS})
    terms = {
        "present": [len(given_)],
        "a": [sum(a[m] for m in given_)],
        "av": [sum(a[m] * v for m, v in given_.items())],
        "avv": [sum(a[m] * v * v for m, v in given_.items())],
    }
    return finished(METHOD, layout({"SERIES": ["S"]}, TERMS), terms, v="FIGURE", weights=WEIGHTS, **parameters)


def test_a_region_is_the_weighted_mean_of_who_has_a_figure() -> None:
    """900 at 10 and 100 at 30, of 1,200: 12,000/1,000 = 12, covering 83.33 per cent; by hand the spread is 6."""
    figures = of({"fiji": 10, "tonga": 30})
    found = {figure.measure: figure.value for figure in figures}
    assert {"members": "2", "value": "12.0000", "coverage": "83.33", "dispersion": "6.0000"} == found


def test_below_the_least_coverage_nothing_is_published() -> None:
    """Half of the weight is asked: 300 of 1,200 is too little, 900 is enough; and exactly enough is enough."""
    assert None is value(of({"samoa": 5, "tonga": 6}, least_coverage="0.5"), "value", "S")
    assert "25.00" == value(of({"samoa": 5, "tonga": 6}, least_coverage="0.5"), "coverage", "S")
    assert "7.0000" == value(of({"fiji": 7}, least_coverage="0.75"), "value", "S")


@given(FIGURES)
def test_a_regional_value_lies_between_the_members(given_: dict[str, int]) -> None:
    found = Fraction(value(of(given_), "value", "S") or "")
    assert min(given_.values()) <= found <= max(given_.values())


@given(st.data())
def test_nothing_that_can_be_opened_raises(data: st.DataObject) -> None:
    of_two = layout({"SERIES": ["S", "T"]}, TERMS)
    sums = data.draw(st.lists(st.integers(-5, 5), min_size=8, max_size=8))
    statuses = data.draw(st.none() | st.lists(st.sampled_from("AQ"), min_size=8, max_size=8))
    noise = Decimal(data.draw(st.integers(0, 9)))
    for figure in finish(of_two, sums, noise, {"v": "V", "weights": WEIGHTS}, statuses):
        assert (figure.value is None) == (figure.status != "A")
        digits = CARD.rounding(figure.measure)
        assert not figure.value or digits.value == len(figure.value.partition(".")[2])


@pytest.mark.parametrize(
    "changed",
    [
        {"weights": ""},
        {"weights": "tonga:100 fiji:900"},
        {"weights": "fiji:900 fiji:900"},
        {"weights": "fiji:0"},
        {"weights": "fiji:1.5"},
        {"weights": "fiji:٣"},
        {"least_coverage": "1.01"},
        {"least_coverage": "half"},
        {"imputed": "yes"},
    ],
)
def test_what_does_not_fit_is_refused(changed: dict[str, str]) -> None:
    with pytest.raises(FormatError):
        finish(layout({"S": ["S"]}, TERMS), [0] * 4, Decimal(0), {"v": "V", "weights": WEIGHTS} | changed)
