"""Releases of figures made from rasters, as records: an invented country on both sides of the antimeridian.

Figures are typed or follow from a rule that is written here, never from a method: what a page shows of them is tested
apart from how they are made.
"""

import json
from collections.abc import Mapping, Sequence
from itertools import product

from comity.canon import Digest
from comity.model import norm as norms
from comity.model.blocks import VERSION, Block, Blocks, GridText, Input, Part
from comity.model.norm import Norm
from comity.model.release import Figure, File, Release
from comity.model.study import Method, Period, Study
from tests import sample

NORM = """
id = "COVER"
version = "1.0.0"
title = "Land cover"
goal = "15.4"
related = true
unit = "CELL"
period = "YEAR"
disclaimer = "Areas of an invented country."

[authority]
kind = "own"
source = "The producers"
citation = ""

[structure]
id = "COVER"
agency = "COMITY"
version = "1.0.0"
name = "Areas by zone and class"

[protection]
unit = "cell"
cells = 1
threshold = 1

[[variables]]
id = "CELL"
concept = "CELL"
universe = "land"
unit = "cell"

[[variables]]
id = "YEAR"
concept = "TIME_PERIOD"
universe = "land"
unit = "cell"
"""
DIMENSION = """
[[structure.dimensions]]
id = "{id}"
name = "{id}"
codelist = "{codelist}"

[[variables]]
id = "V_{id}"
concept = "{id}"
universe = "land"
unit = "cell"
codelist = "{codelist}"
"""
CODELIST = """
[[codelists]]
id = "{codelist}"
agency = "COMITY"
version = "1.0"
"""
MEASURE = """
[[structure.measures]]
id = "{id}"
name = "{name}"
decimals = 6
bound = 1000000000000
"""
AREA = {"area": "Area, km²"}
ZONES = {"VL-N": "Northern Isles", "VL-W": "Western Isles", "VL-E": "Eastern Isles", "XA01": "Hallow Reef"}
COVER = {"TREE": "Tree cover", "CROP": "Cropland", "BUILT": "Built-up", "WATER": "Water"}
BELTS = {"NIVAL": "Nival", "ALPINE": "Alpine", "MONTANE": "Montane"}
PRODUCTS = ("Earth Cover v100", "Earth Cover v200")


def norm(
    dimensions: Mapping[str, str], lists: Mapping[str, Mapping[str, str]], measures: Mapping[str, str] = AREA
) -> Norm:
    """A norm with those dimensions (id -> code list), lists (id -> code -> name) and measures (id -> name)."""
    told = "".join(MEASURE.format(id=id, name=name) for id, name in measures.items())
    text = NORM.replace("[protection]", told + "\n[protection]")
    text += "".join(DIMENSION.format(id=id, codelist=codelist) for id, codelist in dimensions.items())
    text += "".join(CODELIST.format(codelist=codelist) for codelist in lists)
    files = {"norm.toml": text.encode()}
    for id, codes in lists.items():
        rows = "".join(f'{code},"{name}"\n' for code, name in codes.items())
        files[f"codes/{id}.csv"] = f"id,name\n{rows}".encode()
    return norms.read(files)


def study(
    given: Norm,
    dimensions: Sequence[str],
    *,
    period: str,
    parameters: dict[str, str],
    measures: tuple[str, ...] = ("area",),
) -> Study:
    """A study of the norm."""
    return sample.study(
        id="LAND",
        title="Land cover by zone",
        goal="15.4",
        norm=given.digest,
        method=Method(name="land_cover_area", version="1", digest=sample.DIGEST),
        parameters=parameters,
        layout=given.structure.layout(tuple(dimensions), measures),
        noise=None,
        periods=(Period(id=period, value=period),),
    )


def release(asked: Study, figures: Sequence[Figure], notes: tuple[str, ...]) -> Release:
    """A producer's national release."""
    return Release(
        kind="national",
        origin="x.invalid/y",
        charter=sample.DIGEST,
        study=asked.digest,
        norm=asked.norm,
        period=asked.periods[0].id,
        publisher="vesland",
        time=1_800_000_000,
        inputs=(12,),
        layout=asked.layout,
        figures=tuple(figures),
        takings=(),
        privacy=None,
        alone=None,
        notes=notes,
        files=tuple(
            File(path=path, digest=sample.DIGEST, size=9)
            for path in ("blocks.json", "figures.csv", "index.html", "stac-item.json")
        ),
    )


def figure(key: tuple[str, ...], value: str | None, *, measure: str = "area", error: str = "", status: str) -> Figure:
    """One figure."""
    return Figure(key=key, measure=measure, value=value, sampling=error, noise="", status=status)


def blocks(asked: Study, products: Sequence[str]) -> Blocks:
    """Four blocks of a grid, made from a map a date, zones and a sample."""
    names = [("cover-2020", "cover_2020.tif"), ("cover-2021", "cover_2021.tif")][: len(products)]
    digests = [Digest("sha256:" + letter * 64) for letter in "abcd"]
    inputs = [
        Input(layer=layer, name=name, product=maker, digest=digest, size=1_234_567)
        for (layer, name), maker, digest in zip(names, products, digests, strict=False)
    ]
    inputs.append(Input(layer="zones", name="zones.geojson", product="", digest=digests[3], size=9_876))
    return Blocks(
        version=VERSION,
        method="land_cover_area/1",
        study=asked.digest,
        period=asked.periods[0].value,
        grid=GridText(
            crs="EPSG:4326", transform=("0.01", "0.0", "178.0", "0.0", "-0.01", "-15.0"), width=400, height=400
        ),
        size=200,
        inputs=tuple(inputs),
        parts=tuple(
            Part(block=Block(row=row, column=column, rows=200, columns=200), values={})
            for row, column in product((0, 200), (0, 200))
        ),
        fixed={},
    )


def ring(west: float, south: float, east: float, north: float) -> list[list[float]]:
    """A box, closed."""
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def zones() -> bytes:
    """Zones of the invented country: the Eastern Isles lie on both sides of 180 degrees, as RFC 7946 cuts them."""
    shapes = {
        "VL-N": [[ring(178.2, -16.4, 179.2, -15.6)], [ring(178.4, -15.4, 178.6, -15.2)]],
        "VL-W": [[ring(178.0, -18.2, 178.8, -16.8), ring(178.3, -17.6, 178.5, -17.4)]],
        "VL-E": [[ring(179.4, -17.9, 180.0, -16.9)], [ring(-180.0, -17.9, -179.1, -16.9)]],
        "XA01": [[ring(179.4, -16.3, 179.9, -15.9)]],
    }
    features = [
        {
            "type": "Feature",
            "properties": {
                "code": code,
                "name": ZONES[code],
                "status": "disputed" if code == "XA01" else "area",
                "claimed_by": ["Vesland", "Albany"] if code == "XA01" else [],
            },
            "geometry": {"type": "MultiPolygon", "coordinates": polygons},
        }
        for code, polygons in shapes.items()
    ]
    head = {"type": "FeatureCollection", "id": "VL", "version": "2026.1", "source": "Vesland Survey", "license": "CC0"}
    return json.dumps({**head, "features": features}).encode()


def totals(codes: Mapping[str, str]) -> dict[str, str]:
    """A code list that names its total."""
    return {**codes, "_T": "All"}


def cover(*, sampled: bool) -> tuple[Norm, Study, Release]:
    """One date: areas of four classes in each zone and in total, and shares; with a reference sample or without."""
    given = norm({"ZONE": "CL_ZONE", "COVER": "CL_COVER"}, {"CL_ZONE": ZONES, "CL_COVER": totals(COVER)})
    asked = study(given, ("ZONE", "COVER"), period="2020", parameters={"from": PRODUCTS[0]})
    status, made = "E" if sampled else "V", []
    for i, zone in enumerate([*ZONES, "_T"]):
        for k, of in enumerate([*COVER, "_T"]):
            value = 0 if (zone, of) == ("VL-W", "WATER") else 100 * (i + 1) * (k + 2) + 7 * k
            error = f"{value / 20:.3f}" if sampled else ""
            own = "V" if zone == "VL-W" else status
            made.append(figure((zone, of), f"{value}.125", error="" if own == "V" else error, status=own))
            share = f"{100 * value / (3000 * (i + 1)):.2f}"
            made.append(figure((zone, of), "0" if not value else share, measure="share", status=own))
    notes = ("truth",) if sampled else ("truth", "no-sample")
    return given, asked, release(asked, made, notes)


def change() -> tuple[Norm, Study, Release]:
    """Two dates of two products: what became what, in each zone and in total."""
    lists = {"CL_ZONE": ZONES, "CL_COVER": totals(COVER)}
    given = norm({"ZONE": "CL_ZONE", "FROM": "CL_COVER", "TO": "CL_COVER"}, lists)
    asked = study(
        given,
        ("ZONE", "FROM", "TO"),
        period="2020-2021",
        parameters={"from": PRODUCTS[0], "to": PRODUCTS[1]},
    )
    made = [
        figure((zone, before, after), f"{1 + 100 * (before == after) + i + 7 * k}.5", status="V")
        for i, zone in enumerate([*ZONES, "_T"])
        for k, (before, after) in enumerate(product([*COVER, "_T"], repeat=2))
    ]
    return given, asked, release(asked, made, ("truth", "version-break", "no-sample"))


def green(codes: Mapping[str, str]) -> tuple[Norm, Study, Release]:
    """The Mountain Green Cover Index by zone and belt; one zone has no mountain (M), one no green (a true zero)."""
    given = norm({"ZONE": "CL_ZONE", "BELT": "CL_BELT"}, {"CL_ZONE": codes, "CL_BELT": BELTS})
    asked = study(given, ("ZONE", "BELT"), period="2020", parameters={"product": PRODUCTS[0]})
    made = []
    for i, zone in enumerate([*codes, "_T"]):
        for k, of in enumerate([*BELTS, "_T"]):
            empty, bare = i == 1, i == 2
            value = None if empty else "0" if bare else f"{20 + (i * 17 + k * 9) % 79}.{i}{k}"
            status = "M" if empty else "EV"[i % 2]
            error = "1.25" if status == "E" else ""
            made.append(figure((zone, of), value, measure="mgci", error="" if empty else error, status=status))
    return given, asked, release(asked, made, ("truth",))
