"""The bounded plan: several rows a person, numbers, weights; what one person adds to a table is bounded before it sums.

Rows bound to the norm (`bound`) -> what a method makes of each -> parts: what a person adds to a cell, summed over the
person's rows and cut to the measure's bound -> of each person at most `touched` parts, those whose keyed hash is least
-> cells. So a person moves at most `touched` cells, each measure by its bound at most, whatever the rows say. Sums that
int64 might not hold are made of decimals, and refused if it does not.
"""

from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from comity.adapters.tables import design
from comity.adapters.tables.bound import UNIT, Tally, bound, left_out, universe
from comity.adapters.tables.engine import Engine
from comity.errors import SourceError
from comity.methods.card import PERSONS, WEIGHT
from comity.stages.compute import Counts, Plan

if TYPE_CHECKING:
    import ibis

CELL: Final = design.CELL
LARGEST: Final = 2**63 - 1


def counted(rows: "ibis.Table", plan: Plan, by: Engine, *, unique: bool) -> Counts:
    """Cells of a plan over the rows of its period.

    Args:
        unique: one row is one person in them.

    Raises:
        SourceError: what the rows add is beyond 64 bits; or the design is none (`design`).
    """
    inside = universe(rows, plan.universe, by)
    tally = left_out(inside, plan, by)
    added = contributed(bound(inside, plan, by), plan)
    single = unique and plan.method.card.bounds.touched == 1  # each row is one person, of whom there is one cell
    parts = _parts(added, plan, tally, single=single)
    if not single:
        parts = _kept(parts, plan, by)
    values, contributors = _summed(parts, plan, tally)
    return Counts(
        values=values,
        contributors=contributors,
        rows=tally.counted,
        missing=tally.missing,
        outside=tally.outside,
        unmapped=tally.unmapped,
    )


def contributed(rows: "ibis.Table", plan: Plan) -> "ibis.Table":
    """What a method makes of bound rows: UNIT, CELL, and each term of the layout."""
    import ibis

    made = plan.method.tables(rows, plan.layout, plan.parameters)
    cell, stride = ibis.literal(0, "int64"), plan.layout.cells
    for axis in plan.layout.dimensions:
        stride //= len(axis.codes)
        places = ((made[axis.id] == code, ibis.literal(i * stride, "int64")) for i, code in enumerate(axis.codes))
        cell += ibis.cases(*places)
    return made.select(UNIT, **{CELL: cell}, **{term: made[term].cast("int64") for term in plan.terms})


def _parts(rows: "ibis.Table", plan: Plan, tally: Tally, *, single: bool) -> "ibis.Table":
    """What each person adds to each cell, cut to the measures' bounds."""
    bounds = {one.id: one.bound for one in plan.layout.measures if one.id in plan.terms}
    if single:
        return rows.mutate(**{term: rows[term].clip(-bound, bound) for term, bound in bounds.items()})
    most = _most(plan, tally)
    sums = {term: _sum(rows[term], most[term] * tally.counted) for term in plan.terms}
    found = rows.group_by(UNIT, CELL).agg(**sums)
    return found.mutate(**{term: found[term].clip(-bound, bound).cast("int64") for term, bound in bounds.items()})


def _kept(parts: "ibis.Table", plan: Plan, by: Engine) -> "ibis.Table":
    """Of each person at most `touched` parts: those whose SHA-256 over salt, cell and person is least."""
    import ibis

    if plan.touched >= plan.layout.cells:
        return parts
    whole = parts.mutate(among=parts.count().over(group_by=UNIT))
    drawn = by.hashed(
        ibis.literal(plan.salt.hex() + "|") + whole[CELL].cast("string") + "|" + whole[UNIT].cast("string")
    )
    ranked = whole.mutate(drawn=ibis.ifelse(whole["among"] > plan.touched, drawn, None))
    placed = ranked.mutate(place=ibis.row_number().over(group_by=UNIT, order_by="drawn"))
    return placed.filter(placed["place"] < plan.touched).drop("among", "drawn", "place")


def _summed(parts: "ibis.Table", plan: Plan, tally: Tally) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Values in the order of the layout, zeros for moments; and the persons of each cell."""
    layout = plan.layout
    bounds = {one.id: one.bound * tally.counted for one in layout.measures}
    sums = {term: _sum(parts[term], bounds[term]).cast("string") for term in plan.terms}
    found = parts.group_by(CELL).agg(**sums, **{PERSONS: parts.count()}).to_pyarrow()
    at = found[CELL].to_numpy()
    values = np.zeros((len(layout.measures), layout.cells), "<i8")
    for row, measure in zip(values, layout.measures, strict=True):
        if measure.id in sums:
            whole = [int(text) for text in found[measure.id].to_pylist()]
            if any(abs(one) > LARGEST for one in whole):
                raise _overflow(plan, measure.id)
            row[at] = whole
    contributors = np.zeros(layout.cells, "<i8")
    contributors[at] = found[PERSONS].to_numpy()
    return values.ravel(), contributors


def _most(plan: Plan, tally: Tally) -> dict[str, int]:
    """The largest size of what one row adds to each term; SourceError if that is beyond 64 bits."""
    sizes = {name: max(abs(one.least), abs(one.most)) for name, one in plan.numbers.items()} | {WEIGHT: tally.weight}
    found = dict.fromkeys(plan.terms, 1)
    for term in plan.method.card.needs.terms:
        found[term.id] = prod(sizes[factor] for factor in term.factors)
        if found[term.id] > LARGEST:
            raise _overflow(plan, term.id)
    return found


def _sum(term: Any, most: int) -> Any:
    """A sum whose size is at most `most`; of decimals where int64 might not hold it."""
    return term.sum() if most <= LARGEST else term.cast("decimal(38, 0)").sum()


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
