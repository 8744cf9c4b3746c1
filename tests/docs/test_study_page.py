"""docs/study.md is a study that somebody writes: its files are written, its commands run, its figures are those by
hand."""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import fields
from decimal import Decimal
from fractions import Fraction
from math import sqrt
from pathlib import Path
from statistics import mean, variance

import pytest

from comity.cli.main import run
from comity.methods import registry
from comity.model.study import Draft

FENCE = re.compile(r"^```(\S+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(root: Path) -> Iterator[tuple[str, str, str]]:
    """Language, word behind it, and text of each fenced block."""
    for found in FENCE.finditer((root / "docs" / "study.md").read_text("utf-8")):
        yield found[1], found[2] or "", found[3]


@pytest.fixture(scope="module")
def walked(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the whole page was walked."""
    place = tmp_path_factory.mktemp("study")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        patch.delenv("COMITY_HOME", raising=False)
        for language, word, text in blocks(root):
            if language == "sh":
                for line in text.splitlines():
                    assert run(shlex.split(line)[1:]) == 0, line
            else:
                (place / word).parent.mkdir(parents=True, exist_ok=True)
                (place / word).write_text(text)
    return place


def test_the_mean_and_its_error_are_those_by_hand(walked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A stratified sample without replacement, Cochran (1977), 5.9: the page's own numbers are these."""
    strata = {40: (10, 12, 14, 16), 60: (20, 20, 24, 28)}
    of = sum(strata)
    average = sum(Fraction(size, of) * Fraction(mean(wages)) for size, wages in strata.items())
    spread = sum(
        Fraction(size, of) ** 2
        * (1 - Fraction(len(wages), size))
        * Fraction(variance(map(Fraction, wages)))
        / len(wages)
        for size, wages in strata.items()
    )
    files = [str(walked / name) for name in ("study.json", "norm.json", "office")]
    assert 0 == run(["dry-run", files[0], "--norm", files[1], "--home", files[2], "--json"])
    told = json.loads(capsys.readouterr().out)
    (found,) = [one for one in told["figures"] if one["measure"] == "mean"]
    assert (f"{float(average):.4f}", f"{sqrt(spread):.4f}") == (found["value"], found["standard-error"])
    assert Decimal(found["value"]) == 19
    assert "will consent" == told["answer"]


def test_the_page_has_every_field_of_a_study(root: Path) -> None:
    text = (root / "docs" / "study.md").read_text("utf-8")
    table = text[text.index("| field |") : text.index("| method |")]
    named = [
        name
        for row in table.splitlines()
        if row.startswith("| `")
        for name in re.findall("`([a-z]+)`", row[: row.index("|", 2)])
    ]
    assert [field.name for field in fields(Draft)] == named


def test_the_page_has_the_measures_of_its_methods(root: Path) -> None:
    rows = (root / "docs" / "study.md").read_text("utf-8").splitlines()
    for row in (row for row in rows if re.search("^\\| .?`[a-z]+/1`", row)):
        _, method, measures, moments, _ = row.split("|")
        name = re.findall("`([a-z]+)/1`", method)[0]
        needs = registry.load(name, "1").card.needs
        if needs.terms:
            terms, of = [term.id for term in needs.terms], [moment.id for moment in needs.moments]
            assert (terms, of) == (re.findall("`(.+?)`", measures), re.findall("`(.+?)`", moments))
