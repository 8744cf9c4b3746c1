"""A drawing shows both errors apart and every blank by its status, loads nothing, and never leaves a figure out."""

import re
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from comity.errors import UsageError
from comity.pages import charts
from comity.research import Connection, Plot
from comity.research.plot import NOISED, SAMPLED
from comity.stages.publish import folder
from tests.builders.release import AREAS


@pytest.fixture(scope="module")
def joint(hub: Connection) -> Plot:
    return hub.plot(by="SEX")


def rows(plot: Plot) -> list[dict[str, object]]:
    """What is drawn."""
    spec = plot.chart.to_dict()
    return spec["data"]["values"] if "data" in spec else next(iter(spec["datasets"].values()))


def test_both_errors_are_drawn_apart_at_95_per_cent(joint: Plot, hub: Connection) -> None:
    """1.96 standard errors to each side, of the figures as published."""
    shares = hub.frame().where(MEASURE="share").table.to_pylist()
    assert len(shares) == len(rows(joint)) == 8
    for drawn, figure in zip(rows(joint), shares, strict=True):
        value, sampling, noise = (float(figure[name]) for name in (folder.VALUE, folder.SAMPLING, folder.NOISE))
        assert [value - 1.96 * sampling, value + 1.96 * noise] == pytest.approx([drawn["s0"], drawn["n1"]])
    svg = joint.svg()
    assert all(word in svg for word in (SAMPLED, NOISED, charts.SAMPLING, charts.NOISE, "Per cent", "Female"))


def test_a_suppressed_cell_is_marked_and_said_not_to_be_zero(hub: Connection) -> None:
    """Both members' tables have cells of fewer than five persons, so neither has shares: counts are drawn."""
    plot = hub.frame(kind="national").where(SEX="F").plot()
    blanks = [row for row in rows(plot) if row["y"] is None]
    assert blanks
    assert {"Q"} == {row["status"] for row in blanks}
    assert len(blanks) == len(re.findall(r">Q</text>", plot.svg()))
    assert "Q: suppressed, not zero" in plot.svg()
    assert "Persons" in plot.svg()


def test_no_member_is_left_out_for_want_of_a_share(hub: Connection) -> None:
    """A table with a suppressed cell has none: one measure that all have is drawn instead."""
    frame = hub.frame("TRUST-WAVES").where(SEX="F")
    assert {"_X", AREAS[1], AREAS[7]} == set(frame.codes(folder.AREA))
    assert 3 * 4 == len(rows(frame.plot()))


def test_nothing_is_loaded_to_show_it(joint: Plot) -> None:
    """The notebook gets the finished SVG: no script, no address but the name spaces of SVG."""
    shown = joint._repr_mimebundle_()
    assert {"image/svg+xml", "text/plain"} == set(shown)
    svg = shown["image/svg+xml"]
    assert [] == re.findall(r"<script|<image|<foreignObject", svg)
    assert {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"} >= set(re.findall(r"https?://[^\"' ]+", svg))


def test_it_says_whose_word_it_is(joint: Plot) -> None:
    assert re.search(r"example.org/assembly, charter sha256:[0-9a-f]+… \(pinned\)", joint.svg())


def test_who_does_not_see_it_is_told(joint: Plot) -> None:
    assert "Female" in joint.describe
    assert "none, at all" in joint.describe


def test_a_single_chart_has_the_errors_on_a_scale_of_their_own(hub: Connection) -> None:
    plot = hub.frame().where(SEX="F").plot()
    assert "± at 95 %" in plot.svg()


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ({"x": "AGE"}, "no such column to draw by.*wanted REF_AREA, ANSWER, SEX, TIME_PERIOD"),
        ({"measure": "mean"}, "nothing to draw.*found mean; wanted n, share"),
    ],
)
def test_what_cannot_be_drawn_is_one_line(hub: Connection, choice: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        hub.plot(**choice)


def test_three_columns_that_vary_are_too_many_and_it_says_what_to_keep(hub: Connection) -> None:
    with pytest.raises(UsageError, match=r"way out: keep one code of another column first: frame.where\("):
        hub.frame("TRUST-WAVES").plot()


def test_it_is_saved_whole_in_the_formats_it_knows(joint: Plot, tmp_path: Path) -> None:
    assert b"\x89PNG" == joint.save(tmp_path / "a.png").read_bytes()[:4]
    assert joint.save(tmp_path / "a.svg").read_text() == joint.svg()
    assert "vega-lite" in joint.save(tmp_path / "a.json").read_text()
    with pytest.raises(UsageError, match=r"no such format.*wanted \.svg, \.png, \.json"):
        joint.save(tmp_path / "a.gif")


def test_a_figure_whose_error_is_not_known_is_not_drawn_as_certain(hub: Connection) -> None:
    """A figure from a map without a reference sample has a status and no error: no bar of length zero stands for it."""
    frame = hub.frame().where(SEX="F", MEASURE="share")
    table = frame.table
    for name in (folder.SAMPLING, folder.NOISE):
        table = table.set_column(table.column_names.index(name), name, pa.nulls(4, table[name].type))
    unknown = pa.array(["V"] * 4).dictionary_encode()
    table = table.set_column(table.column_names.index(folder.STATUS), folder.STATUS, unknown)
    plot = replace(frame, table=table).plot()
    assert [(None, None)] * 4 == [(row["s"], row["n"]) for row in rows(plot)]
    svg = plot.svg()
    assert "V: not validated; a figure without error bars is one whose error is not known" in svg
    assert 4 == len(re.findall(r">V</text>", svg))
    assert SAMPLED not in svg
