"""`comity reproduce`: a release made again from what is public, and compared. What is compared: `stages.replay`.

Exit: 0 all files are the same, or equal in content; 1 one differs, is missing, or cannot be made again.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from comity.cli import show
from comity.cli.verify import Disk
from comity.errors import UsageError


def reproduce(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The release folder.", show_default=False)],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write the files made again into this new folder.")
    ] = None,
    as_json: show.Json = False,
) -> None:
    """Make a release's files again from its log, vectors and texts, and compare them byte for byte.

    Parquet and drawings may differ in bytes under another version of the libraries that write them; equal content is
    told apart from other content. Whether the release is true to the log says `comity verify`.

    Example: `comity reproduce build/demo/release`
    """
    if not folder.is_dir():
        raise UsageError("no such folder", where="DIR", found=str(folder), wanted="the folder of a release")
    if out is not None and out.exists():
        raise UsageError("is there already", where="--out", found=str(out), wanted="a new folder")
    from comity.stages import replay

    files = Disk(folder)
    made = replay.again(files)
    compared = replay.compare(files, made)
    if out is not None:
        out.mkdir(parents=True)
        for path, body in made.items():
            (out / path).write_bytes(body)
    show.rows(map(asdict, compared), ("path", "outcome", "made"), as_json=as_json, none="Nothing to make.")
    if any(one.outcome not in replay.GOOD for one in compared):
        raise typer.Exit(1)
