"""What several commands share: a group's form, the options for state folders, and those for the log that is read.

Decides what a reader is told of the log that it did not pin, or that could not be read to its end.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from comity import canon
from comity.canon import Digest
from comity.errors import FormatError, UsageError

if TYPE_CHECKING:
    from comity.services.reading import Reading

HOME: Final = "COMITY_HOME"

Home = Annotated[
    Path | None,
    typer.Option("--home", metavar="FOLDER", help=f"The office's state folder; else {HOME}.", show_default=False),
]
Homes = Annotated[
    list[Path] | None,
    typer.Option(
        "--home",
        metavar="FOLDER",
        help=f"The office's state folder, else {HOME}; repeated, each office does it with its own key.",
        show_default=False,
    ),
]
Hub = Annotated[
    str | None,
    typer.Option("--hub", metavar="URL", help="Read this hub's log, or a mirror's, without a state folder."),
]
Pin = Annotated[
    str | None,
    typer.Option("--charter", metavar="DIGEST", help="With --hub: the charter that the log must begin with."),
]
Reason = Annotated[str, typer.Option("--reason", metavar="CODE", help="Why: a code of the closed list.")]


def group() -> typer.Typer:
    """A group of commands; a group of one stays a group."""
    return typer.Typer(no_args_is_help=True, add_completion=False, callback=lambda: None)


def homes(given: list[Path] | None) -> list[Path]:
    """State folders as given, else COMITY_HOME."""
    from comity.services import config

    return given or [config.home(None)]


def digest(text: str, *, where: str) -> Digest:
    """A digest as it was typed; UsageError for another spelling."""
    try:
        canon.hex_of(text)
    except FormatError as e:
        raise UsageError(e.what, where=where, found=e.found, wanted=e.wanted, way_out="copy it whole") from None
    return Digest(text)


@contextmanager
def reading(hub: str | None, home: Path | None, charter: str | None = None) -> Iterator["Reading"]:
    """The log at a hub, or as an office's own node reads it; what must be said of it goes to standard error."""
    if hub and home:
        raise UsageError("--hub and --home name two logs", wanted="one of them")
    if not hub and not home and not os.environ.get(HOME):
        raise UsageError("no log is named", wanted="--hub URL or --home FOLDER", way_out=f"give one, or set {HOME}")
    from comity.services import config
    from comity.services import reading as logs

    if hub:
        opened = logs.at_hub(hub, digest(charter, where="--charter") if charter else None)
    else:
        opened = logs.at_home(config.home(home))
    with opened:
        if opened.stale:
            note(f"not read to its end, this is what the node had verified before: {opened.stale}")
        yield opened
        if not opened.log.pinned:
            note(f"under a charter you did not pin: give --charter {opened.log.charter} if a source you trust names it")


def note(line: str) -> None:
    """A line for people beside the facts."""
    print(f"comity: {line}", file=sys.stderr)
