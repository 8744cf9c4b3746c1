"""The half of `mountain_green/1` that runs at home: belt and class of a grid cell, and what a reference sample says."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from comity.methods.card import RasterBlock
from comity.methods.mountain_green.measures import greens
from comity.model.regions import M4, by_zone, class_cells
from comity.model.strata import LEAST, share
from comity.model.structure import Layout

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def contribute(block: RasterBlock, layout: Layout) -> "NDArray[np.int32]":
    """Belt and class of each grid cell, -1 where there is no mountain or no class; see `methods.card.Tiles`."""
    return class_cells(block.codes, layout.dimensions[1:])


def sampled(layout: Layout, areas: Sequence[int], pairs: Sequence[tuple[int, int]]) -> Sequence[int]:
    """Green area in each cell of the map, its variance (rounded up), points; see `methods.card.Sampled`.

    A cell (zone, belt, class on the map) is a stratum; what is estimated is the share of it that is green in the
    reference, so strata are independent and add up to any belt or zone. Two points at least, else a cell keeps zeros.
    """
    size = layout.cells // len(layout.dimensions[0].codes)
    green = greens(layout.dimensions[-1].codes)
    estimates, variances, points = [0] * layout.cells, [0] * layout.cells, [0] * layout.cells
    for zone, found in by_zone(layout, pairs).items():
        drawn = Counter(mapped for mapped, _ in found)
        hits = Counter(mapped for mapped, reference in found if green[reference % len(green)])
        for cell, number in drawn.items():
            if number < LEAST:
                continue
            part, variance = share(hits[cell], number)
            at = zone * size + cell
            estimates[at] = round(areas[at] * part)
            variances[at] = -(-(areas[at] ** 2 * variance) // M4)  # never an error that is too small
            points[at] = number
    return (*estimates, *variances, *points)
