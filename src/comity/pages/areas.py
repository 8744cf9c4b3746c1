"""What the page of a raster release shows: figures by zone and class with their intervals, and what its maps draw.

Figures are the method's; no number is made here but the ends of their intervals. The first dimension is the zone, all
others are classes; a total over a dimension is the code `_T`. Words and numbers, no markup.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from comity.model import area
from comity.model.norm import Norm
from comity.model.release import Figure, Release
from comity.model.structure import TOTAL, Codelist
from comity.pages import tables, words
from comity.pages.maps import MapValue
from comity.pages.shapes import Shape, Sheet

Z: Final = tables.INTERVAL
INDICES: Final = ("mgci",)  # measures whose total over classes is what a map is for
AREA: Final = "area"
MAPPED: Final = ("mgci", "share", AREA)  # what a map shows: the first of these that there is, else the first measure
M49: Final = ("M49", "CL_M49", "CL_AREA", "CL_REF_AREA")  # code lists in which three digits are UNSD's
PANELS, CHANGES = 12, 6  # maps on one page; of changes, the largest

Class = tuple[str, ...]  # codes of all dimensions but the zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One figure as text. `interval`: of 95 per cent, '' without an error."""

    value: str
    sampling: str
    interval: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of a table, with a reading for each column. `total`: it sums others."""

    name: str
    total: bool
    cells: tuple[Reading, ...]

    @property
    def statuses(self) -> tuple[str, ...]:
        """All that the line has, each once."""
        return tuple(dict.fromkeys(cell.status for cell in self.cells if cell.status))


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows by columns, with the name of what the whole is about."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One map: the class that it is of, and a value for each zone."""

    title: str
    values: Mapping[str, MapValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All figures of a release, by zone, class and measure, with their names."""

    held: Mapping[tuple[str, Class, str], Figure]
    zones: Mapping[str, str]
    classes: Mapping[Class, str]
    measures: Mapping[str, str]
    errors: frozenset[str]  # measures of which a figure has a standard error
    square: bool  # two class dimensions of one code list: from and to
    codes: tuple[Mapping[str, str], ...]  # of each class dimension

    def reading(self, zone: str, of: Class, measure: str) -> Reading:
        """One figure as text; all empty where there is none."""
        found = self.held.get((zone, of, measure))
        if found is None:
            return Reading(value="", sampling="", interval="", status="")
        return Reading(
            value=words.number(found.value) if found.value is not None else "",
            sampling=words.number(found.sampling) if found.sampling and found.value is not None else "",
            interval=_interval(found),
            status=found.status,
        )

    def mapped(self) -> str:
        """The measure that maps show."""
        return next((id for id in MAPPED if id in self.measures), next(iter(self.measures), ""))

    def drawn(self) -> tuple[Class, ...]:
        """The classes that maps show: an index in total, the largest changes between two dates, else each class."""
        measure = self.mapped()
        there = self.split(measure)
        if measure in INDICES:
            return tuple([of for of in there if _total(of)] or there)[:1]
        parts = [of for of in there if TOTAL not in of]
        if not self.square:
            return tuple((parts or there)[:PANELS])
        changes = [of for of in parts if of[0] != of[1] and self._size(of, measure)]
        return tuple(sorted(changes, key=lambda of: -self._size(of, measure))[:CHANGES] or parts[:CHANGES])

    def split(self, measure: str) -> list[Class]:
        """Classes with a figure of the measure, in order."""
        return [of for of in self.classes if any((zone, of, measure) in self.held for zone in self.zones)]

    def _size(self, of: Class, measure: str) -> Decimal:
        """Over all zones."""
        found = [self.held.get((zone, of, measure)) for zone in self.zones if zone != TOTAL]
        return sum((Decimal(figure.value) for figure in found if figure and figure.value), Decimal(0))


def figures(release: Release, norm: Norm, sheet: Sheet | None) -> Figures:
    """The figures of a release, with names by the norm; of a zone that the norm only numbers, by the boundary set."""
    axes = release.layout.dimensions
    lists = {d.id: norm.structure.codelist(d.codelist) for d in norm.structure.dimensions}
    named = [_names(lists[axis.id], axis.codes) for axis in axes]
    square = len(axes) == 3 and lists[axes[1].id] == lists[axes[2].id]
    held = {(figure.key[0], figure.key[1:], figure.measure): figure for figure in release.figures}
    shapes = {shape.code: shape for shape in sheet.shapes} if sheet else {}
    zones = {
        code: _zone(code, name, lists[axes[0].id], shapes.get(code))
        for code, name in named[0].items()
        if any(zone == code for zone, _, _ in held)
    }
    return Figures(
        held=held,
        zones=zones,
        classes=_classes(tuple(dict.fromkeys(of for _, of, _ in held)), named[1:], square),
        measures={id: tables.measure_name(id, norm) for id in tables.measures(release)},
        errors=frozenset(figure.measure for figure in release.figures if figure.sampling),
        square=square,
        codes=tuple(named[1:]),
    )


def by_zone(all: Figures) -> tuple[Table, ...]:
    """Every figure: a table for each zone, a row for each class, a column for each measure."""
    return tuple(
        Table(
            name=name,
            columns=tuple(all.measures.values()),
            rows=tuple(
                Row(name=told, total=_total(of), cells=tuple(all.reading(zone, of, id) for id in all.measures))
                for of, told in all.classes.items()
                if any((zone, of, id) in all.held for id in all.measures)
            ),
        )
        for zone, name in all.zones.items()
    )


def beside(all: Figures) -> Table:
    """The table beside the maps: a row for each zone, a column for each class that a map shows."""
    measure, drawn = all.mapped(), all.drawn()
    return Table(
        name=all.measures.get(measure, ""),
        columns=tuple(all.classes[of] for of in drawn),
        rows=tuple(
            Row(name=name, total=zone == TOTAL, cells=tuple(all.reading(zone, of, measure) for of in drawn))
            for zone, name in all.zones.items()
        ),
    )


def belts(all: Figures) -> Table | None:
    """An index by zone and class; None where no index is split by class."""
    measure = all.mapped()
    split = all.split(measure)
    if measure not in INDICES or len(split) < 2:
        return None
    return Table(
        name=all.measures[measure],
        columns=tuple(all.classes[of] for of in split),
        rows=tuple(
            Row(name=name, total=zone == TOTAL, cells=tuple(all.reading(zone, of, measure) for of in split))
            for zone, name in all.zones.items()
        ),
    )


def transitions(all: Figures) -> tuple[Table, ...]:
    """From (rows) and to (columns), a table for each zone, the total first; () where the study has one date."""
    if not all.square or not all.measures:
        return ()
    measure = matrix_measure(all)
    before, after = all.codes
    found = []
    for zone, name in sorted(all.zones.items(), key=lambda entry: entry[0] != TOTAL):
        pairs = {of for place, of, id in all.held if place == zone and id == measure}
        columns = [code for code in after if any(of[1] == code for of in pairs)]
        rows = [
            Row(
                name=told,
                total=code == TOTAL,
                cells=tuple(all.reading(zone, (code, column), measure) for column in columns),
            )
            for code, told in before.items()
            if any(of[0] == code for of in pairs)
        ]
        found.append(Table(name=name, columns=tuple(after[code] for code in columns), rows=tuple(rows)))
    return tuple(table for table in found if table.rows)


def matrix_measure(all: Figures) -> str:
    """What a matrix holds: areas, else the first measure."""
    return AREA if AREA in all.measures else next(iter(all.measures), "")


def panels(all: Figures) -> tuple[Panel, ...]:
    """What each map draws; the total over zones is none."""
    measure = all.mapped()
    return tuple(
        Panel(
            title=all.classes[of],
            values={
                zone: _value(name, all.held.get((zone, of, measure)))
                for zone, name in all.zones.items()
                if zone != TOTAL
            },
        )
        for of in all.drawn()
    )


def described(panel: Panel) -> str:
    """A map in words, for who does not see it."""
    return words.say("map.describe", rows=words.say("list.join").join(value.text for value in panel.values.values()))


def claims(sheet: Sheet) -> tuple[tuple[str, str], ...]:
    """Each disputed area with who claims it, in words."""
    return tuple(
        (shape.name or shape.code, words.say("list.comma").join(_claimant(who) for who in shape.claimed))
        for shape in sheet.shapes
        if shape.disputed
    )


def _names(codelist: Codelist, codes: Sequence[str]) -> dict[str, str]:
    """Names by code in the order of the list, the total at the end."""
    texts = {code.id: code.name for code in codelist.codes}
    named = {code: texts.get(code, code) for code in codes if code != TOTAL}
    return named | {TOTAL: texts.get(TOTAL) or words.say("area.total")}


def _zone(code: str, name: str, codelist: Codelist, shape: Shape | None) -> str:
    """UNSD's name of an M49 code, the norm's own else; the outline's where the norm only repeats the code."""
    if code == TOTAL:
        return name if name != words.say("area.total") else words.say("area.total.zones")
    if codelist.id in M49 and area.known(code):
        name = area.name(code)
    elif shape and shape.name and name == code:
        name = shape.name
    word = words.say("map.disputed")
    return words.say("map.zone", name=name, what=word) if shape and shape.disputed and word not in name else name


def _classes(found: Sequence[Class], codes: Sequence[Mapping[str, str]], square: bool) -> Mapping[Class, str]:
    """Names of classes in the order of the code lists; totals are named where nothing else is."""
    places = [{code: i for i, code in enumerate(named)} for named in codes]
    ordered = sorted(
        found, key=lambda of: [place.get(code, len(place)) for place, code in zip(places, of, strict=True)]
    )
    return {of: _class(of, codes, square) for of in ordered}


def _class(of: Class, codes: Sequence[Mapping[str, str]], square: bool) -> str:
    if _total(of):
        return words.say("area.total")
    told = [(code, named.get(code, code)) for named, code in zip(codes, of, strict=True)]
    if square:
        return words.say("area.became", before=told[0][1], after=told[1][1])
    return words.say("area.join").join(name for code, name in told if code != TOTAL)


def _total(of: Class) -> bool:
    return all(code == TOTAL for code in of)


def _interval(figure: Figure) -> str:
    """95 per cent, by the normal distribution; with the decimals of the value."""
    if figure.value is None or not figure.sampling:
        return ""
    value = Decimal(figure.value)
    low, high = ((value + sign * Z * Decimal(figure.sampling)).quantize(value, ROUND_HALF_EVEN) for sign in (-1, 1))
    return words.say("area.interval", low=words.number(f"{low:f}"), high=words.number(f"{high:f}"))


def _value(name: str, figure: Figure | None) -> MapValue:
    shown = None if figure is None or figure.value is None else Decimal(figure.value)
    status = figure.status if figure else "M"
    told = words.say(f"status.{status}") if shown is None or figure is None else words.number(figure.value or "")
    return MapValue(value=shown, status=status, text=words.say("figures.describe.row", name=name, value=told))


def _claimant(who: str) -> str:
    return area.name(who) if area.known(who) else who
