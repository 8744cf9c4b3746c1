"""The README's commands exist, its pages are there, and its office's path is the one that docs/office.md runs."""

import re
from pathlib import Path

import pytest

from comity.cli.main import run

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^    comity (.+)$", README, re.MULTILINE)
PAGES = [page for page in re.findall(r"\]\(([^)#]+)\)", README) if not page.startswith("http")]


@pytest.mark.parametrize("page", PAGES)
def test_every_page_it_names_is_there(page: str) -> None:
    """A link that leads nowhere is a promise that nobody keeps."""
    assert (ROOT / page).is_file()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_offices_path_is_one_that_is_run(command: str) -> None:
    """`docs/office.md` runs them all; here they differ by the names of files only."""
    words = [word for word in command.split() if not re.search(r"\.(parquet|json|toml)$", word)]
    office = (ROOT / "docs" / "office.md").read_text(encoding="utf-8")
    assert any(all(word in line.split() for word in words) for line in office.splitlines() if "comity" in line)


@pytest.mark.parametrize("target", re.findall(r"make ([a-z-]+)", README))
def test_every_make_target_exists(target: str) -> None:
    """As the Makefile writes it."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_the_verify_line_is_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    """And says what it does."""
    assert 0 == run(["verify", "--help"])
    assert "--charter" in capsys.readouterr().out
