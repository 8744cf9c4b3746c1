"""Antioquia's Mountain Green Cover Index, from the areas that the custodian's own tool publishes in its tests.

The tool, SEPAL's `sepal_mgci`, gives square kilometres by belt and class; 15.4.2 a is what `finish` makes of them.
"""

import csv
import json
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import pytest

from comity.methods.mountain_green.finish import finish
from comity.methods.mountain_green.measures import NUMBERS, greens
from comity.model.release import Figure
from comity.model.structure import Axis, Layout, Measure

BELTS = ("1", "2", "3", "4")  # Nival, Alpine, Montane, Remaining mountain area
ZONE = "CO-ANT"
LAYOUT = Layout(
    dimensions=(Axis(id="ZONE", codes=(ZONE,)), Axis(id="BELT", codes=BELTS), Axis(id="COVER", codes=NUMBERS)),
    measures=tuple(
        Measure(id=id, name=id, decimals=decimals, bound=10**15)
        for id, decimals in (("area", 6), ("green", 6), ("variance", 6), ("points", 0))
    ),
)


def finished(areas: Iterable[tuple[str, str, float]]) -> dict[tuple[str, ...], Figure]:
    """Figures from belt, class and square kilometres."""
    sums = [0] * LAYOUT.length
    for belt, code, area in areas:
        sums[LAYOUT.index((ZONE, belt, code))] = round(area * 1e6)
    figures = finish(LAYOUT, sums, Decimal(0), {"product": "ESA CCI land cover"})
    return {(figure.measure, *figure.key[1:]): figure for figure in figures if figure.key[0] == ZONE}


@pytest.fixture
def tool(corpus: Path) -> Path:
    return corpus / "geo" / "sepal_mgci"


def test_the_tools_legend_is_the_methods(tool: Path) -> None:
    """Ten classes of the same numbers; the five green ones are vegetation."""
    with (tool / "component/parameter/lc_classification.csv").open(encoding="utf-8") as file:
        names = {row["lc_class"]: row["desc"] for row in csv.DictReader(file)}
    assert set(NUMBERS) == set(names)
    assert [
        "Croplands",
        "Grassland",
        "Tree-covered areas",
        "Shrub-covered areas",
        "Shrubs and/or herbaceous vegetation, aquatic or regularly flooded",
    ] == [names[code] for code, green in zip(NUMBERS, greens(NUMBERS), strict=True) if green]


def test_antioquia_in_2000(tool: Path) -> None:
    """99.395 per cent of 40,699.67 km2; without a reference sample, so unvalidated."""
    answers = json.loads((tool / "tests/test_output_result/result_antioquia.json").read_text("utf-8"))
    given = answers["2000"]["sub_a"]
    found = finished((str(one["biobelt"]), str(group["lc"]), group["sum"]) for one in given for group in one["groups"])
    assert "40699.67" == f"{Decimal(found['area', '_T', '_T'].value or 0):.2f}"
    assert ("99.395", "V") == (found["mgci", "_T", "_T"].value, found["mgci", "_T", "_T"].status)
    # Alpine land is all green; a belt that Antioquia does not have is blank, and its area a true zero.
    assert "100.000" == found["mgci", "2", "_T"].value
    assert (None, "M", "0.000000") == (
        found["mgci", "1", "_T"].value,
        found["mgci", "1", "_T"].status,
        found["area", "1", "_T"].value,
    )


@pytest.mark.parametrize("plan", ["plan", "rsa"])
def test_a_country_with_snow_by_its_plan_area_and_its_real_surface(tool: Path, plan: str) -> None:
    """The same table read by arithmetic on its rows, belt by belt: sums of classes 2 to 6 over sums of all."""
    with (tool / f"tests/test_output_result/result_{plan}_parsed_result.csv").open(encoding="utf-8") as file:
        rows = [
            (row["belt_class"][0], str(round(float(row["lc_class"]))), float(row["sum"]))
            for row in csv.DictReader(file)
        ]
    found = finished(rows)
    for belt in (*BELTS, "_T"):
        here = [(code, area) for held, code, area in rows if belt in (held, "_T")]
        green = sum(area for code, area in here if 2 <= int(code) <= 6)
        assert 100 * green / sum(area for _, area in here) == pytest.approx(
            float(found["mgci", belt, "_T"].value or "nan"), abs=6e-4
        )
    assert "9" in {code for belt, code, _ in rows if belt == "1"}  # permanent snow is not green
