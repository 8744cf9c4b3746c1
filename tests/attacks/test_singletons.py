"""Singletons and coalitions of two: who is alone in a blank cell knows it, and takes it out of the blanks of his row.

The weakened build audits as if nobody knew a cell (coalition 0); a lone respondent then reckons his rival, and two put
together reckon a third. Guard: the attacker tries each lone respondent, and each two of them, by what they know.
"""

import numpy as np
import pytest

from comity.model.protection import Rules
from comity.stages.protect import attacker, tables
from comity.stages.protect.problem import Problem
from comity.stages.protect.suppression.choose import choose

TURNOVER = np.array([700, 900, 800, 20_000, 30_000, 45_000])
FIRMS = np.array([1, 1, 1, 40, 50, 60])
CODES = ["MINE", "QUARRY", "SALT", "FARMS", "SHOPS", "INNS"]
TABLE = tables.extended([("TRADE", CODES)], TURNOVER, FIRMS, counts=False)
MINE, QUARRY, SALT = (
    next(at for at in range(TABLE.cells) if TABLE.key(at) == (code,)) for code in ("MINE", "QUARRY", "SALT")
)


def asked(coalition: int, *, firms: int = 3) -> Problem:
    """Of so many firms alone in a trade; the others of the three have company."""
    number = FIRMS.copy()
    number[firms:3] = 30
    table = tables.extended([("TRADE", CODES)], TURNOVER, number, counts=False)
    linked = tables.link([table], Rules(threshold=3, coalition=coalition))
    assert list(range(table.cells)) == linked.places[0].tolist()
    return linked.problem


def reckoned(problem: Problem, pattern: np.ndarray, *known: int) -> dict[int, int]:
    """What those who know these cells find exactly."""
    found = attacker.audit(problem, pattern, known=known)
    cells = [at for at in np.flatnonzero(problem.primary).tolist() if at not in known]
    return {at: int(found.low[at]) for at in cells if found.low[at] == found.high[at]}


def test_one_of_two_lone_firms_reckons_the_other() -> None:
    """Two blanks hide each other from everybody but their owners."""
    blind = choose(asked(0, firms=2))
    assert [MINE, QUARRY] == np.flatnonzero(blind.suppressed).tolist()
    assert {} == reckoned(asked(0, firms=2), blind.suppressed)
    assert {QUARRY: 900} == reckoned(asked(0, firms=2), blind.suppressed, MINE)
    assert [(MINE, (QUARRY,)), (QUARRY, (MINE,))] == [
        (breach.cell, breach.known) for breach in attacker.breaches(asked(1, firms=2), blind.suppressed)
    ]


def test_two_of_three_lone_firms_reckon_the_third() -> None:
    careless = choose(asked(1))
    assert [MINE, QUARRY, SALT] == np.flatnonzero(careless.suppressed).tolist()
    assert {} == reckoned(asked(1), careless.suppressed, MINE)
    assert {SALT: 800} == reckoned(asked(1), careless.suppressed, MINE, QUARRY)
    assert 3 == len(attacker.breaches(asked(2), careless.suppressed))


@pytest.mark.parametrize(("coalition", "firms", "blanks"), [(1, 2, 3), (2, 3, 4)])
def test_against_as_many_as_the_policy_says_nobody_is_reckoned(coalition: int, firms: int, blanks: int) -> None:
    problem = asked(coalition, firms=firms)
    pattern = choose(problem)
    assert () == attacker.breaches(problem, pattern.suppressed)
    assert blanks == pattern.suppressed.sum()
    assert {} == reckoned(problem, pattern.suppressed, *(MINE, QUARRY)[:coalition])
