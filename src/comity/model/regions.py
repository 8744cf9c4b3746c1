"""A table of areas read region by region: each zone of a raster table, all zones together, and the margins of classes.

The vector of a raster table has four measures: the mapped area of each cell, then from a reference sample an estimate,
its variance and the points that it rests on (`methods.card.Sampled`). Says which cell is which and what adds up; what
the estimate is of is the method's. Standard library alone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain, product
from typing import TYPE_CHECKING, Final

from comity.errors import FormatError
from comity.model.strata import UNSAMPLED
from comity.model.structure import TOTAL, Axis, Layout

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BOUNDARIES: Final = "boundaries"  # parameter of a study: digest of the boundary set that its members adopt with it
SQUARE_METRES: Final = 10**6  # in a square kilometre: areas have six decimals
VARIANCES: Final = 10**6  # units of a variance in km4
M4: Final = 10**6  # of one unit of a variance: 1e-6 km4 in m4


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A zone, or all of them; each tuple has an entry for each class cell.

    area, estimate: square metres. variance: 1e-6 km4. points: reference points that the estimate rests on.
    missed: the area without any such point.
    """

    code: str
    area: tuple[int, ...]
    estimate: tuple[int, ...]
    variance: tuple[int, ...]
    points: tuple[int, ...]
    missed: tuple[int, ...]

    def covered(self, cells: Sequence[int]) -> bool:
        """Whether a reference sample covers these cells: all of their area but for the part that may be unsampled."""
        return any(self.points[cell] for cell in cells) and self.reached(cells)

    def reached(self, cells: Sequence[int]) -> bool:
        """Whether points reached them but for the part that may be unsampled; true of no area at all."""
        return total(self.missed, cells) <= UNSAMPLED * total(self.area, cells)


def total(values: Sequence[int], cells: Sequence[int]) -> int:
    """One of a region's columns over some class cells."""
    return sum(values[cell] for cell in cells)


def insist(method: str, layout: Layout, sums: Sequence[int], noise: Decimal, statuses: Sequence[str] | None) -> None:
    """FormatError unless these are sums of areas that can be finished: all of them, without noise, each as it is."""
    if len(sums) != layout.length or noise != 0 or (statuses is not None and set(statuses) != {"A"}):
        raise FormatError(
            f"not sums that {method} finishes",
            where="finish",
            found=f"{len(sums)} sums, noise {noise}, statuses {', '.join(sorted(set(statuses or 'A')))}",
            wanted=f"{layout.length} sums, no noise, every status A",
        )


def zones(layout: Layout, sums: Sequence[int]) -> tuple[Region, ...]:
    """The zones of a vector, in the order of the layout's first dimension."""
    size = layout.cells // max(1, len(layout.dimensions[0].codes))

    def cut(measure: int, zone: int) -> tuple[int, ...]:
        start = measure * layout.cells + zone * size
        return tuple(sums[start : start + size])

    def region(code: str, zone: int) -> Region:
        area, estimate, variance, points = (cut(measure, zone) for measure in range(4))
        missed = tuple(0 if found else held for held, found in zip(area, points, strict=True))
        return Region(code=code, area=area, estimate=estimate, variance=variance, points=points, missed=missed)

    return tuple(region(code, at) for at, code in enumerate(layout.dimensions[0].codes))


def whole(parts: Sequence[Region]) -> Region:
    """All zones together; their samples are independent, so variances add up."""

    def added(columns: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
        return tuple(map(sum, zip(*columns, strict=True)))

    return Region(
        code=TOTAL,
        area=added(part.area for part in parts),
        estimate=added(part.estimate for part in parts),
        variance=added(part.variance for part in parts),
        points=added(part.points for part in parts),
        missed=added(part.missed for part in parts),
    )


def margins(axes: Sequence[Axis]) -> Iterator[tuple[tuple[str, ...], tuple[int, ...]]]:
    """Key and cells of every class cell and every total of them, in the order of the codes, `_T` last.

    >>> for key, cells in margins([Axis(id="CLASS", codes=("1", "2"))]):
    ...     print(key, cells)
    ('1',) (0,)
    ('2',) (1,)
    ('_T',) (0, 1)
    """
    options = [
        [*((code, (at,)) for at, code in enumerate(axis.codes)), (TOTAL, tuple(range(len(axis.codes))))]
        for axis in axes
    ]
    for chosen in product(*options):
        cells: tuple[int, ...] = (0,)
        for axis, (_, places) in zip(axes, chosen, strict=True):
            cells = tuple(chain.from_iterable((cell * len(axis.codes) + place for place in places) for cell in cells))
        yield tuple(code for code, _ in chosen), cells


def class_cells(codes: Mapping[str, "NDArray[np.int16]"], axes: Sequence[Axis]) -> "NDArray[np.int32]":
    """The class cell of each grid cell from its codes' indices by dimension; -1 where one of them is missing."""
    first, *others = axes
    missing = codes[first.id] < 0
    cells = codes[first.id].astype("int32")
    for axis in others:
        missing |= codes[axis.id] < 0
        cells = cells * len(axis.codes) + codes[axis.id]
    cells[missing] = -1
    return cells


def by_zone(layout: Layout, pairs: Iterable[tuple[int, int]]) -> Mapping[int, Sequence[tuple[int, int]]]:
    """Reference points by zone: the class cells on the map and in the reference.

    Raises:
        FormatError: a cell outside the layout, or a point in two zones.
    """
    size = layout.cells // max(1, len(layout.dimensions[0].codes))
    found: dict[int, list[tuple[int, int]]] = {}
    for mapped, reference in pairs:
        if not (0 <= mapped < layout.cells and 0 <= reference < layout.cells and mapped // size == reference // size):
            raise FormatError(
                "not a point of one zone of this table",
                where="reference sample",
                found=f"cells {mapped} and {reference}",
                wanted=f"two of {layout.cells} cells, in one zone",
            )
        found.setdefault(mapped // size, []).append((mapped % size, reference % size))
    return found
