"""Rows of people and plans over them, drawn: columns in every kind that a source may have, values among them that
engines like to tell apart. What such a plan counts is `reckoning`.
"""

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

from comity.methods.card import WEIGHT, Bounds, Card, Method, Needs, Term, products
from comity.model.source import Band, Source
from comity.model.structure import Axis, Layout, Measure
from comity.stages.collect import Condition, Number, Reading
from comity.stages.compute import Plan
from comity.stages.protect import tables
from tests.builders.values import figure, spelt

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
    named = texts(values, "a", "97")[1 - len(missing) :]  # some of them missing, too
    meant = st.sampled_from(["0", "10", "-2.5", "0.005", "0.015", "123456789.000000000001", "NA"])
    codes = draw(st.dictionaries(st.sampled_from(named), meant, max_size=4)) if draw(st.booleans()) else {}
    read = Reading(variable="Y", column=column, codes=codes, missing=missing, list=(), blank=("NA",), scale=scale)
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
