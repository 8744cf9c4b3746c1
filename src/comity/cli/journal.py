"""`comity node journal`: everything that left this node, entry by entry, in clear form where it has one."""

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from comity.cli import options, show

if TYPE_CHECKING:
    from comity.services.node.egress import Left

app = options.group()

Since = Annotated[str, typer.Option("--since", metavar="TIME", help="What left at this time (UTC, ISO 8601) or later.")]
Until = Annotated[str, typer.Option("--until", metavar="TIME", help="What left at this time or earlier.")]
Heads = Annotated[
    bool, typer.Option("--heads", help="Also each request's line and headers, once for all requests in the same words.")
]


@app.command("list")
def list_(
    since: Since = "", until: Until = "", heads: Heads = False, home: options.Home = None, as_json: show.Json = False
) -> None:
    """Everything that left, oldest first: when, what it is, and the leaf of the log that it belongs to.

    Example: `comity node journal list --since 2026-01-01 --home office`
    """
    rows = [_row(one) for one in _left(home, since, until) if heads or one.entry.kind != "head"]
    columns = ("number", "time", "kind", "bytes", "what", "act", "said")
    show.rows(rows, columns, as_json=as_json, none="Nothing left this node in that time.")


@app.command("show")
def show_(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="Which entry, as `list` numbers them.")],
    home: options.Home = None,
    as_json: show.Json = False,
) -> None:
    """One entry in clear form: a statement as JSON, a table as CSV; of what is sealed or masked, what it is.

    Example: `comity node journal show 12 --home office`
    """
    from comity.services import config
    from comity.services.node import egress

    (one,) = egress.left(config.home(home), number=number)
    row = _row(one) | {"digest": one.entry.digest}
    if as_json:
        show.document(row | {"clear": one.clear.text})
        return
    show.facts(row, as_json=False)
    if one.clear.text:
        typer.echo()
        typer.echo(show.prose(one.clear.text))


@app.command()
def export(
    out: Annotated[Path, typer.Argument(metavar="FILE", help="A new file: one line of JSON an entry.")],
    since: Since = "",
    until: Until = "",
    home: options.Home = None,
    as_json: show.Json = False,
) -> None:
    """Write everything that left into one file, heads of requests too: for a court of audit, or whoever accredits.

    Each line has the entry's time, kind, size, digest, the leaf that it belongs to and what that says, the clear form,
    and the very bytes in base64. The file is for the office's own user alone (0600).

    Example: `comity node journal export egress.jsonl --home office`
    """
    from comity.adapters import durable
    from comity.adapters.folder import PRIVATE_FILE
    from comity.errors import UsageError

    if out.exists():
        raise UsageError("is there already", where=str(out), wanted="a new file", way_out="name another, or remove it")
    lines = [
        json.dumps(
            _row(one)
            | {"digest": one.entry.digest, "form": one.clear.form, "clear": one.clear.text}
            | {"body": base64.b64encode(one.body).decode()},
            ensure_ascii=False,
            sort_keys=True,
        )
        for one in _left(home, since, until)
    ]
    durable.write(out, "".join(f"{line}\n" for line in lines).encode(), mode=PRIVATE_FILE)
    show.facts({"out": str(out), "entries": len(lines)}, as_json=as_json)


def _left(home: Path | None, since: str, until: str) -> "list[Left]":
    from comity.services import config
    from comity.services.node import egress

    return list(egress.left(config.home(home), since=_time(since, "--since") or 0, until=_time(until, "--until")))


def _row(one: "Left") -> dict[str, Any]:
    return {
        "number": one.entry.number,
        "time": show.time(one.entry.time),
        "kind": one.entry.kind,
        "bytes": one.entry.size,
        "what": one.clear.what,
        "act": one.act,
        "said": one.said,
    }


def _time(text: str, where: str) -> int | None:
    """A time as POSIX seconds; UsageError for text that is none."""
    from datetime import UTC, datetime

    from comity.errors import UsageError

    if not text:
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        wanted = "a date or time as ISO 8601, such as 2026-01-31 or 2026-01-31T12:00:00Z"
        raise UsageError("not a time", where=where, found=text, wanted=wanted) from None
    return int((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp())
