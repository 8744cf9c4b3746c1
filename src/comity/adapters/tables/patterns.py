"""The plain plan, where one row is one person: rows by their national values, far fewer patterns than rows, then codes.

A count costs what a plain GROUP BY costs, whatever the binding says. Rows of which a person has several, numbers and
weights are `bounded`'s.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from comity.adapters.tables import largest
from comity.adapters.tables.engine import Engine
from comity.adapters.tables.spelling import MISSING, OUTSIDE, banded, read, text
from comity.methods.card import PERSONS
from comity.stages.collect import Reading
from comity.stages.compute import Counts, Plan

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

_SIZE: Final = "comity:size"
SHOWN: Final = 50  # national values outside a list that are named


def patterns(
    rows: "ibis.Table", readings: Sequence[Reading], by: Engine, *, of: Mapping[str, Any] | None = None, **also: Any
) -> "ibis.Table":
    """Rows by the national values of all variables read: c0, c1, ... as text, m0, m1, ... what they mean; and PERSONS.

    Of a variable read by bands, its numbers would be as many patterns as rows: it goes by its code, and by its number
    only where that is in no band.

    Args:
        of: what else is wanted of the rows of each.
        also: further keys.
    """
    import ibis

    of = of or {}

    keys, codes = {}, {}
    for i, reading in enumerate(readings):
        keys[f"c{i}"] = column = rows[reading.column]
        if reading.bands:
            codes[f"m{i}"] = banded(column, reading, by)
            keys[f"c{i}"] = ibis.ifelse(codes[f"m{i}"] == OUTSIDE, text(column), None)
    found = rows.group_by(**keys, **codes, **also).agg(**{PERSONS: rows.count()}, **of)
    texts = {name: text(found[name]) for name in keys}
    found = found.select(**texts, **{name: found[name] for name in (*codes, *also, *of, PERSONS)})
    listed = {i: reading for i, reading in enumerate(readings) if not reading.bands}
    here = by.within(found, "patterns", lambda found: _read(found, listed))
    if here is not None:
        return here
    return found.mutate(**{f"m{i}": read(found[f"c{i}"], reading) for i, reading in listed.items()})


def _read(patterns: "pa.Table", listed: Mapping[int, Reading]) -> "pa.Table":
    """As `spelling.read` of patterns in memory: to compile a choice among many texts takes longer than to choose."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for i, reading in listed.items():
        meaning = reading.meaning()
        codes = pa.array([*(MISSING if code is None else code for code in meaning.values()), MISSING, OUTSIDE])
        column = patterns[f"c{i}"]
        at = pc.index_in(column, value_set=pa.array(meaning, pa.string())).fill_null(len(codes) - 1)
        at = pc.if_else(column.is_null(), len(codes) - 2, at)
        patterns = patterns.append_column(f"m{i}", codes.take(at.combine_chunks()))
    return patterns


def codes(patterns: "ibis.Table", readings: Sequence[Reading]) -> list[Any]:
    """What each variable means in each pattern: a code, MISSING or OUTSIDE."""
    return [patterns[f"m{i}"] for i in range(len(readings))]


def bound(patterns: "ibis.Table", plan: Plan) -> "ibis.Table":
    """The bound table that a method is given (`methods.card.Contribute`)."""
    read = codes(patterns, plan.readings)
    named = (code.name(axis.id) for axis, code in zip(plan.layout.dimensions, read, strict=True))
    return patterns.select(*named, **{PERSONS: patterns[PERSONS]})


def counted(rows: "ibis.Table", plan: Plan, by: Engine) -> Counts:
    """Cells of a plan that counts persons alone, over the rows of its period."""
    found = patterns(rows, plan.readings, by)
    bound_ = bound(found, plan)
    contributed = plan.method.tables(bound_, plan.layout, plan.parameters)
    measures = {one.id: (contributed[one.id] * contributed[PERSONS]).sum() for one in plan.layout.measures}
    grouped = contributed.group_by([axis.id for axis in plan.layout.dimensions]).agg(
        **measures, **{PERSONS: contributed[PERSONS].sum()}
    )
    counts = placed(grouped.to_pyarrow(), plan, lambda: unmapped(found, plan.readings))
    return replace(counts, largest=_largest(contributed, plan)) if plan.largest else counts


def _largest(contributed: "ibis.Table", plan: Plan) -> NDArray[np.int64]:
    """As `Counts` has them, out of how many persons add how much to each cell."""
    axes, whole = [axis.id for axis in plan.layout.dimensions], []
    for term in plan.terms:
        grouped = contributed.group_by(*axes, **{_SIZE: contributed[term].cast("int64").abs()})
        found: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for row in grouped.agg(**{PERSONS: contributed[PERSONS].sum()}).to_pyarrow().to_pylist():
            key = tuple(row[axis] for axis in axes)
            if all(code in axis.codes for code, axis in zip(key, plan.layout.dimensions, strict=True)):
                found[plan.layout.index(key)].append((row[_SIZE], int(row[PERSONS])))
        whole.append(largest.repeated(found, plan.largest, plan.layout.cells))
    return np.stack(whole, axis=1)


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


def unmapped(patterns: "ibis.Table", readings: Sequence[Reading]) -> dict[str, dict[str, int]]:
    """For each variable the national values outside its list, the most frequent first."""
    import ibis

    found, meant = {}, codes(patterns, readings)
    for i, reading in enumerate(readings):
        values = patterns.filter(meant[i] == OUTSIDE).group_by(value=f"c{i}")
        counted = values.agg(rows=lambda t: t[PERSONS].sum()).order_by(ibis.desc("rows"), "value").limit(SHOWN)
        rows = counted.to_pyarrow().to_pylist()
        if rows:
            found[reading.variable] = {row["value"]: row["rows"] for row in rows}
    return found
