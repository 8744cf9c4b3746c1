"""`comity dry-run`: an office's own table for a study, before and after protection. Stays at home."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from comity.cli import options, progress, show

if TYPE_CHECKING:
    from comity.services.node.preview import Cell, DryRun
    from comity.stages.appraising import Apart


def dry_run(
    study: Annotated[str, typer.Argument(metavar="STUDY", help=options.STUDY)],
    period: Annotated[
        str, typer.Option("--period", metavar="PERIOD", help="May be left out if the study has one only.")
    ] = "",
    norm: options.NormFile = None,
    published: Annotated[
        Path | None,
        typer.Option("--published", metavar="FILE.csv", help="Figures that the office has published, to compare with."),
    ] = None,
    home: options.Home = None,
    as_json: show.Json = False,
) -> None:
    """Count at home what a study asks, and show what would leave: the table, what is suppressed, the noise, the cost.

    Below it stand the method's figures of the own table with their standard errors, design effects where the study asks
    for them, and the noise of the joint sum beside the sampling error, in words. --published is CSV: a column for each
    dimension of the study, `measure` and `value`; each is compared with the own figure, in standard errors.

    Nothing is said to anybody and nothing is charged. A study.json that nobody has moved yet needs no hub.

    Example: `comity dry-run study.json --norm norm.json --home office`
    """
    from comity.services import config
    from comity.services.node import desk, draft

    folder = config.home(home)
    given = None if published is None else (options.text(published), str(published))  # read before the long count
    with progress.telling() as tell:
        if drafted := options.study_file(study):
            found = draft.dry_run(folder, drafted, options.norm_file(norm), period, tell=tell)
        else:
            found = desk.dry_run(folder, study, period, tell=tell)
    told(found, given, as_json=as_json)


def told(found: "DryRun", published: tuple[str, str] | None, *, as_json: bool) -> None:
    """Print a dry run, beside published figures if there are any: CSV text, and the name of its file."""
    from comity.stages import appraising

    apart: tuple[Apart, ...] = ()
    if published is not None:
        text, where = published
        apart = appraising.apart(found.figures, appraising.read_published(text, found.layout, where=where), where=where)
    facts = _facts(found)
    if as_json:
        cells = [_cell(cell) for cell in found.cells]
        show.document(facts | {"cells": cells, **_figures(found, apart), "left-this-office": "nothing"})
        return
    warnings = facts.pop("warnings")
    show.facts(facts, as_json=False)
    typer.echo()
    rows = [
        {
            "cell": " ".join(cell.key),
            "measure": cell.measure,
            "counted": cell.amount(cell.counted),
            "published": _published(cell, found),
            "why": _why(cell, found),
        }
        for cell in found.cells
    ]
    several = ("measure",) if len({cell.measure for cell in found.cells}) > 1 else ()
    why = ("why",) if any(row["why"] for row in rows) else ()
    show.rows(rows, ("cell", *several, "counted", "published", *why), as_json=False, none="The study has no cell.")
    for line in _hidden(found):
        typer.echo(line)
    for line in _below(found, apart):
        typer.echo(line)
    for warning in warnings:
        typer.echo(f"Look again: {warning}")
    typer.echo("Nothing left this office.")


def _hidden(found: "DryRun") -> "Iterator[str]":
    """What is to be read of the reasons, which stay at home."""
    from comity.pages import words

    reasons = dict.fromkeys(why for cell in found.cells if (why := _why(cell, found)))
    if not reasons:
        return
    if found.suppressed_below:
        yield "\nQ: suppressed in the office's own table. The release does not say why; here it stands beside the cell:"
    else:
        yield "\nKept out of the joint sum, which has no noise; why stands beside the cell:"
    if found.whole:
        yield words.say(f"hidden.whole.{found.whole}")
        return
    for reason in reasons:
        yield f"{reason}: {words.say(f'hidden.{reason}', threshold=str(found.threshold))}"


def _below(found: "DryRun", apart: "tuple[Apart, ...]") -> "Iterator[str]":
    """The figures of the own table, what is to be read of them, and what they are beside published ones."""
    from comity.pages import words

    tables = _figures(found, apart)
    noisy = ("noise-of-the-sum",) if found.sum_noise else ()
    columns = ("cell", "measure", "value", "standard-error", *noisy)
    if found.figures:
        yield f"\n{words.say('own.figures')}:"
        yield from show.table([_row(one) for one in tables["figures"]], columns)
    if found.effects:
        yield f"\n{words.say('own.effects')}\n{words.say('own.effects.of')}:"
        yield from show.table([_row(one) for one in tables["design-effects"]], ("cell", "of", "effect"))
    if apart:
        yield "\nBeside what this office has published:"
        compared = ("cell", "measure", "own", "published", "difference", "standard-errors")
        yield from show.table([_row(one) for one in tables["beside-published"]], compared)
    if tables["noise"]:
        yield ""
    yield from (one["words"] for one in tables["noise"])


def _row(fact: dict[str, Any]) -> dict[str, Any]:
    """A fact about a cell as a row of a table."""
    return {"cell": " ".join(fact["key"])} | fact


def _figures(found: "DryRun", apart: "tuple[Apart, ...]") -> dict[str, list[dict[str, Any]]]:
    """What is made of the table beside the table itself."""
    from comity.model import decimals
    from comity.pages import words
    from comity.stages import appraising

    return {
        "figures": [
            {
                "key": list(one.key),
                "measure": one.measure,
                "value": one.value,
                "standard-error": one.sampling or None,
                "noise-of-the-sum": one.noise or None,
                "status": one.status,
            }
            for one in found.figures
        ],
        "design-effects": [
            {"key": list(one.key), "of": one.of, "effect": decimals.spell(one.value, 2)} for one in found.effects
        ],
        "noise": [
            {
                "measure": one.measure,
                "middle": decimals.spell(one.middle, 2),
                "most": decimals.spell(one.most, 2),
                "words": words.beside(
                    one.weight,
                    one.measure,
                    middle=decimals.spell(one.middle, 2),
                    most=decimals.spell(one.most, 2),
                ),
            }
            for one in appraising.beside(found.figures)
        ],
        "beside-published": [
            {
                "key": list(one.key),
                "measure": one.measure,
                "own": f"{one.own:f}",
                "published": f"{one.published:f}",
                "difference": f"{one.difference:f}",
                "standard-errors": None if one.errors is None else f"{one.errors:.2f}",
            }
            for one in apart
        ],
    }


def _facts(found: "DryRun") -> dict[str, Any]:
    from comity.pages import words

    asking, coverage = found.asking, found.coverage
    return {
        "study": f"{asking.id}/{asking.version}",
        "digest": asking.study,
        "title": asking.title,
        "period": asking.period,
        "norm": asking.norm,
        "source": found.source,
        "binding": found.binding,
        "answer": asking.status,
        "reasons": [words.reason(reason) for reason in asking.reasons],
        "rows": coverage.rows,
        "counted": coverage.counted,
        "missing": coverage.missing,
        "outside": coverage.outside,
        "unmapped": coverage.unmapped,
        "own-table-published": found.suppressed_below > 0,
        "own-table-noise-sd": f"{found.own_table_noise:.2f}" if found.own_table_noise else None,
        "own-table-epsilon": found.own_table_epsilon or None,
        "every-cell-hidden": words.say(f"hidden.whole.{found.whole}") if found.whole else None,
        "own-noise-sd": f"{found.own_noise:.2f}",
        "sum-noise-sd": f"{found.sum_noise:.2f}",
        "epsilon": found.epsilon or None,
        "delta": found.delta or None,
        "epsilon-spent": found.spent or None,
        "epsilon-budget": found.budget,
        "epsilon-left-before": None if found.left[0] is None else f"{found.left[0]:f}",
        "epsilon-left-after": None if found.left[1] is None else f"{found.left[1]:f}",
        "weight": found.weight or None,
        "design": found.design or None,
        "warnings": [words.say(warning.key, **warning.params) for warning in found.warnings],
    }


def _cell(cell: "Cell") -> dict[str, Any]:
    whole = {"decimals": cell.decimals, "counted": cell.counted, "published": cell.shown, "why": cell.reason or None}
    return {"key": list(cell.key), "measure": cell.measure, **whole}


def _why(cell: "Cell", found: "DryRun") -> str:
    """Why a cell is not shown, or not summed; "" of one that the office does not publish and no sum is asked of."""
    return cell.reason if found.suppressed_below or found.withheld else ""


def _published(cell: "Cell", found: "DryRun") -> Any:
    """What the office's own release would show of a cell."""
    if not found.suppressed_below:
        return "-"
    if found.own_table_noise and not found.whole:
        return "with noise"
    return "Q" if cell.shown is None else cell.amount(cell.shown)
