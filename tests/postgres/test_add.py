"""A table of PostgreSQL on the command line, set up as docs/sources.md says: named, drafted, bound and checked."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from comity import canon
from comity.adapters.tables.counting import NationalTables
from comity.cli.main import run
from comity.services.node import sources
from comity.services.node.doctor import doctor
from tests import sample
from tests.conftest import ROOT
from tests.postgres.server import Server

PASSWORD = "a long password of its own"
PEOPLE = """
DROP SCHEMA IF EXISTS survey CASCADE; DROP ROLE IF EXISTS comity_reader; CREATE SCHEMA survey;
CREATE TABLE survey.people (person int, wave int, answer text, sex text, name text);
INSERT INTO survey.people VALUES (1, 6, '1', 'M', 'Ada'), (2, 6, '2', 'F', 'Ben'), (3, 6, '3', 'X', 'Cy'), (4, 6, NULL, 'F', 'Di');
COMMENT ON COLUMN survey.people.answer IS 'Trust in courts'
"""  # noqa: E501


@pytest.fixture
def place(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """A new node, and a database as the page has it; the address."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "norm.json").write_bytes(canon.encode(sample.norm()))
    (tmp_path / "secret").write_text(PASSWORD)
    (tmp_path / "secret").chmod(0o600)
    says(capsys, "node init --home office --id aa --area 002")
    with server.office() as office:
        office.execute(PEOPLE)  # type: ignore[call-overload]
        for statements in re.findall(r"```sql\n(.*?)```", (ROOT / "docs" / "sources.md").read_text("utf-8"), re.DOTALL):
            office.execute(statements)
    return server.address("comity_reader")


def says(capsys: pytest.CaptureFixture[str], words: str, *more: str, code: int = 0) -> Any:
    """What a command prints as JSON; of a failing one its one line."""
    found = run([*words.split(), *more, "--json"])
    out = capsys.readouterr()
    assert code == found, out.err + out.out
    assert PASSWORD not in out.err + out.out
    return out.err if code and not out.out.startswith("{") else json.loads(out.out)


def test_a_table_is_named_drafted_bound_and_checked(place: str, capsys: pytest.CaptureFixture[str]) -> None:
    table = ("--table", "survey.people", "--secret", "secret")
    added = says(capsys, f"source add {place} --id census --home office", *table)
    assert ("postgresql", "survey.people", place) == tuple(added[name] for name in ("format", "table", "file"))
    drafted = says(capsys, f"source propose {place} --norm norm.json --out binding.toml", *table)
    assert "person" == drafted["columns"]["PERSON"]
    Path("binding.toml").write_text(
        'id = "home"\nversion = "1"\nnorm = "TRUST/1.0.0"\n'
        '[[maps]]\nvariable = "PERSON"\ncolumn = "person"\n[[maps]]\nvariable = "WAVE"\ncolumn = "wave"\n'
        '[[maps]]\nvariable = "Q1"\ncolumn = "answer"\n[[maps]]\nvariable = "Q2"\ncolumn = "sex"\n'
    )
    says(capsys, "source bind binding.toml --home office")
    told = says(capsys, "source check --norm norm.json --home office", code=3)
    assert (4, 2, 1, 1) == tuple(told[name] for name in ("rows", "counted", "missing", "outside"))
    assert ({"Q2": {"X": 1}}, True) == (told["unmapped"], told["row-is-a-person"])
    kept = Path("office/sources.toml").read_text()
    assert str(Path("secret").resolve()) in kept
    assert PASSWORD not in kept


def test_the_doctor_asks_the_database(server: Server, place: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A role that may write by now is told before the next count would be refused."""
    says(capsys, f"source add {place} --table survey.people --secret secret --id census --home office")
    assert (True, "1 named; not checked yet: census") == doctored()
    with server.office() as office:
        office.execute("GRANT DELETE ON survey.people TO comity_reader")
    well, line = doctored()
    assert (False, "census: the role may write") == (well, line.partition(";")[0])


def test_the_doctor_reads_all_rows_of_a_database_where_it_is_asked_to(
    server: Server, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another answer of one person is another vintage; rows stay where they are."""
    says(capsys, f"source add {place} --table survey.people --secret secret --id census --home office")
    entry = sources.named(Path("office"), "census")
    vintage = NationalTables().engine(entry.source).vintage(entry.source)
    sources.put(Path("office"), replace(entry, source=replace(entry.source, vintage=vintage)))
    assert (True, True) == (doctored("vintages")[0], doctored("vintages", deep=True)[0])
    assert doctored("vintages")[1].endswith("all rows must be read for census: --deep")
    with server.office() as office:
        office.execute("UPDATE survey.people SET answer = '4' WHERE person = 1")
    assert doctored("vintages")[0]
    well, line = doctored("vintages", deep=True)
    assert (False, "census: not the data that were checked") == (well, line.partition(": nothing")[0])
    assert not [name for name in ("Ada", "Ben") if name in line]


def doctored(name: str = "sources", *, deep: bool = False) -> tuple[bool, str]:
    """What the doctor says of the sources."""
    return next((check.ok, check.line) for check in doctor(Path("office"), deep=deep) if check.name == name)


def test_a_column_comment_is_its_label(server: Server, place: str) -> None:
    from comity.adapters.tables.postgres import PostgreSQL
    from comity.services.node import origin

    source = origin.source("census", place, table="survey.people", secret=Path("secret"))
    assert {"answer": "Trust in courts"} == {one.name: one.text for one in PostgreSQL().labels(source)}


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        (("--table", "survey.people"), 4, "no session with the database"),
        (("--secret", "secret"), 2, "which table is not said"),
        (("--table", "survey.nobody", "--secret", "secret"), 3, "no such table"),
        (("--table", "survey.people", "--secret", "elsewhere"), 2, "the secret cannot be read"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_line(
    place: str, capsys: pytest.CaptureFixture[str], more: tuple[str, ...], code: int, said: str
) -> None:
    line = says(capsys, f"source add {place} --id census --home office", *more, code=code)
    assert said in line
    assert 1 == line.count("\n")
    assert [] == says_list(capsys)


def test_a_password_in_the_address_is_refused_and_not_repeated(place: str, capsys: pytest.CaptureFixture[str]) -> None:
    address = place.replace("comity_reader@", "comity_reader:hunter2@")
    line = says(capsys, f"source add {address} --id census --table survey.people --home office", code=2)
    assert "a password stands in the address" in line
    assert "hunter2" not in line


def says_list(capsys: pytest.CaptureFixture[str]) -> Any:
    assert 0 == run(["source", "list", "--home", "office", "--json"])
    return json.loads(capsys.readouterr().out)
