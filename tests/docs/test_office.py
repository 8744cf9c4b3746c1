"""docs/office.md is a path that an office can walk: its commands are run as they stand, without any hub."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.cli.main import run

FENCE = re.compile(r"^```(\S+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(root: Path) -> Iterator[tuple[str, str, str]]:
    """Language, word behind it, and text of each fenced block."""
    for found in FENCE.finditer((root / "docs" / "office.md").read_text("utf-8")):
        yield found[1], found[2] or "", found[3]


@pytest.fixture(scope="module")
def walked(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the whole path was walked."""
    place = tmp_path_factory.mktemp("office")
    (place / "examples").symlink_to(root / "examples")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        patch.delenv("COMITY_HOME", raising=False)
        for language, word, text in blocks(root):
            if language == "csv":
                (place / word).write_text(text)
            elif language == "sh" and not word:
                for line in text.splitlines():
                    assert run(shlex.split(line)[1:]) == 0, line
    return place


def test_every_command_of_the_path_ends_with_yes(walked: Path) -> None:
    assert (walked / "study.json").is_file()
    assert (walked / "office" / "party.json").is_file()


def test_the_dry_run_shows_what_the_page_says(walked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Four times 1, twice 2, once 10; one without an answer; every cell below ten persons is suppressed."""
    files = [str(walked / name) for name in ("study.json", "norm.json", "office")]
    assert run(["dry-run", files[0], "--norm", files[1], "--home", files[2], "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (8, 7, 1, 0) == tuple(told[name] for name in ("rows", "counted", "missing", "outside"))
    assert {"1": 4, "2": 2, "10": 1} == {c["key"][0]: c["counted"] for c in told["cells"] if c["counted"]}
    assert [None, None, None] == [c["published"] for c in told["cells"] if c["counted"]]
    assert "will consent" == told["answer"]


def test_the_later_commands_are_commands(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What waits for an assembly cannot be run here; that there are such commands can be seen."""
    later = [
        line
        for language, word, text in blocks(root)
        if (language, word) == ("sh", "later")
        for line in text.splitlines()
    ]
    assert 20 == len(later)
    for line in later:
        words = shlex.split(line)[1:]
        named = words[:1] if words[0] == "dry-run" else words[:2]
        assert run([*named, "--help"]) == 0, line
        options = {word for word in words if word.startswith("--")}
        shown = capsys.readouterr().out
        assert not [option for option in options if option not in shown], line
