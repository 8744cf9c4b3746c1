"""The bounded plan: several rows a person, numbers, weights; what one person adds to a table is bounded before it sums.

Rows bound to the norm (`bound`) -> what a method makes of each -> parts: what a person adds to a cell, summed over the
person's rows and cut to the measure's bound -> of each person at most `touched` parts, the first in an order of the
person's own -> cells. So a person moves at most `touched` cells, each measure by its bound at most, whatever the rows
say. Sums that int64 might not hold are made of decimals, and refused if it does not.
"""

from collections.abc import Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from comity.adapters.tables import design, largest, lots, margins, order, replicated
from comity.adapters.tables.bound import (
    CELL,
    PLACE,
    UNIT,
    Tally,
    bound,
    left_out,
    placed,
    universe,
    weighed,
    weighing,
    within,
)
from comity.adapters.tables.engine import Engine
from comity.errors import SourceError
from comity.methods.card import PERSONS, WEIGHT
from comity.stages.compute import Counts, Plan

if TYPE_CHECKING:
    import ibis

_PLACE: Final = "comity:place in order"


def counted(rows: "ibis.Table", plan: Plan, by: Engine, *, unique: bool) -> Counts:
    """Cells of a plan over the rows of its period.

    Args:
        unique: one row is one person in them.

    Raises:
        SourceError: what the rows add is beyond 64 bits; or the design is none (`design`).
    """
    inside = universe(rows, plan.universe, by)
    tally = left_out(inside, plan, by)
    most = _most(plan, tally)
    single = unique and plan.method.card.bounds.touched == 1  # each row is one person, of whom there is one cell
    margined = plan.margins is not None and not single
    _insist(rows, inside, plan, by, unique=unique)
    sums, above, drawn = [], [], []
    key, many = _lots(rows, tally, plan, by, most, single=single)
    for lot in range(many):
        own = lots.lot(inside, key, lot, many)
        made = contributed(bound(own, plan, by), plan)
        parts = _cut(made if single else _parts(made, plan, by, tally, most), plan)
        sums.append(_summed(parts, plan, tally))
        if margined:
            above.append(margins.lot(parts, plan, by, ones=_ones(parts, plan), bounds=_bounds(plan)))
        if plan.design:
            every = lots.lot(rows, key, lot, many)
            drawn.append(_drawn(every, own, parts, plan, by, unique=unique, most=_made(tally, plan)))
    totals = design.totals(drawn, plan) if plan.design else None
    values = _added(plan, [one for one, _, _ in sums])
    adding = np.sum([persons for _, persons, _ in sums], axis=0)
    sizes = largest.merged([sizes for _, _, sizes in sums])
    return Counts(
        values=values,
        contributors=margins.fewest(adding),
        rows=tally.counted,
        missing=tally.missing,
        outside=tally.outside,
        unmapped=tally.unmapped,
        totals=totals,
        largest=sizes if plan.largest else None,
        margins=margins.whole(adding, sizes, plan, above) if margined else margins.apart(adding, sizes, plan),
    )


def _lots(
    rows: "ibis.Table", tally: Tally, plan: Plan, by: Engine, most: Mapping[str, int], *, single: bool
) -> tuple[str, int]:
    """The column by which rows are laid into lots, and how many there are: of persons; of strata, where a sample was
    drawn out of these, since what is drawn elsewhere says nothing of them.
    """
    texts = tally.units is None
    needs = [] if single else [(_made(tally, plan), lots.bounding(most))]
    if plan.design is None or plan.design.replicates:
        return plan.unit.column, lots.number(by.room, needs, texts=texts)
    if by.room is None or not (strata := plan.design.strata):
        return "", 1
    facts = rows.agg(rows=rows.count(), strata=rows[strata].nunique()).to_pyarrow().to_pylist()[0]
    many = lots.number(by.room, [*needs, (facts["rows"], lots.DRAWN)], texts=texts)
    return strata, max(min(many, facts["strata"]), 1)


def _made(tally: Tally, plan: Plan) -> int:
    """Rows that a method makes at most: one of which every person touches all cells makes of each as many as these."""
    return tally.counted * (1 if plan.method.card.bounds.touched else plan.layout.cells)


def _insist(rows: "ibis.Table", inside: "ibis.Table", plan: Plan, by: Engine, *, unique: bool) -> None:
    """Refuse a sample of which variances would be wrong, before anything is counted."""
    if plan.design is None:
        return
    if plan.design.replicates:
        replicated.insist(inside, plan.weight, plan.design.replicates, by, where=plan.source.id)
    else:
        design.placed(rows, plan.unit, plan.design, by, unique=unique, where=plan.source.id)


def _drawn(
    rows: "ibis.Table", inside: "ibis.Table", parts: "ibis.Table", plan: Plan, by: Engine, *, unique: bool, most: int
) -> design.Part:
    """For the sampling variances: `design`."""
    import ibis

    def again(columns: Sequence[str]) -> "ibis.Table":
        """By other weights, which every row that the plan's own weight counts has."""
        whole = inside.filter(weighed(inside, plan.weight, by))
        one = bound(whole, plan, by, columns).mutate(**{WEIGHT: ibis.literal(1, "int64")})
        made = contributed(one, plan, *(weighing(i) for i in range(len(columns))))
        return made.semi_join(parts, [UNIT, CELL])

    return design.part(rows, parts, plan, unique=unique, most=most, again=again)


def contributed(rows: "ibis.Table", plan: Plan, *more: str) -> "ibis.Table":
    """What a method makes of bound rows: UNIT, CELL, and each term of the layout; and more of their columns."""
    import ibis

    made = plan.method.tables(rows, plan.layout, plan.parameters)
    ones, one = _ones(made, plan), ibis.literal(1, "int64")
    cell, stride = ibis.literal(0, "int64"), plan.layout.cells
    for axis in plan.layout.dimensions:
        stride //= len(axis.codes)
        place = made[PLACE + axis.id] if _left(made, rows, axis.id) else placed(made[axis.id], axis)
        cell += place * ibis.literal(stride, "int64")
    return made.select(
        UNIT,
        **{CELL: cell.cast("int32")},
        **{term: one if term in ones else made[term].cast("int64") for term in plan.terms},
        **{name: made[name] for name in more},
    )


def _left(made: "ibis.Table", rows: "ibis.Table", name: str) -> bool:
    """Whether a method left a dimension's codes as the rows have them, so that their places are known."""
    from ibis.expr import operations as ops

    node = made.op()
    while node != rows.op():
        if not isinstance(node, ops.Project):
            return False
        value = node.values[name]
        if not (isinstance(value, ops.Field) and value.name == name and PLACE + name in node.values):
            return False
        node = node.parent
    return True


def _parts(rows: "ibis.Table", plan: Plan, by: Engine, tally: Tally, most: Mapping[str, int]) -> "ibis.Table":
    """What each person adds to each cell, summed over the person's rows; of `touched` cells at most, the first in the
    person's own order (`order`).
    """
    import ibis

    ones = {term for term in _ones(rows, plan) if _bounds(plan)[term] == 1}
    sums = {term: most[term] for term in plan.terms if term not in ones}
    if plan.touched >= plan.layout.cells:
        summed = {term: order.added(rows[term], size) for term, size in sums.items()}
        found = rows.group_by(UNIT, CELL).agg(**summed) if summed else rows.select(UNIT, CELL).distinct()
    else:
        place = _place(rows, plan, by, tally)
        kept = by.least(
            rows.select(UNIT, *sums, **{_PLACE: place}), of=UNIT, place=_PLACE, most=plan.touched, sums=sums
        )
        found = kept.mutate(**{CELL: order.cell(kept[_PLACE], plan.layout.cells).cast("int32")}).drop(_PLACE)
    return found.mutate(**dict.fromkeys(ones, ibis.literal(1, "int64")))


def _place(rows: "ibis.Table", plan: Plan, by: Engine, tally: Tally) -> Any:
    """The place of a row's cell in the order of its person."""
    words, own = by.hidden(order.words(plan.salt)), tally.units if order.own(tally.units) else None
    number, cell = rows[UNIT].cast("int64") if own else order.number(rows[UNIT], by), rows[CELL].cast("int64")
    key = order.key(number, cell, words, small=own is not None and own[1] < 2**order.LIMB)
    return order.placed(key, cell, plan.layout.cells)


def _ones(rows: "ibis.Table", plan: Plan) -> set[str]:
    """Terms that are 1 in every row, so that they need neither be summed nor carried along."""
    return {term for term in plan.terms if _is_one(rows.op(), term)}


def _is_one(node: Any, name: str) -> bool:
    from ibis.expr import operations as ops

    while isinstance(node, ops.Project):
        value = node.values[name]
        if isinstance(value, ops.Literal):
            return bool(value.value == 1)
        if not (isinstance(value, ops.Field) and value.rel == node.parent):
            return False
        node, name = node.parent, value.name
    return False


def _cut(parts: "ibis.Table", plan: Plan) -> "ibis.Table":
    """Parts within their measures' bounds."""
    ones, bounds = _ones(parts, plan), _bounds(plan)  # no bound is less than 1
    return parts.mutate(
        **{id: _narrow(within(parts[id], -bound, bound)) for id, bound in bounds.items() if id not in ones}
    )


def _narrow(value: Any) -> Any:
    """An int64 that is one: DuckDB's sums have 128 bits, and cost that, whatever Ibis takes them for."""
    import ibis.expr.datatypes as dt
    from ibis.expr import operations as ops

    return ops.Cast(value, to=dt.int64).to_expr()


def _bounds(plan: Plan) -> dict[str, int]:
    """The most that a person may add to each term in a cell."""
    return {one.id: one.bound for one in plan.layout.measures if one.id in plan.terms}


def _summed(
    parts: "ibis.Table", plan: Plan, tally: Tally
) -> tuple[dict[str, list[int]], NDArray[np.int64], NDArray[np.int64]]:
    """Of each cell, in the order of the layout: the sums of each term, the persons who add something to it, and the
    sizes of the largest parts.
    """
    bounds = {one.id: one.bound * tally.counted for one in plan.layout.measures}
    if plan.largest:
        parts = largest.ranked(parts, CELL, plan.terms)
    sums = {term: order.added(parts[term], bounds[term]).cast("string") for term in plan.terms}
    persons = {f"{PERSONS}:{term}": parts.count(where=parts[term] != 0) for term in plan.terms}
    sizes = largest.sizes(parts, plan.terms, plan.largest)
    found = parts.group_by(CELL).agg(**sums, **persons, **sizes).to_pyarrow()
    at = found[CELL].to_numpy()
    values = {term: [0] * plan.layout.cells for term in plan.terms}
    for term, cells in values.items():
        for cell, whole in zip(at.tolist(), found[term].to_pylist(), strict=True):
            cells[cell] = int(whole)
    adding = np.zeros((len(plan.terms), plan.layout.cells), "<i8")
    for row, name in zip(adding, persons, strict=True):
        row[at] = found[name].to_numpy()
    return values, adding, largest.read(found, at, plan.terms, plan.largest, plan.layout.cells)


def _added(plan: Plan, lots: Sequence[Mapping[str, Sequence[int]]]) -> NDArray[np.int64]:
    """Values in the order of the layout, zeros for moments; SourceError for a sum beyond 64 bits."""
    layout = plan.layout
    values = np.zeros((len(layout.measures), layout.cells), "<i8")
    for row, measure in zip(values, layout.measures, strict=True):
        if measure.id in plan.terms:
            whole = [sum(cells) for cells in zip(*(lot[measure.id] for lot in lots), strict=True)]
            if any(abs(one) > order.LARGEST for one in whole):
                raise _overflow(plan, measure.id)
            row[:] = whole
    return values.ravel()


def _most(plan: Plan, tally: Tally) -> dict[str, int]:
    """The largest size of what all rows add to each term; SourceError if one row's is beyond 64 bits."""
    sizes = {name: max(abs(one.least), abs(one.most)) for name, one in plan.numbers.items()} | {WEIGHT: tally.weight}
    found = dict.fromkeys(plan.terms, 1)
    for term in plan.method.card.needs.terms:
        found[term.id] = prod(sizes[factor] for factor in term.factors)
        if found[term.id] > order.LARGEST:
            raise _overflow(plan, term.id)
    return {term: size * tally.counted for term, size in found.items()}


def _overflow(plan: Plan, term: str) -> SourceError:
    factors = next((one.factors for one in plan.method.card.needs.terms if one.id == term), ())
    columns = {name: one.reading.column for name, one in plan.numbers.items()} | {WEIGHT: plan.weight}
    named = ", ".join(dict.fromkeys(columns[factor] for factor in factors if columns[factor]))
    return SourceError(
        "a sum is too large for a whole number of 64 bits",
        where=f"{plan.source.id}: measure {term}" + (f", column {named}" if named else ""),
        wanted="smaller numbers or weights, or fewer decimals of them in the study",
        way_out="correct the scale of the column in the binding, or ask for a norm that counts in larger units",
    )
