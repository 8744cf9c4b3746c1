"""How values are read: one spelling as text whatever a column's type, and what a text means to the norm.

Expressions of Ibis alone, the same for every engine. What a value means is `stages.collect.Reading`'s.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from comity.adapters.microdata.growing import EXACT
from comity.adapters.tables.engine import Engine
from comity.stages.collect import Reading

if TYPE_CHECKING:
    import ibis

MISSING: Final = "comity:missing"  # marks, not codes: no SDMX id holds a colon
OUTSIDE: Final = "comity:outside"
_KEY: Final = "comity:key"
_LONGEST: Final = len(str(-(2**63)))  # characters of a whole number of 64 bits
LARGEST: Final = 1.7976931348623157e308  # of float64 (IEEE 754)


def kinds(table: "ibis.Table") -> dict[str, str]:
    """Kinds of columns, in the words of `stages.collect`."""
    kinds = {}
    for name, kind in table.schema().items():
        if kind.is_string():
            kinds[name] = "text"
        elif kind.is_integer() or (kind.is_decimal() and kind.scale == 0):
            kinds[name] = "whole number"
        elif kind.is_floating():
            kinds[name] = "floating number"
        elif kind.is_boolean():
            kinds[name] = "true or false"
        elif kind.is_date():
            kinds[name] = "date"
        else:
            kinds[name] = str(kind)
    return kinds


def text(column: Any) -> Any:
    """A value in its one spelling as text; NULL, NaN and empty text are NULL. A whole number has no point: 1.0 is 1."""
    import ibis

    if column.type().is_floating():
        whole = (column.abs() < EXACT) & (column == column.floor())
        number = ibis.ifelse(whole, column, ibis.literal(0.0)).cast("int64").cast("string")
        return ibis.cases((column.isnan(), ibis.null("string")), (whole, number), else_=column.cast("string"))
    return column.cast("string").nullif("")


def is_one_of(column: Any, values: Sequence[str]) -> Any:
    """Whether a value is spelt like one of the texts; compared as a number where the column is one, which is faster."""
    if column.type().is_integer():
        return column.isin([_number(column, value) for value in values if _is_in(column, value)])
    return text(column).isin(values)


def _is_in(column: Any, value: str) -> bool:
    """Whether a text is how a column of whole numbers spells one that it can hold."""
    if not value.removeprefix("-").isdecimal() or not value.isascii() or len(value) > _LONGEST:
        return False
    bounds = column.type().bounds
    return str(int(value)) == value and bounds.lower <= int(value) <= bounds.upper


def _number(column: Any, value: str) -> Any:
    """The whole number that a text spells; by itself Ibis knows those of 64 bits with a sign alone."""
    import ibis

    return ibis.literal(int(value), "uint64") if column.type().is_unsigned_integer() else int(value)


def read(value: Any, reading: Reading) -> Any:
    """A code of the norm, MISSING or OUTSIDE, as an expression over a column, or over its text."""
    import ibis

    meant: dict[str, list[str]] = {}
    for national, code in reading.meaning().items():
        meant.setdefault(MISSING if code is None else code, []).append(national)
    whole = value.type().is_integer()
    nothing = value.isnull() if whole else text(value).isnull()
    known = ((is_one_of(value, values), code) for code, values in meant.items())
    return ibis.cases((nothing, MISSING), *known, else_=OUTSIDE)


def listed(rows: "ibis.Table", reading: Reading, codes: Sequence[str], *, code: str, place: str) -> "ibis.Table":
    """Rows whose value is a code of the list, with the code and its place in the list beside; all others are left out.

    A join with what the values mean: on millions of rows a choice among a hundred texts costs more than all else.

    Args:
        code, place: names of the two columns.
    """
    import ibis

    column = rows[reading.column]
    meant = [(national, codes.index(one)) for national, one in reading.meaning().items() if one in codes and national]
    whole, wide = column.type().is_integer(), "string"
    if whole:
        meant = [(n, i) for n, i in meant if _is_in(column, n)]
        wide = "uint64" if column.type().is_unsigned_integer() else "int64"
    if not meant:
        return rows.mutate(**{code: ibis.null("string"), place: ibis.null("int64")}).filter(ibis.literal(False))
    values = ibis.array([_number(column, n) if whole else n for n, _ in meant])
    at = ibis.range(0, len(meant)).unnest().name("i").as_table()
    list = at.select(
        value=values[at.i].cast(wide),
        code=ibis.array([codes[i] for _, i in meant])[at.i],
        place=ibis.array([i for _, i in meant])[at.i].cast("int64"),
    )
    keyed = rows.mutate(**{_KEY: column.cast(wide) if whole else text(column)})
    joined = keyed.inner_join(list, keyed[_KEY] == list["value"])
    return joined.select(*(keyed[name] for name in rows.columns), **{code: list["code"], place: list["place"]})


def banded(column: Any, reading: Reading, by: Engine) -> Any:
    """A code of the norm, MISSING or OUTSIDE, of a column of numbers whose ranges are codes."""
    import ibis

    value = number(column, by) * ibis.literal(float(reading.scale), "float64")
    known = []
    for band in reading.bands:
        least = ibis.literal(float(band.least or "-inf"), "float64")
        below = ibis.literal(float(band.below or "inf"), "float64")
        known.append(((value >= least) & (value < below), band.code))
    return ibis.cases((unanswered(column, reading), MISSING), *known, else_=OUTSIDE)


def unanswered(column: Any, reading: Reading) -> Any:
    """Whether a column of numbers, or of the unit's ids, has no answer: NULL, empty, or what stands for that."""
    empty = column.isnull() if column.type().is_integer() else text(column).isnull()
    return empty | is_one_of(column, reading.nothing)


def standing(column: Any, values: Mapping[str, int | bool], else_: Any) -> Any:
    """What some values of a column stand for, whatever they are themselves, and `else_` of all others."""
    import ibis

    alike: dict[int | bool, list[str]] = {}
    for value, one in values.items():
        alike.setdefault(one, []).append(value)
    known = [(is_one_of(column, same), ibis.literal(one, else_.type())) for one, same in alike.items()]
    return ibis.cases(*known, else_=else_) if known else else_


def number(column: Any, by: Engine) -> Any:
    """A column's numbers as float64; NULL where there is none, and where it is not finite."""
    kind = column.type()
    value = column.cast("float64") if kind.is_numeric() else by.number(text(column))
    if kind.is_integer():
        return value
    return (value.abs() <= LARGEST).ifelse(value, None)
