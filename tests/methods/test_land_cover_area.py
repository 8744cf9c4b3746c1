"""Figures of `land_cover_area/1`: Olofsson's published example, laws of tables, and errors that simulation confirms."""

import decimal
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import FormatError, Refused
from comity.methods.card import RasterBlock
from comity.methods.land_cover_area.card import CARD, METHOD
from comity.methods.land_cover_area.contribute import contribute, sampled
from comity.methods.land_cover_area.finish import finish
from comity.model.release import Figure
from comity.model.structure import Axis, Layout, Measure

ONE = {"from": "Vesland Cover v1"}
SAME = {"from": "Vesland Cover v1", "to": "Vesland Cover v1"}
OTHER = {"from": "ESA WorldCover v100", "to": "ESA WorldCover v200"}
NONE = Decimal(0)
MEASURES = tuple(
    Measure(id=id, name=id, decimals=decimals, bound=10**15)
    for id, decimals in (("area", 6), ("adjusted", 6), ("variance", 6), ("points", 0))
)

# Olofsson et al. (2014), table 8; rows are the map: deforestation, forest gain, stable forest, stable non-forest.
MATRIX = [[66, 0, 5, 4], [0, 55, 8, 12], [1, 0, 153, 11], [2, 1, 9, 313]]
PIXELS = (200_000, 150_000, 3_200_000, 6_450_000)


def layout(zones: int, classes: int, dates: int) -> Layout:
    axes = [Axis(id=f"CLASS_{at}", codes=tuple("ABCDEFGH"[:classes])) for at in range(dates)]
    zone = Axis(id="ZONE", codes=tuple(f"Z{at}" for at in range(zones)))
    return Layout(dimensions=(zone, *axes), measures=MEASURES)


def table(of: Layout, areas: Sequence[int], pairs: Sequence[tuple[int, int]] = ()) -> list[int]:
    """The vector: areas from blocks, the rest from a sample if there is one."""
    return [*areas, *(sampled(of, areas, pairs) if pairs else [0] * (3 * of.cells))]


def held(figures: Sequence[Figure]) -> dict[tuple[str, ...], Figure]:
    found = {(figure.measure, *figure.key): figure for figure in figures}
    assert len(found) == len(figures)
    return found


def value(figure: Figure) -> Fraction:
    assert figure.value is not None
    return Fraction(figure.value)


def test_the_published_example_comes_out() -> None:
    """The map says 180 km2 of deforestation; the sample 211.58, give or take 61.58 (21,158 +- 6,158 ha)."""
    of = layout(1, 4, 1)
    areas = [900 * pixels for pixels in PIXELS]
    pairs = [(i, j) for i, row in enumerate(MATRIX) for j, n in enumerate(row) for _ in range(n)]
    found = held(finish(of, table(of, areas, pairs), NONE, ONE))
    assert ("180.000000", "A") == (found["area", "Z0", "A"].value, found["area", "Z0", "A"].status)
    deforestation = found["adjusted", "Z0", "A"]
    assert ("211.578", "E") == (deforestation.value, deforestation.status)
    assert "61.58" == f"{1.96 * float(deforestation.sampling):.2f}"
    assert deforestation.value == found["adjusted", "_T", "A"].value
    assert ["75", "75", "165", "325", "640"] == [found["points", "Z0", code].value for code in "ABCD"] + [
        found["points", "Z0", "_T"].value
    ]


AREAS = st.lists(st.integers(0, 10**12), min_size=18, max_size=18)


@given(AREAS)
def test_published_parts_add_up_to_published_totals(areas: list[int]) -> None:
    """As text, to the last digit: over classes, over either date, over zones."""
    of = layout(2, 3, 2)
    found = held(finish(of, table(of, areas), NONE, SAME))
    for zone in ("Z0", "Z1", "_T"):
        for one in ("A", "B", "C", "_T"):
            parts = [[found["area", zone, one, code], found["area", zone, code, one]] for code in "ABC"]
            assert value(found["area", zone, one, "_T"]) == sum(value(pair[0]) for pair in parts)
            assert value(found["area", zone, "_T", one]) == sum(value(pair[1]) for pair in parts)
    for key, figure in found.items():
        if key[:2] == ("area", "_T"):
            assert value(figure) == sum(value(found["area", zone, *key[2:]]) for zone in ("Z0", "Z1"))
    assert sum(areas) == value(found["area", "_T", "_T", "_T"]) * 10**6


@given(AREAS)
def test_what_one_class_gains_another_loses(areas: list[int]) -> None:
    of = layout(2, 3, 2)
    found = held(finish(of, table(of, areas), NONE, SAME))
    for zone in ("Z0", "Z1", "_T"):
        assert 0 == sum(value(found["change", zone, "_T", code]) for code in "ABC")
        for code in "ABC":
            before, after = value(found["area", zone, code, "_T"]), value(found["area", zone, "_T", code])
            assert after - before == value(found["change", zone, "_T", code])
            rate = found["rate", zone, "_T", code]
            if before:
                assert abs(100 * (after - before) / before - value(rate)) <= Fraction(1, 2000)
            else:
                assert (None, "M") == (rate.value, rate.status)


def test_shares_are_of_the_area_that_has_a_class() -> None:
    found = held(finish(layout(2, 2, 1), table(layout(2, 2, 1), [1, 3, 0, 0]), NONE, ONE))
    assert ["25.000", "75.000"] == [found["share", "Z0", code].value for code in "AB"]
    assert [(None, "M")] * 2 == [(found["share", "Z1", code].value, found["share", "Z1", code].status) for code in "AB"]


def test_a_map_without_a_sample_is_unvalidated_and_has_no_error() -> None:
    figures = finish(layout(1, 2, 2), table(layout(1, 2, 2), [5, 1, 2, 9]), NONE, SAME)
    assert {"area", "share", "change", "rate"} == {figure.measure for figure in figures}
    assert {("V", "", "")} == {(figure.status, figure.sampling, figure.noise) for figure in figures}


def test_a_true_zero_stays_zero() -> None:
    found = held(finish(layout(1, 2, 1), table(layout(1, 2, 1), [0, 7]), NONE, ONE))
    assert ("0.000000", "0.000") == (found["area", "Z0", "A"].value, found["share", "Z0", "A"].value)


def test_a_change_between_two_versions_of_a_product_is_a_break() -> None:
    """Tile N00E006 of ESA WorldCover: built-up land grows by 38 per cent in a year, and not on the ground."""
    cells = 100  # square metres: 10 m
    both, lost, gained = 126_421, 131_868 - 126_421, 181_604 - 126_421
    areas = [cells * n for n in (both, lost, gained, 10**8)]
    found = held(finish(layout(1, 2, 2), table(layout(1, 2, 2), areas), NONE, OTHER))
    change, rate = found["change", "Z0", "_T", "A"], found["rate", "Z0", "_T", "A"]
    assert ("4.973600", "B") == (change.value, change.status)
    assert ("37.717", "B") == (rate.value, rate.status)
    assert {"V"} == {figure.status for (measure, *_), figure in found.items() if measure == "area"}


def test_zones_without_points_have_no_estimate() -> None:
    """And a total that holds more of them than a hundredth has none either."""
    of = layout(2, 2, 1)
    pairs = [(0, 0)] * 9 + [(0, 1)] + [(1, 1)] * 10
    some = held(finish(of, table(of, [600, 300, 50, 50], pairs), NONE, ONE))
    assert ("A", "V", "V") == tuple(some["area", zone, "A"].status for zone in ("Z0", "Z1", "_T"))
    assert ("E", "L", "L") == tuple(some["adjusted", zone, "A"].status for zone in ("Z0", "Z1", "_T"))
    assert (None, "") == (some["adjusted", "Z1", "A"].value, some["adjusted", "Z1", "A"].sampling)
    most = held(finish(of, table(of, [600 * 10**6, 393 * 10**6, 5 * 10**6, 2 * 10**6], pairs), NONE, ONE))
    assert ("545.000", "E") == (most["adjusted", "_T", "A"].value, most["adjusted", "_T", "A"].status)


def test_a_sliver_without_points_has_no_estimate_and_costs_the_others_none() -> None:
    """Nobody looked at it, so its error is not zero but unknown; a class of weight costs the zone its estimates."""
    of = layout(1, 3, 1)
    pairs = [(0, 0)] * 9 + [(0, 1)] + [(1, 1)] * 10
    sliver = held(finish(of, table(of, [600 * 10**6, 395 * 10**6, 5 * 10**6], pairs), NONE, ONE))
    one, other, unseen = (sliver["adjusted", "Z0", code] for code in "ABC")
    assert (("540.000", "E"), ("455.000", "E")) == ((one.value, one.status), (other.value, other.status))
    assert (None, "", "L") == (unseen.value, unseen.sampling, unseen.status)
    assert ("5.000000", "A") == (sliver["area", "Z0", "C"].value, sliver["area", "Z0", "C"].status)
    assert "0" == sliver["points", "Z0", "C"].value
    heavy = held(finish(of, table(of, [600 * 10**6, 300 * 10**6, 100 * 10**6], pairs), NONE, ONE))
    assert {"V"} == {figure.status for figure in heavy.values()}


def test_a_change_of_a_class_without_points_has_no_estimate() -> None:
    """From A to B is a sliver that nobody looked at: neither the loss of A nor the gain of B is known."""
    of = layout(1, 2, 2)
    pairs = [(0, 0)] * 5 + [(2, 2), (2, 0)] + [(3, 3)] * 5
    found = held(finish(of, table(of, [600 * 10**6, 5 * 10**6, 95 * 10**6, 300 * 10**6], pairs), NONE, SAME))
    assert ("E", "L", "E", "E") == tuple(found["adjusted", "Z0", a, b].status for a in "AB" for b in "AB")
    assert "E" == found["adjusted", "Z0", "A", "_T"].status  # 5 of 605 km2
    assert ("L", "L") == tuple(found["adjusted_change", "Z0", "_T", code].status for code in "AB")


def test_a_class_that_only_the_reference_has_is_estimated() -> None:
    """The map has none of it; points of other classes found it."""
    of = layout(1, 2, 1)
    found = held(finish(of, table(of, [100 * 10**6, 0], [(0, 0)] * 8 + [(0, 1)] * 2), NONE, ONE))["adjusted", "Z0", "B"]
    assert ("20.000", "E") == (found.value, found.status)


def test_errors_are_what_drawn_samples_do() -> None:
    """800 samples of a made-up truth: the estimate is unbiased, and its error is the estimates' spread."""
    of, dice = layout(1, 2, 2), np.random.default_rng(5)
    areas = [700 * 10**6, 60 * 10**6, 40 * 10**6, 200 * 10**6]
    truth = np.array([[0.90, 0.05, 0.03, 0.02], [0.2, 0.7, 0, 0.1], [0.1, 0, 0.8, 0.1], [0, 0.02, 0.02, 0.96]])
    number = (60, 30, 30, 40)
    keys = [("adjusted", "A", "B"), ("adjusted", "A", "_T"), ("adjusted_change", "_T", "A")]
    drawn: dict[tuple[str, ...], list[tuple[float, float]]] = {key: [] for key in keys}
    for _ in range(800):
        counts = [dice.multinomial(n, p) for n, p in zip(number, truth, strict=True)]
        pairs = [(i, j) for i, row in enumerate(counts) for j, n in enumerate(row) for _ in range(n)]
        found = held(finish(of, table(of, areas, pairs), NONE, SAME))
        for key in keys:
            figure = found[key[0], "Z0", *key[1:]]
            drawn[key].append((float(figure.value or "nan"), float(figure.sampling)))
    whole = np.array(areas) / 1e6 @ truth
    for key, exact in zip(keys, (whole[1], whole[0] + whole[1], whole[2] - whole[1]), strict=True):
        values, errors = np.array(drawn[key]).T
        assert exact == pytest.approx(values.mean(), abs=4 * values.std() / 800**0.5)
        spread = values.std()
        if key == keys[0]:
            assert spread == pytest.approx((errors**2).mean() ** 0.5, rel=0.08)
        else:  # an upper bound, and not a wild one
            assert spread * 0.95 < (errors**2).mean() ** 0.5 < spread * 2


def test_a_grid_cell_is_its_pair_of_classes_or_none() -> None:
    before = np.array([[0, 1, 2], [2, -1, 0]], np.int16)
    after = np.array([[0, 2, 1], [-1, 1, 2]], np.int16)
    found = contribute(RasterBlock(codes={"CLASS_0": before, "CLASS_1": after}), layout(4, 3, 2))
    assert [[0, 5, 7], [-1, -1, 2]] == found.tolist()
    assert np.dtype("int32") == found.dtype
    assert [[0, 1, 2], [2, -1, 0]] == contribute(RasterBlock(codes={"CLASS_0": before}), layout(4, 3, 1)).tolist()
    assert [[0, 1, 2], [2, -1, 0]] == before.tolist()


def test_class_cells_of_many_classes_do_not_overflow() -> None:
    wide = Axis(id="A", codes=tuple(map(str, range(300))))
    of = Layout(dimensions=(wide, wide, Axis(id="B", codes=wide.codes)), measures=MEASURES)
    last = np.full((1, 1), 299, np.int16)
    assert [[299 * 300 + 299]] == contribute(RasterBlock(codes={"A": last, "B": last}), of).tolist()


@pytest.mark.parametrize("pair", [(0, 4), (4, 0), (-1, 0), (0, 8)])
def test_a_point_of_two_zones_or_none_is_refused(pair: tuple[int, int]) -> None:
    with pytest.raises(FormatError, match="not a point of one zone"):
        sampled(layout(2, 2, 2), [1] * 8, [pair])


def test_the_callers_arithmetic_changes_nothing() -> None:
    of = layout(1, 2, 2)
    sums = table(of, [5 * 10**9, 10**9, 2 * 10**9, 9 * 10**9], [(i, j) for i in range(4) for j in (i, i, i, 0)])
    expected = finish(of, sums, NONE, SAME)
    with decimal.localcontext() as context:
        context.prec, context.rounding = 3, decimal.ROUND_UP
        context.traps[decimal.Inexact] = True
        assert expected == finish(of, sums, NONE, SAME)
        assert sums[4:] == list(sampled(of, sums[:4], [(i, j) for i in range(4) for j in (i, i, i, 0)]))


def three(of: Layout) -> Layout:
    return Layout(dimensions=of.dimensions, measures=of.measures[:3])


UNEQUAL = Layout(
    dimensions=(*layout(1, 2, 1).dimensions, Axis(id="TO", codes=("A", "X"))),
    measures=MEASURES,
)


@pytest.mark.parametrize(
    ("of", "sums", "noise", "parameters", "statuses", "says"),
    [
        (three(layout(1, 2, 1)), 6, "0", ONE, None, "not a table that"),
        (layout(1, 2, 0), 4, "0", ONE, None, "not a table that"),
        (layout(1, 2, 3), 32, "0", ONE, None, "not a table that"),
        (UNEQUAL, 16, "0", SAME, None, "not a table that"),
        (layout(1, 2, 1), 7, "0", ONE, None, "not sums that"),
        (layout(1, 2, 1), 8, "1", ONE, None, "not sums that"),
        (layout(1, 2, 1), 8, "NaN", ONE, None, "not sums that"),
        (layout(1, 2, 1), 8, "0", ONE, ["Q"] * 8, "not sums that"),
        (layout(1, 2, 1), 8, "0", {}, None, "names the product.*wanted from"),
        (layout(1, 2, 1), 8, "0", SAME, None, "names the product"),
        (layout(1, 2, 2), 16, "0", ONE, None, "names the product.*wanted from, to"),
    ],
)
def test_what_does_not_fit_is_refused(
    of: Layout, sums: int, noise: str, parameters: dict[str, str], statuses: list[str] | None, says: str
) -> None:
    with pytest.raises(FormatError, match=says):
        finish(of, [1] * sums, Decimal(noise), parameters, statuses)


def test_the_card_names_the_decimals_of_what_is_published() -> None:
    of = layout(2, 2, 2)
    areas = [10**9 * (at + 1) for at in range(8)]
    figures = finish(of, table(of, areas, [(at, at) for at in range(8) for _ in range(3)]), NONE, SAME)
    assert [rounding.measure for rounding in CARD.decimals] == list(dict.fromkeys(f.measure for f in figures))
    for figure in figures:
        digits = CARD.rounding(figure.measure)
        for text, decimals in ((figure.value, digits.value), (figure.sampling, digits.error)):
            assert not text or decimals == len(text.partition(".")[2])


def test_the_method_counts_rasters_and_no_persons() -> None:
    assert METHOD.tiles is contribute
    with pytest.raises(Refused, match="counts other data"):
        _ = METHOD.tables
