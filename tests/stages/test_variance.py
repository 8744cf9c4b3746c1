"""Variances out of totals: the formula person by person, samplics as a second program, replicates, and rounding."""

import warnings
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from math import isclose
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from comity.errors import SourceError
from comity.methods.card import Moment
from comity.model.structure import Axis, Layout, Measure
from comity.stages import variance
from comity.stages.variance import Draw, Drawn, Replicated, Spread
from tests.builders import samples

PAIRS = ((0, 0), (0, 1), (1, 1))
Found = dict[tuple[str, str], dict[int, Fraction]]


def reckoned(people: list[samples.Drawn]) -> Found:
    return {(str(a), str(b)): {cell: samples.covariance(people, cell, a, b) for cell in (0, 1)} for a, b in PAIRS}


def found(people: list[samples.Drawn]) -> Found:
    whole = samples.totals(people, PAIRS).covariances()
    return {pair: {cell: cells.get(cell, Fraction(0)) for cell in (0, 1)} for pair, cells in whole.items()}


@given(samples.drawn())
def test_covariances_are_those_of_the_formula_stage_by_stage(people: list[samples.Drawn]) -> None:
    assert reckoned(people) == found(people)


@given(samples.drawn(depth=2, replaced=False), samples.drawn(depth=2, replaced=False))
def test_variances_of_members_add(ours: list[samples.Drawn], theirs: list[samples.Drawn]) -> None:
    """Two offices are two sets of strata of one sample."""
    one = [replace(person, place=("ours-" + person.place[0], *person.place[1:])) for person in ours]
    other = [replace(person, place=("theirs-" + person.place[0], *person.place[1:])) for person in theirs]
    expected = {
        pair: {cell: found(ours)[pair][cell] + found(theirs)[pair][cell] for cell in (0, 1)} for pair in found(ours)
    }
    assert expected == found([*one, *other])


def test_a_census_has_no_sampling_variance() -> None:
    people = [
        samples.Drawn(place=("a", str(i)), populations=(3,), cell=0, terms=(1, value))
        for i, value in enumerate((5, 7, 9))
    ]
    assert {0} == {v for cells in found(people).values() for v in cells.values()}


@settings(max_examples=15, deadline=None)
@given(people=samples.drawn(depth=1), domain=st.booleans())
def test_samplics_finds_the_same_standard_errors(people: list[samples.Drawn], *, domain: bool) -> None:
    """Totals, and ratios to the first term, in strata with clusters and finite populations; relative to 1e-9."""
    if not domain:
        people = [replace(one, cell=0) for one in people]
    assume(any(one.terms[0] for one in people if one.cell == 0))
    sizes = Counter(stratum for stratum, _ in {one.place[:2] for one in people})
    assume(min(sizes.values()) > 1)  # samplics asks for that also where all units were drawn
    ours = found(people)
    total = [sum(one.terms[i] for one in people if one.cell == 0) for i in (0, 1)]
    assume(total[1] != 0)  # it divides by it, for a coefficient of variation
    ratio = Fraction(total[1], total[0])
    linear = (ours["1", "1"][0] - 2 * ratio * ours["0", "1"][0] + ratio**2 * ours["0", "0"][0]) / total[0] ** 2
    assert isclose(_samplics(people, "total") ** 2, ours["1", "1"][0], rel_tol=1e-9, abs_tol=1e-6)
    assert isclose(_samplics(people, "ratio") ** 2, linear, rel_tol=1e-9, abs_tol=1e-6)


def _samplics(people: list[samples.Drawn], param: str) -> float:
    """Standard error in cell 0 of the second term, or of its ratio to the first; others are zeros of the domain."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # its maintainers moved on to another package
        from samplics.estimation import TaylorEstimator
        from samplics.utils.types import PopParam

    strata = [one.place[0] for one in people]
    drawn = {one.place[:2]: one.populations[0] for one in people}
    sizes = Counter(stratum for stratum, _ in drawn)
    populations = {stratum: population for (stratum, _), population in drawn.items()}
    left = {h: 1.0 - n / size if (size := populations[h]) else 1.0 for h, n in sizes.items()}
    terms = np.array([one.terms if one.cell == 0 else (0, 0) for one in people], dtype=float)
    estimator = TaylorEstimator(PopParam[param])
    more: dict[str, Any] = {"x": terms[:, 0]} if param == "ratio" else {}
    estimator.estimate(
        y=terms[:, 1], samp_weight=np.ones(len(people)), stratum=np.array(strata),
        psu=np.array(["/".join(one.place[:2]) for one in people]), fpc=left, **more,
    )  # fmt: skip
    return float(estimator.stderror)


# Replicate weights: of a total, every scheme's variance is that of the formula (Wolter 2007, 3.3, 4.3)


@given(st.lists(st.tuples(st.integers(0, 99), st.integers(-99, 99)), min_size=2, max_size=7))
def test_a_jackknifed_total_has_the_variance_of_the_formula(units: list[tuple[int, int]]) -> None:
    """JK1: each unit left out once, the others weighted n/(n - 1). In units of n - 1, so that all is whole."""
    n = len(units)
    people = [
        samples.Drawn(place=("a", str(i)), populations=(None,), cell=0, terms=tuple((n - 1) * z for z in unit))
        for i, unit in enumerate(units)
    ]
    sums = [[n * sum(unit[t] for j, unit in enumerate(units) if j != r) for r in range(n)] for t in (0, 1)]
    totals = {str(t): {0: ((n - 1) * sum(unit[t] for unit in units), *sums[t])} for t in (0, 1)}
    replicated = Replicated(
        pairs=(("0", "0"), ("0", "1"), ("1", "1")), scale=Fraction(n - 1, n), factors=(Fraction(1),) * n, totals=totals
    )
    assert {pair: cells[0] for pair, cells in found(people).items()} == {
        pair: cells[0] for pair, cells in replicated.covariances().items()
    }


@given(st.lists(st.tuples(st.integers(-99, 99), st.integers(-99, 99)), min_size=3, max_size=3))
def test_balanced_halves_of_two_units_a_stratum_have_the_variance_of_the_formula(strata: list[tuple[int, int]]) -> None:
    """Three strata by the four rows of a Hadamard matrix: a unit counts twice, or not."""
    people = [
        samples.Drawn(place=(str(h), str(i)), populations=(None,), cell=0, terms=(z, 0))
        for h, units in enumerate(strata)
        for i, z in enumerate(units)
    ]
    halves = ((0, 0, 0), (1, 0, 1), (0, 1, 1), (1, 1, 0))
    ones = tuple(2 * sum(units[half] for units, half in zip(strata, row, strict=True)) for row in halves)
    replicated = Replicated(
        pairs=(("0", "0"),),
        scale=Fraction(1, 4),
        factors=(Fraction(1),) * 4,
        totals={"0": {0: (sum(map(sum, strata)), *ones)}},
    )
    assert found(people)["0", "0"][0] == replicated.covariances()["0", "0"][0]


def test_each_replicate_has_its_factor() -> None:
    replicated = Replicated(
        pairs=(("0", "0"),), scale=Fraction(2), factors=(Fraction(1, 3), Fraction(1, 2)), totals={"0": {4: (10, 13, 6)}}
    )
    assert {("0", "0"): {4: Fraction(2 * 3) + 16}} == replicated.covariances()


# Into the layout

LAYOUT = Layout(
    dimensions=(Axis(id="D", codes=("a", "b")),),
    measures=(
        Measure(id="n", name="n", decimals=0, bound=1),
        Measure(id="w", name="w", decimals=2, bound=9),
        Measure(id="v", name="v", decimals=3, bound=1000),
        Measure(id="c", name="c", decimals=0, bound=7),
    ),
)
MOMENTS = (Moment(id="v", of=("w", "w")), Moment(id="c", of=("w", "n")))


def spread(square: int, *, covariance: int = 0, cell: int = 0) -> Drawn:
    """Two units with replacement, whose sums are zero: variances are 2 x the squares."""
    squares = (5, square, covariance)
    pairs = (("n", "n"), ("w", "w"), ("n", "w"))
    one = Spread(draws=(Draw(units=2),), cell=cell, squares=squares, products=(0, 0, 0))
    return Drawn(pairs=pairs, spreads=(one,))


def filled(totals: variance.Totals, layout: Layout = LAYOUT) -> tuple[list[int], list[float]]:
    values = np.arange(layout.length, dtype="<i8")
    whole, sampling = variance.moments(layout, MOMENTS, values, totals)
    return whole.tolist(), sampling.tolist()


def test_pairs_are_each_term_and_what_moments_are_of_in_the_layouts_order() -> None:
    assert (("n", "n"), ("w", "w"), ("n", "w")) == variance.pairs(LAYOUT, MOMENTS)
    bare = replace(LAYOUT, measures=LAYOUT.measures[:2])
    assert (("n", "n"), ("w", "w")) == variance.pairs(bare, MOMENTS)


def test_moments_stand_in_their_measures_and_sampling_variances_beside_terms() -> None:
    """w has two decimals: 2 x 1,234 in units of 10^-4 is 0.2468."""
    values, sampling = filled(spread(1234, covariance=150, cell=1))
    assert [0, 1, 2, 3, 0, 247, 0, 3] == values
    assert [0, 10, 0, 2468, 0, 0, 0, 0] == sampling


@pytest.mark.parametrize(("square", "moment"), [(1225, 245), (1227, 245), (1228, 246), (25, 5), (5, 1)])
def test_a_moment_is_rounded_once(square: int, moment: int) -> None:
    assert moment == filled(spread(square))[0][4]


@pytest.mark.parametrize(("covariance", "moment"), [(25, 0), (75, 2), (-25, 0), (-75, -2), (-50, -1)])
def test_halves_go_to_the_even_number(covariance: int, moment: int) -> None:
    """2 x 25 in units of 10^-2 is a half."""
    assert moment == filled(spread(0, covariance=covariance))[0][6]


def test_moments_are_cut_to_their_bound() -> None:
    assert (1000, 7) == tuple(filled(spread(10**6, covariance=10**6))[0][i] for i in (4, 6))
    assert -7 == filled(spread(0, covariance=-(10**6)))[0][6]


def test_what_stood_in_a_moments_place_is_not_kept() -> None:
    assert [0, 1, 2, 3, 0, 0, 0, 0] == filled(Drawn(pairs=variance.pairs(LAYOUT, MOMENTS), spreads=()))[0]


def test_a_moment_of_more_than_64_bits_is_refused() -> None:
    with pytest.raises(SourceError, match="v, cell 0: a sampling variance is too large for a whole number of 64 bits"):
        filled(spread(10**25))
