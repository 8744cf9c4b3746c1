"""A norm: how something is measured, as one bundle with a digest. In force only by the members' decision.

A directory (`norm.toml`, `codes/*.csv`) is read by `cli` through `read`; what is voted on is the canonical JSON of
`Norm`. Holds structure, variables and protection; says nothing about any member's data.
"""

import csv
import io
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from comity import canon
from comity.canon import Digest
from comity.errors import FormatError
from comity.model.structure import Code, Codelist, Dimension, Measure, Structure


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """What is measured of whom.

    codelist: the list of a coded variable, or None for the unit's id and the period.
    missing: texts that mean "no answer" in the norm.
    """

    id: str
    concept: str
    universe: str
    unit: str  # unit of observation, such as "person"
    codelist: str | None
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """The least protection the norm asks; a member's policy may ask more."""

    unit: str  # the privacy unit, such as "person"
    cells: int  # cells of one table that one unit can touch
    threshold: int  # national tables: fewer contributors than this are suppressed


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Whose norm it is: the members' own, or one they recognise from outside."""

    kind: Literal["own", "recognised"]
    source: str
    citation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Norm:
    """The bundle that is voted on."""

    id: str
    version: str  # semantic version
    title: str
    goal: str
    related: bool  # related to the goal, not an indicator of it
    authority: Authority
    replaces: str | None  # id/version
    structure: Structure
    variables: tuple[Variable, ...]
    unit: str  # id of the variable that names the privacy unit
    period: str  # id of the variable that names the period
    protection: Protection
    disclaimer: str

    @property
    def digest(self) -> Digest:
        """What motions and studies name."""
        return canon.digest(canon.encode(self))

    def variable(self, id: str) -> Variable:
        """A variable by id."""
        for variable in self.variables:
            if variable.id == id:
                return variable
        raise FormatError("no such variable", where=self.id, found=id, wanted=", ".join(v.id for v in self.variables))


def read(files: Mapping[str, bytes]) -> Norm:
    """A norm out of its directory's files (`norm.toml`, `codes/<LIST>.csv` with columns id,name)."""
    try:
        text = files["norm.toml"].decode()
        table: dict[str, Any] = tomllib.loads(text)
    except KeyError:
        raise FormatError("no norm.toml in the directory", where="norm", wanted="norm.toml and codes/*.csv") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as e:
        raise FormatError(str(e), where="norm.toml", wanted="TOML") from None
    lists = table.pop("codelists", [])
    structure = table.get("structure")
    if not isinstance(structure, dict) or not isinstance(lists, list):
        raise FormatError("no [structure] table", where="norm.toml")
    structure["codelists"] = [_codelist(entry, files) for entry in lists]
    table.setdefault("replaces", None)
    for variable in table.get("variables", []):
        variable.setdefault("codelist", None)
        variable.setdefault("missing", [])
    return canon.convert(table, Norm, where="norm.toml")


def _codelist(entry: Any, files: Mapping[str, bytes]) -> dict[str, Any]:
    """A code list with the codes of its own CSV file."""
    if not isinstance(entry, dict) or "id" not in entry:
        raise FormatError("a [[codelists]] entry has no id", where="norm.toml")
    name = f"codes/{entry['id']}.csv"
    if name not in files:
        raise FormatError("file missing", where=name, wanted="a CSV file with columns id,name")
    rows = list(csv.DictReader(io.StringIO(files[name].decode("utf-8-sig"))))
    if not rows or set(rows[0]) != {"id", "name"}:
        raise FormatError("wrong columns", where=name, found=",".join(rows[0]) if rows else "", wanted="id,name")
    return {**entry, "codes": [{"id": row["id"], "name": row["name"]} for row in rows]}


__all__ = [
    "Authority",
    "Code",
    "Codelist",
    "Dimension",
    "Measure",
    "Norm",
    "Protection",
    "Structure",
    "Variable",
    "read",
]
