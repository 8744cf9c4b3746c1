"""`comity reproduce` prints the parts of a release and ends in a line that a stranger understands."""

import json
from pathlib import Path

import pytest

from comity.cli.main import run
from comity.stages.publish import folder
from tests.builders.release import made


@pytest.fixture
def release(tmp_path: Path) -> Path:
    place = tmp_path / "release"
    for path, body in made().folder.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_bytes(body)
    return place


def test_it_says_that_all_parts_are_equal(release: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == run(["reproduce", str(release), "--out", str(release.parent / "again")])
    head, total, *_, last = capsys.readouterr().out.splitlines()
    assert ["Part", "Result", "What", "was", "made", "again"] == head.split()
    assert total.startswith("sum  ")
    assert "all 8 parts are equal, byte for byte" == last
    written = {path.name: path.read_bytes() for path in (release.parent / "again").iterdir()}
    assert dict(made().files) == written


def test_it_names_what_differs_and_exits_with_1(release: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (release / folder.CSV).write_bytes(b"STRUCTURE\n")
    assert 1 == run(["reproduce", str(release)])
    lines = capsys.readouterr().out.splitlines()
    assert ["figures.csv", "DIFFERS"] == next(line.split()[:2] for line in lines if line.startswith("figures.csv"))
    assert "1 of 8 parts are not equal: figures.csv" == lines[-1]


def test_json_holds_the_same(release: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == run(["reproduce", str(release), "--json"])
    told = json.loads(capsys.readouterr().out)
    assert (True, 8) == (told["equal"], len(told["parts"]))


def test_an_existing_folder_is_not_written_to(release: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 2 == run(["reproduce", str(release), "--out", str(release)])
    assert "is there already" in capsys.readouterr().err
