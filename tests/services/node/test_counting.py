"""What a node counts at home for a sum: with noise every cell, without it none that its own table would hide."""

from dataclasses import replace
from pathlib import Path

import pytest

from comity.adapters.vault import Question
from comity.model.job import Silent
from comity.model.source import Source
from comity.services.node import counting
from comity.services.node.question import Asked
from comity.services.node.sources import Entry
from tests import sample

ROWS = ["1,6,1,1"] * 6 + ["2,6,2,2"] * 5 + ["3,6,3,1"] * 2  # answer 1: six men; 2: five women; 3: two men


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "keys").mkdir()
    people = "\n".join(f"{i},{row.partition(',')[2]}" for i, row in enumerate(ROWS))
    (tmp_path / "people.csv").write_text(f"uid,wave,q42,sex\n{people}\n")
    return tmp_path


def asked(home: Path, *, noise: bool) -> Asked:
    study = sample.study() if noise else replace(sample.study(), noise=None)
    source = Source(id="survey", path=str(home / "people.csv"), format="csv", unique=False)
    return Asked(
        question=Question(study=study.digest, period="2010-2014"),
        study=study,
        norm=sample.norm(),
        entry=Entry(source=source, bindings=()),
        binding=sample.binding(),
        member="ke",
    )


def test_with_noise_nothing_is_withheld(home: Path) -> None:
    counted = counting.count(home, asked(home, noise=True), national=False, threshold=5, tell=Silent(), register=False)
    assert counted.withheld is None
    assert 13 == counted.values.sum()


def test_without_noise_the_cells_are_named_that_the_own_table_would_hide(home: Path) -> None:
    """Two men are too few, and the five women go with them: a lone hidden cell could be reckoned."""
    counted = counting.count(home, asked(home, noise=False), national=False, threshold=5, tell=Silent(), register=False)
    assert counted.withheld is not None
    assert (2, [2, 5]) == (counted.withheld.sum(), sorted(counted.values[counted.withheld == 1].tolist()))
