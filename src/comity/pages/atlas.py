"""What stands on and around the maps of a raster release: drawings, legend, caption, boxes. Figures are `areas`'."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from markupsafe import Markup

from comity.model.blocks import Blocks
from comity.model.release import Release
from comity.model.study import Study
from comity.pages import areas, maps, shapes, words
from comity.pages.areas import Figures, Panel, Table
from comity.pages.maps import Scale
from comity.pages.shapes import Drawing, Sheet

BOXED: Final = ("version-break", "no-sample")  # notes that stand above everything else
NARROW: Final = 2400  # tenths of a pixel: a map among others
_HALVES: Final = re.compile(r"(.+?)[-/](.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a legend."""

    sample: Markup
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """What nobody may overlook."""

    code: str
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Atlas:
    """All maps of a page, on one scale."""

    maps: tuple[tuple[str, Markup], ...]  # title and drawing
    legend: tuple[Line, ...]
    caption: tuple[str, ...]

    @property
    def across(self) -> int:
        """Maps in a row of a wide page, so that the rows are about equally full."""
        count = len(self.maps)
        return count if count < 5 else min((3, 4), key=lambda columns: (-count % columns, columns))


def atlas(figures: Figures, sheet: Sheet | None) -> Atlas:
    """A map for each class that is drawn, all in the same shades."""
    panels = areas.panels(figures)
    tones = maps.scale([value.value for panel in panels for value in panel.values.values()])
    width = maps.WIDTH if len(panels) == 1 else NARROW
    drawing = shapes.fit(sheet, width=width, height=width * maps.HEIGHT // maps.WIDTH) if sheet else None
    return Atlas(
        maps=tuple((panel.title, _map(i, panel, figures, drawing, tones)) for i, panel in enumerate(panels)),
        legend=_legend(panels, tones, sheet),
        caption=_caption(figures, sheet, drawing, tones, panels),
    )


def boxes(release: Release, study: Study) -> tuple[Box, ...]:
    """Notes that are said loudly."""
    unnamed = words.say("inputs.unstated")
    products = {side: study.parameters.get(key, unnamed) for side, key in (("before", "from"), ("after", "to"))}
    return tuple(
        Box(code=code, title=words.say(f"box.{code}"), text=words.say(f"box.{code}.text", **products))
        for code in BOXED
        if code in release.notes
    )


def key(tables: Sequence[Table]) -> str:
    """The statuses of tables in words, those that stand behind figures as letters."""
    found = sorted({status for table in tables for status in table.statuses} - {"A"})
    return words.say("list.join").join(_status(status) for status in found)


def dates(period: str) -> tuple[str, str]:
    """The two dates of a period such as "2020-2021", as the norm's time variable writes them."""
    halves = _HALVES.fullmatch(period)
    return (halves[1], halves[2]) if halves else (period, period)


def grid(blocks: Blocks) -> str:
    """The grid in words."""
    return words.say(
        "inputs.grid",
        rows=words.number(str(blocks.grid.height)),
        columns=words.number(str(blocks.grid.width)),
        crs=blocks.grid.crs if len(blocks.grid.crs) < 40 else words.say("inputs.crs"),
        blocks=words.count("inputs.blocks", len(blocks.parts)),
        edge=words.number(str(blocks.size)),
    )


def _map(i: int, panel: Panel, figures: Figures, drawing: Drawing | None, tones: Scale) -> Markup:
    id = f"map{i}"
    told = maps.Words(
        title=words.say("map.name", measure=figures.measures[figures.mapped()], title=panel.title),
        describe=areas.described(panel),
    )
    if drawing is None:
        return Markup(maps.tile_map(panel.values, told, tones, id=id))
    return Markup(maps.polygon_map(drawing, panel.values, told, tones, id=id, first="map0" if i else ""))


def _legend(panels: Sequence[Panel], tones: Scale, sheet: Sheet | None) -> tuple[Line, ...]:
    """Every shade, hatch and mark that the maps hold, and no other."""
    values = [value for panel in panels for value in panel.values.values()]
    lines = [_line("shade", text, shade) for shade, text in zip(tones.shades, _ranges(tones), strict=True)]
    lines = lines if any(value.value for value in values) else []
    if any(value.value is not None and not value.value for value in values):
        lines.append(_line("0", words.say("legend.zero")))
    if blanks := sorted({value.status for value in values if value.value is None}):
        told = words.say("list.comma").join(_status(status) for status in blanks)
        lines.append(_line("blank", words.say("legend.blank", statuses=told)))
    if sheet and any(shape.disputed for shape in sheet.shapes):
        lines.append(_line("disputed", words.say("legend.disputed")))
    return (*lines, *_marks(panels))


def _marks(panels: Sequence[Panel]) -> list[Line]:
    """Status marks; where all values of all maps share one, a sentence instead."""
    found = sorted({value.status for panel in panels for value in panel.values.values() if value.value is not None})
    if found == ["A"]:
        return []
    if len(found) == 1:
        text = words.say("legend.uniform", status=found[0], text=words.say(f"status.{found[0]}"))
        return [Line(sample=Markup(""), text=text)]
    return [_line(status, _status(status)) for status in found if status != "A"]


def _status(status: str) -> str:
    return words.say("legend.status", status=status, text=words.say(f"status.{status}"))


def _line(kind: str, text: str, colour: str = "") -> Line:
    return Line(sample=Markup(maps.swatch(kind, colour)), text=text)


def _ranges(tones: Scale) -> list[str]:
    """What each shade stands for."""
    if not tones.breaks:
        return [_range(tones.low, tones.high)]
    ends = [tones.low, *tones.breaks]
    under = [
        words.say("legend.range", low=_number(low), high=_number(high))
        for low, high in zip(ends, tones.breaks, strict=False)
    ]
    return [*under, _range(tones.breaks[-1], tones.high)]


def _range(low: Decimal, high: Decimal) -> str:
    if low == high:
        return words.say("legend.one", value=_number(low))
    return words.say("legend.last", low=_number(low), high=_number(high))


def _whose(sheet: Sheet) -> str:
    source = sheet.source.rstrip(".") or words.say("map.source.unstated")
    return words.say("map.source", source=source, version=sheet.version) if sheet.version else source


def _number(value: Decimal) -> str:
    return areas.number(f"{value:f}")


def _caption(
    figures: Figures, sheet: Sheet | None, drawing: Drawing | None, tones: Scale, panels: Sequence[Panel]
) -> tuple[str, ...]:
    """How the map was drawn, and whose boundaries it shows."""
    said = [words.say("map.caption.breaks")] if tones.breaks else []
    if figures.square:
        said = [words.say("map.caption.changes"), words.say("map.caption.absolute"), *said]
    if sheet is None or drawing is None:
        placed = maps.placed(tuple(panels[0].values)) if panels else False
        return (words.say("map.caption.graticule" if placed else "map.caption.tiles"), *said)
    if any(outline.small for outline in drawing.outlines):
        said.append(words.say("map.caption.disc"))
    said.append(words.say("map.caption.outlines", source=_whose(sheet)))
    if drawing.parallel is None:
        return (*said, words.say("map.caption.projection.file", crs=drawing.crs.rsplit("def:crs:", 1)[-1]))
    side = "map.south" if drawing.parallel < 0 else "map.north"
    parallel = words.say(side, degrees=words.number(str(abs(drawing.parallel))))
    return (*said, words.say("map.caption.projection", parallel=parallel))
