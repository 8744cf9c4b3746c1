"""Vesland: an invented country in the middle of an ocean. What is there, and what two versions of one product say.

Nothing here is observed: every edge was chosen, and none lies on the raster's grid. The ground is what is there; a
product's map differs from it by errors that are known because they were put there. Zones are a partition of the
country, the disputed area a unit of its own.
"""

import random
from typing import Final

from examples.geo_country.scene import Arrangement, Box, Shape

WEST, NORTH, EXTENT = -40.0, 58.0, 4.0  # degrees: the rasters' upper left corner, and how far they reach

ZONES: Final = {
    1: ("VL-N", "Northern Province"),
    2: ("VL-W", "Western Province"),
    3: ("VL-E", "Eastern Province"),
    4: ("VL-S", "Southern Province"),
    5: ("VL-C", "Capital District"),
    6: ("XA01", "Hallow Marches (disputed area)"),
}
DISPUTED: Final = {"XA01": ("VES", "ALB")}  # who claims it: both invented
TREE, SHRUB, GRASS, CROP, BUILT, BARE, SNOW, WATER, WETLAND = 10, 20, 30, 40, 50, 60, 70, 80, 90
NODATA: Final = 0
COVER: Final = {
    TREE: ("TREE", "Tree-covered areas"),
    SHRUB: ("SHRUB", "Shrub-covered areas"),
    GRASS: ("GRASS", "Grassland"),
    CROP: ("CROP", "Cropland"),
    BUILT: ("BUILT", "Built-up areas"),
    BARE: ("BARE", "Bare areas"),
    SNOW: ("SNOW", "Permanent snow and glaciers"),
    WATER: ("WATER", "Inland water"),
    WETLAND: ("WETLAND", "Herbaceous wetland"),
}
BELTS: Final = {
    1: ("NIVAL", "Nival"),
    2: ("ALPINE", "Alpine"),
    3: ("MONTANE", "Montane"),
    4: ("REMAINING", "Remaining mountain area"),
}

V1, V2 = ("cover-2020", "cover-2024"), ("cover-2025",)
GROUND: Final = ("ground-2020", "ground-2024")
MAPS: Final = ("zone", *GROUND, *V1, *V2, "belts")
VILLAGES: Final = 20


def box(west: float, south: float, east: float, north: float) -> Box:
    """Degrees."""
    return Box(west=west, south=south, east=east, north=north)


def on(maps: tuple[str, ...], label: int, *boxes: Box, oval: bool = False) -> tuple[Shape, ...]:
    """The same label on some maps, in some places."""
    return tuple(Shape(at=one, says=dict.fromkeys(maps, label), oval=oval) for one in boxes)


LAND: Final = (*GROUND, *V1, *V2)
LATER: Final = ("ground-2024", "cover-2024", "cover-2025")

PROVINCES: Final = (
    *on(("zone",), 4, box(-39.6318, 54.2871, -36.3527, 55.4127)),
    *on(("zone",), 2, box(-39.6318, 55.4127, -38.1043, 56.8213)),
    *on(("zone",), 3, box(-38.1043, 55.4127, -36.3527, 56.8213)),
    *on(("zone",), 1, box(-39.6318, 56.8213, -36.3527, 57.7349), box(-38.7511, 56.5532, -37.4023, 56.8213)),
    *on(("zone",), 5, box(-38.2519, 54.8137, -37.9486, 55.0461)),
    *on(("zone",), 6, box(-36.9218, 55.9011, -36.3527, 56.3487)),
)

STANDING: Final = (
    *on(LAND, GRASS, box(-39.9017, 54.1023, -36.1019, 57.9021)),
    *on(LAND, TREE, box(-39.2137, 56.1043, -37.5018, 57.4512)),
    *on(LAND, TREE, box(-38.9043, 54.6127, -38.3871, 55.3018), box(-37.5532, 54.5021, -36.7713, 56.0518)),
    *on(LAND, CROP, box(-37.9011, 54.3533, -37.6018, 55.6047), box(-36.6527, 54.9041, -36.2513, 56.6038)),
    *on(LAND, SHRUB, box(-37.3019, 56.6533, -36.5127, 57.3042)),
    *on(LAND, WETLAND, box(-39.4533, 54.4028, -39.0517, 54.7522)),
    *on(LAND, BARE, box(-38.7541, 57.0317, -37.8529, 57.4011)),
    *on(LAND, GRASS, box(-38.6531, 57.3621, -38.1019, 57.3947), box(-38.0517, 57.0517, -37.9533, 57.1119)),
    *on(LAND, SNOW, box(-38.5023, 57.1519, -38.1017, 57.3037)),
    *on(LAND, BUILT, box(-38.2013, 54.8534, -38.0021, 55.0012), box(-39.4527, 56.0017, -39.2531, 56.1029)),
    *on(LAND, BUILT, box(-36.9013, 56.3021, -36.7011, 56.4533), box(-39.1533, 57.5519, -38.9527, 57.6511)),
    *on(LAND, BUILT, box(-36.6511, 54.4519, -36.4523, 54.6033), box(-37.2519, 56.4027, -37.0533, 56.5018)),
)

# Fields: crops, every other one left as grass.
FIELDS: Final = tuple(
    shape
    for row in range(9)
    for column in range(9)
    for shape in on(
        LAND,
        GRASS if row % 2 and column % 2 else CROP,
        box(-39.5121 + 0.1013 * column, 55.0527 + 0.1007 * row, -39.4108 + 0.1013 * column, 55.1534 + 0.1007 * row),
    )
)

# What changed on the ground between 2020 and 2024, and how much of it the map of 2024 sees.
CHANGES: Final = (
    *on(LATER, CROP, box(-37.3021, 55.1033, -36.8517, 55.7519)),  # forest cleared ...
    *on(("cover-2024", "cover-2025"), TREE, box(-36.9523, 55.1033, -36.8517, 55.7519)),  # ... and not all of it seen
    *on(LATER, BUILT, box(-38.0021, 54.8534, -37.9018, 55.0012)),  # the capital grows beyond its district ...
    *on(("cover-2024", "cover-2025"), GRASS, box(-38.0021, 54.9713, -37.9018, 55.0012)),  # ... a part is not seen
    *on(LATER, TREE, box(-38.3871, 54.6127, -38.2813, 55.3018)),  # planted trees ...
    *on(("cover-2024", "cover-2025"), TREE, box(-38.2813, 54.6127, -38.2631, 55.3018)),  # ... and some that are none
    *on(LATER, CROP, box(-39.4533, 54.4028, -39.2511, 54.5547)),  # a wetland drained
)

# What the product's maps of all years get wrong.
ERRORS: Final = (
    *on((*V1, *V2), GRASS, box(-39.5121, 55.6569, -39.0056, 55.7576)),  # a row of fields taken for grass
    *on((*V1, *V2), TREE, box(-36.8013, 56.6533, -36.5127, 56.8517)),  # tall shrub taken for trees
    *on((*V1, *V2), GRASS, box(-38.0517, 57.0317, -37.8529, 57.2009)),  # bare rock taken for grass
    *on(("cover-2024", "cover-2025"), NODATA, box(-36.9033, 57.4027, -36.6511, 57.6013)),  # clouds
)

MOUNTAINS: Final = (
    *on(("belts",), 4, box(-38.9517, 56.8519, -37.6533, 57.5028), box(-39.5533, 56.3027, -39.0519, 56.7018)),
    *on(("belts",), 3, box(-38.8533, 56.9541, -37.7519, 57.4533), box(-39.4517, 56.4031, -39.1523, 56.6029)),
    *on(("belts",), 2, box(-38.7011, 57.0033, -37.9027, 57.4219)),
    *on(("belts",), 1, box(-38.5517, 57.1223, -38.0521, 57.3519)),
)

LAKES: Final = on(
    LAND, WATER,
    box(-38.0533, 56.3521, -37.6517, 56.5019), box(-38.9517, 55.9613, -38.4029, 56.0811),
    box(-37.5027, 54.3519, -37.1013, 54.4837), box(-37.4533, 57.5017, -37.1527, 57.6523),
    oval=True,
)  # fmt: skip


def villages(seed: int) -> tuple[Shape, ...]:
    """Villages, as old as the country: version 1 of the product takes them for grass, version 2 sees them."""
    dice, found = random.Random(seed), list(LAKES)
    bare = Arrangement(MAPS, (*PROVINCES, *STANDING, *FIELDS, *CHANGES, *ERRORS, *MOUNTAINS))
    built = dict.fromkeys((*GROUND, *V2), BUILT)
    while len(found) < VILLAGES + len(LAKES):
        west, south = round(dice.uniform(-39.58, -36.5), 4), round(dice.uniform(54.3, 57.6), 4)
        oval = Shape(at=box(west, south, round(west + 0.0813, 4), round(south + 0.0479, 4)), says=built, oval=True)
        if any(_meet(oval.at, other.at) for other in found):
            continue
        try:
            under = dict(zip(MAPS, bare.under(oval), strict=True))
        except ValueError:  # something else changes there
            continue
        if under["zone"] and not under["belts"] and all(under[name] == GRASS for name in LAND):
            found.append(oval)
    return tuple(found[len(LAKES) :])


def _meet(one: Box, other: Box) -> bool:
    return one.west < other.east and other.west < one.east and one.south < other.north and other.south < one.north


def arrangement(seed: int) -> Arrangement:
    """The whole country. The seed places the villages."""
    fixed = (*PROVINCES, *STANDING, *FIELDS, *CHANGES, *ERRORS, *MOUNTAINS)
    return Arrangement(MAPS, (*fixed, *LAKES, *villages(seed)))


def polygons(zone: int) -> tuple[Box, ...]:
    """The boxes of a zone, before others are painted over them."""
    return tuple(shape.at for shape in PROVINCES if shape.says["zone"] == zone)
