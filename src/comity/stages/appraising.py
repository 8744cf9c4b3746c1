"""What an officer reads from an own table: finished figures, design effects, noise beside sampling, published figures.

Pure, and for the office's own eyes: figures of unprotected sums. A figure's noise is that of the joint sum, as if the
sum were no larger than this table: of a joint figure it is that or less. Design effects: `stages.design_effect`.
"""

import csv
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from statistics import median
from typing import Final, Literal

from comity.errors import ConfigError, FormatError
from comity.methods.card import WEIGHT, Method, Term
from comity.model.cube import Cube
from comity.model.decimals import decimal
from comity.model.release import Figure
from comity.model.structure import Layout
from comity.model.study import Study
from comity.stages.design_effect import effect

UNSEEN: Final = Fraction(1, 10)  # of the sampling error: both together are 0.5 % more than sampling alone
SMALL: Final = Fraction(1, 2)  # 12 % more
LARGE: Final = Fraction(1)  # 41 % more

Weight = Literal["unseen", "small", "seen", "large"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """The design effect of one estimate in one cell. of: a term of the layout, or "term/term" of a mean."""

    key: tuple[str, ...]
    of: str
    value: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """Noise of the sum beside the own sampling error, over the cells of one measure that have both.

    middle, most: noise error / sampling error, in the median cell and in the one where it is largest.
    """

    measure: str
    middle: Fraction
    most: Fraction

    @property
    def weight(self) -> Weight:
        """How much it is, by the median cell."""
        if self.middle <= UNSEEN:
            return "unseen"
        return "small" if self.middle <= SMALL else "seen" if self.middle <= LARGE else "large"


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """A figure beside the one that the office has published.

    errors: the difference in standard errors of sampling; None where there is none.
    """

    key: tuple[str, ...]
    measure: str
    own: Decimal
    published: Decimal
    errors: Decimal | None

    @property
    def difference(self) -> Decimal:
        """Own less published."""
        return self.own - self.published


Published = dict[tuple[tuple[str, ...], str], Decimal]  # (key, measure) -> value


def figures(study: Study, method: Method, cube: Cube, noise: Fraction) -> tuple[Figure, ...]:
    """The method's figures of the own table; FormatError if the study does not fit its method.

    Args:
        noise: variance of the joint sum's noise in each cell, in the layout's scaled integers.
    """
    sums = [int(value) for value in cube.values]
    return method.finish(study.layout, sums, decimal(noise), study.parameters)


def effects(method: Method, cube: Cube) -> tuple[Effect, ...]:
    """The design effect of each weighted total and mean whose terms the layout has; none without sampling variances."""
    layout = cube.layout
    if not cube.sampling.any():
        return ()
    known = {measure.id for measure in layout.measures}
    terms = [term for term in method.card.needs.terms if term.id in known]
    return tuple(_effects(method, _Table(cube), terms, tuple(layout.keys())))


def at_bound(cube: Cube, moments: Collection[str]) -> dict[str, int]:
    """Moments that are as large as their measure allows, and in how many cells: whatever they are, it may be more."""
    layout, values = cube.layout, cube.values.reshape(-1, cube.layout.cells)
    bounds = [(one, row) for one, row in zip(layout.measures, values, strict=True) if one.id in moments]
    found = {one.id: int((abs(row) >= one.bound).sum()) for one, row in bounds}
    return {measure: cells for measure, cells in found.items() if cells}


def beyond(cube: Cube, bound: int) -> dict[str, int]:
    """Measures that go into the joint sum cut to the study's bound, and in how many cells."""
    values = cube.values.reshape(-1, cube.layout.cells)
    rows = zip(cube.layout.measures, values, strict=True)
    found = {one.id: int((abs(row) > bound).sum()) for one, row in rows}
    return {measure: cells for measure, cells in found.items() if cells}


def beside(found: Sequence[Figure]) -> tuple[Noise, ...]:
    """Noise beside sampling, by measure; a measure without any of the two is left out."""
    ratios: dict[str, list[Fraction]] = {}
    for figure in found:
        if figure.value is not None and figure.noise and figure.sampling and Decimal(figure.sampling) > 0:
            ratios.setdefault(figure.measure, []).append(Fraction(figure.noise) / Fraction(figure.sampling))
    return tuple(
        Noise(measure=measure, middle=Fraction(median(several)), most=max(several))
        for measure, several in ratios.items()
        if any(several)
    )


def apart(found: Sequence[Figure], published: Published, *, where: str) -> tuple[Apart, ...]:
    """Each published figure beside the own one; ConfigError for a published figure that the method has not."""
    own = {(figure.key, figure.measure): figure for figure in found}
    if unknown := [f"{measure} of {' '.join(key)}" for key, measure in published if (key, measure) not in own]:
        raise ConfigError(
            "published figures that this study has not",
            where=where,
            found=", ".join(unknown[:5]),
            wanted=", ".join(sorted({figure.measure for figure in found})) + " of the study's cells",
        )
    return tuple(_apart(own[place], value) for place, value in published.items() if own[place].value is not None)


def read_published(text: str, layout: Layout, *, where: str) -> Published:
    """Published figures out of CSV: a column for each dimension, `measure`, and `value`, as decimals.

    Raises:
        ConfigError: another header, a row that is short, a code outside the lists, no number, or a figure twice.
    """
    header = [*(axis.id for axis in layout.dimensions), "measure", "value"]
    try:
        lines = list(csv.reader(text.removeprefix("\ufeff").splitlines(), strict=True))
    except csv.Error as e:
        raise ConfigError("not a table of published figures", where=where, found=str(e), wanted="CSV") from None
    if not lines or sorted(lines[0]) != sorted(header):
        found = ", ".join(lines[0]) if lines else "an empty file"
        raise ConfigError("not a table of published figures", where=where, found=found, wanted=", ".join(header))
    published: Published = {}
    for number, line in enumerate(lines[1:], 2):
        at = f"{where}, line {number}"
        if len(line) != len(header):
            raise ConfigError("not as long as the header", where=at, found=str(len(line)), wanted=str(len(header)))
        row = dict(zip(lines[0], line, strict=True))
        key = tuple(row[axis.id] for axis in layout.dimensions)
        try:
            layout.index(key)
            value = Decimal(row["value"])
        except FormatError as e:
            raise ConfigError(e.what, where=f"{at}: {e.where}", found=e.found, wanted=e.wanted) from None
        except InvalidOperation:
            raise ConfigError("no number", where=at, found=row["value"], wanted="a decimal, such as 12.5") from None
        if not value.is_finite() or (key, row["measure"]) in published:
            raise ConfigError("no number, or a figure twice", where=at, found=",".join(line))
        published[key, row["measure"]] = value
    return published


class _Table:
    """A cube by measure and cell, in the measures' units."""

    def __init__(self, cube: Cube) -> None:
        layout = cube.layout
        self.cells = layout.cells
        self._values = cube.values.reshape(-1, layout.cells)
        self._sampling = cube.sampling.reshape(-1, layout.cells)
        self._places = {measure.id: place for place, measure in enumerate(layout.measures)}
        self._units = {measure.id: Fraction(1, 10**measure.decimals) for measure in layout.measures}

    def __contains__(self, measure: str) -> bool:
        return measure in self._places

    def at(self, measure: str, cell: int) -> Fraction:
        return int(self._values[self._places[measure], cell]) * self._units[measure]

    def whole(self, measure: str) -> Fraction:
        return int(self._values[self._places[measure]].sum()) * self._units[measure]

    def variance(self, measure: str, cell: int) -> Fraction:
        return Fraction(float(self._sampling[self._places[measure], cell])) * self._units[measure] ** 2


def _effects(method: Method, table: _Table, terms: Sequence[Term], keys: Sequence[tuple[str, ...]]) -> Iterator[Effect]:
    ids = {term.factors: term.id for term in terms}
    count, weight = ids.get(()), ids.get((WEIGHT,))
    if count is None or weight is None:
        return
    moments = {moment.of: moment.id for moment in method.card.needs.moments if moment.id in table}
    for factors, total in ids.items():
        squares = weight if factors == (WEIGHT,) else ids.get((*factors, factors[-1])) if len(factors) == 2 else None
        if squares is None or factors[0] != WEIGHT:
            continue
        whole = (int(table.whole(count)), table.whole(weight))
        for cell, key in enumerate(keys):
            sums = {"total": table.at(total, cell), "squares": table.at(squares, cell)}
            found = effect(table.variance(total, cell), persons=whole[0], weight=whole[1], of="total", **sums)
            if found is not None:
                yield Effect(key=key, of=total, value=found)
            covariance = moments.get((weight, total)) or moments.get((total, weight))
            inside = table.at(weight, cell)
            if total == weight or covariance is None or inside <= 0:
                continue
            mean = sums["total"] / inside
            spread = table.variance(total, cell) - 2 * mean * table.at(covariance, cell)
            spread = (spread + mean**2 * table.variance(weight, cell)) / inside**2
            found = effect(spread, persons=int(table.at(count, cell)), weight=inside, of="mean", **sums)
            if found is not None:
                yield Effect(key=key, of=f"{total}/{weight}", value=found)


def _apart(figure: Figure, value: Decimal) -> Apart:
    own, error = Decimal(figure.value or 0), Decimal(figure.sampling or 0)
    errors = decimal(Fraction(own - value) / Fraction(error)) if error > 0 else None
    return Apart(key=figure.key, measure=figure.measure, own=own, published=value, errors=errors)
