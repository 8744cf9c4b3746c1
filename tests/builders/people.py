"""Rows of people and plans over them, drawn; and what such a plan counts, reckoned row by row in plain Python.

The reckoning knows no engine and no expression: it is the contract of docs/binding.md and of the bounded plan, said a
second time. Columns are drawn in every kind that a source may have, values among them that engines like to tell apart.
"""

import datetime
import itertools
import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

from comity.methods.card import WEIGHT, Bounds, Card, Method, Needs, Term, products
from comity.model.source import Band, Source
from comity.model.structure import Axis, Layout, Measure
from comity.stages.collect import Condition, Number, Reading
from comity.stages.compute import Counts, Plan
from comity.stages.protect import tables
from comity.stages.protect.margins import Margins

Row = Mapping[str, Any]

TERMS: Final = (
    Term(id="n"),
    Term(id="w", factors=(WEIGHT,)),
    Term(id="wy", factors=(WEIGHT, "y")),
    Term(id="wyy", factors=(WEIGHT, "y", "y")),
)
NAMES: Final = ('sé"x', "wei`ght", "${w}", "a.b", "select", "x y", "it's", "Größe", "back\\slash", "%s", "--", "id")
TEXTS: Final = (
    "1",
    "2",
    "01",
    "1.0",
    "a",
    "A",
    "ß",
    "ss",
    "é",
    "e\u0301",
    "a ",
    "it's",
    '"',
    "`",
    "\\",
    "${x}",
    "%",
    "",
)
FLOATS: Final = (1.0, 2.0, 2.5, -0.0, 0.1, 1e-5, 12345678.5, 1e10, math.nan, -1.0)
NUMBERS: Final = (
    "1.5",
    " 2",
    "1e2",
    "abc",
    "0x1p3",
    "1d",
    "NaN",
    "-7",
    ".5",
    "5.",
    "+3",
    "1_0",
    "1e400",
    "5\n",
    "",
    "٣",
    "1e-9999",
    "1e00002",
    "1" * 300,
    "1" * 301,
)
FAR: Final = (10**18, -5, 2**63 - 1, -(2**63))  # as ids, no numbers of persons
_DECIMAL: Final = re.compile(r"(?!.{301})[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A plan, and the rows that it is asked of."""

    plan: Plan
    rows: pa.Table


def of(plan: Plan, path: Path, format: str, **changes: Any) -> Plan:
    """The plan over another source of the same rows, which is checked anew."""
    return replace(plan, source=Source(id="home", path=str(path), format=format, unique=False, **changes))


def folder(place: Path, rows: pa.Table, *, files: int = 2) -> Path:
    """A folder of Parquet files, as Spark writes one."""
    place.mkdir()
    size = -(-rows.num_rows // files) or 1
    for at in range(0, rows.num_rows, size):
        pq.write_table(rows.slice(at, size), place / f"part-{at:05}.parquet")
    (place / "_SUCCESS").touch()
    return place


def method(terms: Sequence[Term]) -> Method:
    """Of these terms alone; what is published of it is nobody's concern."""
    needs = Needs(
        terms=tuple(terms),
        measures=tuple(term.id for term in terms),
        part=1,
        parameters=(),
        noise=False,
        numbers=("y",) if any("y" in term.factors for term in terms) else (),
    )
    card = Card(
        name="drawn",
        version="1",
        title="",
        needs=needs,
        promises=(),
        bounds=Bounds(cells=1000, touched=1),
        decimals=(),
        citations=(),
        assumptions=(),
    )
    return Method(
        card=card,
        contribute=lambda bound, layout, parameters: products(bound, terms),
        finish=lambda *_: (),
    )


def table(
    codes: Sequence[str], *, unit: str, time: str, column: str, touched: int = 1, terms: Sequence[Term] = TERMS[:1]
) -> Plan:
    """Of one dimension Q, whose codes are spelt alike at home; period 6, no source yet."""
    read = Reading(variable="Q", column=column, codes={}, missing=(), list=tuple(codes), blank=())
    measures = tuple(Measure(id=term.id, name=term.id, decimals=0, bound=2**62) for term in terms)
    return Plan(
        source=Source(id="home", path="", format="parquet", unique=False),
        layout=Layout(dimensions=(Axis(id="Q", codes=tuple(codes)),), measures=measures),
        method=method(terms),
        parameters={},
        unit=_named("UNIT", unit),
        time=_named("TIME", time),
        periods=("6",),
        readings=(read,),
        touched=touched,
        salt=bytes(range(32)),
    )


# Rows


def rarely(this: Any, others: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """One in ten."""
    return st.tuples(st.integers(0, 9), others).map(lambda drawn: drawn[1] if drawn[0] else this)


def _column(values: st.SearchStrategy[Any], kind: pa.DataType) -> st.SearchStrategy[tuple[Any, pa.DataType]]:
    return st.just((rarely(None, values), kind))


def columns() -> st.SearchStrategy[tuple[Any, pa.DataType]]:
    """A kind of column that may hold codes, as a strategy of its values."""
    days = st.sampled_from([datetime.date(2026, 1, 31), datetime.date(1969, 12, 31), datetime.date(1600, 2, 29)])
    return st.one_of(
        _column(st.sampled_from(TEXTS), pa.string()),
        _column(st.integers(-2, 3), pa.int64()),
        _column(st.sampled_from(FLOATS), pa.float64()),
        _column(st.booleans(), pa.bool_()),
        _column(days, pa.date32()),
    )


def numbers() -> st.SearchStrategy[tuple[Any, pa.DataType]]:
    """A kind of column that may hold numbers."""
    return st.one_of(
        _column(st.integers(-9, 9), pa.int64()),
        _column(st.sampled_from((*FLOATS, math.inf, 1e300)) | st.floats(-9, 9), pa.float64()),
        _column(st.sampled_from(NUMBERS), pa.string()),
    )


def weights() -> st.SearchStrategy[tuple[Any, pa.DataType]]:
    """A kind of column of weights, some of which are none."""
    return st.one_of(
        _column(st.integers(-1, 5), pa.int32()),
        _column(st.floats(-0.5, 9), pa.float64()),
        _column(st.sampled_from(("1.25", "0", "-1", "x", "2e0")), pa.string()),
    )


# Plans


@st.composite
def asked(draw: st.DrawFn, *, most: int = 40) -> Asked:
    """A plan and up to `most` rows: one to three dimensions, terms, a universe, several rows a person or one."""
    names = draw(st.permutations(NAMES))
    unit, time, filtered, weight, y, *axes = names
    large = st.sampled_from(
        [0, 3, 2**30 - 1, 2**30, 2**31 - 1, 2**40 + 7, 10**18 - 1, *draw(st.sampled_from([(), FAR]))]
    )
    unit_kind = draw(
        st.sampled_from(
            [
                (rarely(None, st.integers(-1, 4)), pa.int64()),
                (rarely(None, large), pa.int64()),
                (st.sampled_from(TEXTS), pa.string()),
            ]
        )
    )
    kinds: dict[str, tuple[Any, pa.DataType]] = {
        unit: unit_kind,
        time: draw(st.sampled_from([(st.sampled_from([6, 6, 6, 6, 5, None]), pa.int64())])),
        filtered: draw(st.one_of(columns(), numbers())),
        weight: draw(weights()),
        y: draw(numbers()),
    }
    axes = axes[: draw(st.integers(1, 3))]
    kinds |= {name: draw(st.one_of(columns(), numbers())) for name in axes}
    size = draw(st.integers(1, most))
    data = {name: draw(st.lists(values, min_size=size, max_size=size)) for name, (values, _) in kinds.items()}
    if draw(st.booleans()):  # one row is one person
        data[unit] = list(range(size)) if kinds[unit][1] == pa.int64() else [f"é{i}" for i in range(size)]
    rows = pa.table({name: pa.array(data[name], kind) for name, (_, kind) in kinds.items()})
    terms = draw(st.sampled_from([TERMS[:1], TERMS[:2], TERMS, (TERMS[0], Term(id="y", factors=("y",)))]))
    found = method(terms)
    readings = tuple(draw(reading(name, data[name], f"D{i}")) for i, name in enumerate(axes))
    bounds = st.sampled_from([1, 7, 10_000])
    layout = Layout(
        dimensions=tuple(Axis(id=one.variable, codes=one.list) for one in readings),
        measures=tuple(Measure(id=term.id, name=term.id, decimals=0, bound=draw(bounds)) for term in terms),
    )
    return Asked(
        rows=rows,
        plan=Plan(
            source=Source(id="home", path="", format="parquet", unique=False),
            layout=layout,
            method=found,
            parameters={},
            unit=_named("UNIT", unit, missing=draw(rarely(("1",), st.just(())))),
            time=_named("TIME", time),
            periods=("6",),
            readings=readings,
            numbers={"y": draw(number(y, data[y]))} if found.card.needs.numbers else {},
            universe=(draw(condition(filtered, data[filtered])),) if draw(st.booleans()) else (),
            weight=weight if len(terms) > 1 and draw(st.booleans()) and terms[1].id == "w" else "",
            weight_decimals=draw(st.integers(0, 2)) if terms[1:] and terms[1].id == "w" else 0,
            touched=draw(st.integers(1, 3)),
            salt=draw(st.binary(min_size=32, max_size=32)),
            largest=draw(st.integers(0, 3)),
            margins=draw(hierarchies(layout)),
        ),
    )


@st.composite
def hierarchies(draw: st.DrawFn, layout: Layout) -> tuple[tuple[int, ...], ...] | None:
    """Of each dimension none, or groups of some of its codes and a group of these; None: no margin is asked."""
    if not draw(st.booleans()):
        return None
    parents = {}
    for axis in layout.dimensions:
        above = [draw(st.sampled_from([None, None, "G", "H"])) for _ in axis.codes]
        parents[axis.id] = {code: group for code, group in zip(axis.codes, above, strict=True) if group}
        if draw(st.booleans()):
            parents[axis.id]["G"] = "H"
    return tables.hierarchies([(axis.id, axis.codes) for axis in layout.dimensions], parents)


def _named(variable: str, column: str, missing: tuple[str, ...] = ()) -> Reading:
    return Reading(variable=variable, column=column, codes={}, missing=missing, list=(), blank=())


@st.composite
def reading(draw: st.DrawFn, column: str, values: Sequence[Any], variable: str) -> Reading:
    """By the values' own spelling, by codes, or by bands; some values missing, some outside."""
    found = draw(st.permutations(texts(values, "a", "it's")))
    numbers = [value for value in values if figure(value) is not None]
    how = draw(st.sampled_from(["same", "codes"] + ["bands"] * (len(numbers) > len(values) // 2)))
    missing = draw(rarely((found[0],), st.just(())))
    left = draw(st.integers(0, 1))  # outside the list
    if how == "same":
        list_ = tuple(found[left : left + 12])
        return Reading(variable=variable, column=column, codes={}, missing=missing, list=list_, blank=("NA",))
    list_ = ("ONE", "TWO", "É's")
    if how == "codes":
        meant = rarely("NA", st.sampled_from(list_))
        codes = {text: draw(meant) for text in found[left:]}
        return Reading(variable=variable, column=column, codes=codes, missing=missing, list=list_, blank=("NA",))
    least = draw(st.sampled_from(["2.5", "2.5", "5"]))
    bands = (Band(code="ONE", below="1"), Band(code="TWO", least="1", below="2.5"), Band(code="É's", least=least))
    scale = draw(st.sampled_from(["1", "0.1"]))
    return Reading(
        variable=variable, column=column, codes={}, missing=missing, list=list_, blank=(), bands=bands, scale=scale
    )


def texts(values: Sequence[Any], *more: str) -> list[str]:
    """The texts of values, each once, and some more."""
    return sorted({text for value in values if (text := spelt(value)) is not None} | set(more))


@st.composite
def number(draw: st.DrawFn, column: str, values: Sequence[Any]) -> Number:
    missing = draw(rarely(tuple(texts(values, "-7")[:1]), st.just(())))
    decimals = draw(st.integers(0, 2))
    scale = draw(st.sampled_from(["1", "0.1", "100"]))
    least, most = draw(st.sampled_from([(-3, 50), (0, 1), (-100_000, 100_000)]))
    read = Reading(variable="Y", column=column, codes={}, missing=missing, list=(), blank=(), scale=scale)
    return Number(reading=read, decimals=decimals, least=least, most=most)


@st.composite
def condition(draw: st.DrawFn, column: str, values: Sequence[Any]) -> Condition:
    found = draw(st.permutations(texts(values, "a", "1")))
    cut = draw(st.integers(0, 2))
    bounded = any(figure(value) is not None for value in values) and draw(st.booleans())
    return Condition(
        column=column,
        values=tuple(found[cut:]) if draw(st.booleans()) else (),
        without=tuple(found[:cut]),
        least=draw(st.sampled_from([None, -1.5, 0.1])) if bounded else None,
        below=draw(st.sampled_from([None, 2.5, 1e6])) if bounded else None,
    )


# What a plan counts, a second time


def spelt(value: Any) -> str | None:
    """The one text of a value (docs/binding.md), or None for no answer."""
    if value is None or value == "" or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if abs(value) < 2**53 and value == math.floor(value) else repr(value)
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


def figure(value: Any) -> float | None:
    """The number of a value, if it is one and finite."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        found = float(value) if value.isascii() and _DECIMAL.fullmatch(value) else math.nan
    else:
        found = float(value) if isinstance(value, int | float) else math.nan
    return found if math.isfinite(found) else None


def reckoned(asked: Asked) -> Counts:
    """What the plan counts, person by person."""
    import numpy as np

    plan, layout = asked.plan, asked.plan.layout
    parts: dict[str, dict[int, dict[str, int]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
    rows = missing = outside = 0
    unmapped: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in asked.rows.to_pylist():
        if spelt(row[plan.time.column]) not in plan.periods or not all(_holds(row, one) for one in plan.universe):
            continue
        codes = [_code(row[reading.column], reading) for reading in plan.readings]
        whole = _whole(row, plan)
        for value, reading in zip(codes, plan.readings, strict=True):
            if value == "" and whole:
                unmapped[reading.variable][str(spelt(row[reading.column]))] += 1
        if not whole or None in codes:
            missing += 1
        elif "" in codes:
            outside += 1
        else:
            rows += 1
            unit, cell = str(spelt(row[plan.unit.column])), layout.index(tuple(str(code) for code in codes))
            found = parts[unit][cell]
            for id, amount in _amounts(row, plan).items():
                found[id] += amount
    values = np.zeros((len(layout.measures), layout.cells), "<i8")
    adding = np.zeros((len(layout.measures), layout.cells), "<i8")  # persons who add something
    sizes: dict[tuple[int, int], list[int]] = defaultdict(list)
    persons: list[dict[int, list[int]]] = []  # of each, what it adds to each term of the cells that are kept
    for unit, cells in parts.items():
        persons.append({})
        for cell in sorted(cells, key=lambda cell: drawn(plan.salt, cell, unit))[: plan.touched]:
            persons[-1][cell] = []
            for at, measure in enumerate(layout.measures):
                added = max(-measure.bound, min(measure.bound, cells[cell][measure.id]))
                persons[-1][cell].append(added)
                values[at, cell] += added
                adding[at, cell] += added != 0
                sizes[at, cell].append(abs(added))
    largest = np.zeros((plan.largest, len(layout.measures), layout.cells), "<i8")
    for (at, cell), found_ in sizes.items():
        for place, size in enumerate(sorted(found_, reverse=True)[: plan.largest]):
            largest[place, at, cell] = size
    return Counts(
        values=values.ravel(),
        contributors=np.where(adding, adding, 2**63 - 1).min(axis=0) * adding.any(axis=0),
        rows=rows,
        missing=missing,
        outside=outside,
        unmapped={name: _frequent(found) for name, found in unmapped.items()} if outside else {},
        largest=largest if plan.largest else None,
        margins=_margins(plan, persons) if plan.margins is not None else None,
    )


def _margins(plan: Plan, persons: Sequence[Mapping[int, Sequence[int]]]) -> Margins:
    """Of every cell with its margins, person by person: who adds to any of its cells, and how much to all of them."""
    import numpy as np

    below = []  # of each dimension, of each code: the finest codes that are it, or are a part of it
    for parents in plan.margins or ():
        finest = [code for code in range(len(parents)) if code not in parents]
        lines = []
        for code in finest:
            lines.append({code})
            while code:
                code = parents[code]
                lines[-1].add(code)
        below.append([{place for place, line in enumerate(lines) if code in line} for code in range(len(parents))])
    number, largest = [], []
    for codes in itertools.product(*below):
        inside = {plan.layout.index(key) for key in itertools.product(*_named_codes(plan, codes))}
        own = [[parts for cell, parts in person.items() if cell in inside] for person in persons]
        adding = [sum(any(parts[term] for parts in of) for of in own) for term in range(len(plan.terms))]
        number.append(min((one for one in adding if one), default=0))
        sizes = [
            sorted((abs(sum(parts[term] for parts in of)) for of in own), reverse=True) for term in range(len(adding))
        ]
        largest.append([[*of, *[0] * plan.largest][: plan.largest] for of in sizes])
    shape = (len(number), len(plan.terms), plan.largest)
    return Margins(number=np.array(number, "<i8"), largest=np.array(largest, "<i8").reshape(shape).transpose(2, 1, 0))


def _named_codes(plan: Plan, places: Sequence[set[int]]) -> list[list[str]]:
    return [[axis.codes[at] for at in of] for axis, of in zip(plan.layout.dimensions, places, strict=True)]


def _frequent(found: Mapping[str, int]) -> dict[str, int]:
    """The fifty most frequent values, of equally many the first."""
    return dict(sorted(found.items(), key=lambda one: (-one[1], one[0].encode()))[:50])


def drawn(salt: bytes, cell: int, unit: str) -> tuple[int, int]:
    """A cell's place in a person's order (docs/adr/0028): a polynomial whose coefficients are the person's."""
    prime, at = 2**31 - 1, re.fullmatch("0|[1-9][0-9]{0,17}", unit)
    number = int(unit) if at else int(sha256(unit.encode()).hexdigest()[:15], 16)
    w = [int(sha256(f"{salt.hex()}|{i}".encode()).hexdigest()[:16], 16) % prime for i in range(9)]
    a, b, c = (w[i] + w[i + 1] * (number % 2**30) + w[i + 2] * (number // 2**30) for i in (0, 3, 6))
    return (a * cell**2 + b * cell + c) % prime, cell


def _holds(row: Row, one: Condition) -> bool:
    text, value = spelt(row[one.column]), figure(row[one.column])
    if text is None or (one.values and text not in one.values) or text in one.without:
        return False
    if (one.least is not None or one.below is not None) and value is None:
        return False
    return (one.least is None or value >= one.least) and (one.below is None or value < one.below)  # type: ignore[operator]


def _code(value: Any, reading: Reading) -> str | None:
    """A code, None for no answer, "" for one outside the list."""
    text = spelt(value)
    if text is None or text in reading.missing:
        return None
    if not reading.bands:
        if text in (reading.codes or {code: code for code in (*reading.blank, *reading.list)}):
            code = reading.codes.get(text, text)
            return None if code in reading.blank else code
        return ""
    found = figure(value)
    for band in reading.bands if found is not None else ():
        scaled = found * float(reading.scale)  # type: ignore[operator]
        if float(band.least or "-inf") <= scaled < float(band.below or "inf"):
            return band.code
    return ""


def _whole(row: Row, plan: Plan) -> bool:
    unit = spelt(row[plan.unit.column])
    if unit is None or unit in plan.unit.missing:
        return False
    for one in plan.numbers.values():
        value = row[one.reading.column]
        if spelt(value) is None or spelt(value) in one.reading.missing or figure(value) is None:
            return False
    weight = figure(row[plan.weight]) if plan.weight else 1.0
    return weight is not None and weight >= 0


def _amounts(row: Row, plan: Plan) -> dict[str, int]:
    factors = {WEIGHT: _weight(row, plan)}
    for name, one in plan.numbers.items():
        scaled = _rounded(figure(row[one.reading.column]), float(one.reading.scale) * 10.0**one.decimals)
        factors[name] = max(one.least, min(one.most, scaled))
    return {term.id: math.prod(factors[factor] for factor in term.factors) for term in plan.method.card.needs.terms}


def _weight(row: Row, plan: Plan) -> int:
    return _rounded(figure(row[plan.weight]) if plan.weight else 1.0, 10.0**plan.weight_decimals)


def _rounded(value: float | None, factor: float) -> int:
    scaled = float(value or 0.0) * factor
    return math.floor(max(-(2.0**62), min(2.0**62, scaled)) + 0.5)
