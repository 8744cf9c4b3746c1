"""`comity norm recognise` and `recognised`: an outside norm, taken by digest from its file, and held against it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from comity.cli import options, show

if TYPE_CHECKING:
    from comity.model.bundle.recognised import Recognised

MEDIA: Final = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".pdf": "application/pdf",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xml": "application/xml",
}
OTHER: Final = "application/octet-stream"


def recognise(
    file: Annotated[Path, typer.Option("--file", metavar="FILE", help="The file, as its authority published it.")],
    id: Annotated[str, typer.Option("--id", metavar="ID", help="A short name for it, such as SDG_DSD.")],
    version: Annotated[str, typer.Option("--version", metavar="TEXT", help="Its version, as its authority writes it.")],
    title: Annotated[str, typer.Option("--title", metavar="TEXT", help="What it is called.")],
    authority: Annotated[str, typer.Option("--authority", metavar="NAME", help="Whose norm it is.")],
    address: Annotated[str, typer.Option("--address", metavar="URL", help="Where its authority published it.")],
    retrieved: Annotated[str, typer.Option("--retrieved", metavar="DATE", help="When it was fetched: 2024-02-29.")],
    licence: Annotated[str, typer.Option("--licence", metavar="TEXT", help="Under which terms it can be used.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The record that is voted on.")],
    structure: Annotated[
        str, typer.Option("--structure", metavar="URN", help="What is used of it; without it, all of it.")
    ] = "",
    media: Annotated[
        str, typer.Option("--media-type", metavar="TYPE", help="Such as application/xml; else by the file's name.")
    ] = "",
    as_json: show.Json = False,
) -> None:
    """Write the record by which members recognise an outside norm: authority, address, version and digest.

    Reads the file and no network. The file itself is not part of it: nothing of others is copied.

    Example: `comity norm recognise --file SDG_DSD.xml --id SDG_DSD --version 1.4 --title "SDG data structure"
    --authority IAEG-SDGs --address https://registry.sdmx.org/ --retrieved 2024-02-29 --licence "UN terms of use"
    --out recognised.json`
    """
    from comity import canon
    from comity.adapters import durable
    from comity.model.bundle.recognised import Recognised, sound

    data = file.read_bytes()
    record = Recognised(
        id=id,
        version=version,
        title=title,
        authority=authority,
        address=address,
        digest=canon.digest(data),
        size=len(data),
        media_type=media or MEDIA.get(file.suffix.lower(), OTHER),
        retrieved=retrieved,
        licence=licence,
        structure=structure,
    )
    text = canon.encode(sound(record, where="the record"))
    durable.write(out, text)
    show.facts(facts(record) | {"out": str(out), "record": canon.digest(text)}, as_json=as_json)


def recognised(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that is said to be a recognised norm.")],
    record: Annotated[
        Path | None, typer.Option("--record", metavar="RECOGNISED.json", help="Hold it against this record alone.")
    ] = None,
    hub: options.Hub = None,
    home: options.Home = None,
    charter: options.Pin = None,
    as_json: show.Json = False,
) -> None:
    """Whether a file is an outside norm that the members recognised, byte for byte. Exit 1 if it is not.

    Example: `comity norm recognised SDG_DSD.xml --hub https://hub.example.org`
    """
    from comity.errors import NotVerified, UsageError
    from comity.model.bundle import recognised as records

    data = file.read_bytes()
    if record is not None and (hub or home):
        raise UsageError("--record names no log", wanted="--record FILE, or --hub URL, or --home FOLDER")
    if record is not None:
        known = [(records.decode(record.read_bytes(), where=str(record)), "")]
    else:
        with options.reading(hub, home, charter) as reading:
            known = in_force(reading)
    for one, motion in known:
        if not one.differs(data):
            show.facts(facts(one) | ({"motion": motion} if motion else {}), as_json=as_json)
            return
    near = [f"{one.name} ({one.differs(data)})" for one, _ in known]
    raise NotVerified(
        "not an outside norm that the members recognised",
        where=str(file),
        found=near[0] if len(near) == 1 else "",
        wanted=", ".join(f"{one.name} {one.digest}" for one, _ in known) or "none is in force",
        way_out="fetch it from the address that the record names: comity norm list",
    )


def in_force(reading: Any) -> "list[tuple[Recognised, str]]":
    """Records in force with their motions; one that nobody can read recognises nothing."""
    from comity.assembly import queries
    from comity.errors import ComityError
    from comity.model.bundle import recognised as records

    found = []
    for thing in queries.standing(reading.log.state, "norm-recognised"):
        try:
            record = records.decode(reading.get(thing.thing.digest), where=thing.name)
        except ComityError as e:
            options.note(f"{thing.name}, motion {thing.motion.index}: {e}")
            continue
        found.append((record, str(thing.motion.index)))
    return found


def facts(record: "Recognised") -> dict[str, Any]:
    """A record as facts."""
    return {
        "recognised": record.name,
        "title": record.title,
        "authority": record.authority,
        "address": record.address,
        "retrieved": record.retrieved,
        "licence": record.licence,
        "used": record.structure or "all of it",
        "bytes": record.size,
        "digest": record.digest,
    }
