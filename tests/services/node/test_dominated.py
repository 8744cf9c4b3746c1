"""A table of incomes at home, from the file to what may be shown: whoever has nearly all of a sum is not told by it."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from comity.adapters.vault import Question
from comity.model.cube import STATUS
from comity.model.job import Silent
from comity.model.policy import National
from comity.model.protection import Dominance
from comity.model.source import Binding, Map, Source
from comity.services.node import counting
from comity.services.node.question import Asked
from comity.services.node.sources import Entry
from comity.stages.protect import released
from tests.builders import numbers

NORM = numbers.norm({"R": ["A", "B", "C", "D"]}, {"n": 0, "w": 0, "wy": 0, "wyy": 0}, y="0 1000000")
STUDY = numbers.study(NORM, "mean", y="y")
RICH = 900_000


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Twenty persons in each of four regions, 50,000 each; but in B one has 900,000, and all others about 1,000."""
    (tmp_path / "keys").mkdir()
    with (tmp_path / "people.csv").open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["PERSON", "WAVE", "R", "y"])
        for region in "ABCD":
            incomes = [*(1000 + at for at in range(19)), RICH] if region == "B" else [50_000 + at for at in range(20)]
            lines.writerows([f"{region}{at}", "6", region, income] for at, income in enumerate(incomes))
    return tmp_path


def shown(home: Path, own: National) -> tuple[dict[str, str], bytes]:
    """Status of each region, and what is remembered."""
    columns = {"PERSON": "PERSON", "WAVE": "WAVE", "V_R": "R", "y": "y"}
    maps = tuple(Map(variable=variable.id, column=columns[variable.id]) for variable in NORM.variables)
    it = Asked(
        question=Question(study=STUDY.digest, period="2010-2014"),
        study=STUDY,
        norm=NORM,
        entry=Entry(source=Source(id="rows", path=str(home / "people.csv"), format="csv", unique=False), bindings=()),
        binding=Binding(id="home", version="1", norm=f"{NORM.id}/{NORM.version}", maps=maps),
        member="fiji",
    )
    counted = counting.count(home, it, replace(own, publish=True), tell=Silent(), register=False)
    assert counted.national is not None
    return dict(zip("ABCD", (STATUS[at] for at in counted.national.status[:4]), strict=True)), counted.released


THRESHOLD = National(publish=True, threshold=5)


def test_a_threshold_alone_shows_what_one_person_has(home: Path) -> None:
    """The weakened build: twenty persons are no few, and the sum of B is RICH but for two per cent."""
    assert dict.fromkeys("ABCD", "A") == shown(home, THRESHOLD)[0]


@pytest.mark.parametrize("rule", [{"p": 10}, {"dominance": (Dominance(n=1, k=80),)}])
def test_the_sum_that_one_person_makes_is_not_shown(home: Path, rule: dict[str, object]) -> None:
    found, kept = shown(home, replace(THRESHOLD, **rule))  # type: ignore[arg-type]
    assert "Q" == found["B"]
    assert 2 <= [*found.values()].count("Q")  # what all regions have together is no secret, and is known
    whats = {one.what: one for one in released.decode(kept).kept}
    assert whats['sum ["comity:weight:0","y:0"]'].primary.any()
    assert {(0, 5)} == {one.table.largest.shape for one in whats.values()}
    assert RICH.to_bytes(8, "little") not in kept  # his part stands nowhere
