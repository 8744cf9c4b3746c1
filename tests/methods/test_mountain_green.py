"""Figures of `mountain_green/1`: what is green, what is blank and what is zero, and errors that simulation confirms."""

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
from comity.methods.mountain_green.card import CARD, METHOD
from comity.methods.mountain_green.contribute import contribute, sampled
from comity.methods.mountain_green.finish import finish
from comity.methods.mountain_green.measures import NAMES, NUMBERS, greens
from comity.model.release import Figure
from comity.model.structure import Axis, Layout, Measure

PRODUCT = {"product": "Vesland Cover v1"}
NONE = Decimal(0)
KM2 = 10**6
MEASURES = tuple(
    Measure(id=id, name=id, decimals=decimals, bound=10**15)
    for id, decimals in (("area", 6), ("green", 6), ("variance", 6), ("points", 0))
)


def layout(classes: Sequence[str] = ("CROP", "TREE", "BARE"), belts: int = 2, zones: int = 1) -> Layout:
    return Layout(
        dimensions=(
            Axis(id="ZONE", codes=tuple(f"Z{at}" for at in range(zones))),
            Axis(id="BELT", codes=("NIVAL", "ALPINE", "MONTANE", "REMAINING")[:belts]),
            Axis(id="COVER", codes=tuple(classes)),
        ),
        measures=MEASURES,
    )


def table(of: Layout, areas: Sequence[int], pairs: Sequence[tuple[int, int]] = ()) -> list[int]:
    """The vector: areas from blocks, the rest from a sample if there is one."""
    return [*areas, *(sampled(of, areas, pairs) if pairs else [0] * (3 * of.cells))]


def held(figures: Sequence[Figure]) -> dict[tuple[str, ...], Figure]:
    found = {(figure.measure, *figure.key): figure for figure in figures}
    assert len(found) == len(figures)
    return found


def test_green_are_five_of_the_ten_classes() -> None:
    """Croplands, grassland, tree-covered, shrub-covered, and flooded vegetation: 2 to 6 of FAO's list."""
    wanted = (False, True, True, True, True, True, False, False, False, False)
    assert wanted == greens(NUMBERS) == greens(NAMES)
    assert ("BUILT", "SNOW") == (NAMES[0], NAMES[8])


@pytest.mark.parametrize("codes", [("1", "TREE"), ("11",), ("FOREST", "TREE"), ("2", "")])
def test_other_classes_are_refused(codes: tuple[str, ...]) -> None:
    """Whoever calls forest something else must say so in the binding: the method guesses nothing."""
    with pytest.raises(FormatError, match=r"not classes of the land cover of 15\.4\.2.*way out"):
        greens(codes)


def test_the_index_is_green_by_mountain_area() -> None:
    found = held(finish(layout(), table(layout(), [10, 20, 30, 0, 5, 35]), NONE, PRODUCT))
    assert ("50.000", "V") == (found["mgci", "Z0", "NIVAL", "_T"].value, found["mgci", "Z0", "NIVAL", "_T"].status)
    assert "12.500" == found["mgci", "Z0", "ALPINE", "_T"].value
    assert "35.000" == found["mgci", "Z0", "_T", "_T"].value == found["mapped", "_T", "_T", "_T"].value
    assert "0.000060" == found["area", "Z0", "NIVAL", "_T"].value
    assert {"area", "mgci", "mapped"} == {measure for measure, *_ in found}
    assert {("V", "", "")} == {(figure.status, figure.sampling, figure.noise) for figure in found.values()}


def test_a_belt_without_green_is_zero_and_a_belt_without_mountain_is_blank() -> None:
    found = held(finish(layout(), table(layout(), [0, 0, 8, 0, 0, 0]), NONE, PRODUCT))
    for measure in ("mgci", "mapped"):
        assert ("0.000", "V") == (found[measure, "Z0", "NIVAL", "_T"].value, found[measure, "Z0", "NIVAL", "_T"].status)
        assert (None, "M") == (found[measure, "Z0", "ALPINE", "_T"].value, found[measure, "Z0", "ALPINE", "_T"].status)
    assert "0.000000" == found["area", "Z0", "ALPINE", "_T"].value


@given(st.lists(st.integers(0, 10**12), min_size=12, max_size=12))
def test_published_areas_add_up_and_the_index_follows_from_them(areas: list[int]) -> None:
    of = layout(belts=2, zones=2)
    found = held(finish(of, table(of, areas), NONE, PRODUCT))
    area = {key[1:]: Fraction(figure.value or "0") for key, figure in found.items() if key[0] == "area"}
    zones, belts, classes = ("Z0", "Z1"), ("NIVAL", "ALPINE"), ("CROP", "TREE", "BARE")
    for (zone, belt, code), held_area in area.items():
        parts = [
            area[z, b, c]
            for z in (zones if zone == "_T" else (zone,))
            for b in (belts if belt == "_T" else (belt,))
            for c in (classes if code == "_T" else (code,))
        ]
        assert held_area == sum(parts)
    for zone in (*zones, "_T"):
        for belt in (*belts, "_T"):
            whole, green = area[zone, belt, "_T"], area[zone, belt, "CROP"] + area[zone, belt, "TREE"]
            index = found["mapped", zone, belt, "_T"].value
            assert (index is None) == (whole == 0)
            assert index is None or abs(100 * green / whole - Fraction(index)) <= Fraction(1, 2000)


def test_a_sample_corrects_the_index_and_leaves_the_maps_own_beside_it() -> None:
    """Of 600 km2 mapped as trees a tenth is bare; of 400 km2 mapped as bare a quarter is green."""
    of = layout(("TREE", "BARE"), belts=1)
    pairs = [(0, 0)] * 18 + [(0, 1)] * 2 + [(1, 1)] * 15 + [(1, 0)] * 5
    found = held(finish(of, table(of, [600 * KM2, 400 * KM2], pairs), NONE, PRODUCT))
    index, green = found["mgci", "Z0", "NIVAL", "_T"], found["green", "Z0", "NIVAL", "_T"]
    assert ("64.000", "E") == (index.value, index.status)
    assert ("640.000", "E") == (green.value, green.status)
    error = (600**2 * 0.1 * 0.9 / 19 + 400**2 * 0.25 * 0.75 / 19) ** 0.5
    assert (f"{error:.3f}", f"{error / 10:.3f}") == (green.sampling, index.sampling)
    assert ("60.000", "A", "") == (
        found["mapped", "Z0", "_T", "_T"].value,
        found["mapped", "Z0", "_T", "_T"].status,
        found["mapped", "Z0", "_T", "_T"].sampling,
    )
    assert ("20", "40") == (found["points", "Z0", "NIVAL", "TREE"].value, found["points", "_T", "_T", "_T"].value)


def test_which_green_class_it_is_makes_no_difference() -> None:
    """Crops that are grassland are green all the same; and a belt is what the map of belts says."""
    of = layout(("CROP", "TREE", "BARE"), belts=1)
    areas = [50 * KM2, 40 * KM2, 10 * KM2]
    pairs = [(0, 1), (0, 1), (0, 0), (1, 0), (1, 1), (2, 2), (2, 2)]
    index = held(finish(of, table(of, areas, pairs), NONE, PRODUCT))["mgci", "Z0", "_T", "_T"]
    assert ("90.000", "0.000", "E") == (index.value, index.sampling, index.status)


def test_belts_and_zones_that_the_sample_does_not_cover_stay_as_mapped() -> None:
    of = layout(("TREE", "BARE"), belts=2, zones=2)
    areas = [60 * KM2, 40 * KM2, 30 * KM2, 70 * KM2, 1, 0, 0, 2]
    pairs = [(0, 0), (0, 0), (1, 0), (1, 1), (2, 2)]  # one point is none: it has no variance
    found = held(finish(of, table(of, areas, pairs), NONE, PRODUCT))
    assert ("80.000", "E") == (found["mgci", "Z0", "NIVAL", "_T"].value, found["mgci", "Z0", "NIVAL", "_T"].status)
    assert ("30.000", "V") == (found["mgci", "Z0", "ALPINE", "_T"].value, found["mgci", "Z0", "ALPINE", "_T"].status)
    assert (None, "L") == (found["green", "Z0", "ALPINE", "_T"].value, found["green", "Z0", "ALPINE", "_T"].status)
    assert ("45.000", "V") == (found["mgci", "Z0", "_T", "_T"].value, found["mgci", "Z0", "_T", "_T"].status)
    assert ("33.333", "V") == (found["mgci", "Z1", "_T", "_T"].value, found["mgci", "Z1", "_T", "_T"].status)
    assert ("A", "V") == tuple(found["area", "Z0", belt, "TREE"].status for belt in ("NIVAL", "ALPINE"))
    # The second zone is a speck: in the belt's total it is taken as mapped.
    assert ("80.000", "E") == (found["mgci", "_T", "NIVAL", "_T"].value, found["mgci", "_T", "NIVAL", "_T"].status)


def test_errors_are_what_drawn_samples_do() -> None:
    """800 samples of a made-up truth: the index is unbiased, and its error is the estimates' spread."""
    of, dice = layout(("TREE", "BARE"), belts=2), np.random.default_rng(7)
    areas, share, number = [300 * KM2, 100 * KM2, 500 * KM2, 600 * KM2], (0.95, 0.2, 0.9, 0.05), (40, 30, 60, 40)
    drawn: dict[str, list[tuple[float, float]]] = {"NIVAL": [], "_T": []}
    for _ in range(800):
        hits = dice.binomial(number, share)
        pairs = [(i, 2 * (i // 2) + int(k >= hits[i])) for i, n in enumerate(number) for k in range(n)]
        found = held(finish(of, table(of, areas, pairs), NONE, PRODUCT))
        for belt, values in drawn.items():
            figure = found["mgci", "Z0", belt, "_T"]
            values.append((float(figure.value or "nan"), float(figure.sampling)))
    green = np.array(areas) * share
    for belt, exact in (("NIVAL", green[:2].sum() / 4e6), ("_T", green.sum() / 15e6)):
        values, errors = np.array(drawn[belt]).T
        assert exact == pytest.approx(values.mean(), abs=4 * values.std() / 800**0.5)
        assert values.std() == pytest.approx((errors**2).mean() ** 0.5, rel=0.08)


def test_a_grid_cell_counts_where_it_has_a_belt_and_a_class() -> None:
    belt = np.array([[0, 1, -1], [1, 0, 1]], np.int16)
    cover = np.array([[2, 0, 1], [-1, 1, 2]], np.int16)
    found = contribute(RasterBlock(codes={"BELT": belt, "COVER": cover}), layout())
    assert [[2, 3, -1], [-1, 1, 5]] == found.tolist()
    assert np.dtype("int32") == found.dtype


def test_the_callers_arithmetic_changes_nothing() -> None:
    of = layout()
    areas, pairs = [7 * 10**9, 3, 5 * 10**9, 1, 10**9, 0], [(i, j) for i in range(6) for j in (i, i, 0)]
    expected = finish(of, table(of, areas, pairs), NONE, PRODUCT)
    with decimal.localcontext() as context:
        context.prec, context.rounding = 3, decimal.ROUND_UP
        context.traps[decimal.Inexact] = True
        assert expected == finish(of, table(of, areas, pairs), NONE, PRODUCT)


FLAT = Layout(dimensions=layout().dimensions[:2], measures=MEASURES)
OTHER = Layout(dimensions=layout().dimensions, measures=MEASURES[::-1])


@pytest.mark.parametrize(
    ("of", "sums", "noise", "parameters", "statuses", "says"),
    [
        (FLAT, 8, "0", PRODUCT, None, "not a table that"),
        (OTHER, 24, "0", PRODUCT, None, "not a table that"),
        (layout(), 23, "0", PRODUCT, None, "not sums that"),
        (layout(), 24, "2", PRODUCT, None, "not sums that"),
        (layout(), 24, "0", PRODUCT, ["A"] * 23 + ["Q"], "not sums that"),
        (layout(), 24, "0", {}, None, "names the product"),
        (layout(), 24, "0", PRODUCT | {"to": "x"}, None, "names the product"),
        (layout(("A", "B", "C")), 24, "0", PRODUCT, None, "not classes of the land cover"),
    ],
)
def test_what_does_not_fit_is_refused(
    of: Layout, sums: int, noise: str, parameters: dict[str, str], statuses: list[str] | None, says: str
) -> None:
    with pytest.raises(FormatError, match=says):
        finish(of, [1] * sums, Decimal(noise), parameters, statuses)


def test_the_card_names_the_decimals_of_what_is_published() -> None:
    of = layout()
    figures = finish(of, table(of, [10**9] * 6, [(at, at) for at in range(6) for _ in range(3)]), NONE, PRODUCT)
    assert [rounding.measure for rounding in CARD.decimals] == list(dict.fromkeys(f.measure for f in figures))
    for figure in figures:
        digits = CARD.rounding(figure.measure)
        for text, decimals in ((figure.value, digits.value), (figure.sampling, digits.error)):
            assert not text or decimals == len(text.partition(".")[2])


def test_the_method_counts_rasters_and_no_persons() -> None:
    assert METHOD.tiles is contribute
    with pytest.raises(Refused, match="counts other data"):
        _ = METHOD.tables
