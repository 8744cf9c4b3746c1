"""Figures in a frame are the published ones, exactly, whichever file they were read from; none is made up or lost."""

import csv
import io
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import FormatError, UsageError
from comity.research import Connection, Frame, columns, connect
from comity.research import frame as frames
from comity.research.published import LARGE
from comity.stages.publish import folder as folders
from tests.builders.release import AREAS
from tests.research.places import world


@pytest.fixture(scope="module")
def frame(hub: Connection) -> Frame:
    return hub.frame()


@pytest.fixture(scope="module")
def all_(hub: Connection) -> Frame:
    """The joint release and both members'."""
    return hub.frame("TRUST-WAVES")


def test_it_says_what_figures_csv_says(frame: Frame) -> None:
    """Read here by Python's own csv module."""
    rows = list(csv.DictReader(io.StringIO(world().joint[folders.CSV].decode(), newline="")))
    told = [
        {name: "" if value is None else value for name, value in row.items()}
        for row in frame.arrow().drop_columns([columns.UNIT, columns.RELEASE]).to_pylist()
    ]
    assert len(rows) == len(told) == 16
    for row, found in zip(rows, told, strict=True):
        for name, value in found.items():
            assert (Decimal(row[name]) if isinstance(value, Decimal) else row[name]) == value, name


@pytest.mark.parametrize("area", ["_X", AREAS[1], AREAS[7]])
def test_record_and_parquet_give_one_table(hub: Connection, area: str) -> None:
    """A member's has suppressed cells, and no noise."""
    release = next(one for one in hub.releases if one.area == area)
    assert release.frame(through="record").table.equals(release.frame(through="parquet").table)


def test_a_large_record_is_not_read_for_its_figures(hub: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("comity.research.published.LARGE", 10)
    release = hub.release()
    assert LARGE > len(world().joint[folders.RELEASE]) > 10
    assert release.frame().sources == (f"figures.parquet of leaf {release.index}",)
    assert release.summary.figures == ()


def test_a_suppressed_cell_has_no_value_and_keeps_its_status(all_: Frame) -> None:
    table = all_.arrow()
    blank = table.filter(pc.is_null(table[folders.VALUE]))
    assert {"Q"} == set(blank[folders.STATUS].to_pylist())
    assert {None} == set(blank[folders.SAMPLING].to_pylist() + blank[folders.NOISE].to_pylist())
    assert "Q suppressed" in all_.where(OBS_STATUS="Q")._repr_html_()


def test_several_releases_are_one_table_each_row_knows_its_leaf(all_: Frame, hub: Connection) -> None:
    parts = [hub.release(index).frame() for index in dict.fromkeys(all_.table[columns.RELEASE].to_pylist())]
    assert 3 == len(parts)
    assert len(all_) == sum(map(len, parts))
    assert [v for part in parts for v in part.table[folders.VALUE].to_pylist()] == all_.table[folders.VALUE].to_pylist()


def test_units_are_the_norms_words_and_the_catalogues(frame: Frame) -> None:
    pairs = set(zip(frame.table[folders.MEASURE].to_pylist(), frame.table[columns.UNIT].to_pylist(), strict=True))
    assert {("n", "Persons"), ("share", "Per cent")} == pairs


def test_pandas_holds_the_nearest_floats_and_the_names(frame: Frame) -> None:
    table = frame.pandas()
    exact = [float(value) for value in frame.table[folders.VALUE].to_pylist()]
    assert exact == list(table[folders.VALUE])
    assert "category" == str(table["ANSWER"].dtype)
    assert world().charter == table.attrs["comity.charter"]
    named = frame.pandas(names=True)
    assert ["none, at all", "Female", "all who took part"] == list(named.loc[0, ["ANSWER", "SEX", "REF_AREA"]])


def test_where_keeps_the_rows_asked_for_and_refuses_the_rest(all_: Frame) -> None:
    kept = all_.where(REF_AREA="_X", MEASURE=["n"], SEX="F")
    assert 4 == len(kept)
    assert {"F"} == set(kept.codes("SEX"))
    with pytest.raises(UsageError, match=r"no row has this code.*found X; wanted F, M"):
        all_.where(SEX="X")
    with pytest.raises(UsageError, match=r"no such column of codes.*wanted REF_AREA, ANSWER, SEX"):
        all_.where(AGE="1")


@pytest.mark.parametrize(
    "asked",
    [{"period": "1999"}, {"study": "OTHER"}, {"area": "999"}, {"kind": "sealed"}],
    ids=lambda asked: next(iter(asked)),
)
def test_nothing_that_fits_is_told_with_what_there_is(hub: Connection, asked: dict[str, str]) -> None:
    with pytest.raises(UsageError, match=r"no release fits.*wanted TRUST-WAVES/1\.0\.0.*way out"):
        hub.frame(**asked)  # type: ignore[arg-type]


def test_the_metadata_say_whose_word_it_is(frame: Frame) -> None:
    told = frame.arrow().schema.metadata
    assert world().charter.encode() == told[b"comity.charter"]
    assert b"example.org/assembly" == told[b"comity.origin"]


def parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


def published() -> pa.Table:
    return pq.read_table(io.BytesIO(world().joint[folders.PARQUET]))


FALSE = {
    "no parquet": lambda: b"PAR1 and nothing else",
    "a column more": lambda: parquet(published().append_column("X", pa.array(["x"] * 16))),
    "a column less": lambda: parquet(published().drop_columns(["SEX"])),
    "values as text": lambda: parquet(
        published().set_column(5, folders.VALUE, published()[folders.VALUE].cast(pa.string()))
    ),
    "errors that are no numbers": lambda: parquet(published().set_column(7, folders.SAMPLING, pa.array(["much"] * 16))),
}


@pytest.mark.parametrize("false", FALSE)
def test_a_file_that_is_not_the_releases_observations_is_refused(false: str) -> None:
    """Whoever publishes may name any file in its record."""
    with pytest.raises(FormatError):
        columns.of(
            frames.from_parquet(FALSE[false](), world().record.layout, where="a release"),
            index=1,
            unit=str,
            where="a release",
        )


@given(st.lists(st.one_of(st.none(), st.decimals(-(10**9), 10**9, places=None, allow_nan=False)), min_size=1))
def test_texts_become_the_very_decimals(values: list[Decimal | None]) -> None:
    """Whatever their number of digits."""
    values = [None if v is None else Decimal(f"{v:f}"[:20].rstrip(".")) for v in values]
    texts = [None if value is None else f"{value:f}" for value in values]
    assert values == columns.decimals(pa.chunked_array([pa.array(texts, pa.string())]), where="x").to_pylist()


@given(
    st.lists(st.one_of(st.none(), st.integers(-(10**30), 10**30)), min_size=1), st.integers(0, 30), st.integers(0, 3)
)
def test_floats_are_the_nearest(digits: list[int | None], scale: int, since: int) -> None:
    """Python's own float of the text is; Arrow's cast of 11.87 is not."""
    values = [None if n is None else Decimal(n).scaleb(-scale) for n in digits]
    table = pa.table({"x": pa.array(values, pa.decimal128(38, scale))}).slice(since)
    wanted = [None if value is None else float(value) for value in values[since:]]
    assert wanted == columns.floats(table)["x"].to_pylist()


def test_a_frame_of_no_rows_is_shown(frame: Frame) -> None:
    empty = frame.where(SEX="F").where(SEX=[])
    assert 0 == len(empty)
    assert "0 observations" in repr(empty)
    assert 0 == len(empty.pandas())


def test_a_folder_opened_again_gives_an_equal_frame(public: Path, frame: Frame) -> None:
    assert frame.table.equals(connect(public).frame().table)


def test_what_must_stand_beside_every_figure_does(frame: Frame) -> None:
    """The sample's norm is related to a target, no indicator of it; made-up people would be said in the same place."""
    label = "Related to target 16.6, not an indicator"
    assert (label,) == frame.labels
    assert label.encode() == frame.arrow().schema.metadata[b"comity.labels"]
    assert [True] * 4 == [label in shown for shown in (repr(frame), frame._repr_html_(), *drawn(frame))]


def drawn(frame: Frame) -> tuple[str, str]:
    plot = frame.where(SEX="F").plot()
    return plot.svg(), plot.describe
