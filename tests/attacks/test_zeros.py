"""Zeros as information: that nobody is somewhere says where all the others are, and a zero hides nothing beside it.

Four ways: a row whose persons all stand in one cell, told by the zeros beside it; blanks beside a small cell that are
zeros, as whoever knows the matter knows; blanks that cannot be zeros, as those are shown; and persons none of whom has
anything, shown as a zero.
"""

from dataclasses import replace

import numpy as np

from comity.model.protection import Rules
from comity.stages.protect import attacker, tables
from comity.stages.protect.problem import Problem
from comity.stages.protect.suppression.choose import choose
from comity.stages.protect.tables import Table

CODES = [("AREA", ["A", "B", "C"]), ("HEALTH", ["WELL", "ILL", "UNKNOWN"])]


def counted(*values: int) -> Table:
    count = np.array(values)
    return tables.extended(CODES, count, count, counts=True)


def problem(table: Table, rules: Rules) -> Problem:
    """The problem of a table, its cells in the table's own order."""
    linked = tables.link([table], rules)
    assert list(range(table.cells)) == linked.places[0].tolist()
    return linked.problem


def cell(table: Table, name: str) -> int:
    return next(at for at in range(table.cells) if table.name(at) == name)


ALL_ILL = counted(0, 12, 0, 40, 9, 30, 50, 11, 20)


def test_whoever_is_in_a_row_with_one_cell_is_in_that_cell() -> None:
    """Zeros shown as they are: twelve live in A, and each of them is known to be ill. No rule of numbers sees it."""
    asked = problem(ALL_ILL, Rules(threshold=5))
    shown = ~choose(asked).suppressed
    assert shown[[cell(ALL_ILL, f"AREA=A HEALTH={code}") for code in ("WELL", "UNKNOWN")]].all()


def test_where_zeros_are_sensitive_nobody_is_known_to_be_ill() -> None:
    """Each zero may be as many as the threshold, so that some of the twelve may be well."""
    asked = problem(ALL_ILL, Rules(threshold=5, zeros=True))
    pattern = choose(asked)
    assert 0 == len(pattern.unprotectable)
    zeros = [cell(ALL_ILL, f"AREA=A HEALTH={code}") for code in ("WELL", "UNKNOWN")]
    assert pattern.suppressed[zeros].all()
    assert (attacker.audit(asked, pattern.suppressed).high[zeros] >= 5).all()


SMALL = counted(2, 0, 30, 0, 40, 25, 35, 21, 20)
"""Two are well in A; the zeros beside and below them are cells in which nobody can be."""


def test_zeros_that_go_with_a_small_cell_give_it_away() -> None:
    """The weakened build asks for two blanks in each row and column, and zeros cost least: two, zero, zero and forty.

    Nothing can be taken from a zero, so the two is never more than two; and who knows the zeros reads it."""
    asked = problem(SMALL, Rules(threshold=3))
    zeros = [cell(SMALL, name) for name in ("AREA=A HEALTH=ILL", "AREA=B HEALTH=WELL")]
    small = cell(SMALL, "AREA=A HEALTH=WELL")
    hidden = np.zeros(SMALL.cells, bool)
    hidden[[small, *zeros, cell(SMALL, "AREA=B HEALTH=ILL")]] = True
    assert 2 == attacker.audit(asked, hidden).high[small]
    assert small in attacker.failures(asked, attacker.audit(asked, hidden))
    found = attacker.audit(asked, hidden, known=zeros)
    assert (2, 2) == (found.low[small], found.high[small])


def test_a_zero_never_goes_with_a_small_cell() -> None:
    asked = problem(SMALL, Rules(threshold=3))
    pattern = choose(asked)
    zeros = np.flatnonzero(asked.values == 0).tolist()
    assert not pattern.suppressed[zeros].any()
    small = cell(SMALL, "AREA=A HEALTH=WELL")
    found = attacker.audit(asked, pattern.suppressed, known=zeros)
    assert found.low[small] <= 1
    assert found.high[small] >= 3


NARROW = counted(1, 2, 30, 25, 40, 25, 35, 21, 20)
"""One is well in A and two are ill: three together, and neither cell is empty."""


def test_a_blank_is_known_to_be_no_zero() -> None:
    """The weakened build thinks that a blank may be 0: then one and two may each be 0 to 3, and two blanks beside them
    are enough. Zeros are shown, so each is 1 or 2, and never 3."""
    asked = problem(NARROW, Rules(threshold=3))
    one, two = (cell(NARROW, f"AREA=A HEALTH={code}") for code in ("WELL", "ILL"))
    weak = replace(asked, floor=np.zeros_like(asked.floor))
    hidden = np.zeros(NARROW.cells, bool)
    hidden[[one, two, *(cell(NARROW, f"AREA=B HEALTH={code}") for code in ("WELL", "ILL"))]] = True
    assert () == attacker.breaches(replace(weak, coalition=0), hidden)
    found = attacker.audit(asked, hidden)
    assert [(1, 2), (1, 2)] == [(found.low[at], found.high[at]) for at in (one, two)]
    mended = choose(asked)
    assert 0 == len(mended.unprotectable)
    assert (attacker.audit(asked, mended.suppressed).high[[one, two]] >= 3).all()


def test_persons_who_all_have_nothing_are_no_true_zero() -> None:
    """Two persons in a cell of income 0: shown, it says what each of them has. A threshold of persons hides it."""
    income, persons = np.array([0, 700, 900, 800, 600, 500, 400, 900, 800]), np.array([2, 9, 9, 9, 9, 9, 9, 9, 9])
    table = tables.extended(CODES, income, persons, counts=False)
    poor = cell(table, "AREA=A HEALTH=WELL")
    asked = problem(table, Rules(threshold=3))
    assert asked.primary[poor]
    assert choose(asked).suppressed[poor]
    nobody = np.array([0, *persons[1:]])  # the weakened build: who has nothing is not counted
    assert not problem(tables.extended(CODES, income, nobody, counts=False), Rules(threshold=3)).primary[poor]
