"""Step 7: the truth in closed form beside the published figures, and what an area without its error would have said.

Decides how near is near enough. The map as shapes: half a cell along every edge of a class, which the example reckons
cell by cell of the table. The shapes as the raster draws them: `EXACT`, since of these only what lies between a zone's
edge and the middle of a cut row of cells is approximate (a cell counts as equally dense throughout). A 95 % interval
holds the truth about 19 times of 20: so many outside are chance, more are not.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import comb
from typing import Any, Final

from comity import canon
from comity.model.release import Figure, Release
from comity.model.structure import TOTAL
from comity.services.demo.geo.country import Country
from comity.services.demo.processes import failed
from comity.services.demo.stage import Stage

KM2: Final = 1e6  # square metres
EXACT: Final = 1000.0  # square metres
NORMAL: Final = 1.96  # 95 % of a normal distribution lie within so many standard errors
CHANCE: Final = 1e-4  # more intervals without the truth than this chance allows are no chance

Key = tuple[str, ...]
Rows = Mapping[Key, dict[str, Any]]
Figures = Mapping[tuple[str, Key], Figure]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """An estimate from the reference sample beside the truth, in square kilometres."""

    key: Key
    truth: float
    estimate: float
    error: float

    @property
    def holds(self) -> bool:
        """Whether the 95 % interval holds the truth (to a thousandth, as figures are rounded)."""
        return abs(self.estimate - self.truth) <= NORMAL * self.error + 0.001


def play(stage: Stage, country: Country) -> None:
    """Every area of every table is held against its closed form; three short tables are shown."""
    truth = json.loads((stage.places.input / "truth.json").read_text("utf-8"))
    tables = {
        name: {tuple(row["key"]): row for row in rows if row["mapped"] or row["ground"]}
        for name, rows in truth["tables"].items()
    }
    for name, folder in country.releases.items():
        record = canon.decode((folder / "release.json").read_bytes(), Release, where="release.json")
        figures = {(figure.measure, figure.key): figure for figure in record.figures}
        near(stage, name, tables[name], figures)
        for line in TOLD[name](tables[name], figures):
            stage.show.say(line)


def near(stage: Stage, name: str, rows: Rows, figures: Figures) -> None:
    """Every area lies within the raster's resolution of the truth, and on what the raster draws; else DemoFailed."""
    worst = closest = 0.0
    for key, row in rows.items():
        found = _number(figures["area", key]) * KM2
        worst = max(worst, abs(found - row["mapped"]) / max(row["bound"], EXACT))
        closest = max(closest, abs(found - row["drawn"]))
    others = [
        figure for (measure, key), figure in figures.items()
        if measure == "area" and TOTAL not in key and key not in rows and _number(figure) * KM2 > EXACT
    ]  # fmt: skip
    if worst > 1 or closest > EXACT or others:
        raise failed(
            "an area is not what its closed form says", where=f"release-{name}",
            found=f"{worst:.3f} of the bound, {closest:.1f} m2, {len(others)} areas that are not there",
            wanted=f"1 at most, {EXACT:.0f} m2 at most, none",
        )  # fmt: skip
    stage.show.say("")
    stage.show.say(
        f"{name}: all {len(rows)} areas by zone and class lie within the raster's resolution of the truth: half a cell "
        f"along each edge"
    )
    stage.show.say(
        f"    ({100 * worst:.0f} % of that at most), and within {closest:.1f} m2 of the same shapes with their edges "
        "where the raster has them"
    )


def change(rows: Rows, figures: Figures) -> Iterator[str]:
    """Transitions of the whole country; zones, with and without weights; the reference sample."""
    yield from _areas("from / to", _whole(rows), figures)
    yield from _zones(rows, figures)
    yield from intervals("adjusted area", list(_estimates("adjusted", rows, figures)))


def versions(rows: Rows, figures: Figures) -> Iterator[str]:
    """What a new version of the product makes of a country on which nothing changed."""
    before, after = (_sum(rows, "mapped", place, "BUILT") for place in (1, 2))
    ground = [_sum(rows, "ground", place, "BUILT") for place in (1, 2)]
    figure = figures["change", (TOTAL, TOTAL, "BUILT")]
    rise = 100 * (after / before - 1)
    yield f"    built-up areas on the maps: {before / KM2:,.1f} to {after / KM2:,.1f} km2 ({rise:+.1f} % in a year)"
    yield f"    published: {figure.value} km2 more, status {figure.status} (a break in the series)"
    yield f"    on the ground: {ground[0] / KM2:,.1f} km2 and {ground[1] / KM2:,.1f} km2: nothing was built"


def green(rows: Rows, figures: Figures) -> Iterator[str]:
    """The index of each belt, as the map has it, as it is, and as it was estimated."""
    yield f"    {'MGCI, %':>12} {'map, truth':>11} {'published':>10} {'ground':>8} {'estimate':>9} {'95 % +-':>8}"
    belts = dict.fromkeys(key[1] for key in rows)
    for belt in (*belts, TOTAL):
        mapped, ground = (_index(rows, side, belt) for side in ("mapped", "ground"))
        found, index = (figures[measure, (TOTAL, belt, TOTAL)] for measure in ("mapped", "mgci"))
        error = NORMAL * float(index.sampling or 0)
        held = "holds the truth" if abs(_number(index) - ground) <= error + 0.001 else "does not hold it"
        yield (
            f"    {belt:>12} {mapped:>11.3f} {found.value:>10} {ground:>8.3f} {index.value:>9} {error:>8.3f}  "
            f"{held if error else 'no error of the map was found'}"
        )


TOLD: Final = {"change": change, "versions": versions, "green": green}
GREEN: Final = frozenset({"TREE", "SHRUB", "GRASS", "CROP", "WETLAND"})  # of 15.4.2; the example's own reading


def _areas(head: str, rows: Rows, figures: Figures) -> Iterator[str]:
    yield f"    {head:>18} {'truth, km2':>12} {'published':>14} {'difference':>11} {'bound':>8}"
    for key, row in rows.items():
        found, truth = figures["area", key], row["mapped"] / KM2
        yield (
            f"    {' / '.join(key[1:]):>18} {truth:>12,.3f} {found.value:>14} {_number(found) - truth:>+11.3f} "
            f"{row['bound'] / KM2:>8.3f}"
        )


def _zones(rows: Rows, figures: Figures) -> Iterator[str]:
    yield f"    {'zone':>18} {'truth, km2':>12} {'published':>14} {'cells of one size would say':>28}"
    for zone in dict.fromkeys(key[0] for key in rows):
        mine = [row for key, row in rows.items() if key[0] == zone]
        truth, counted = (sum(row[side] for row in mine) for side in ("mapped", "counted"))
        found = figures["area", (zone, *[TOTAL] * (len(mine[0]["key"]) - 1))]
        yield (
            f"    {zone:>18} {truth / KM2:>12,.3f} {found.value:>14} {counted / KM2:>18,.3f} "
            f"({100 * (counted / truth - 1):+.2f} %)"
        )


def intervals(what: str, found: Sequence[Interval]) -> Iterator[str]:
    """The sample's estimates beside the truth; DemoFailed if too many intervals miss it."""
    whole = [one for one in found if one.key[0] == TOTAL]
    yield f"    {what:>18} {'truth, km2':>12} {'estimate':>12} {'95 % +-':>10}"
    for one in whole:
        yield (
            f"    {' / '.join(one.key[1:]):>18} {one.truth:>12,.3f} {one.estimate:>12,.3f} "
            f"{NORMAL * one.error:>10,.3f}  {'holds the truth' if one.holds else 'does not hold it'}"
        )
    # Zones have samples of their own; the whole follows from them.
    zones = [one.holds for one in found if one.key[0] != TOTAL]
    yield f"    {sum(zones)} of {len(zones)} intervals of single zones hold the truth; 95 % are promised"
    if sum(zones) < least(len(zones)):
        wanted = f"{least(len(zones))} of {len(zones)} at least"
        raise failed("too few intervals hold the truth", where=what, found=str(sum(zones)), wanted=wanted)


def least(number: int) -> int:
    """How many of so many independent 95 % intervals hold the truth at least, but for a chance of CHANCE.

    >>> least(20), least(40)
    (14, 31)
    """
    chance = 0.0
    for held in range(number + 1):
        chance += comb(number, held) * 0.95**held * 0.05 ** (number - held)
        if chance > CHANCE:
            return held
    return number


def _estimates(measure: str, rows: Rows, figures: Figures) -> Iterator[Interval]:
    """Every estimate that has an error, of zones and of the whole."""
    for key, row in (*_whole(rows).items(), *rows.items()):
        figure = figures[measure, key]
        if figure.value is not None and float(figure.sampling or 0) > 0:
            yield Interval(key=key, truth=row["ground"] / KM2, estimate=_number(figure), error=float(figure.sampling))


def _whole(rows: Rows) -> dict[Key, dict[str, Any]]:
    """The same for all zones together."""
    found: dict[Key, dict[str, Any]] = {}
    for key, row in rows.items():
        kept = found.setdefault(
            (TOTAL, *key[1:]), dict.fromkeys(("mapped", "bound", "drawn", "ground", "counted"), 0.0)
        )
        for side in kept:
            kept[side] += row[side]
    return dict(sorted(found.items()))


def _sum(rows: Rows, side: str, place: int, code: str) -> float:
    return float(sum(row[side] for key, row in rows.items() if key[place] == code))


def _index(rows: Rows, side: str, belt: str) -> float:
    """MGCI of a belt, or of all, in per cent."""
    mine = [(key[2], row[side]) for key, row in rows.items() if belt in (key[1], TOTAL)]
    return 100 * _total(area for code, area in mine if code in GREEN) / _total(area for _, area in mine)


def _total(areas: Iterable[float]) -> float:
    return float(sum(areas))


def _number(figure: Figure) -> float:
    return float(Decimal(figure.value or 0))
