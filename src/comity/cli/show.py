"""How facts are printed: aligned lines for people, one JSON document with `--json` for programs."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

import typer

Json = Annotated[bool, typer.Option("--json", help="Print the facts as JSON.")]


def facts(values: Mapping[str, Any], *, as_json: bool) -> None:
    """One thing and its facts."""
    if as_json:
        typer.echo(json.dumps(values, indent=2, ensure_ascii=False, sort_keys=True))
        return
    width = max((len(name) for name in values), default=0)
    for name, value in values.items():
        typer.echo(f"{name.ljust(width)}  {_text(value)}")


def rows(records: Iterable[Mapping[str, Any]], columns: Sequence[str], *, as_json: bool, none: str) -> None:
    """A table; `none` is what to say when there is no row."""
    listed = list(records)
    if as_json:
        typer.echo(json.dumps(listed, indent=2, ensure_ascii=False, sort_keys=True))
        return
    if not listed:
        typer.echo(none)
        return
    cells = [[_text(record.get(column, "")) for column in columns] for record in listed]
    widths = [max(len(c), *(len(row[i]) for row in cells)) for i, c in enumerate(columns)]
    for row in [list(columns), *cells]:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _text(value: Any) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case list() | tuple():
            return ", ".join(_text(item) for item in value) or "none"
        case dict():
            return ", ".join(f"{key}={_text(item)}" for key, item in value.items()) or "none"
        case _:
            return str(value)
