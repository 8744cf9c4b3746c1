"""Bound rows: rows of a period as the norm sees them, for a method's half at home (`methods.card.Contribute`).

Decides which rows are of the universe, and which of those are counted, missing or outside; what a person may add is
bounded afterwards (`bounded`). Expressions of Ibis, the same for every engine: nothing here is run, but `left_out`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from comity.adapters.tables import patterns
from comity.adapters.tables.engine import Engine
from comity.adapters.tables.spelling import (
    MISSING,
    OUTSIDE,
    banded,
    is_one_of,
    listed,
    number,
    standing,
    text,
    unanswered,
)
from comity.errors import SourceError
from comity.methods.card import NUMBER, PERSONS, WEIGHT
from comity.model.structure import Axis
from comity.stages.collect import Condition, Number
from comity.stages.compute import Plan

if TYPE_CHECKING:
    import ibis

UNIT: Final = "comity:unit"  # the privacy unit's id: whole numbers as they are, all else as text
CELL: Final = "comity:cell"  # a cell's number in the layout's order, int64

CODE: Final = "comity:code:"  # and a dimension's id
PLACE: Final = "comity:place:"  # and a dimension's id

LONGEST: Final = 256  # characters of an id; one of a million, a million times, is a small file and fills a machine

_LEAST: Final = "comity:least"
_LAST: Final = "comity:last"
_LONG: Final = "comity:long"
_MOST: Final = 2.0**63 - 1024  # the largest float64 that is an int64


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Rows of the universe: how many are counted, missing and outside, what is outside, and the largest weight.

    units: the least and the largest id, where ids are whole numbers and there are any.
    """

    counted: int
    missing: int
    outside: int
    unmapped: dict[str, dict[str, int]]
    weight: int
    units: tuple[int, int] | None


def universe(rows: "ibis.Table", conditions: Sequence[Condition], by: Engine) -> "ibis.Table":
    """Rows that meet all conditions; one without a value meets none."""
    for condition in conditions:
        column = rows[condition.column]
        holds = text(column).notnull()
        if condition.values:
            holds &= is_one_of(column, condition.values)
        if condition.without:
            holds &= ~is_one_of(column, condition.without)
        if condition.least is not None:
            holds &= number(column, by) >= condition.least
        if condition.below is not None:
            holds &= number(column, by) < condition.below
        rows = rows.filter(holds.fill_null(False))
    return rows


def bound(rows: "ibis.Table", plan: Plan, by: Engine, weights: Sequence[str] = ()) -> "ibis.Table":
    """The counted rows of a universe: UNIT, for each dimension a code and its place in the list (PLACE + id),
    NUMBER + each number, WEIGHT.

    Args:
        weights: columns of other weights, beside them as `weighing` names them.
    """
    unit = rows[plan.unit.column]
    found = rows.filter(_whole(rows, plan, by)).select(
        *dict.fromkeys(reading.column for reading in plan.readings),
        **{UNIT: unit if unit.type().is_integer() else text(unit)},
        **{NUMBER + name: _scaled(rows, one, by) for name, one in plan.numbers.items()},
        **{WEIGHT: _weight(rows, plan, by)},
        **{weighing(i): _weight(rows, replace(plan, weight=one), by) for i, one in enumerate(weights)},
    )
    for axis, reading in zip(plan.layout.dimensions, plan.readings, strict=True):
        code, place = CODE + axis.id, PLACE + axis.id
        if reading.bands:
            read = banded(found[reading.column], reading, by)
            found = found.mutate(**{code: read})
            found = found.filter(found[code].notin((MISSING, OUTSIDE)))
            found = found.mutate(**{place: placed(found[code], axis)})
        else:
            found = listed(found, reading, axis.codes, code=code, place=place)
    return found.select(
        UNIT,
        WEIGHT,
        *(weighing(i) for i in range(len(weights))),
        *(NUMBER + name for name in plan.numbers),
        *(PLACE + axis.id for axis in plan.layout.dimensions),
        *(found[CODE + axis.id].name(axis.id) for axis in plan.layout.dimensions),
    )


def weighing(place: int) -> str:
    """The column of another weight, by its place among them."""
    return f"{WEIGHT}:{place}"


def placed(code: Any, axis: Axis) -> Any:
    """The place of a code in its list; NULL for what is no code of it."""
    import ibis

    return ibis.cases(*((code == one, ibis.literal(i, "int64")) for i, one in enumerate(axis.codes)))


def left_out(rows: "ibis.Table", plan: Plan, by: Engine) -> Tally:
    """Every row of a universe in one of three places, as `Counts` has them; SourceError for an id beyond `LONGEST`."""
    import ibis

    whole, weight = _whole(rows, plan, by), _weight(rows, plan, by)
    unit = rows[plan.unit.column]
    numbers = unit.type().is_integer()
    ends = {_LEAST: unit.min(), _LAST: unit.max()} if numbers else {_LONG: text(unit).length().max()}
    found = patterns.patterns(rows, plan.readings, by, of=ends, whole=whole)
    reads = patterns.codes(found, plan.readings)
    missing = ~found["whole"] | ibis.or_(*(code == MISSING for code in reads))
    outside = ~missing & ibis.or_(*(code == OUTSIDE for code in reads))
    place = ibis.cases((missing, "missing"), (outside, "outside"), else_="counted")
    places = {"missing": 0, "outside": 0, "counted": 0}
    ends = {end: found[end].min() if end == _LEAST else found[end].max() for end in ends}
    grouped = found.group_by(place=place).agg(rows=found[PERSONS].sum(), **ends).to_pyarrow().to_pylist()
    for row in grouped:
        places[row["place"]] = int(row["rows"])
    units = [row[end] for row in grouped for end in ends if row[end] is not None]
    if not numbers and max(units, default=0) > LONGEST:
        raise SourceError(
            "an id that is too long for one",
            where=f"{plan.source.id}: {plan.unit.column}",
            found=f"{max(units)} characters",
            wanted=f"at most {LONGEST}",
            way_out="name the column of ids in the binding, or shorten them in the file",
        )
    most = rows.agg(most=weight.max()).to_pyarrow()["most"][0].as_py() if plan.weight else 10**plan.weight_decimals
    unmapped = patterns.unmapped(found.filter(found["whole"]), plan.readings) if places["outside"] else {}
    return Tally(
        unmapped=unmapped,
        weight=int(most or 0),
        units=(min(units), max(units)) if numbers and units else None,
        **places,
    )


def weighed(rows: "ibis.Table", weight: str, by: Engine) -> Any:
    """Whether a row has a weight: a number of 0 or more; every row, where no column is named."""
    import ibis

    return (number(rows[weight], by) >= 0).fill_null(False) if weight else ibis.literal(True)


def _whole(rows: "ibis.Table", plan: Plan, by: Engine) -> Any:
    """Whether a row names its person, and has every number and a weight."""
    holds = ~unanswered(rows[plan.unit.column], plan.unit)
    for one in plan.numbers.values():
        column = rows[one.reading.column]
        known = standing(column, dict.fromkeys(one.reading.numbers, True), number(column, by).notnull())
        holds &= ~unanswered(column, one.reading) & known
    return holds & weighed(rows, plan.weight, by)


def _scaled(rows: "ibis.Table", one: Number, by: Engine) -> Any:
    """floor(x * 10^decimals * scale + 0.5) in float64, cut to the norm's bounds before and after; exactly of a value
    that stands for another.
    """
    column = rows[one.reading.column]
    value = number(column, by) * (float(one.reading.scale) * 10.0**one.decimals)
    floored = _floored(value, max(-_MOST, one.least - 1.0), min(_MOST, one.most + 1.0))
    return standing(column, one.standing(), within(floored, one.least, one.most))


def _weight(rows: "ibis.Table", plan: Plan, by: Engine) -> Any:
    import ibis

    if not plan.weight:
        return ibis.literal(10**plan.weight_decimals, "int64")
    return _floored(number(rows[plan.weight], by) * 10.0**plan.weight_decimals, 0.0, _MOST)


def _floored(value: Any, least: float, most: float) -> Any:
    return (within(value, least, most) + 0.5).floor().cast("int64")


def within(value: Any, least: float, most: float) -> Any:
    """A value cut to bounds; of none the least. Ibis's own word writes the value out a dozen times."""
    import ibis

    return ibis.least(ibis.greatest(value, least), most)
