"""SDMX-CSV 2.0: what is written is what the field guide shows, and is read back as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import FormatError
from comity.sdmx import csv, dataset
from comity.sdmx.dataset import Columns

# Field guide, "Ordinary case", without its custom column.
GUIDE = (
    b"STRUCTURE,STRUCTURE_ID,ACTION,DIM_1,DIM_2,DIM_3,OBS_VALUE,ATTR_2,ATTR_3,ATTR_1\r\n"
    b'dataflow,ESTAT:NA_MAIN(1.6.0),I,A,B,2014-01,12.4,Y,"Normal, special and other values",N\r\n'
    b'dataflow,ESTAT:NA_MAIN(1.6.0),I,A,B,2014-02,10.8,Y,"Normal, special and other values",Y\r\n'
)
COLUMNS = Columns(
    dimensions=("DIM_1", "DIM_2", "DIM_3"), measures=("OBS_VALUE",), attributes=("ATTR_2", "ATTR_3", "ATTR_1")
)
SPECIAL = "Normal, special and other values"
ROWS = [
    dict(zip(COLUMNS.all, ("A", "B", "2014-01", "12.4", "Y", SPECIAL, "N"), strict=True)),
    dict(zip(COLUMNS.all, ("A", "B", "2014-02", "10.8", "Y", SPECIAL, "Y"), strict=True)),
]


def test_the_field_guides_example_is_written_byte_for_byte() -> None:
    made = dataset.of(ROWS, COLUMNS, kind="dataflow", structure="ESTAT:NA_MAIN(1.6.0)")
    assert GUIDE == csv.write(made)


def test_the_field_guides_example_is_read() -> None:
    found = csv.read(GUIDE, COLUMNS)
    assert tuple(ROWS) == found.rows
    assert ("dataflow", "ESTAT:NA_MAIN(1.6.0)", "I") == (found.kind, found.structure, found.action)


def test_pysdmx_reads_what_is_written() -> None:
    """Another implementation sees the same cells."""
    from pysdmx.io.csv.sdmx20.reader import read as oracle

    (found,) = oracle(csv.write(dataset.of(ROWS, COLUMNS, kind="dataflow", structure="ESTAT:NA_MAIN(1.6.0)")).decode())
    assert "Dataflow=ESTAT:NA_MAIN(1.6.0)" == found.structure
    assert ROWS == found.data.astype(str).to_dict(orient="records")


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)


@given(st.lists(st.tuples(*[st.none() | texts] * 3)), st.sampled_from(dataset.KINDS), st.sampled_from(dataset.ACTIONS))
def test_what_is_written_is_read_back(
    values: list[tuple[str | None, ...]], kind: dataset.Kind, action: dataset.Action
) -> None:
    """Any text: commas, quotes, line ends of every kind, leading spaces; and absent values."""
    columns = Columns(dimensions=("D",), measures=("OBS_VALUE",), attributes=("OBS_STATUS",))
    rows = [dict(zip(columns.all, row, strict=True)) for row in values] or [{"D": "x"}]
    made = dataset.of(rows, columns, kind=kind, structure="COMITY:X(1.0.0)", action=action)
    found = csv.read(csv.write(made), columns)
    assert (made.kind, made.structure, made.action) == (found.kind, found.structure, found.action)
    assert made.rows == found.rows
    assert csv.write(made) == csv.write(found)


def test_columns_in_any_order_and_lf_are_read() -> None:
    """The guide: any order is valid for a consumer; ACTION absent means I."""
    message = (
        b"STRUCTURE,STRUCTURE_ID,ATTR_1,OBS_VALUE,DIM_3,DIM_2,DIM_1,ATTR_2,ATTR_3\ndataflow,E:N(1.0),N,1,2014,B,A,,\n"
    )
    assert (
        {"DIM_1": "A", "DIM_2": "B", "DIM_3": "2014", "OBS_VALUE": "1", "ATTR_2": None, "ATTR_3": None, "ATTR_1": "N"},
    ) == csv.read(message, COLUMNS).rows


@pytest.mark.parametrize(
    "message",
    [
        b"",
        GUIDE[3:],
        GUIDE.replace(b"ATTR_1\r\n", b"ATTR_9\r\n"),
        GUIDE.replace(b",ATTR_1\r\n", b"\r\n"),
        GUIDE.replace(b"STRUCTURE,", b"STRUCTURE[;],", 1),
        GUIDE.replace(b"dataflow", b"Dataflow", 1),
        GUIDE.replace(b"(1.6.0),I", b"(1.7.0),I", 1),
        GUIDE.replace(b",I,", b",R,", 1),
        GUIDE.replace(b",I,", b",X,"),
        GUIDE.replace(b"ESTAT:NA_MAIN(1.6.0)", b"no structure"),
        GUIDE.replace(b"12.4", b"12.4,", 1),
        GUIDE.replace(b'values",N', b'values"N', 1),
        GUIDE[: GUIDE.index(b"\r\n") + 2],
        b"\xef\xbb\xbf" + GUIDE,
        GUIDE.replace(b"Normal", b"\xff"),
    ],
)  # fmt: skip
def test_all_else_is_refused(message: bytes) -> None:
    with pytest.raises(FormatError):
        csv.read(message, COLUMNS)
