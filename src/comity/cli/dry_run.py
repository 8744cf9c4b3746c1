"""`comity dry-run`: an office's own table for a study, before and after protection. Stays at home."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from comity.cli import options, progress, show

if TYPE_CHECKING:
    from comity.services.node.preview import Cell, DryRun


def dry_run(
    study: Annotated[str, typer.Argument(metavar="STUDY", help=options.STUDY)],
    period: Annotated[
        str, typer.Option("--period", metavar="PERIOD", help="May be left out if the study has one only.")
    ] = "",
    norm: options.NormFile = None,
    home: options.Home = None,
    as_json: show.Json = False,
) -> None:
    """Count at home what a study asks, and show what would leave: the table, what is suppressed, the noise, the cost.

    Nothing is said to anybody and nothing is charged. A study.json that nobody has moved yet needs no hub.

    Example: `comity dry-run study.json --norm norm.json --home office`
    """
    from comity.services import config
    from comity.services.node import desk, draft

    folder = config.home(home)
    with progress.telling() as tell:
        if drafted := options.study_file(study):
            found = draft.dry_run(folder, drafted, options.norm_file(norm), period, tell=tell)
        else:
            found = desk.dry_run(folder, study, period, tell=tell)
    if as_json:
        show.document(_facts(found) | {"cells": [_cell(cell) for cell in found.cells]})
        return
    facts = _facts(found)
    warnings = facts.pop("warnings")
    show.facts(facts, as_json=False)
    typer.echo()
    rows = [
        {
            "cell": " ".join(cell.key),
            "measure": cell.measure,
            "counted": cell.amount(cell.counted),
            "published": _published(cell, found),
        }
        for cell in found.cells
    ]
    several = ("measure",) if len({cell.measure for cell in found.cells}) > 1 else ()
    show.rows(rows, ("cell", *several, "counted", "published"), as_json=False, none="The study has no cell.")
    if found.suppressed_below > 1:
        typer.echo(f"\nQ: suppressed, because fewer than {found.suppressed_below} persons stand in it, or beside it.")
    for warning in warnings:
        typer.echo(f"Look again: {warning}")


def _facts(found: "DryRun") -> dict[str, Any]:
    from comity.pages import words

    asking, coverage = found.asking, found.coverage
    return {
        "study": f"{asking.id}/{asking.version}",
        "digest": asking.study,
        "title": asking.title,
        "period": asking.period,
        "norm": asking.norm,
        "answer": asking.status,
        "reasons": [words.reason(reason) for reason in asking.reasons],
        "rows": coverage.rows,
        "counted": coverage.counted,
        "missing": coverage.missing,
        "outside": coverage.outside,
        "unmapped": coverage.unmapped,
        "own-table-published": found.suppressed_below > 0,
        "own-noise-sd": f"{found.own_noise:.2f}",
        "sum-noise-sd": f"{found.sum_noise:.2f}",
        "epsilon": found.epsilon or None,
        "delta": found.delta or None,
        "epsilon-spent-this-year": found.spent,
        "epsilon-budget": found.budget,
        "warnings": [words.say(warning) for warning in found.warnings],
    }


def _cell(cell: "Cell") -> dict[str, Any]:
    whole = {"decimals": cell.decimals, "counted": cell.counted, "published": cell.shown}
    return {"key": list(cell.key), "measure": cell.measure, **whole}


def _published(cell: "Cell", found: "DryRun") -> Any:
    """What the office's own release would show of a cell."""
    if not found.suppressed_below:
        return "-"
    return "Q" if cell.shown is None else cell.amount(cell.shown)
