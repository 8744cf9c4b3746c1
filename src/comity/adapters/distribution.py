"""What of Comity is installed on this machine: its own files by digest, and every package that it uses.

Decides what belongs to the list: the packages that Comity's own metadata requires, with any extra, as far as they are
installed, and what these require in turn. Nothing is asked of any registry, and nothing that differs between two
machines with the same installation is in it.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, Final

import comity

NAME: Final = "comity"
_REQUIREMENT: Final = re.compile(r"\s*([A-Za-z0-9._-]+)\s*(?:\[([^\]]*)\])?")  # PEP 508: a name and its extras
_EXTRA: Final = re.compile(r"""extra\s*==\s*['"]([^'"]+)['"]""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """An installed distribution. record: SHA-256 of its RECORD, which lists its files with their hashes; "" without."""

    name: str
    version: str
    licence: str  # SPDX expression if `is_spdx`, else words; "" if it says nothing
    is_spdx: bool
    record: str
    requires: tuple[str, ...]  # names of those in the list


def files() -> dict[str, str]:
    """SHA-256 (hex) of each installed file of Comity, by its path in the package; compiled caches are none."""
    root = Path(comity.__file__).parent
    found = (path for path in sorted(root.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def whole(hashes: dict[str, str]) -> str:
    """One SHA-256 of all: over the lines that `sha256sum` would print of them, in order of paths."""
    return hashlib.sha256("".join(f"{name}  {path}\n" for path, name in sorted(hashes.items())).encode()).hexdigest()


def packages() -> tuple[Package, ...]:
    """Comity and all that it uses, by name."""
    found: dict[str, tuple[Distribution, set[str]]] = {}
    waiting = [(NAME, frozenset[str]())]
    asked = set(waiting)
    while waiting:
        name, extras = waiting.pop()
        if (installed := _installed(name)) is None:
            continue
        _, needs = found.setdefault(name, (installed, set()))
        for other, of in _required(installed, None if name == NAME else extras):
            if _installed(other) is not None:
                needs.add(other)
                if (other, of) not in asked:
                    asked.add((other, of))
                    waiting.append((other, of))
    return tuple(_package(name, one, needs) for name, (one, needs) in sorted(found.items()))


def sbom() -> dict[str, Any]:
    """A bill of materials as CycloneDX 1.6 (ECMA-424) has it in JSON."""
    known = {package.name: package for package in packages()}
    own = known.pop(NAME)
    hashes = files()
    parts = [
        {"type": "file", "name": f"{NAME}/{path}", "hashes": [{"alg": "SHA-256", "content": name}]}
        for path, name in sorted(hashes.items())
    ]
    subject = _component(own, "application") | {"hashes": [{"alg": "SHA-256", "content": whole(hashes)}]}
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": subject | {"components": parts}},
        "components": [_component(package, "library") for package in known.values()],
        "dependencies": [
            {"ref": _purl(one), "dependsOn": sorted(_purl(known[name]) for name in one.requires if name in known)}
            for one in (own, *known.values())
        ],
    }


def _component(package: Package, kind: str) -> dict[str, Any]:
    made: dict[str, Any] = {"type": kind, "bom-ref": _purl(package), "name": package.name, "version": package.version}
    made |= {"purl": _purl(package)}
    if package.licence:
        licence = {"expression": package.licence} if package.is_spdx else {"license": {"name": package.licence}}
        made["licenses"] = [licence]
    if package.record:
        made["properties"] = [{"name": "comity:sha256-of-RECORD", "value": package.record}]
    return made


def _purl(package: Package) -> str:
    return f"pkg:pypi/{package.name}@{package.version}"


def _package(name: str, installed: Distribution, needs: set[str]) -> Package:
    meta = installed.metadata
    spdx, words = ("".join((meta.get_all(field) or [])[:1]) for field in ("License-Expression", "License"))
    said = [line.rpartition(" :: ")[2] for line in meta.get_all("Classifier") or [] if line.startswith("License ::")]
    licence = spdx or ", ".join(said) or words.strip().partition("\n")[0]
    record = installed.read_text("RECORD") if name != NAME else None
    return Package(
        name=name,
        version=installed.version,
        licence=licence,
        is_spdx=bool(spdx),
        record=hashlib.sha256(record.encode()).hexdigest() if record else "",
        requires=tuple(sorted(needs - {name})),
    )


def _required(installed: Distribution, extras: frozenset[str] | None) -> Iterator[tuple[str, frozenset[str]]]:
    """Names and extras of what a distribution requires; with `extras` None, of all its extras."""
    for line in installed.requires or []:
        requirement, _, marker = line.partition(";")
        wanted = _EXTRA.search(marker)
        found = _REQUIREMENT.match(requirement)
        if found and (wanted is None or extras is None or wanted[1] in extras):
            named = (part.strip() for part in (found[2] or "").split(","))
            yield _name(found[1]), frozenset(part for part in named if part)


def _name(name: str) -> str:
    """A name as registries compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _installed(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None
