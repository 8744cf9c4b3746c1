"""`comity rehearse`: a study on made-up people, for training and for researchers. Needs no data and no hub."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from comity.cli import options, progress, show
from comity.cli.dry_run import told


def rehearse(
    study: Annotated[Path, typer.Argument(metavar="STUDY.json", help="A study as it was packed.")],
    norm: Annotated[Path, typer.Option("--norm", metavar="NORM.json", help="The study's norm.")],
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="A new folder for the made-up people.")],
    seed: Annotated[str, typer.Option("--seed", metavar="TEXT", help="The same text makes the same people.")] = "1",
    persons: Annotated[
        int, typer.Option("--persons", metavar="NUMBER", help="How many people answer in each period of the study.")
    ] = 1000,
    period: Annotated[
        str, typer.Option("--period", metavar="PERIOD", help="May be left out if the study has one only.")
    ] = "",
    form: Annotated[
        Literal["csv", "parquet"], typer.Option("--format", help="What the people are written as.")
    ] = "csv",
    policy: Annotated[
        Path | None,
        typer.Option("--policy-of", metavar="HOME", help="Answer by this office's policy; else by one that allows it."),
    ] = None,
    as_json: show.Json = False,
) -> None:
    """Make people up from a norm alone, and run a study dry on them: see `comity dry-run`.

    The folder holds the people, the binding that reads them, and a node of their own (`office`) in which every command
    of an office can be tried. Everything in it says SYNTHETIC. Every answer is a code of the norm or lies between its
    bounds; weights, strata and clusters are made up, too. The same seed makes the same people.

    Example: `comity rehearse study.json --norm norm.json --out rehearsal`
    """
    from comity import canon
    from comity.errors import UsageError
    from comity.model.study import Study
    from comity.services.node import rehearsing
    from comity.stages.rehearsal import REMARK

    if not study.is_file():
        raise UsageError("no such file", where=str(study), wanted="a study.json", way_out="comity study pack")
    asked = canon.decode(study.read_bytes(), Study, where=str(study))
    with progress.telling() as tell:
        found = rehearsing.rehearse(
            asked,
            options.norm_file(norm),
            out,
            seed=seed,
            persons=persons,
            period=period,
            form=form,
            policy=policy,
            tell=tell,
        )
    if not as_json:
        typer.echo(f"{REMARK}\n")
    told(found, None, as_json=as_json)
