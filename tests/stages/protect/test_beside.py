"""Tables that nearly agree: where they meet, and that a small difference is a cell that needs its interval."""

import numpy as np
import pytest

from comity.model.protection import Rules
from comity.stages.protect import attacker, beside, tables, together
from comity.stages.protect.released import Kept
from comity.stages.protect.tables import SHOWN, Table

RULES = Rules(threshold=10, coalition=0)


def made(number: list[list[int]] | list[int], *ids: str) -> Table:
    cells = np.array(number, np.int64)
    axes = [(id, tuple(f"{id}{at}" for at in range(n))) for id, n in zip(ids, cells.shape, strict=True)]
    return tables.extended(axes, cells.ravel(), cells.ravel(), counts=True)


def published(table: Table) -> Kept:
    """All of it shown."""
    none, nothing = np.zeros(table.cells, np.bool_), np.zeros(table.cells, np.int64)
    shown = Table(
        variables=table.variables,
        values=table.values,
        number=table.number,
        largest=table.largest,
        status=np.full(table.cells, SHOWN, np.uint8),
        counts=True,
    )
    return Kept(
        what="persons", table=shown, published=table.values, primary=none, upper=nothing, lower=nothing, alone=none
    )


def test_tables_meet_in_the_margins_that_both_have() -> None:
    one, other = made([[1, 2], [3, 4]], "D", "E"), made([[10, 20], [30, 40]], "D", "F")
    ours, theirs = beside.meeting(one, other)
    assert ["D=_T E=_T", "D=D0 E=_T", "D=D1 E=_T"] == [one.name(at) for at in ours.tolist()]
    assert ["D=_T F=_T", "D=D0 F=_T", "D=D1 F=_T"] == [other.name(at) for at in theirs.tolist()]


def test_tables_of_nothing_in_common_meet_in_their_totals() -> None:
    ours, theirs = beside.meeting(made([1, 2], "D"), made([3, 4], "F"))
    assert ([0], [0]) == (ours.tolist(), theirs.tolist())


@pytest.mark.parametrize(("later", "agrees"), [([[1, 2], [3, 4]], True), ([[1, 2], [3, 5]], False)])
def test_they_agree_if_every_cell_of_both_is_the_same(later: list[list[int]], agrees: bool) -> None:
    assert agrees == beside.agree(made([3, 7], "D"), made(later, "D", "E"))


@pytest.mark.parametrize(("now", "sensitive"), [([30, 40], 0), ([31, 40], 2), ([29, 40], 2), ([45, 40], 0)])
def test_a_difference_of_few_is_sensitive(now: list[int], sensitive: int) -> None:
    """Of D0, and of the total; fifteen more are enough, and none is nobody."""
    found = together.join(made(now, "D"), RULES, [published(made([30, 40], "D"))])
    assert sensitive == found.problem.primary.sum()


def test_only_blanks_protect_a_difference() -> None:
    found = together.join(made([31, 40], "D"), RULES, [published(made([30, 40], "D"))])
    shown = found.problem.shut.copy()
    assert 2 == len(attacker.breaches(found.problem, shown))
    shown[found.places[:2]] = True  # the total and D0 of the new table
    assert () == attacker.breaches(found.problem, shown)
