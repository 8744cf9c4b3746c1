"""`comity source`: national data at home, and how they answer a norm. Nothing of it leaves the machine."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from comity.cli import options, progress, show

if TYPE_CHECKING:
    from comity.model.norm import Norm
    from comity.model.source import Coverage

app = options.group()

Id = Annotated[str | None, typer.Option("--id", metavar="ID", help="The source; may be left out if there is one only.")]


@app.command()
def add(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Microdata, as Parquet or CSV; one row a person.")],
    id: Annotated[str, typer.Option("--id", metavar="ID", help="What the office calls this source.")],
    homes: options.Homes = None,
    as_json: show.Json = False,
) -> None:
    """Name a file of microdata. It is opened where it lies, and neither copied nor changed.

    Where several offices are served (--home repeated), {office} in FILE stands for the id of each.

    Example: `comity source add respondents.parquet --id survey --home office`
    """
    from comity.services import config
    from comity.services.node import desk

    def one(home: Path) -> dict[str, object]:
        path = file.replace("{office}", config.node(home).id) if "{office}" in file else file
        source = desk.add_source(home, id, Path(path))
        return {"id": source.id, "format": source.format, "file": source.path}

    options.each(homes, one, ("id", "format", "file"), as_json=as_json)


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
    from comity.services.node import desk, sources

    text = options.text(binding)

    def one(home: Path) -> dict[str, object]:
        name = id or sources.only(home).source.id
        kept = desk.bind(home, name, text, where=str(binding))
        return {"source": name, "binding": f"{kept.id}/{kept.version}", "norm": kept.norm, "digest": kept.digest}

    options.each(homes, one, ("source", "binding", "norm"), as_json=as_json)


@app.command("list")
def list_(home: options.Home = None, as_json: show.Json = False) -> None:
    """Sources, their files, and the norms that they are bound to.

    Example: `comity source list --home office`
    """
    from comity.services import config
    from comity.services.node import sources

    folder = config.home(home)
    rows = [
        {
            "id": entry.source.id,
            "format": entry.source.format,
            "checked": entry.source.unique,
            "norms": [binding.norm for binding in sources.bindings(folder, entry)],
            "file": entry.source.path,
        }
        for entry in sources.read(folder)
    ]
    show.rows(rows, ("id", "format", "checked", "norms", "file"), as_json=as_json, none="No source is named yet.")


@app.command()
def check(
    norm: Annotated[str, typer.Option("--norm", metavar="NORM", help="norm.json, or the digest of a norm moved.")],
    id: Id = None,
    homes: options.Homes = None,
    as_json: show.Json = False,
) -> None:
    """Check a source against a norm: its columns, that a row is a person, and how its rows cover the norm.

    Rows of all periods are counted, missing (no answer), or outside the norm's lists. Exit 3: some are outside, and
    which values; until the binding maps them, such rows are left out of every answer.

    Example: `comity source check --norm norm.json --home office`
    """
    from comity.services.node import desk, sources
    from comity.stages import collect

    folders = options.homes(homes)
    asked = _norm(norm, folders[0])
    outside: list[tuple[str, Coverage]] = []

    def one(home: Path) -> dict[str, object]:
        name = id or sources.only(home).source.id
        tell(folders.index(home), len(folders), "reading sources" if len(folders) > 1 else f"reading {name}")
        source, coverage = desk.check_source(home, name, asked)
        outside.append((name, coverage))
        return {
            "source": source.id,
            "norm": f"{asked.id}/{asked.version}",
            "row-is-a-person": source.unique,
            "rows": coverage.rows,
            "counted": coverage.counted,
            "missing": coverage.missing,
            "outside": coverage.outside,
            "unmapped": coverage.unmapped,
        }

    with progress.telling() as tell:
        options.each(folders, one, ("source", "rows", "counted", "missing", "outside"), as_json=as_json)
    for name, coverage in outside:
        collect.insist(coverage, where=f"source {name}")


def _norm(word: str, home: Path) -> "Norm":
    """A norm out of a file, or by digest out of the log."""
    from comity import canon
    from comity.model.norm import Norm

    if word.startswith("sha256:"):
        name = options.digest(word, where="--norm")
        with options.reading(None, home) as reading:
            return canon.decode(reading.get(name), Norm, where=word)
    return options.norm_file(Path(word))
