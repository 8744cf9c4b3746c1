"""Every page: its links lead somewhere, and each command that it shows exists, with the options that it gives."""

import re
import shlex
from pathlib import Path

import pytest

from comity.cli.main import run

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path
    for path in [*ROOT.glob("docs/**/*.md"), ROOT / "README.md", ROOT / "CHANGELOG.md"]
    if path.name != "commands.md"
)
BLOCK = re.compile(r"^(?:    )?comity (.+)$", re.MULTILINE)
INLINE = re.compile(r"`comity ([a-z][^`]*)`")
GROUPS = re.compile(r"^## `comity ([a-z-]+)`$", re.MULTILINE)
COMMANDS = re.compile(r"^####? `comity ([a-z-]+ [a-z-]+(?: [a-z-]+)?)`$", re.MULTILINE)


def shown(page: Path) -> list[str]:
    """What follows `comity` on a page, in a block or in a sentence."""
    text = page.read_text("utf-8")
    return [line.replace("\n", " ") for line in dict.fromkeys([*BLOCK.findall(text), *INLINE.findall(text)])]


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_to_a_file(page: Path) -> None:
    """Within the repository; others are somebody else's promise."""
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    assert [link for link in links if "://" not in link and not (page.parent / link).is_file()] == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_command_it_shows_is_one(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Asked for help, which must know each option that the page gives."""
    listed = (ROOT / "docs" / "commands.md").read_text("utf-8")
    groups, commands = set(GROUPS.findall(listed)), set(COMMANDS.findall(listed))
    for line in shown(page):
        words = shlex.split(line.replace("$(", "").replace(")", ""))
        named = next((one for n in (3, 2) if (one := " ".join(words[:n])) in commands), words[0])
        alone = named in groups and not any(command.startswith(f"{named} ") for command in commands)
        assert named in commands or alone or words == [named], f"comity {line}"
        assert run([*named.split(), "--help"]) == 0, line
        help_ = capsys.readouterr().out
        assert [word for word in words if word.startswith("--") and word not in help_] == [], line


def test_the_index_names_every_page() -> None:
    """docs/README.md; what it leaves out nobody finds."""
    index = (ROOT / "docs" / "README.md").read_text("utf-8")
    pages = [
        str(page.relative_to(ROOT / "docs")) for page in (ROOT / "docs").glob("**/*.md") if page.name != "README.md"
    ]
    assert [page for page in pages if f"]({page})" not in index and not page.startswith("adr/")] == []
