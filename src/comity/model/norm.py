"""A norm: how something is measured, as one bundle with a digest. In force only by the members' decision.

A directory (`norm.toml`, `codes/*.csv`) is read by `cli` through `read`; what is voted on is the canonical JSON of
`Norm`. Holds structure, variables and protection; says nothing about any member's data.
"""

import csv
import io
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from comity import canon
from comity.canon import Digest
from comity.errors import FormatError
from comity.model.structure import Code, Codelist, Dimension, Measure, Structure

_ID: Final = re.compile(r"[A-Za-z0-9_@$-]{1,64}")  # SDMX 3.0, common:IDType
_VERSION: Final = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """What is measured of whom.

    concept: id of the dimension that it fills, or of a concept that no dimension has (the unit, the period).
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

    def filling(self, dimension: str) -> Variable:
        """The variable that fills a dimension; FormatError if there is not exactly one."""
        found = [variable for variable in self.variables if variable.concept == dimension]
        if len(found) != 1:
            raise FormatError(
                "a dimension needs exactly one variable of its concept",
                where=f"{self.id}: {dimension}",
                found=", ".join(v.id for v in found),
            )
        return found[0]


def read(files: Mapping[str, bytes]) -> Norm:
    """A norm out of its directory's files (`norm.toml`, `codes/<LIST>.csv` with columns id,name)."""
    try:
        text = files["norm.toml"].decode()
        table: dict[str, Any] = tomllib.loads(text)
    except KeyError:
        raise FormatError("no norm.toml in the directory", where="norm", wanted="norm.toml and codes/*.csv") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as e:
        raise FormatError(str(e), where="norm.toml", wanted="TOML", way_out="correct the line it names") from None
    lists = table.pop("codelists", [])
    structure = table.get("structure")
    if not isinstance(structure, dict) or not isinstance(lists, list):
        raise FormatError("no [structure] table", where="norm.toml")
    structure["codelists"] = [_codelist(entry, files) for entry in lists]
    table.setdefault("replaces", None)
    for variable in table.get("variables", []):
        variable.setdefault("codelist", None)
        variable.setdefault("missing", [])
    norm = canon.convert(table, Norm, where="norm.toml")
    if wrong := faults(norm):
        raise FormatError("the norm contradicts itself", where="norm.toml", found="; ".join(wrong))
    return norm


def faults(norm: Norm) -> tuple[str, ...]:
    """Every place where a norm contradicts itself, as one line each; empty for a sound norm. Never raises."""
    structure = norm.structure
    lists = {codelist.id: codelist for codelist in structure.codelists}
    dimensions, measures = ([thing.id for thing in part] for part in (structure.dimensions, structure.measures))
    variables = {variable.id: variable for variable in norm.variables}
    rules = [
        (bool(_VERSION.fullmatch(norm.version)), f"version {norm.version!r} is not semantic (1.0.0)"),
        (bool(dimensions), "no dimension"),
        (bool(measures), "no measure"),
        (norm.unit in variables, f"the unit {norm.unit!r} is no variable"),
        (norm.period in variables, f"the period {norm.period!r} is no variable"),
        (
            norm.protection.cells >= 1 and norm.protection.threshold >= 1,
            "protection: cells and threshold are 1 or more",
        ),
        (len(variables) == len(norm.variables), "a variable stands twice"),
        (len(lists) == len(structure.codelists), "a code list stands twice"),
        (len({name.casefold() for name in (*dimensions, *measures)}) == len(dimensions) + len(measures), "an id twice"),
    ]
    for name in (*dimensions, *measures, *lists, *variables):
        rules.append((bool(_ID.fullmatch(name)), f"{name!r} is not an SDMX id"))
    for measure in structure.measures:
        rules.append(
            (measure.decimals >= 0 and measure.bound >= 1, f"measure {measure.id}: decimals or bound too small")
        )
    for codelist in structure.codelists:
        codes = codelist.ids
        rules.append(
            (bool(codes) and len(set(codes)) == len(codes), f"code list {codelist.id}: empty, or a code twice")
        )
        rules.append((all(_ID.fullmatch(code) for code in codes), f"code list {codelist.id}: a code is not an SDMX id"))
    for dimension in structure.dimensions:
        filling = [variable for variable in norm.variables if variable.concept == dimension.id]
        right = len(filling) == 1 and filling[0].codelist == dimension.codelist and dimension.codelist in lists
        rules.append((right, f"dimension {dimension.id}: wants one variable of its concept, with its code list"))
    return tuple(line for holds, line in rules if not holds)


def _codelist(entry: Any, files: Mapping[str, bytes]) -> dict[str, Any]:
    """A code list with the codes of its own CSV file."""
    if not isinstance(entry, dict) or "id" not in entry:
        raise FormatError("a [[codelists]] entry has no id", where="norm.toml")
    name = f"codes/{entry['id']}.csv"
    if name not in files:
        raise FormatError("file missing", where=name, wanted="a CSV file with columns id,name")
    try:
        head, *rows = csv.reader(io.StringIO(files[name].decode("utf-8-sig"), newline=""), strict=True)
    except (ValueError, csv.Error) as e:
        raise FormatError(
            "not a code list", where=name, found=str(e), wanted="CSV in UTF-8 with columns id,name"
        ) from None
    wrong = [",".join(row) for row in ([head] if sorted(head) != ["id", "name"] else rows) if len(row) != 2]
    if wrong or sorted(head) != ["id", "name"]:
        raise FormatError("wrong columns", where=name, found=wrong[0] if wrong else ",".join(head), wanted="id,name")
    named = [dict(zip(head, row, strict=True)) for row in rows]
    return {**entry, "codes": [{"id": row["id"], "name": row["name"]} for row in named]}


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
