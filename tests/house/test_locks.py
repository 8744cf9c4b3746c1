"""The locked lists: hashes for every file, no index, and each list holds the smaller one with the same versions."""

import re
import tomllib
from pathlib import Path

import pytest

LISTS = ["uv", "run", "demo", "dev"]
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^ ;]+)", re.MULTILINE)


def pins(root: Path, name: str) -> set[tuple[str, str]]:
    return set(PIN.findall((root / "requirements" / f"{name}.txt").read_text()))


@pytest.mark.parametrize("name", LISTS)
def test_every_package_has_hashes(root: Path, name: str) -> None:
    text = (root / "requirements" / f"{name}.txt").read_text()
    blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert [] == [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block]


@pytest.mark.parametrize("name", LISTS)
def test_no_list_names_an_index(root: Path, name: str) -> None:
    assert "://" not in (root / "requirements" / f"{name}.txt").read_text()


@pytest.mark.parametrize(("smaller", "larger"), [("run", "demo"), ("demo", "dev")])
def test_a_larger_list_holds_the_smaller(root: Path, smaller: str, larger: str) -> None:
    """So whoever tested runs the demo with the very packages that the demo alone would take."""
    assert pins(root, smaller) <= pins(root, larger)


def test_what_the_wheel_asks_for_is_locked(root: Path) -> None:
    """Every dependency of the verifier, the node and the hub is in the list that both install."""
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    asked = [
        *project["dependencies"],
        *(line for room in ("node", "hub") for line in project["optional-dependencies"][room]),
    ]
    names = {re.split(r"[\[<>=~! ;]", line)[0] for line in asked}
    assert names <= {name for name, _ in pins(root, "run")}
