"""The geospatial story: its order, what it counts as near the truth, and the whole of it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from comity.errors import DemoFailed
from comity.model.release import Figure
from comity.services.demo.commands import Commands
from comity.services.demo.geo import country, story, tamper, tiles, truth
from comity.services.demo.places import Places
from comity.services.demo.processes import Processes
from comity.services.demo.stage import Stage
from tests.services.demo.test_story import Told

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "examples" / "geo_country"
KEY = ("VL-N", "TREE", "TREE")


def figure(measure: str, key: tuple[str, ...], value: float, sampling: str = "") -> Figure:
    return Figure(key=key, measure=measure, value=f"{value:.6f}", sampling=sampling, noise="", status="A")


def row(**sides: float) -> dict[str, Any]:
    return dict.fromkeys(("mapped", "bound", "drawn", "ground", "counted"), 0.0) | sides


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    show = Told()
    commands = Commands(Processes(tmp_path / "logs", ROOT), show)
    return Stage(places=Places(tmp_path, EXAMPLE), commands=commands, show=show, size=4)


def test_steps_are_numbered_as_the_story_is() -> None:
    assert list(range(8)) == [step.number for step in story.steps(country.read(EXAMPLE))]


def test_four_members_vote_and_witness_and_the_producer_does_neither() -> None:
    found = country.read(EXAMPLE)
    assert 4 == len(found.cast.members)
    assert all(member.witness for member in found.cast.members)
    assert not found.producer.witness
    assert found.producer not in found.cast.members


def test_a_failure_names_its_step_and_the_last_lines(tmp_path: Path) -> None:
    example = tmp_path / "plays" / "broken"
    example.mkdir(parents=True)
    shutil.copy(EXAMPLE / country.FILE, example)
    (example / "make.py").write_text("import sys\nprint('no maps today')\nsys.exit(3)\n")
    with pytest.raises(DemoFailed, match=r"step 0 .*plays\.broken\.make.*exit 3") as failed:
        story.run(tmp_path / "demo", example=example, show=Told())
    assert "no maps today" == failed.value.tail


def test_an_area_inside_half_a_cell_and_on_its_raster_is_near(stage: Stage) -> None:
    rows = {KEY: row(mapped=5_000_000, bound=20_000, drawn=5_010_000)}
    truth.near(stage, "change", rows, {("area", KEY): figure("area", KEY, 5.010_001)})


@pytest.mark.parametrize(
    ("rows", "area"),
    [
        ({KEY: row(mapped=5_000_000, bound=20_000, drawn=5_021_000)}, 5.021),  # further than its edges can move it
        ({KEY: row(mapped=5_000_000, bound=20_000, drawn=5_010_000)}, 5.012),  # near the truth, and not on the raster
        ({}, 5.0),  # where nothing is
    ],
)
def test_an_area_that_its_closed_form_does_not_say_fails_the_story(stage: Stage, rows: truth.Rows, area: float) -> None:
    with pytest.raises(DemoFailed, match="closed form"):
        truth.near(stage, "change", rows, {("area", KEY): figure("area", KEY, area)})


def test_intervals_that_miss_too_often_fail_the_story() -> None:
    zones = [f"Z{number}" for number in range(20)]
    held = [truth.Interval(key=(zone, "A"), truth=10.0, estimate=10.5, error=1.0) for zone in zones]
    missed = [truth.Interval(key=(zone, "A"), truth=10.0, estimate=13.0, error=1.0) for zone in zones]
    assert "17 of 20" in list(truth.intervals("area", [*held[:17], *missed[:3]]))[-1]
    with pytest.raises(DemoFailed, match="too few intervals"):
        list(truth.intervals("area", [*held[:13], *missed[:7]]))


def test_so_many_intervals_hold_the_truth_but_for_chance() -> None:
    """Cumulative binomial, 20 trials at 0.95: P(X <= 13) = 3.3e-5 and P(X <= 14) = 3.3e-4 (published tables)."""
    assert 14 == truth.least(20)


def test_the_figure_and_the_part_that_are_changed_are_named(tmp_path: Path) -> None:
    figures = [{"key": list(KEY), "measure": "area", "value": "10.000000"}]
    (tmp_path / "release.json").write_text(json.dumps({"figures": figures}))
    assert "says 11.000000 instead of 10.000000" in tamper.figure(tmp_path)
    part = {"block": {"row": 0, "column": 512, "rows": 1, "columns": 1}, "values": {"3": str(2**80)}}
    (tmp_path / "blocks.json").write_text(json.dumps({"parts": [{"block": {}, "values": {}}, part]}))
    assert "row 0, column 512" in tamper.part(tmp_path)
    assert str(2**80 * 11 // 10) == json.loads((tmp_path / "blocks.json").read_text())["parts"][1]["values"]["3"]


def test_what_a_node_finds_finished_is_its_first_word_on_each_study() -> None:
    one, two = "sha256:" + "1" * 64, "sha256:" + "2" * 64
    said = [f"maps: 2020 of {one}: blocks: 5 of 64", f"maps: 2024 of {two}: blocks: 0 of 9"]
    said += [f"maps: 2020 of {one}: blocks: 7 of 64", f"maps: 2020 of {one}: digest of a.tif: 9 of 9"]
    assert {one: (5, 64), two: (0, 9)} == tiles.first("\n".join(said))


@pytest.mark.long
def test_the_whole_story_ends_with_the_line_that_verifies(tmp_path: Path) -> None:
    out = tmp_path / "demo"
    done = subprocess.run(
        [sys.executable, "-m", "comity", "demo", "geo", "--out", str(out)],
        cwd=ROOT, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert 0 == done.returncode, done.stdout + done.stderr
    assert "Verify it:" in done.stdout.strip().splitlines()[-1]
    assert ["release-change", "release-green", "release-versions"] == sorted(
        path.name for path in out.glob("release-*")
    )
