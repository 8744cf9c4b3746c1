"""Maps as SVG text: areas in shades, or a square for each zone where no boundary set is at hand.

Decides shades, breaks, hatches and marks; where an outline lies is `shapes`'. A map says nothing that the table beside
it does not say. Shades are one hue that darkens in equal steps of lightness (CIE L* 92, 76.5, 61, 45.5, 30), so that
neither a colour-blind reader nor a photocopy confuses them; what a shade tells of a disputed or empty area, a hatch
tells too. Breaks lie between groups of about equally many values, at the roundest number there. Hatches are lines, not
patterns, and every coordinate is a whole tenth of a pixel: equal values give equal bytes.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from html import escape
from typing import Final

from comity.pages import shapes
from comity.pages.charts import FONT, INK
from comity.pages.shapes import Drawing, Outline, Points

SHADES: Final = ("#ddeaf1", "#9bc2d8", "#619abd", "#2b729d", "#094978")
ZERO, BLANK, LINE, HATCH, PALE = "#ffffff", "#f7f7f5", "#4a5763", "#8a949d", "#ffffff"
DARK: Final = 3  # the first shade that asks for white marks
WIDTH, HEIGHT = 4800, 5200  # tenths of a pixel: a frame, and the tallest map in it
TILE, GAP, ROW = 720, 40, 10  # the largest square, the space between two, squares in a row
MARK: Final = 55  # radius of a status mark
CLEAR: Final = 95  # radius of the clear space that a mark has in a hatch
ROOM: Final = 190  # an area with less room carries no mark
DISC: Final = 60  # radius of the disc that stands for an area too small to see
BLANK_STEP, DISPUTED_STEP = 110, 80
GRATICULE: Final = re.compile(r"([NS])(\d{2})([EW])(\d{3})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class MapValue:
    """What a map shows of one zone. `value`: None where there is none. `text`: name and figure, as the table has it."""

    value: Decimal | None
    status: str  # SDMX CL_OBS_STATUS
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Title and description for who does not see the map."""

    title: str
    describe: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Shades by value. `breaks`: lower ends of all shades but the first; a true zero has a shade of its own."""

    breaks: tuple[Decimal, ...]
    low: Decimal
    high: Decimal

    @property
    def shades(self) -> tuple[str, ...]:
        """The shades in use, from light to dark: spread over all, so that two are as far apart as can be."""
        last, count = len(SHADES) - 1, len(self.breaks)
        return tuple(SHADES[(last * i + count // 2) // count] for i in range(count + 1)) if count else (SHADES[2],)

    def step(self, value: Decimal) -> int:
        """Which shade."""
        return sum(value >= start for start in self.breaks)

    def shade(self, value: Decimal | None) -> str:
        """Colour of a value, of a true zero, or of none."""
        if value is None:
            return BLANK
        return self.shades[self.step(value)] if value else ZERO


def scale(values: Sequence[Decimal | None]) -> Scale:
    """Breaks between at most five groups of about equally many values; zeros and blanks do not count."""
    held = sorted(value for value in values if value)
    groups = min(len(SHADES), len(set(held)))
    cuts = []
    for i in range(1, groups):
        at = i * len(held) // groups
        if held[at - 1] < held[at]:
            cuts.append(_roundest(held[at - 1], held[at]))
    zero = Decimal(0)
    return Scale(breaks=tuple(sorted(set(cuts))), low=held[0] if held else zero, high=held[-1] if held else zero)


def polygon_map(
    drawing: Drawing, values: Mapping[str, MapValue], words: Words, tones: Scale, *, id: str, first: str = ""
) -> str:
    """Areas in shades. A zone without a value is hatched; a disputed one is hatched too, and edged with dashes.

    Args:
        drawing: by `shapes.fit`.
        values: by zone code; an area of the drawing without one has no value.
        id: of the drawing on its page, which also names its outlines.
        first: id of a map on the same page whose outlines are these; '' to write them here.
    """
    named, marked = first or id, _marked(values)
    parts = [] if first else [f"<defs>{''.join(_paths(drawing, id))}</defs>"]
    parts += [_area(i, outline, values, tones, named) for i, outline in enumerate(drawing.outlines)]
    parts += [_edge(outline) for outline in drawing.outlines if outline.shape.disputed]
    parts += [_disc(outline, values, tones) for outline in drawing.outlines if outline.small]
    for outline in drawing.outlines:
        value = values.get(outline.shape.code)
        if value and outline.room >= ROOM and not outline.small:
            hatched = outline.shape.disputed or value.value is None
            parts.append(_mark(outline.spot, value, tones, marked, hatched))
    return _svg(drawing.width, drawing.height, parts, words, id)


def tile_map(
    values: Mapping[str, MapValue], words: Words, tones: Scale, *, id: str, labels: Mapping[str, str] | None = None
) -> str:
    """One square a zone, all of one size: cells of a graticule (N00E006) at their place, other zones in reading order.

    Args:
        values: by zone code, in the order of the code list.
        labels: what is written in a square; its code where nothing is given.
    """
    cells = _graticule(tuple(values))
    places = cells or {code: (i % ROW, i // ROW) for i, code in enumerate(values)}
    columns, rows = (max(place[axis] for place in places.values()) + 1 for axis in (0, 1))
    edge = 520 if cells else 0  # room for degrees
    size = min(TILE, (WIDTH - edge) // columns)
    parts, marked = [], _marked(values)
    for code, (column, row) in places.items():
        corner = (edge + column * size, edge // 2 + row * size)
        parts.append(_square(corner, size - min(GAP, size // 10), values[code], tones, marked))
        if not cells:
            parts.append(_name((labels or {}).get(code, code), corner, size, values[code], tones))
    if cells:
        parts += _degrees(places, edge, size)
    return _svg(WIDTH, edge // 2 + rows * size, parts, words, id)


def placed(codes: Sequence[str]) -> bool:
    """Whether all zones are cells of a graticule, so that their squares stand at their place."""
    return bool(_graticule(codes))


def swatch(kind: str, colour: str = "") -> str:
    """A sample for the legend: `shade`, `blank`, `disputed`, or a status. Hidden: its words stand beside it."""
    box: Points = ((10, 10), (310, 10), (310, 210), (10, 210))
    body = f'<path d="M10,10H310V210H10z" fill="{colour or PALE}" stroke="{LINE}" stroke-width="10"/>'
    if kind == "blank":
        body += f'<path d="{shapes.hatch([box], step=BLANK_STEP)}" stroke="{HATCH}" stroke-width="12"/>'
    elif kind == "disputed":
        dashes = 'stroke-width="18" stroke-dasharray="50 34"'
        body = f'<path d="{shapes.hatch([box], step=DISPUTED_STEP, falling=True)}" stroke="{INK}" stroke-width="12"/>'
        body += f'<path d="M10,10H310V210H10z" fill="none" stroke="{INK}" {dashes}/>'
    elif kind != "shade":
        body = _glyph(kind, (160, 110), INK)
    return f'<svg class="swatch" viewBox="0 0 320 220" aria-hidden="true" focusable="false">{body}</svg>'


def uniform(values: Mapping[str, MapValue]) -> str:
    """The status that every shown value has, or '' where they differ: then the map carries marks."""
    found = {value.status for value in values.values() if value.value is not None}
    return found.pop() if len(found) == 1 else ""


def _marked(values: Mapping[str, MapValue]) -> bool:
    return not uniform(values)


def _roundest(below: Decimal, upto: Decimal) -> Decimal:
    """The number with the fewest digits above one and up to the other."""
    for exponent in range(upto.adjusted() + 1, -30, -1):
        unit = Decimal(1).scaleb(exponent)
        found = (upto / unit).to_integral_value(ROUND_FLOOR) * unit
        if found > below:
            return found
    return upto


def _paths(drawing: Drawing, id: str) -> list[str]:
    """Each outline once, to be used by every map of it."""
    return [
        f'<path id="{id}-{i}" d="{outline.fill}" fill-rule="evenodd"/>' for i, outline in enumerate(drawing.outlines)
    ]


def _area(i: int, outline: Outline, values: Mapping[str, MapValue], tones: Scale, named: str) -> str:
    value = values.get(outline.shape.code)
    shown = None if value is None else value.value
    use = f'<use href="#{named}-{i}" fill="{tones.shade(shown)}"><title>{escape(_told(outline, value))}</title></use>'
    if shown is None:
        use += _lines(shapes.hatch(outline.rings, step=BLANK_STEP), HATCH)
    if outline.shape.disputed:
        return use + _lines(shapes.hatch(outline.rings, step=DISPUTED_STEP, falling=True), _ink(tones.shade(shown)))
    return f'{use}<path d="{outline.border}" fill="none" stroke="{LINE}" stroke-width="8" stroke-linejoin="round"/>'


def _edge(outline: Outline) -> str:
    """Dashes over a white line, so that no neighbour's border shows through as if it were settled."""
    path = f'<path d="{outline.border}" fill="none" stroke-linejoin="round"'
    return (
        f'{path} stroke="{PALE}" stroke-width="20"/>{path} stroke="{INK}" stroke-width="14" stroke-dasharray="45 35"/>'
    )


def _disc(outline: Outline, values: Mapping[str, MapValue], tones: Scale) -> str:
    value = values.get(outline.shape.code)
    return _circle(outline.spot, DISC, tones.shade(value.value if value else None), LINE, 10)


def _told(outline: Outline, value: MapValue | None) -> str:
    """What a pointer that rests on an area is told."""
    return value.text if value else outline.shape.name or outline.shape.code


def _mark(spot: tuple[int, int], value: MapValue, tones: Scale, marked: bool, hatched: bool = False) -> str:
    """The status, where zones differ in it; a true zero and the code of a blank always. Clear of a hatch."""
    kind, colour = value.status if value.value or value.value is None else "0", tones.shade(value.value)
    glyph = _glyph(kind, spot, _ink(colour)) if kind == "0" or value.value is None or marked else ""
    return _circle(spot, CLEAR, colour, "", 0) + glyph if glyph and hatched else glyph


def _glyph(kind: str, spot: tuple[int, int], ink: str) -> str:
    """A full disc for an estimate that a reference sample corrects, a ring for a value that nobody validated."""
    if kind == "E":
        return _circle(spot, MARK, ink, ink, 0)
    if kind == "V":
        return _circle(spot, MARK - 12, "none", ink, 24)
    if kind == "A":
        return ""
    return _text(kind, spot[0], spot[1] + 45, 130, ink)


def _square(corner: tuple[int, int], size: int, value: MapValue, tones: Scale, marked: bool) -> str:
    (x, y), colour = corner, tones.shade(value.value)
    box = ((x, y), (x + size, y), (x + size, y + size), (x, y + size))
    path = f'<path d="M{x},{y}h{size}v{size}h{-size}z" fill="{colour}" stroke="{LINE}" stroke-width="8">'
    square = f"{path}<title>{escape(value.text)}</title></path>"
    if value.value is None:
        square += _lines(shapes.hatch([box], step=BLANK_STEP), HATCH)
    spot = (x + size - size // 5, y + size // 5) if size >= 2 * ROOM else (x + size // 2, y + size // 2)
    return square + (_mark(spot, value, tones, marked, value.value is None) if size >= ROOM else "")


def _name(text: str, corner: tuple[int, int], size: int, value: MapValue, tones: Scale) -> str:
    """What stands in a square, as large as it fits; nothing where nobody could read it."""
    letter = min(150, (size - 90) * 100 // (62 * max(1, len(text))))
    ink = _ink(tones.shade(value.value))
    return _text(text, corner[0] + (size - GAP) // 2, corner[1] + size - 110, letter, ink) if letter >= 80 else ""


def _graticule(codes: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Column and row of each cell, the widest empty strip of longitudes at the edge; {} where a code is none."""
    found = [GRATICULE.fullmatch(code) for code in codes]
    corners = [
        ((1 if m[3] == "E" else -1) * int(m[4]), (1 if m[1] == "N" else -1) * int(m[2])) for m in found if m is not None
    ]
    if not corners or len(corners) < len(found):
        return {}
    columns = sorted({x % 360 for x, _ in corners})
    gaps = [(after - before, after) for before, after in zip([columns[-1] - 360, *columns], columns, strict=False)]
    west, north = max(gaps)[1], max(y for _, y in corners)
    return {code: ((x - west) % 360, north - y) for code, (x, y) in zip(codes, corners, strict=True)}


def _degrees(places: Mapping[str, tuple[int, int]], edge: int, size: int) -> list[str]:
    """Longitudes above and latitudes beside, as the codes write them: of the south-western corner."""
    columns = {column: code[3:] for code, (column, _) in places.items()}
    rows = {row: code[:3] for code, (_, row) in places.items()}
    every = max(1, -(-560 // size))
    middle = (size - min(GAP, size // 10)) // 2
    above = [
        _text(name, edge + column * size + middle, 190, 130, INK)
        for column, name in sorted(columns.items())
        if column % every == 0
    ]
    beside = [
        _text(name, 230, edge // 2 + row * size + middle + 45, 130, INK)
        for row, name in sorted(rows.items())
        if row % max(1, -(-200 // size)) == 0
    ]
    return above + beside


def _ink(colour: str) -> str:
    """What can be read on a shade."""
    return PALE if colour in SHADES[DARK:] else INK


def _lines(path: str, ink: str) -> str:
    return f'<path d="{path}" stroke="{ink}" stroke-width="10"/>' if path else ""


def _circle(spot: tuple[int, int], radius: int, fill: str, stroke: str, width: int) -> str:
    edge = f' stroke="{stroke}" stroke-width="{width}"' if width else ""
    return f'<circle cx="{spot[0]}" cy="{spot[1]}" r="{radius}" fill="{fill}"{edge}/>'


def _text(text: str, x: int, y: int, size: int, ink: str) -> str:
    return f'<text x="{x}" y="{y}" font-size="{size}" text-anchor="middle" fill="{ink}">{escape(text)}</text>'


def _svg(width: int, height: int, parts: Sequence[str], words: Words, id: str) -> str:
    """The drawing, with a title and a description that a screen reader reads instead of its parts."""
    label = f'<title id="{id}-title">{escape(words.title)}</title><desc id="{id}-desc">{escape(words.describe)}</desc>'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"'
    return f'{head} font-family="{FONT}" aria-labelledby="{id}-title {id}-desc">{label}{"".join(parts)}</svg>'
