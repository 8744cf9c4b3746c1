"""docs/tlog.md names tests and rooms that exist; a row that shows nothing says why in the middle column."""

import re
from pathlib import Path


def test_every_test_that_the_page_names_is_one(root: Path) -> None:
    named = set(re.findall(r"`(test_\w+)`", (root / "docs" / "tlog.md").read_text("utf-8")))
    defined = {
        name
        for file in (root / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", file.read_text("utf-8"), re.MULTILINE)
    }
    assert len(named) > 40
    assert set() == named - defined


def test_every_room_that_the_page_names_is_one(root: Path) -> None:
    named = set(re.findall(r"`(comity\.[\w.]+)`", (root / "docs" / "tlog.md").read_text("utf-8")))
    assert {name for name in named if not (root / "src" / f"{name.replace('.', '/')}.py").is_file()} == set()
