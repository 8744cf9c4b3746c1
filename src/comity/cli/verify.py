"""`comity verify`: a release folder, or the file of one figure, checked offline. What is checked is `stages.verify`.

Exit: 0 everything holds; 1 something in folder or file does not, whatever it is; 2 the command cannot be carried out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Annotated, Final

import typer

from comity import canon
from comity.canon import Digest
from comity.cli import files, show
from comity.errors import FormatError, NotVerified, UsageError
from comity.model.release import Figure
from comity.stages.verify.report import UNPINNED, Report
from comity.tlog.quorum import Policy

LARGEST: Final = 2**31  # bytes of one file
PIN_IT: Final = "Pin it with a digest from a source that you trust: --charter sha256:..."


class Disk(Mapping[str, bytes]):
    """The files of a folder, read when asked for. Links are not followed: a release holds its own files."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @cached_property
    def _paths(self) -> dict[str, Path]:
        files = (path for path in sorted(self._root.rglob("*")) if path.is_symlink() or not path.is_dir())
        return {path.relative_to(self._root).as_posix(): path for path in files}

    def __getitem__(self, path: str) -> bytes:
        file = self._paths[path]
        if file.is_symlink() or not file.is_file():
            raise NotVerified("not a file of the folder's own", where=path, found="a link or a device")
        try:
            if (size := file.stat().st_size) > LARGEST:
                raise NotVerified("file too large", where=path, found=f"{size} bytes", wanted=f"{LARGEST} at most")
            return file.read_bytes()
        except OSError as e:
            raise NotVerified("file cannot be read", where=path, found=str(e.strerror)) from None

    def __contains__(self, path: object) -> bool:
        return path in self._paths

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def verify(
    given: Annotated[
        Path,
        typer.Argument(
            metavar="DIR_OR_FILE", help="The release folder, or the file of one figure.", show_default=False
        ),
    ],
    charter: Annotated[
        str | None,
        typer.Option("--charter", metavar="DIGEST", help="Of a folder: the charter that the log must begin with."),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option(
            "--policy", metavar="FILE", help="A quorum of your own (c2sp.org/tlog-policy), for the charter's."
        ),
    ] = None,
    as_json: show.Json = False,
) -> None:
    """Check a release, or one figure of it, offline. Opens no connection.

    Of a folder (comity release fetch): votes, consents, roster, sum, figures, files, log and quorum. Everything is
    recomputed from the log's leaves and the published vectors; the figures printed are those.

    Of a file (comity release prove): its figure is one of a release that was published in the log, under a quorum. Says
    the figure in words, and what one file cannot show.

    Arithmetic is verified, truth is not. Exit 0: everything holds. Exit 1: something does not, and its line says what.

    Example: `comity verify build/demo/release --charter sha256:...`
    """
    if given.is_file():
        _one(given, charter, files.policy(policy), as_json)
        return
    if not given.is_dir():
        wanted = "the folder of a release, or the file of a figure"
        raise UsageError("no such folder or file", where="DIR_OR_FILE", found=str(given), wanted=wanted)
    # One figure does not wait for what a whole release needs.
    from comity.stages.verify.check import verify as check

    report = check(Disk(given), pin=_pin(charter), policy=files.policy(policy))
    if as_json:
        show.document(_document(report))
    else:
        _print(report)
    if not report.holds:
        raise typer.Exit(1)


def _one(file: Path, charter: str | None, policy: Policy | None, as_json: bool) -> None:
    """The file of one figure."""
    # Words are read from a catalogue, which a folder's check does not wait for.
    from comity.cli import figure as figures
    from comity.stages.publish import kept
    from comity.stages.verify import figure
    from comity.tlog import evidence, receipt

    if charter is not None:
        raise UsageError(
            "one figure does not hold the charter, only the keys of a quorum",
            where="--charter",
            wanted="--policy FILE",
            way_out="take the policy from a source that you trust; or fetch the whole release and pin its charter",
        )
    try:
        with file.open("rb") as opened:
            data = opened.read(kept.LARGEST + 1)
    except OSError as e:
        raise UsageError("cannot read the file", where=str(file), found=str(e.strerror)) from None
    if data.startswith((f"{evidence.HEADER}\n".encode(), f"{receipt.DROPPED}\n".encode())):
        way_out = f"comity log evidence {file} --log VKEY"
        raise UsageError(
            "evidence against a log, no figure", where=str(file), wanted="a figure's file", way_out=way_out
        )
    found = figure.verify(data, policy=policy)
    if as_json:
        show.document(figures.document(found))
    else:
        figures.told(found)
    if not found.holds:
        raise typer.Exit(1)


def _pin(text: str | None) -> Digest | None:
    if text is None:
        return None
    try:
        canon.hex_of(text.strip())
    except FormatError as e:
        raise UsageError(e.what, where="--charter", found=e.found, wanted=e.wanted) from None
    return Digest(text.strip())


def _print(report: Report) -> None:
    """Claims, figures, and the line that sums up."""
    for claim in report.claims:
        typer.echo(str(claim))
    if report.figures:
        typer.echo("")
        columns = ("cell", "measure", "value", "sampling", "noise", "status")
        show.rows(map(_row, report.figures), columns, as_json=False, none="")
    typer.echo("")
    if report.last == UNPINNED:
        typer.echo(PIN_IT)
    typer.echo(report.last)


def _row(figure: Figure) -> dict[str, str | None]:
    return {
        "cell": ", ".join(figure.key),
        "measure": figure.measure,
        "value": figure.value,
        "sampling": figure.sampling,
        "noise": figure.noise,
        "status": figure.status,
    }


def _document(report: Report) -> dict[str, object]:
    return {
        "holds": report.holds,
        "last": report.last,
        "charter": report.charter,
        "trusted": report.trusted,
        "claims": [asdict(claim) for claim in report.claims],
        "figures": [asdict(figure) for figure in report.figures],
    }
