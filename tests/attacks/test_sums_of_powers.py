"""A respondent of three who knows his own income: the sum and the sum of squares give him both of the others.

Three persons hide each other in a sum, and the office's threshold lets them; a mean is published with its spread. What
is left after he took himself out is two equations in two unknowns.
"""

import csv
from dataclasses import replace
from math import isqrt
from pathlib import Path

from comity.adapters.vault import Question
from comity.model.cube import STATUS, Cube
from comity.model.job import Silent
from comity.model.policy import National
from comity.model.source import Binding, Map, Source
from comity.services.node import counting
from comity.services.node.question import Asked
from comity.services.node.sources import Entry
from comity.stages.protect import sdc
from tests.builders import numbers

NORM = numbers.norm({"R": ["A", "B", "C"]}, {"n": 0, "w": 0, "wy": 0, "wyy": 0}, y="0 1000000")
NORM = replace(NORM, protection=replace(NORM.protection, threshold=3))
STUDY = numbers.study(NORM, "mean", y="y")
OWN, OTHERS = 31_000, (18_250, 47_110)
RULE = National(publish=True, threshold=3)


def asked(home: Path) -> Asked:
    (home / "keys").mkdir()
    columns = {"PERSON": "PERSON", "WAVE": "WAVE", "V_R": "R", "y": "y"}
    with (home / "people.csv").open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(columns.values())
        lines.writerows([f"a{at}", "6", "A", income] for at, income in enumerate([OWN, *OTHERS]))
        lines.writerows([f"{region}{at}", "6", region, 20_000 + at] for region in "BC" for at in range(20))
    maps = tuple(Map(variable=variable.id, column=columns[variable.id]) for variable in NORM.variables)
    return Asked(
        question=Question(study=STUDY.digest, period="2010-2014"),
        study=STUDY,
        norm=NORM,
        entry=Entry(source=Source(id="rows", path=str(home / "people.csv"), format="csv", unique=False), bindings=()),
        binding=Binding(id="home", version="1", norm=f"{NORM.id}/{NORM.version}", maps=maps),
        member="fiji",
    )


def solved(table: Cube) -> tuple[int, int] | None:
    """Both others, as the respondent in A reckons them; None where the cell is blank."""
    n, _, total, squares = (int(row[0]) for row in table.values.reshape(4, 3))
    if table.status[0] == STATUS.index("Q"):
        return None
    assert 3 == n
    rest, square = total - OWN, squares - OWN**2
    root = isqrt(2 * square - rest**2)
    return (rest - root) // 2, (rest + root) // 2


def test_three_persons_are_not_enough_where_squares_are_summed_too(tmp_path: Path) -> None:
    it = asked(tmp_path)
    made = counting.table(tmp_path, it, RULE, tell=Silent(), register=False)
    weakened = sdc.protected(made.cube, sdc.rules(RULE, NORM), measures={})
    assert solved(weakened.cube) == OTHERS
    decided = counting.protected(tmp_path, it, made, RULE, tell=Silent())
    assert solved(decided.cube) is None
    assert "threshold" == decided.reasons[0]
