"""docs/motions.md: what it types are commands, and its example comes out as it says."""

import doctest
import re
import shlex
from pathlib import Path

import pytest

from comity.cli.main import run


def test_its_commands_are_commands(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each names options that the command has."""
    (block,) = re.findall(r"```sh\n(.*?)```", (root / "docs" / "motions.md").read_text("utf-8"), re.S)
    lines = [shlex.split(line) for line in block.splitlines()]
    assert ["move", "comment", "answer", "move", "cast", "show", "recount"] == [words[2] for words in lines]
    for words in lines:
        assert 0 == run([*words[1:3], "--help"])
        shown = capsys.readouterr().out
        assert [] == [word for word in words if word.startswith("--") and word not in shown]


def test_its_example_comes_out_as_it_says(root: Path) -> None:
    found = doctest.testfile(str(root / "docs" / "motions.md"), module_relative=False)
    assert (0, 19) == (found.failed, found.attempted)
