"""A map that a colour-blind reader, a photocopier and a country on both sides of the antimeridian can use."""

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from math import cos, radians

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import FormatError
from comity.pages import maps, shapes
from comity.pages.maps import MapValue, Words
from comity.pages.shapes import Outline
from tests.builders import raster

WORDS = Words(title="<t>", describe="<d>")
SIZE = {"width": 4800, "height": 5200}


def value(number: str | None, status: str = "V") -> MapValue:
    return MapValue(value=None if number is None else Decimal(number), status=status, text=f"zone: {number}")


def collection(*polygons: tuple[str, Sequence[object]], **head: object) -> str:
    features = [
        {"type": "Feature", "properties": {"code": code}, "geometry": {"type": "Polygon", "coordinates": rings}}
        for code, rings in polygons
    ]
    return json.dumps({"type": "FeatureCollection", **head, "features": features})


def draw(text: str | bytes) -> dict[str, Outline]:
    return {outline.shape.code: outline for outline in shapes.fit(shapes.read(text), **SIZE).outlines}


def ground(outline: Outline) -> shapely.Geometry:
    """What an outline covers, by shapely: holes are what lies in two rings."""
    found: shapely.Geometry = shapely.Polygon()
    for ring in outline.rings:
        found = found.symmetric_difference(shapely.Polygon(ring))
    return found


def lightness(red: float, green: float, blue: float) -> float:
    """CIE L* of linear sRGB (IEC 61966-2-1, CIE 15)."""
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return 116 * y ** (1 / 3) - 16 if y > 0.008856 else 903.3 * y


def linear(colour: str) -> tuple[float, float, float]:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return red, green, blue


# Viénot, Brettel, Mollon (1999): what a protanope and a deuteranope see of linear RGB.
SEEN = {
    "all": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": ((0.11238, 0.88762, 0), (0.11238, 0.88762, 0), (0.00401, -0.00401, 1)),
    "deutan": ((0.29275, 0.70725, 0), (0.29275, 0.70725, 0), (-0.02234, 0.02234, 1)),
}


@pytest.mark.parametrize("eyes", SEEN)
def test_shades_darken_in_steps_that_everybody_sees(eyes: str) -> None:
    """At least fourteen units of lightness from one to the next, for each kind of colour vision."""
    seen = [
        lightness(*(sum(a * b for a, b in zip(row, linear(shade), strict=True)) for row in SEEN[eyes]))
        for shade in maps.SHADES
    ]
    steps = [light - dark for light, dark in pairwise(seen)]
    assert min(steps) >= 14
    assert max(steps) - min(steps) < 3


@given(st.lists(st.decimals("0", "1000000", places=3) | st.none(), max_size=60))
def test_every_value_has_one_shade_and_equal_values_have_the_same(found: list[Decimal | None]) -> None:
    tones = maps.scale(found)
    held = sorted(v for v in found if v)
    assert sorted(set(tones.breaks)) == list(tones.breaks)
    steps = [tones.step(v) for v in held]
    assert sorted(steps) == steps
    assert set(steps) == set(range(len(tones.breaks) + 1)) or not held
    assert len(tones.shades) == len(tones.breaks) + 1 <= len(maps.SHADES)
    assert all(tones.shade(v) == (maps.BLANK if v is None else maps.ZERO if not v else tones.shade(v)) for v in found)


@given(st.sets(st.integers(1, 10_000), min_size=5, max_size=60))
def test_groups_hold_about_equally_many(found: set[int]) -> None:
    tones = maps.scale([Decimal(v) for v in found])
    steps = [tones.step(Decimal(v)) for v in found]
    sizes = [steps.count(i) for i in range(5)]
    assert max(sizes) - min(sizes) <= 1


def test_breaks_are_round() -> None:
    """The roundest number between two groups: by hand."""
    tones = maps.scale(
        [Decimal(v) for v in ("1.37", "2.91", "18.4", "19.6", "47.03", "47.9", "212.5", "350", "777", "812")]
    )
    assert ["10", "40", "200", "700"] == [f"{start:f}" for start in tones.breaks]


def test_a_true_zero_is_no_blank_and_no_small_value() -> None:
    tones = maps.scale([Decimal(0), None, Decimal("0.1")])
    assert len({tones.shade(Decimal(0)), tones.shade(None), tones.shade(Decimal("0.1"))}) == 3


def test_an_area_on_both_sides_of_the_antimeridian_is_drawn_whole() -> None:
    """RFC 7946, 3.1.9 cuts it at 180 degrees; no border is drawn there, and it is as wide as it is."""
    east = draw(raster.zones())["VL-E"]
    covered = shapely.unary_union([shapely.Polygon(ring) for ring in east.rings])
    assert covered.geom_type == "Polygon"
    left, top, right, bottom = covered.bounds
    narrowed = cos(radians((-18.2 + -15.2) / 2))
    assert abs((right - left) / (bottom - top) - (180.9 - 179.4) * narrowed / 1.0) < 0.002
    assert len(east.border.split("M")) == 3
    assert "z" not in east.border
    assert "z" in draw(raster.zones())["VL-N"].border


def test_a_ring_that_crosses_180_is_the_same_as_one_that_is_cut_there() -> None:
    cut = collection(("a", [raster.ring(179, -18, 180, -17)]), ("b", [raster.ring(-180, -18, -179, -17)]))
    whole = draw(collection(("c", [[[179, -18], [-179, -18], [-179, -17], [179, -17], [179, -18]]])))["c"]
    parts = draw(cut)
    assert ground(parts["a"]).union(ground(parts["b"])).equals(ground(whole))


def test_a_ring_round_a_pole_covers_the_pole() -> None:
    cap = [[x, -70] for x in range(-180, 180, 30)]
    drawn = draw(collection(("cap", [[*cap, cap[0]]]), ("north", [raster.ring(0, 60, 10, 70)])))
    left, top, right, bottom = ground(drawn["cap"]).bounds
    west, north, east, _ = ground(drawn["north"]).bounds
    assert abs((right - left) / (east - west) - 36) < 0.1
    assert abs((bottom - north) / (east - west) * cos(radians(-10)) - 16) < 0.1
    assert ground(drawn["cap"]).area == (right - left) * (bottom - top)


def test_shapes_hold_at_the_middle_parallel() -> None:
    """A square of one degree at 60 degrees is half as wide as it is high: the standard parallel of the projection."""
    drawn = draw(collection(("a", [raster.ring(10, 59.5, 11, 60.5)])))["a"]
    left, top, right, bottom = ground(drawn).bounds
    assert abs((right - left) / (bottom - top) - 0.5) < 0.001


def test_a_national_projection_is_drawn_as_it_is() -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3035"}}
    text = collection(("a", [raster.ring(4_000_000, 2_000_000, 4_200_000, 2_100_000)]), crs=crs)
    left, top, right, bottom = ground(draw(text)["a"]).bounds
    assert abs((right - left) / (bottom - top) - 2) < 0.001
    assert shapes.fit(shapes.read(text), **SIZE).parallel is None


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"features": []}',
        '{"features": [{"properties": {"code": "a"}, "geometry": null}]}',
        '{"features": [{"properties": {"code": "a"}, "geometry": {"type": "Point", "coordinates": [1, 2]}}]}',
        '{"features": [{"properties": {}, "geometry": {"type": "Polygon", "coordinates": [[[1, 2]]]}}]}',
        collection(("a", [raster.ring(4_000_000, 2_000_000, 4_200_000, 2_100_000)])),
        collection(("a", [[]])),
    ],
)
def test_what_is_no_boundary_set_is_refused_with_the_file(text: str) -> None:
    with pytest.raises(FormatError, match=r"zones\.geojson"):
        shapes.read(text)


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=30, unique=True))
def test_neighbours_keep_one_common_border(points: list[tuple[float, float]]) -> None:
    """A jagged border between two areas: each vertex is rounded by itself, so no gap and no overlap opens."""
    jag = [[0.5 + 0.3 * x, y] for x, y in sorted(points, key=lambda p: p[1])]
    line = [[0.5, 0], *jag, [0.5, 1]]
    west = [[0, 0], *line, [0, 1], [0, 0]]
    east = [[1, 0], [1, 1], *line[::-1], [1, 0]]
    drawn = draw(collection(("w", [west]), ("e", [east])))
    one, other = (shapely.make_valid(ground(drawn[code])) for code in "we")
    assert one.intersection(other).area == 0
    assert abs(one.union(other).area - one.union(other).envelope.area) <= 1e-6 * one.union(other).envelope.area


def test_a_hatch_lies_inside_and_fills() -> None:
    """Lines at 45 degrees, a step apart along x: their length times the distance between them is the area."""
    outline = draw(raster.zones())["VL-W"]
    inside = ground(outline).buffer(1)
    for falling in (False, True):
        path = shapes.hatch(outline.rings, step=40, falling=falling)
        lines = [[float(n) for n in re.findall(r"-?\d+", piece)] for piece in path.split("M")[1:]]
        assert all(inside.contains(shapely.LineString([(a, b), (c, d)])) for a, b, c, d in lines)
        length = sum(((a - c) ** 2 + (b - d) ** 2) ** 0.5 for a, b, c, d in lines)
        assert abs(length * 40 / 2**0.5 - ground(outline).area) < 0.02 * ground(outline).area


def test_a_mark_stands_inside_its_area() -> None:
    for outline in draw(raster.zones()).values():
        assert ground(outline).contains(shapely.Point(outline.spot))


def drawn(values: dict[str, MapValue]) -> str:
    tones = maps.scale([v.value for v in values.values()])
    return maps.polygon_map(shapes.fit(shapes.read(raster.zones()), **SIZE), values, WORDS, tones, id="m")


ALL = {"VL-N": value("1", "E"), "VL-W": value(None, "M"), "VL-E": value("0"), "XA01": value("9")}


def test_a_disputed_area_is_an_area_of_its_own_and_looks_so() -> None:
    """Hatched and edged with dashes; nothing merges it with a neighbour. One without a value is hatched otherwise."""
    text = drawn(ALL)
    assert text.count("stroke-dasharray") == 1
    assert text.count("<use ") == 4
    slopes = {
        (int(d) - int(b)) // (int(c) - int(a)) if c != a else 0
        for a, b, c, d in re.findall(r"M(\d+),(\d+)L(\d+),(\d+)", text)
    }
    assert {-1, 1} <= slopes


def test_statuses_have_marks_of_their_own() -> None:
    """A disc, a ring, a 0 and the code of a blank; where all share one status, none."""
    text = drawn(ALL)
    assert [">0<", ">M<"] == sorted(re.findall(r">[0A-Z]<", text))
    assert 'fill="none"' in next(c for c in re.findall(r"<circle[^>]*>", text) if 'stroke-width="24"' in c)
    same = drawn({code: value("5") for code in raster.ZONES})
    assert "<circle" not in same


def test_an_island_too_small_to_see_is_a_disc() -> None:
    text = collection(("a", [raster.ring(0, 0, 10, 10)]), ("b", [raster.ring(12, 5, 12.002, 5.002)]))
    outlines = draw(text)
    assert (False, True) == (outlines["a"].small, outlines["b"].small)


def test_drawings_are_xml_with_whole_coordinates_and_escaped_text() -> None:
    told = {code: MapValue(value=Decimal(1), status="V", text="<b>&") for code in raster.ZONES}
    for text in (drawn(told), maps.tile_map(told, WORDS, maps.scale([Decimal(1)]), id="t")):
        root = ET.fromstring(text)
        assert root.get("role") == "img"
        assert ("<t>", "<d>") == (root[0].text, root[1].text)
        assert "<b>" not in text
        assert not re.findall(r'\bd="[^"]*\.[^"]*"', text)
        assert "url(" not in text


def test_a_second_map_uses_the_outlines_of_the_first() -> None:
    drawing, tones = shapes.fit(shapes.read(raster.zones()), **SIZE), maps.scale([Decimal(1)])
    text = maps.polygon_map(drawing, {}, WORDS, tones, id="n", first="m")
    assert "<defs>" not in text
    assert 'href="#m-3"' in text


def corners(text: str) -> list[tuple[int, int]]:
    return [(int(x), int(y)) for x, y in re.findall(r'<path d="M(\d+),(\d+)h', text)]


def test_cells_of_a_graticule_stand_at_their_place() -> None:
    """North above south, and E179 beside W180: the antimeridian is no edge."""
    cells = {code: value("1") for code in ("S17E179", "S17W180", "S18E179", "S16W179")}
    places = corners(maps.tile_map(cells, WORDS, maps.scale([Decimal(1)]), id="t"))
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = places
    size = x1 - x0
    assert [(size, 0), (0, size), (2 * size, -size)] == [(x1 - x0, y1 - y0), (x2 - x0, y2 - y0), (x3 - x0, y3 - y0)]
    assert maps.placed(tuple(cells))


def test_other_zones_stand_in_the_order_of_their_list() -> None:
    cells = {f"Z{i}": value(str(i)) for i in range(1, 13)}
    text = maps.tile_map(cells, WORDS, maps.scale([v.value for v in cells.values()]), id="t")
    places = corners(text)
    assert sorted(places, key=lambda place: (place[1], place[0])) == places
    assert not maps.placed(tuple(cells))
    assert re.findall(r">(Z\d+)<", text) == list(cells)


def test_equal_values_give_equal_bytes() -> None:
    assert drawn(ALL) == drawn(dict(reversed(ALL.items())))
