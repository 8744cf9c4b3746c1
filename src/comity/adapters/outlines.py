"""Outlines of zones in files: GeoJSON or GeoPackage in, one boundary set as GeoJSON out (RFC 7946).

Decides only which property holds the code, and how a file that says less than a boundary set is filled up; whether the
set is sound is `geo.boundaries`. GeoPackage is read by pyogrio, which is imported by the first call.
"""

import json
import math
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from comity.errors import SourceError

SET: Final = ("id", "version", "source", "license")  # what a boundary set says of itself
SQLITE: Final = b"SQLite format 3\0"  # a GeoPackage is a database


def read(data: bytes, field: str, path: str) -> bytes:
    """The boundary set of a file, with the code of each zone in the property `code`.

    A file that is a boundary set already, and says all of itself, stays as it is, byte for byte: its digest is what a
    study names.

    Args:
        data: the file's bytes.
        field: the property that holds the code.
        path: of the file, for errors and for what it does not say of itself.

    Raises:
        SourceError: neither GeoJSON nor GeoPackage, a zone without a code, or a code twice.
    """
    document = _package(data, path) if data.startswith(SQLITE) else _document(data, path)
    if field == "code" and all(isinstance(document.get(name), str) and document[name] for name in SET):
        return data
    features = [_feature(feature, field, f"{path}: feature {i}") for i, feature in enumerate(document["features"], 1)]
    codes = [feature["properties"]["code"] for feature in features]
    if twice := sorted(code for code, times in Counter(codes).items() if times > 1):
        raise SourceError(
            "a zone stands twice",
            where=path,
            found=", ".join(twice),
            wanted="one feature for each code",
            way_out=f"ogr2ogr -dialect sqlite -sql 'SELECT ST_Union(geometry), {field} ... GROUP BY {field}'",
        )
    said = {name: str(document.get(name, "")) for name in SET}
    said["id"] = said["id"] or path.rpartition("/")[2].rpartition(".")[0]
    made = {"type": "FeatureCollection", **said, "features": features}
    try:
        return json.dumps(made, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode() + b"\n"
    except (ValueError, RecursionError) as e:  # a coordinate that is no number, half a character
        raise SourceError("not GeoJSON", where=path, found=str(e), wanted="text and finite numbers") from None


def _document(data: bytes, path: str) -> dict[str, Any]:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as e:
        raise SourceError("not GeoJSON", where=path, found=str(e), wanted="a FeatureCollection, or a .gpkg") from None
    if not isinstance(document, dict) or not isinstance(document.get("features"), list):
        raise SourceError("not GeoJSON with features", where=path, wanted="a FeatureCollection")
    named = document.get("crs") or {}  # of older files: {"properties": {"name": ...}}
    inside = named.get("properties") if isinstance(named, dict) else named
    crs = str(inside.get("name", "") if isinstance(inside, dict) else inside or "")
    if crs and not crs.endswith(("CRS84", "4326")):
        raise SourceError(
            "not in longitude and latitude",
            where=path,
            found=crs,
            wanted="WGS 84 (RFC 7946, 4)",
            way_out="ogr2ogr -t_srs EPSG:4326 -lco RFC7946=YES new.geojson " + path,
        )
    return document


def _package(data: bytes, path: str) -> dict[str, Any]:
    """The only layer of a GeoPackage, in longitude and latitude."""
    import pyogrio
    import shapely
    from pyproj import CRS, Transformer

    layers = pyogrio.list_layers(path)
    if len(layers) != 1:
        raise SourceError(
            "several layers", where=path, found=", ".join(str(layer[0]) for layer in layers), wanted="one layer"
        )
    about, _, geometries, columns = pyogrio.raw.read(path)
    shapes = shapely.from_wkb(geometries)
    if not about["crs"]:
        raise SourceError("no coordinate reference system", where=path, way_out="ogr2ogr -a_srs EPSG:CODE new.gpkg")
    if CRS(about["crs"]).to_epsg() != 4326:
        turned = Transformer.from_crs(about["crs"], 4326, always_xy=True)
        shapes = shapely.transform(shapes, lambda x, y: turned.transform(x, y), interleaved=False)
    names = [str(name) for name in about["fields"]]
    return {
        "features": [
            {"properties": dict(zip(names, row, strict=True)), "geometry": shapely.geometry.mapping(shape)}
            for shape, row in zip(shapes, zip(*columns, strict=True), strict=True)
        ]
    }


def _feature(feature: Any, field: str, where: str) -> dict[str, Any]:
    """One zone, with the properties of a boundary set and no others."""
    given = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(given, dict) or not isinstance(feature.get("geometry"), dict):
        raise SourceError("not a feature with properties and a geometry", where=where)
    code = given.get(field)
    if isinstance(code, float) and math.isfinite(code) and code == int(code):
        code = int(code)  # a whole number that a database holds as a floating one
    if code is None or str(code) == "":
        raise SourceError(
            f"no property {field} that holds a code",
            where=where,
            found=", ".join(str(name) for name in given) or "no property",
            wanted=field,
            way_out="name the property: --field NAME",
        )
    said = {"code": str(code), "name": str(given.get("name") or code), "status": str(given.get("status") or "area")}
    claims = given.get("claimed_by") or []
    return {
        "type": "Feature",
        "properties": {**said, "claimed_by": [str(one) for one in _listed(claims)]},
        "geometry": {
            name: feature["geometry"][name] for name in ("type", "coordinates") if name in feature["geometry"]
        },
    }


def _listed(claims: Any) -> Iterator[Any]:
    """A list; or, as a GeoPackage has none, a text with commas."""
    yield from claims if isinstance(claims, list) else (part.strip() for part in str(claims).split(","))
