"""What a node counts at home for a sum: with noise every cell, without it none that its own table would hide."""

from dataclasses import replace
from pathlib import Path

import pytest

from comity import canon
from comity.adapters.vault import Question
from comity.model.cube import STATUS
from comity.model.job import Silent
from comity.model.policy import National
from comity.model.source import Source
from comity.services.node import counting, earlier
from comity.services.node.question import Asked
from comity.services.node.sources import Entry
from comity.stages.effects import Counted
from comity.stages.protect import released
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


def counted_at(home: Path, *, noise: bool, publish: bool = False) -> Counted:
    own = National(publish=publish, threshold=5)
    return counting.count(home, asked(home, noise=noise), own, tell=Silent(), register=False)


def test_with_noise_nothing_is_withheld(home: Path) -> None:
    counted = counted_at(home, noise=True)
    assert counted.withheld is None
    assert 13 == counted.values.sum()


def test_without_noise_the_cells_are_named_that_the_own_table_would_hide(home: Path) -> None:
    """Two men are too few, and the six go with them: whoever knows how many men there are could reckon a lone cell."""
    counted = counted_at(home, noise=False)
    assert counted.withheld is not None
    assert (2, [0, 0]) == (counted.withheld.sum(), counted.values[counted.withheld == 1].tolist())
    assert 5 == counted.values.sum()


def test_the_sum_and_the_own_table_are_one_protected_table(home: Path) -> None:
    both = counted_at(home, noise=False, publish=True)
    assert both.national is not None
    assert both.withheld is not None
    assert [int(status == STATUS.index("Q")) for status in both.national.status] == both.withheld.tolist()
    assert both.national.values.tolist() == both.values.tolist()


def test_what_was_decided_once_is_protected_together_with_what_comes_later(home: Path) -> None:
    earlier.keep(home, counted_at(home, noise=False).released)
    first = earlier.read(home, asked(home, noise=False))
    assert (1, 0) == (len(first.own), len(first.others))
    other = earlier.read(home, asked(home, noise=True))  # another study of the same people
    assert (0, 1) == (len(other.own), len(other.others))
    assert 0o600 == (home / "released.db").stat().st_mode & 0o777


def test_other_people_are_other_people(home: Path) -> None:
    earlier.keep(home, counted_at(home, noise=False).released)
    it = asked(home, noise=True)
    elsewhere = replace(it, norm=replace(sample.norm(), id="OTHER"))
    assert (0, 0) == (len((found := earlier.read(home, elsewhere)).own), len(found.others))


def test_an_earlier_table_that_was_protected_otherwise_hides_this_one(home: Path) -> None:
    before = released.decode(counted_at(home, noise=False).released)
    earlier.keep(home, released.encode(replace(before, study=canon.digest(b"another"), way="cell-key")))
    counted = counted_at(home, noise=False)
    assert counted.withheld is not None
    assert counted.withheld.all()
