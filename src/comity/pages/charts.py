"""Charts as SVG text: bars with two error bars, and the errors on a scale of their own.

Decides how figures are drawn; says nothing that the table beside the chart does not say. Altair describes, vl-convert
draws; both load when the first chart is asked for, because they are large and many pages have none. Colours are told
apart by lightness too (Okabe and Ito's blue and vermilion), and shape tells what colour tells.
"""

import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

BAR, SAMPLING, NOISE, INK, RULE = "#9fb8cc", "#1d5b8c", "#b5400a", "#1b2733", "#d7dce0"
FONT: Final = "system-ui, 'Segoe UI', 'Helvetica Neue', Arial, 'Noto Sans', sans-serif"
Z: Final = 1.96  # half-width of a 95 per cent interval of a normal error, in standard errors
WIDTH, NARROW = 700, 330  # pixels


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One category: its label, its value or None where none is shown, standard errors, and what stands for a blank."""

    label: str
    value: float | None
    sampling: float
    noise: float
    blank: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What is written on a chart: its title and description for who does not see it, its axis, its two causes."""

    title: str
    describe: str
    axis: str
    sampling: str = ""
    noise: str = ""
    blank: str = ""  # where a value is not shown


def bars(marks: Sequence[Mark], words: Words, *, id: str) -> str:
    """A histogram: bars from zero; sampling error wide and behind, noise narrow and in front, at 95 per cent."""
    alt = _altair()
    rows = [
        {
            "x": _wrap(mark.label),
            "y": mark.value,
            "s0": mark.value - Z * mark.sampling,
            "s1": mark.value + Z * mark.sampling,
            "n0": mark.value - Z * mark.noise,
            "n1": mark.value + Z * mark.noise,
        }
        for mark in marks
        if mark.value is not None
    ]
    order = [_wrap(mark.label) for mark in marks]
    scale = alt.Scale(domain=order, paddingInner=0.22, paddingOuter=0.15)
    x = alt.X("x:N", sort=order, scale=scale, axis=_categories(alt))
    base = alt.Chart(alt.Data(values=rows)).encode(x=x)
    layers = [
        base.mark_bar(color=BAR).encode(y=alt.Y("y:Q", axis=_values(alt, words.axis), scale=_span(alt, rows))),
        base.mark_rule(color=SAMPLING, strokeWidth=5, opacity=0.55).encode(y="s0:Q", y2="s1:Q"),
        base.mark_rule(color=NOISE, strokeWidth=1.6).encode(y="n0:Q", y2="n1:Q"),
    ]
    if blanks := [{"x": _wrap(mark.label), "t": mark.blank or words.blank} for mark in marks if mark.value is None]:
        empty = alt.Chart(alt.Data(values=blanks)).mark_text(color=INK, fontSize=13, dy=-8, baseline="bottom")
        layers.append(empty.encode(x=x, y=alt.datum(0), text="t:N"))
    chart = alt.layer(*layers).properties(width=WIDTH, height=300)
    return _svg(chart, words, id)


def errors(marks: Sequence[Mark], words: Words, *, id: str) -> str:
    """Half-widths of the 95 per cent intervals: a disc for sampling, a diamond for noise, on one scale from zero."""
    alt = _altair()
    rows: list[Mapping[str, Any]] = []
    for mark in marks:
        if mark.value is not None:
            rows.append({"x": mark.label, "w": Z * mark.sampling, "cause": words.sampling})
            rows.append({"x": mark.label, "w": Z * mark.noise, "cause": words.noise})
    causes = [words.sampling, words.noise]
    y = alt.Y("x:N", sort=[mark.label for mark in marks], axis=_rows(alt, marks))
    points = (
        alt.Chart(alt.Data(values=rows))
        .mark_point(filled=True, size=90, opacity=1)
        .encode(
            x=alt.X("w:Q", axis=_values(alt, words.axis, across=True), scale=alt.Scale(zero=True, nice=True)),
            y=y,
            color=alt.Color("cause:N", scale=alt.Scale(domain=causes, range=[SAMPLING, NOISE]), legend=_legend(alt)),
            shape=alt.Shape("cause:N", scale=alt.Scale(domain=causes, range=["circle", "diamond"])),
        )
    )
    return _svg(points.properties(width=NARROW, height=26 * max(1, len(marks))), words, id)


def _altair() -> Any:
    """Loaded late, and untyped: its calls are generated from a schema."""
    import altair

    return altair


def _wrap(label: str) -> str:
    """A label in lines that fit under a bar."""
    return "\n".join(textwrap.wrap(label, 11)) or label


def _categories(alt: Any) -> Any:
    return alt.Axis(
        title=None,
        labelExpr="split(datum.label, '\\n')",
        labelAngle=0,
        labelFontSize=12,
        labelLineHeight=14,
        labelPadding=7,
        ticks=False,
        domainColor=INK,
    )


def _span(alt: Any, rows: Sequence[Mapping[str, Any]]) -> Any:
    """From zero, or from the lowest error bar below it, to the highest one."""
    ends = [float(row[end]) for row in rows for end in ("s0", "s1", "n0", "n1")]
    return alt.Scale(domain=[min([0.0, *ends]), max([1e-9, *ends]) * 1.03], nice=False)


def _rows(alt: Any, marks: Sequence[Mark]) -> Any:
    """Labels on the left, with room for a reader's wider letters."""
    room = min(190, 24 + 7.4 * max((len(mark.label) for mark in marks), default=0))
    return alt.Axis(
        title=None,
        labelFontSize=12,
        labelPadding=8,
        labelLimit=180,
        minExtent=room,
        ticks=False,
        domain=False,
        grid=True,
        gridColor=RULE,
    )


def _values(alt: Any, title: str, *, across: bool = False) -> Any:
    place: dict[str, Any] = {"titlePadding": 10}
    if not across:
        place = {"titleAngle": 0, "titleAlign": "left", "titleAnchor": "end", "titleX": -42, "titleY": -14}
    return alt.Axis(
        title=title,
        titleFontSize=12,
        titleFontWeight="normal",
        labelFontSize=12,
        labelPadding=6,
        ticks=False,
        domain=False,
        gridColor=RULE,
        tickCount=5,
        **place,
    )


def _legend(alt: Any) -> Any:
    return alt.Legend(title=None, orient="top", direction="horizontal", labelFontSize=12, symbolSize=90, offset=6)


def _svg(chart: Any, words: Words, id: str) -> str:
    """The drawing, with a title and a description that a screen reader reads instead of its parts."""
    import vl_convert

    spec = chart.configure(
        background="transparent",
        font=FONT,
        padding={"left": 4, "right": 12, "top": 24 if id == "histogram" else 4, "bottom": 4},
    ).configure_view(stroke=None)
    text = vl_convert.vegalite_to_svg(spec.configure_axis(labelColor=INK, titleColor=INK).to_dict())
    head, found, body = text.partition(">")
    size = re.search(r'viewBox="[^"]+"', head)
    if not (found and head.startswith("<svg") and size):
        raise ValueError(f"vl-convert drew something else than an SVG: {head[:60]}")
    label = f'<title id="{id}-title">{escape(words.title)}</title><desc id="{id}-desc">{escape(words.describe)}</desc>'
    mine = f'<svg xmlns="http://www.w3.org/2000/svg" {size[0]} role="img" aria-labelledby="{id}-title {id}-desc"'
    return f"{mine}>{label}{_plain(body)}"


def _plain(body: str) -> str:
    """Without the roles and labels of single marks: the title and the table say it once, and better."""
    return re.sub(r' (?:aria-[a-z]+|role|class|pointer-events)="[^"]*"', "", body)
