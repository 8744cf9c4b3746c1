"""A folder of Parquet files is one table of files that are alike; whatever is not so is refused in one line."""

import os
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from comity.adapters.tables.parquet_folder import ParquetFolder
from comity.errors import SourceError
from comity.model.source import SPARK, Source

ROWS = pa.table({"id": [1, 2], "sex": ["F", "M"]})


def source(path: Path) -> Source:
    return Source(id="home", path=str(path), format=SPARK, unique=False)


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """Two files, one of them in a partition, and beside them what Spark leaves there."""
    folder = tmp_path / "people"
    (folder / "year=2026").mkdir(parents=True)
    pq.write_table(ROWS, folder / "part-0.parquet")
    pq.write_table(ROWS, folder / "year=2026" / "part-1.parquet")
    (folder / "_SUCCESS").touch()
    (folder / ".part-0.parquet.crc").write_bytes(b"crc")
    (folder / "_temporary").mkdir()
    (folder / "_temporary" / "part-2.parquet").write_bytes(b"half")
    return folder


def test_what_begins_with_an_underscore_or_a_point_is_no_data(people: Path) -> None:
    names = [name for name, *_ in ParquetFolder.listed(source(people)).files]
    assert ["part-0.parquet", "year=2026/part-1.parquet"] == names


def test_one_file_is_a_folder_of_its_own_and_its_vintage_is_its_digest(people: Path) -> None:
    from hashlib import sha256

    path = people / "part-0.parquet"
    one = ParquetFolder.listed(source(path))
    assert (path,) == one.paths
    assert f"sha256:{sha256(path.read_bytes()).hexdigest()}" == one.vintage(where="home")


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "part-0.parquet").rename(folder / "part-9.parquet"),
        lambda folder: pq.write_table(ROWS.slice(1), folder / "part-0.parquet"),
        lambda folder: pq.write_table(ROWS, folder / "part-2.parquet"),
        lambda folder: (folder / "part-0.parquet").unlink(),
    ],
    ids=["renamed", "written again", "one more", "one less"],
)
def test_the_vintage_changes_with_any_name_and_any_byte(people: Path, change: Callable[[Path], object]) -> None:
    before = ParquetFolder.listed(source(people))
    vintage = before.vintage(where="home")
    assert vintage == ParquetFolder.listed(source(people)).vintage(where="home")
    change(people)
    after = ParquetFolder.listed(source(people))
    assert vintage != after.vintage(where="home")
    assert before != after


def test_a_file_that_is_gone_before_it_was_read_is_one_line(people: Path) -> None:
    listed = ParquetFolder.listed(source(people))
    (people / "part-0.parquet").unlink()
    with pytest.raises(SourceError, match=r"part-0\.parquet: No such file"):
        listed.vintage(where="home")


def test_a_file_that_was_written_again_with_the_same_bytes_is_seen(people: Path) -> None:
    """While it was read it may have been another one."""
    path, before = people / "part-0.parquet", ParquetFolder.listed(source(people))
    path.write_bytes(path.read_bytes())
    assert before != ParquetFolder.listed(source(people))


def linked(folder: Path) -> None:
    (folder / "part-7.parquet").symlink_to("/etc/hostname")


def linked_folder(folder: Path) -> None:
    (folder / "year=2027").symlink_to("/etc")


def other_columns(folder: Path) -> None:
    pq.write_table(ROWS.select(["id"]), folder / "part-7.parquet")


def other_types(folder: Path) -> None:
    pq.write_table(pa.table({"id": ["1"], "sex": ["F"]}), folder / "part-7.parquet")


def broken(folder: Path) -> None:
    (folder / "part-7.parquet").write_bytes(b"PAR1" + bytes(40) + b"PAR1")


def text(folder: Path) -> None:
    (folder / "readme.txt").write_text("people, by name")


def pattern(folder: Path) -> None:
    pq.write_table(ROWS, folder / "part-[7].parquet")


def empty(folder: Path) -> None:
    for path in folder.rglob("*.parquet"):
        path.unlink()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (linked, "a link in the folder"),
        (linked_folder, "a link in the folder"),
        (other_columns, "differ in their columns"),
        (other_types, "differ in their columns"),
        (broken, "not a whole parquet file"),
        (text, "not a whole parquet file"),
        (pattern, "a file name with a pattern in it"),
        (empty, "no file of data"),
    ],
)
def test_what_spark_would_take_for_something_else_is_refused(
    people: Path, change: Callable[[Path], None], said: str
) -> None:
    change(people)
    with pytest.raises(SourceError, match=said):
        ParquetFolder.listed(source(people)).alike(where="home")


def test_a_file_whose_time_is_set_back_is_another_one(people: Path) -> None:
    before = ParquetFolder.listed(source(people))
    path = before.paths[0]
    times = path.stat()
    path.write_bytes(bytes(reversed(path.read_bytes())))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert before != ParquetFolder.listed(source(people))


def test_a_folder_without_rows_is_refused(tmp_path: Path) -> None:
    pq.write_table(ROWS.slice(0, 0), tmp_path / "part-0.parquet")
    with pytest.raises(SourceError, match="no rows"):
        ParquetFolder.listed(source(tmp_path)).alike(where="home")


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be opened"):
        ParquetFolder.listed(source(tmp_path / "none"))
