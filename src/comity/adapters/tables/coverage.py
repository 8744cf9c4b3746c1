"""How a source meets a norm, in counts for the officer: whether a row is a person, what is missing or outside."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from comity.adapters.microdata.labelled import Labels
from comity.adapters.tables import lots
from comity.adapters.tables.engine import Engine
from comity.adapters.tables.patterns import codes, unmapped
from comity.adapters.tables.spelling import MISSING, OUTSIDE, is_one_of, number, standing, text, unanswered
from comity.methods.card import PERSONS
from comity.model.norm import Variable
from comity.model.source import Column, Coverage
from comity.stages import collect
from comity.stages.collect import Reading

if TYPE_CHECKING:
    import ibis

FEW: Final = 60  # values of a column that may be codes


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


def uniqueness(table: "ibis.Table", unit: Reading, time: Reading, by: Engine) -> Uniqueness:
    """Counts persons with more than one row in a period, and rows that name nobody."""
    many = lots.grouped(table, unit.column, by)
    found = [_uniqueness(lots.lot(table, unit.column, place, many), unit, time) for place in range(many)]
    return Uniqueness(
        rows=sum(one.rows for one in found),
        nameless=sum(one.nameless for one in found),
        repeated=sum(one.repeated for one in found),
    )


def _uniqueness(table: "ibis.Table", unit: Reading, time: Reading) -> Uniqueness:
    """In one pass."""
    import ibis

    column = table[unit.column]
    id = text(column)
    person = ibis.ifelse(id.isnull() | id.isin(unit.missing), ibis.null(column.type()), column)
    rows = table.select(person=person, period=period(table, time)).filter(lambda t: t.period.notnull())
    people = rows.group_by("period", "person").agg(n=lambda t: t.count())
    nobody = people.person.isnull()
    facts = people.agg(
        rows=people.n.sum().fill_null(0),
        nameless=people.n.sum(where=nobody).fill_null(0),
        repeated=people.count(where=~nobody & (people.n > 1)),
    )
    return Uniqueness(**facts.to_pyarrow().to_pylist()[0])


def period(table: "ibis.Table", time: Reading) -> Any:
    """The norm's period of each row, as text; NULL where the binding knows none."""
    import ibis

    column = table[time.column]
    if not time.codes:
        return text(column)
    return ibis.cases(
        *((is_one_of(column, [value]), code) for value, code in time.codes.items()), else_=ibis.null("string")
    )


def described(table: "ibis.Table", name: str, kind: str, labels: Labels | None) -> Column:
    """A column as whoever drafts a binding sees it: its labels, and its values where they may be codes."""
    values = None
    if kind in collect.READABLE:
        value = text(table[name])
        found = table.select(value=value).filter(value.notnull()).distinct().limit(FEW + 1).to_pyarrow()["value"]
        values = tuple(sorted(found.to_pylist())) if len(found) <= FEW else None
    if labels is None:
        return Column(name=name, values=values)
    missing = (value for value in sorted({*labels.values, *(values or ())}) if labels.misses(value))
    return Column(name=name, label=labels.text, labels=labels.values, missing=tuple(missing), values=values)


def covered(patterns: "ibis.Table", readings: Sequence[Reading]) -> Coverage:
    """Every row in one of three places: counted, missing, outside."""
    import ibis

    reads = codes(patterns, readings)
    missing = ibis.or_(*(read == MISSING for read in reads))
    outside = ~missing & ibis.or_(*(read == OUTSIDE for read in reads))
    place = ibis.cases((missing, "missing"), (outside, "outside"), else_="counted")
    rows = patterns.group_by(place=place).agg(rows=patterns[PERSONS].sum()).to_pyarrow().to_pylist()
    found = {"counted": 0, "missing": 0, "outside": 0} | {row["place"]: row["rows"] for row in rows}
    persons = patterns[PERSONS]
    sums = {f"c{i}": persons.sum(where=read == MISSING).fill_null(0) for i, read in enumerate(reads)}
    absent = patterns.agg(**sums).to_pyarrow().to_pylist()[0]
    return Coverage(
        rows=sum(found.values()),
        unmapped=unmapped(patterns, readings) if found["outside"] else {},
        absent={reading.variable: absent[f"c{i}"] for i, reading in enumerate(readings)},
        **found,
    )


def beyond(rows: "ibis.Table", variable: Variable, reading: Reading, by: Engine) -> int:
    """Rows whose answer is no number, or lies beyond the norm's bounds once it is in the norm's unit."""
    import ibis

    column = rows[reading.column]
    value = number(column, by) * ibis.literal(float(reading.scale), "float64")
    wrong = value.isnull()
    if variable.least is not None:
        wrong |= (value < ibis.literal(float(variable.least))).fill_null(False)
    if variable.most is not None:
        wrong |= (value > ibis.literal(float(variable.most))).fill_null(False)
    least, most = (None if end is None else Fraction(end) for end in (variable.least, variable.most))
    told = {
        one: (least is not None and meant < least) or (most is not None and meant > most)
        for one, meant in reading.numbers.items()
    }
    wrong = standing(column, told, wrong)
    return int(rows.agg(n=rows.count(where=~unanswered(column, reading) & wrong)).to_pyarrow()["n"][0].as_py())


def recoded(rows: "ibis.Table", reading: Reading) -> dict[str, int]:
    """Rows of each national value that stands for a number, or for no answer: 0 of one that is spelt otherwise."""
    nothing = (value for value in reading.nothing if value not in reading.blank)
    column, values = rows[reading.column], (*reading.numbers, *nothing)
    found = rows.filter(is_one_of(column, values)).group_by(value=text(column)).agg(rows=lambda t: t.count())
    counts = {row["value"]: row["rows"] for row in found.to_pyarrow().to_pylist()} if values else {}
    return {value: counts.get(value, 0) for value in values}
