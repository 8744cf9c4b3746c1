"""The half at home of each method of numbers, by the engine that a node has: rows in a file against plain Python."""

from decimal import Decimal
from itertools import combinations_with_replacement
from pathlib import Path

import numpy as np
import pytest

from comity.errors import Refused
from comity.methods import registry
from comity.methods.regression.measures import codes
from comity.model.source import Band
from comity.model.study import unsound
from comity.stages.misfits import misfits
from tests.builders.numbers import counted, norm, study

DICE = np.random.default_rng(1)
ROWS = [
    {"PERSON": f"p{i}", "V_SEX": "FM"[i % 2], "AGE": int(a), "INCOME": f"{y / 100}", "W": f"{w / 10}"}
    for i, (a, y, w) in enumerate(
        zip(DICE.integers(0, 90, 60), DICE.integers(0, 9000, 60), DICE.integers(1, 90, 60), strict=True)
    )
]
NUMBERS = {"AGE": "0 120", "INCOME": "0 100"}


def test_means_and_ratios_add_weighted_products(tmp_path: Path) -> None:
    terms = {"n": 0, "w": 1, "wy": 3, "wyy": 5}
    of = norm({"SEX": "FM"}, terms, **NUMBERS)
    asked = study(of, "mean", y="INCOME", y_decimals="2", weight_decimals="1")
    cube = counted(tmp_path, ROWS, of, asked, weight="W")
    expected = []
    for power in (None, 0, 1, 2):
        for sex in "FM":
            own = [row for row in ROWS if row["V_SEX"] == sex]
            each = [1 if power is None else Decimal(r["W"]) * Decimal(r["INCOME"]) ** power for r in own]
            expected.append(int(sum(each) * 10 ** ([0, 1, 3, 5][0 if power is None else power + 1])))
    assert expected == cube.values.tolist()
    assert ((), []) == (unsound(asked, of), list(misfits(asked, registry.load("mean", "1").card, of)))
    of = norm({"SEX": "FM"}, {"n": 0, "wy": 3, "wx": 1}, **NUMBERS)
    asked = study(of, "ratio", y="INCOME", x="AGE", y_decimals="2", weight_decimals="1")
    cube = counted(tmp_path, ROWS, of, asked, weight="W")
    wx = [sum(int(Decimal(r["W"]) * 10) * r["AGE"] for r in ROWS if r["V_SEX"] == sex) for sex in "FM"]
    assert wx == cube.values.tolist()[4:]


def test_a_bin_is_the_studys_and_not_the_bindings(tmp_path: Path) -> None:
    """The binding's bands say something else; the number as it is added decides, edges and rounding included."""
    of = norm({"BIN": ("LOW", "MID", "HIGH")}, {"n": 0, "w": 0, "wy": 1}, **NUMBERS)
    asked = study(of, "distribution", y="INCOME", y_decimals="1", edges="0 9.95 50 100")
    rows = [{"PERSON": str(i), "INCOME": y} for i, y in enumerate(("0", "9.94", "9.96", "50", "49.94", "99", "100"))]
    bands = {"V_BIN": (Band(code="LOW", below="5"), Band(code="HIGH", least="5"))}
    cube = counted(tmp_path, rows, of, asked, bands=bands, columns={"V_BIN": "INCOME"})
    assert [2, 2, 3] == cube.values.tolist()[:3]
    assert [99, 100 + 499, 500 + 990 + 1000] == cube.values.tolist()[6:]


def test_a_regression_adds_every_product_once(tmp_path: Path) -> None:
    of = norm({"TERM": codes(2)}, {"n": 0, "wz": 3}, cells=10, AGE="0 120", INCOME="0 100", HEIGHT="0 9")
    rows = [
        {"PERSON": r["PERSON"], "AGE": r["AGE"], "INCOME": r["INCOME"], "HEIGHT": i % 7, "W": r["W"]}
        for i, r in enumerate(ROWS)
    ]
    parameters = {"y": "INCOME", "x1": "AGE", "x2": "HEIGHT", "weight_decimals": "1"}
    parameters |= {f"{name}_decimals": "1" for name in ("y", "x1", "x2")}
    asked = study(of, "regression", **parameters)
    assert [] == list(misfits(asked, registry.load("regression", "1").card, of))
    cube = counted(
        tmp_path, rows, of, asked, weight="W", columns={"V_TERM": "INCOME"}, bands={"V_TERM": (Band(code="1-1"),)}
    )
    tenths = [
        (10, 10 * int(r["AGE"]), 10 * int(r["HEIGHT"]), int(Decimal(r["INCOME"]) * 10 + Decimal("0.5"))) for r in rows
    ]
    weights = [int(Decimal(r["W"]) * 10) for r in rows]
    pairs = list(combinations_with_replacement(range(4), 2))
    expected = [sum(w * t[a] * t[b] for w, t in zip(weights, tenths, strict=True)) for a, b in pairs]
    assert [60, *([0] * 9), *expected] == cube.values.tolist()


def test_a_member_weighs_what_the_study_says(tmp_path: Path) -> None:
    of = norm({"SERIES": ("S", "T")}, {"present": 0, "a": 0, "av": 1, "avv": 2}, cells=2, VALUE="0 100")
    asked = study(of, "aggregate", v="VALUE", v_decimals="1", weights="fiji:900 tonga:100")
    rows = [{"PERSON": "fiji", "V_SERIES": "S", "VALUE": "12.5"}, {"PERSON": "fiji", "V_SERIES": "T", "VALUE": "3"}]
    cube = counted(tmp_path, rows, of, asked)
    assert [1, 1, 900, 900, 112_500, 27_000, 14_062_500, 810_000] == cube.values.tolist()
    with pytest.raises(Refused, match="no weight for this member"):
        counted(tmp_path, rows, of, asked, member="samoa")


def test_a_study_of_very_many_bins_is_counted(tmp_path: Path) -> None:
    """Members vote for any number of them: consented to, it must not fail at home."""
    bins = 3_000
    of = norm({"BIN": [f"b{i}" for i in range(bins)]}, {"n": 0, "w": 0, "wy": 0}, y=f"0 {bins}")
    asked = study(of, "distribution", y="y", edges=" ".join(str(edge) for edge in range(bins + 1)))
    persons = [0, 1, 1, 1499, 2999, 3000]
    rows = [{"PERSON": f"p{i}", "BIN": "b1", "y": str(y)} for i, y in enumerate(persons)]
    cube = counted(tmp_path, rows, of, asked, columns={"V_BIN": "BIN"})
    assert {0: 1, 1: 2, 1499: 1, 2999: 2} == {i: int(n) for i, n in enumerate(cube.values[:bins]) if n}
