"""What may be said is exact and does not change: nouns are frozen, and no act holds a float."""

import dataclasses
import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import Any, get_args, get_type_hints

import pytest

import comity

FROZEN = ("acts", "model", "tlog", "assembly", "sdmx", "geo", "canon", "keys", "dsse")
"""Rooms below `methods`: their values pass between rooms and processes."""


def modules_of(*rooms: str) -> Iterator[ModuleType]:
    """Every module of those rooms, imported."""
    for found in pkgutil.walk_packages(comity.__path__, "comity."):
        if found.name.split(".")[1] in rooms:
            yield importlib.import_module(found.name)


def dataclasses_of(*rooms: str) -> list[type]:
    """Dataclasses that those rooms define (not those that they import)."""
    return [
        value
        for module in modules_of(*rooms)
        for value in vars(module).values()
        if isinstance(value, type) and dataclasses.is_dataclass(value) and value.__module__ == module.__name__
    ]


def types_within(hint: Any, seen: set[Any]) -> Iterator[Any]:
    """A type, its arguments, what a NewType or alias stands for, and the fields of dataclasses, all the way down."""
    if hint in seen:
        return
    seen.add(hint)
    yield hint
    inner = [*get_args(hint), getattr(hint, "__supertype__", None), getattr(hint, "__value__", None)]
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        inner += get_type_hints(hint, include_extras=True).values()
    for part in inner:
        if part is not None:
            yield from types_within(part, seen)


def label(kind: type) -> str:
    return f"{kind.__module__.removeprefix('comity.')}.{kind.__name__}"


def test_the_rooms_are_not_empty() -> None:
    """The walks below see something."""
    assert dataclasses_of("acts")
    assert dataclasses_of("model")


@pytest.mark.parametrize("kind", dataclasses_of(*FROZEN), ids=label)
def test_values_are_frozen(kind: Any) -> None:
    """Change makes a new value."""
    assert kind.__dataclass_params__.frozen


@pytest.mark.parametrize("kind", dataclasses_of("acts"), ids=label)
def test_no_act_holds_a_float(kind: type) -> None:
    """Decimals are strings in one spelling: a float has many, and two machines may differ."""
    held = set(types_within(kind, set()))
    assert not held & {float, complex}
    assert Any not in held
