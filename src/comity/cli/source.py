"""`comity source`: national data at home, and how they answer a norm. Nothing of it leaves the machine."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from comity.cli import options, progress, show

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from comity.model.inspection import Inspection, Weights
    from comity.model.norm import Norm
    from comity.model.source import Binding, Coverage, Layer
    from comity.services.node.shelf import Fit
    from comity.services.node.sources import Entry

app = options.group()

Id = Annotated[str | None, typer.Option("--id", metavar="ID", help="The source; may be left out if there is one only.")]

Table = Annotated[
    str, typer.Option("--table", metavar="NAME", help="The sheet of a workbook, or the table of a database or catalog.")
]

Secret = Annotated[
    Path | None, typer.Option("--secret", metavar="FILE", help="Of a database: the password alone, in a file of 0600.")
]


@app.command()
def add(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Microdata, one row a person; or a layer of rasters.")],
    id: Annotated[str, typer.Option("--id", metavar="ID", help="What the office calls this source.")],
    format: Annotated[
        str, typer.Option("--format", metavar="NAME", help="What the file is, where its name does not say it.")
    ] = "",
    table: Table = "",
    secret: Secret = None,
    layer: Annotated[
        str, typer.Option("--layer", metavar="LAYER", help="The file is this layer of a source of rasters.")
    ] = "",
    product: Annotated[
        str, typer.Option("--product", metavar="TEXT", help="Name and version of a map, as its makers give it.")
    ] = "",
    field: Annotated[
        str, typer.Option("--field", metavar="NAME", help="Of zones: the property that holds a zone's code.")
    ] = "",
    homes: options.Homes = None,
    as_json: show.Json = False,
) -> None:
    """Name microdata, in a file, a folder or a database, or a layer of maps. It is read where it lies, never changed.

    Microdata are read from Parquet, CSV, Excel (.xlsx), SPSS (.sav), Stata (.dta), SAS (.sas7bdat), and a table of a
    DuckDB file (.duckdb). A workbook or database that holds several tables needs --table. A table of PostgreSQL is
    named by the address of its database and --table; the role may read it and nothing else (docs/sources.md). A
    folder of Parquet files is read by Spark, which needs comity[spark] and Java; so is one file with --format spark.
    A table of a Spark catalog is named by its metastore, thrift://HOST:PORT or the folder metastore_db, and --table.

    Where several offices are served (--home repeated), {office} in FILE stands for the id of each.

    A source of rasters has layers, named one by one: maps (GeoTIFF) on one grid, zones (GeoJSON or GeoPackage), and
    a reference sample (CSV with x, y and the codes found there), whose layer is called sample or sample-PERIOD. A
    map that cannot be trusted (cut, rotated, without CRS or nodata) is refused with the way out.

    Example: `comity source add respondents.parquet --id survey --home office`

    Example: `comity source add postgresql://reader@host/census --table survey.people --secret password --id survey
    --home office`

    Example: `comity source add thrift://metastore.office.example:9083 --table census.people --id census --home office`

    Example: `comity source add cover-2020.tif --id land --layer cover-2020 --product "ESA WorldCover v100"
    --home office`
    """
    from comity.services import config
    from comity.services.node import intake

    def one(home: Path) -> dict[str, object]:
        word = file.replace("{office}", config.node(home, pinned=False).id) if "{office}" in file else file
        if intake.is_layer(Path(word), layer):
            added = intake.add_layer(home, id, layer, Path(word), product=product, field=field, tell=tell)
            return {"id": id, **_layer(added)}
        source = intake.add_source(home, id, word, format=format, table=table, secret=secret)
        shown = {"table": source.table} if source.table else {}
        return {"id": source.id, "format": source.format, **shown, "file": source.path}

    with progress.telling() as tell:
        options.each(homes, one, ("id", "layer", "kind", "format", "table", "file"), as_json=as_json)


@app.command()
def propose(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Microdata; they need be no source yet.")],
    norm: Annotated[str, typer.Option("--norm", metavar="NORM", help="norm.json, or the digest of a norm moved.")],
    out: Annotated[Path, typer.Option("--out", metavar="BINDING.toml", help="A new file for the draft.")],
    table: Table = "",
    secret: Secret = None,
    id: Annotated[str, typer.Option("--id", metavar="ID", help="What the office calls this binding.")] = "binding",
    home: options.Home = None,
    as_json: show.Json = False,
) -> None:
    """Draft a binding from the names, labels and codes of a file or a database's table.

    A column is proposed for a variable by its name, else its label, else the codes that it holds; a national value for
    a code by its label (SPSS, Stata), else its spelling. What these signs do not settle stands in the draft as `open`:
    while a point is left there, `comity source bind` refuses it. The same file and norm are the same draft.

    Example: `comity source propose respondents.sav --norm norm.json --out binding.toml`
    """
    from comity.adapters import durable
    from comity.adapters.folder import PRIVATE_FILE
    from comity.errors import UsageError
    from comity.services import config
    from comity.services.node import intake

    if out.exists():
        raise UsageError("the file exists already", where=str(out), wanted="a new one")
    asked = _norm(norm, config.home(home)) if norm.startswith("sha256:") else options.norm_file(Path(norm))
    drafted, points, text = intake.propose(file, asked, id=id, table=table, secret=secret)
    durable.write(out, text.encode(), mode=PRIVATE_FILE)
    facts = {
        "binding": id,
        "norm": asked.name,
        "columns": {draft.variable: draft.column.name for draft in drafted if draft.column},
        "open": list(points),
        "file": str(out),
    }
    show.facts(facts if as_json else {**facts, "open": len(points)}, as_json=as_json)
    for point in () if as_json else points:
        typer.echo(f"- {point}")


@app.command()
def bind(
    binding: Annotated[Path, typer.Argument(metavar="BINDING.toml", help="From national columns to a norm.")],
    id: Id = None,
    homes: options.Homes = None,
    as_json: show.Json = False,
) -> None:
    """Keep a binding for a source: which national column and which codes answer which variable of a norm.

    Example: `comity source bind binding.toml --home office`
    """
    from comity.services.node import intake, sources

    text = options.text(binding)

    def one(home: Path) -> dict[str, object]:
        name = id or sources.only(home).source.id
        kept = intake.bind(home, name, text, where=str(binding))
        return {"source": name, "binding": f"{kept.id}/{kept.version}", "norm": kept.norm, "digest": kept.digest}

    options.each(homes, one, ("source", "binding", "norm"), as_json=as_json)


@app.command("list")
def list_(home: options.Home = None, as_json: show.Json = False) -> None:
    """Sources, where they lie, and the norms that they are bound to.

    Example: `comity source list --home office`
    """
    from comity.services import config
    from comity.services.node import sources

    folder = config.home(home)
    rows = [row for entry in sources.read(folder) for row in _rows(entry, sources.bindings(folder, entry))]
    columns = ("id", "format", "table", "layer", "product", "checked", "norms", "file")
    show.rows(rows, columns, as_json=as_json, none="No source is named yet.")


@app.command("show")
def show_(id: Id = None, home: options.Home = None, as_json: show.Json = False) -> None:
    """One source: its bindings, and every vintage of its data that was checked, newest last.

    Example: `comity source show --home office`
    """
    from comity.services import config
    from comity.services.node import sources

    folder = config.home(home)
    entry = sources.named(folder, id) if id else sources.only(folder)
    facts = {
        "id": entry.source.id,
        "format": entry.source.format,
        "table": entry.source.table or None,
        "file": entry.source.path or None,
        "row-is-a-person": entry.source.unique,
        "bindings": [f"{one.id}/{one.version} for {one.norm}" for one in sources.bindings(folder, entry)],
        "layers": [layer.id for layer in entry.source.layers],
    }
    vintages = [
        {"vintage": one.digest, "checked": show.time(one.time), "rows": one.rows, "row-is-a-person": one.unique}
        for one in entry.vintages
    ]
    if as_json:
        show.document(facts | {"vintages": vintages})
        return
    show.facts(facts, as_json=False)
    typer.echo()
    show.rows(vintages, ("vintage", "checked", "rows", "row-is-a-person"), as_json=False, none="Not checked yet.")


def _rows(entry: "Entry", bindings: "Sequence[Binding]") -> "Iterator[dict[str, object]]":
    """A source of one file is one row, a source of layers a row for each."""
    source = entry.source
    shared = {"id": source.id, "format": source.format, "norms": [binding.norm for binding in bindings]}
    if not source.layers:
        checked = source.vintage is not None
        yield {**shared, "table": source.table, "checked": checked, "vintage": source.vintage, "file": source.path}
    for layer in source.layers:
        yield {**shared, **_layer(layer)}


def _layer(layer: "Layer") -> dict[str, object]:
    """A layer as it is shown."""
    shown = {"layer": layer.id, "kind": layer.kind, "product": layer.product, "field": layer.field}
    return {**{name: text for name, text in shown.items() if text}, "digest": layer.digest, "file": layer.path}


@app.command()
def check(
    norm: Annotated[str, typer.Option("--norm", metavar="NORM", help="norm.json, or the digest of a norm moved.")],
    id: Id = None,
    homes: options.Homes = None,
    as_json: show.Json = False,
) -> None:
    """Check a source against a norm: its columns, whether a row is a person, and how its rows cover the norm.

    Told are also rows outside the universe, persons in several rows (what they add is bounded), weights with the share
    of one person in a period's sum, with what a study that asks for variances would be refused, and the vintage, which
    the node then holds itself to (docs/binding.md).

    Of rasters: that all maps are on one grid, what their legends hold that the binding does not map, in cells, and
    the share of each map without a class; zones without a polygon, beyond the maps, or over each other. Of microdata
    also the share missing of each variable, rows beyond the norm's bounds, which a method clips, and how many rows have
    each value that the binding reads as a number or as no answer. Rows (or cells) of all periods are counted, missing
    (no answer), or outside the norm's lists. Exit 3: some are outside, and which values (until the binding maps them,
    they are left out of every answer); not one row has the weight that is bound; or a zone has no polygon on the maps
    (then no area is answered).

    Example: `comity source check --norm norm.json --home office`
    """
    from comity.model.source import RASTERS
    from comity.services.node import intake, sources
    from comity.stages import collect

    folders = options.homes(homes)
    asked = _norm(norm, folders[0])
    outside: list[tuple[str, Coverage]] = []
    weighed: list[tuple[str, Weights | None]] = []
    fits: list[tuple[str, Fit]] = []

    def one(home: Path) -> dict[str, object]:
        name = id or sources.only(home).source.id
        if sources.named(home, name).source.format == RASTERS:
            fit = intake.check_layers(home, name, asked, tell=tell)
            fits.append((name, fit))
            return {
                "source": name,
                "norm": f"{asked.id}/{asked.version}",
                "cells": fit.coverage.rows,
                "counted": fit.coverage.counted,
                "missing": fit.coverage.missing,
                "outside": fit.coverage.outside,
                "unmapped": fit.coverage.unmapped,
                "without-class-percent": fit.absent,
                "zones-without-polygon": list(fit.unplaced),
                "zones-beyond-maps": list(fit.beyond),
                "zones-overlapping-m2": {" and ".join(one.codes): one.square_metres for one in fit.slivers},
            }
        tell(folders.index(home), len(folders), "reading sources" if len(folders) > 1 else f"reading {name}")
        source, coverage = intake.check_source(home, name, asked)
        inspected = intake.inspect_source(home, name, asked)
        absent = coverage.absent | inspected.unanswered
        outside.append((name, coverage))
        weighed.append((name, inspected.weights))
        return {
            "source": source.id,
            "norm": f"{asked.id}/{asked.version}",
            "row-is-a-person": source.unique,
            "rows": coverage.rows,
            "counted": coverage.counted,
            "missing": coverage.missing,
            "outside": coverage.outside,
            "unmapped": coverage.unmapped,
            "missing-percent": {name: _percent(rows, coverage.rows) for name, rows in absent.items()},
            "beyond-bounds": coverage.beyond,
            "recoded": coverage.recoded,
            **_inspected(inspected, asked),
            "vintage": source.vintage,
        }

    with progress.telling() as tell:
        columns = ("source", "rows", "cells", "counted", "missing", "outside")
        options.each(folders, one, columns, as_json=as_json)
    for name, coverage in outside:
        collect.insist(coverage, where=f"source {name}")
    for name, weights in weighed:
        collect.insist_weighed(weights, where=f"source {name}")
    for name, fit in fits:
        from comity.stages import places  # where there are maps, there are their libraries

        places.insist(fit.unplaced, fit.beyond, where=f"source {name}")
        collect.insist(fit.coverage, where=f"source {name}", of="cells")


def _inspected(found: "Inspection", norm: "Norm") -> dict[str, object]:
    """Universe, persons, weights and sample; what there is nothing of is left out of what is read, but for persons."""
    facts: dict[str, object] = {
        "not-bound": list(found.unbound),
        "outside-universe": found.beside,
        "rows-without-id": found.nameless,
        "persons-in-several-rows": found.several,
        "cells-of-a-person-at-most": norm.protection.cells,
    }
    if found.weights is not None:
        told = found.weights
        counts = {"missing": told.missing, "negative": told.negative, "zero": told.zero}
        sizes = {"sum": told.sum, "least": told.least, "most": told.most}
        facts["weights"] = counts | {name: f"{size:.10g}" for name, size in sizes.items()}
        facts["largest-share-of-a-person-percent"] = f"{100 * told.share:.3g}"
    return facts | ({"refuses-variances": found.refused} if found.refused else {})


def _percent(part: int, whole: int) -> str:
    """A share of the rows, in percent."""
    return f"{100 * part / whole:.1f}" if whole else "0.0"


def _norm(word: str, home: Path) -> "Norm":
    """A norm out of a file, or by digest out of the log."""
    from comity import canon
    from comity.model.norm import Norm

    if word.startswith("sha256:"):
        name = options.digest(word, where="--norm")
        with options.reading(None, home) as reading:
            return canon.decode(reading.get(name), Norm, where=word)
    return options.norm_file(Path(word))
