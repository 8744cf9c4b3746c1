"""Sampling variance at home: from totals of the design's units to the moments of a table's measures.

Horvitz-Thompson with strata and stages (Särndal, Swensson, Wretman 1992, 4.3; the recursion of Lumley 2010, ch. 2 and
3), with replacement where no population is known, or from replicate weights (Wolter 2007, ch. 3 to 5). Totals are whole
numbers, variances fractions of whole numbers, rounded once. How totals are counted is `adapters.tables.design`'s; what
a design may be, `stages.drawing`'s.

Stage s of a design draws units out of groups: strata at first, afterwards the units drawn before. A group of n units
drawn out of N adds

    F (1 - n/N) n/(n - 1) sum over its units of (z_a - mean z_a)(z_b - mean z_b)  =  F (1 - n/N)/(n - 1) (n Q - S_a S_b)

with Q the sum of z_a z_b, S the sums of z, z the unit's total of a term in a cell, and F the product of n/N over the
stages before. The factor is the same for all groups that were drawn alike, so Q and S_a S_b are first added up over
them. A unit without anything in a cell is a zero there and counts in n: estimates of domains need no more than that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm, prod
from typing import Final

import numpy as np
from numpy.typing import NDArray

from comity.errors import SourceError
from comity.methods.card import Moment
from comity.model.structure import Layout

Pair = tuple[str, str]  # two terms, in the order of the layout; of one, the term twice

LARGEST: Final = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Draw:
    """How the units of one group were drawn: `units` of them, out of `population`; None: with replacement."""

    units: int
    population: int | None = None

    @property
    def fraction(self) -> Fraction:
        """The sampling fraction; 0 with replacement, of which stages below add nothing."""
        return Fraction(self.units, self.population) if self.population else Fraction(0)

    @property
    def factor(self) -> Fraction:
        """(1 - n/N)/(n - 1); 0 where every unit was drawn. A single unit of several has none: see `stages.drawing`."""
        return Fraction(0) if self.units == self.population else (1 - self.fraction) / (self.units - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """What the groups of one stage that were drawn alike add to one cell.

    draws: of the stages down to this one.
    squares: for each pair, Q: the sum over all their units of z_a z_b.
    products: for each pair, the sum over the groups of S_a S_b.
    """

    draws: tuple[Draw, ...]
    cell: int
    squares: tuple[int, ...]
    products: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """Totals of a design of strata and stages. pairs: in whose order each spread's numbers stand."""

    pairs: tuple[Pair, ...]
    spreads: tuple[Spread, ...]

    def covariances(self) -> dict[Pair, dict[int, Fraction]]:
        """By pair and cell; a cell that is not there has 0. In units of both terms' integers."""
        factors = {draws: _factor(draws) for draws in {spread.draws for spread in self.spreads}}
        common = lcm(*(factor.denominator for factor in factors.values()))  # so that sums stay whole numbers
        whole = {draws: int(factor * common) for draws, factor in factors.items()}
        found: dict[Pair, dict[int, int]] = {pair: {} for pair in self.pairs}
        for spread in self.spreads:
            units, factor = spread.draws[-1].units, whole[spread.draws]
            for pair, square, product in zip(self.pairs, spread.squares, spread.products, strict=True):
                sums = found[pair]
                sums[spread.cell] = sums.get(spread.cell, 0) + factor * (units * square - product)
        return {pair: {cell: Fraction(v, common) for cell, v in sums.items()} for pair, sums in found.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Replicated:
    """Totals by replicate weights.

    totals: term -> cell -> the total by the weight itself, then by each replicate weight; all before any cut, since a
        replicate of a cut total is not the cut of a replicate.
    """

    pairs: tuple[Pair, ...]
    scale: Fraction
    factors: tuple[Fraction, ...]
    totals: Mapping[str, Mapping[int, tuple[int, ...]]]

    def covariances(self) -> dict[Pair, dict[int, Fraction]]:
        """By pair and cell; a cell that is not there has 0. In units of both terms' integers."""
        common = lcm(*(factor.denominator for factor in self.factors))
        factors = [int(factor * common) for factor in self.factors]
        found: dict[Pair, dict[int, Fraction]] = {}
        for a, b in self.pairs:
            found[a, b] = {}
            for cell in self.totals[a].keys() & self.totals[b].keys():
                (at, *ones), (bt, *others) = self.totals[a][cell], self.totals[b][cell]
                total = sum(f * (x - at) * (y - bt) for f, x, y in zip(factors, ones, others, strict=True))
                found[a, b][cell] = self.scale * Fraction(total, common)
        return found


Totals = Drawn | Replicated


def added(lots: Sequence[Totals]) -> Totals:
    """Of totals of lots, each of whole strata, or of whole persons with replicate weights: those of all rows."""
    first, drawn = lots[0], [lot for lot in lots if isinstance(lot, Drawn)]
    if isinstance(first, Drawn):
        return replace(first, spreads=tuple(spread for lot in drawn for spread in lot.spreads))
    found: dict[str, dict[int, tuple[int, ...]]] = {term: {} for term in first.totals}
    for lot in (lot for lot in lots if isinstance(lot, Replicated)):
        for term, cells in lot.totals.items():
            for cell, totals in cells.items():
                known = found[term].get(cell, (0,) * len(totals))
                found[term][cell] = tuple(a + b for a, b in zip(known, totals, strict=True))
    return replace(first, totals=found)


def pairs(layout: Layout, moments: Sequence[Moment]) -> tuple[Pair, ...]:
    """The pairs of terms whose covariances a layout asks for: each term with itself, and what its moments are of."""
    ids = {moment.id for moment in moments}
    named = {measure.id for measure in layout.measures}
    terms = [measure.id for measure in layout.measures if measure.id not in ids]
    asked = [_sorted(moment.of, terms) for moment in moments if moment.id in named]
    return tuple(dict.fromkeys([*((term, term) for term in terms), *asked]))


def moments(
    layout: Layout, moments: Sequence[Moment], values: NDArray[np.int64], totals: Totals
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The layout's values with its moments filled in, and the sampling variance of each value (0 of a moment).

    A moment is rounded to its measure's decimals, half to even, and cut to the measure's bound (`methods.card.Moment`).

    Raises:
        SourceError: a moment is beyond int64; the first cell of it is named, in whichever order totals were counted.
    """
    found = totals.covariances()
    places = {measure.id: place for place, measure in enumerate(layout.measures)}
    decimals = {measure.id: measure.decimals for measure in layout.measures}
    table = values.reshape(len(layout.measures), layout.cells).copy()
    sampling = np.zeros((len(layout.measures), layout.cells), "<f8")
    terms = [id for id in places if id not in {moment.id for moment in moments}]
    for term in terms:
        for cell, variance in found[term, term].items():
            sampling[places[term], cell] = float(variance)
    for moment in moments:
        if moment.id not in places:
            continue
        measure = layout.measures[places[moment.id]]
        unit = Fraction(10) ** (measure.decimals - sum(decimals[term] for term in moment.of))
        table[places[moment.id]] = 0
        for cell, covariance in sorted(found[_sorted(moment.of, terms)].items()):
            whole = round(covariance * unit)
            if abs(whole) > LARGEST:
                raise SourceError(
                    "a sampling variance is too large for a whole number of 64 bits",
                    where=f"{measure.id}, cell {cell}",
                    wanted=_fewer(measure.decimals, moment.of),
                    way_out="ask for a norm that counts this measure in larger units",
                )
            table[places[moment.id], cell] = max(-measure.bound, min(whole, measure.bound))
    return table.ravel(), sampling.ravel()


def _fewer(decimals: int, of: Sequence[str]) -> str:
    named = " and ".join(dict.fromkeys(of))
    return (
        f"fewer than {decimals} decimals of this measure, or of {named}" if decimals else f"fewer decimals of {named}"
    )


def _factor(draws: Sequence[Draw]) -> Fraction:
    return prod((draw.fraction for draw in draws[:-1]), start=Fraction(1)) * draws[-1].factor


def _sorted(of: Pair, terms: Sequence[str]) -> Pair:
    first, second = sorted(of, key=terms.index)
    return first, second
