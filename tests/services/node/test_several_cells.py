"""Persons who stand in several cells, from the file to what may be shown: their margins are judged as they are."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from comity.adapters.vault import Question
from comity.model.job import Silent
from comity.model.policy import National
from comity.model.protection import Dominance
from comity.model.source import Binding, Map, Source
from comity.services.node import counting
from comity.services.node.question import Asked
from comity.services.node.sources import Entry
from tests.builders import numbers

NORM = numbers.norm({"R": ["A", "B"]}, {"n": 0, "w": 0, "wy": 0, "wyy": 0}, cells=2, y="0 1000000")
STUDY = numbers.study(NORM, "mean", y="y")
Rows = list[tuple[str, str, int]]

TOP, A, B = range(3)  # places in a table with its margin
COLUMNS = {"PERSON": "PERSON", "WAVE": "WAVE", "V_R": "R", "y": "y"}

APART: Rows = [(f"{region}{at}", region, 100) for region in "AB" for at in range(3)]
ALIKE: Rows = [(f"p{at}", region, 100) for region in "AB" for at in range(3)]
OWNED: Rows = [*((f"p{at}", region, 100) for region in "AB" for at in range(10)), ("owner", "A", 500)]
"""Three in each region; the same three in both; ten in both, beside one who has a third of A and a fifth of all."""

THRESHOLD = National(publish=True, threshold=5, coalition=0)
DOMINATED = replace(THRESHOLD, dominance=(Dominance(n=1, k=22),))


def asked(home: Path, rows: Rows) -> Asked:
    with (home / "people.csv").open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["PERSON", "WAVE", "R", "y"])
        lines.writerows([person, "6", region, income] for person, region, income in rows)
    (home / "keys").mkdir(exist_ok=True)
    maps = tuple(Map(variable=variable.id, column=COLUMNS[variable.id]) for variable in NORM.variables)
    return Asked(
        question=Question(study=STUDY.digest, period="2010-2014"),
        study=STUDY,
        norm=NORM,
        entry=Entry(source=Source(id="rows", path=str(home / "people.csv"), format="csv", unique=False), bindings=()),
        binding=Binding(id="home", version="1", norm=f"{NORM.id}/{NORM.version}", maps=maps),
        member="fiji",
    )


def sensitive(home: Path, rows: Rows, own: National, *, bounded: bool = False) -> list[bool]:
    """Of the persons and incomes of all, of A and of B, whether a rule finds them."""
    it = asked(home, rows)
    made = counting.table(home, it, own, tell=Silent(), register=False)
    assert made.margins is not None
    assert not {"number", "largest"} & {word.strip("(),=") for word in repr(made.margins).split()}
    found = counting.protected(home, it, replace(made, margins=None) if bounded else made, own, tell=Silent())
    whole = np.array([one.primary for one in found.kept if one.what == "persons" or one.what.count('"y:') == 1])
    assert len(whole) == 2
    return [bool(of) for of in whole.any(axis=0)]


@pytest.mark.parametrize(
    ("rows", "own", "counted", "bounded"),
    [
        (APART, THRESHOLD, [False, True, True], [True, True, True]),
        (ALIKE, THRESHOLD, [True, True, True], [True, True, True]),
        (OWNED, DOMINATED, [False, True, False], [True, True, False]),
    ],
    ids=["three and three are six", "three and the same three are three", "a fifth of all dominates nothing"],
)
def test_a_margin_is_judged_by_the_persons_who_are_in_it(
    tmp_path: Path, rows: Rows, own: National, counted: list[bool], bounded: list[bool]
) -> None:
    """By the cells alone, three and three might be three, and whoever is the largest in A the largest in B, too."""
    assert counted == sensitive(tmp_path, rows, own)
    assert bounded == sensitive(tmp_path, rows, own, bounded=True)


@pytest.mark.parametrize("own", [None, replace(THRESHOLD, way="noise")], ids=["for a sum with noise", "by noise"])
def test_no_margin_is_counted_where_no_rule_looks(tmp_path: Path, own: National | None) -> None:
    assert counting.table(tmp_path, asked(tmp_path, APART), own, tell=Silent(), register=False).margins is None
