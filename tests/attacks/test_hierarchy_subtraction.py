"""Hierarchy subtraction: a blank district is its region less the other districts; two levels up it is so again.

The weakened build hides a companion among the children, and shows every level above as it was; or it looks at each
level alone, so that a companion of one level is the only blank of the next. Guard: all levels are one problem.
"""

import numpy as np

from comity.model.protection import Rules
from comity.stages.protect import attacker, tables
from comity.stages.protect.suppression.choose import choose

PARENTS = {"D1": "NORTH", "D2": "NORTH", "D3": "SOUTH", "D4": "SOUTH", "D5": "SOUTH"}
PEOPLE = np.array([2, 3, 40, 50, 60])
RULES = Rules(threshold=5)
TABLE = tables.extended([("AREA", list(PARENTS))], PEOPLE, PEOPLE, counts=True, parents={"AREA": PARENTS})
ASKED = tables.link([TABLE], RULES).problem
AT = {TABLE.key(cell)[0]: cell for cell in range(TABLE.cells)}


def found(*hidden: str) -> dict[str, tuple[int, int]]:
    pattern = np.zeros(TABLE.cells, bool)
    pattern[[AT[code] for code in hidden]] = True
    intervals = attacker.audit(ASKED, pattern)
    return {code: (int(intervals.low[AT[code]]), int(intervals.high[AT[code]])) for code in hidden}


def test_one_blank_is_the_region_less_its_sister() -> None:
    assert {"D1": (2, 2)} == found("D1")


def test_blanks_below_and_a_blank_region_are_subtracted_from_the_country() -> None:
    """NORTH is hidden as well; it is the country less SOUTH, so the two districts have five between them, no more."""
    assert found("D1", "D2")["D1"][1] == found("D1", "D2", "NORTH")["D1"][1] <= 5
    assert {AT["D1"], AT["D2"]} == {
        breach.cell for breach in attacker.breaches(ASKED, np.isin(np.arange(TABLE.cells), [AT["D1"], AT["D2"]]))
    }


def test_every_level_is_hidden_as_far_as_it_must() -> None:
    """A region and its sister, and a district of that, or the country itself: no way up or down is left."""
    pattern = choose(ASKED)
    assert () == attacker.breaches(ASKED, pattern.suppressed)
    assert pattern.suppressed[[AT["D1"], AT["D2"], AT["NORTH"]]].all()
    assert (pattern.intervals.high[[AT["D1"], AT["D2"]]] >= 5).all()
