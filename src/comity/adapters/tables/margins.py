"""Contributors of every margin, where a person may stand in several cells (`stages.compute.Counts.margins`).

A person is one contributor of a margin, by whatever it adds to all its cells, which no sum of the cells tells. So the
kept parts are gone through once: each is laid into every margin above its cell, groups of codes among them; what a
person adds to a margin is summed, and of each margin only the number of persons and the largest sizes come out. What
they say of a margin is `stages.protect`'s.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from comity.adapters.tables import largest
from comity.adapters.tables.bound import CELL, UNIT, within
from comity.adapters.tables.engine import Engine
from comity.adapters.tables.gathering import gathered
from comity.methods.card import PERSONS
from comity.stages.compute import Plan
from comity.stages.protect import margins
from comity.stages.protect.margins import Hierarchy, Margins

if TYPE_CHECKING:
    import ibis

Whole = NDArray[np.int64]

_MARGIN: Final = "comity:margin"
_ADDS: Final = "comity:adds to "  # and a term: whether a person adds anything to it
_MOST: Final = 2**63 - 1


def fewest(adding: Whole) -> Whole:
    """Contributors of each cell, out of the persons who add to each term (terms, cells).

    Whoever adds nothing to a sum hides nobody in it: the fewest of a cell's terms count, of those not all zero.
    """
    return np.asarray(np.where(adding, adding, _MOST).min(axis=0) * adding.any(axis=0))


def apart(adding: Whole, sizes: Whole | None, plan: Plan) -> Margins | None:
    """Of persons who stand in one cell each: what the cells say, added up.

    Args:
        adding: as `fewest` has it. sizes: as `Counts.largest`, None for none.
    """
    if plan.margins is None:
        return None
    shape = tuple(len(axis.codes) for axis in plan.layout.dimensions)
    parts = np.zeros((0, len(plan.terms), plan.layout.cells), "<i8") if sizes is None else sizes
    whole = [margins.totals(row.reshape(shape), plan.margins).ravel() for row in adding]
    found = [
        margins.largest(parts[:, term].reshape(-1, *shape), plan.margins, 1).reshape(len(parts), len(whole[0]))
        for term in range(parts.shape[1])
    ]
    return Margins(number=fewest(np.stack(whole)), largest=np.stack(found, axis=1))


def whole(adding: Whole, sizes: Whole, plan: Plan, lots: Sequence[tuple[Whole, Whole]]) -> Margins | None:
    """Of persons who stand in several cells: `lot` of all lots, put together; the cells as they were counted."""
    if plan.margins is None:
        return None
    number, found = np.sum([more for more, _ in lots], axis=0), largest.merged([tops for _, tops in lots])
    at = margins.finest(plan.margins)
    number[:, at], found[:, :, at] = adding, sizes
    return Margins(number=fewest(number), largest=found)


def lot(
    parts: "ibis.Table", plan: Plan, by: Engine, *, ones: set[str], bounds: Mapping[str, int]
) -> tuple[Whole, Whole]:
    """Of each margin above the cells: the persons who add something to each term, and the sizes of the largest sums.

    Args:
        parts: the kept ones of a lot, all of a person's in one.
        ones: terms that are 1 in every part. bounds: the most that a part adds to each term.
    """
    hierarchies = plan.margins or ()
    cells = prod(len(parents) for parents in hierarchies)
    if not _above(hierarchies):
        return np.zeros((len(plan.terms), cells), "<i8"), np.zeros((plan.largest, len(plan.terms), cells), "<i8")
    if by.here:
        sums = [(term, plan.touched * bounds[term]) for term in plan.terms]
        above = [_margin(choice, hierarchies) for choice in _above(hierarchies)]
        found = parts.to_pyarrow()
        return gathered(found, of=UNIT, cell=CELL, sums=sums, above=above, most=plan.largest, all_=cells)
    return _lot(_laid(parts, plan, hierarchies), plan, cells, ones, bounds)


def _margin(choice: Sequence[int], hierarchies: Sequence[Hierarchy]) -> Whole:
    """The place among all margins of that which each cell is a part of, by one level of each dimension; -1 for none."""
    found = np.zeros(1, np.int64)
    for level, parents in zip(choice, hierarchies, strict=True):
        groups = margins.levels(parents)[level]
        grown = found[:, None] * len(parents) + groups
        found = np.where((found[:, None] < 0) | (groups < 0), -1, grown).ravel()
    return found


def _above(hierarchies: Sequence[Hierarchy]) -> list[tuple[int, ...]]:
    """Every choice of one level of each dimension (`margins.levels`), but that of the cells themselves."""
    return list(product(*(range(len(margins.levels(parents))) for parents in hierarchies)))[1:]


def _laid(parts: "ibis.Table", plan: Plan, hierarchies: Sequence[Hierarchy]) -> "ibis.Table":
    """Each part once for each margin that its cell is a part of: UNIT, _MARGIN and the terms."""
    import ibis

    cell, left, right = parts[CELL].cast("int64"), plan.layout.cells, prod(len(parents) for parents in hierarchies)
    places = []  # of each dimension, of each level: what it adds to a margin's place
    for axis, parents in zip(plan.layout.dimensions, hierarchies, strict=True):
        left, right = left // len(axis.codes), right // len(parents)
        place = (cell // left).cast("int64") % len(axis.codes)
        places.append([_found(place, level, right) for level in margins.levels(parents)])
    above = [
        sum((of[level] for of, level in zip(places, choice, strict=True)), ibis.literal(0, "int64"))
        for choice in _above(hierarchies)
    ]
    laid = parts.select(UNIT, *plan.terms, **{_MARGIN: ibis.array(above).unnest()})
    return laid.filter(laid[_MARGIN].notnull())


def _found(place: Any, level: Whole, step: int) -> Any:
    """The place of a code's group on a level, times a step; NULL where it has none."""
    import ibis

    if (level == level[0]).all():
        return ibis.literal(int(level[0]) * step, "int64")
    if (np.diff(level) == 1).all():
        return (place + int(level[0])) * step
    groups = [None if at < 0 else at * step for at in level.tolist()]
    return ibis.literal(groups, "array<int64>")[place.cast("int32")]


def _lot(laid: "ibis.Table", plan: Plan, cells: int, ones: set[str], bounds: Mapping[str, int]) -> tuple[Whole, Whole]:
    """Of each margin: the persons who add something to each term, and the sizes of the largest sums."""
    summed = {term: _sum(laid[term], plan.touched * bounds[term]) for term in plan.terms} if plan.largest else {}
    adds = {_ADDS + term: (laid[term] != 0).any() for term in plan.terms if term not in ones}
    keys = (UNIT, _MARGIN)
    persons = laid.group_by(*keys).agg(**adds, **summed) if adds or summed else laid.select(*keys).distinct()
    if plan.largest:
        persons = largest.ranked(persons, _MARGIN, plan.terms)
    number = {
        f"{PERSONS}:{term}": persons.count() if term in ones else persons.count(where=persons[_ADDS + term])
        for term in plan.terms
    }
    found = persons.group_by(_MARGIN).agg(**number, **largest.sizes(persons, plan.terms, plan.largest)).to_pyarrow()
    at = found[_MARGIN].to_numpy()
    whole = np.zeros((len(plan.terms), cells), "<i8")
    for row, name in zip(whole, number, strict=True):
        row[at] = found[name].to_numpy()
    return whole, largest.read(found, at, plan.terms, plan.largest, cells)


def _sum(term: Any, most: int) -> Any:
    """A sum whose size is at most `most`, cut to what int64 holds: no rule judges so large a one."""
    if most <= _MOST:
        return term.sum().cast("int64")
    return within(term.cast("decimal(38, 0)").sum(), -_MOST, _MOST).cast("int64")
