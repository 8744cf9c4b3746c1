"""`comity assembly pages`: the public pages of the assembly, made by anyone from public files."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from comity.cli import options, show
from comity.errors import UsageError

if TYPE_CHECKING:
    from comity.services.pages import Written


def pages(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder; pages come below it, in `assembly`.")],
    folder: Annotated[
        Path | None, typer.Argument(metavar="[FOLDER]", help="Public files of the log, such as a mirror's copy.")
    ] = None,
    hub: options.Hub = None,
    home: options.Home = None,
    charter: options.Pin = None,
    as_json: show.Json = False,
) -> None:
    """Make the pages of the assembly, of its norms, members, motions, estimates and audits, from public files.

    They are the pages that the hub shows, byte for byte, if they are made from the same head and the same public texts.
    Where DIR is a mirror's folder of public files, links to releases and texts lead to the mirror's own.

    Example: `comity assembly pages --hub https://hub.example.org --out pages`

    Example: `comity assembly pages copy --out copy/public`
    """
    from comity.services import pages as made
    from comity.services import reading as logs

    if folder is None:
        with options.reading(hub, home, charter) as reading:
            facts = _facts(out, made.write(reading, out), reading.log.state.size)
    elif hub or home:
        raise UsageError("two logs are named", where=str(folder), wanted="FOLDER, --hub or --home, one of them")
    else:
        pin = options.digest(charter, where="--charter") if charter else None
        with logs.in_folder(folder, pin) as reading:
            facts = _facts(out, made.write(reading, out), reading.log.state.size)
            if not reading.log.pinned:
                options.unpinned(reading.log.charter)
    show.facts(facts, as_json=as_json)


def _facts(out: Path, found: "Written", size: int) -> dict[str, Any]:
    return {"pages": found.pages, "written": found.written, "size": size, "first": str(out / "assembly" / "index.html")}
