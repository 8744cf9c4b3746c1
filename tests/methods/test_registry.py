"""The shelf: methods by name, version and digest; other code under the same name is not held."""

import ast
import importlib
from dataclasses import replace
from hashlib import sha256
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from comity import canon
from comity.errors import Refused
from comity.methods import registry
from comity.methods.table import card
from comity.model import decimals

HERE = Path(card.__file__).parent


def test_table_is_on_the_shelf() -> None:
    assert "table/1" in registry.names()
    assert card.METHOD is registry.load("table", "1")


def test_the_digest_is_of_the_card_and_every_source() -> None:
    """Anyone can make it from the files: canonical JSON of the card and of each file's SHA-256, by name."""
    sources = {file.name: "sha256:" + sha256(file.read_bytes()).hexdigest() for file in HERE.glob("*.py")}
    assert {"card.py", "contribute.py", "finish.py"} <= set(sources)
    shared = Path(decimals.__file__).read_bytes()
    sources["comity.model.decimals"] = "sha256:" + sha256(shared).hexdigest()
    record = canon.encode({"card": card.CARD, "sources": sources})
    assert "sha256:" + sha256(record).hexdigest() == registry.digest("table", "1")


# What a method may use without its figures resting on it: types, errors, and texts without arithmetic.
TYPES = {"comity.errors", "comity.methods.card", "comity.model.release", "comity.model.structure"}


@pytest.mark.parametrize("name", registry.names())
def test_a_card_names_every_module_that_its_figures_rest_on(name: str) -> None:
    """What lies outside the package, directly or behind such a module, and is no mere type."""
    method = registry.load(*name.split("/"))
    package = f"comity.methods.{method.card.name}"
    folder = Path(card.__file__).parents[1] / method.card.name
    found, waiting = set(), [*folder.glob("*.py")]
    while waiting:
        tree = ast.parse(waiting.pop().read_text("utf-8"))
        for node in ast.walk(tree):
            module = node.module if isinstance(node, ast.ImportFrom) else None
            if (
                module
                and module.startswith("comity.")
                and not module.startswith(package)
                and module not in TYPES | found
            ):
                found.add(module)
                waiting.append(Path(str(importlib.import_module(module).__file__)))
    assert tuple(sorted(found)) == method.card.rests


def test_a_method_of_another_digest_name_or_version_is_not_held() -> None:
    asked = registry.reference("table", "1")
    assert card.METHOD is registry.held(asked)
    for other in (
        replace(asked, digest=canon.digest(b"other code")),
        replace(asked, name="tiles"),
        replace(asked, version="2"),
    ):
        assert registry.held(other) is None


@pytest.mark.parametrize(("name", "version"), [("table", "2"), ("tiles", "1"), ("", ""), ("table/1", "")])
def test_what_is_not_installed_is_refused(name: str, version: str) -> None:
    with pytest.raises(Refused, match="no such method on the shelf"):
        registry.load(name, version)


def shelf(monkeypatch: pytest.MonkeyPatch, *values: str) -> None:
    """A shelf with other entry points of the name `odd/1`."""
    entries = EntryPoints(EntryPoint("odd/1", value, registry.GROUP) for value in values)
    monkeypatch.setattr(registry, "entry_points", lambda **which: entries.select(**which))


def test_a_method_installed_twice_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody could say which of the two a study means."""
    shelf(monkeypatch, "comity.methods.table.card:METHOD", "elsewhere.card:METHOD")
    with pytest.raises(Refused, match="two packages install this method"):
        registry.load("odd", "1")


@pytest.mark.parametrize("value", ["comity.methods.table.card:METHOD", "comity.methods.table.card:CARD"])
def test_an_entry_that_is_another_thing_is_refused(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf(monkeypatch, value)
    with pytest.raises(Refused, match="the entry point is not this method"):
        registry.load("odd", "1")


def test_a_changed_source_changes_the_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy of the package with one byte more is another method."""
    package = tmp_path / "copied"
    package.mkdir()
    for file in HERE.glob("*.py"):
        (package / file.name).write_bytes(file.read_bytes())
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    entry = EntryPoint("table/1", "copied.card:METHOD", registry.GROUP)
    monkeypatch.setattr(registry, "entry_points", lambda **which: EntryPoints([entry]).select(**which))
    digests = []
    for more in ("", "# more\n"):
        with (package / "finish.py").open("a") as file:
            file.write(more)
        digests.append(registry.digest.__wrapped__("table", "1"))
    assert 2 == len(set(digests))
