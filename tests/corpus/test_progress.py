"""Canada's own verdicts, made again: every value, status and score that its SDG data hub publishes.

The published components name base, current value and target of each series; the points themselves are read from the
published data too, wherever the name of a series finds exactly one value a year in them.
"""

import csv
from decimal import Decimal
from typing import Any, Final

import pytest
import yaml

from comity.methods.progress import statcan
from comity.methods.progress.series import Aim, Point, Verdict, series
from tests.conftest import CORPUS

CANADA: Final = CORPUS / "opensdg" / "canada-sdg"
WORDS: Final = {"Year", "Value", "GeoCode", "Progress"}  # columns that no name of a series holds
# Means of more series than the file shows: of two series with one name it holds the later.
NAMED_TWICE: Final = {"1-4-1", "16-3-1", "4-5-1", "4-a-1", "9-c-1"}


@pytest.fixture(scope="module")
def published() -> dict[str, Any]:
    """Indicators, each with its series."""
    found: dict[str, Any] = yaml.safe_load((CANADA / "indicator_calculation_components.yml").read_text("utf-8"))
    return found


def of(indicator: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: told for name, told in indicator.items() if isinstance(told, dict)}


def aim(told: dict[str, Any]) -> Aim:
    target, limit = told["target"], told["limit"]
    return Aim(
        direction="up" if told["direction"] == 1 else "down",
        target=None if target is None else Decimal(repr(target)),
        target_year=int(told["target_year"]),
        base_year=min(2015, int(told["base_year"])),  # an earlier year is a choice of the hub's, a later one is data's
        limit=None if limit is None else Decimal(repr(limit)),
    )


def points(told: dict[str, Any]) -> tuple[Point, ...]:
    """The two points that were compared, or none."""
    pairs = {told[f"{which}_year"]: told[f"{which}_value"] for which in ("base", "current")}
    return series((int(year), value) for year, value in pairs.items() if value is not None)


def agree(told: dict[str, Any], verdict: Verdict) -> bool:
    pairs = ((told["progress_value"], verdict.measure), (told["score"], verdict.score))
    close = all(
        (one is None) == (other is None) and (one is None or abs(one - float(other or 0)) <= 1e-9)
        for one, other in pairs
    )
    return close and told["status"] == verdict.status


def test_every_published_value_status_and_score_is_ours(published: dict[str, Any]) -> None:
    told = {name: one for indicator in published.values() for name, one in of(indicator).items()}
    assert (247, 175) == (len(told), sum(one["progress_value"] is not None for one in told.values()))
    assert [] == [name for name, one in told.items() if not agree(one, statcan.assess(points(one), aim(one)))]
    assert all(statcan.assess(points(one), aim(one)).rule for one in told.values())


def test_an_indicator_is_the_mean_of_its_series(published: dict[str, Any]) -> None:
    for id, indicator in published.items():
        if not of(indicator) or id in NAMED_TWICE:
            continue
        found = statcan.indicator(statcan.assess(points(one), aim(one)) for one in of(indicator).values())
        assert (indicator["score"] is None) == (found.score is None), id
        assert indicator["score"] is None or abs(indicator["score"] - float(found.score or 0)) <= 1e-9, id
        assert indicator["progress_status"] in (found.status, ""), id


def test_from_the_published_data_to_the_published_verdict(published: dict[str, Any]) -> None:
    """Whole series of all years: which point is base and which is current is ours to find."""
    compared, wrong = 0, []
    for id, indicator in published.items():
        for name, told in of(indicator).items():
            read = whole(id, name)
            if read is None or told["base_value"] is None:
                continue
            found = statcan.assess(read, aim(told))
            compared += 1
            if not agree(told, found):
                wrong.append(name)
    assert compared > 190
    assert [] == wrong


def whole(id: str, name: str) -> tuple[Point, ...] | None:
    """A series of an indicator's data by its name: all parts of it are in the row, and no other column is filled."""
    file = CANADA / "data" / f"indicator_{id}.csv"
    if not file.exists():
        return None
    _, *parts = name.split(" / ")
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    filled = [[text for column, text in row.items() if column not in WORDS and text] for row in rows]
    extra = [len(texts) - len(parts) if set(parts) <= set(texts) else None for texts in filled]
    least = min((count for count in extra if count is not None), default=None)
    column = "Progress" if rows and "Progress" in rows[0] else "Value"
    chosen = [row for row, count in zip(rows, extra, strict=True) if count == least is not None and row[column].strip()]
    if not chosen or len({row["Year"][:4] for row in chosen}) < len(chosen):
        return None
    return series((int(row["Year"][:4]), row[column]) for row in chosen)
