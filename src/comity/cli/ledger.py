"""`comity ledger`: the privacy budget spent, and every byte that left."""

from pathlib import Path
from typing import Annotated, Any

import typer

from comity.cli import options, show

app = options.group()


@app.command("show")
def show_(home: options.Home = None, as_json: show.Json = False) -> None:
    """Every charge to the privacy budget, and what this year's add up to, source by source.

    Example: `comity ledger show --home office`
    """
    from comity.services import config
    from comity.services.node import desk

    folder = config.home(home)
    charges = [
        {
            "time": show.time(line.charged.time),
            "source": line.charged.source,
            "period": line.period,
            "epsilon": line.charged.epsilon,
            "delta": line.charged.delta,
            "study": line.study,
        }
        for line in desk.ledger(folder)
    ]
    years = [
        {
            "source": one.source,
            "year": one.year,
            "epsilon": f"{one.spent.epsilon:f}",
            "of": one.budget.epsilon,
            "delta": f"{one.spent.delta:f}",
            "of-delta": one.budget.delta,
        }
        for one in desk.spent(folder)
    ]
    if as_json:
        show.document({"charges": charges, "this-year": years})
        return
    columns = ("time", "source", "period", "epsilon", "delta", "study")
    show.rows(charges, columns, as_json=False, none="Nothing was charged yet.")
    if years:
        typer.echo()
        show.rows(years, ("source", "year", "epsilon", "of", "delta", "of-delta"), as_json=False, none="")


@app.command()
def egress(
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write every entry with its bytes here, as JSON lines.")
    ] = None,
    home: options.Home = None,
    as_json: show.Json = False,
) -> None:
    """Every body that left this node, oldest first: kind, size and digest; with --out the very bytes.

    Example: `comity ledger egress --home office --out egress.jsonl`
    """
    from comity.services import config
    from comity.services.node import desk

    folder = config.home(home)
    if out is not None:
        show.facts({"out": str(out), "entries": desk.write_egress(folder, out)}, as_json=as_json)
        return
    rows = [_row(entry) for entry in desk.egress(folder)]
    show.rows(rows, ("number", "time", "kind", "bytes", "digest"), as_json=as_json, none="Nothing has left this node.")


def _row(entry: Any) -> dict[str, Any]:
    return {
        "number": entry.number,
        "time": show.time(entry.time),
        "kind": entry.kind,
        "bytes": entry.size,
        "digest": entry.digest,
    }
