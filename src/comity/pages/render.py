"""Pages: a release as one HTML file without script, and the list of releases.

A page is a pure function of the release and the texts it names, so that whoever replays a release gets the same page.
Decides what stands where; words are the catalogue's, drawings are `charts`'. Everything is escaped; a page loads
nothing from anywhere (its style and drawings are inside it).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

import jinja2
from markupsafe import Markup

from comity.model import area
from comity.model.blocks import Blocks
from comity.model.norm import Norm
from comity.model.release import File, Release
from comity.model.study import Study
from comity.pages import areas, charts, shapes, tables, words
from comity.pages import atlas as atlases


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the list of releases."""

    path: str  # of its folder, relative to the list
    title: str
    period: str
    publisher: str
    kind: str


def joint(release: Release, *, study: Study, norm: Norm, name: str) -> bytes:
    """The page of a joint release. `name`: the assembly's, from its charter."""
    figures = Markup(charts.bars(tables.marks(release, norm), tables.histogram_words(release, norm), id="histogram"))
    errors = Markup(charts.errors(tables.marks(release, norm), tables.error_words(release, norm), id="errors"))
    summed = sum(taking.part == "summed" for taking in release.takings)
    return page(
        "joint.html",
        release=release,
        study=study,
        norm=norm,
        name=name,
        histogram=figures,
        error_chart=errors,
        intervals=tables.intervals(release, norm),
        groups=tables.groups(release),
        losses=tables.losses(release.privacy) if release.privacy else (),
        lead=words.count("lead.joint", summed, members=words.number(str(len(release.takings)))),
        **_common(release, study, norm),
    )


def national(release: Release, *, study: Study, norm: Norm, name: str, m49: str) -> bytes:
    """The page of a member's own table. `m49`: the member's area."""
    figures = Markup(charts.bars(tables.marks(release, norm), tables.histogram_words(release, norm), id="histogram"))
    return page(
        "national.html",
        release=release,
        study=study,
        norm=norm,
        name=name,
        area=area.name(m49),
        histogram=figures,
        lead=words.say("lead.national"),
        **_common(release, study, norm),
    )


def raster(
    release: Release, *, study: Study, norm: Norm, name: str, m49: str, blocks: Blocks, zones: bytes | None
) -> bytes:
    """The page of a national release of figures made from rasters.

    Args:
        m49: the producer's area.
        blocks: `blocks.json`, with the files that the figures were made from.
        zones: `zones.geojson`; None where the study names no boundary set, then a square stands for each zone.
    """
    sheet = shapes.read(zones) if zones is not None else None
    dates = atlases.dates(study.period(release.period).value)
    figures = areas.figures(release, norm, sheet, dates)
    beside, matrices, belts, zoned = (
        areas.beside(figures),
        areas.transitions(figures),
        areas.belts(figures),
        areas.by_zone(figures),
    )
    atlas = atlases.atlas(figures, sheet)
    made = {"inputs": words.number(str(len(blocks.inputs))), "publisher": release.publisher}
    return page(
        "raster.html",
        release=release,
        study=study,
        norm=norm,
        name=name,
        area=area.name(m49),
        lead=words.count("lead.raster", len(blocks.parts), **made),
        boxes=atlases.boxes(release, study),
        drawn=atlas.maps,
        across=atlas.across,
        legend=atlas.legend,
        caption=atlas.caption,
        measure=figures.measures.get(figures.mapped(), ""),
        beside=beside,
        outlined=sheet is not None,
        disputed=areas.claims(sheet) if sheet else (),
        matrices=matrices,
        dates=dates,
        belts=belts,
        zones=zoned,
        key=atlases.key([beside, *zoned, *(table for _, of in matrices for table in of)]),
        blocks=blocks,
        grid=atlases.grid(blocks),
        measures=tuple((name, id in figures.errors) for id, name in figures.measures.items()),
        time=words.moment(release.time),
        notes=tables.notes(release, study),
        labels=tables.labels(release, study),
        files=_files(release.files, False),
    )


def index(entries: Sequence[Entry], *, name: str, origin: str) -> bytes:
    """The list of releases, in the order given."""
    return page("index.html", entries=entries, name=name, origin=origin)


def _common(release: Release, study: Study, norm: Norm) -> dict[str, object]:
    """What every release's page shows."""
    return {
        "rows": tables.rows(release, norm),
        "measures": tuple(tables.measure_name(id, norm) for id in tables.measures(release)),
        "noisy": release.privacy is not None,
        "drawn": tables.drawn(release),
        "charted": tables.charted_name(release, norm),
        "total": tables.total(release),
        "below_zero": tables.below_zero(release),
        "time": words.moment(release.time),
        "notes": tables.notes(release, study),
        "labels": tables.labels(release, study),
        "files": _files(release.files, release.kind == "joint"),
    }


def _files(named: Sequence[File], opened: bool) -> tuple[tuple[str, str], ...]:
    """Path and description of what lies in the folder beside the page."""
    paths = ["release.json", *(file.path for file in named if file.path != "index.html"), "log/"]
    paths += ["view/"] if opened else []
    return tuple((path, words.say(f"file.{path.rstrip('/')}")) for path in [*paths, "blobs/"])


@cache
def _templates() -> jinja2.Environment:
    """Strict: an unknown name is an error, and all text is escaped."""
    env = jinja2.Environment(
        loader=jinja2.PackageLoader("comity.pages"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals |= {"t": words.say, "number": words.number, "language": words.LANGUAGE, "style": _style()}
    return env


def _style() -> Markup:
    return Markup((files("comity.pages") / "assets" / "page.css").read_text("utf-8"))


def page(template: str, **values: object) -> bytes:
    """A template of `templates/`, filled in; every text in it is escaped."""
    return _templates().get_template(template).render(**values).encode()


__all__: Final = ["Entry", "index", "joint", "national", "page", "raster"]
