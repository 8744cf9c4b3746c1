"""Exact sums: whole numbers wider than a machine word, so that no order of adding changes a bit.

In compiled code a sum is three words (`geo.kernels`); outside it is Python's integer.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from comity.errors import SourceError
from comity.geo.kernels import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Exact:
    """Exact values of a shape, in C order; those that are not 0 by index. Sums of blocks are equal in any order."""

    shape: tuple[int, ...]
    values: dict[int, int]

    def __add__(self, other: "Exact") -> "Exact":
        return total((self, other), self.shape)

    def ints(self) -> list[int]:
        """All values, zeros too, in C order."""
        size = 1
        for extent in self.shape:
            size *= extent
        return [self.values.get(index, 0) for index in range(size)]

    def at(self, *index: int) -> int:
        """One value by its place in the shape."""
        return self.values.get(int(np.ravel_multi_index(index, self.shape)), 0)


def total(parts: Iterable[Exact], shape: tuple[int, ...]) -> Exact:
    """Sum of parts of one shape, equal in any order; zeros if there is none. SourceError for another shape."""
    values: dict[int, int] = {}
    for part in parts:
        if part.shape != shape:
            raise SourceError("sums of different shapes", where="exact", found=str(part.shape), wanted=str(shape))
        for index, value in part.values.items():
            values[index] = values.get(index, 0) + value
    return Exact(shape=shape, values={index: value for index, value in sorted(values.items()) if value})


def ratio(above: int, below: int) -> float | None:
    """The nearest double to a ratio of exact values; None over 0."""
    return float(Fraction(above, below)) if below else None


def gathered(words: Words, zones: NDArray[np.int64], shape: tuple[int, ...]) -> Exact:
    """Sums of some zones, row i of which is zone `zones[i]`, as exact values of all zones."""
    inner = len(words) // max(len(zones), 1)
    values: dict[int, int] = {}
    for row in np.flatnonzero(words.any(axis=1)).tolist():
        value = int.from_bytes(words[row].astype("<u8").tobytes(), "little", signed=True)
        values[int(zones[row // inner]) * inner + row % inner] = value
    return Exact(shape=shape, values=values)
