"""How the tree looks: small files, each with a docstring, packages that import nothing, no trace of a machine."""

import ast
import re
import subprocess
from pathlib import Path

from tests.order import LONGEST, SERVED, STORIES

# Spelt in two halves, or this file would break its own rule.
FORBIDDEN = [
    re.compile(r"(?<![\w.}])/" + r"(work|root)/"),
    re.compile("pypi" + r"\.org"),
    re.compile("files" + r"\.pythonhosted\.org"),
    re.compile("registry" + r"\.npmjs\.org"),
    re.compile("deb" + r"\.debian\.org"),
    re.compile("--extra-" + "index-url|--index-" + "url|--find-" + "links"),
]
WALL = 500
"""Lines: a longer file holds more than one room."""


def modules(root: Path) -> list[Path]:
    return sorted((root / "src" / "comity").rglob("*.py"))


def tracked(root: Path) -> list[Path]:
    """Files under version control, and new ones that nothing ignores."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,  # in a clone: nothing else tells which files are ours
    )
    return [path for name in names.stdout.split("\0") if name and (path := root / name).is_file()]


def test_packages_import_nothing(root: Path) -> None:
    """An `__init__` that imports would load rooms that nobody asked for; the notebook's face may."""
    full = [file for file in modules(root) if file.name == "__init__.py" and file.read_text().strip()]
    assert {"research"} >= {file.parent.name for file in full}


def test_no_file_is_longer_than_the_wall(root: Path) -> None:
    files = [file for room in ("src", "bench", "make") for file in (root / room).rglob("*.py")]
    assert [] == [f"{file.relative_to(root)}" for file in files if len(file.read_text().splitlines()) > WALL]


def test_every_module_says_what_it_decides(root: Path) -> None:
    """Packages are empty, so they say nothing; every other module has a docstring."""
    files = [file for file in modules(root) if file.read_text().strip()]
    assert [] == [f"{file.relative_to(root)}" for file in files if not ast.get_docstring(ast.parse(file.read_text()))]


def test_every_public_name_says_what_it_is(root: Path) -> None:
    """Classes and functions that other rooms call."""
    silent = []
    for file in modules(root):
        for node in ast.parse(file.read_text()).body:
            named = isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            if named and not node.name.startswith("_") and not ast.get_docstring(node):
                silent.append(f"{file.relative_to(root)}:{node.lineno} {node.name}")
    assert [] == silent


def test_no_file_names_a_machine_or_an_index(root: Path) -> None:
    """A clone works anywhere: no path of a machine, no host of a registry."""
    found = []
    for file in tracked(root):
        text = file.read_bytes().decode("utf-8", errors="ignore")
        found += [f"{file.relative_to(root)}: {hit.group()}" for word in FORBIDDEN if (hit := word.search(text))]
    assert [] == found


def test_nothing_is_left_for_later(root: Path) -> None:
    """A room of a later day is a docstring; no room holds half a thought."""
    marks = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b|NotImplemented" + "Error")
    assert [] == [f"{file.relative_to(root)}" for file in modules(root) if marks.search(file.read_text())]


def test_what_starts_first_is_there_and_named_once(root: Path) -> None:
    """A file that was renamed would start with the others, and nobody would notice but by the clock."""
    named = [*STORIES, *SERVED, *LONGEST]
    assert [] == [name for name in named if not (root / "tests" / name).exists()]
    assert len(named) == len(set(named))
