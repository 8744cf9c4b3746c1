"""`comity register`: from published lists to a folder, its file, and what is asked of it; nothing is dropped unsaid."""

import json
from pathlib import Path
from typing import Any

import pytest

from comity.cli.main import run

TIERS = "Indicator,Custodian Agency(ies),Tier Classification\n1.1.1 Share of the poor,World Bank,Tier {}\n"
SERIES = [{"goal": ["1"], "target": ["1.1"], "indicator": ["1.1.1"], "code": "SI_POV", "description": "Poor"}]


class Scene:
    """Lists in a folder, and the command."""

    def __init__(self, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.place, self.capsys = place, capsys
        (place / "tiers.csv").write_text(TIERS.format("II"))
        (place / "series.json").write_text(json.dumps(SERIES))

    def run(self, *words: str, exit_code: int = 0) -> Any:
        """What a command says as JSON; the error, if it fails."""
        assert exit_code == run(["register", *words, "--json"])
        told = self.capsys.readouterr()
        return json.loads(told.out) if not exit_code else json.loads(told.err)

    def made(self, out: str, *more: str, retrieved: str = "2019-12-31", exit_code: int = 0) -> Any:
        about = ("--id", "SDG", "--version", retrieved[:4], "--title", "Indicators", "--source", "IAEG-SDGs")
        lists = (str(self.place / "tiers.csv"), str(self.place / "series.json"))
        where = ("--address", "https://example.org", "--retrieved", retrieved, "--out", str(self.place / out))
        return self.run("import", *lists, *about, *where, *more, exit_code=exit_code)


@pytest.fixture
def scene(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Scene:
    return Scene(tmp_path, capsys)


def test_lists_become_a_folder_and_a_file_with_one_digest(scene: Scene) -> None:
    made = scene.made("register")
    assert (1, 1, {"II": 1}, []) == (made["indicators"], made["series"], made["tiers"], made["not taken over"])
    assert {"register.toml", "indicators.csv", "series.csv"} == {
        path.name for path in (scene.place / "register").iterdir()
    }
    packed = scene.run("pack", str(scene.place / "register"), "--out", str(scene.place / "register.json"))
    checked = scene.run("check", str(scene.place / "register.json"))
    assert made["digest"] == packed["digest"] == checked["digest"]


def test_a_tier_is_asked_by_date(scene: Scene) -> None:
    scene.made("first")
    (scene.place / "tiers.csv").write_text(TIERS.format("I"))
    scene.made("second", "--previous", str(scene.place / "first"), retrieved="2020-03-31")
    folder = str(scene.place / "second")
    assert ["II", "I", "I"] == [
        scene.run("show", folder, "1.1.1", "--on", day)["tier"] for day in ("2020-03-30", "2020-03-31", "2024-01-01")
    ]
    assert ["SI_POV (Poor)"] == scene.run("show", folder, "1.1.1")["series"]
    assert ["1.1.1"] == [row["indicator"] for row in scene.run("show", folder)]
    assert "not a date" in scene.run("show", folder, "--on", "yesterday", exit_code=2)["message"]
    assert "no such indicator" in scene.run("show", folder, "9.9.9", exit_code=3)["message"]


def test_nothing_is_written_while_a_place_is_not_taken_over(scene: Scene) -> None:
    (scene.place / "tiers.csv").write_text(TIERS.format("II") + "a note,,\n")
    assert "1 not taken over" in scene.made("register", exit_code=3)["message"]
    assert not (scene.place / "register").exists()
    taken = scene.made("register", "--accept")
    assert ["begins with no code: a note"] == [remark["what"] for remark in taken["not taken over"]]
    assert "is there already" in scene.made("register", exit_code=2)["message"]


def test_people_read_the_places_in_a_table(scene: Scene) -> None:
    (scene.place / "tiers.csv").write_text(TIERS.format("II") + "a note,,\n")
    about = ["--id", "SDG", "--version", "1", "--title", "T", "--source", "S", "--address", "A"]
    out = ["--retrieved", "2020-01-01", "--out", str(scene.place / "register"), "--accept"]
    assert 0 == run(["register", "import", str(scene.place / "tiers.csv"), *about, *out])
    assert "tiers.csv  tiers.csv, row 3  begins with no code: a note" in scene.capsys.readouterr().out
