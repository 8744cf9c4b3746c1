"""docs/estimates.md is a path that a custodian and a country can walk: its commands are run in order, as they stand."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import pytest

from comity.acts.estimate import Settlement
from comity.cli.main import run
from comity.model.reason import CODES
from tests.assembly.rules.test_estimate import ALLOWED
from tests.builders.offices import Offices

FENCE = re.compile(r"^```(\S+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INDEX = "120"  # as the page calls the estimate


@dataclass(frozen=True)
class Walk:
    """What each command of the page printed."""

    text: str
    told: dict[str, str]


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "estimates.md").read_text("utf-8")


@pytest.fixture(scope="module")
def walked(page: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """m1 is the page's country, the custodian its agency."""
    place = tmp_path_factory.mktemp("walk")
    with Offices(place, members=3, custodians=["agency"]) as offices, pytest.MonkeyPatch.context() as patch:
        offices.start(*offices.ids, together=True)
        offices.accede()
        (place / "office").symlink_to(offices.home("m1"))
        patch.chdir(place)
        told: dict[str, str] = {}
        index = ""
        for language, name, text in FENCE.findall(page):
            if language == "csv":
                (place / name).write_text(text.replace(",404,", ",1,"))
            for line in text.splitlines() if language == "sh" else ():
                words = shlex.split(line.replace("https://hub.example.org", offices.address))[1:]
                real = [{"ke": "m1", INDEX: index}.get(word, word) for word in words]
                if "--hub" in words:
                    offices.until(lambda state: all(one.settled for one in state.estimates.values()))
                out = place / "out"
                with out.open("w") as file, pytest.MonkeyPatch.context() as shown:
                    shown.setattr("sys.stdout", file)
                    assert run(real) == 0, line
                told[line] = out.read_text()
                if words[:2] == ["estimate", "propose"]:
                    index = told[line].split()[1]
        yield Walk(page, told)


@pytest.mark.timeout(300)
def test_the_values_that_anyone_sees_are_those_of_the_page(walked: Walk) -> None:
    (shown,) = [text for language, _, text in FENCE.findall(walked.text) if language == "text"]
    (told,) = [out for line, out in walked.told.items() if line.startswith("comity estimate show") and "--hub" in line]
    assert told.endswith(shown)


def test_the_country_sees_its_own_values_beside_the_estimate(walked: Walk) -> None:
    (told,) = [out for line, out in walked.told.items() if "--beside" in line]
    assert ["F", "12.5", "10.1", "14.9", "E", "M", "9.1"] == told.splitlines()[-2].split()


def test_the_list_and_the_counts_say_how_it_ended(walked: Walk) -> None:
    listed, counted = (
        next(out for line, out in walked.told.items() if f"estimate {verb}" in line).splitlines()[-1].split()
        for verb in ("list", "counts")
    )
    assert "side-by-side" == listed[-1]
    assert ["agency", "m1", "1"] == counted[:3]


def test_the_page_has_every_reason_and_every_settlement(page: str) -> None:
    codes = [code.removeprefix("objection.") for code in CODES if code.startswith("objection.")]
    assert [] == [word for word in (*codes, *get_args(Settlement)) if f"`{word}`" not in page]


def test_its_table_is_the_one_that_the_rules_are_tested_against(page: str) -> None:
    """Each row's settlements, in the order of the table in the tests of the rules."""
    rows = {line.split("|")[1].strip(): set(re.findall("`([a-z-]+)`", line.split("|")[2])) for line in _table(page)}
    accepted, beside, objected, replaced, silent, refused, absent = rows.values()
    assert ALLOWED["accepted"] == ALLOWED["accepted-with-note"] == accepted == silent
    assert ALLOWED["objected with a value"] == beside
    assert ALLOWED["objected"] == objected == refused == absent
    assert ALLOWED["replaced"] == replaced


def _table(page: str) -> list[str]:
    lines = page[page.index("## What each answer allows") : page.index("## Time")].splitlines()
    return [line for line in lines if line.startswith("| ") and "the country |" not in line]
