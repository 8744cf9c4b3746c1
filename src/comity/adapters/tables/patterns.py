"""The plain plan, where one row is one person: rows by their national values, far fewer patterns than rows, then codes.

A count costs what a plain GROUP BY costs, whatever the binding says. Rows of which a person has several, numbers and
weights are `bounded`'s.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from comity.adapters.tables.coverage import unmapped
from comity.adapters.tables.spelling import MISSING, OUTSIDE, read, text
from comity.methods.card import PERSONS
from comity.stages.collect import Reading
from comity.stages.compute import Counts, Plan

if TYPE_CHECKING:
    import ibis


def patterns(rows: "ibis.Table", readings: Sequence[Reading]) -> "ibis.Table":
    """Rows by the national values of all variables read: columns c0, c1, ... as text, and PERSONS."""
    found = rows.group_by(**{f"c{i}": rows[reading.column] for i, reading in enumerate(readings)})
    patterns = found.agg(**{PERSONS: rows.count()})
    texts = {f"c{i}": text(patterns[f"c{i}"]) for i in range(len(readings))}
    return patterns.select(**texts, **{PERSONS: patterns[PERSONS]})


def bound(patterns: "ibis.Table", plan: Plan) -> "ibis.Table":
    """The bound table that a method is given (`methods.card.Contribute`)."""
    codes = {
        axis.id: read(patterns[f"c{i}"], reading)
        for i, (axis, reading) in enumerate(zip(plan.layout.dimensions, plan.readings, strict=True))
    }
    return patterns.select(**codes, **{PERSONS: patterns[PERSONS]})


def counted(rows: "ibis.Table", plan: Plan) -> Counts:
    """Cells of a plan that counts persons alone, over the rows of its period."""
    found = patterns(rows, plan.readings)
    bound_ = bound(found, plan)
    contributed = plan.method.tables(bound_, plan.layout, plan.parameters)
    measures = {one.id: (contributed[one.id] * contributed[PERSONS]).sum() for one in plan.layout.measures}
    grouped = contributed.group_by([axis.id for axis in plan.layout.dimensions]).agg(
        **measures, **{PERSONS: contributed[PERSONS].sum()}
    )
    return placed(grouped.to_pyarrow(), plan, lambda: unmapped(found, plan.readings))


def placed(grouped: Any, plan: Plan, unmapped: Callable[[], dict[str, dict[str, int]]]) -> Counts:
    """Counts in the order of the layout, out of sums by codes and marks (a table of Arrow, PERSONS beside measures).

    Args:
        unmapped: asked for what is outside the lists, if anything is.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    layout = plan.layout
    places = []
    for axis in layout.dimensions:
        marks = pa.array([*axis.codes, MISSING, OUTSIDE])
        places.append(pc.index_in(grouped[axis.id], value_set=marks).to_numpy().astype(np.int64))
    persons = grouped[PERSONS].to_numpy().astype(np.int64)
    sizes = layout.shape
    missing = np.any([place == size for place, size in zip(places, sizes, strict=True)], axis=0)
    inside = np.all([place < size for place, size in zip(places, sizes, strict=True)], axis=0)
    at = np.ravel_multi_index([place[inside] for place in places], sizes)
    values = np.zeros((len(layout.measures), layout.cells), "<i8")
    for row, measure in zip(values, layout.measures, strict=True):
        np.add.at(row, at, grouped[measure.id].to_numpy().astype(np.int64)[inside])
    contributors = np.zeros(layout.cells, "<i8")
    np.add.at(contributors, at, persons[inside])
    outside = int(persons[~missing & ~inside].sum())
    return Counts(
        values=values.ravel(),
        contributors=contributors,
        rows=int(persons[inside].sum()),
        missing=int(persons[missing].sum()),
        outside=outside,
        unmapped=unmapped() if outside else {},
    )
