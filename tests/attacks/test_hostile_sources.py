"""Files of microdata made to harm: each ends in one line of ours, soon, names no row, and leaves nothing half-added.

Where a guard can be taken away simply, the same file is read without it, and does its harm.
"""

import functools
import io
import re
import signal
import struct
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from comity.adapters.microdata import apart, labelled, limits, opening, workbook
from comity.adapters.tables.counting import NationalTables
from comity.errors import ComityError, SourceError
from comity.services.node import intake, setup, sources
from tests.builders import microdata, numbers
from tests.builders.microdata import source

TABLES = NationalTables(threads=1)
ROWS = [["uid", "wave"], [1, 6], [2, 6]]
SHEET = "xl/worksheets/sheet1.xml"


def rewritten(path: Path, part: str, change: Callable[[bytes], bytes], **more: bytes) -> Path:
    """A workbook with one part changed, and parts added."""
    with zipfile.ZipFile(path) as old:
        parts = {one.filename: old.read(one) for one in old.infolist()}
    parts[part] = change(parts[part])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in {**parts, **{name.replace("__", "/"): data for name, data in more.items()}}.items():
            new.writestr(name, data)
    return path


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return microdata.workbook(tmp_path / "people.xlsx", ROWS)


def told(act: Callable[[], object], within: float = 20) -> str:
    begun = time.monotonic()
    with pytest.raises(ComityError) as e:
        act()
    assert time.monotonic() - begun < within
    line = str(e.value)
    assert "\n" not in line
    assert 3 == e.value.exit
    return line


def test_a_bomb_is_refused_before_anything_is_unpacked(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few hundred kilobytes that claim to be gigabytes; the claim holds, since `zipfile` unpacks no more than it."""
    texts = {"xl__sharedStrings.xml": bytes(workbook.TEXTS + 1)}
    bomb = rewritten(book, SHEET, lambda sheet: sheet, **texts)
    assert bomb.stat().st_size < 2**19
    assert "unpacks to more than is read" in told(lambda: workbook.header(bomb, "", where="home"), within=2)
    small = microdata.workbook(book.parent / "small.xlsx", [["uid", "wave"], *([i, f"text {i}"] for i in range(3_000))])
    monkeypatch.setattr(workbook, "SHEET", 2**16)
    assert "unpacks to more than is read" in told(lambda: workbook.read(small, "", ["wave"], where="home"))
    monkeypatch.setattr(workbook, "_bounded", lambda parts, where: None)
    assert 3_000 == workbook.read(small, "", ["wave"], where="home").num_rows  # the guard alone kept it out


def test_a_part_that_lies_of_its_size_is_refused(book: Path) -> None:
    """The directory says little, the part holds much."""
    data = bytearray(rewritten(book, SHEET, lambda sheet: sheet + b"<!-- -->" * 10**6).read_bytes())
    with zipfile.ZipFile(book) as archive:
        size = archive.getinfo(SHEET).file_size
    for at in [found.start() for found in re.finditer(re.escape(struct.pack("<I", size)), bytes(data))]:
        data[at : at + 4] = struct.pack("<I", 500)
    book.write_bytes(bytes(data))
    assert "not readable as xlsx" in told(lambda: workbook.read(book, "", ["uid"], where="home"))


LAUGHS = (
    b'<!DOCTYPE x [<!ENTITY a0 "ha">'
    + b"".join(b'<!ENTITY a%d "%s">' % (i, b"&a%d;" % (i - 1) * 10) for i in range(1, 8))
    + b"]>"
)


@pytest.mark.parametrize(
    ("kind", "part"),
    [("entities", SHEET), ("entities late", SHEET), ("an outside file", "xl/styles.xml"), ("UTF-16", SHEET)],
)
def test_xml_that_is_more_than_elements_is_refused(kind: str, part: str, book: Path) -> None:
    heads = {
        "entities": LAUGHS,
        "entities late": b"<!-- " + b" <a " * 4_000 + b"-->" + LAUGHS,
        "an outside file": b'<!DOCTYPE x SYSTEM "file:///etc/passwd">',
    }

    def change(xml: bytes) -> bytes:
        body = xml.partition(b"?>")[2] if xml.startswith(b"<?xml") else xml
        return body.decode().encode("utf-16") if kind == "UTF-16" else heads[kind] + body

    assert "no plain XML" in told(lambda: workbook.header(rewritten(book, part, change), "", where="home"))


def test_rows_and_columns_that_a_sheet_only_claims_cost_nothing(book: Path) -> None:
    """One row of number 999,999,999: the library makes all those between."""
    far = b'<row r="999999999"><c r="A999999999"><v>1</v></c></row></sheetData>'
    rewritten(book, SHEET, lambda sheet: sheet.replace(b"</sheetData>", far))
    assert "too many cells" in told(lambda: workbook.read(book, "", ["uid"], where="home"))
    wide = microdata.workbook(book.parent / "wide.xlsx", [[f"c{i}" for i in range(10_000)], [1]])
    assert "too many columns; found 10000" in told(lambda: workbook.header(wide, "", where="home"))


@pytest.mark.parametrize("form", ["parquet", "csv", "sav", "dta", "duckdb"])
def test_more_columns_than_are_read_are_refused_in_any_format(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten thousand in truth, which takes long to write."""
    monkeypatch.setattr(limits, "COLUMNS", 100)
    (path,) = microdata.write(tmp_path, {f"c{i}": [1] for i in range(101)}, formats=(form,))
    if form in labelled.FORMS:
        assert "too many columns; found 101" in told(lambda: labelled.described(path, form, where="home"))
    else:
        assert "too many columns; found 101" in told(lambda: TABLES.columns(source(path)))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([["uid", "wave"], [1, "=1+1"]], "wave: a formula without a value; found row 2"),
        ([["uid", "wave"], [1, "#REF!"]], "wave: an error in place of a value; found #REF! in row 2"),
        ([["uid", "wave"], [1, 6], [2, "six"]], "wave: values of two kinds"),
        ([["uid", "wave"], [1, 6, "Anna"]], "a value beside the header; found row 2"),
        ([["uid", None, "wave"], [1, 2, 6]], "a column has no name of its own; found column 2"),
        ([["uid", "wave", "UID"], [1, 6, 2]], "a column has no name of its own; found uid twice"),
        ([["uid", 2020], [1, 6]], "not a header: a name is no text; found 2020"),
        ([], "no column"),
    ],
)
def test_a_sheet_that_is_no_table_is_one_line(rows: list[list[object]], said: str, tmp_path: Path) -> None:
    path = microdata.workbook(tmp_path / "people.xlsx", rows)
    line = told(lambda: workbook.read(path, "", workbook.header(path, "", where="home"), where="home"))
    assert said in line
    assert "Anna" not in line
    assert "six" not in line


def test_a_formula_without_a_value_would_be_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the guard the cell is empty, and a person is left out in silence."""
    path = microdata.workbook(tmp_path / "people.xlsx", [["uid", "wave"], [1, 6], [2, "=5+1"]])
    assert "formula" in told(lambda: workbook.read(path, "", ["wave"], where="home"))
    monkeypatch.setattr(workbook, "_has_formulas", lambda path: False)
    assert [6, None] == workbook.read(path, "", ["wave"], where="home")["wave"].to_pylist()


def test_what_is_not_what_its_name_says_is_not_added(tmp_path: Path) -> None:
    """Encrypted, with macros, of another format, cut, or nothing: and no source is named."""
    home = tmp_path / "office"
    setup.init(home, id="aa", area="002")
    xlsx, sav, dta, base = microdata.write(tmp_path, {"uid": [1], "s": ["é"]}, formats=("xlsx", "sav", "dta", "duckdb"))
    macros = io.BytesIO(xlsx.read_bytes())
    with zipfile.ZipFile(macros, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macro")
    hostile = {
        "ole.xlsx": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "encrypted"),
        "macros.xlsx": (macros.getvalue(), "a workbook with macros"),
        "text.xlsx": (b"uid,wave\n1,6\n" * 9, "not a whole xlsx file"),
        "cut.xlsx": (xlsx.read_bytes()[:-30], "not readable as xlsx"),
        "secret.sav": (b"\x1c" + bytes(7) + b"ENCRYPTEDSAV" + bytes(600), "encrypted"),
        "cut.sav": (sav.read_bytes()[:300], "not readable as"),
        "cut.dta": (dta.read_bytes()[:300], "not readable as"),
        "zeros.sas7bdat": (bytes(4096), "not a whole sas7bdat file"),
        "head.sas7bdat": (bytes(12) + bytes.fromhex("c2ea8160b31411cfbd920800 09c7318c181f1011") + bytes(4096), "not"),
        "cut.duckdb": (base.read_bytes()[:5_000], "not readable as duckdb"),
    }
    for name, (data, said) in hostile.items():
        path = tmp_path / name
        path.write_bytes(data)
        line = told(functools.partial(intake.add_source, home, "bad", path))
        assert said in line, name
    assert () == sources.read(home)


@pytest.mark.parametrize("form", ["csv", "sav", "dta"])
def test_text_in_another_encoding_than_the_file_says_is_refused(form: str, tmp_path: Path) -> None:
    (path,) = microdata.write(tmp_path, {"uid": [1], "s": ["éx"]}, formats=(form,))
    data = path.read_bytes().replace("éx".encode(), "éx ".encode("latin-1"))
    path.write_bytes(data)
    assert "not readable as" in told(lambda: TABLES.described(source(path)))


def test_a_file_that_crashes_its_reader_is_one_line(tmp_path: Path) -> None:
    """A text of SPSS that claims to be wider than it is: a label is then of no variable, and the reader dies."""
    columns = {"s": ["xx"], "q": [1.0]}
    path = microdata.labelled(tmp_path / "people.sav", columns, labels={}, values={"q": {1: "one"}}, missing={})
    data = path.read_bytes()
    record = struct.pack("<ii", 2, 2)  # a variable; a text of two bytes
    path.write_bytes(data[:176] + data[176:].replace(record, struct.pack("<ii", 2, 128), 1))  # behind the header
    assert "a file that its reader does not survive" in told(lambda: opening.inspect(source(path)))
    alone = f"import pyreadstat; pyreadstat.read_sav({str(path)!r}, metadataonly=True)"
    assert -signal.SIGSEGV == subprocess.run([sys.executable, "-c", alone], check=False, capture_output=True).returncode


def test_a_process_that_reads_has_little_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And says so; the process that asked is as it was."""
    (path,) = microdata.write(tmp_path, {"uid": [1], "wave": [6]}, formats=("sav",))
    small = apart.COMMAND.replace("from comity.adapters.microdata.apart import serve", SMALL)
    monkeypatch.setattr(apart, "COMMAND", small)
    assert "not readable as" in told(lambda: opening.inspect(source(path)))


SMALL = "from comity.adapters.microdata import apart; apart.MEMORY = 2**26; serve = apart.serve"


def test_more_than_is_held_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (path,) = microdata.write(tmp_path, {"uid": list(range(100))}, formats=("sav",))
    monkeypatch.setattr(limits, "HELD", 500)
    with pytest.raises(SourceError, match=r"too large for a format that is read into memory.*write it as Parquet"):
        labelled.read(path, "sav", ["uid"], where="home")


def test_a_database_that_reaches_out_reaches_nothing(tmp_path: Path) -> None:
    """A view that reads another file is no table; a log beside the file may change what it says."""
    path = tmp_path / "people.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE people AS SELECT 1 AS uid")
        connection.execute("CREATE VIEW passwd AS SELECT * FROM read_csv('/etc/passwd', sep=':', header=false)")
        assert connection.execute("SELECT count(*) FROM passwd").fetchone() != (0,)
    assert "no such table" in told(lambda: TABLES.columns(source(path, table="passwd")))
    name = 'people" UNION ALL SELECT 1 FROM passwd --'
    assert "no such table" in told(lambda: TABLES.columns(source(path, table=name)))
    (tmp_path / "people.duckdb.wal").write_bytes(b"more")
    assert "a write-ahead log stands beside it" in told(lambda: TABLES.columns(source(path)))


@pytest.mark.parametrize("name", ["comity:unit", "comity:weight", "comity:number:y", "comity:key"])
def test_a_column_that_is_called_like_one_of_ours_is_refused(name: str, tmp_path: Path) -> None:
    """It would stand in the place of a person's id, weight or number."""
    norm = numbers.norm({"R": ["A"]}, {"n": 0, "w": 0, "wy": 0, "wyy": 0}, y="0 9")
    rows, study = [{"PERSON": "1", name: "A", "y": "1"}], numbers.study(norm, "mean", y="y")
    line = told(lambda: numbers.counted(tmp_path, rows, norm, study, columns={"V_R": name}))
    assert "a name that Comity keeps for its own" in line


def test_names_of_columns_and_dimensions_are_names_alone(tmp_path: Path) -> None:
    """Words of Python's calls, and SQL."""
    for name in ("self", "by", "having", "c0", "a\"b'); DROP TABLE source; --"):
        norm = numbers.norm({name: ["A", "B"]}, {"n": 0, "w": 0, "wy": 0, "wyy": 0}, y="0 9")
        rows = [{"PERSON": str(i), name: "A", "y": "3"} for i in range(3)]
        cube = numbers.counted(tmp_path, rows, norm, numbers.study(norm, "mean", y="y"), columns={f"V_{name}": name})
        assert [3, 0, 3, 0, 9, 0, 27, 0] == cube.values.tolist()
