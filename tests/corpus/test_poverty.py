"""Published multidimensional poverty (SDG 1.2.2, Alkire and Foster) is three ratios of what each household adds.

Households, members, weights and the expected table are those of the R package mpindex 0.2.1 (synthetic, 198 households;
cutoff 33 %). Which household is deprived of what is decided here as its vignette decides it, which is an office's own
work before it binds a file: headcount H, intensity A and M0 = H A are then sums divided by sums.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from comity.methods import registry
from tests.builders.numbers import counted, norm, study

Row = Mapping[str, str]

SIXTH: Final = ("nutrition", "child_mortality", "year_schooling", "school_attendance")  # weigh 1/6 each
EIGHTEENTH: Final = ("cooking_fuel", "sanitation", "drinking_water", "electricity", "housing", "assets")
GOODS: Final = ("tv", "computer", "animal_cart", "bicycle", "motorcycle", "refrigerator")

PUBLISHED: Final = {
    ("headcount", "Rural"): "0.480",
    ("intensity", "Rural"): "0.513",
    ("index", "Rural"): "0.246",
    ("headcount", "Urban"): "0.280",
    ("intensity", "Urban"): "0.405",
    ("index", "Urban"): "0.113",
}
RATIOS: Final = {"headcount": ("POOR", "ONE"), "intensity": ("SCORE", "POOR"), "index": ("SCORE", "ONE")}


def rows(corpus: Path, name: str) -> list[dict[str, str]]:
    with (corpus / "methods" / "surveys" / f"mpindex_{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def lacks(house: Row, members: Iterable[Row]) -> set[str]:
    """Indicators of which a household is deprived. Walls decide nothing, as in the vignette: it compares them to 2."""
    people = [(person, int(person["age"])) for person in members]
    has = {name.removeprefix("asset_"): int(of) > 0 for name, of in house.items() if name.startswith("asset_")}
    goods = sum(has[name] for name in GOODS) + (has["telephone"] or has["mobile_phone"])
    found = {
        "nutrition": any(number(person["undernourished"]) == 1 and age < 70 for person, age in people),
        "child_mortality": number(house["with_child_died"]) == 1,
        "year_schooling": any(number(person["completed_6yrs_schooling"]) == 2 for person, _ in people),
        "school_attendance": any(number(p["attending_school"]) == 2 and 5 <= age <= 24 for p, age in people),
        "cooking_fuel": number(house["cooking_fuel"]) in (4, 5, 6, 9),
        "sanitation": number(house["toilet"]) > 1,
        "drinking_water": number(house["drinking_water"]) == 2,
        "electricity": number(house["electricity"]) == 2,
        "housing": number(house["roof"]) in (5, 7, 9) or number(house["floor"]) in (5, 6, 9),
        "assets": not (goods > 1 and (has["car"] or has["truck"])),
    }
    return {name for name, deprived in found.items() if deprived}


def number(text: str) -> int:
    """A code as a number; 0, which none of these lists has, for no answer."""
    return int(float(text or "0"))


@pytest.fixture(scope="module")
def households(corpus: Path) -> list[dict[str, Any]]:
    """A row a household: poor or not, and its score if it is poor, as an office would write them into its file."""
    members: dict[str, list[Row]] = defaultdict(list)
    for person in rows(corpus, "roster"):
        members[person["uuid"]].append(person)
    made = []
    for house in rows(corpus, "household"):
        lacking = lacks(house, members[house["uuid"]])
        score = 3 * len(lacking & set(SIXTH)) + len(lacking & set(EIGHTEENTH))  # in eighteenths
        poor = score >= 6
        made.append(
            {"PERSON": house["uuid"], "V_CLASS": house["class"], "ONE": 1}
            | {"POOR": int(poor), "SCORE": f"{score / 18 if poor else 0:.6f}"}
        )
    return made


def test_the_published_headcount_intensity_and_index_are_ratios(
    households: list[dict[str, Any]], tmp_path: Path
) -> None:
    of = norm({"CLASS": ("Rural", "Urban")}, {"n": 0, "wy": 6, "wx": 0}, ONE="0 1", POOR="0 1", SCORE="0 1")
    method = registry.load("ratio", "1")
    found: dict[tuple[str, str], str] = {}
    for name, (y, x) in RATIOS.items():
        asked = study(of, "ratio", y=y, x=x, y_decimals="6")
        cube = counted(tmp_path, households, of, asked)
        told = method.finish(asked.layout, cube.values.tolist(), Decimal(0), asked.parameters)
        found |= {(name, one.key[0]): f"{Decimal(one.value or 'NaN'):.3f}" for one in told if one.measure == "ratio"}
        assert {"Rural": "98", "Urban": "100"} == {one.key[0]: one.value for one in told if one.measure == "n"}
    assert PUBLISHED == found
