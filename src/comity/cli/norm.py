"""`comity norm`: how something is measured, packed into the bundle that is voted on."""

from pathlib import Path
from typing import Annotated, Any

import typer

from comity.cli import options, show

app = options.group()


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
    from comity.model import norm as norms

    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in _files(folder)}
    norm = norms.read(files)
    durable.write(out, canon.encode(norm))
    show.facts(
        {
            "norm": f"{norm.id}/{norm.version}",
            "title": norm.title,
            "goal": f"related to {norm.goal}" if norm.related else norm.goal,
            "structure": norm.structure.urn,
            "dimensions": [dimension.id for dimension in norm.structure.dimensions],
            "measures": [measure.id for measure in norm.structure.measures],
            "threshold": norm.protection.threshold,
            "out": str(out),
            "digest": norm.digest,
        },
        as_json=as_json,
    )


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


def _files(folder: Path) -> list[Path]:
    """The files of a norm, and none besides: notes of its authors may lie beside them."""
    return [path for path in (folder / "norm.toml", *sorted(folder.glob("codes/*.csv"))) if path.is_file()]
