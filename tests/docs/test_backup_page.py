"""The commands of docs/backup.md and docs/egress.md run as they stand; those that wait for an assembly exist."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.cli.main import run
from comity.services.node import backup, restored

PAGES = ("backup.md", "egress.md")
FENCE = re.compile(r"^```sh( later)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def lines(root: Path, *, later: bool) -> Iterator[list[str]]:
    """Words of each command behind `comity`."""
    for page in PAGES:
        for found in FENCE.finditer((root / "docs" / page).read_text("utf-8")):
            if bool(found[1]) == later:
                yield from (shlex.split(line)[1:] for line in found[2].splitlines())


def test_the_pages_can_be_walked(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COMITY_HOME", raising=False)
    for words in lines(root, later=False):
        assert 0 == run(words), words
    assert None is not restored.marked(tmp_path / "office-again")


def test_what_waits_for_an_assembly_are_commands(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in lines(root, later=True):
        named = words[: 3 if "journal" in words else 2]
        assert 0 == run([*named, "--help"]), words
        shown = capsys.readouterr().out
        assert [] == [word for word in words if word.startswith("--") and word not in shown]


def test_the_page_names_all_that_a_backup_leaves_out(root: Path) -> None:
    rows = (root / "docs" / "backup.md").read_text("utf-8").splitlines()
    out = " ".join(row.split("|")[1] for row in rows if "| never |" in row or "| no |" in row)
    assert {f"`{name}`" for name in backup.LEFT_OUT} - {f"`{restored.FILE}`"} == set(re.findall(r"`[^`]+`", out))
