"""The layers of a raster source: how they are named, and how they meet a norm. Open data, but paths stay at home.

Decides what is looked at before a file is taken: its digest, and whether it can be trusted at all (`adapters.rasters`,
`adapters.outlines`). What is computed from layers is `tiling`.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from comity import canon
from comity.adapters import outlines
from comity.adapters.folder import Folder
from comity.adapters.rasters import GeoTiffs
from comity.errors import ConfigError, SourceError, UsageError
from comity.geo import boundaries
from comity.geo.boundaries import BoundarySet, Sliver
from comity.model import blocks
from comity.model.job import Tell
from comity.model.norm import Norm
from comity.model.source import GRATICULE, RASTERS, SAMPLE, Binding, Coverage, Kind, Layer, Map, Source
from comity.model.structure import TOTAL
from comity.services.node import sources
from comity.services.node.sources import Entry
from comity.stages import places
from comity.stages.collect import reading
from comity.stages.tiles import EDGE

KINDS: Final[dict[str, Kind]] = {
    ".tif": "raster",
    ".tiff": "raster",
    ".geojson": "zones",
    ".json": "zones",
    ".gpkg": "zones",
    ".csv": "sample",
}
_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How the layers of a source meet a norm; for the producer's eyes.

    coverage: cells of all maps that the binding reads, each map once for each variable.
    absent: layer -> share of its cells without a class (no data, or named as missing), as a percentage.
    unplaced: codes of zones that have no polygon.
    beyond: codes of zones that reach beyond the maps, so that a part of them is counted nowhere.
    slivers: neighbours that overlap by next to nothing, which counts in both.
    """

    coverage: Coverage
    absent: dict[str, str]
    unplaced: tuple[str, ...]
    beyond: tuple[str, ...]
    slivers: tuple[Sliver, ...]


def add(home: Path, id: str, layer: str, path: Path, *, product: str, field: str, tell: Tell) -> Layer:
    """Name a file as a layer of a source; a later one of the same id takes its place.

    Raises:
        UsageError: the kind of the file asks for an option that was not given, or the source is none of layers.
        SourceError: the file cannot be trusted (not a GeoTIFF, cut, rotated, without CRS or nodata; no boundary set).
    """
    Folder.open(home, "node")
    kind = KINDS.get(path.suffix.lower())
    if not path.is_file() or kind is None:
        raise ConfigError("no such file", where=str(path), wanted=f"a file with one of {', '.join(KINDS)}")
    _options(kind, layer, product, field)
    known = next((entry for entry in sources.read(home) if entry.source.id == id), None)
    if known is not None and known.source.format != RASTERS:
        raise UsageError("a source of another format", where=id, found=known.source.format, wanted="another --id")
    made = _layer(layer, path.resolve(), kind, product, field, tell)
    before = known.source.layers if known else ()
    kept = tuple(one for one in before if one.id != layer)
    source = Source(id=id, path="", format=RASTERS, unique=False, layers=(*kept, made))
    sources.put(home, Entry(source=source, bindings=known.bindings if known else ()))
    return made


def check(entry: Entry, norm: Norm, binding: Binding, *, tell: Tell, dimensions: Sequence[str] = ()) -> Fit:
    """Hold layers against a norm: one grid, legend values that the binding does not map, cells without a class.

    Args:
        dimensions: ids, the zones first; all of the norm if none are given.

    Raises:
        ConfigError: the binding maps a dimension to no layer, or to codes that the norm does not have.
        SourceError: layers do not line up, changed, or cannot be read.
    """
    source = entry.source
    axes = {axis.id: axis for axis in norm.structure.dimensions}
    first, *others = [axes[id] for id in dimensions or axes]
    read = [(axis.id, binding.map(norm.filling(axis.id).id)) for axis in others]
    asked = [(dimension, entry_, layer) for dimension, entry_ in read for layer in _matching(source, entry_)]
    counted: dict[str, Counter[int]] = {}
    with GeoTiffs(tell=tell) as files:
        facts = {layer.id: files.inspect(layer.path) for _, _, layer in asked}
        layers = {layer.id: layer for _, _, layer in asked}
        grid = files.aligned({layers[id].path: one for id, one in facts.items()})
        for id, layer in layers.items():
            if facts[id].digest != layer.digest:
                raise SourceError(
                    "the file changed since it was added",
                    where=layer.path,
                    found=facts[id].digest,
                    wanted=layer.digest,
                    way_out="add the layer again, with the product that it now is",
                )
            counted[id] = _values(files, layer, grid.width, grid.height, tell)
    zones = binding.map(norm.filling(first.id).id).column
    codes = [code for code in norm.structure.codelist(first.codelist).ids if code != TOTAL]
    drawn = None if zones == GRATICULE else _boundaries(source, zones)
    shapes = places.cells(codes, grid) if drawn is None else drawn.geometries(grid.crs)
    unplaced, beyond = places.misplaced(shapes, codes, grid)
    return Fit(
        coverage=_coverage(norm, binding, asked, counted, {id: one.nodata for id, one in facts.items()}),
        absent={id: _share(norm, binding, asked, id, counted[id], facts[id].nodata) for id in layers},
        unplaced=unplaced,
        beyond=beyond,
        slivers=() if drawn is None else drawn.slivers,
    )


def _options(kind: Kind, layer: str, product: str, field: str) -> None:
    if not _NAME.fullmatch(layer):
        raise UsageError("a layer needs an id", where="--layer", found=layer or "none", wanted="such as land-2020")
    if kind == "raster" and not product:
        raise UsageError(
            "a map is made by somebody, in a version", where="--product", wanted="such as 'ESA WorldCover v100'"
        )
    if kind == "zones" and not field:
        raise UsageError("which property holds a zone's code?", where="--field", wanted="its name, such as code")
    if kind == "sample" and layer != SAMPLE and not layer.startswith(f"{SAMPLE}-"):
        raise UsageError(
            "a table of points is a reference sample", where="--layer", found=layer, wanted="sample, or sample-PERIOD"
        )


def _layer(id: str, path: Path, kind: Kind, product: str, field: str, tell: Tell) -> Layer:
    """The layer, once its file was found to be what its kind says."""
    if kind == "raster":
        with GeoTiffs(tell=tell) as files:
            facts = files.inspect(str(path))
        digest, size = facts.digest, facts.size
    else:
        data = path.read_bytes()
        tell(len(data), len(data), f"digest of {path.name}")
        digest, size = canon.digest(data), len(data)
        if kind == "zones":
            boundaries.read(outlines.read(data, field, str(path)))
    named = field if kind == "zones" else ""
    return Layer(id=id, path=str(path), kind=kind, product=product, field=named, digest=digest, size=size)


def _matching(source: Source, entry: Map) -> Iterator[Layer]:
    """Layers that a column means in some period; ConfigError if there is none."""
    pattern = re.sub(r"\\\{(period|from|to)\\\}", ".+", re.escape(entry.column))
    found = [one for one in source.layers if one.kind == "raster" and re.fullmatch(pattern, one.id)]
    if not found:
        raise ConfigError(
            "no layer of the source is the one that the binding names",
            where=f"{source.id}: {entry.variable}",
            found=", ".join(one.id for one in source.layers),
            wanted=entry.column,
            way_out=f"comity source add FILE.tif --id {source.id} --layer {entry.column}",
        )
    yield from found


def _values(files: GeoTiffs, layer: Layer, width: int, height: int, tell: Tell) -> Counter[int]:
    """Cells of each value of a map."""
    found: Counter[int] = Counter()
    every = list(blocks.tiling(width, height, EDGE))
    for done, block in enumerate(every, 1):
        window = files.read(layer.path, block)
        if window.dtype.kind not in "iu":
            raise SourceError(
                "no whole numbers, so no legend",
                where=layer.path,
                found=str(window.dtype),
                wanted="whole numbers, such as uint8",
                way_out="write its classes as whole numbers: gdal_calc.py --type=Byte",
            )
        if window.dtype == np.uint8:  # most maps of classes; counting is ten times as fast as sorting
            cells = np.bincount(window.ravel())
            values = np.flatnonzero(cells)
            cells = cells[values]
        else:
            values, cells = np.unique(window, return_counts=True)
        found.update(dict(zip(values.tolist(), cells.tolist(), strict=True)))
        tell(done, len(every), f"cells of {layer.id}")
    return found


def _meaning(norm: Norm, binding: Binding, dimension: str, nodata: str | None) -> dict[str, str | None]:
    """What each value means: a code, or None for no class."""
    empty = {} if nodata is None else {nodata: None}
    return reading(norm, binding, norm.filling(dimension)).meaning() | empty


def _coverage(
    norm: Norm,
    binding: Binding,
    asked: list[tuple[str, Map, Layer]],
    counted: dict[str, Counter[int]],
    nodata: dict[str, str | None],
) -> Coverage:
    total = Coverage(rows=0, counted=0, missing=0, outside=0, unmapped={})
    for dimension, entry, layer in asked:
        meaning = _meaning(norm, binding, dimension, nodata[layer.id])
        listed = set(norm.structure.codelist(norm.filling(dimension).codelist or "").ids)
        for value, cells in sorted(counted[layer.id].items(), key=lambda item: -item[1]):
            code = meaning.get(str(value), "")
            unknown = code is not None and code not in listed
            if unknown:
                total.unmapped.setdefault(f"{entry.variable} ({layer.id})", {})[str(value)] = cells
            total = replace(
                total,
                rows=total.rows + cells,
                counted=total.counted + (cells if code is not None and not unknown else 0),
                missing=total.missing + (cells if code is None else 0),
                outside=total.outside + (cells if unknown else 0),
            )
    return total


def _share(
    norm: Norm,
    binding: Binding,
    asked: list[tuple[str, Map, Layer]],
    id: str,
    counted: Counter[int],
    nodata: str | None,
) -> str:
    """Percentage of a map's cells that have no class for the first variable that it fills."""
    dimension = next(dimension for dimension, _, layer in asked if layer.id == id)
    meaning = _meaning(norm, binding, dimension, nodata)
    empty = sum(cells for value, cells in counted.items() if meaning.get(str(value), "") is None)
    return f"{100 * empty / max(counted.total(), 1):.2f}"


def _boundaries(source: Source, column: str) -> BoundarySet:
    """The boundary set that the binding names."""
    layer = source.layer(column)
    if layer is None or layer.kind != "zones":
        raise ConfigError(
            "no zones of the source are those that the binding names",
            where=source.id,
            found=", ".join(one.id for one in source.layers),
            wanted=column,
            way_out=f"comity source add FILE.geojson --id {source.id} --layer {column} --field NAME",
        )
    return boundaries.read(outlines.read(Path(layer.path).read_bytes(), layer.field, layer.path), where=layer.path)
