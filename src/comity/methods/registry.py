"""The shelf of methods, by name and version, and the digest that members adopt.

A study names a method by name, version and digest (rule 1). Code never travels: what is not installed here, or is
other code under the same name, is not held. Loads by the entry point group `comity.methods`; runs nothing of it.
"""

from functools import cache
from importlib.metadata import EntryPoint, entry_points
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from comity import canon
from comity.canon import Digest
from comity.errors import Refused
from comity.methods.card import Method
from comity.model import study

GROUP: Final = "comity.methods"  # an entry is `table/1 = package.card:METHOD`; the package holds all its sources


def names() -> tuple[str, ...]:
    """What is on the shelf, as `name/version`, sorted."""
    return tuple(sorted(entry_points(group=GROUP).names))


@cache
def _shelf() -> frozenset[str]:
    """The names as this process found them first: nodes ask for a method many times a second."""
    return frozenset(names())


@cache
def load(name: str, version: str) -> Method:
    """A method; Refused if it is not installed, installed twice, or not what its entry says."""
    method = _entry(name, version).load()
    if not isinstance(method, Method) or (method.card.name, method.card.version) != (name, version):
        raise Refused("the entry point is not this method", where=f"{name}/{version}", wanted="a Method with that card")
    return method


@cache
def digest(name: str, version: str) -> Digest:
    """SHA-256 over the card and the bytes of each Python file that the figures rest on.

    They are the files of the method's package, by path in it, and the modules that its card names, by dotted name.
    """
    package, _, _ = _entry(name, version).module.rpartition(".")
    card = load(name, version).card
    sources = dict(_sources(files(package), "")) | {module: _module(module) for module in card.rests}
    return canon.digest(canon.encode({"card": card, "sources": sources}))


def held(asked: study.Method) -> Method | None:
    """The method that a study names, if this very code is on the shelf; None says that it must be refused."""
    if f"{asked.name}/{asked.version}" not in _shelf() or digest(asked.name, asked.version) != asked.digest:
        return None
    return load(asked.name, asked.version)


def is_summed(asked: study.Method) -> bool:
    """Whether answers by this method are added up in exchanges: persons are, areas are not; of one not held, maybe."""
    method = held(asked)
    return method is None or method.card.needs.data != "rasters"


def reference(name: str, version: str) -> study.Method:
    """How a study names the method that is on this shelf."""
    return study.Method(name=name, version=version, digest=digest(name, version))


def shown(asked: study.Method) -> str:
    """What this shelf has instead of a method that is not held: the same name with other sources, or other names."""
    name = f"{asked.name}/{asked.version}"
    return f"{name} {digest(asked.name, asked.version)}" if name in names() else ", ".join(names())


def _entry(name: str, version: str) -> EntryPoint:
    found = tuple(entry_points(group=GROUP, name=f"{name}/{version}"))
    if len(found) != 1:
        raise Refused(
            "no such method on the shelf" if not found else "two packages install this method",
            where=f"{name}/{version}",
            wanted=", ".join(names()),
            way_out="install the package that holds it, and no other one",
        )
    return found[0]


def _module(name: str) -> Digest:
    """Digest of a module's text, as it lies in its package."""
    package, _, module = name.rpartition(".")
    return canon.digest((files(package) / f"{module}.py").read_bytes())


def _sources(folder: Traversable, at: str) -> list[tuple[str, Digest]]:
    """Path and digest of each Python file, sorted by path."""
    found = []
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            found += _sources(entry, f"{at}{entry.name}/")
        elif entry.name.endswith(".py"):
            found.append((f"{at}{entry.name}", canon.digest(entry.read_bytes())))
    return found
