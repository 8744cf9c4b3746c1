"""Norms on the command line, without any hub: from an author's folder to what is voted on, checked, and handed on."""

import json
from pathlib import Path
from typing import Any

import pytest

from comity import canon
from comity.cli.main import run
from comity.stages.export import ddi, xlsform
from tests.builders import norms


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an author's norm, a second version in which a code is gone, and an outside file."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COMITY_HOME", raising=False)
    write(tmp_path / "norm", norms.FILES)
    later = norms.TOML.replace('version = "1.0.0"', 'version = "1.1.0"\nreplaces = "AIR/1.0.0"', 1)
    later += '\n[[map_from_previous]]\ncodelist = "CL_BAD"\ncode = "NONE"\nbreaks = true\n'
    codes = norms.FILES["codes/CL_BAD.csv"].replace(b"NONE,none,jamais,,\n", b"")
    write(tmp_path / "later", {**norms.FILES, "norm.toml": later.encode(), "codes/CL_BAD.csv": codes})
    (tmp_path / "outside.xml").write_bytes(b"<Structure/>")
    return tmp_path


def write(folder: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def says(capsys: pytest.CaptureFixture[str], words: str, *more: str, code: int = 0) -> Any:
    """What a command prints as JSON; of a failing one the error."""
    found = run([*words.split(), *more, "--json"])
    out = capsys.readouterr()
    assert code == found, out.err + out.out
    return json.loads(out.err.splitlines()[-1] if code else out.out)


def test_a_folder_that_is_packed_unpacks_to_one_that_packs_to_the_same(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    packed = says(capsys, "norm pack norm --out norm.json")
    says(capsys, "norm unpack norm.json --out again")
    assert packed["digest"] == says(capsys, "norm pack again --out again.json")["digest"] == norms.norm().digest
    assert (place / "norm.json").read_bytes() == (place / "again.json").read_bytes()
    told = says(capsys, "norm unpack norm.json --out again", code=2)
    assert "is there already" in told["message"]


def test_a_norm_is_checked_as_folder_and_as_bundle(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    says(capsys, "norm pack norm --out norm.json")
    assert says(capsys, "norm check norm") == says(capsys, "norm check norm.json")
    (place / "bad.json").write_bytes((place / "norm.json").read_bytes().replace(b'"of":["DAYS"]', b'"of":["WEEK"]'))
    assert "is about 'WEEK'" in says(capsys, "norm check bad.json", code=3)["message"]


def test_a_removed_code_passed_off_as_minor_is_no(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = says(capsys, "norm check later --against norm", code=1)
    assert "code CL_BAD.NONE is gone: that is a major change of AIR/1.0.0, and 1.1.0 says minor" in told["message"]
    toml = place / "later" / "norm.toml"
    toml.write_text(toml.read_text().replace('version = "1.1.0"', 'version = "2.0.0"', 1))
    found = says(capsys, "norm check later --against norm")
    assert ("AIR/2.0.0", "AIR/1.0.0", "major") == (found["norm"], found["replaces"], found["change"])


def test_what_changed_is_told_in_plain_words(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = says(capsys, "norm diff norm later")
    wanted = [("major", "code CL_BAD.NONE is gone"), ("patch", "the norm: another map from previous")]
    assert wanted == [(row["change"], row["what"]) for row in rows]
    assert [] == says(capsys, "norm diff norm norm")


def test_a_norm_is_handed_on_as_a_codebook_and_as_a_form(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    says(capsys, "norm export ddi norm --out codebook.xml")
    says(capsys, "norm export xlsform norm --out form.xlsx")
    assert ddi.codebook(norms.norm()) == (place / "codebook.xml").read_bytes()
    assert xlsform.workbook(norms.norm()) == (place / "form.xlsx").read_bytes()
    assert 2 == run(["norm", "export", "pdf", "norm", "--out", "x"])


def test_a_page_says_in_words_what_is_asked(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == run(["norm", "show", "norm"])
    page = capsys.readouterr().out
    assert "AIR/1.0.0: Days of bad air, by sex\n  Related to 11.6; follows World Health Organization 2021" in page
    assert "  Q2: On how many days?\n      only if OUT is SOME or MUCH\n      gives DAYS (0.5 to 366)" in page
    assert "R3: SEX.F, SEX.M add up to SEX._T; a breach is refused" in page
    assert "R5: n changes by no more than a share of 0.25 from one period to the next; a breach is explained" in page
    assert 1 == page.count(norms.norm().digest)


def test_an_outside_norm_is_recognised_by_its_bytes(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = "norm recognise --file outside.xml --id SDG_DSD --version 1.4 --authority IAEG-SDGs --retrieved 2024-02-29"
    more = ["--title", "SDG data structure", "--licence", "UN terms", "--address", "https://unstats.example/dsd.xml"]
    told = says(capsys, f"{words} --out recognised.json", *more)
    assert (canon.digest(b"<Structure/>"), 12) == (told["digest"], told["bytes"])
    assert told["record"] == canon.digest((place / "recognised.json").read_bytes())
    found = says(capsys, "norm recognised outside.xml --record recognised.json")
    assert ("SDG_DSD/1.4", "IAEG-SDGs") == (found["recognised"], found["authority"])
    (place / "outside.xml").write_bytes(b"<Structure />")
    refused = says(capsys, "norm recognised outside.xml --record recognised.json", code=1)
    assert "not an outside norm that the members recognised" in refused["message"]
    assert 2 == run(["norm", "recognised", "outside.xml"])


def test_a_record_that_nobody_could_check_by_is_not_written(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = "norm recognise --file outside.xml --id SDG_DSD --version 1.4 --authority A --title T --licence L"
    told = says(capsys, f"{words} --retrieved 31.1.2024 --address https://a.example --out recognised.json", code=3)
    assert "retrieved is no date" in told["message"]
    assert not (place / "recognised.json").exists()


@pytest.mark.parametrize("name", ["norm.toml", "codes/CL_BAD.csv", "codes"])
def test_a_link_in_a_folder_of_somebody_else_is_not_followed(
    place: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """Or a file of this office would become public as a list of codes."""
    (place / "norm" / name).rename(place / "elsewhere")
    (place / "norm" / name).symlink_to(place / "elsewhere")
    told = says(capsys, "norm pack norm --out norm.json", code=3)
    assert "a link" in told["message"]
    assert not (place / "norm.json").exists()


def test_a_folder_that_is_reached_by_a_link_is_read(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "mine").symlink_to(place / "norm")
    assert says(capsys, "norm check norm") == says(capsys, "norm check mine")
