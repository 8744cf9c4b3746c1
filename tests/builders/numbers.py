"""Norms of numbers and studies of them by any method, and their count over rows in a file by the real engine."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from comity.adapters.tables.counting import NationalTables
from comity.methods import registry
from comity.model.cube import Cube
from comity.model.norm import Code, Codelist, Dimension, Measure, Norm, Protection, Variable
from comity.model.source import Band, Binding, Map, Source
from comity.model.study import Period, Study
from comity.stages import compute
from tests import sample

LARGEST = 2**53 - 1
SALT = bytes(range(32))


def norm(codes: Mapping[str, Sequence[str]], decimals: Mapping[str, int], *, cells: int = 1, **bounds: str) -> Norm:
    """Dimensions by their codes, measures by their decimals, numbers by their bounds "least most"."""
    base = sample.norm()
    unit = [variable for variable in base.variables if variable.id in ("PERSON", "WAVE")]
    lists = tuple(
        Codelist(id=f"CL_{id}", agency="COMITY", version="1.0", codes=tuple(Code(id=c, name=c) for c in of))
        for id, of in codes.items()
    )
    structure = replace(
        base.structure,
        codelists=lists,
        dimensions=tuple(Dimension(id=id, name=id, codelist=f"CL_{id}") for id in codes),
        measures=tuple(
            Measure(id=id, name=id, decimals=d, bound=1 if id == "n" else LARGEST) for id, d in decimals.items()
        ),
    )
    coded = [Variable(id=f"V_{id}", concept=id, universe="all", unit="person", codelist=f"CL_{id}") for id in codes]
    numbers = [
        Variable(id=id, concept=id, universe="all", unit="person", least=of.split()[0], most=of.split()[1])
        for id, of in bounds.items()
    ]
    protection = Protection(unit="person", cells=cells, threshold=5)
    return replace(base, structure=structure, variables=(*unit, *coded, *numbers), protection=protection)


def study(norm: Norm, method: str, **parameters: str) -> Study:
    """All dimensions and measures of a norm, by a method, without noise."""
    structure = norm.structure
    layout = structure.layout(tuple(d.id for d in structure.dimensions), tuple(m.id for m in structure.measures))
    asked = sample.study(
        norm=norm.digest,
        method=registry.reference(method, "1"),
        parameters=parameters,
        layout=layout,
        bound=LARGEST,
        periods=(Period(id="2010-2014", value="6"),),
    )
    return replace(asked, noise=None)


def counted(
    folder: Path,
    rows: Sequence[Mapping[str, Any]],
    norm: Norm,
    study: Study,
    *,
    bands: Mapping[str, tuple[Band, ...]] | None = None,
    columns: Mapping[str, str] | None = None,
    member: str = "fiji",
    **binding: Any,
) -> Cube:
    """The cube of rows, whose columns are called as the variables unless `columns` names another; wave 6 for all."""
    path = folder / "rows.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        lines = csv.DictWriter(file, ["WAVE", *rows[0]])
        lines.writeheader()
        lines.writerows({"WAVE": "6", **row} for row in rows)
    known = columns or {}
    maps = tuple(
        Map(variable=v.id, column=known.get(v.id, v.id), bands=(bands or {}).get(v.id, ())) for v in norm.variables
    )
    told = Binding(id="home", version="1", norm=f"{norm.id}/{norm.version}", maps=maps, **binding)
    method = registry.load(study.method.name, "1")
    source = Source(id="rows", path=str(path), format="csv", unique=False)
    plan = compute.plan(
        study, norm, told, "2010-2014", source=source, method=method, salt=SALT, parameters={"member": member}
    )
    cube, _ = compute.table(plan, NationalTables(threads=1).count(plan))
    return cube
