"""What several commands share: a group's form, the options for state folders, and those for the log that is read.

Decides what a reader is told of the log that it did not pin, or that could not be read to its end.
"""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from comity import canon
from comity.canon import Digest
from comity.cli import show
from comity.errors import ComityError, FormatError, UsageError, visible

if TYPE_CHECKING:
    from comity.acts.charter import Matter
    from comity.acts.terms import Terms
    from comity.model.norm import Norm
    from comity.model.study import Study
    from comity.services.node.floor import Said
    from comity.services.node.preview import Asking
    from comity.services.reading import Reading
    from comity.tlog.note import Vkey


HOME: Final = "COMITY_HOME"

Home = Annotated[
    Path | None,
    typer.Option("--home", metavar="FOLDER", help=f"The state folder; else {HOME}.", show_default=False),
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
NormFile = Annotated[
    Path | None,
    typer.Option("--norm", metavar="NORM.json", help="The study's norm, if the study is a file nobody has moved yet."),
]
Motion = Annotated[int, typer.Argument(metavar="MOTION", help="The motion, by its leaf index.")]
Open = Annotated[
    int, typer.Option("--open", metavar="SECONDS", help="How long votes count; the charter's least time if less.")
]
STUDY: Final = "A study by digest, id or id/version; or a study.json that nobody has moved yet."


def names(word: str, study: "Asking") -> bool:
    """Whether a word on the command line means this study."""
    return word in (study.study, study.id, f"{study.id}/{study.version}")


def group() -> typer.Typer:
    """A group of commands; a group of one stays a group."""
    return typer.Typer(no_args_is_help=True, add_completion=False, callback=lambda: None)


def is_home(given: Path | None) -> bool:
    """Whether a state folder is named, by option or by COMITY_HOME."""
    return given is not None or bool(os.environ.get(HOME))


def homes(given: list[Path] | None) -> list[Path]:
    """State folders as given, else COMITY_HOME."""
    from comity.services import config

    return given or [config.home(None)]


def each(
    given: list[Path] | None, act: Callable[[Path], dict[str, Any]], columns: Sequence[str], *, as_json: bool
) -> None:
    """Do something for each office: facts for one, a row each for several.

    One office's failure keeps no other from its own: it is said, and decides the exit code when all had their turn.
    """
    folders = homes(given)
    if len(folders) == 1:
        show.facts(act(folders[0]), as_json=as_json)
        return
    done, failed = [], []
    for home in folders:
        try:
            done.append({"home": str(home)} | act(home))
        except ComityError as e:
            failed.append(e)
            note(f"{home}: {e.code}: {show.error(e)}")
    show.rows(done, ("home", *columns), as_json=as_json, none="No office has done it.")
    if failed:
        raise typer.Exit(failed[0].exit)


def said(statement: "Said") -> dict[str, Any]:
    """A statement that is in the log, as facts: its kind with its leaf index, and its digest."""
    return {statement.kind: statement.index, "leaf": statement.leaf}


def moved(matter: "Matter", terms: "Terms", *, name: str, seconds: int, home: Path | None) -> dict[str, Any]:
    """Move what a motion holds in its leaf, and the facts of that."""
    from comity.services import config
    from comity.services.node import floor

    return said(floor.move(config.home(home), matter, canon.encode(terms), name=name, seconds=seconds, terms=terms))


def time(text: str, *, where: str) -> int:
    """POSIX seconds of a day or time as it was typed; UsageError for another spelling."""
    from comity.model import moment

    try:
        return moment.read(text, where=where)
    except FormatError as e:
        raise UsageError(e.what, where=where, found=e.found, wanted=e.wanted) from None


def digest(text: str, *, where: str) -> Digest:
    """A digest as it was typed; UsageError for another spelling."""
    try:
        canon.hex_of(text)
    except FormatError as e:
        raise UsageError(e.what, where=where, found=e.found, wanted=e.wanted, way_out="copy it whole") from None
    return Digest(text)


def text(file: Path) -> str:
    """A text file; FormatError if it is not UTF-8."""
    try:
        return file.read_bytes().decode()
    except UnicodeDecodeError as e:
        raise FormatError("not a text in UTF-8", where=str(file), found=str(e), wanted="UTF-8") from None


def held(folder: Path, file: Path) -> bytes:
    """A file of a folder that others may have written; FormatError if it lies elsewhere: what is read gets public."""
    if file.resolve() != folder.resolve() / file.relative_to(folder):
        raise FormatError(
            "a link", where=str(file), wanted="a file in this folder", way_out="put the file itself there"
        )
    return file.read_bytes()


def vkey(text: str, *, where: str) -> "Vkey":
    """A verifier key as it was typed."""
    from comity.tlog.note import Vkey

    try:
        return Vkey.parse(text)
    except FormatError as e:
        raise UsageError(e.what, where=where, found=e.found, wanted=e.wanted, way_out="copy it whole") from None


def norm_file(file: Path | None) -> "Norm":
    """A norm out of its bundle; UsageError if none is given."""
    from comity.model.norm import Norm

    if file is None:
        raise UsageError(
            "a study that nobody has moved yet wants its norm", wanted="--norm NORM.json", way_out="comity norm pack"
        )
    return canon.decode(file.read_bytes(), Norm, where=str(file))


def study_file(word: str) -> "Study | None":
    """A study out of a file, if the word names one; None if it is to be looked up in the log."""
    from comity.model.study import Study

    path = Path(word)
    if path.suffix != ".json" and not path.is_file():
        return None
    return canon.decode(path.read_bytes(), Study, where=word)


@contextmanager
def reading(hub: str | None, home: Path | None, charter: str | None = None) -> Iterator["Reading"]:
    """The log at a hub, or as an office's own node reads it; what must be said of it goes to standard error."""
    if hub and home:
        raise UsageError("--hub and --home name two logs", wanted="one of them")
    if not hub and not is_home(home):
        raise UsageError("no log is named", wanted="--hub URL or --home FOLDER", way_out=f"give one, or set {HOME}")
    from comity.services import config
    from comity.services import reading as logs

    if hub and not hub.startswith(("http://", "https://")):
        raise UsageError("not an address", where="--hub", found=hub, wanted="http:// or https://")
    if hub:
        opened = logs.at_hub(hub, digest(charter, where="--charter") if charter else None)
    else:
        opened = logs.at_home(config.home(home))
    with opened:
        if opened.stale:
            note(f"not read to its end, this is what the node had verified before: {opened.stale}")
        yield opened
        if not opened.log.pinned:
            unpinned(opened.log.charter)


def unpinned(charter: Digest) -> None:
    """What must be said of a log whose charter the reader did not name."""
    note(f"under a charter you did not pin: give --charter {charter} if a source you trust names it")


def line(text: str) -> None:
    """A line of a service, at once."""
    print(visible(text), flush=True)


def note(line: str) -> None:
    """A line for people beside the facts."""
    print(f"comity: {visible(line)}", file=sys.stderr)
