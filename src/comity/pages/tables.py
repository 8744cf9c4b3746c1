"""What a page shows of a release: rows, tiles and sentences, ready for a template. Words and numbers, no markup."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal
from typing import Final

from comity.model import area
from comity.model.norm import Norm
from comity.model.release import Figure, Part, Privacy, Release, Reserved, Taking
from comity.model.structure import TOTAL
from comity.model.study import Study
from comity.pages import words
from comity.pages.charts import Mark, Words

PARTS: Final[tuple[Part, ...]] = ("summed", "dropped", "refused", "silent")
INTERVAL: Final = Decimal("1.96")  # as `charts.Z`
SHARE: Final = "share"
DRAWN: Final = (SHARE, "mean", "ratio", "value", "share_persons", "coefficient")  # what charts show first
RESERVED: Final = ("reserved", "reserved-inputs")  # notes behind which the reservations stand


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One figure as text; all empty but the status where it has no value, and all empty where there is no figure."""

    value: str
    sampling: str
    noise: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One answer, with a cell for each measure."""

    name: str
    cells: tuple[Cell, ...]

    @property
    def status(self) -> str:
        """Of the first measure that there is of this answer."""
        return next((cell.status for cell in self.cells if cell.status), "M")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One member in the list of who took part."""

    name: str
    member: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Members that did the same."""

    part: Part
    tiles: tuple[Tile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """One line of the privacy table."""

    who: str
    epsilon: str
    odds: str


def measures(release: Release) -> tuple[str, ...]:
    """Ids of the published measures, in order; one without any value is left out."""
    return tuple(dict.fromkeys(figure.measure for figure in release.figures if figure.status != "M"))


def measure_name(id: str, norm: Norm) -> str:
    """The norm's own name of a measure, or the catalogue's for one that the method makes."""
    named = {measure.id: measure.name for measure in norm.structure.measures}
    return named.get(id) or words.say(f"measure.{id}")


def names(release: Release, norm: Norm) -> Mapping[tuple[str, ...], str]:
    """Each key in words, the names of its codes: of the layout's cells, then of totals that the method makes."""
    lists = {d.id: norm.structure.codelist(d.codelist) for d in norm.structure.dimensions}
    whole = {TOTAL: words.say("figures.whole")}
    texts = [whole | {code.id: code.name for code in lists[axis.id].codes} for axis in release.layout.dimensions]
    keys = dict.fromkeys([*release.layout.keys(), *(figure.key for figure in release.figures)])
    return {key: " · ".join(text.get(code, code) for text, code in zip(texts, key, strict=True)) for key in keys}


def rows(release: Release, norm: Norm) -> tuple[Row, ...]:
    """The table of all figures: a row for each answer, a cell for each measure."""
    held = {(figure.key, figure.measure): figure for figure in release.figures}
    shown = measures(release)
    return tuple(
        Row(name=name, cells=tuple(_cell(held.get((key, measure))) for measure in shown))
        for key, name in names(release, norm).items()
    )


def charted(release: Release) -> tuple[Figure, ...]:
    """The figures that the charts show: of the first of DRAWN that there is, else of the first measure."""
    shown = measures(release)
    wanted = next((measure for measure in DRAWN if measure in shown), next(iter(shown), ""))
    return tuple(figure for figure in release.figures if figure.measure == wanted)


def drawn(release: Release) -> str:
    """Which words go with the charts, as the end of their keys: of shares "", of persons ".counts", else ".measure"."""
    of = {figure.measure for figure in charted(release)}
    return "" if of == {SHARE} else ".counts" if of <= {release.layout.measures[0].id} else ".measure"


def charted_name(release: Release, norm: Norm) -> str:
    """The name of the measure that the charts show."""
    figures = charted(release)
    return measure_name(figures[0].measure, norm) if figures else ""


def marks(release: Release, norm: Norm) -> tuple[Mark, ...]:
    """What the charts draw."""
    text = names(release, norm)
    return tuple(
        Mark(
            label=text[figure.key],
            value=None if figure.value is None else float(figure.value),
            sampling=float(figure.sampling or 0),
            noise=float(figure.noise or 0),
            blank=figure.status,
        )
        for figure in charted(release)
    )


def histogram_words(release: Release, norm: Norm) -> Words:
    """Title and description of the histogram: what its bars say, in words."""
    text, join = names(release, norm), words.say("list.join")
    told = [
        words.say(
            "figures.describe.row", name=text[f.key], value=words.figure(f.value) or words.say(f"status.{f.status}")
        )
        for f in charted(release)
    ]
    name = charted_name(release, norm)
    return Words(
        title=words.say(f"figures.chart{drawn(release)}", measure=name),
        describe=words.say("figures.describe", rows=join.join(told)),
        axis=name,
        blank=words.say("figures.blank"),
    )


def error_words(release: Release, norm: Norm) -> Words:
    """Title and description of the chart of errors."""
    told = [
        words.say("errors.describe.row", name=row.name, sampling=row.cells[0].sampling, noise=row.cells[0].noise)
        for row in intervals(release, norm)
    ]
    name = charted_name(release, norm)
    return Words(
        title=words.say(f"errors.chart{drawn(release)}", measure=name),
        describe=words.say("errors.describe", rows=words.say("list.join").join(told)),
        axis=words.say(f"errors.axis{drawn(release)}", measure=name),
        sampling=words.say("errors.sampling"),
        noise=words.say("errors.noise"),
    )


def intervals(release: Release, norm: Norm) -> tuple[Row, ...]:
    """Half-widths of the 95 per cent intervals of what the charts show, with as many decimals as the errors have."""
    text = names(release, norm)
    return tuple(
        Row(
            name=text[figure.key],
            cells=(
                Cell(
                    value=words.figure(figure.value),
                    sampling=_half(figure.sampling),
                    noise=_half(figure.noise),
                    status=figure.status,
                ),
            ),
        )
        for figure in charted(release)
        if figure.value is not None
    )


def total(release: Release) -> str | None:
    """Answers in the sum, or None where a cell is not shown: a total would give it away."""
    first = [figure for figure in release.figures if figure.measure == release.layout.measures[0].id]
    if not first or any(figure.value is None for figure in first):
        return None
    return words.number(str(sum(Decimal(figure.value) for figure in first if figure.value is not None)))


def below_zero(release: Release) -> bool:
    """Whether noise moved a figure below zero."""
    return any(figure.value is not None and Decimal(figure.value) < 0 for figure in release.figures)


def groups(release: Release) -> tuple[Group, ...]:
    """Who took part, by what they did; inside a group by name."""
    return tuple(
        Group(
            part=part,
            tiles=tuple(sorted((_tile(t) for t in release.takings if t.part == part), key=lambda tile: tile.name)),
        )
        for part in PARTS
        if any(taking.part == part for taking in release.takings)
    )


def losses(privacy: Privacy) -> tuple[Loss, ...]:
    """The two epsilons, and what each means for the odds about one person's answer."""
    return (
        Loss(who=words.say("privacy.colluding", n=privacy.colluding), **_epsilon(privacy.epsilon)),
        Loss(who=words.say("privacy.everyone"), **_epsilon(privacy.alone)),
    )


def notes(release: Release, study: Study) -> tuple[str, ...]:
    """What must be said beside the figures, in words; behind a note on reservations, who reserved which parts."""
    said: list[str] = []
    for code in release.notes:
        said.append(words.say(f"note.{code}", goal=study.goal, colluding=study.colluding))
        said += reservations(release.reserved) if code in RESERVED else ()
    return tuple(said)


def reservations(reserved: Sequence[Reserved]) -> tuple[str, ...]:
    """Who answered under which reservation, a line each."""
    join = words.say("list.comma")
    return tuple(
        words.say("note.reserved.parts", member=one.member, leaf=one.leaf, parts=join.join(one.parts))
        for one in reserved
    )


def labels(release: Release, study: Study) -> tuple[tuple[str, str], ...]:
    """Short labels under the title: the code, and its words."""
    worded = [code for code in ("synthetic", "demonstration", "related") if code in release.notes]
    return tuple((code, words.say(f"label.{code}", goal=study.goal)) for code in worded)


def _cell(figure: Figure | None) -> Cell:
    if figure is None:
        return Cell(value="", sampling="", noise="", status="")
    return Cell(
        value=words.figure(figure.value),
        sampling=words.number(figure.sampling) if figure.sampling else "",
        noise=words.number(figure.noise) if figure.noise else "",
        status=figure.status,
    )


def _half(error: str) -> str:
    """Half-width of an interval, from a standard error."""
    if not error:
        return ""
    given = Decimal(error)
    return words.number(f"{(given * INTERVAL).quantize(given, ROUND_HALF_EVEN):f}")


def _tile(taking: Taking) -> Tile:
    return Tile(
        name=area.name(taking.area), member=taking.member, reasons=tuple(words.reason(r) for r in taking.reasons)
    )


def _epsilon(text: str) -> Mapping[str, str]:
    if not text:
        return {"epsilon": words.say("privacy.unstated"), "odds": ""}
    factor = Decimal(text).exp().quantize(Decimal("0.1"), ROUND_CEILING) if Decimal(text) < 20 else None
    odds = words.say("privacy.odds", factor=words.number(str(factor))) if factor else ""
    return {"epsilon": words.number(text), "odds": odds}
