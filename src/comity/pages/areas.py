"""What the page of a raster release shows: figures by zone and class with their intervals, and what its maps draw.

Figures are the method's; no number is made here but the ends of their intervals. The first dimension is the zone, all
others are classes; a total over a dimension is the code `_T`. A page rounds to `PLACES`, which the files do not; a
zero that is exact is written without them. Words and numbers, no markup.
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
BECAME: Final = ("adjusted", "area")  # what a matrix from one date to another holds
MAPPED: Final = ("mgci", "share", *BECAME)  # what a map shows: the first of these that there is, else any measure
PLACES: Final = Decimal("0.001")  # of a square kilometre: a tenth of a hectare
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

    @property
    def told(self) -> bool:
        """Whether there is a value in it."""
        return any(cell.value for row in self.rows for cell in row.cells)

    @property
    def statuses(self) -> tuple[str, ...]:
        """All in it, sorted."""
        return tuple(sorted({status for row in self.rows for status in row.statuses}))


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
            value=number(found.value) if found.value is not None else "",
            sampling=number(found.sampling) if found.sampling and found.value is not None else "",
            interval=_interval(found),
            status=found.status,
        )

    def mapped(self) -> str:
        """The measure that maps show."""
        wanted = [id for id in BECAME if id in self.measures and not self._gaps(id)] if self.square else MAPPED
        return next((id for id in wanted if id in self.measures), next(iter(self.measures), ""))

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

    def _gaps(self, measure: str) -> bool:
        """Whether a zone has a class without a value."""
        return any(
            figure.value is None for (zone, _, id), figure in self.held.items() if id == measure and zone != TOTAL
        )

    def _size(self, of: Class, measure: str) -> Decimal:
        """Over all zones."""
        found = [self.held.get((zone, of, measure)) for zone in self.zones if zone != TOTAL]
        return sum((Decimal(figure.value) for figure in found if figure and figure.value), Decimal(0))


def figures(release: Release, norm: Norm, sheet: Sheet | None, dates: tuple[str, str]) -> Figures:
    """The figures of a release, with names by the norm; of a zone that the norm only numbers, by the boundary set.

    dates: what the two class dimensions of a change are called.
    """
    axes = release.layout.dimensions
    lists = {d.id: norm.structure.codelist(d.codelist) for d in norm.structure.dimensions}
    named = [_names(lists[axis.id], axis.codes) for axis in axes]
    square = len(axes) == 3 and lists[axes[1].id] == lists[axes[2].id]
    held = {(figure.key[0], figure.key[1:], figure.measure): figure for figure in release.figures}
    told = {zone for zone, _, _ in held}
    shapes = {shape.code: shape for shape in sheet.shapes} if sheet else {}
    zones = {
        code: _zone(code, name, lists[axes[0].id], shapes.get(code)) for code, name in named[0].items() if code in told
    }
    return Figures(
        held=held,
        zones=zones,
        classes=_classes(tuple(dict.fromkeys(of for _, of, _ in held)), named[1:], dates if square else None),
        measures={id: _measure(id, norm) for id in tables.measures(release)},
        errors=frozenset(figure.measure for figure in release.figures if figure.sampling),
        square=square,
        codes=tuple(named[1:]),
    )


def by_zone(all: Figures) -> tuple[Table, ...]:
    """A table for each zone, a row for each class, a column for each measure; of two dates what no matrix holds."""
    return tuple(
        Table(
            name=name,
            columns=tuple(all.measures.values()),
            rows=tuple(
                Row(name=told, total=_total(of), cells=tuple(all.reading(zone, of, id) for id in all.measures))
                for of, told in all.classes.items()
                if any((zone, of, id) in all.held for id in all.measures) and not (all.square and TOTAL not in of)
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


def transitions(all: Figures) -> tuple[tuple[str, tuple[Table, ...]], ...]:
    """From (rows) to (columns): tables of each zone, the total first; () where the study has one date."""
    if not all.square:
        return ()
    zones = sorted(all.zones.items(), key=lambda entry: entry[0] != TOTAL)
    measures = [id for id in BECAME if id in all.measures]
    told = [(name, [_matrix(all, zone, name, measure) for measure in measures]) for zone, name in zones]
    return tuple((name, tuple(table for table in tables if table.told)) for name, tables in told)


def _matrix(all: Figures, zone: str, name: str, measure: str) -> Table:
    before, after = all.codes
    return Table(
        name=words.say("matrix.table", area=name, measure=all.measures[measure]),
        columns=tuple(after.values()),
        rows=tuple(
            Row(
                name=told,
                total=code == TOTAL,
                cells=tuple(all.reading(zone, (code, column), measure) for column in after),
            )
            for code, told in before.items()
        ),
    )


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


def _classes(
    found: Sequence[Class], codes: Sequence[Mapping[str, str]], dates: tuple[str, str] | None
) -> Mapping[Class, str]:
    """Names of classes in the order of the code lists; totals are named where nothing else is."""
    places = [{code: i for i, code in enumerate(named)} for named in codes]
    ordered = sorted(
        found, key=lambda of: [place.get(code, len(place)) for place, code in zip(places, of, strict=True)]
    )
    return {of: _class(of, codes, dates) for of in ordered}


def _class(of: Class, codes: Sequence[Mapping[str, str]], dates: tuple[str, str] | None) -> str:
    if _total(of):
        return words.say("area.total")
    told = [named.get(code, code) for named, code in zip(codes, of, strict=True)]
    if dates and TOTAL not in of:
        return words.say("area.became", before=told[0], after=told[1])
    if dates:
        at = 1 if of[0] == TOTAL else 0
        return words.say("area.dated", name=told[at], date=dates[at])
    return words.say("area.join").join(name for name, code in zip(told, of, strict=True) if code != TOTAL)


def _measure(id: str, norm: Norm) -> str:
    """The norm's name, else the catalogue's for areas, else for any table."""
    key = f"areas.measure.{id}"
    named = {measure.id for measure in norm.structure.measures}
    return words.say(key) if id not in named and key in words.EN else tables.measure_name(id, norm)


def _total(of: Class) -> bool:
    return all(code == TOTAL for code in of)


def number(text: str) -> str:
    """A figure as the page rounds it; an exact zero is a plain 0.

    >>> number("1234.567891"), number("0.000001"), number("0.000000"), number("12.5")
    ('1,234.568', '0.000', '0', '12.5')
    """
    value = Decimal(text)
    if not value:
        return words.number("0")
    return words.number(f"{_rounded(value):f}")


def _rounded(value: Decimal) -> Decimal:
    exponent = value.as_tuple().exponent
    return value.quantize(PLACES, ROUND_HALF_EVEN) if isinstance(exponent, int) and exponent < -3 else value


def _interval(figure: Figure) -> str:
    """95 per cent, by the normal distribution; with the decimals of the value."""
    if figure.value is None or not figure.sampling:
        return ""
    value, half = Decimal(figure.value), Z * Decimal(figure.sampling)
    unit = _rounded(value)
    low, high = ((value + sign * half).quantize(unit, ROUND_HALF_EVEN) for sign in (-1, 1))
    return words.say("area.interval", low=words.number(f"{low:f}"), high=words.number(f"{high:f}"))


def _value(name: str, figure: Figure | None) -> MapValue:
    shown = None if figure is None or figure.value is None else Decimal(figure.value)
    status = figure.status if figure else "M"
    told = words.say(f"status.{status}") if shown is None or figure is None else number(figure.value or "0")
    return MapValue(value=shown, status=status, text=words.say("figures.describe.row", name=name, value=told))


def _claimant(who: str) -> str:
    return area.name(who) if area.known(who) else who
