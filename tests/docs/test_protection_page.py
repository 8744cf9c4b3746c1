"""docs/protection.md has every rule, every field of a structure file, and every way and law that there is."""

import re
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest

from comity.model import law
from comity.model.cell_file import CellDimension, CellFile
from comity.model.protection import Rules, Way


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "protection.md").read_text("utf-8")


def rows(page: str, first: str) -> list[str]:
    """Names in the table that begins with a row for `first`."""
    after = page[page.index(f"| `{first}` |") :]
    return re.findall(r"^\| `([a-z_.]+)` \|", after[: after.index("\n\n")], re.MULTILINE)


def test_every_rule_has_a_row(page: str) -> None:
    assert [field.name for field in fields(Rules)] == rows(page, "threshold")


def test_every_field_of_a_structure_file_has_a_row(page: str) -> None:
    own = [field.name for field in fields(CellFile) if field.name != "dimension"]
    assert [*own, *(f"dimension.{field.name}" for field in fields(CellDimension))] == rows(page, "value")


@pytest.mark.parametrize("way", get_args(Way))
def test_every_way_is_a_kind_of_release(page: str, way: str) -> None:
    assert f"| own table, by `{way}` |" in page


@pytest.mark.parametrize("name", get_args(law.Name))
def test_every_law_is_named(page: str, name: str) -> None:
    assert name.replace("-", " ") in page.lower()


def test_attacks_that_it_points_at_are_there(root: Path, page: str) -> None:
    named = set(re.findall(r"`(tests/[a-z_/]+\.py)`", page))
    assert named
    assert [] == [name for name in named if not (root / name).is_file()]
