"""Linked tables: eight municipalities by county and by size; each table is safe, and K is in neither and in both.

The weakened build protects each table by itself. Guard: tables of the same people are one problem, of which one more
cell is hidden (numbers of sdcTable's example of linked tables, where the cell that leaks is K).
"""

import numpy as np

from comity.model.protection import Rules
from comity.stages.protect import attacker, tables
from comity.stages.protect.suppression.choose import choose
from comity.stages.protect.tables import Linked, Table

PEOPLE = {"A": 2, "B": 2, "I": 8, "J": 8, "K": 3, "L": 3, "M": 3, "N": 7}
COUNTY = {code: "county-1" if code in "ABIJ" else "county-2" for code in PEOPLE}
SIZE = {code: "big" if code in "LM" else "small" for code in PEOPLE}
RULES = Rules(threshold=4, coalition=0)


def table(groups: dict[str, str]) -> Table:
    count = np.array(list(PEOPLE.values()))
    return tables.extended([("REGION", list(PEOPLE))], count, count, counts=True, parents={"REGION": groups})


BOTH = [table(COUNTY), table(SIZE)]
TOGETHER = tables.link(BOTH, RULES)


def hidden(linked: Linked, pattern: np.ndarray, at: int = 0) -> set[str]:
    return {BOTH[at].key(cell)[0] for cell in np.flatnonzero(pattern[linked.places[at]])}


def told(linked: Linked, pattern: np.ndarray) -> set[str]:
    """Sensitive cells that have one value left."""
    found = attacker.audit(linked.problem, pattern)
    return hidden(linked, linked.problem.primary & (found.low == found.high))


def test_each_table_tells_no_sensitive_cell_and_both_tell_k() -> None:
    """Small less county-1 is K and N, 10; N is shown as 7."""
    for one in BOTH:
        alone = tables.link([one], RULES)
        assert set() == told(alone, alone.problem.primary)
    assert set("ABKLM") == hidden(TOGETHER, TOGETHER.problem.primary)
    assert {"K"} == told(TOGETHER, TOGETHER.problem.primary)
    assert 3 == (2 + 2 + 8 + 8 + 3 + 7) - (2 + 2 + 8 + 8) - 7


def test_protected_as_one_problem_neither_tells_it() -> None:
    pattern = choose(TOGETHER.problem)
    assert set() == told(TOGETHER, pattern.suppressed)
    assert () == attacker.breaches(TOGETHER.problem, pattern.suppressed)
    assert "N" in hidden(TOGETHER, pattern.suppressed)
    assert hidden(TOGETHER, pattern.suppressed) & set(PEOPLE) == hidden(TOGETHER, pattern.suppressed, 1) & set(PEOPLE)
