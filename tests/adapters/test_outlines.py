"""Zones out of files: the property that holds the code, what a plain file does not say, and what is refused."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely

from comity.adapters import outlines
from comity.errors import SourceError
from comity.geo import boundaries

SQUARE = {"type": "Polygon", "coordinates": [[[6.0, 0.0], [7.0, 0.0], [7.0, 1.0], [6.0, 1.0], [6.0, 0.0]]]}
NEXT = {"type": "Polygon", "coordinates": [[[7.0, 0.0], [8.0, 0.0], [8.0, 1.0], [7.0, 1.0], [7.0, 0.0]]]}


def feature(shape: Any = SQUARE, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": shape}


def document(*features: dict[str, Any], **members: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", **members, "features": list(features)}).encode()


def test_a_plain_file_becomes_a_boundary_set() -> None:
    made = outlines.read(
        document(feature(region="ST-P", pop=7), feature(NEXT, region="ST-S")), "region", "/d/st.geojson"
    )
    found = boundaries.read(made)
    assert ("st", ["ST-P", "ST-S"]) == (found.id, [area.code for area in found.areas])
    assert b"pop" not in made


def test_what_a_boundary_set_says_of_itself_is_kept() -> None:
    claimed = feature(NEXT, code="X", name="Reef", status="disputed", claimed_by=["AA", "BB"])
    text = document(feature(code="A"), claimed, id="S", version="2", source="Survey", license="CC0-1.0")
    found = boundaries.read(outlines.read(text, "code", "a.geojson"))
    assert ("S", "2", "Survey", "CC0-1.0") == (found.id, found.version, found.source, found.license)
    assert (True, ("AA", "BB")) == (found.areas[1].disputed, found.areas[1].claimed_by)


def test_a_file_that_is_a_boundary_set_already_stays_as_it_is() -> None:
    """Byte for byte: members adopt it by its digest. What says less of itself is filled up."""
    whole = document(feature(code="A"), id="S", version="2", source="Survey", license="CC0-1.0")
    assert whole == outlines.read(whole, "code", "a.geojson")
    assert whole != outlines.read(document(feature(code="A"), id="S", version="2"), "code", "a.geojson")


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3857"])
def test_a_geopackage_is_read_in_longitude_and_latitude(tmp_path: Path, crs: str) -> None:
    shape = shapely.geometry.shape(SQUARE)
    if crs != "EPSG:4326":
        shape = boundaries.project(shape, crs)
    path = tmp_path / "zones.gpkg"
    pyogrio.raw.write(
        path,
        geometry=np.array([shapely.to_wkb(shape)], dtype=object),
        field_data=[np.array([12.0]), np.array(["North"])],
        fields=["code", "name"],
        geometry_type="Polygon",
        crs=crs,
        driver="GPKG",
    )
    (area,) = boundaries.read(outlines.read(path.read_bytes(), "code", str(path))).areas
    assert ("12", "North") == (area.code, area.name)
    assert shapely.area(shapely.geometry.shape(SQUARE)) == pytest.approx(area.geometry.area, rel=1e-9)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"{", "not GeoJSON"),
        (b"[]", "not GeoJSON with features"),
        (document(feature(name="A")), "no property code that holds a code; found name"),
        (document(feature(code="A"), feature(NEXT, code="A")), "a zone stands twice; found A"),
        (document({"type": "Feature", "properties": None}), "feature 1: not a feature"),
        (document(feature(code="A"), crs={"properties": {"name": "EPSG:3857"}}), "not in longitude and latitude"),
    ],
)
def test_a_file_that_is_no_set_of_zones_is_refused(data: bytes, told: str) -> None:
    with pytest.raises(SourceError, match=told):
        outlines.read(data, "code", "zones.geojson")
