"""Figures of `regression/1`: NIST's certified values, statsmodels, laws, and what is blank."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import combinations_with_replacement

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import FormatError
from comity.methods.regression.card import CARD, METHOD
from comity.methods.regression.finish import finish
from comity.methods.regression.measures import codes
from comity.model.release import Figure
from comity.model.structure import Layout
from tests.methods.tables import error, finished, layout, value

LONGLEY = """
60323 83.0 234289 2356 1590 107608 1947
61122 88.5 259426 2325 1456 108632 1948
60171 88.2 258054 3682 1616 109773 1949
61187 89.5 284599 3351 1650 110929 1950
63221 96.2 328975 2099 3099 112075 1951
63639 98.1 346999 1932 3594 113270 1952
64989 99.0 365385 1870 3547 115094 1953
63761 100.0 363112 3578 3350 116219 1954
66019 101.2 397469 2904 3048 117388 1955
67857 104.6 419180 2822 2857 118734 1956
68169 108.4 442769 2936 2798 120445 1957
66513 110.8 444546 4681 2637 121950 1958
68655 112.6 482704 3813 2552 123366 1959
69564 114.2 502601 3931 2514 125368 1960
69331 115.7 518173 4806 2572 127852 1961
70551 116.9 554894 4007 2827 130081 1962
"""
# Certified estimates and standard deviations, https://www.itl.nist.gov/div898/strd/lls/data/LINKS/DATA/Longley.dat
CERTIFIED = {
    "1-1": ("-3482258.63459582", "890420.383607373"),
    "1-x1": ("15.0618722713733", "84.9149257747669"),
    "1-x2": ("-0.0358191792925910", "0.0334910077722432"),
    "1-x3": ("-2.02022980381683", "0.488399681651699"),
    "1-x4": ("-1.03322686717359", "0.214274163161675"),
    "1-x5": ("-0.0511041056535807", "0.226073200069370"),
    "1-x6": ("1829.15146461355", "455.478499142212"),
}
ROWS = st.lists(st.tuples(st.integers(1, 9), st.integers(-20, 20), st.integers(-20, 20)), min_size=3, max_size=9)


def table(covariates: int, decimals: int = 0) -> Layout:
    return layout({"TERM": codes(covariates)}, {"n": 0, "wz": 2 * decimals})


def names(covariates: int, decimals: int = 0) -> dict[str, str]:
    known = ["y", *(f"x{i}" for i in range(1, covariates + 1))]
    return {name: name.upper() for name in known} | {f"{name}_decimals": str(decimals) for name in known}


def products(rows: list[tuple[Decimal, ...]], weights: list[int]) -> list[Decimal]:
    """Sums of weighted products of (1, x..., y) in the order of the codes; rows hold y first."""
    whole = [(Decimal(1), *row[1:], row[0]) for row in rows]
    pairs = combinations_with_replacement(range(len(whole[0])), 2)
    return [sum((w * row[a] * row[b] for w, row in zip(weights, whole, strict=True)), Decimal(0)) for a, b in pairs]


def of(rows: list[tuple[Decimal, ...]], weights: list[int], decimals: int = 0) -> tuple[Figure, ...]:
    p = len(rows[0]) - 1
    wz = products(rows, weights)
    n = [len(rows), *([0] * (len(wz) - 1))]
    return finished(METHOD, table(p, decimals), {"n": n, "wz": wz}, **names(p, decimals))


def test_longley_comes_out_as_nist_certifies_it() -> None:
    """To nine digits and more: every coefficient, its standard error, R2 and the spread of residuals."""
    rows = [tuple(map(Decimal, line.split())) for line in LONGLEY.strip().splitlines()]
    figures = of(rows, [1] * 16, decimals=1)
    for code, (estimate, deviation) in CERTIFIED.items():
        assert float(estimate) == pytest.approx(float(value(figures, "coefficient", code) or 0), rel=2e-9)
        assert float(deviation) == pytest.approx(float(error(figures, "coefficient", code)), rel=2e-9)
    assert 0.995479004577296 == pytest.approx(float(value(figures, "r2", "_T") or 0), abs=1e-8)
    assert 304.854073561965 == pytest.approx(float(value(figures, "residual_sd", "_T") or 0), rel=1e-12)


def test_weighted_least_squares_is_what_statsmodels_has() -> None:
    import statsmodels.api as sm

    dice = np.random.default_rng(11)
    x, w = dice.integers(-50, 50, (40, 3)), dice.integers(1, 30, 40)
    y = 7 + x @ [3, -2, 0] + dice.integers(-25, 25, 40)
    oracle = sm.WLS(y, sm.add_constant(x), weights=w).fit()
    figures = of([tuple(map(Decimal, map(int, row))) for row in np.column_stack([y, x])], w.tolist())
    for code, estimate, deviation in zip(codes(3)[:4], oracle.params, oracle.bse, strict=True):
        assert estimate == pytest.approx(float(value(figures, "coefficient", code) or 0), abs=1e-9)
        assert deviation == pytest.approx(float(error(figures, "coefficient", code)), abs=1e-9)
    assert oracle.rsquared == pytest.approx(float(value(figures, "r2", "_T") or 0), abs=1e-8)


@given(ROWS)
def test_one_covariate_is_the_textbooks_slope(rows: list[tuple[int, int, int]]) -> None:
    """Covariance over variance, weighted, in fractions; and nothing where the covariate does not vary."""
    w, y, x = (list(column) for column in zip(*rows, strict=True))
    figures = of([(Decimal(b), Decimal(c)) for _, b, c in rows], w)
    whole = sum(w)
    means = [Fraction(sum(a * b for a, b in zip(w, v, strict=True)), whole) for v in (y, x)]
    sxx = sum((a * (c - means[1]) ** 2 for a, c in zip(w, x, strict=True)), Fraction(0))
    if sxx == 0:
        assert {"M"} == {figure.status for figure in figures if figure.measure == "coefficient"}
        return
    slope = sum(a * (b - means[0]) * (c - means[1]) for a, b, c in rows) / sxx
    assert abs(slope - Fraction(value(figures, "coefficient", "1-x1") or "")) <= Fraction(1, 10**10)
    assert abs(means[0] - slope * means[1] - Fraction(value(figures, "coefficient", "1-1") or "")) <= Fraction(
        1, 10**10
    )


def test_covariates_that_determine_each_other_give_no_coefficient() -> None:
    """Twice the same one; and one that differs from another by next to nothing."""
    rows = [(Decimal(i % 7), Decimal(i), Decimal(2 * i)) for i in range(30)]
    near = [(y, x, 2 * x + (Decimal("0.01") if x == 4 else 0)) for y, x, _ in rows]
    near = [(y, 1000 * a, 1000 * b) for y, a, b in near]
    for given_ in (rows, near):
        figures = of(given_, [1] * 30, decimals=1)
        assert {"M"} == {f.status for f in figures if f.measure != "n"}
        assert "30" == value(figures, "n", "1-1")


def test_noise_of_coefficients_is_what_simulated_noise_does() -> None:
    dice = np.random.default_rng(2)
    x = dice.integers(0, 30, 400)
    y = 5 + 2 * x + dice.integers(-9, 9, 400)
    wz = np.array(
        [int(v) for v in products([(Decimal(int(b)), Decimal(int(a))) for a, b in zip(x, y, strict=True)], [1] * 400)]
    )
    figures = finish(table(1), [400, *([0] * 5), *wz.tolist()], Decimal(4), names(1))
    drawn = wz + 2 * dice.standard_normal((20_000, 6))
    slopes = []
    for one, sx, sy, xx, xy, _ in drawn:
        slopes.append(np.linalg.solve([[one, sx], [sx, xx]], [sy, xy]))
    found = [float(f.noise) for f in figures if f.measure == "coefficient"]
    assert np.std(slopes, axis=0) == pytest.approx(found, rel=0.03)


@given(st.data())
def test_nothing_that_can_be_opened_raises(data: st.DataObject) -> None:
    of_two = table(2)
    sums = data.draw(st.lists(st.integers(-3, 3), min_size=of_two.length, max_size=of_two.length))
    statuses = data.draw(st.none() | st.lists(st.sampled_from("AQ"), min_size=of_two.length, max_size=of_two.length))
    figures = finish(of_two, sums, Decimal(data.draw(st.integers(0, 9))), names(2), statuses)
    assert 1 + 3 + 2 == len(figures)
    for figure in figures:
        assert (figure.value is None) == (figure.status != "A")
        digits = CARD.rounding(figure.measure)
        assert not figure.value or digits.value == len(figure.value.partition(".")[2])


@pytest.mark.parametrize(
    "parameters",
    [
        {"y": "Y"},
        {"y": "Y", "x2": "X"},
        names(2) | {"x2_decimals": "1"},
        names(1),
        names(2) | {"robust": "yes"},
    ],
    ids=["no covariate", "a gap", "other decimals", "another list", "a strange parameter"],
)
def test_what_does_not_fit_is_refused(parameters: dict[str, str]) -> None:
    with pytest.raises(FormatError):
        finish(table(2), [0] * 20, Decimal(0), parameters)


def test_the_codes_of_ten_covariates_fit_the_card() -> None:
    assert CARD.bounds.cells == len(codes(10)) == len(set(codes(10)))
    with pytest.raises(FormatError):
        finish(replace(table(1), dimensions=()), [0, 0], Decimal(0), names(1))
