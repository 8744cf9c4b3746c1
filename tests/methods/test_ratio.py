"""Figures of `ratio/1`: published ratios and errors, laws, and what is blank."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import FormatError
from comity.methods.ratio.card import CARD, METHOD
from comity.methods.ratio.finish import finish
from comity.model.structure import Layout
from tests.methods.tables import error, finished, layout, value

TERMS = {"n": 0, "wy": 0, "wx": 0}
MOMENTS = {"vy": 0, "cyx": 0, "vx": 0}
NAMES = {"y": "POOR", "x": "PERSON"}
PEOPLE = st.lists(st.tuples(st.integers(1, 50), st.integers(0, 99), st.integers(1, 99)), min_size=1, max_size=12)


def table(cells: int, moments: bool = False) -> Layout:
    return layout({"C": [f"{i}" for i in range(cells)]}, TERMS | (MOMENTS if moments else {}))


def test_a_textbook_ratio_comes_out() -> None:
    """Cochran (1977), 6.2: of 49 cities the sizes in 1920 add up to 5,054, in 1930 to 6,262 thousand: 1.239."""
    figures = finished(METHOD, table(1), {"n": [49], "wy": [6262], "wx": [5054]}, **NAMES)
    assert "1.239" == f"{Decimal(value(figures, 'ratio', '0') or 0):.3f}"
    assert "" == error(figures, "ratio", "0")


def test_an_error_is_that_of_residuals() -> None:
    """Cochran (1977), (6.10): of a simple random sample with replacement, by the residuals y - R x."""
    dice = np.random.default_rng(3)
    x = dice.integers(20, 400, 49)
    y = x + dice.integers(0, 90, 49)
    pairs = {"vy": (y, y), "cyx": (y, x), "vx": (x, x)}
    moments = {id: [round(float(49 * np.cov(a, b, ddof=1)[0, 1]), 6)] for id, (a, b) in pairs.items()}
    of = layout({"C": ["0"]}, TERMS | dict.fromkeys(MOMENTS, 6))
    figures = finished(METHOD, of, {"n": [49], "wy": [y.sum()], "wx": [x.sum()]} | moments, **NAMES, scale="1000")
    residuals = y - y.sum() / x.sum() * x
    expected = 1000 * np.sqrt(49 * residuals.var(ddof=1)) / x.sum()
    assert expected == pytest.approx(float(error(figures, "ratio", "0")), abs=1e-5)
    assert 1000 * y.sum() / x.sum() == pytest.approx(float(value(figures, "ratio", "0") or 0), abs=1e-6)


@given(PEOPLE, PEOPLE)
def test_a_ratio_of_members_is_that_of_all_their_people(
    a: list[tuple[int, int, int]], b: list[tuple[int, int, int]]
) -> None:
    """And never a mean of ratios: it lies between both."""
    parts = [(sum(w * y for w, y, _ in of), sum(w * x for w, _, x in of)) for of in (a, b)]
    (ay, ax), (by, bx) = parts
    figures = finished(METHOD, table(1), {"n": [len(a + b)], "wy": [ay + by], "wx": [ax + bx]}, **NAMES)
    found = Fraction(value(figures, "ratio", "0") or "")
    assert abs(Fraction(ay + by, ax + bx) - found) <= Fraction(1, 10**6)
    low, high = sorted((Fraction(ay, ax), Fraction(by, bx)))
    assert low - Fraction(1, 10**6) <= found <= high + Fraction(1, 10**6)


@given(st.data(), st.booleans())
def test_nothing_that_can_be_opened_raises(data: st.DataObject, moments: bool) -> None:
    of = table(2, moments)
    sums = data.draw(st.lists(st.integers(-5, 5), min_size=of.length, max_size=of.length))
    statuses = data.draw(st.none() | st.lists(st.sampled_from("AQ"), min_size=of.length, max_size=of.length))
    figures = finish(of, sums, Decimal(data.draw(st.integers(0, 9))), NAMES, statuses)
    assert 4 * 2 == len(figures)
    for figure in figures:
        assert (figure.value is None) == (figure.status != "A")
        digits = CARD.rounding(figure.measure)
        assert not figure.value or digits.value == len(figure.value.partition(".")[2])


def test_a_ratio_to_nothing_does_not_exist_and_a_suppressed_cell_shows_nothing() -> None:
    figures = finish(table(2), [3, 9, 0, 5, 0, 6], Decimal(0), NAMES, ["A", "Q"] * 3)
    assert [("0", "M"), ("1", "Q")] == [(f.key[0], f.status) for f in figures if f.measure == "ratio"]
    assert {"Q"} == {f.status for f in figures if f.key == ("1",)}


def test_noise_of_a_ratio_is_what_simulated_noise_does() -> None:
    """Normal noise of variance 400 on both sums, drawn 200,000 times: within 1 per cent."""
    dice = np.random.default_rng(5)
    y, x = (np.array([8000, 20_000]) + 20 * dice.standard_normal((200_000, 2))).T
    (figure,) = [f for f in finish(table(1), [99, 8000, 20_000], Decimal(400), NAMES) if f.measure == "ratio"]
    assert (y / x).std() == pytest.approx(float(figure.noise), rel=0.01)


@pytest.mark.parametrize("parameters", [{"y": "A"}, NAMES | {"scale": "12"}, NAMES | {"scales": "1"}])
def test_what_does_not_fit_is_refused(parameters: dict[str, str]) -> None:
    with pytest.raises(FormatError):
        finish(table(1), [0, 0, 0], Decimal(0), parameters)
