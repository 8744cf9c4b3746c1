"""Sources on the command line: rasters to the table that would leave, microdata to their coverage."""

import json
from pathlib import Path
from typing import Any

import pytest

from comity import canon
from comity.cli.main import run
from tests import sample
from tests.builders import microdata, producer
from tests.builders.offices import BINDING

CHANGE = producer.study("2020-2021", {"from": producer.PRODUCTS[0], "to": producer.PRODUCTS[1]})


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A folder with maps, norm, study, binding, and a producer's new node in it."""
    monkeypatch.chdir(tmp_path)
    producer.write(tmp_path)
    (tmp_path / "norm.json").write_bytes(canon.encode(producer.norm()))
    (tmp_path / "study.json").write_bytes(canon.encode(CHANGE))
    (tmp_path / "binding.toml").write_text(producer.BINDING)
    (tmp_path / "policy.toml").write_text(producer.POLICY)
    told = says(capsys, "node init --home maps --id maps --area 002 --role producer")
    assert ("producer", 0) == (told["role"], json.loads((tmp_path / "maps" / "party.json").read_text())["weight"])
    says(capsys, "policy install policy.toml --home maps")
    return tmp_path


def says(capsys: pytest.CaptureFixture[str], words: str, *more: str, code: int = 0) -> Any:
    """What a command prints as JSON; of a failing one the error."""
    found = run([*words.split(), *more, "--json"])
    out = capsys.readouterr()
    assert code == found, out.err + out.out
    lines = [line for line in (out.err if code else out.out).splitlines() if line.startswith(("{", "["))]
    return json.loads(lines[-1] if code else out.out)


def layers(capsys: pytest.CaptureFixture[str]) -> None:
    for year, product in zip(("2020", "2021"), producer.PRODUCTS, strict=True):
        says(capsys, f"source add lc-{year}.tif --id land --layer lc-{year} --home maps", "--product", product)
    says(capsys, "source add zones.geojson --id land --layer zones --field region --home maps")
    says(capsys, "source add sample-2021.csv --id land --layer sample-2021 --home maps")
    says(capsys, "source bind binding.toml --home maps")


def test_zones_off_the_maps_are_no_yes(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The check says what the node would say: it answers no area that the maps do not show whole."""
    layers(capsys)
    text = (place / "zones.geojson").read_text("utf-8")
    (place / "zones.geojson").write_text(text.replace('"W"', '"WEST"'), "utf-8")
    says(capsys, "source add zones.geojson --id land --layer zones --field region --home maps")
    assert 3 == run(["source", "check", "--norm", "norm.json", "--home", "maps"])
    assert "zones of the norm have no polygon; found none for W" in capsys.readouterr().err.splitlines()[-1]


def test_from_files_to_the_table_that_would_leave(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    layers(capsys)
    rows = says(capsys, "source list --home maps")
    digest = canon.digest((place / "lc-2020.tif").read_bytes())
    assert ["lc-2020", "lc-2021", "zones", "sample-2021"] == [row["layer"] for row in rows]
    assert (producer.PRODUCTS[0], digest) == (rows[0]["product"], rows[0]["digest"])
    checked = says(capsys, "source check --norm norm.json --home maps")
    assert {"lc-2020": "0.09", "lc-2021": "0.09"} == checked["without-class-percent"]
    assert ([], {}) == (checked["zones-beyond-maps"], checked["zones-overlapping-m2"])
    dry = says(capsys, "dry-run study.json --norm norm.json --home maps")
    found = {(cell["measure"], *cell["key"]): cell["published"] for cell in dry["cells"]}
    truth = producer.square_metres(producer.WEST, producer.BORDER, (0, 10))
    area = found["area", "W", "TREE", "TREE"]
    assert truth == pytest.approx(area, abs=1)
    assert 0 == run(["dry-run", "study.json", "--norm", "norm.json", "--home", "maps"])
    assert f"{area // 10**6}.{area % 10**6:06}" in capsys.readouterr().out  # square kilometres, as published


def test_a_legend_value_that_is_not_mapped_is_exit_3(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    values = producer.cover(10)
    values[0, :7] = 20
    producer.raster(place / "lc-2021.tif", values)
    layers(capsys)
    assert 3 == run(["source", "check", "--norm", "norm.json", "--home", "maps"])
    told = capsys.readouterr().err
    assert "14 of 176000 cells hold a code outside the list" in told
    assert "'20' (7 cells)" in told


def test_the_refusal_of_a_map_is_one_line_with_the_way_out(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    producer.raster(place / "bare.tif", producer.cover(10), nodata=None)
    words = "source add bare.tif --id land --layer bare --product x --home maps"
    assert 3 == run(words.split())
    (line,) = capsys.readouterr().err.splitlines()
    assert "no nodata value" in line
    assert "way out: gdal_translate -a_nodata" in line


def test_a_role_that_nobody_has_is_refused(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 2 == run(["node", "init", "--home", "other", "--id", "aa", "--area", "002", "--role", "king"])
    assert "wanted member, custodian, observer, candidate, producer" in capsys.readouterr().err
    assert not (place / "other").exists()


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A folder with a norm, and a member's new node in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "norm.json").write_bytes(canon.encode(sample.norm()))
    says(capsys, "node init --home office --id aa --area 002")
    return tmp_path


def test_from_a_file_of_spss_to_its_coverage(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Drafted by its labels, refused while a point is open, decided by the officer, bound and checked."""
    people = {"person": [1, 2, 3, 4], "wave": [6, 6, 6, 6], "v12": [1, 2, -1, 4], "v240": [1, 2, 9, 3]}
    microdata.labelled(
        office / "people.sav",
        people,
        labels={"v12": "Answer", "v240": "Sex"},
        values={"v240": {1: "male", 2: "Female", 9: "Refused", 3: "Diverse"}},
        missing={"v12": [-1], "v240": [9]},
    )
    drafted = says(capsys, "source propose people.sav --norm norm.json --out binding.toml --id home")
    assert {"PERSON": "person", "WAVE": "wave", "Q1": "v12", "Q2": "v240"} == drafted["columns"]
    assert ["Q2: '3' (Diverse) is no code of CL_SEX"] == drafted["open"]
    assert "exists" in str(says(capsys, "source propose people.sav --norm norm.json --out binding.toml", code=2))
    says(capsys, "source add people.sav --id survey --home office")
    assert "points are open" in str(says(capsys, "source bind binding.toml --home office", code=2))
    text = (office / "binding.toml").read_text("utf-8")
    head, _, tail = text.partition("open = [")
    (office / "binding.toml").write_text(head + tail.partition("]\n")[2], "utf-8")
    says(capsys, "source bind binding.toml --home office")
    assert 3 == run(["source", "check", "--norm", "norm.json", "--home", "office", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert (4, 2, 1, 1) == tuple(told[name] for name in ("rows", "counted", "missing", "outside"))
    assert ({"Q2": {"3": 1}}, True) == (told["unmapped"], told["row-is-a-person"])
    assert {"Q1": "25.0", "Q2": "25.0"} == told["missing-percent"]


def test_a_weight_with_commas_for_points_is_no_yes(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every row would be missing, though each code is on its list."""
    (office / "people.csv").write_text('uid,wave,q42,sex,pw\n1,6,1,1,"250,08"\n2,6,2,2,"17,5"\n', "utf-8")
    (office / "binding.toml").write_text('weight = "pw"\n' + BINDING, "utf-8")
    says(capsys, "source add people.csv --id home --home office")
    says(capsys, "source bind binding.toml --home office")
    line = str(says(capsys, "source check --norm norm.json --home office", code=3))
    assert "source home: not one row has a weight; found 2 rows without a number" in line


@pytest.mark.parametrize("data", [b"a,b\r\n1,2\r\n3,4\n", b"a,b\n1,\xff\n", b"a,b\n1,2\n3\n"])
def test_a_broken_file_is_named_where_a_draft_is_wanted(
    office: Path, capsys: pytest.CaptureFixture[str], data: bytes
) -> None:
    """Two kinds of line end, bytes that are no UTF-8, a row that is too short: what is wanted says which it may be."""
    (office / "people.csv").write_bytes(data)
    line = str(says(capsys, "source propose people.csv --norm norm.json --out binding.toml", code=3))
    assert "people.csv: not readable as csv" in line
    assert "wanted UTF-8, one kind of line end, each row as long as the header" in line
    assert not (office / "binding.toml").exists()


def test_each_open_point_of_a_draft_is_a_line_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "norm.json").write_bytes(canon.encode(sample.norm()))
    (tmp_path / "people.csv").write_text("a,b\n1,2\n")
    assert 0 == run(["source", "propose", "people.csv", "--norm", "norm.json", "--out", "binding.toml"])
    lines = capsys.readouterr().out.splitlines()
    wanted = [f"- {variable}: name the column: no column is like it" for variable in ("PERSON", "WAVE", "Q1", "Q2")]
    assert wanted == lines[-4:]
    assert ["open", "4"] == lines[3].split()


def test_a_sheet_is_named_and_listed(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [["uid", "wave", "q42", "sex"], [1, 6, "1", 1]]
    microdata.workbook(office / "people.xlsx", rows, more=("notes",))
    said = str(says(capsys, "source add people.xlsx --id survey --home office", code=3))
    assert "which sheet is not clear; found people, notes" in said
    assert [] == says(capsys, "source list --home office")
    says(capsys, "source add people.xlsx --id survey --table people --home office")
    assert "people" == says(capsys, "source list --home office")[0]["table"]
    (office / "binding.toml").write_text(BINDING, "utf-8")
    says(capsys, "source bind binding.toml --home office")
    assert 1 == says(capsys, "source check --norm norm.json --home office")["counted"]


def test_a_check_tells_the_sample_and_show_the_vintages(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Person 2 stands in two rows, and has 3 of the 4 that all weights add up to.

    The last row is not of the universe; who it is of was drawn all the same, so that stratum b has two persons.
    """
    rows = ["1,6,1,1,1,a,h", "2,6,2,2,1,a,h", "2,6,2,2,2,a,h", "3,6,3,1,0,b,h", "4,6,3,1,9,b,x"]
    (office / "people.csv").write_text("\n".join(["uid,wave,q42,sex,pw,str,kind", *rows, ""]))
    head = 'weight = "pw"\ndesign = { strata = "str" }\nuniverse = [{ column = "kind", values = ["h"] }]\n'
    (office / "binding.toml").write_text(head + BINDING)
    says(capsys, "source add people.csv --id survey --home office")
    says(capsys, "source bind binding.toml --home office")
    told = says(capsys, "source check --norm norm.json --home office")
    assert (4, 1, 0, 1, False) == tuple(
        told[name]
        for name in ("rows", "outside-universe", "rows-without-id", "persons-in-several-rows", "row-is-a-person")
    )
    assert {"missing": 0, "negative": 0, "zero": 1, "sum": "4", "least": "0", "most": "2"} == told["weights"]
    assert "75" == told["largest-share-of-a-person-percent"]
    assert "refuses-variances" not in told
    shown = says(capsys, "source show --home office")
    digest = canon.digest((office / "people.csv").read_bytes())
    assert [(digest, 4, False)] == [(one["vintage"], one["rows"], one["row-is-a-person"]) for one in shown["vintages"]]
    assert told["vintage"] == digest
    assert [digest] == [row["vintage"] for row in says(capsys, "source list --home office")]
    assert 0 == run(["source", "show", "--home", "office"])
    assert digest in capsys.readouterr().out
