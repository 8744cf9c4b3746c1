"""`comity progress`: is a published series on its way to its target? Two methods answer, each with its reason.

Decides how verdicts are printed; what they are is `methods.progress`.
"""

from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from comity.cli import show
from comity.errors import UsageError

if TYPE_CHECKING:
    from comity.methods.progress.series import Point, Verdict


def progress(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV with years and values: Open SDG's, or figures.csv of a release.")
    ],
    direction: Annotated[
        Literal["up", "down"], typer.Option("--direction", help="Which way is progress.", show_default=False)
    ],
    target: Annotated[
        str | None, typer.Option("--target", metavar="NUMBER", help="What is to be reached; none: no numeric target.")
    ] = None,
    target_year: Annotated[int, typer.Option("--target-year", metavar="YEAR", help="When.")] = 2030,
    base_year: Annotated[
        int,
        typer.Option("--base-year", metavar="YEAR", help="Progress counts from the first value of this year or later."),
    ] = 2015,
    limit: Annotated[
        str | None,
        typer.Option(
            "--limit", metavar="NUMBER", help="What the series cannot pass, without a target (Statistics Canada)."
        ),
    ] = None,
    percent: Annotated[
        bool, typer.Option("--percent", help="A percentage: within 1 of a target of 0 or 100 it is met (UN).")
    ] = False,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="COLUMN=TEXT", help="Rows that are meant; `COLUMN=` for a blank."),
    ] = None,
    year: Annotated[str, typer.Option("--year", metavar="COLUMN", help="Years; else Year or TIME_PERIOD.")] = "",
    value: Annotated[str, typer.Option("--value", metavar="COLUMN", help="Values; else Value or OBS_VALUE.")] = "",
    as_json: show.Json = False,
) -> None:
    """Judge the progress of a published series by the UN progress chart and by Statistics Canada, side by side.

    Each verdict says which rule decided and what it compared; where a method has none, the reason. Exit 0 all the same.

    Example: `comity progress indicator_3-2-1.csv --direction down --target 25 --only Series="Under-five mortality"`
    """
    from comity.methods.progress import card, table
    from comity.methods.progress.series import Aim

    if not file.is_file():
        raise UsageError("no such file", where="FILE", found=str(file), wanted="a CSV file")
    aim = Aim(
        direction=direction,
        target=_number(target, "--target"),
        target_year=target_year,
        base_year=base_year,
        limit=_number(limit, "--limit"),
        percent=percent,
    )
    points = table.read(file.read_bytes(), where=file.name, year=year, value=value, only=_pairs(only or ()))
    verdicts = card.assess(points, aim)
    if as_json:
        show.document([_plain(asdict(verdict)) for verdict in verdicts])
        return
    show.rows(_rows(verdicts), ("", *(_word(f"method.{v.method}") for v in verdicts)), as_json=False, none="")
    for verdict in verdicts:
        typer.echo("")
        typer.echo(f"{_word(f'method.{verdict.method}')}: {_word(f'rule.{verdict.rule}')}")
        for note in verdict.notes:
            typer.echo(f"  {_word(f'note.{note}')}")


def _rows(verdicts: Sequence["Verdict"]) -> list[dict[str, Any]]:
    """A row for each fact, a column for each method."""
    facts = [
        {
            "verdict": _word(f"status.{verdict.status}"),
            "base": _point(verdict.base),
            "current": _point(verdict.current),
            "target": _short(verdict.target),
            "growth": _percent(verdict.observed),
            "growth-required": _percent(verdict.required),
            "expected": _short(verdict.expected),
            "compared": _percent(verdict.measure) if verdict.rule == "growth" else _short(verdict.measure),
            "threshold": _percent(verdict.threshold) if verdict.rule == "growth" else _short(verdict.threshold),
            "near-limit-factor": _short(verdict.coefficient),
            "score": _short(verdict.score),
        }
        for verdict in verdicts
    ]
    names = [_word(f"method.{verdict.method}") for verdict in verdicts]
    return [{"": fact, **{n: told[fact] for n, told in zip(names, facts, strict=True)}} for fact in facts[0]]


def _word(key: str) -> str:
    from comity.pages import words

    return words.say(f"progress.{key}")


def _point(point: "Point | None") -> str | None:
    return None if point is None else f"{point.value:f} ({point.year})"


def _short(number: Decimal | None) -> str | None:
    """Six digits that count, without an exponent."""
    if number is None:
        return None
    return f"{Decimal(f'{number:.6g}').normalize():f}" if number else "0"


def _percent(number: Decimal | None) -> str | None:
    return None if number is None else f"{_short(100 * number)} % a year"


def _plain(told: object) -> object:
    """Facts for JSON: decimals as text, in full."""
    if isinstance(told, dict):
        return {name: _plain(value) for name, value in told.items()}
    if isinstance(told, Decimal):
        return f"{told:f}"
    return list(told) if isinstance(told, tuple) else told


def _number(text: str | None, option: str) -> Decimal | None:
    try:
        number = None if text is None else Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if number is not None and not number.is_finite():
        raise UsageError("no number", where=option, found=str(text), wanted="a number such as 25 or 0.5")
    return number


def _pairs(texts: Sequence[str]) -> dict[str, str]:
    pairs = dict(text.partition("=")[::2] for text in texts)
    if wrong := [text for text in texts if "=" not in text]:
        raise UsageError("no column and text", where="--only", found=wrong[0], wanted="COLUMN=TEXT")
    return pairs
