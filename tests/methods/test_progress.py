"""Two methods judge a series: published rules at their very ends, hand-computed examples, and what holds of any series.

Numbers are chosen so that growth has a closed form: 8 in 2015 and 4 in 2020 halve every five years, so 1 in 2030.
"""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import FormatError
from comity.methods.progress import card, statcan, un
from comity.methods.progress.series import NOTES, REFUSALS, RULES, Aim, Direction, Point, Verdict, series

Assess = Callable[[tuple[Point, ...], Aim], Verdict]

UP, DOWN = Aim(direction="up"), Aim(direction="down")


def of(*pairs: tuple[int, str]) -> tuple[Point, ...]:
    return series(pairs)


def to(target: str, direction: Direction = "down", **more: object) -> Aim:
    return replace(Aim(direction=direction, target=Decimal(target)), **more)  # type: ignore[arg-type]


HALVES = of((2015, "8"), (2020, "4"))
DOUBLES = of((2015, "1"), (2020, "2"))


# United Nations


@pytest.mark.parametrize(
    ("points", "aim", "ratio", "status"),
    [
        (HALVES, to("1"), "1", "on_track_or_met"),  # (1 - 8) / (1 - 8)
        (HALVES, to("0"), "0.875", "fair_progress"),  # (1 - 8) / (0 - 8)
        (DOUBLES, to("71", "up"), "0.1", "fair_progress"),  # (8 - 1) / (71 - 1): the very end of a class
        (DOUBLES, to("81", "up"), "0.0875", "stagnation_or_regression"),
        (of((2015, "4"), (2020, "8")), to("2"), "-14", "stagnation_or_regression"),  # (32 - 4) / (2 - 4)
        (of((2015, "100"), (2030, "195")), to("200", "up"), "0.95", "on_track_or_met"),  # no year left to go on
    ],
)
def test_un_with_a_target(points: tuple[Point, ...], aim: Aim, ratio: str, status: str) -> None:
    found = un.assess(points, aim)
    assert (Decimal(ratio), status, "ratio") == (found.measure, found.status, found.rule)


@pytest.mark.parametrize(
    ("direction", "current", "status"),
    [
        ("up", "102", "on_track_or_met"),
        ("up", "101.9", "fair_progress"),
        ("up", "100.5", "fair_progress"),
        ("up", "100.4", "stagnation_or_regression"),
        ("down", "98", "on_track_or_met"),
        ("down", "98.1", "fair_progress"),
        ("down", "99.5", "fair_progress"),
        ("down", "99.6", "stagnation_or_regression"),
        ("down", "102", "stagnation_or_regression"),
    ],
)
def test_un_without_a_target(direction: Direction, current: str, status: str) -> None:
    """One year from 100: growth is the last digits."""
    found = un.assess(of((2015, "100"), (2016, current)), Aim(direction=direction))
    assert (status, "growth") == (found.status, found.rule)


def test_un_a_target_met_is_met_whatever_the_trend() -> None:
    assert "target-met" == un.assess(of((2015, "1"), (2020, "3")), to("5")).rule
    assert "target-met" == un.assess(of((2020, "3")), to("5")).rule, "one value is enough to be there"


def test_un_a_percentage_within_one_of_its_end_has_met_it() -> None:
    near = of((2015, "99.5"), (2020, "99"))
    assert "target-near" == un.assess(near, to("100", "up", percent=True)).rule
    assert "ratio" == un.assess(near, to("100", "up")).rule, "persons, say, are no percentage"
    assert "ratio" == un.assess(of((2015, "97"), (2020, "98.9")), to("100", "up", percent=True)).rule
    assert "ratio" == un.assess(of((2015, "89.5"), (2020, "89")), to("90", "up", percent=True)).rule


def test_un_reads_nothing_after_the_target_year() -> None:
    found = un.assess(of((2015, "8"), (2020, "4"), (2025, "9")), to("1", target_year=2020))
    assert ("after-target-year", Point(year=2020, value=Decimal(4))) == (found.notes[0], found.current)


@pytest.mark.parametrize(
    ("points", "aim", "why"),
    [
        ((), UP, "no-data"),
        (of((2010, "1"), (2014, "2")), UP, "no-base"),
        (of((2014, "1"), (2020, "2")), UP, "too-few-years"),
        (of((2015, "0"), (2020, "2")), UP, "base-zero"),
        (of((2015, "-1"), (2020, "2")), UP, "sign-change"),
        (of((2015, "-4"), (2020, "-2")), UP, "negative-values"),
        (of((2015, "5"), (2020, "6")), to("5"), "base-at-target"),
        (of((2015, "4"), (2020, "6")), to("5"), "base-past-target"),
    ],
)
def test_un_says_why_there_is_no_verdict(points: tuple[Point, ...], aim: Aim, why: str) -> None:
    found = un.assess(points, aim)
    assert (why, "not_assessed", None, False) == (found.rule, found.status, found.score, found.given)


# Statistics Canada


def test_statcan_on_the_way_that_is_needed() -> None:
    """Halving every five years from 8 reaches 1 in fifteen: observed and required growth are one."""
    found = statcan.assess(HALVES, to("1"))
    assert abs(found.measure - 1) < Decimal("1e-20")  # type: ignore[operator]
    assert ("substantial_progress", "ratio", Decimal("0.95")) == (found.status, found.rule, found.threshold)
    assert abs(found.score - Decimal("2.8572")) < Decimal("1e-20")  # type: ignore[operator]
    assert found.observed == pytest.approx(Decimal("-0.1294494367"))


@pytest.mark.parametrize(
    ("current", "status", "score"),
    [
        ("103", "substantial_progress", "5"),
        ("101.5", "substantial_progress", "2.5"),
        ("101", "moderate_progress", "1.25"),
        ("100.5", "moderate_progress", "0"),
        ("100.2", "limited_progress", "-1.5"),
        ("100", "limited_progress", "-2.5"),
        ("99", "deterioration", "-3.75"),
        ("90", "deterioration", "-5"),
    ],
)
def test_statcan_without_a_target(current: str, status: str, score: str) -> None:
    """Growth a year 0.015, 0.005, 0; scores are lines through 2.5, 0 and -2.5 at these."""
    found = statcan.assess(of((2015, "100"), (2016, current)), UP)
    assert (status, Decimal(score)) == (found.status, found.score)


def test_statcan_thresholds_fall_near_a_limit() -> None:
    """By 1 - (base / limit) ** 4.44, the same on both sides of it; at twice the limit not any more."""
    aim = Aim(direction="up", limit=Decimal(100))
    half = statcan.assess(of((2015, "50"), (2016, "50.5")), aim)
    mirrored = statcan.assess(of((2015, "150"), (2016, "151")), aim)
    assert half.coefficient == mirrored.coefficient == pytest.approx(Decimal(1 - 0.5**4.44))
    assert ("base-past-limit" in mirrored.notes, "base-past-limit" in half.notes) == (True, False)
    assert Decimal(1) == statcan.assess(of((2015, "200"), (2016, "201")), aim).coefficient
    almost = statcan.assess(of((2015, "99"), (2016, "99.1")), aim)
    assert "substantial_progress" == almost.status, "0.1 % a year, where little is left to gain"


def test_statcan_a_limit_that_is_held_is_full_progress() -> None:
    aim = Aim(direction="up", limit=Decimal(100))
    held = statcan.assess(of((2015, "100"), (2020, "100")), aim)
    assert ("limit-held", "substantial_progress", Decimal(5)) == (held.rule, held.status, held.score)
    assert "deterioration" == statcan.assess(of((2015, "100"), (2020, "99")), aim).status


def test_statcan_a_target_passed_at_the_base_and_lost_since_is_deterioration() -> None:
    """The older formula divided by the required growth itself and called this progress."""
    found = statcan.assess(of((2015, "4"), (2020, "6")), to("5"))
    assert "deterioration" == found.status
    assert found.measure is not None
    assert found.measure < 0


def test_statcan_says_what_it_moves_away_from_zero() -> None:
    found = statcan.assess(of((2015, "8"), (2020, "4")), to("0"))
    assert (("target-zero-moved",), Decimal("0.001")) == (found.notes, found.target)
    assert ("base-zero-moved",) == statcan.assess(of((2015, "0"), (2020, "4")), UP).notes
    assert ("limit-unused",) == statcan.assess(HALVES, to("1", limit=Decimal(0))).notes


@pytest.mark.parametrize(
    ("points", "aim", "why"),
    [
        ((), UP, "no-data"),
        (of((2010, "1"), (2014, "2")), UP, "no-base"),
        (of((2014, "1"), (2020, "2")), UP, "too-few-years"),
        (of((2015, "-1"), (2020, "2")), UP, "sign-change"),
        (HALVES, to("-1"), "target-sign"),
        (HALVES, to("1", target_year=2015), "target-year"),
        (of((2015, "5"), (2020, "6")), to("5"), "base-at-target"),
    ],
)
def test_statcan_says_why_there_is_no_verdict(points: tuple[Point, ...], aim: Aim, why: str) -> None:
    found = statcan.assess(points, aim)
    assert (why, "not_available", None, False) == (found.rule, found.status, found.score, found.given)


def test_statcan_a_target_met_scores_five_where_nothing_can_be_computed() -> None:
    found = statcan.assess(of((2020, "3")), to("5"))
    assert ("target_achieved", "target-met", Decimal(5), None) == (
        found.status,
        found.rule,
        found.score,
        found.measure,
    )


def test_an_indicator_is_achieved_only_if_all_its_series_are() -> None:
    met, not_met = statcan.assess(of((2020, "3")), to("5")), statcan.assess(HALVES, to("1"))
    none = statcan.assess((), UP)
    assert "target_achieved" == statcan.indicator([met, none]).status
    assert "substantial_progress" == statcan.indicator([met, not_met]).status
    assert statcan.Indicator(score=None, status="not_available") == statcan.indicator([none])
    worst = statcan.assess(of((2015, "100"), (2016, "50")), UP)
    assert ["limited_progress", "deterioration"] == [
        statcan.indicator(several).status for several in ([met, worst, worst], [worst, worst])
    ][:1] + [statcan.indicator([worst]).status]


# Both, of any series

numbers = st.decimals("0.01", "1000", places=2)
values = st.one_of(numbers, numbers.map(lambda x: -x), st.just(Decimal(0)))
years = st.lists(st.integers(2012, 2034), unique=True, max_size=6)
aims = st.builds(
    Aim,
    direction=st.sampled_from(["up", "down"]),
    target=st.none() | values,
    target_year=st.integers(2014, 2032),
    base_year=st.integers(2012, 2018),
    limit=st.none() | values,
    percent=st.booleans(),
)
both = pytest.mark.parametrize("assess", [un.assess, statcan.assess])


@both
@given(years=years, aim=aims, data=st.data())
def test_every_series_has_a_verdict_or_a_reason(
    assess: Assess, years: list[int], aim: Aim, data: st.DataObject
) -> None:
    found = assess(series((year, data.draw(values)) for year in years), aim)
    assert found.rule in (RULES if found.given else REFUSALS)
    assert found.given == (found.score is not None) == (found.status not in (un.NONE, statcan.NONE))
    assert set(found.notes) <= set(NOTES)


@both
@given(
    first=numbers,
    last=numbers,
    target=st.none() | numbers,
    direction=st.sampled_from(["up", "down"]),
    power=st.integers(-6, 6),
)
def test_units_do_not_matter(
    assess: Assess, first: Decimal, last: Decimal, target: Decimal | None, direction: Direction, power: int
) -> None:
    """Thousands or millions: the same verdict."""
    one = assess(series([(2015, first), (2021, last)]), Aim(direction=direction, target=target))
    moved = Aim(direction=direction, target=None if target is None else target.scaleb(power))
    other = assess(series([(2015, first.scaleb(power)), (2021, last.scaleb(power))]), moved)
    assert (one.status, one.rule, one.score) == (other.status, other.rule, other.score)


@both
@given(first=numbers, last=numbers, more=numbers, target=st.none() | numbers, direction=st.sampled_from(["up", "down"]))
def test_a_better_value_is_never_judged_worse(
    assess: Assess, first: Decimal, last: Decimal, more: Decimal, target: Decimal | None, direction: Direction
) -> None:
    aim = Aim(direction=direction, target=target)
    better, worse = (max, min) if direction == "up" else (min, max)
    one = assess(series([(2015, first), (2021, worse(last, more))]), aim)
    other = assess(series([(2015, first), (2021, better(last, more))]), aim)
    assert one.score is None or other.score is None or one.score <= other.score


@given(first=numbers, last=numbers, target=numbers, direction=st.sampled_from(["up", "down"]))
def test_measures_are_those_of_the_formulas(
    first: Decimal, last: Decimal, target: Decimal, direction: Direction
) -> None:
    """The published formulas in floating point, as an oracle."""
    points, aim = series([(2015, first), (2021, last)]), Aim(direction=direction, target=target)
    b, t, goal = float(first), float(last), float(target)
    observed, required = (t / b) ** (1 / 6) - 1, (goal / b) ** (1 / 15) - 1
    found = statcan.assess(points, aim)
    if found.measure is not None:
        assert float(found.measure) == pytest.approx(aim.sign * observed / abs(required), rel=1e-9, abs=1e-9)
    chart = un.assess(points, aim)
    if chart.rule == "ratio":
        expected = t * (1 + observed) ** 9
        assert float(chart.measure or 0) == pytest.approx((expected - b) / (goal - b), rel=1e-6, abs=1e-9)


# The series and the card


def test_years_are_put_in_order() -> None:
    assert of((2020, "2"), (2015, "1")) == DOUBLES
    assert (Decimal("0.1"),) == tuple(point.value for point in series([(2015, 0.1)])), "a float is its shortest text"


@pytest.mark.parametrize("value", ["", "n/a", "NaN", "Infinity", "1e400"])
def test_what_is_no_number_is_refused(value: str) -> None:
    with pytest.raises(FormatError, match="2015"):
        of((2015, value))


def test_two_values_for_a_year_are_refused() -> None:
    with pytest.raises(FormatError, match="two values for one year"):
        of((2015, "1"), (2015, "2"))


def test_both_verdicts_stand_side_by_side() -> None:
    assert ("un", "statcan") == tuple(verdict.method for verdict in card.assess(HALVES, to("1")))


def test_the_card_names_every_choice_of_an_aim() -> None:
    from dataclasses import fields

    assert tuple(sorted(field.name for field in fields(Aim))) == card.CARD.needs.parameters
