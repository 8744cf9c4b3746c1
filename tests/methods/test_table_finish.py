"""Figures of `table/1`: values as opened, errors as textbooks write them, bytes that do not depend on the caller."""

import decimal
from decimal import Decimal
from fractions import Fraction
from math import isqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from comity.errors import FormatError
from comity.methods.table.card import CARD
from comity.methods.table.finish import finish
from comity.model.decimals import spell
from comity.model.structure import Axis, Layout, Measure

CELLS = st.lists(st.integers(-40, 10**6), min_size=1, max_size=8)
VARIANCES = st.one_of(st.just(Decimal(0)), st.integers(1, 10**9).map(lambda n: Decimal(n) / 7))


def layout(cells: int) -> Layout:
    codes = tuple(str(i) for i in range(1, cells + 1))
    measure = Measure(id="n", name="Persons", decimals=0, bound=1)
    return Layout(dimensions=(Axis(id="ANSWER", codes=codes),), measures=(measure,))


def rounded(value: Fraction, decimals: int) -> str:
    """A fraction, half to even (Python's own rounding of fractions), as text; zero without a sign."""
    scaled = round(value * 10**decimals)
    whole, part = divmod(abs(scaled), 10**decimals)
    return ("-" if scaled < 0 else "") + (f"{whole}.{part:0{decimals}d}" if decimals else str(whole))


def root(value: Fraction, decimals: int) -> str:
    """The square root of a fraction, rounded half to even; only an exact root can lie half way."""
    scaled = value * 100 ** (decimals + 1)
    tenths = isqrt(scaled.numerator // scaled.denominator)
    exact = scaled == tenths * tenths
    up = tenths % 10 > 5 or (tenths % 10 == 5 and not (exact and tenths // 10 % 2 == 0))
    return rounded(Fraction(tenths // 10 + up, 10**decimals), decimals)


@given(cells=CELLS, variance=VARIANCES)
def test_every_figure_is_what_fractions_say(cells: list[int], variance: Decimal) -> None:
    """n, share and both standard errors, by the formulas of the module's docstring, without a decimal in between."""
    figures = finish(layout(len(cells)), cells, variance, {})
    total, s2, k = sum(cells), Fraction(variance), len(cells)
    assert [("n", (str(i),)) for i in range(1, k + 1)] == [(f.measure, f.key) for f in figures[:k]]
    for n, figure in zip(cells, figures[:k], strict=True):
        sampling = Fraction(n) if total <= 0 else n * (1 - Fraction(n, total))
        assert (str(n), "A") == (figure.value, figure.status)
        assert root(max(Fraction(0), sampling), 1) == figure.sampling
        assert root(s2, 1) == figure.noise
    for n, figure in zip(cells, figures[k:], strict=True):
        assert "share" == figure.measure
        if total <= 0:
            assert (None, "", "", "M") == (figure.value, figure.sampling, figure.noise, figure.status)
            continue
        share = Fraction(n, total)
        assert rounded(100 * share, 2) == figure.value
        assert root(max(Fraction(0), 10_000 * share * (1 - share) / total), 3) == figure.sampling
        assert root(10_000 * s2 * (1 - 2 * share + k * share**2) / total**2, 3) == figure.noise


def test_sampling_errors_are_the_multinomials() -> None:
    """Of 1,000 respondents 640, 250 and 110: scipy's covariance of the multinomial distribution."""
    figures = finish(layout(3), [640, 250, 110], Decimal(0), {})
    errors = np.sqrt(np.diag(stats.multinomial(1000, [0.64, 0.25, 0.11]).cov()))
    assert [f"{error:.1f}" for error in errors] == [figure.sampling for figure in figures[:3]]
    assert [f"{error / 10:.3f}" for error in errors] == [figure.sampling for figure in figures[3:]]


def test_noise_of_a_share_is_what_simulated_noise_does() -> None:
    """Skellam noise of variance 100 on 50,000, 9,000 and 1,000, drawn 200,000 times: within 1 per cent."""
    cells = np.array([50_000, 9_000, 1_000])
    figures = finish(layout(3), cells.tolist(), Decimal(100), {})
    draws = stats.skellam.rvs(50, 50, size=(200_000, 3), random_state=np.random.default_rng(1)) + cells
    shares = 100 * draws / draws.sum(axis=1, keepdims=True)
    for expected, figure in zip(shares.std(axis=0), figures[3:], strict=True):
        assert expected == pytest.approx(float(figure.noise), abs=0.0006)


def test_a_published_example_comes_out() -> None:
    """Cochran (1977), 3.2: 38 of 200 sampled names have a wrong address; of 3,042 names 578 have, standard error 81.8.

    The book corrects for the finite population and divides by n - 1; a figure of ours, which knows neither, is
    brought to it by these two factors.
    """
    figures = finish(layout(2), [38, 162], Decimal(0), {})
    assert "19.00" == figures[2].value
    corrected = float(figures[2].sampling) / 100 * (200 / 199 * (1 - 200 / 3042)) ** 0.5
    assert "81.8" == f"{3042 * corrected:.1f}"
    assert "578" == f"{3042 * Decimal(figures[2].value or 0) / 100:.0f}"


def test_a_cell_stays_as_it_was_opened() -> None:
    """Negative too; only a page may say 'about 0'."""
    figures = finish(layout(2), [-3, 103], Decimal(36), {})
    assert ["-3", "103", "-3.00", "103.00"] == [figure.value for figure in figures]
    assert ["0.0", "0.0", "0.000", "0.000"] == [figure.sampling for figure in figures]


def test_a_table_with_a_suppressed_cell_gives_no_total_away() -> None:
    """No share; and no error that depends on a cell that is not shown."""
    shown = finish(layout(4), [50, 0, 0, 7], Decimal(0), {}, ["A", "Q", "Q", "A"])
    assert [("n", "50", "7.1"), ("n", None, ""), ("n", None, ""), ("n", "7", "2.6")] == [
        (figure.measure, figure.value, figure.sampling) for figure in shown
    ]
    assert ["A", "Q", "Q", "A"] == [figure.status for figure in shown]


def test_a_whole_table_is_finished_alike_with_or_without_statuses() -> None:
    assert finish(layout(2), [5, 6], Decimal(0), {}) == finish(layout(2), [5, 6], Decimal(0), {}, ["A", "A"])


@given(cells=CELLS, variance=VARIANCES, precision=st.integers(1, 50))
def test_the_callers_arithmetic_changes_nothing(cells: list[int], variance: Decimal, precision: int) -> None:
    """Byte-stable whatever the thread's decimal context is."""
    expected = finish(layout(len(cells)), cells, variance, {})
    with decimal.localcontext() as context:
        context.prec, context.rounding = precision, decimal.ROUND_UP
        context.traps[decimal.Inexact] = True
        assert expected == finish(layout(len(cells)), cells, variance, {})


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9), st.integers(0, 6))
def test_a_number_has_one_spelling(number: Decimal, decimals: int) -> None:
    """Half to even, no exponent, no minus before zero."""
    text = spell(number, decimals)
    assert rounded(Fraction(number), decimals) == text


@pytest.mark.parametrize(
    ("cells", "variance", "parameters", "statuses"),
    [
        ([1], Decimal(0), {}, None),
        ([1, 2, 3], Decimal(0), {}, None),
        ([1, 2], Decimal(-1), {}, None),
        ([1, 2], Decimal("NaN"), {}, None),
        ([1, 2], Decimal(0), {"weight": "w"}, None),
        ([1, 2], Decimal(0), {}, ["A"]),
    ],
    ids=["too few", "too many", "negative noise", "no noise", "parameter", "statuses"],
)
def test_what_does_not_fit_is_refused(
    cells: list[int], variance: Decimal, parameters: dict[str, str], statuses: list[str] | None
) -> None:
    with pytest.raises(FormatError):
        finish(layout(2), cells, variance, parameters, statuses)


def test_the_card_names_the_decimals_of_what_is_published() -> None:
    for figure in finish(layout(3), [640, 250, 110], Decimal(7), {}):
        digits = CARD.rounding(figure.measure)
        for text, decimals in (
            (figure.value, digits.value),
            (figure.sampling, digits.error),
            (figure.noise, digits.error),
        ):
            assert decimals == len((text or "").partition(".")[2])
