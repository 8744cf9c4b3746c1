"""Figures as a drawing with their uncertainty: sampling error and noise apart, at 95 per cent, blanks by their status.

Decides what is drawn where. Altair describes, vl-convert draws on this machine: a notebook shows the SVG, which loads
nothing. Under which charter the figures stand is written below the title. Colours and shapes are the pages' own.
"""

import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from comity.adapters import durable
from comity.errors import UsageError
from comity.pages import charts, tables, words
from comity.research import columns
from comity.stages.publish import folder

if TYPE_CHECKING:
    from comity.research.frame import Frame

SAMPLED: Final = "sampling error, 95 %"
NOISED: Final = "noise, 95 %"
ENDS: Final = ((0, -1), (1, 1))
SHAPES: Final = {"s": "circle", "n": "diamond"}
SOLID: Final = {"s": 0.55, "n": 1.0}  # opacity: noise lies in front, sampling shows the bar behind
NORMAL: Final = "A"
PANELS: Final = 64
MARKS: Final = 5_000  # more than anyone can see
WIDTH, HEIGHT, SMALL, LOW = 640, 280, 190, 110  # pixels


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A drawing. chart: Altair's own, to go on with. describe: for who does not see it."""

    chart: Any
    describe: str

    def svg(self) -> str:
        """The drawing as SVG."""
        import vl_convert

        return str(vl_convert.vegalite_to_svg(self.chart.to_dict()))

    def png(self, *, scale: float = 2) -> bytes:
        """The drawing as PNG."""
        import vl_convert

        return bytes(vl_convert.vegalite_to_png(self.chart.to_dict(), scale=scale))

    def save(self, path: str | Path) -> Path:
        """Write .svg, .png or .json (Vega-Lite); the file is whole or not there. Returns its path."""
        file = Path(path)
        made: dict[str, Callable[[], bytes]] = {
            ".svg": lambda: self.svg().encode(),
            ".png": self.png,
            ".json": lambda: str(self.chart.to_json()).encode(),
        }
        if file.suffix not in made:
            raise UsageError("no such format", where=str(file), found=file.suffix, wanted=", ".join(made))
        durable.write(file, made[file.suffix]())
        return file

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"image/svg+xml": self.svg(), "text/plain": self.describe}


@dataclass(frozen=True, slots=True)
class _Axes:
    """Columns along the axis and of small charts ("" for one chart)."""

    x: str
    by: str


def draw(frame: "Frame", *, measure: str = "", x: str = "", by: str = "") -> Plot:
    """A frame's figures of one measure.

    Raises:
        UsageError: no such column, more varies than one drawing shows, or nothing is there to draw.
    """
    frame = _of_one_measure(frame, measure)
    chosen = _choose(frame, x, by)
    rows = _rows(frame, chosen)
    title = f"{frame.title}: {rows[0]['unit']}"
    alt = _altair()
    orders = {name: [frame.name(name, code) for code in frame.codes(name)] for name in (chosen.x, chosen.by) if name}
    if not chosen.by and len(orders[chosen.x]) <= 12:
        wrapped = {label: "\n".join(textwrap.wrap(label, 11)) or label for label in orders[chosen.x]}
        orders[chosen.x] = list(wrapped.values())
        rows = [{**row, "x": wrapped[row["x"]]} for row in rows]
    layers = _main(alt, rows, chosen, orders[chosen.x])
    if chosen.by:
        facet = alt.Facet(
            "by:N", sort=orders[chosen.by], title=None, header=alt.Header(labelFontSize=12, labelLimit=SMALL)
        )
        sized = layers.properties(width=SMALL, height=SMALL * 0.6)
        chart = sized.facet(facet=facet, columns=min(4, len(orders[chosen.by])), data=alt.Data(values=rows))
    else:
        main = alt.layer(*layers.layer, data=alt.Data(values=rows)).properties(width=WIDTH, height=HEIGHT)
        chart = alt.vconcat(main, *([_errors(alt, rows, orders[chosen.x])] * bool(_causes(rows))), spacing=18)
    describe = _describe(". ".join([title, *frame.labels]), rows)
    said = alt.TitleParams(title, subtitle=_subtitle(frame, rows), anchor="start", fontSize=14, subtitleFontSize=11)
    whole = chart.properties(title=said, description=describe).configure(background="white", font=charts.FONT)
    axis = {"labelColor": charts.INK, "titleColor": charts.INK}
    return Plot(chart=whole.configure_view(stroke=None).configure_axis(**axis), describe=describe)


def _of_one_measure(frame: "Frame", measure: str) -> "Frame":
    """The measure asked for; else shares if each table here has them (one with a suppressed cell has none), else the
    first: nobody is left out for want of a share."""
    known = frame.codes(folder.MEASURE)
    if not known or (measure and measure not in known):
        found = measure or "no observation"
        raise UsageError("nothing to draw", where="plot", found=found, wanted=", ".join(known) or "observations")
    held = {one: frame.where(MEASURE=one) for one in ([measure] if measure else known)}
    shares = held.get(tables.SHARE)
    if shares and len(shares) == max(map(len, held.values())) and not shares.table[folder.VALUE].null_count:
        return shares
    return next(iter(held.values()))


def _choose(frame: "Frame", x: str, by: str) -> _Axes:
    """What is drawn along which axis, as asked for or as the figures vary."""
    known = [folder.AREA, *(axis for axis in frame.axes if axis != folder.AREA), folder.PERIOD]
    for name in filter(None, (x, by)):
        if name not in known:
            raise UsageError("no such column to draw by", where="plot", found=name, wanted=", ".join(known))
    varies = [name for name in known if len(frame.codes(name)) > 1]
    along = [folder.PERIOD] * (folder.PERIOD in varies) + [name for name in varies if name in frame.axes]
    chosen = x or next((name for name in (*along, *varies, *frame.axes) if name != by), frame.axes[0])
    rest = [name for name in varies if name not in (chosen, by)]
    if len(rest) > (0 if by else 1):
        raise UsageError(
            "more varies than one drawing shows",
            where="plot",
            found=", ".join(varies),
            wanted="two columns at most",
            way_out=f"keep one code of another column first: frame.where({rest[-1]}=...).plot()",
        )
    return _Axes(chosen, by or next(iter(rest), ""))


def _rows(frame: "Frame", axes: _Axes) -> list[dict[str, Any]]:
    """What is drawn: labels, value, status, and of each error that is published half-width and ends of its interval."""
    panels = len(frame.codes(axes.by)) if axes.by else 1
    if len(frame) > MARKS or panels > PANELS:
        raise UsageError(
            "more than one drawing shows",
            where="plot",
            found=f"{len(frame)} figures in {panels} charts",
            wanted=f"{MARKS} in {PANELS} at most",
            way_out="keep some of them first: frame.where(...).plot()",
        )
    rows = []
    for row in columns.floats(frame.table).to_pylist():
        value, sampling, noise = (row[name] for name in columns.NUMBERS)
        halves = {"s": sampling, "n": noise}
        widths = {key: None if error is None else charts.Z * error for key, error in halves.items()}
        ends = {f"{key}{i}": value + sign * w for key, w in widths.items() if w is not None for i, sign in ENDS}
        rows.append(
            {
                "x": frame.name(axes.x, row[axes.x]),
                "by": frame.name(axes.by, row[axes.by]) if axes.by else "",
                "y": value,
                "status": row[folder.STATUS],
                "unit": row[columns.UNIT],
                **widths,
                **ends,
            }
        )
    return rows


def _altair() -> Any:
    """Loaded late, and untyped: its calls are generated from a schema."""
    import altair

    return altair


def _main(alt: Any, rows: Sequence[Mapping[str, Any]], axes: _Axes, order: Sequence[str]) -> Any:
    """Bars from zero (periods: points on a line), sampling wide and behind, noise narrow and in front, statuses."""
    base = alt.Chart().encode(x=_x(alt, order, small=bool(axes.by)))
    values = base.transform_filter("datum.y !== null")
    y = alt.Y(
        "y:Q",
        title=None if axes.by else rows[0]["unit"],
        axis=alt.Axis(gridColor=charts.RULE, domain=False, ticks=False, tickCount=5),
    )
    if axes.x == folder.PERIOD:
        drawn = [values.mark_line(color=charts.BAR, point={"color": charts.INK, "size": 45}).encode(y=y)]
    else:
        drawn = [values.mark_bar(color=charts.BAR).encode(y=y)]
    for key, (label, width) in _causes(rows).items():
        rule = (
            values.transform_filter(f"datum.{key} !== null")
            .transform_calculate(cause=f"'{label}'")
            .mark_rule(strokeWidth=width, opacity=SOLID[key])
        )
        drawn.append(rule.encode(y=f"{key}0:Q", y2=f"{key}1:Q", color=_colour(alt, rows)))
    if any(row["status"] != NORMAL for row in rows):
        marked = base.transform_filter(f"datum.status !== '{NORMAL}'")
        placed = marked.transform_calculate(at="max(0, isValid(datum.s1) ? datum.s1 : isValid(datum.y) ? datum.y : 0)")
        text = placed.mark_text(color=charts.INK, fontSize=12, dy=-8, baseline="bottom")
        drawn.append(text.encode(y="at:Q", text="status:N"))
    return alt.layer(*drawn)


def _errors(alt: Any, rows: Sequence[Mapping[str, Any]], order: Sequence[str]) -> Any:
    """Half-widths of the two intervals on a scale of their own: beside a long bar they cannot be seen."""
    base = alt.Chart(alt.Data(values=rows)).encode(x=_x(alt, order))
    drawn = []
    for key, (label, _) in _causes(rows).items():
        point = (
            base.transform_filter(f"datum.{key} !== null")
            .transform_calculate(cause=f"'{label}'")
            .mark_point(filled=True, size=80, opacity=1, shape=SHAPES[key])
        )
        axis = alt.Axis(gridColor=charts.RULE, domain=False, ticks=False, tickCount=3)
        drawn.append(point.encode(y=alt.Y(f"{key}:Q", title="± at 95 %", axis=axis), color=_colour(alt, rows)))
    return alt.layer(*drawn).properties(width=WIDTH, height=LOW)


def _causes(rows: Sequence[Mapping[str, Any]]) -> dict[str, tuple[str, float]]:
    """Label and width of each error that a figure here has."""
    all_ = {"s": (SAMPLED, 5.0), "n": (NOISED, 1.6)}
    return {key: all_[key] for key in all_ if any((row[key] or 0) > 0 for row in rows)}


def _colour(alt: Any, rows: Sequence[Mapping[str, Any]]) -> Any:
    """The two causes in the pages' colours, with a legend."""
    causes, colours = _causes(rows), {"s": charts.SAMPLING, "n": charts.NOISE}
    scale = alt.Scale(domain=[causes[key][0] for key in causes], range=[colours[key] for key in causes])
    legend = alt.Legend(
        title=None, orient="top", direction="horizontal", labelFontSize=11, symbolType="stroke", symbolStrokeWidth=4
    )
    return alt.Color("cause:N", scale=scale, legend=legend)


def _x(alt: Any, order: Sequence[str], *, small: bool = False) -> Any:
    """Categories in the order of their list; labels in lines that fit, or slanted where many or small."""
    slanted = small or len(order) > 12
    axis = alt.Axis(
        title=None,
        labelExpr=alt.Undefined if slanted else "split(datum.label, '\\n')",
        labelAngle=-50 if slanted else 0,
        labelLimit=SMALL / 2 if slanted else WIDTH,
        ticks=False,
        domainColor=charts.INK,
    )
    return alt.X("x:N", sort=list(order), axis=axis, scale=alt.Scale(domain=list(order)))


def _subtitle(frame: "Frame", rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """What must stand beside figures, blanks in words, and whose word it is."""
    held = dict.fromkeys((row["status"], row["y"] is None) for row in rows if row["status"] != NORMAL)
    told = [f"{code}: {_status(code)}{', not zero' * blank}" for code, blank in held]
    if any(row["y"] is not None and row["s"] is None for row in rows):
        told.append("a figure without error bars is one whose error is not known")
    standing = frame.standing
    pinned = "pinned" if standing.pinned else "not pinned"
    return [
        *frame.labels,
        *(["; ".join(told)] if told else []),
        f"{standing.origin}, charter {standing.charter[:19]}… ({pinned})",
    ]


def _status(code: str) -> str:
    return words.EN.get(f"status.{code}", "no value")


def _describe(title: str, rows: Sequence[Mapping[str, Any]]) -> str:
    told = [
        f"{row['by']} {row['x']}: {row['y'] if row['y'] is not None else _status(row['status'])}".strip()
        for row in rows[:40]
    ]
    return f"{title}. {'; '.join(told)}{'; and more' if len(rows) > 40 else ''}."
