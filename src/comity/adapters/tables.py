"""National tables at home: the one room that runs Ibis, here on DuckDB inside this process.

Implements the port `stages.compute.Tables`. A file of any format is opened by `adapters.microdata.opening`, in a
database that lives in memory. What leaves this room is counts by cell, and to the office itself what a column holds.
How columns are read is decided by `stages.collect`, what is counted by `stages.compute` and the method.

One plan: the rows of the period are counted by the national columns as they are, as a plain GROUP BY would; the
patterns found, far fewer than rows, are then read as codes of the norm and handed to the method. So a count costs what
the plain query costs, whatever the binding says. Ibis is imported by the first call, not with this module: it takes
longer than most commands.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from comity.adapters.microdata import opening
from comity.adapters.microdata.growing import EXACT
from comity.adapters.microdata.labelled import Labels
from comity.errors import SourceError
from comity.methods.card import PERSONS
from comity.model.norm import Norm, Variable
from comity.model.source import Binding, Column, Coverage, Source
from comity.stages import collect
from comity.stages.collect import Reading
from comity.stages.compute import Counts, Plan

if TYPE_CHECKING:
    import ibis

MISSING: Final = "comity:missing"  # marks, not codes: no SDMX id holds a colon
OUTSIDE: Final = "comity:outside"
FEW: Final = 60  # values of a column that may be codes
SHOWN: Final = 50  # national values outside a list that a coverage names


@dataclass(frozen=True, slots=True, kw_only=True)
class Uniqueness:
    """Whether one row is one person within each period: rows without an id, and ids with more rows than one."""

    rows: int
    nameless: int
    repeated: int

    @property
    def holds(self) -> bool:
        """Whether every row of a period is a different person."""
        return not self.nameless and not self.repeated


@dataclass(frozen=True, slots=True, kw_only=True)
class DuckTables:
    """Tables in files, counted by DuckDB.

    threads: of one count; a machine that hosts several nodes gives each of them few.
    """

    threads: int = 2

    def columns(self, source: Source) -> dict[str, str]:
        """Name of each column and its kind (`stages.collect.READABLE`, or the engine's own word)."""
        with self._opened(source) as table:
            return _kinds(table)

    def described(self, source: Source) -> tuple[Column, ...]:
        """What the file says of each column, and the values of those that have few."""
        labels = {one.name: one for one in opening.labels(source)}
        with self._opened(source) as table:
            return tuple(_described(table, name, kind, labels.get(name)) for name, kind in _kinds(table).items())

    def register(self, source: Source, norm: Norm, binding: Binding) -> Source:
        """The source with its vintage, once the unit was found unique; done again when the file changes.

        Raises:
            SourceError: a column is missing, or a person stands in more than one row of a period.
        """
        unique = self.unique(source, norm, binding)
        if not unique.holds:
            raise _not_unique(source, norm.protection.unit, unique)
        return replace(source, unique=True, vintage=opening.vintage(source))

    def unique(self, source: Source, norm: Norm, binding: Binding) -> Uniqueness:
        """Whether the privacy unit is unique within each period that the binding knows."""
        unit = collect.reading(norm, binding, norm.variable(norm.unit))
        time = collect.reading(norm, binding, norm.variable(norm.period))
        with self._opened(source, (unit, time)) as table:
            collect.fits(_kinds(table), (unit, time), where=source.id)
            return _uniqueness(table, unit, time)

    def coverage(self, source: Source, norm: Norm, binding: Binding) -> Coverage:
        """How all rows of the source, in every period that the binding knows, meet all dimensions of the norm."""
        time = collect.reading(norm, binding, norm.variable(norm.period))
        variables = (norm.filling(dimension.id) for dimension in norm.structure.dimensions)
        readings = tuple(collect.reading(norm, binding, variable) for variable in variables)
        bounded = collect.bounded(norm, binding)
        every = (time, *readings, *bounded.values())
        with self._opened(source, every) as table:
            collect.fits(_kinds(table), every, where=source.id)
            period = table[time.column]
            known = _is_one_of(period, tuple(time.codes)) if time.codes else _text(period).notnull()
            rows = table.filter(known)
            coverage = _coverage(_patterns(rows, readings), readings)
            beyond = {v.id: _beyond(rows, v, reading) for v, reading in bounded.items()}
            return replace(coverage, beyond=beyond)

    def count(self, plan: Plan) -> Counts:
        """Persons of each cell of the plan's layout, and what was left out.

        Raises:
            SourceError: the file changed since its unit was found unique, a column is missing, or the file is broken.
        """
        source, readings = plan.source, (plan.unit, plan.time, *plan.readings)
        with ThreadPoolExecutor(1) as aside, self._opened(source, readings) as table:
            found = aside.submit(opening.vintage, source)  # the file is read twice, but not one after the other
            collect.fits(_kinds(table), readings, where=source.id)
            if source.vintage is None and not (unique := _uniqueness(table, plan.unit, plan.time)).holds:
                raise _not_unique(source, plan.unit.variable, unique)
            rows = table.filter(_is_one_of(table[plan.time.column], plan.periods))
            patterns = _patterns(rows, plan.readings)
            counted = plan.method.tables(_bound(patterns, plan), plan.layout).to_pyarrow()
            values, missing, outside = _placed(counted, plan)
            unmapped = _unmapped(patterns, plan.readings) if outside else {}
            if not source.unique or source.vintage not in (None, found.result()):
                raise SourceError(
                    "not the file whose privacy unit was found unique",
                    where=source.id,
                    wanted="the file as it was when the source was checked",
                    way_out="comity source check",
                )
            return Counts(values=values, missing=missing, outside=outside, unmapped=unmapped)

    @contextmanager
    def _opened(self, source: Source, readings: Sequence[Reading] | None = None) -> Iterator["ibis.Table"]:
        """The source as a table of Ibis."""
        import ibis

        with opening.engine(self.threads) as connection:
            backend = ibis.duckdb.from_connection(connection)  # it sets up what may not be set up once it is locked
            with opening.opened(connection, source, readings):
                yield backend.table(opening.VIEW)


def _kinds(table: "ibis.Table") -> dict[str, str]:
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


def _described(table: "ibis.Table", name: str, kind: str, labels: Labels | None) -> Column:
    values = None
    if kind in collect.READABLE:
        text = _text(table[name])
        found = table.select(value=text).filter(text.notnull()).distinct().limit(FEW + 1).to_pyarrow()["value"]
        values = tuple(sorted(found.to_pylist())) if len(found) <= FEW else None
    if labels is None:
        return Column(name=name, values=values)
    missing = (value for value in sorted({*labels.values, *(values or ())}) if labels.misses(value))
    return Column(name=name, label=labels.text, labels=labels.values, missing=tuple(missing), values=values)


def _text(column: Any) -> Any:
    """A value in its one spelling as text; NULL, NaN and empty text are NULL. A whole number has no point: 1.0 is 1."""
    import ibis

    if column.type().is_floating():
        whole = (column.abs() < EXACT) & (column == column.floor())
        number = ibis.ifelse(whole, column, ibis.literal(0.0)).cast("int64").cast("string")
        return ibis.cases((column.isnan(), ibis.null("string")), (whole, number), else_=column.cast("string"))
    return column.cast("string").nullif("")


def _is_one_of(column: Any, values: Sequence[str]) -> Any:
    """Whether a value is spelt like one of the texts; compared as a number where the column is one, which is faster."""
    if column.type().is_integer():
        return column.isin([int(v) for v in values if v.lstrip("-").isdecimal() and v.isascii() and str(int(v)) == v])
    return _text(column).isin(values)


def _read(text: Any, reading: Reading) -> Any:
    """A code of the norm, MISSING or OUTSIDE, as an expression over text."""
    import ibis

    meaning = {value: MISSING if code is None else code for value, code in reading.meaning().items()}
    return ibis.ifelse(text.isnull(), MISSING, ibis.literal(meaning, "map<string, string>").get(text, OUTSIDE))


def _uniqueness(table: "ibis.Table", unit: Reading, time: Reading) -> Uniqueness:
    """Counts persons with more than one row in a period, and rows that name nobody, in one pass."""
    import ibis

    column, period = table[unit.column], table[time.column]
    text = _text(column)
    person = ibis.ifelse(text.isnull() | text.isin(unit.missing), ibis.null(column.type()), column)
    if time.codes:
        known = [(_is_one_of(period, [value]), code) for value, code in time.codes.items()]
        period = ibis.cases(*known, else_=ibis.null("string"))
    rows = table.select(person=person, period=period).filter(lambda t: t.period.notnull())
    people = rows.group_by("period", "person").agg(n=lambda t: t.count())
    nobody = people.person.isnull()
    facts = people.agg(
        rows=people.n.sum().fill_null(0),
        nameless=people.n.sum(where=nobody).fill_null(0),
        repeated=people.count(where=~nobody & (people.n > 1)),
    )
    return Uniqueness(**facts.to_pyarrow().to_pylist()[0])


def _patterns(rows: "ibis.Table", readings: Sequence[Reading]) -> "ibis.Table":
    """Rows by the national values of all variables read: columns c0, c1, ... as text, and PERSONS."""
    found = rows.group_by(**{f"c{i}": rows[reading.column] for i, reading in enumerate(readings)})
    patterns = found.agg(**{PERSONS: rows.count()})
    texts = {f"c{i}": _text(patterns[f"c{i}"]) for i in range(len(readings))}
    return patterns.select(**texts, **{PERSONS: patterns[PERSONS]})


def _bound(patterns: "ibis.Table", plan: Plan) -> "ibis.Table":
    """The bound table that a method is given (`methods.card.Contribute`)."""
    codes = {
        axis.id: _read(patterns[f"c{i}"], reading)
        for i, (axis, reading) in enumerate(zip(plan.layout.dimensions, plan.readings, strict=True))
    }
    return patterns.select(**codes, **{PERSONS: patterns[PERSONS]})


def _placed(counted: Any, plan: Plan) -> tuple[np.ndarray[Any, np.dtype[np.int64]], int, int]:
    """Values in the order of the layout; rows missing an answer; rows with one outside a list and none missing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    places = []
    for axis in plan.layout.dimensions:
        marks = pa.array([*axis.codes, MISSING, OUTSIDE])
        places.append(pc.index_in(counted[axis.id], value_set=marks).to_numpy().astype(np.int64))
    persons = counted[plan.layout.measures[0].id].to_numpy().astype(np.int64)
    sizes = [len(axis.codes) for axis in plan.layout.dimensions]
    missing = np.any([place == size for place, size in zip(places, sizes, strict=True)], axis=0)
    inside = np.all([place < size for place, size in zip(places, sizes, strict=True)], axis=0)
    values = np.zeros(plan.layout.length, "<i8")
    at = np.ravel_multi_index([place[inside] for place in places], plan.layout.shape)
    np.add.at(values, at, persons[inside])
    return values, int(persons[missing].sum()), int(persons[~missing & ~inside].sum())


def _coverage(patterns: "ibis.Table", readings: Sequence[Reading]) -> Coverage:
    """Every row in one of three places: counted, missing, outside."""
    import ibis

    reads = [_read(patterns[f"c{i}"], reading) for i, reading in enumerate(readings)]
    missing = ibis.or_(*(read == MISSING for read in reads))
    outside = ~missing & ibis.or_(*(read == OUTSIDE for read in reads))
    place = ibis.cases((missing, "missing"), (outside, "outside"), else_="counted")
    rows = patterns.group_by(place=place).agg(rows=patterns[PERSONS].sum()).to_pyarrow().to_pylist()
    found = {"counted": 0, "missing": 0, "outside": 0} | {row["place"]: row["rows"] for row in rows}
    unmapped = _unmapped(patterns, readings) if found["outside"] else {}
    persons = patterns[PERSONS]
    sums = {f"c{i}": persons.sum(where=read == MISSING).fill_null(0) for i, read in enumerate(reads)}
    absent = patterns.agg(**sums).to_pyarrow().to_pylist()[0]
    return Coverage(
        rows=sum(found.values()),
        unmapped=unmapped,
        absent={reading.variable: absent[f"c{i}"] for i, reading in enumerate(readings)},
        **found,
    )


def _beyond(rows: "ibis.Table", variable: Variable, reading: Reading) -> int:
    """Rows whose answer is no number, or lies beyond the norm's bounds."""
    import ibis

    text = _text(rows[reading.column])
    number = text.try_cast("float64")
    wrong = number.isnull() | number.isnan()
    if variable.least is not None:
        wrong |= number < ibis.literal(float(variable.least))
    if variable.most is not None:
        wrong |= number > ibis.literal(float(variable.most))
    answered = text.notnull() & ~text.isin((*reading.missing, *reading.blank, *reading.codes, ""))
    return int(rows.agg(n=rows.count(where=answered & wrong)).to_pyarrow()["n"][0].as_py())


def _unmapped(patterns: "ibis.Table", readings: Sequence[Reading]) -> dict[str, dict[str, int]]:
    """For each variable the national values outside its list, the most frequent first."""
    import ibis

    found = {}
    for i, reading in enumerate(readings):
        values = patterns.filter(_read(patterns[f"c{i}"], reading) == OUTSIDE).group_by(value=f"c{i}")
        counted = values.agg(rows=lambda t: t[PERSONS].sum()).order_by(ibis.desc("rows"), "value").limit(SHOWN)
        rows = counted.to_pyarrow().to_pylist()
        if rows:
            found[reading.variable] = {row["value"]: row["rows"] for row in rows}
    return found


def _not_unique(source: Source, unit: str, found: Uniqueness) -> SourceError:
    return SourceError(
        f"the privacy unit ({unit}) is not unique within a period",
        where=source.id,
        found=f"{found.repeated} with several rows, {found.nameless} rows without an id, of {found.rows}",
        wanted="one row a person in each period",
        way_out="keep one row a person; several rows a person are not counted yet",
    )
