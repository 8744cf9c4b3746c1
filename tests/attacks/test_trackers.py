"""Trackers: a person is never asked for, only everybody who lives there, and everybody there but her (Schlörer 1975).

Both answers are of many. The weakened build looks at how many stand behind each answer and shows them; the tracker's
difference is she. Guard: what is asked of the same people is one problem, in which she is a cell, asked for or not.
"""

from dataclasses import replace

import numpy as np

from comity.model.protection import Rules
from comity.stages.protect import attacker, tables
from comity.stages.protect.suppression.choose import choose
from comity.stages.protect.tables import SHOWN

RULES = Rules(threshold=5)
JOBS = ["JUDGE", "CLERK", "COOK", "NURSE"]
PEOPLE = np.array([[1, 40, 30, 29], [6, 35, 45, 24]])  # by region; one judge lives in R1
TABLE = tables.extended(
    [("REGION", ["R1", "R2"]), ("JOB", JOBS)],
    PEOPLE.ravel(),
    PEOPLE.ravel(),
    counts=True,
    parents={"JOB": dict.fromkeys(JOBS[1:], "ALL BUT JUDGES")},
)
ASKED = tables.link([TABLE], RULES).problem


def cell(region: str, job: str) -> int:
    return next(at for at in range(TABLE.cells) if TABLE.key(at) == (region, job))


SHE = cell("R1", "JUDGE")
QUERIES = [cell("R1", "_T"), cell("R1", "ALL BUT JUDGES")]


def test_two_answers_of_many_are_a_person_less_a_person() -> None:
    """Nothing else need be shown: a hundred less ninety-nine."""
    assert (TABLE.number[QUERIES] >= RULES.threshold).all()
    only = np.ones(TABLE.cells, bool)
    only[QUERIES] = False
    found = attacker.audit(ASKED, only)
    assert (1, 1) == (found.low[SHE], found.high[SHE])
    assert SHE in {breach.cell for breach in attacker.breaches(ASKED, only)}


def test_of_the_two_answers_one_is_not_shown() -> None:
    pattern = choose(ASKED)
    assert pattern.suppressed[SHE]
    assert pattern.suppressed[QUERIES].any()
    assert () == attacker.breaches(ASKED, pattern.suppressed)
    assert pattern.intervals.high[SHE] >= RULES.threshold


def test_who_has_one_answer_already_does_not_get_the_other() -> None:
    """The first was published in another table; the second comes later."""
    status = TABLE.status.copy()
    status[QUERIES[0]] = SHOWN
    asked = tables.link([replace(TABLE, status=status)], RULES)
    pattern = choose(asked.problem)
    assert [False, True] == pattern.suppressed[asked.places[0][QUERIES]].tolist()
