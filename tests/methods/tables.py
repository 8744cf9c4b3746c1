"""Sums that finish is given, made from rows by plain Python: for the tests of methods."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from comity.model.release import Figure
from comity.model.structure import Axis, Layout, Measure


def layout(codes: Mapping[str, Sequence[str]], decimals: Mapping[str, int]) -> Layout:
    """A layout of these dimensions and measures."""
    return Layout(
        dimensions=tuple(Axis(id=id, codes=tuple(of)) for id, of in codes.items()),
        measures=tuple(Measure(id=id, name=id, decimals=d, bound=10**9) for id, d in decimals.items()),
    )


def finished(method: Any, layout: Layout, values: Mapping[str, Sequence[Any]], **parameters: str) -> tuple[Figure, ...]:
    """The figures of a method from its terms by measure, in their units, without noise."""
    sums = [
        int(Decimal(str(value)).scaleb(measure.decimals)) for measure in layout.measures for value in values[measure.id]
    ]
    return tuple(method.finish(layout, sums, Decimal(0), parameters))


def value(figures: Sequence[Figure], measure: str, *key: str) -> str | None:
    """The one value of a measure and key."""
    (found,) = [figure.value for figure in figures if figure.measure == measure and figure.key == key]
    return found


def error(figures: Sequence[Figure], measure: str, *key: str) -> str:
    """Its sampling error."""
    (found,) = [figure.sampling for figure in figures if figure.measure == measure and figure.key == key]
    return found
