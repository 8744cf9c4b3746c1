"""What is true, in square metres, by the closed form of the shapes: three tables, each beside what a raster can show.

Of every cell of a table: `mapped`, the product's map as shapes; `bound`, how far drawing them in cells can be off;
`drawn`, the same shapes with their edges where the raster has them (zones keep their own edges); `ground`, what is
there; `counted`, what counting cells of one size would say. Comity reads none of this.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from examples.geo_country import country, ellipsoid
from examples.geo_country.scene import Arrangement, Box, Labels, Shape, touched, within

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Which maps a table crosses with the zones, and which show the same on the ground."""

    maps: tuple[str, ...]
    ground: tuple[str, ...]


TABLES: Final = {
    "change": Table(maps=("cover-2020", "cover-2024"), ground=country.GROUND),
    "versions": Table(maps=("cover-2024", "cover-2025"), ground=("ground-2024", "ground-2024")),
    "green": Table(maps=("belts", "cover-2024"), ground=("belts", "ground-2024")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Raster:
    """A square raster of the whole country."""

    size: int  # cells along an edge

    @property
    def cell(self) -> float:
        """Degrees."""
        return country.EXTENT / self.size

    @property
    def x(self) -> Any:
        """Centres of the columns, west first."""
        return country.WEST + (np.arange(self.size) + 0.5) * self.cell

    @property
    def y(self) -> Any:
        """Centres of the rows, north first."""
        return country.NORTH - (np.arange(self.size) + 0.5) * self.cell

    def snapped(self, at: Box) -> Box:
        """The edges that a box has on this raster: a cell is inside if its centre is."""
        west, east = (country.WEST + int(n) * self.cell for n in np.searchsorted(self.x, (at.west, at.east)))
        above = np.searchsorted(-self.y, (-at.north, -at.south), side="right")
        north, south = (country.NORTH - int(n) * self.cell for n in above)
        return Box(west=west, south=south, east=east, north=north)


def codes(maps: tuple[str, ...], labels: Labels) -> Key | None:
    """Labels as the norm's codes; None where one of them is no class."""
    lists = {"zone": country.ZONES, "belts": country.BELTS}
    named = [lists.get(name, country.COVER).get(label) for name, label in zip(maps, labels, strict=True)]
    return None if None in named else tuple(pair[0] for pair in named if pair)


def tables(scene: Arrangement, raster: Raster) -> dict[str, list[dict[str, Any]]]:
    """Every table: a row for each combination of codes that the map or the ground has somewhere."""
    return {name: list(_rows(scene, raster, table)) for name, table in TABLES.items()}


def _rows(scene: Arrangement, raster: Raster, table: Table) -> Iterator[dict[str, Any]]:
    maps, ground = ("zone", *table.maps), ("zone", *table.ground)
    found = {
        "mapped": _summed(scene.areas, scene.maps, maps),
        "bound": _bounds(scene, raster, maps),
        "drawn": _drawn(scene, raster, maps),
        "ground": _summed(scene.areas, scene.maps, ground, seen=maps),
        "counted": _counted(scene, maps),
    }
    for key in sorted(found["mapped"].keys() | found["ground"].keys()):
        yield {"key": key} | {name: values.get(key, 0.0) for name, values in found.items()}


def _picked(labels: Labels, names: tuple[str, ...], maps: tuple[str, ...]) -> Key | None:
    return codes(maps, tuple(labels[names.index(name)] for name in maps))


def _summed(
    areas: dict[Labels, float], names: tuple[str, ...], maps: tuple[str, ...], *, seen: tuple[str, ...] | None = None
) -> dict[Key, float]:
    """Areas by code. seen: only where all of these maps have a class too."""
    found: dict[Key, float] = {}
    for labels, area in areas.items():
        key = _picked(labels, names, maps)
        if key and _picked(labels, names, seen or maps):
            found[key] = found.get(key, 0.0) + area
    return found


def _bounds(scene: Arrangement, raster: Raster, maps: tuple[str, ...]) -> dict[Key, float]:
    """Half a cell along every edge of what has a code."""
    half, found = raster.cell / 2, dict[Key, float]()

    def add(one: Labels, other: Labels, area: float) -> None:
        keys = {_picked(one, scene.maps, maps), _picked(other, scene.maps, maps)}
        for key in keys if len(keys) > 1 else ():
            if key:
                found[key] = found.get(key, 0.0) + area

    pieces = {(piece.west, piece.south): (labels, piece) for labels, piece in scene.pieces()}
    for labels, piece in pieces.values():
        if right := pieces.get((piece.east, piece.south)):
            add(labels, right[0], ellipsoid.box(0, piece.south - half, half, piece.north + half))
        if above := pieces.get((piece.west, piece.north)):
            add(labels, above[0], ellipsoid.box(piece.west - half, piece.north - half, piece.east + half, piece.north))
    for oval in scene.ovals:
        add(scene.under(oval), scene.over(oval), oval.at.rim(raster.cell))
    return found


def _drawn(scene: Arrangement, raster: Raster, maps: tuple[str, ...]) -> dict[Key, float]:
    """Areas of the shapes as the raster draws them, by rows of its cells."""
    boxes = tuple(
        shape if "zone" in shape.says else replace(shape, at=raster.snapped(shape.at)) for shape in scene.shapes
    )
    snapped = Arrangement(scene.maps, tuple(shape for shape in boxes if not shape.oval))
    areas = dict(snapped.areas)
    for oval in scene.ovals:
        part = _cells(oval, raster)
        for labels, sign in ((scene.under(oval), -1), (scene.over(oval), 1)):
            areas[labels] = areas.get(labels, 0.0) + sign * part
    return _summed(areas, scene.maps, maps)


def _cells(oval: Shape, raster: Raster) -> float:
    """Square metres of the cells whose centres lie in an oval."""
    down, across = touched(oval.at, raster.x, raster.y)
    x, y = raster.x[across], raster.y[down]
    inside = within(oval.at, x[None, :], y[:, None]).sum(axis=1)
    half = raster.cell / 2
    rows = [ellipsoid.box(0, middle - half, raster.cell, middle + half) for middle in y]
    return float(np.dot(inside, rows))


def _counted(scene: Arrangement, maps: tuple[str, ...]) -> dict[Key, float]:
    """What cells of one size give, if the country's whole area is right: shares in degrees, not on the ellipsoid."""
    degrees: dict[Labels, float] = {}
    for labels, piece in scene.pieces():
        size = (piece.east - piece.west) * (piece.north - piece.south)
        degrees[labels] = degrees.get(labels, 0.0) + size
    for oval in scene.ovals:
        size = np.pi / 4 * (oval.at.east - oval.at.west) * (oval.at.north - oval.at.south)
        degrees[scene.under(oval)] -= size
        degrees[scene.over(oval)] = degrees.get(scene.over(oval), 0.0) + size
    area, all_degrees = (sum(_summed(one, scene.maps, ("zone",)).values()) for one in (scene.areas, degrees))
    return {key: size * area / all_degrees for key, size in _summed(degrees, scene.maps, maps).items()}
