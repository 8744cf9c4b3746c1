"""One population in bins: what is known of a distribution from the bins' weights, sums and edges, and what is not.

Bounds hold for whatever the persons of a bin have, as long as it lies in the bin and adds up to its sum. Each bin is
worst where all its persons stand at its two edges, best where all have its mean (Gastwirth 1972, theorem 1). Exact.
"""

from dataclasses import dataclass
from fractions import Fraction

ZERO = Fraction(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """weight: above 0. low, high: its edges; high None: no end. mean: of its persons, within the edges."""

    weight: Fraction
    low: Fraction
    high: Fraction | None
    mean: Fraction

    @property
    def total(self) -> Fraction:
        """The sum of its persons' numbers."""
        return self.weight * self.mean

    @property
    def difference(self) -> Fraction:
        """The largest mean difference between two of its persons, halved."""
        above = self.mean - self.low
        return above if self.high is None else above * (self.high - self.mean) / (self.high - self.low)

    def least_below(self, weight: Fraction) -> Fraction:
        """The least that its poorest of this weight can have together; at most `weight * mean`."""
        rest = self.weight - weight
        at_edge = weight * self.low
        return at_edge if self.high is None else max(at_edge, self.total - rest * self.high)

    def most_above(self, weight: Fraction) -> Fraction:
        """The most that its richest of this weight can have together; at least `weight * mean`."""
        others = self.total - (self.weight - weight) * self.low
        return others if self.high is None else min(weight * self.high, others)


@dataclass(frozen=True, slots=True, kw_only=True)
class Binned:
    """Bins that hold somebody, by their edges. Not empty."""

    bins: tuple[Bin, ...]

    @property
    def weight(self) -> Fraction:
        """Of all persons."""
        return sum((bin.weight for bin in self.bins), ZERO)

    @property
    def total(self) -> Fraction:
        """Of all persons' numbers."""
        return sum((bin.total for bin in self.bins), ZERO)

    def quantile(self, rank: Fraction) -> tuple[Fraction, Fraction | None, Fraction | None]:
        """Least, interpolated and largest value that rank 0 < p < 1 of the persons have at most (inverse distribution).

        Interpolated as if the persons of the bin were spread evenly over it; None where it has no end.
        """
        wanted, before = rank * self.weight, ZERO
        for bin in self.bins:
            if before + bin.weight >= wanted:
                break
            before += bin.weight
        if bin.high is None:
            return bin.low, None, None
        return bin.low, bin.low + (wanted - before) / bin.weight * (bin.high - bin.low), bin.high

    def gini(self) -> tuple[Fraction, Fraction] | None:
        """Least and largest Gini coefficient; None where nothing is shared out: the total is not above 0."""
        if self.total <= 0:
            return None
        below, between = ZERO, ZERO
        for bin in self.bins:  # 1 - sum of f (2 L_before + l), with L the Lorenz curve, l the bin's part of it
            between += bin.weight * (2 * below + bin.total)
            below += bin.total
        least = 1 - between / (self.weight * self.total)
        inside = sum((bin.weight**2 * bin.difference for bin in self.bins), ZERO)
        return least, least + inside / (self.weight * self.total)

    def s80s20(self) -> tuple[Fraction, Fraction] | None:
        """Bounds of what the richest fifth has for each unit of the poorest fifth's; None where that may be nothing."""
        fifth = self.weight / 5
        poor_least, poor_most, left = ZERO, ZERO, fifth
        for bin in self.bins:
            part = min(left, bin.weight)
            poor_least += bin.least_below(part) if part < bin.weight else bin.total
            poor_most += part * bin.mean
            left -= part
        rich_least, rich_most, left = ZERO, ZERO, fifth
        for bin in reversed(self.bins):
            part = min(left, bin.weight)
            rich_least += part * bin.mean
            rich_most += bin.most_above(part) if part < bin.weight else bin.total
            left -= part
        if poor_least <= 0:
            return None
        return rich_least / poor_most, rich_most / poor_least
