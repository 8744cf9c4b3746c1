"""The story of a hub that is left behind: its order, and the whole of it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from comity.services.demo.succession import founding, story

ROOT = Path(__file__).parents[3]


def test_steps_are_numbered_as_the_story_is() -> None:
    assert list(range(7)) == [step.number for step in story.steps()]


def test_the_people_are_the_same_every_time(tmp_path: Path) -> None:
    for name in ("one", "two"):
        founding.people(tmp_path / name, "north")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert 1 + founding.PEOPLE * len(founding.YEARS) == len((tmp_path / "one").read_text().splitlines())


@pytest.mark.long
def test_the_whole_story(tmp_path: Path) -> None:
    """The first hub's folder is gone, both releases verify, and the last line says so."""
    out = tmp_path / "demo"
    argv = [sys.executable, "-m", "comity", "demo", "succession", "--out", str(out)]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=900, check=False)
    assert (0, "") == (done.returncode, done.stderr)
    assert story.LAST == done.stdout.strip().splitlines()[-1]
    assert not (out / "hub").exists()
    assert 7 == len(json.loads((out / "timings.json").read_text())["steps"])
