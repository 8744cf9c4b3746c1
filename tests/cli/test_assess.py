"""`comity progress` prints two verdicts side by side and why; what it cannot read is one clear line."""

import json
import re
from pathlib import Path

import pytest

from comity.cli.main import run
from comity.methods.progress.series import NOTES, REFUSALS, RULES
from comity.pages import words

TABLE = "\ufeffYear,Series,Sex,Value\n2015,Poor,,14.5\n2015,Poor,F,15\n2019,Poor,,\n2023,Poor,,10.2\n2015,Rich,,1\n"


@pytest.fixture
def file(tmp_path: Path) -> str:
    place = tmp_path / "series.csv"
    place.write_text(TABLE, "utf-8")
    return str(place)


def test_both_verdicts_and_their_reasons(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Canada's 1.2.1 as published: 0.9526 of the pace that its target needs."""
    chosen = ["--only", "Series=Poor", "--only", "Sex="]
    assert 0 == run(["progress", file, "--direction", "down", "--target", "7.25", *chosen])
    lines = capsys.readouterr().out.splitlines()
    assert ["compared", "0.965834", "0.95259"] == next(line.split() for line in lines if line.startswith("compared"))
    assert "substantial progress" in lines[1]
    assert "on track or target met" in lines[1]
    assert words.say("progress.rule.ratio") in lines[-1]


def test_json_holds_every_digit(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == run(["progress", file, "--direction", "up", "--only", "Series=Rich", "--json"])
    un, statcan = json.loads(capsys.readouterr().out)
    assert ("un", "too-few-years", None) == (un["method"], un["rule"], un["score"])
    assert "statcan" == statcan["method"]


@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        (["--direction", "down"], 3, "choose by Series, Sex"),
        (["--direction", "down", "--value", "Rate"], 3, "no such column"),
        (["--direction", "down", "--only", "Series"], 2, "COLUMN=TEXT"),
        (["--direction", "down", "--only", "Series=Mortalty"], 3, "no row has this text; found Mortalty; wanted "),
        (["--direction", "down", "--target", "few"], 2, "--target: no number"),
        (["--direction", "down", "--target", "nan"], 2, "--target: no number"),
        (["--direction", "down", "--target", "1e400"], 3, "finite"),
        ([], 2, "--direction"),
    ],
)
def test_what_cannot_be_judged_is_one_clear_line(
    arguments: list[str], exit_code: int, said: str, file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code == run(["progress", file, *arguments])
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line


def test_a_file_that_is_no_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / "series.csv"
    place.write_bytes(b"\xff\xfe")
    assert 3 == run(["progress", str(place), "--direction", "up"])
    assert "not a table" in capsys.readouterr().err


def test_every_rule_reason_and_note_has_words() -> None:
    assert [] == [code for code in (*RULES, *REFUSALS) if f"progress.rule.{code}" not in words.EN]
    assert [] == [code for code in NOTES if f"progress.note.{code}" not in words.EN]


def test_the_page_shows_what_the_command_prints(root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """docs/methods/progress.md: its table, and its lines of Python, which run."""
    page = (root / "docs" / "methods" / "progress.md").read_text("utf-8")
    file = tmp_path / "indicator_1-2-1.csv"
    file.write_text("Year,Value\n2015,14.5\n2023,10.2\n")
    assert 0 == run(["progress", str(file), "--direction", "down", "--target", "7.25"])
    printed, _, _ = capsys.readouterr().out.partition("\n\n")
    assert printed in page.replace("\n    ", "\n")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    exec(code, {})
