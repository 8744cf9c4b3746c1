"""Tiles: from a study, a norm, a binding and layers of rasters to a plan of blocks, and from the parts back to a table.

A block is the unit of work, of retry and of proof: `part` gives its exact whole numbers, and their sum is the same for
any block size, order and number of workers. Pure, and run in each worker: arrays come in, integers go out. Who opens
the files implements `Rasters` (`adapters.rasters`); areas and coverage are `geo`'s, classes the method's. Which files
answer is `layers`' affair, what a reference sample says `points`'.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

import numpy as np
import shapely
from numpy.typing import NDArray

from comity import canon
from comity.canon import Digest
from comity.errors import ConfigError, NotVerified, SourceError
from comity.geo import zonal
from comity.geo.grid import Grid
from comity.methods import registry
from comity.methods.card import Method, RasterBlock, Tiles
from comity.model import blocks as exact
from comity.model import cube as cubes
from comity.model import study as studies
from comity.model.blocks import Block, Blocks, GridText, Input, Part
from comity.model.cube import Cube
from comity.model.norm import Norm
from comity.model.source import GRATICULE, Binding, Layer
from comity.model.structure import Layout
from comity.model.study import Study
from comity.stages.collect import reading
from comity.stages.layers import Bound, as_input

EDGE: Final = 1024  # rows and columns of a block
MOST: Final = 2**63 - 1  # of an entry of a table
VALUES: Final = 1 << 16  # from the smallest to the largest legend value of a layer


@dataclass(frozen=True, slots=True, kw_only=True)
class RasterFacts:
    """What a file says of itself. `dtype`: numpy's name; `nodata`: as text, None where the file names none."""

    grid: Grid
    dtype: str
    nodata: str | None
    blocksize: tuple[int, int]  # rows, columns of the file's own tiles
    size: int  # bytes
    digest: Digest


class Rasters(Protocol):
    """Whoever can open rasters. Layers are given by path; arrays have axes (rows, columns)."""

    def inspect(self, path: str) -> RasterFacts:
        """What the file is; SourceError for one that cannot be trusted (cut, rotated, no CRS, no nodata, ...)."""
        ...

    def aligned(self, facts: Mapping[str, RasterFacts]) -> Grid:
        """The one grid of all files (by path); SourceError if two differ."""
        ...

    def read(self, path: str, block: Block) -> NDArray[np.generic]:
        """One window."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TileLayer:
    """One raster of a plan: where it lies at home, and how the release names it."""

    path: str
    input: Input


@dataclass(frozen=True, slots=True, kw_only=True)
class Legend:
    """How the values of one layer are read as one dimension.

    codes: place of the code in the dimension's axis for the values low, low + 1, ...; -1 for what is no class.
    """

    dimension: str
    layer: int  # place in the plan's layers
    low: int
    codes: tuple[int, ...]

    def read(self, values: NDArray[np.generic]) -> NDArray[np.int16]:
        """Places of codes; -1 for values outside of the legend."""
        if values.dtype.itemsize > 2:
            return self._places(values)
        unsigned = np.dtype(f"u{values.dtype.itemsize}")
        every = np.arange(1 << 8 * unsigned.itemsize).astype(unsigned).view(values.dtype)
        places: NDArray[np.int16] = self._places(every)[values.view(unsigned)]  # one look for each cell
        return places

    def _places(self, values: NDArray[np.generic]) -> NDArray[np.int16]:
        table = np.array((*self.codes, -1), "<i2")
        at = values.astype(np.int64) - self.low
        outside = (at < 0) | (at >= len(self.codes))
        found: NDArray[np.int16] = table[np.where(outside, len(self.codes), at)]
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class TilePlan:
    """All that the parts of a raster study follow from, but the files themselves. Picklable.

    zones: a polygon (WKB, in the grid's CRS) for each code of the layout's first dimension; b"" where there is none.
    others: inputs that are not read by block (zones, reference sample).
    """

    study: Digest
    period: str
    method: studies.Method
    layout: Layout
    grid: GridText
    size: int  # edge of a block, in cells
    layers: tuple[TileLayer, ...]
    legends: tuple[Legend, ...]
    zones: tuple[bytes, ...]
    others: tuple[Input, ...]

    @property
    def digest(self) -> Digest:
        """Names the plan's journal; wherever the files lie."""
        return canon.digest(canon.encode(replace(self, layers=tuple(replace(one, path="") for one in self.layers))))

    def blocks(self) -> Iterator[Block]:
        """Every block, in row-major order."""
        return exact.tiling(self.grid.width, self.grid.height, self.size)


def plan(
    study: Study,
    norm: Norm,
    binding: Binding,
    period: str,
    *,
    found: Bound,
    facts: Mapping[str, RasterFacts],
    grid: Grid,
    zones: Mapping[str, bytes],
    size: int = EDGE,
) -> TilePlan:
    """The plan of one study in one period.

    Args:
        found: the layers of the period.
        facts: of each raster, by its layer's id.
        grid: of all rasters.
        zones: polygon (WKB, in the grid's CRS) of each code that has one.
        size: edge of a block.

    Raises:
        ConfigError: a legend maps to codes that the norm does not have, or what is no whole number.
        SourceError: a file changed since it was added, or holds no whole numbers; or no zone has a polygon.
    """
    first, *others = study.layout.dimensions
    for layer in found.layers:
        _unchanged(layer, facts[layer.id])
    if not any(zones.get(code) for code in first.codes):
        raise SourceError(
            "no zone of the norm has a polygon",
            where=found.zones.path if found.zones else GRATICULE,
            found=", ".join(sorted(zones)[:12]) or "none",
            wanted=", ".join(first.codes[:12]),
            way_out="name the property that holds the norm's codes: comity source add ... --field",
        )
    places = {layer.id: place for place, layer in enumerate(found.layers)}
    axes = {axis.id: axis.codes for axis in others}
    legends = tuple(
        _legend(norm, binding, dimension, places[layer.id], axes[dimension], facts[layer.id])
        for dimension, _, layer in found.rasters
    )
    return TilePlan(
        study=study.digest,
        period=period,
        method=study.method,
        layout=study.layout,
        grid=grid.text,
        size=size,
        layers=tuple(TileLayer(path=layer.path, input=as_input(layer)) for layer in found.layers),
        legends=legends,
        zones=tuple(zones.get(code, b"") for code in first.codes),
        others=tuple(as_input(layer) for layer in (found.zones, found.sample) if layer is not None),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ready:
    """A plan with its polygons prepared, once in each worker."""

    plan: TilePlan
    zones: zonal.Zones
    classify: Tiles


def prepare(plan: TilePlan) -> Ready:
    """Polygons to edges; NotVerified if this shelf does not hold the plan's very method."""
    outlines = [polygon(data) for data in plan.zones]
    return Ready(plan=plan, zones=zonal.prepare(outlines, Grid.of(plan.grid)), classify=method(plan).tiles)


def part(ready: Ready, block: Block, arrays: Sequence[NDArray[np.generic]]) -> Part:
    """The exact area of each zone and class in one block.

    Args:
        arrays: (rows, columns) of each layer of the plan, in its order.
    """
    plan = ready.plan
    codes = {legend.dimension: legend.read(arrays[legend.layer]) for legend in plan.legends}
    cells = ready.classify(RasterBlock(codes=codes), plan.layout)
    found = zonal.by_class(ready.zones, block, cells, classes(plan)).values
    return Part(block=block, values={str(at): str(value) for at, value in sorted(found.items()) if value})


def polygon(data: bytes) -> shapely.Geometry:
    """A zone of a plan; an empty polygon for a code that has none."""
    return shapely.from_wkb(data) if data else shapely.Polygon()


def classes(plan: TilePlan) -> int:
    """Cells of one zone."""
    return math.prod(plan.layout.shape[1:])


def method(plan: TilePlan) -> Method:
    """The plan's very method; NotVerified if this shelf holds another."""
    held = registry.held(plan.method)
    if held is None:
        raise NotVerified(
            "the method is not on this shelf",
            where=f"{plan.method.name}/{plan.method.version}",
            found=registry.shown(plan.method),
            wanted=plan.method.digest,
            way_out="install the version of Comity, or the package, whose sources have this digest",
        )
    return held


def assemble(plan: TilePlan, parts: Iterable[Part], pairs: Sequence[tuple[int, int]]) -> tuple[Cube, Blocks]:
    """The producer's table, and the parts that it follows from.

    Args:
        parts: one of each block of the plan, in any order.
        pairs: (mapped cell, reference cell) of each point of the reference sample; empty without one.

    Raises:
        NotVerified: a block's part is missing, or there twice.
        SourceError: a variance does not fit a table.
    """
    wanted, given = list(plan.blocks()), list(parts)
    by_block = {one.block: one for one in given}
    if len(given) != len(wanted) or set(by_block) != set(wanted):
        raise NotVerified(
            "not a part of each block", where="blocks", found=f"{len(given)} parts", wanted=f"{len(wanted)} blocks"
        )
    blocks = Blocks(
        version=exact.VERSION,
        method=f"{plan.method.name}/{plan.method.version}",
        study=plan.study,
        period=plan.period,
        grid=plan.grid,
        size=plan.size,
        inputs=(*(layer.input for layer in plan.layers), *plan.others),
        parts=tuple(by_block[block] for block in wanted),
        fixed={},
    )
    cells, sampled = plan.layout.cells, method(plan).sampled
    if pairs and sampled is not None:
        others = sampled(plan.layout, exact.totals(blocks, plan.layout)[:cells], pairs)
        blocks = replace(blocks, fixed={str(cells + at): str(value) for at, value in enumerate(others) if value})
    vector = exact.totals(blocks, plan.layout)
    if max(vector, default=0) > MOST:
        raise SourceError(
            "a number of the reference sample is too large for a table",
            where=f"{plan.study}, {plan.period}",
            found=str(max(vector)),
            wanted=f"{MOST} at most: a variance in 1e-6 km4 grows with the square of an area, and with fewer points",
            way_out="more points in the largest classes, or smaller zones",
        )
    values = np.array(vector, "<i8")
    return cubes.plain(plan.layout, values, np.zeros(plan.layout.length, "<i4")), blocks


def _unchanged(layer: Layer, facts: RasterFacts) -> None:
    if (facts.digest, facts.size) != (layer.digest, layer.size):
        raise SourceError(
            "the file changed since it was added",
            where=f"layer {layer.id}: {layer.path}",
            found=f"{facts.digest}, {facts.size} bytes",
            wanted=f"{layer.digest}, {layer.size} bytes",
            way_out="add the layer again, with the product that it now is",
        )
    if np.dtype(facts.dtype).kind not in "iu":
        raise SourceError(
            "the raster holds no whole numbers, so it has no legend",
            where=f"layer {layer.id}: {layer.path}",
            found=facts.dtype,
            wanted="whole numbers, such as uint8",
            way_out="write its classes as whole numbers: gdal_calc.py --type=Byte",
        )


def _legend(
    norm: Norm, binding: Binding, dimension: str, place: int, codes: tuple[str, ...], facts: RasterFacts
) -> Legend:
    """The dense table of one dimension."""
    where = f"binding {binding.id}/{binding.version}: {dimension}"
    meaning = reading(norm, binding, norm.filling(dimension)).meaning()
    at = {code: index for index, code in enumerate(codes)}
    try:
        values = {int(value): at.get(code or "", -1) for value, code in meaning.items() if code in at or code is None}
        nodata = None if facts.nodata is None else int(float(facts.nodata))
    except (ValueError, OverflowError) as e:
        raise ConfigError(
            "a legend value is no whole number", where=where, found=str(e), way_out="map the raster's own values"
        ) from None
    kept = {value: index for value, index in values.items() if index >= 0 and value != nodata}
    low, high = min(kept, default=0), max(kept, default=0)
    if not kept or high - low >= VALUES:
        raise ConfigError(
            "the legend cannot be used",
            where=where,
            found=f"{len(kept)} values from {low} to {high}",
            wanted=f"at least one value, all within {VALUES}",
            way_out="reclassify the raster to small whole numbers",
        )
    dense = tuple(kept.get(value, -1) for value in range(low, high + 1))
    return Legend(dimension=dimension, layer=place, low=low, codes=dense)
