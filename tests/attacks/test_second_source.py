"""The same people from a second source: a corrected file under a name of its own, and a study of each of the two.

Each table is safe alone; one less the other is whoever was added. So a table is protected together with all earlier
ones of the same norm and period, from whichever source, and is altered by the same dice.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from comity.adapters.vault import Question
from comity.model.cube import STATUS
from comity.model.job import Silent
from comity.model.policy import National
from comity.model.source import Source
from comity.services.node import counting, earlier
from comity.services.node.question import Asked
from comity.services.node.sources import Entry
from comity.stages.effects import Counted
from tests import sample

ROWS = ["1,6,1,1"] * 6 + ["2,6,2,2"] * 7 + ["3,6,3,1"] * 8
LATE = ["2,6,2,2"]  # one woman more, in the corrected file


def asked(home: Path, source: str, rows: list[str], study: str) -> Asked:
    """A study of a file of these rows."""
    (home / "keys").mkdir(exist_ok=True)
    people = "\n".join(f"{i},{row.partition(',')[2]}" for i, row in enumerate(rows))
    (home / f"{source}.csv").write_text(f"uid,wave,q42,sex\n{people}\n")
    text = replace(sample.study(), id=study, noise=None)
    return Asked(
        question=Question(study=text.digest, period="2010-2014"),
        study=text,
        norm=sample.norm(),
        entry=Entry(
            source=Source(id=source, path=str(home / f"{source}.csv"), format="csv", unique=False), bindings=()
        ),
        binding=sample.binding(),
        member="ke",
    )


def counted(home: Path, it: Asked, own: National) -> Counted:
    return counting.count(home, it, own, tell=Silent(), register=False)


def both(home: Path, own: National, *, remembers: bool) -> tuple[list[int | None], list[int | None]]:
    """What readers see of the first table and of the one of the corrected file."""
    first = counted(home, asked(home, "survey", ROWS, "S"), own)
    if remembers:
        earlier.keep(home, first.released)
    second = counted(home, asked(home, "survey-corrected", [*ROWS, *LATE], "T"), own)
    tables = []
    for one in (first, second):
        assert one.national is not None
        hidden = one.national.status == STATUS.index("Q")
        tables.append([None if gone else int(n) for n, gone in zip(one.national.values, hidden, strict=True)])
    return tables[0], tables[1]


@pytest.mark.parametrize("remembers", [False, True])
def test_the_difference_of_two_sources_is_nobody(tmp_path: Path, remembers: bool) -> None:
    one, two = both(tmp_path, National(publish=True, threshold=5), remembers=remembers)
    told = [b - a for a, b in zip(one, two, strict=True) if a is not None and b is not None]
    assert (1 in told) is not remembers  # without the memory she is told: 7 became 8


def test_the_same_cell_of_two_sources_is_changed_by_the_same_key(tmp_path: Path) -> None:
    one, two = both(tmp_path, National(publish=True, threshold=5, way="cell-key"), remembers=False)
    assert sum(a == b for a, b in zip(one, two, strict=True)) >= len(one) - 2  # her cell, and no other
