"""The half of `land_cover_area/1` that runs at home: which class a grid cell is, and what a reference sample says."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from comity.methods.card import RasterBlock
from comity.model.regions import M4, by_zone, class_cells
from comity.model.strata import areas_of, strata
from comity.model.structure import Layout

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ESTIMATES: Final = 3  # measures beside the area: adjusted, variance, points


def contribute(block: RasterBlock, layout: Layout) -> "NDArray[np.int32]":
    """The class (one date) or the pair of classes (two dates) of each grid cell; see `methods.card.Tiles`."""
    return class_cells(block.codes, layout.dimensions[1:])


def sampled(layout: Layout, areas: Sequence[int], pairs: Sequence[tuple[int, int]]) -> Sequence[int]:
    """Adjusted areas, their variances (rounded up) and the points they rest on; see `methods.card.Sampled`.

    Each zone is a region of its own, the cells of its table are the strata. A zone that the sample does not cover
    (`model.strata`) keeps zeros.
    """
    size = layout.cells // len(layout.dimensions[0].codes)
    adjusted, variances, points = ([0] * layout.cells for _ in range(ESTIMATES))
    for zone, found in by_zone(layout, pairs).items():
        start = zone * size
        mapped = areas[start : start + size]
        enough = strata(mapped, found)
        if enough is None:
            continue
        for cell, (estimate, variance) in enumerate(areas_of(enough, mapped)):
            adjusted[start + cell] = round(estimate)
            variances[start + cell] = -(-variance // M4)  # never an error that is too small
        for cell, references in enough.items():
            points[start + cell] = sum(references.values())
    return (*adjusted, *variances, *points)
