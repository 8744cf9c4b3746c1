"""`comity protect check`: tables that an office protected with its own tools, and what an attacker finds out of them.

Nothing leaves the machine, nothing is changed or written.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from comity.cli import progress, protect_files, show
from comity.errors import UsageError

if TYPE_CHECKING:
    from comity.stages.protect.checking import Checked, Finding

SHOWN: Final = 20  # findings that are listed for people


def check(
    cubes: Annotated[
        list[Path], typer.Argument(metavar="CUBE...", help="Protected tables as .csv or .parquet, blanks marked.")
    ],
    true: Annotated[
        list[Path] | None,
        typer.Option("--true", metavar="FILE", help="The true table of them; stays at home. May be given again."),
    ] = None,
    rules: Annotated[
        Path | None, typer.Option("--rules", metavar="FILE.toml", help="Which cells are sensitive; with --true.")
    ] = None,
    structure: protect_files.Structure = None,
    counts: protect_files.Counts = False,
    as_json: show.Json = False,
) -> None:
    """Judge tables that were protected elsewhere: is a blank reckoned too closely from what is shown?

    With the true tables and rules every sensitive cell is asked for. Without them, only blanks that follow exactly from
    the published figures are found. A blank is a line without a figure, or with OBS_STATUS Q, or with a CONF_STATUS
    other than F. Ends with 1 if anything is found.

    Example: `comity protect check published.csv --true turnover.csv --rules rules.toml`
    """
    from comity.adapters import cell_files
    from comity.model import protection
    from comity.stages.protect import checking, placing, recovering

    if bool(true) is not bool(rules):
        raise UsageError(
            "the true tables are judged by rules, and rules are asked of the true tables",
            where="--true, --rules",
            wanted="both, or neither",
        )
    asked = protection.read(protect_files.content(rules, "rules"), where=str(rules)) if rules else None
    published = [cell_files.read(path)[0] for path in cubes]
    form = protect_files.form(structure, counts, published)
    asked = asked.pooled(form.touched) if asked else None
    placed = placing.placed([cell_files.read(path)[0] for path in true], form) if true else None
    with progress.telling() as tell:
        if placed and asked:
            found = checking.checked(placed, published, form, asked, tell)
        else:
            found = recovering.recoverable(published, form, tell)
    _say(found, as_json=as_json)
    raise typer.Exit(1 if found.findings else 0)


def _say(found: "Checked", *, as_json: bool) -> None:
    facts: dict[str, Any] = {
        "cells": found.cells,
        "sensitive": "no rule was asked" if found.sensitive is None else found.sensitive,
        "blanks": found.blanks,
        "margins-in-no-file": found.margins,
        "found": len(found.findings),
    }
    if as_json:
        show.document({**facts, "sensitive": found.sensitive, "findings": [_record(one) for one in found.findings]})
        return
    show.facts(facts, as_json=False)
    listed = [_row(one) for one in found.findings]
    if listed:
        typer.echo("")
        show.rows(listed[:SHOWN], ["cell", "low", "high", "needs", "known-to"], as_json=False, none="")
    if len(listed) > SHOWN:
        typer.echo(f"and {len(listed) - SHOWN} more: --json lists them all")
    if found.sensitive is None:
        typer.echo("Without the true tables this says nothing of blanks that can be reckoned nearly.")


def _record(one: "Finding") -> dict[str, Any]:
    """For programs: one field for each figure, as text with the file's decimals; None where there is none."""
    low, high = one.needs or (None, None)
    return {
        "cell": one.cell,
        "low": one.low,
        "high": one.high or None,
        "needs-low": low,
        "needs-high": high,
        "known-to": list(one.known),
    }


def _row(one: "Finding") -> dict[str, str]:
    return {
        "cell": one.cell,
        "low": one.low,
        "high": one.high or "no end",
        "needs": " to ".join(one.needs) if one.needs else "",
        "known-to": f"who is alone in {', '.join(one.known)}" if one.known else "anybody",
    }
