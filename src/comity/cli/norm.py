"""`comity norm`: how something is measured, packed into the bundle that is voted on, checked, and handed on."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from comity.cli import options, recognised, show

if TYPE_CHECKING:
    from comity.model.norm import Norm

app = options.group()

Given = Annotated[Path, typer.Argument(metavar="NORM", help="A norm's folder, or its bundle (norm.json).")]


class Format(StrEnum):
    """What a norm can be handed on as."""

    DDI, XLSFORM = "ddi", "xlsform"


@app.command()
def pack(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="norm.toml and codes/*.csv.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The bundle, as canonical JSON.")],
    as_json: show.Json = False,
) -> None:
    """Read a norm's folder strictly and write the bundle that is voted on; its digest is what everyone names.

    Example: `comity norm pack norm --out norm.json`
    """
    from comity import canon
    from comity.adapters import durable

    norm = read(folder)
    durable.write(out, canon.encode(norm))
    facts = summary(norm)
    digest = facts.pop("digest")
    show.facts(facts | {"out": str(out), "digest": digest}, as_json=as_json)


@app.command()
def unpack(
    file: Annotated[Path, typer.Argument(metavar="NORM.json", help="The bundle of a norm.")],
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="A folder that is not there yet, or is empty.")],
    as_json: show.Json = False,
) -> None:
    """Write a norm's folder out of its bundle, in the one spelling that packs to the same digest.

    Example: `comity norm unpack norm.json --out norm`
    """
    from comity.adapters import durable
    from comity.model import norm as norms

    norm = read(file)
    files = norms.write(norm)
    with durable.folder(out) as new:
        durable.write_all({new / path: data for path, data in files.items()})
    show.facts({"norm": norm.name, "out": str(out), "files": sorted(files), "digest": norm.digest}, as_json=as_json)


@app.command()
def check(
    norm: Given,
    against: Annotated[
        Path | None, typer.Option("--against", metavar="OLD", help="The version that it replaces: folder or bundle.")
    ] = None,
    as_json: show.Json = False,
) -> None:
    """Check that a norm holds together and, with --against, that its version says what changed. Exit 1 if it does not.

    A code, dimension, measure, variable, question or refusing rule that is gone or means something else is a major
    change; what is new is minor; what only words is a patch. Every node checks the same before it answers.

    Example: `comity norm check norm --against norm-1.0.0.json`
    """
    from comity.errors import Refused
    from comity.model.bundle import version

    new = read(norm)
    if against is None:
        show.facts(summary(new), as_json=as_json)
        return
    old = read(against)
    if wrong := version.version_faults(old, new):
        raise Refused(
            "its version does not say what changed",
            where=new.name,
            found="; ".join(wrong),
            wanted=f"a {version.change(old, new)} change of {old.name}",
            way_out="comity norm diff OLD NEW lists every change",
        )
    show.facts(summary(new) | {"replaces": old.name, "change": version.change(old, new)}, as_json=as_json)


@app.command()
def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="The version before: folder or bundle.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The version after: folder or bundle.")],
    as_json: show.Json = False,
) -> None:
    """What changed between two versions, in plain words, the largest change first.

    Example: `comity norm diff norm-1.0.0.json norm`
    """
    from comity.model.bundle import version

    rows = [{"change": one.size, "what": one.what} for one in version.changes(read(old), read(new))]
    show.rows(rows, ("change", "what"), as_json=as_json, none="Nothing changed but the numbers.")


@app.command()
def export(
    format_: Annotated[
        Format,
        typer.Argument(metavar="FORMAT", show_choices=False, help="ddi (DDI Codebook 2.5) or xlsform (.xlsx)."),
    ],
    norm: Given,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The file to write.")],
    as_json: show.Json = False,
) -> None:
    """Hand a norm on: as a codebook for archives and editors, or as a form for ODK, KoboToolbox, Survey Solutions.

    Equal norms give equal bytes.

    Example: `comity norm export xlsform norm.json --out form.xlsx`
    """
    from comity import canon
    from comity.adapters import durable

    given = read(norm)
    if format_ is Format.DDI:
        from comity.stages.export import ddi

        data = ddi.codebook(given)
    else:
        from comity.stages.export import xlsform  # its library is in an extra

        data = xlsform.workbook(given)
    durable.write(out, data)
    facts = {"norm": given.name, "format": format_.value, "questions": len(given.questions)}
    show.facts(facts | {"out": str(out), "bytes": len(data), "digest": canon.digest(data)}, as_json=as_json)


@app.command("show")
def show_(norm: Given, as_json: show.Json = False) -> None:
    """A norm on one page, in plain words.

    Example: `comity norm show norm.json`
    """
    import msgspec

    from comity.cli import norm_page

    given = read(norm)
    if as_json:
        show.document(msgspec.to_builtins(given) | {"digest": given.digest})
        return
    for line in norm_page.lines(given):
        options.line(line)


app.command()(recognised.recognise)
app.command("recognised")(recognised.recognised)


@app.command("list")
def list_(
    hub: options.Hub = None, home: options.Home = None, charter: options.Pin = None, as_json: show.Json = False
) -> None:
    """Norms in force by the members' decision.

    Example: `comity norm list --hub https://hub.example.org`
    """
    with options.reading(hub, home, charter) as reading:
        rows = in_force(reading.log.state, "norm", "norm-recognised")
    show.rows(rows, COLUMNS, as_json=as_json, none="No norm is in force.")


COLUMNS = ("name", "matter", "moved-by", "since", "motion", "digest")


def in_force(state: Any, *matters: Any) -> list[dict[str, Any]]:
    """Things in force of these matters, as rows."""
    from comity.assembly import queries

    return [
        {
            "name": thing.name,
            "matter": thing.matter,
            "moved-by": state.motions[thing.motion.index].mover,
            "since": show.time(thing.time),
            "motion": thing.motion.index,
            "digest": thing.thing.digest,
        }
        for matter in matters
        for thing in queries.standing(state, matter)
    ]


def read(path: Path) -> "Norm":
    """A norm out of its folder or its bundle; notes of its authors may lie beside its files."""
    from comity.model import norm as norms
    from comity.model.bundle import folder

    if not path.is_dir():
        return folder.decode(path.read_bytes(), where=str(path))
    files = [path / "norm.toml", *sorted(path.glob("codes/*.csv"))]
    held = [file for file in files if file.is_file() or file.is_symlink()]
    return norms.read({file.relative_to(path).as_posix(): options.held(path, file) for file in held})


def summary(norm: "Norm") -> dict[str, Any]:
    """What a norm is, as facts."""
    return {
        "norm": norm.name,
        "title": norm.title,
        "goal": f"related to {norm.goal}" if norm.related else norm.goal,
        "structure": norm.structure.urn,
        "dimensions": [dimension.id for dimension in norm.structure.dimensions],
        "measures": [measure.id for measure in norm.structure.measures],
        "questions": len(norm.questions),
        "rules": len(norm.rules),
        "threshold": norm.protection.threshold,
        "digest": norm.digest,
    }
