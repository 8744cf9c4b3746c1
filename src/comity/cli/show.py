"""How facts are printed: aligned lines for people, one JSON document with `--json` for programs.

Times are UTC in ISO 8601, digests stand in full: both are there to be copied.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from types import NoneType
from typing import Annotated, Any

import typer

from comity.errors import ComityError, visible
from comity.model import moment

Json = Annotated[bool, typer.Option("--json", help="Print the facts as JSON.")]


def facts(values: Mapping[str, Any], *, as_json: bool) -> None:
    """One thing and its facts."""
    if as_json:
        document(values)
        return
    width = max((len(name) for name in values), default=0)
    for name, value in values.items():
        typer.echo(f"{name.ljust(width)}  {_text(value)}".rstrip())


def rows(records: Iterable[Mapping[str, Any]], columns: Sequence[str], *, as_json: bool, none: str) -> None:
    """A table; `none` is what to say when there is no row."""
    listed = list(records)
    if as_json:
        document(listed)
        return
    if not listed:
        typer.echo(none)
        return
    for line in table(listed, columns):
        typer.echo(line)


def table(listed: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> Iterator[str]:
    """Records as aligned lines, the names of the columns first."""
    cells = [[_text(record.get(column, "")) for column in columns] for record in listed]
    widths = [max(len(c), *(len(row[i]) for row in cells)) for i, c in enumerate(columns)]
    right = [all(type(record.get(c)) in (int, Decimal, NoneType) for record in listed) for c in columns]
    for row in [list(columns), *cells]:
        aligned = (
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(row, widths, right, strict=True)
        )
        yield "  ".join(aligned).rstrip()


def document(value: object) -> None:
    """Facts as JSON."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True))


def prose(text: str) -> str:
    """What somebody wrote, set apart: no line of it can pass for one of ours."""
    return "\n".join(f"  {visible(line)}" for line in text.splitlines())


def time(seconds: int | None) -> str | None:
    """POSIX seconds as UTC; None for a time that never came.

    >>> time(1_700_000_000)
    '2023-11-14T22:13:20Z'
    """
    return utc(seconds) if seconds else None


def utc(seconds: int) -> str:
    """POSIX seconds as UTC, the very first one too."""
    return moment.iso(seconds)


def error(e: ComityError) -> str:
    """An error as its line; reasons of the closed list, where it carries any, are worded before the way out."""
    reasons = getattr(e, "reasons", ())
    if not reasons:
        return str(e)
    from comity.pages import words

    told = str(ComityError(e.what, where=e.where, found=e.found, wanted=e.wanted))
    way_out = f"; way out: {e.way_out}" if e.way_out else ""
    return visible(f"{told}: {'; '.join(words.reason(reason) for reason in reasons)}{way_out}")


def _text(value: Any) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return f"{value:f}"
        case list() | tuple():
            return ", ".join(_text(item) for item in value) or "none"
        case dict():
            inner = (f" ({_text(item)})" if isinstance(item, dict) else f"={_text(item)}" for item in value.values())
            return ", ".join(f"{key}{item}" for key, item in zip(value, inner, strict=True)) or "none"
        case _:
            return visible(str(value))
