"""Maps of real shapes (Natural Earth): the antimeridian, disputed areas, and a projection library as the judge."""

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pyproj
import pytest

from comity.pages import maps, shapes
from comity.pages.maps import MapValue, Words
from comity.pages.shapes import Drawing

COUNTRIES = "geo/natural-earth/110m/cultural/ne_110m_admin_0_countries.json"
DISPUTED = "geo/natural-earth/10m/cultural/ne_10m_admin_0_disputed_areas.json"
SIZE = {"width": 4800, "height": 5200}


@cache
def features(path: Path) -> tuple[Mapping[str, Any], ...]:
    return tuple(json.loads(path.read_text())["features"])


def drawing(found: Sequence[Mapping[str, Any]], *, disputed: bool = False) -> Drawing:
    """Shapes as a boundary set, coded by their place."""
    status = "disputed" if disputed else "area"
    told = [
        {"properties": {"code": str(i), "name": f["properties"]["NAME"], "status": status}, "geometry": f["geometry"]}
        for i, f in enumerate(found)
    ]
    return shapes.fit(shapes.read(json.dumps({"type": "FeatureCollection", "features": told})), **SIZE)


def named(corpus: Path, *names: str) -> Drawing:
    return drawing([f for f in features(corpus / COUNTRIES) if f["properties"]["NAME"] in names])


def box(made: Drawing) -> tuple[int, int]:
    xs, ys = zip(*(point for outline in made.outlines for ring in outline.rings for point in ring), strict=True)
    return max(xs) - min(xs), max(ys) - min(ys)


@pytest.mark.parametrize(("name", "widest"), [("Fiji", 4.0), ("Russia", 175.0)])
def test_a_country_across_the_antimeridian_is_as_wide_as_it_is(corpus: Path, name: str, widest: float) -> None:
    """Not as wide as the globe: degrees of longitude follow from the drawing's scale."""
    made = named(corpus, name)
    rings = [ring for shape in shapes.read(whole(corpus, name)).shapes for ring in shape.rings]
    latitudes = [y for ring in rings for _, y in ring]
    width, height = box(made)
    assert made.parallel is not None
    squeeze = pyproj.Proj(f"+proj=eqc +lat_ts={made.parallel} +R=1")(1, 0)[0] / pyproj.Proj("+proj=eqc +R=1")(1, 0)[0]
    degrees = width / height * (max(latitudes) - min(latitudes)) / squeeze
    assert 2 < degrees < widest


def whole(corpus: Path, name: str) -> str:
    found = [f for f in features(corpus / COUNTRIES) if f["properties"]["NAME"] == name]
    told = [{"properties": {"code": "a"}, "geometry": f["geometry"]} for f in found]
    return json.dumps({"type": "FeatureCollection", "features": told})


def test_vertices_are_where_a_projection_library_puts_them(corpus: Path) -> None:
    """PROJ's equidistant cylindrical with the same parallel, in the same frame: within a tenth of a pixel."""
    sheet = shapes.read(whole(corpus, "Italy"))
    made = shapes.fit(sheet, **SIZE)
    points = [point for shape in sheet.shapes for ring in shape.rings for point in ring]
    middle = (max(y for _, y in points) + min(y for _, y in points)) / 2
    there = [pyproj.Proj(f"+proj=eqc +lat_ts={middle} +R=6371007")(*point) for point in points]
    west, north = min(x for x, _ in there), max(y for _, y in there)
    drawn = {point for outline in made.outlines for ring in outline.rings for point in ring}
    left, top = min(x for x, _ in drawn), min(y for _, y in drawn)
    scale = (made.height - 2 * shapes.PAD) / (north - min(y for _, y in there))
    wanted = {(round(left + (x - west) * scale), round(top + (north - y) * scale)) for x, y in there}
    near = {(x + i, y + j) for x, y in wanted for i in (-1, 0, 1) for j in (-1, 0, 1)}
    assert drawn <= near
    assert len(drawn) > 0.8 * len(wanted)


def test_the_whole_world_fits_on_a_page(corpus: Path) -> None:
    """Every country is drawn, as an outline or a disc, in less than what a page bears."""
    made = drawing(features(corpus / COUNTRIES))
    assert 170 < len(made.outlines)
    assert all(outline.rings or outline.small for outline in made.outlines)
    assert sum(len(ring) for outline in made.outlines for ring in outline.rings) <= shapes.MANY


def test_each_disputed_area_is_hatched_and_dashed_by_itself(corpus: Path) -> None:
    found = features(corpus / DISPUTED)
    made = drawing(found, disputed=True)
    values = {outline.shape.code: MapValue(value=Decimal(1), status="V", text="t") for outline in made.outlines}
    tones = maps.scale([Decimal(1)])
    text = maps.polygon_map(made, values, Words(title="t", describe="d"), tones, id="m")
    assert len(found) == text.count("<use ") == text.count("stroke-dasharray")
    assert not re.search(r"\bd=\"[^\"]*\.", text)
