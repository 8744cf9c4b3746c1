"""`comity release prove --twin`: a release as a folder that a program of others checks, with the command that does."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from comity.cli import show
from comity.errors import UsageError

if TYPE_CHECKING:
    from comity.services.reading import Reading


def write(kind: str, reading: "Reading", release: int, out: Path, *, as_json: bool) -> None:
    """Write the folder, whole or not at all, and print the command to run in it."""
    from comity.adapters import durable
    from comity.services import twins

    if kind not in twins.KINDS:
        wanted = ", ".join(twins.KINDS)
        raise UsageError("no program of this name is known", where="--twin", found=kind, wanted=wanted)
    with durable.folder(out) as new:
        made = twins.KINDS[kind](reading, release)
        durable.write_all({new / name: data for name, data in made.files.items()})
    facts = {"release": release, "twin": kind, "files": list(made.files), "out": str(out), "check": made.command}
    if as_json:
        show.document(facts)
        return
    show.facts({key: facts[key] for key in ("release", "twin", "out")}, as_json=False)
    typer.echo(f"\ncd {out}\n{made.command}")
