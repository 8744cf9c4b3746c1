"""Files of cells on disk: what is read is written back as it came."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from comity.adapters import cell_files
from comity.adapters.cell_files import Spelling
from comity.errors import FormatError, UsageError

COLUMNS = {"R": ["a", "b"], "VALUE": ["1.50", "2"]}


@pytest.mark.parametrize(
    ("data", "spelling"),
    [
        (b"R,VALUE\na,1.50\nb,2\n", Spelling()),
        (b"R;VALUE\r\na;1.50\r\nb;2\r\n", Spelling(delimiter=";", end="\r\n")),
        (b"R\tVALUE\na\t1.50\nb\t2\n", Spelling(delimiter="\t")),
    ],
)
def test_csv_is_written_as_it_came(tmp_path: Path, data: bytes, spelling: Spelling) -> None:
    (tmp_path / "a.csv").write_bytes(data)
    cells, found = cell_files.read(tmp_path / "a.csv")
    assert (COLUMNS, spelling) == (dict(cells.columns), found)
    assert data == cell_files.written(cells.columns, found)


def test_quotes_stand_where_they_must(tmp_path: Path) -> None:
    data = b'R,VALUE\n"a, b",1\n"say ""c""",2\n'
    (tmp_path / "a.csv").write_bytes(data)
    cells, found = cell_files.read(tmp_path / "a.csv")
    assert ["a, b", 'say "c"'] == list(cells.columns["R"])
    assert data == cell_files.written(cells.columns, found)


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    """Numbers as an office's tools write them, whole or not, and dictionaries of codes."""
    table = pa.table(
        {
            "R": pa.array(["a", "b"]).dictionary_encode(),
            "I": pa.array([1, 2], pa.int32()),
            "F": pa.array([1.5, 1e-7], pa.float64()),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    cells, found = cell_files.read(tmp_path / "a.parquet")
    assert {"R": ["a", "b"], "I": ["1", "2"], "F": ["1.5", "0.0000001"]} == dict(cells.columns)
    (tmp_path / "b.parquet").write_bytes(cell_files.written({**cells.columns, "I": ["1", ""]}, found))
    back = pq.read_table(tmp_path / "b.parquet")
    assert {"R": ["a", "b"], "I": [1, None], "F": [1.5, 1e-7]} == back.to_pydict()
    assert [pa.string(), pa.int32(), pa.float64()] == back.schema.types


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("a.csv", b"R,VALUE\na,\xff\n", "not UTF-8"),
        ("a.csv", b"\xef\xbb\xbfR,VALUE\na,1\n", "byte order mark"),
        ("a.csv", b"R,VALUE\na,1,2\n", "not as many fields"),
        ("a.csv", b'R,VALUE\n"a,1\n', "line"),
        ("a.csv", b"R,R,VALUE\na,b,1\n", "each column once"),
        ("a.csv", b"R,,VALUE\na,b,1\n", "each column once"),
        ("a.csv", b"R,VALUE\n", "no line below the header"),
        ("a.csv", b"", "each column once"),
        ("a.parquet", b"PAR1 and no more", "not readable as Parquet"),
    ],
)
def test_what_is_no_table_is_refused_in_one_line(tmp_path: Path, name: str, data: bytes, told: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(FormatError, match=name.replace(".", r"\.")) as refused:
        cell_files.read(tmp_path / name)
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        cell_files.read(tmp_path / "a.csv")


def test_a_million_columns_are_refused_before_anything_is_made_of_them(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(",".join(f"c{at}" for at in range(1_000_000)) + "\n")
    with pytest.raises(FormatError, match="more columns than a table has"):
        cell_files.read(tmp_path / "a.csv")
