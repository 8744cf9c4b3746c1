"""Figures of `mean/1`: textbook means and errors, laws, and what is blank."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from statistics import fmean, stdev

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import FormatError
from comity.methods.mean.card import CARD, METHOD
from comity.methods.mean.finish import finish
from comity.model.release import Figure
from comity.model.structure import Layout
from tests.methods.tables import error, finished, layout, value

TERMS = {"n": 0, "w": 0, "wy": 0, "wyy": 0}
MOMENTS = {"vw": 0, "cwy": 0, "vy": 0}
PEOPLE = st.lists(st.tuples(st.integers(1, 50), st.integers(-1000, 1000)), min_size=2, max_size=12)


def sums(people: list[tuple[int, int]]) -> dict[str, list[int]]:
    """Terms of one cell, from weights and numbers."""
    return {
        "n": [len(people)],
        "w": [sum(w for w, _ in people)],
        "wy": [sum(w * y for w, y in people)],
        "wyy": [sum(w * y * y for w, y in people)],
    }


def of(people: list[tuple[int, int]]) -> tuple[Figure, ...]:
    return finished(METHOD, layout({"SEX": ["F"]}, TERMS), sums(people), y="INCOME")


def test_a_simple_random_sample_has_the_textbooks_error() -> None:
    """Every weight the same: mean, standard deviation and s/sqrt(n), as Python's statistics give them."""
    numbers = [12, 15, 9, 22, 17, 30, 11]
    figures = of([(40, y) for y in numbers])
    assert ("7", "280") == (value(figures, "n", "F"), value(figures, "population", "F"))
    assert f"{fmean(numbers):.4f}" == value(figures, "mean", "F")
    assert f"{stdev(numbers):.4f}" == value(figures, "sd", "F")
    assert f"{stdev(numbers) / 7**0.5:.4f}" == error(figures, "mean", "F")


def test_moments_that_cannot_be_give_no_error_of_the_mean_rather_than_none_at_all() -> None:
    """The variance of the total was cut to its bound: V(Y) - 2 R C + R^2 V(W) is 1000 - 40 x 100 + 400 < 0."""
    terms = {"n": [10], "w": [100], "wy": [2000], "wyy": [50_000]}
    asked = layout({"SEX": ["F"]}, TERMS | MOMENTS)
    cut = finished(METHOD, asked, terms | {"vw": [1], "cwy": [100], "vy": [1000]}, y="INCOME")
    assert ("20.0000", "") == (value(cut, "mean", "F"), error(cut, "mean", "F"))
    alike = finished(METHOD, asked, terms | {"vw": [1], "cwy": [20], "vy": [400]}, y="INCOME")
    assert "0.0000" == error(alike, "mean", "F")


def test_a_published_example_comes_out() -> None:
    """The stratified sample of Californian schools (Lumley 2010, apistrat): api00 has mean 662.29, error 9.4089.

    R's survey: svytotal of api00 is 4102208 with standard error 58279; the population 6194 is known. The ratio's error
    is then that of the total, over the population.
    """
    terms = {"n": [200], "w": [6194], "wy": [4102208], "wyy": [0]}
    moments = {"vw": [0], "cwy": [0], "vy": [58279**2]}
    figures = finished(METHOD, layout({"ALL": ["A"]}, TERMS | MOMENTS), terms | moments, y="API")
    assert "662.2874" == value(figures, "mean", "A")
    assert 9.4089 == pytest.approx(float(error(figures, "mean", "A")), abs=2e-4)


def test_a_weighted_mean_is_linearised_as_samplics_does() -> None:
    """A mean of a sample with unequal weights, drawn with replacement: moments by numpy, the error by samplics."""
    from samplics.estimation import TaylorEstimator
    from samplics.utils.types import PopParam

    dice = np.random.default_rng(7)
    w, y = dice.integers(1, 30, 60), dice.integers(0, 500, 60)
    pairs = {"vw": (w, w), "cwy": (w, w * y), "vy": (w * y, w * y)}
    moments = {id: [round(60 * np.cov(a, b, ddof=1)[0, 1], 6)] for id, (a, b) in pairs.items()}
    table = layout({"ALL": ["A"]}, TERMS | dict.fromkeys(MOMENTS, 6))
    figures = finished(METHOD, table, sums(list(zip(w.tolist(), y.tolist(), strict=True))) | moments, y="Y")
    oracle = TaylorEstimator(PopParam.mean)
    oracle.estimate(y=y, samp_weight=w, psu=np.arange(60))
    assert float(oracle.point_est) == pytest.approx(float(value(figures, "mean", "A") or 0), abs=5e-5)
    assert float(oracle.stderror) == pytest.approx(float(error(figures, "mean", "A")), abs=5e-5)


@given(PEOPLE)
def test_a_mean_lies_between_the_least_and_the_largest(people: list[tuple[int, int]]) -> None:
    mean = Decimal(value(of(people), "mean", "F") or "")
    assert min(y for _, y in people) <= mean <= max(y for _, y in people)


@given(PEOPLE, PEOPLE)
def test_sums_of_two_members_finish_as_their_pooled_rows(a: list[tuple[int, int]], b: list[tuple[int, int]]) -> None:
    of_a, of_b = sums(a), sums(b)
    added = {id: [of_a[id][0] + of_b[id][0]] for id in TERMS}
    pooled = a + b
    mean = Fraction(sum(w * y for w, y in pooled), sum(w for w, _ in pooled))
    figures = finished(METHOD, layout({"SEX": ["F"]}, TERMS), added, y="INCOME")
    assert of(pooled) == figures
    assert abs(Fraction(value(figures, "mean", "F") or "") - mean) <= Fraction(1, 20_000)


def table(cells: int, moments: bool = False) -> Layout:
    return layout({"C": [f"{i}" for i in range(cells)]}, TERMS | (MOMENTS if moments else {}))


@given(st.data(), st.booleans())
def test_nothing_that_can_be_opened_raises(data: st.DataObject, moments: bool) -> None:
    """Zeros, noise below zero, suppressed cells: figures, never an error."""
    of = table(2, moments)
    sums = data.draw(st.lists(st.integers(-5, 5), min_size=of.length, max_size=of.length))
    statuses = data.draw(st.none() | st.lists(st.sampled_from("AQ"), min_size=of.length, max_size=of.length))
    figures = finish(of, sums, Decimal(data.draw(st.integers(0, 9))), {"y": "Y"}, statuses)
    assert 5 * 2 == len(figures)
    for figure in figures:
        assert (figure.value is None) == (figure.status != "A")


def test_a_suppressed_cell_shows_nothing_and_an_empty_one_is_a_true_zero() -> None:
    of = table(3)
    figures = finish(of, [5, 0, 9, 50, 0, 90, 500, 0, 900, 6000, 0, 9000], Decimal(0), {"y": "Y"}, ["Q", "A", "A"] * 4)
    assert {("0", None, "Q")} == {(f.key[0], f.value, f.status) for f in figures if f.key == ("0",)}
    empty = {f.measure: (f.value, f.status) for f in figures if f.key == ("1",)}
    assert {
        "n": ("0", "A"),
        "population": ("0", "A"),
        "total": ("0.00", "A"),
        "mean": (None, "M"),
        "sd": (None, "M"),
    } == empty


def test_noise_of_a_mean_and_a_spread_is_what_simulated_noise_does() -> None:
    """Normal noise of variance 400 on each sum, drawn 200,000 times: within 1 per cent."""
    dice = np.random.default_rng(5)
    given_ = np.array([1000, 40_000, 800_000, 20_000_000])
    figures = finish(table(1), given_.tolist(), Decimal(400), {"y": "Y"})
    n, w, y, q = (given_ + 20 * dice.standard_normal((200_000, 4)) * [0, 1, 1, 1]).T
    spread = np.sqrt((q / w - (y / w) ** 2) * n / (n - 1))
    found = {figure.measure: float(figure.noise) for figure in figures}
    assert (y / w).std() == pytest.approx(found["mean"], rel=0.01, abs=5e-5)
    assert spread.std() == pytest.approx(found["sd"], rel=0.01, abs=5e-5)


@pytest.mark.parametrize(
    ("change", "parameters"),
    [
        ({}, {}),
        ({}, {"y": "Y", "weights": "x"}),
        ({"measures": table(1).measures[:3]}, {"y": "Y"}),
        ({"measures": table(1, moments=True).measures[:5]}, {"y": "Y"}),
    ],
    ids=["no number", "a strange parameter", "a term is missing", "a moment is missing"],
)
def test_what_does_not_fit_is_refused(change: dict[str, object], parameters: dict[str, str]) -> None:
    of = replace(table(1), **change)  # type: ignore[arg-type]
    with pytest.raises(FormatError):
        finish(of, [0] * of.length, Decimal(0), parameters)


def test_the_card_names_the_decimals_of_what_is_published() -> None:
    for figure in of([(3, 5), (4, 9)]):
        digits = CARD.rounding(figure.measure)
        for text, decimals in ((figure.value, digits.value), (figure.sampling, digits.error)):
            assert not text or decimals == len(text.partition(".")[2])
