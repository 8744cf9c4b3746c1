"""What a drawn plan counts, reckoned row by row in plain Python.

It knows no engine and no expression: it is the contract of docs/binding.md and of the bounded plan, said a second time.
"""

import itertools
import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import ROUND_FLOOR, Decimal
from hashlib import sha256
from typing import Any

from comity.methods.card import WEIGHT
from comity.stages.collect import Condition, Reading
from comity.stages.compute import Counts, Plan
from comity.stages.protect.margins import Margins
from tests.builders.people import Asked
from tests.builders.values import figure, spelt

Row = Mapping[str, Any]


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
        value, read = row[one.reading.column], one.reading
        meant = read.codes.get(str(spelt(value)), str(spelt(value)))
        if spelt(value) is None or spelt(value) in read.missing or meant in read.blank:
            return False
        if spelt(value) not in read.codes and figure(value) is None:
            return False
    weight = figure(row[plan.weight]) if plan.weight else 1.0
    return weight is not None and weight >= 0


def _amounts(row: Row, plan: Plan) -> dict[str, int]:
    factors = {WEIGHT: _weight(row, plan)}
    for name, one in plan.numbers.items():
        value = row[one.reading.column]
        if (text := spelt(value)) in one.reading.codes:
            exact = Decimal(one.reading.codes[str(text)]).scaleb(one.decimals)
            scaled = int((exact + Decimal("0.5")).to_integral_value(ROUND_FLOOR))
        else:
            scaled = _rounded(figure(value), float(one.reading.scale) * 10.0**one.decimals)
        factors[name] = max(one.least, min(one.most, scaled))
    return {term.id: math.prod(factors[factor] for factor in term.factors) for term in plan.method.card.needs.terms}


def _weight(row: Row, plan: Plan) -> int:
    return _rounded(figure(row[plan.weight]) if plan.weight else 1.0, 10.0**plan.weight_decimals)


def _rounded(value: float | None, factor: float) -> int:
    scaled = float(value or 0.0) * factor
    return math.floor(max(-(2.0**62), min(2.0**62, scaled)) + 0.5)
