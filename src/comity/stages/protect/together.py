"""A new table together with all that was decided on before of the same number: one problem of disclosure control.

Tables that agree where they meet are linked: a cell of both is one cell. Of others the differences are cells as well
(`beside`). Each table is asked what its rules asked when it was decided on; what was shown cannot be taken back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from comity.errors import ConfigError, FormatError
from comity.model.protection import Rules
from comity.stages.protect import beside, tables
from comity.stages.protect.primary import LARGEST, Needs
from comity.stages.protect.problem import Problem
from comity.stages.protect.released import Kept
from comity.stages.protect.tables import HIDDEN, SHOWN, Linked, Table


class Lost(Exception):
    """The rules cannot be kept, so nothing is shown; the argument says why, in a word of `WHOLE`."""


WHOLE: Final = (
    "unprotectable",
    "largest",
    "contradiction",
    "values",
    "one-cell",
    "dense",
    "forgotten",
    "way",
    "sums",
    "rounding",
    "cell-key",
)
"""Why every cell may be hidden: no pattern protects a sensitive one beside what was shown before; a rule asks for
largest parts that nobody knows; tables of the same people contradict each other; a value is below 0 or too large; all
persons stand in one sensitive cell, in which the zeros would tell; so much is sensitive that no pattern is looked for;
an earlier answer is not remembered; an earlier table was protected in another way; the way protects counts alone, and
this is none; rounded, or changed by keys, the table gives sensitive cells away all the same."""

DENSE: Final = 2_500_000
"""Sensitive cells times who may attack them, at most. A table of a million takes half a minute to protect; one of five
millions was not protected in any time that an exchange bears."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Together:
    """needs: what the rules ask of the new table. problem: it and all earlier ones. places: where its cells are.

    before: the earlier tables that agree with it, and where their cells are; apart: whether there are others.
    """

    needs: Needs
    problem: Problem
    places: NDArray[np.int64]
    before: tuple[tuple[Kept, NDArray[np.int64]], ...]
    apart: bool


def join(table: Table, rules: Rules, earlier: Sequence[Kept]) -> Together:
    """A table and all earlier ones of its number as one problem; `Lost` where there is none."""
    agreeing: list[Kept] = []
    other: list[Kept] = []
    for kept in earlier:
        others = (table, *(one.table for one in agreeing))
        (agreeing if all(beside.agree(one, kept.table) for one in others) else other).append(kept)
    try:
        linked = tables.link([table, *(_silent(kept.table, rules) for kept in agreeing)], rules)
        whole = _asking(linked, [linked.needs[0], *agreeing], [table, *(kept.table for kept in agreeing)])
        if other:
            alone = [(tables.link([_silent(kept.table, rules)], rules), kept) for kept in other]
            apart = [(_asking(one, [kept], [kept.table]), kept.table, one.places[0]) for one, kept in alone]
            whole = beside.apart(whole, table, linked.places[0], apart, rules)
    except ConfigError:
        raise Lost("largest") from None
    except FormatError:
        raise Lost("values" if (table.values > LARGEST).any() else "contradiction") from None
    before = tuple(zip(agreeing, linked.places[1:], strict=True))
    return Together(needs=linked.needs[0], problem=whole, places=linked.places[0], before=before, apart=bool(other))


def refuse_dense(problem: Problem) -> None:
    """`Lost` where a pattern would be looked for too long: each sensitive cell has to hold against a stranger, and
    against each lone respondent where the rules ask for that.
    """
    attackers = 1 + (int(problem.alone.sum()) if problem.coalition else 0)
    if int(problem.primary.sum()) * attackers > DENSE:
        raise Lost("dense")


def _silent(table: Table, rules: Rules) -> Table:
    """An earlier table, whose largest parts nobody kept: it is asked by the rules of its own time alone."""
    return replace(table, largest=np.zeros((rules.parts, table.cells), np.int64))


def _asking(linked: Linked, asks: Sequence[Needs | Kept], of: Sequence[Table]) -> Problem:
    """The problem, in which each table is asked what it was asked when it was decided on.

    What is published is no secret: a sensitive cell among it is protected no more. Rules that were made stricter since
    take nothing back.
    """
    problem, cells = linked.problem, linked.problem.cells
    primary, alone, shown, blank = (np.zeros(cells, np.bool_) for _ in range(4))
    upper, lower = np.zeros(cells, np.int64), np.zeros(cells, np.int64)
    for places, asked, table in zip(linked.places, asks, of, strict=True):
        np.logical_or.at(primary, places, asked.primary)
        np.logical_or.at(alone, places, asked.alone)
        np.maximum.at(upper, places, asked.upper)
        np.maximum.at(lower, places, asked.lower)
        np.logical_or.at(shown, places, table.status == SHOWN)
        np.logical_or.at(blank, places, table.status == HIDDEN)
    primary, blank = primary & ~shown, blank & ~shown & ~primary
    freed = linked.problem.primary & ~primary & ~shown & ~blank  # by rules of today of an earlier table alone
    return replace(
        problem,
        primary=primary,
        upper=np.where(primary, upper, 0),
        lower=np.where(primary, np.minimum(lower, problem.values - problem.floor), 0),
        alone=alone,
        open=(problem.open | freed) & ~primary & ~shown & ~blank,
        hidden=blank,
    )
