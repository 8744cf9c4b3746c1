"""The page of figures made from rasters: every value of a map in a table, every warning where nobody overlooks it."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from comity.methods.land_cover_area.card import METHOD as COVER
from comity.methods.mountain_green.card import METHOD as GREEN
from comity.model.norm import Norm
from comity.model.release import Release
from comity.model.study import Study
from comity.pages import areas, render, words
from tests.builders import raster
from tests.pages.test_render import tags

CELLS = {f"{lat}E{lon:03d}": f"{lat}E{lon:03d}" for lat in ("N01", "N00", "S01") for lon in (5, 6, 7)}
Told = tuple[Norm, Study, Release]


def page(told: Told, *, zones: bytes | None, products: Sequence[str] = raster.PRODUCTS[:1]) -> str:
    norm, study, release = told
    made = raster.blocks(study, products)
    named = {"name": "Assembly of the tests", "m49": "242"}
    return render.raster(release, study=study, norm=norm, blocks=made, zones=zones, **named).decode()


@pytest.fixture(scope="module")
def cover() -> str:
    return page(raster.cover(sampled=True), zones=raster.zones())


@pytest.fixture(scope="module")
def change() -> str:
    return page(raster.change(), zones=raster.zones(), products=raster.PRODUCTS)


@pytest.fixture(scope="module")
def green() -> str:
    return page(raster.green(CELLS), zones=None)


def table(shown: str, css: str) -> list[list[str]]:
    """Texts of the cells of the first table of a class."""
    found = re.search(rf'<table class="{css}">(.*?)</table>', shown, re.DOTALL)
    assert found is not None
    return [
        [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)]
        for row in re.findall(r"<tr.*?</tr>", found[1], re.DOTALL)
    ]


@pytest.mark.parametrize("kind", ["cover", "change", "green"])
def test_a_page_is_plain_and_loads_nothing(kind: str, request: pytest.FixtureRequest) -> None:
    """No script, no address but those of files beside it; every label points at something; all tags are closed."""
    shown: str = request.getfixturevalue(kind)
    found = tags(shown)
    assert not {"script", "link", "iframe", "object", "img", "form", "style "} & {tag for tag, _ in found}
    assert not [a for _, attrs in found for a in attrs if a.startswith("on") or a in ("src", "srcset", "xlink:href")]
    links = [attrs["href"] or "" for tag, attrs in found if tag in ("a", "use")]
    assert all(
        link.startswith("#") or link in {"release.json", "blocks.json", "figures.csv", "stac-item.json"}
        for link in links
    )
    assert "url(" not in shown
    ids = [attrs["id"] for _, attrs in found if attrs.get("id")]
    assert len(set(ids)) == len(ids)
    wanted = [word for _, attrs in found for word in (attrs.get("aria-labelledby") or "").split()]
    assert set(wanted) <= set(ids)
    assert {link[1:] for link in links if link.startswith("#")} <= set(ids)


@pytest.mark.parametrize("kind", ["cover", "change", "green"])
def test_every_table_is_captioned_and_headed_and_every_map_described(kind: str, request: pytest.FixtureRequest) -> None:
    shown: str = request.getfixturevalue(kind)
    for body in re.findall(r"<table.*?</table>", shown, re.DOTALL):
        assert "<caption" in body
        assert all("scope=" in head for head in re.findall(r"<th[ >][^>]*>", body))
    drawings = [text for text in re.findall(r"<svg.*?</svg>", shown, re.DOTALL) if "aria-hidden" not in text]
    assert drawings
    for text in drawings:
        root = ET.fromstring(text)
        assert (root.get("role"), bool(root[0].text), bool(root[1].text)) == ("img", True, True)


def test_every_value_of_a_map_stands_in_the_table_beside_it(cover: str) -> None:
    """A map a class: by hand from the builder's rule, at the page's three decimals."""
    rows = table(cover, "zones")
    assert ["Zone", "Tree cover", "Cropland", "Built-up", "Water"] == rows[0]
    assert [*raster.ZONES.values(), "All zones"] == [row[0].removesuffix(" (disputed)") for row in rows[1:]]
    assert "6.67E" in rows[1][1]
    titles = re.findall(r"<title>([^<]*)</title></use>", cover)
    cells = {f"{row[0]}: {re.sub('[A-Z]$', '', cell)}" for row in rows[1:-1] for cell in row[1:]}
    assert cells == set(titles)


def test_an_area_has_its_standard_error_and_its_interval() -> None:
    """307.125 with a standard error of 15.35: 1.96 of it to each side."""
    shown = page(raster.cover(sampled=True), zones=None)
    row = next(row for row in table(shown, "areas") if row[0] == "Cropland")
    assert ["307.125E", "15.350", "277.039 to 337.211"] == row[1:4]


def test_a_true_zero_differs_from_what_rounds_to_zero() -> None:
    assert ("0", "0.000", "−0.000") == (areas.number("0.000000"), areas.number("0.000004"), areas.number("-0.000004"))


def test_two_products_are_warned_of_above_everything(change: str) -> None:
    box = change.index('<aside class="loud version-break"')
    assert box < change.index("<svg")
    assert "The first date is read from Earth Cover v100, the second from Earth Cover v200." in change
    assert "a change of the map, not of the land" in change
    assert '<aside class="loud no-sample"' in change
    assert "Every such figure has the status V, not validated." in change


def test_without_reason_there_is_no_warning(cover: str) -> None:
    assert "<aside" not in cover


def test_what_became_what_is_a_matrix_from_rows_to_columns(change: str) -> None:
    """The total of all zones first and open, the zones behind."""
    rows = table(change, "cross")
    assert ["From, 2020 · to, 2021", *raster.COVER.values(), "All"] == rows[0]
    assert ["Tree cover", "105.5", "12.5", "19.5", "26.5", "33.5"] == rows[1]
    assert [*raster.COVER.values(), "All"] == [row[0] for row in rows[1:]]
    assert len(raster.ZONES) == change.count("<details>")
    assert change.count(' same">') == len(raster.COVER) * (len(raster.ZONES) + 1)


def test_the_largest_changes_are_drawn_and_the_page_says_so(change: str) -> None:
    titles = re.findall(r'<p aria-hidden="true">([^<]*)</p>', change)
    assert ["Water → Built-up", "Water → Cropland", "Water → Tree cover"] == titles[:3]
    assert len(titles) == areas.CHANGES
    assert "Only the largest changes are drawn" in change


def test_a_map_alone_says_what_it_is_of() -> None:
    """Of one change only, from what to what stands over the table."""
    norm, study, release = raster.change()
    one = tuple(f for f in release.figures if f.key[1:] == ("CROP", "BUILT") or f.key[1] == f.key[2])
    shown = page((norm, study, replace(release, figures=one)), zones=raster.zones(), products=raster.PRODUCTS)
    assert "Area, km², Cropland → Built-up, every value of the map" in shown


def test_an_index_stands_by_zone_and_belt(green: str) -> None:
    rows = table(green, "cross")
    assert ["Zone", *raster.BELTS.values(), "Total"] == rows[0]
    assert ["N01E006", "M", "M", "M", "M"] == rows[2]
    assert [cell[0] for cell in rows[3][1:]] == list("0000"), "no green is a true zero"


def test_statuses_and_blanks_have_a_key(green: str) -> None:
    for text in ("E, estimated, corrected by a reference sample", "V, not validated", "no value: M, cannot exist"):
        assert text in green
    assert "0, a true zero: looked for, and none found" in green


def test_without_a_boundary_set_no_boundary_is_drawn(green: str, cover: str) -> None:
    assert "No boundary is drawn." in green
    assert words.say("map.disclaimer") not in green
    assert words.say("map.disclaimer") in cover
    assert "Source of the boundaries: Vesland Survey (version 2026.1)." in cover
    assert "true to shape at 16.7° S" in cover


def test_disputed_areas_are_named_with_their_claims(cover: str) -> None:
    assert ["Hallow Reef", "Vesland, Albany"] == table(cover, "narrow")[1]
    assert "Hallow Reef (disputed)" in cover
    assert "disputed area, a unit of its own" in cover


def test_inputs_stand_with_product_and_digest(change: str) -> None:
    rows = table(change, "inputs")
    assert ["cover-2020", "Earth Cover v100"] == rows[1][:2]
    assert "cover_2020.tif" in rows[1][2]
    assert "sha256:" + "a" * 64 in rows[1][2]
    assert ["cover-2020", "cover-2021", "zones"] == [row[0] for row in rows[1:]]
    assert "Grid of 400 by 400 cells, EPSG:4326, in 4 blocks of at most 200 by 200." in change


def test_both_commands_stand_as_they_are_typed(cover: str) -> None:
    commands = re.findall(r"<pre><code>(.*?)</code></pre>", cover)
    assert ["comity reproduce . --inputs DIR --blocks 5", f"comity verify . --charter sha256:{'0' * 64}"] == commands


def test_text_is_escaped() -> None:
    norm, study, release = raster.cover(sampled=False)
    zones = raster.zones().replace(b"Hallow Reef", b"<b>Hallow</b>").replace(b"Vesland Survey", b"<script>")
    shown = page((norm, replace(study, title="<i>Land</i>"), release), zones=zones)
    assert not {"<b>", "<script>", "<i>"} & set(re.findall(r"<[a-z]+>", shown))


def test_equal_releases_give_equal_pages(cover: str) -> None:
    assert cover == page(raster.cover(sampled=True), zones=raster.zones())


def test_a_list_of_m49_has_the_names_of_m49_and_a_national_list_its_own() -> None:
    """004 is Afghanistan on a list of areas, and may be a district on any other."""
    for codelist, wanted in (("CL_AREA", "Fiji"), ("CL_DISTRICT", "District 242")):
        norm = raster.norm(
            {"ZONE": codelist, "BELT": "CL_BELT"}, {codelist: {"242": "District 242"}, "CL_BELT": raster.BELTS}
        )
        study = raster.study(norm, ("ZONE", "BELT"), period="2020", parameters={})
        made = [raster.figure(("242", belt), "1.5", status="V") for belt in raster.BELTS]
        shown = page((norm, study, raster.release(study, made, ("truth",))), zones=None)
        assert wanted == table(shown, "zones")[1][0]


def test_the_figures_of_both_methods_can_be_shown() -> None:
    """What `finish` publishes, with zones that a sample covers and one that it does not."""
    given = {"area": "Area", "adjusted": "Adjusted", "green": "Green", "variance": "Variance", "points": "Points"}
    two = {"ZONE": "CL_ZONE", "FROM": "CL_COVER", "TO": "CL_COVER"}
    belts = {"ZONE": "CL_ZONE", "BELT": "CL_BELT", "COVER": "CL_COVER"}
    for method, dimensions, parameters in (
        (COVER, two, {"from": "A v1", "to": "A v2"}),
        (GREEN, belts, {"product": "A v1"}),
    ):
        lists = {"CL_ZONE": raster.ZONES, "CL_COVER": raster.COVER, "CL_BELT": raster.BELTS}
        used = {id: codes for id, codes in lists.items() if id in dimensions.values()}
        measures = {id: given[id] for id in method.card.needs.measures}
        norm = raster.norm(dimensions, used, measures)
        study = raster.study(
            norm, tuple(dimensions), period="2020-2021", parameters=parameters, measures=tuple(measures)
        )
        size = study.layout.cells // len(raster.ZONES)
        mapped = [(17 * cell % 11) * 10**6 for cell in range(study.layout.cells)]
        pairs = [(cell, cell) for cell in range(size) if mapped[cell]] * 9
        assert method.sampled is not None
        sums = [*mapped, *method.sampled(study.layout, mapped, pairs)]
        made = method.finish(study.layout, sums, Decimal(0), parameters)
        shown = page((norm, study, raster.release(study, made, ("truth",))), zones=raster.zones())
        tags(shown)
        held = {figure.measure for figure in made}
        assert {"area", "points"} < held
        assert all(status in shown for status in ("V, not validated", "E, estimated"))
