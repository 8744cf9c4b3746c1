"""`comity reproduce`: a release made again from what is public, and compared, part by part: `stages.reproduce`.

Of a raster study also blocks that dice choose, from the rasters themselves (`services.rerun`).

Exit: 0 all files and blocks are the same, or equal in content; 1 one differs, is missing, or cannot be made again; 3 a
raster that the release names is not among the inputs.
"""

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from comity.cli import progress, show
from comity.cli.verify import Disk
from comity.errors import UsageError

if TYPE_CHECKING:
    from comity.stages.reproduce import Part, Reproduced


def reproduce(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The release folder.", show_default=False)],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write the files made again into this new folder.")
    ] = None,
    inputs: Annotated[
        Path | None,
        typer.Option(
            "--inputs", metavar="DIR", help="Rasters and sample of a raster study, found by digest: compute again."
        ),
    ] = None,
    blocks: Annotated[
        int, typer.Option("--blocks", metavar="K", help="So many blocks, as dice choose; with --inputs.")
    ] = 8,
    as_json: show.Json = False,
) -> None:
    """Make a release again from its log, vectors and texts, part by part, and compare byte for byte.

    The opened sum is recomputed from the published vectors; figures, files, the page and its drawings follow from it.
    Parquet and drawings may differ in bytes under another version of the libraries that write them; equal content is
    told apart from other content. Whether the release is true to the log says `comity verify`.

    Of a raster study, --inputs names a folder with the rasters, and the reference sample if there is one; the release
    lists them by digest (blocks.json). Some of its blocks are computed again from them, and compared with what the
    release says they gave; each point of the sample is looked up.

    Example: `comity reproduce build/demo/release`

    Example: `comity reproduce release --inputs rasters --blocks 8`
    """
    if not folder.is_dir():
        raise UsageError("no such folder", where="DIR", found=str(folder), wanted="the folder of a release")
    if out is not None and out.exists():
        raise UsageError("is there already", where="--out", found=str(out), wanted="a new folder")
    if inputs is not None and not inputs.is_dir():
        raise UsageError("no such folder", where="--inputs", found=str(inputs), wanted="a folder with the rasters")
    if blocks < 1:
        raise UsageError("not a number of blocks", where="--blocks", found=str(blocks), wanted="1 or more")
    from comity.stages.reproduce import reproduce as again

    files = Disk(folder)
    found = again(files)
    if inputs is not None:
        found = replace(found, parts=(*found.parts, *_blocks(files, inputs, blocks)))
    if out is not None:
        out.mkdir(parents=True)
        for path, body in found.files.items():
            (out / path).write_bytes(body)
    _print(found, as_json=as_json)
    if not found.equal:
        raise typer.Exit(1)


def _blocks(files: Disk, inputs: Path, count: int) -> "tuple[Part, ...]":
    """A part for each block that was computed again, and one for the reference sample."""
    from comity.adapters.dice import dice
    from comity.pages import words
    from comity.services import rerun
    from comity.stages.reproduce import Part

    with progress.telling() as tell:
        found = rerun.again(files, inputs, count, dice=dice, tell=tell)
    sampled = () if found.sample is None else (_sample(found.sample),)
    return sampled + tuple(
        Part(
            part=words.say("again.block", row=one.block.row, column=one.block.column),
            outcome="same" if one.equal else "differs",
            what=words.say("again.block.same") if one.equal else words.count("again.block.differs", len(one.differs)),
        )
        for one in found.blocks
    )


def _sample(differs: tuple[int, ...]) -> "Part":
    """What the reference sample and the rasters give together."""
    from comity.pages import words
    from comity.stages.reproduce import Part

    return Part(
        part=words.say("again.sample"),
        outcome="differs" if differs else "same",
        what=words.count("again.sample.differs", len(differs)) if differs else words.say("again.sample.same"),
    )


def _print(found: "Reproduced", *, as_json: bool) -> None:
    """The parts, and the line that sums up."""
    if as_json:
        show.document({"equal": found.equal, "last": found.last, "parts": [asdict(part) for part in found.parts]})
        return
    from comity.pages import words

    head = {name: words.say(f"again.{name}") for name in ("part", "result", "what")}
    rows = [
        {
            head["part"]: part.part,
            head["result"]: words.say(f"again.outcome.{part.outcome}"),
            head["what"]: part.what,
        }
        for part in found.parts
    ]
    show.rows(rows, tuple(head.values()), as_json=False, none="")
    typer.echo("")
    typer.echo(found.last)
