"""Published inequality of EU-SILC lies within the bounds that public bins give, and finer bins bring them together.

Rows and numbers are those of the R package laeken 0.5.3 and its paper (Alfons, Templ 2013, Journal of Statistical
Software 54(15)): equivalised income, weights rb050, 14,827 persons; Gini 26.48962, S80/S20 3.970004, at-risk-of-poverty
rate 14.44422 below a threshold of 10,859.24.
"""

import csv
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from comity.methods import registry
from comity.model.release import Figure
from comity.model.source import Band
from tests.builders.numbers import counted, norm, study

LINE = "10859.24"
TERMS = {"n": 0, "w": 2, "wy": 4}


@pytest.fixture(scope="module")
def people(corpus: Path) -> list[dict[str, str]]:
    with (corpus / "methods" / "surveys" / "eusilc.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return [{"PERSON": row["rb030"], "INCOME": row["eqIncome"], "W": row["rb050"]} for row in rows]


def figures(folder: Path, people: list[dict[str, str]], edges: list[str]) -> Mapping[tuple[str, str], Figure]:
    """By measure and bin."""
    bins = [f"B{at}" for at in range(len(edges))]
    of = norm({"BIN": bins}, TERMS, INCOME="0 500000")
    asked = study(of, "distribution", y="INCOME", y_decimals="2", weight_decimals="2", edges=" ".join(edges))
    bands = {"V_BIN": (Band(code=bins[0]),)}
    cube = counted(folder, people, of, asked, bands=bands, columns={"V_BIN": "INCOME"}, weight="W")
    method = registry.load("distribution", "1")
    found = method.finish(asked.layout, cube.values.tolist(), Decimal(0), asked.parameters)
    return {(figure.measure, figure.key[0]): figure for figure in found}


def test_the_published_gini_and_s80s20_lie_within_the_bounds(tmp_path: Path, people: list[dict[str, str]]) -> None:
    widths: dict[str, list[float]] = {"gini": [], "s80s20": []}
    for bins in (4, 16, 64):
        edges = [str(60_000 * at // bins) for at in range(bins)]  # the last bin has no end
        found = figures(tmp_path, people, edges)
        for measure, published in (("gini", 26.48962), ("s80s20", 3.970004)):
            low, high = (float(found[f"{measure}_{side}", "_T"].value or "nan") for side in ("low", "high"))
            assert low <= published <= high
            widths[measure].append(high - low)
    assert widths == {measure: sorted(of, reverse=True) for measure, of in widths.items()}
    assert widths["gini"][-1] < 0.5


def test_the_published_poverty_rate_is_the_headcount_below_the_line(
    tmp_path: Path, people: list[dict[str, str]]
) -> None:
    found = figures(tmp_path, people, ["0", LINE, "30000"])
    assert 14.44422 == pytest.approx(float(found["below", "B0"].value or 0), abs=0.001)
    assert "14827" == str(sum(int(found["n", f"B{at}"].value or 0) for at in range(3)))
