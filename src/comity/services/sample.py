"""A reference sample held against the maps: what each point is on the ground, and what the maps say there.

Asked by the node that answers, and by whoever computes a release again. What is estimated from the pairs is the
method's; how a sample is read is `stages.points`.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from comity import canon
from comity.adapters import rasters
from comity.adapters.rasters import GeoTiffs
from comity.errors import SourceError
from comity.geo.grid import Grid
from comity.model.norm import Norm
from comity.model.source import Layer
from comity.model.study import Study
from comity.stages import points
from comity.stages.tiles import TilePlan


def pairs(plan: TilePlan, study: Study, norm: Norm, layer: Layer | None, files: GeoTiffs) -> list[tuple[int, int]]:
    """(mapped cell, reference cell) of each point, the maps read block by block; none without a sample.

    Raises:
        SourceError: the file changed, holds no sample of this study, or a point lies off the maps.
    """
    if layer is None:
        return []
    sample = points.points(data(layer), study, norm, where=layer.path)
    cells = points.places(Grid.of(plan.grid), sample, where=layer.path)
    at: dict[tuple[int, int], list[int]] = {}
    for place, (row, column) in enumerate(cells):
        at.setdefault((row // plan.size, column // plan.size), []).append(place)
    values: list[NDArray[np.generic]] = [np.zeros(len(sample), "<i8") for _ in plan.layers]
    for block in plan.blocks():
        here = at.get((block.row // plan.size, block.column // plan.size))
        if here:
            rows = np.array([cells[place][0] - block.row for place in here])
            columns = np.array([cells[place][1] - block.column for place in here])
            for one, layer_ in zip(values, plan.layers, strict=True):
                one[here] = files.read(layer_.path, block)[rows, columns]
    return points.pairs(plan, sample, values)


def data(layer: Layer) -> bytes:
    """The bytes of a small layer, if they are those that were added."""
    try:
        found = Path(layer.path).read_bytes()
    except OSError as e:
        raise SourceError("cannot be opened", where=layer.path, found=e.strerror or "") from None
    if (digest := canon.digest(found)) != layer.digest:
        raise rasters.changed(layer.path, found=digest, wanted=layer.digest)
    return found
