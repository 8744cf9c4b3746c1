"""comity protect check, as an office runs it: what it says, how it ends, and what it never shows."""

import json
from pathlib import Path

import pytest

from comity.cli.main import run

TRUE = """AREA,SEX,OBS_VALUE
N,F,20
N,M,49
S,F,31
S,M,22
W,F,2
W,M,12
"""
LONE = TRUE.replace("OBS_VALUE", "OBS_VALUE,OBS_STATUS").replace("\n", ",A\n").replace("STATUS,A", "STATUS")
LONE = LONE.replace("W,F,2,A", "W,F,,Q") + "_T,F,53,A\n"
SQUARE = LONE.replace("S,F,31,A", "S,F,,Q").replace("S,M,22,A", "S,M,,Q").replace("W,M,12,A", "W,M,,Q") + "_T,M,83,A\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    files = {"true.csv": TRUE, "lone.csv": LONE, "square.csv": SQUARE, "rules.toml": "threshold = 3\n"}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    return tmp_path


JUDGED = ["--true", "true.csv", "--rules", "rules.toml", "--counts"]


def test_a_blank_that_a_total_gives_away_is_named_with_its_interval(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 1 == run(["protect", "check", "lone.csv", *JUDGED, "--json"])
    told = json.loads(capsys.readouterr().out)
    finding = {"cell": "true.csv: AREA=W SEX=F", "low": "2", "high": "2", "needs-low": "1", "needs-high": "3"}
    assert {"cells": 12, "sensitive": 1, "blanks": 1, "margins-in-no-file": 5, "found": 1} | {
        "findings": [finding | {"known-to": []}]
    } == told
    assert 1 == run(["protect", "check", "lone.csv", *JUDGED])
    assert "true.csv: AREA=W SEX=F  2    2     1 to 3  anybody" in capsys.readouterr().out


def test_a_table_that_keeps_its_blanks_ends_well(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == run(["protect", "check", "square.csv", *JUDGED])
    out = capsys.readouterr().out
    assert ["sensitive           1", "found               0"] == [
        line for line in out.splitlines() if line.startswith(("sensitive", "found"))
    ]


@pytest.mark.parametrize(("file", "ends"), [("lone.csv", 1), ("square.csv", 0)])
def test_without_the_truth_only_what_follows_exactly_is_found(
    here: Path, capsys: pytest.CaptureFixture[str], file: str, ends: int
) -> None:
    assert ends == run(["protect", "check", file])
    out = capsys.readouterr().out
    assert ("lone.csv: AREA=W SEX=F  2    2" in out) is bool(ends)
    assert out.endswith("says nothing of blanks that can be reckoned nearly.\n")


def test_nothing_is_written(here: Path) -> None:
    before = sorted(here.iterdir())
    run(["protect", "check", "lone.csv", *JUDGED])
    assert before == sorted(here.iterdir())


@pytest.mark.parametrize(
    ("arguments", "ends", "said"),
    [
        (["lone.csv", "--rules", "rules.toml"], 2, "wanted both, or neither"),
        (["lone.csv", "--true", "true.csv"], 2, "wanted both, or neither"),
        (["none.csv"], 2, "none.csv: no such file"),
        (["lone.csv", "--true", "true.csv", "--rules", "none.toml"], 2, "none.toml: no such file"),
        (["wrong.csv", *JUDGED], 3, "wrong.csv: AREA=N SEX=F: was published with another figure"),
        (["wrong.csv"], 3, "figures that no table can have"),
    ],
)
def test_what_cannot_be_judged_is_said_in_one_line(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], ends: int, said: str
) -> None:
    """And a figure of the true table is in none of them."""
    (here / "wrong.csv").write_text(LONE.replace("N,F,20,A", "N,F,60,A"))
    assert ends == run(["protect", "check", *arguments])
    (line,) = [one for one in capsys.readouterr().err.splitlines() if "proved" not in one]
    assert said in line
    assert " 20" not in line
