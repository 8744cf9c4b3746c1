"""Figures of `distribution/1`: grouped textbook cases, and bounds that hold for whatever stands in the bins."""

from bisect import bisect_right
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import FormatError
from comity.methods.distribution.card import CARD, METHOD
from comity.methods.distribution.finish import finish
from comity.model.release import Figure
from tests.methods.tables import finished, layout, value

TERMS = {"n": 0, "w": 0, "wy": 0}
EDGES = (0, 10, 25, 60)
PEOPLE = st.lists(st.tuples(st.integers(1, 9), st.integers(0, 59)), min_size=1, max_size=12)
HALF = Fraction(1, 20_000)  # of the last digit, and a little


def of(people: list[tuple[int, int]], edges: tuple[int, ...] = EDGES, bins: int = 3) -> tuple[Figure, ...]:
    """The figures of one population of weights and numbers."""
    found = {id: [0] * bins for id in TERMS}
    for w, y in people:
        at = min(bisect_right(edges, y) - 1, bins - 1)
        found["n"][at] += 1
        found["w"][at] += w
        found["wy"][at] += w * y
    table = layout({"BIN": [f"B{i}" for i in range(bins)]}, TERMS)
    return finished(METHOD, table, found, y="INCOME", edges=" ".join(map(str, edges)))


def gini(people: list[tuple[int, int]]) -> Fraction:
    """Half the relative mean difference of all pairs, in per cent: the definition, person by person."""
    whole, total = sum(w for w, _ in people), sum(w * y for w, y in people)
    return Fraction(100 * sum(v * w * abs(y - z) for v, y in people for w, z in people), 2 * whole * total)


def fifths(people: list[tuple[int, int]]) -> tuple[Fraction, Fraction]:
    """What the poorest and the richest fifth of the weight have; whoever stands at the border, in part."""
    fifth, parts = Fraction(sum(w for w, _ in people), 5), []
    for ordered in (sorted(people, key=lambda one: one[1]), sorted(people, key=lambda one: -one[1])):
        left, sum_ = fifth, Fraction(0)
        for w, y in ordered:
            part = min(left, Fraction(w))
            left, sum_ = left - part, sum_ + part * y
        parts.append(sum_)
    return parts[0], parts[1]


def number(figures: tuple[Figure, ...], measure: str, *key: str) -> Fraction | None:
    text = value(figures, measure, *key)
    return None if text is None else Fraction(text)


@given(PEOPLE, st.booleans())
def test_gini_and_s80s20_lie_within_their_bounds(people: list[tuple[int, int]], open_: bool) -> None:
    """Whoever stands where in the bins; with an end of the last bin or without."""
    figures = of(people, EDGES[:-1] if open_ else EDGES)
    if sum(w * y for w, y in people) == 0:
        assert {"M"} == {f.status for f in figures if f.measure.startswith(("gini", "s80"))}
        return
    low, high = (number(figures, f"gini_{side}", "_T") for side in ("low", "high"))
    assert low is not None
    assert high is not None
    assert low - HALF <= gini(people) <= high + HALF
    poor, rich = fifths(people)
    low, high = (number(figures, f"s80s20_{side}", "_T") for side in ("low", "high"))
    if low is not None and high is not None:
        assert poor > 0
        assert low - HALF <= rich / poor <= high + HALF


@given(PEOPLE)
def test_quantiles_lie_within_their_bins(people: list[tuple[int, int]]) -> None:
    """The inverse of the distribution function: the least number that so many persons do not exceed."""
    figures, whole = of(people), sum(w for w, _ in people)
    for rank in (10, 20, 25, 50, 75, 80, 90):
        exact = next(
            y for y in sorted({y for _, y in people}) if 100 * sum(w for w, z in people if z <= y) >= rank * whole
        )
        low, mid, high = (number(figures, f"p{rank}{side}", "_T") for side in ("_low", "", "_high"))
        assert low is not None
        assert mid is not None
        assert high is not None
        assert low <= exact <= high
        assert low - HALF <= mid <= high + HALF


@given(PEOPLE)
def test_shares_and_headcounts_are_what_persons_say(people: list[tuple[int, int]]) -> None:
    figures, whole = of(people), sum(w for w, _ in people)
    for at, edge in enumerate(EDGES[1:]):
        below = number(figures, "below", f"B{at}")
        assert below is not None
        assert abs(Fraction(100 * sum(w for w, y in people if y < edge), whole) - below) <= Fraction(1, 2000)
    persons = [number(figures, "share_persons", f"B{at}") or Fraction(0) for at in range(3)]
    assert abs(sum(persons) - 100) <= Fraction(3, 2000)


def test_bounds_are_reached_where_they_should_be() -> None:
    """All at their bin's mean: the lower bound. All at the edges of their bin: the upper one. By hand 25 and 37.5."""
    half = of([(1, 5), (1, 15)], (0, 10, 20), 2)
    assert "25.0000" == value(half, "gini_low", "_T")
    assert gini([(1, 0), (1, 10), (1, 10), (1, 20)]) == number(half, "gini_high", "_T")


def test_a_median_is_interpolated_as_in_a_textbook() -> None:
    """Grouped data: 4 below 10, 8 from 10 to 20, 4 above: the median is 10 + (8 - 4)/8 of 10 = 15."""
    figures = of([(4, 5), (8, 12), (4, 25)], (0, 10, 20, 30))
    assert ("10.0000", "15.0000", "20.0000") == tuple(
        value(figures, f"p50{side}", "_T") for side in ("_low", "", "_high")
    )


def test_a_quantile_in_a_bin_without_an_end_has_no_upper_bound() -> None:
    figures = of([(1, 5), (9, 40)], EDGES[:-1])
    assert ("25.0000", None, None) == tuple(value(figures, f"p50{side}", "_T") for side in ("_low", "", "_high"))


def test_a_population_with_a_suppressed_bin_tells_no_total() -> None:
    """The other population beside it stays whole."""
    table = layout({"SEX": ["F", "M"], "BIN": ["B0", "B1"]}, TERMS)
    sums, statuses = [5, 6, 7, 8, 50, 60, 70, 80, 100, 900, 100, 900], ["Q", "A", "A", "A"] * 3
    figures = finish(table, sums, Decimal(0), {"y": "Y", "edges": "0 10 20"}, statuses)
    shown = {(f.measure, f.key) for f in figures if f.key[0] == "F" and f.value is not None}
    assert {("n", ("F", "B1")), ("population", ("F", "B1"))} == shown
    assert {"Q"} == {f.status for f in figures if f.key == ("F", "_T")}
    assert None is not value(figures, "gini_low", "M", "_T")


@given(st.data())
def test_nothing_that_can_be_opened_raises(data: st.DataObject) -> None:
    table = layout({"SEX": ["F", "M"], "BIN": ["B0", "B1"]}, TERMS)
    sums = data.draw(st.lists(st.integers(-5, 25), min_size=12, max_size=12))
    statuses = data.draw(st.none() | st.lists(st.sampled_from("AQ"), min_size=12, max_size=12))
    edges = data.draw(st.sampled_from(("0 1", "0 1 3", "-2 0 1")))
    for figure in finish(table, sums, Decimal(data.draw(st.integers(0, 9))), {"y": "Y", "edges": edges}, statuses):
        assert (figure.value is None) == (figure.status != "A")
        digits = CARD.rounding(figure.measure)
        assert not figure.value or digits.value == len(figure.value.partition(".")[2])


@pytest.mark.parametrize("edges", ["", "0", "0 1 2 3", "0 0 1", "1 0 2", "0 1 x", "0  1 2", "0 -0 1"])
def test_edges_that_do_not_fit_are_refused(edges: str) -> None:
    table = layout({"BIN": ["B0", "B1"]}, TERMS)
    with pytest.raises(FormatError):
        finish(table, [0] * 6, Decimal(0), {"y": "Y", "edges": edges})
