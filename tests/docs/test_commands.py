"""docs/commands.md is what the commands say of themselves now, and every one of them says something."""

import subprocess
import sys
from pathlib import Path


def test_the_page_of_commands_is_the_newest(root: Path) -> None:
    """After a command changed, `make commands` writes the page again."""
    printed = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; sys.path.insert(0, 'make'); import commands; print(commands.page(), end='')",
        ],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert printed.returncode == 0, printed.stderr
    page = root / "docs" / "commands.md"
    assert page.is_file(), "way out: make commands"
    assert printed.stdout == page.read_text(), "way out: make commands"


def test_every_command_and_option_says_what_it_is(root: Path) -> None:
    """No heading without a sentence under it, no row without a word."""
    lines = (root / "docs" / "commands.md").read_text().splitlines()
    rows = [line for line in lines if line.startswith("| `") and line.endswith("|  |")]
    headings = [index for index, line in enumerate(lines) if line.startswith(("## `", "### `"))]
    silent = [lines[index] for index in headings if not lines[index + 2] or lines[index + 2][0] in "#|"]
    assert rows + silent == []
