"""`comity ledger`: what was spent of the privacy budget on what, what a study would cost, and every byte that left."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from comity.cli import options, show

if TYPE_CHECKING:
    from comity.adapters.ledger import Line
    from comity.services.node.books import Priced, Window

app = options.group()

ACCOUNTS = ("source", "unit", "since", "adding-up", "zcdp", "pld", "counts", "of", "left", "delta")


@app.command("show")
def show_(home: options.Home = None, as_json: show.Json = False) -> None:
    """Every charge to the privacy budget, and what those that count today come to, source by source.

    By three accountings, in epsilon at the budget's delta: adding up, zCDP, and the privacy loss distributions. The
    less of the first two counts; the third is to be read. See docs/policy.md.

    Example: `comity ledger show --home office`
    """
    from comity.services import config
    from comity.services.node import books, desk

    folder = config.home(home)
    charges = [_charge(line) for line in desk.ledger(folder)]
    windows = [_window(one) for one in books.windows(folder)]
    if as_json:
        show.document({"charges": charges, "accounts": windows})
        return
    columns = ("time", "source", "unit", "period", "epsilon", "delta", "rho", "made", "study")
    show.rows(charges, columns, as_json=False, none="Nothing was charged yet.")
    if windows:
        typer.echo()
        show.rows(windows, ACCOUNTS, as_json=False, none="")


def _charge(line: "Line") -> dict[str, Any]:
    charged = line.charged
    return {
        "time": show.time(charged.time),
        "source": charged.source,
        "unit": charged.unit,
        "period": line.period,
        "epsilon": charged.epsilon,
        "delta": charged.delta,
        "rho": charged.rho or None,
        "made": charged.made or None,
        "study": line.study,
    }


def _window(one: "Window") -> dict[str, Any]:
    least = one.reckoned.least
    return {
        "source": one.source,
        "unit": one.unit,
        "since": one.since,
        "adding-up": _epsilon(one.reckoned.adding),
        "zcdp": _epsilon(one.reckoned.zcdp),
        "pld": _epsilon(one.pld),
        "counts": _epsilon(least),
        "of": one.budget.epsilon,
        "left": _epsilon(one.left),
        "delta": one.budget.delta,
    }


def _epsilon(value: Any) -> str | None:
    return None if value is None else f"{value:f}"


@app.command()
def cost(
    study: Annotated[str, typer.Argument(metavar="STUDY", help=options.STUDY)],
    norm: options.NormFile = None,
    home: options.Home = None,
    as_json: show.Json = False,
) -> None:
    """What a study would cost, and whether the budget bears it: after one period, and after all of them.

    Two epsilons of one period: (i) at most as many members collude as the study tolerates, which is charged; (ii) all
    others do, by this office's own noise alone. Nothing is written. A study.json that nobody has moved yet wants its
    norm beside it (--norm norm.json).

    Example: `comity ledger cost trust-2026 --home office`
    """
    from comity.services import config
    from comity.services.node import books

    folder = config.home(home)
    drafted = options.study_file(study)
    found = books.priced_draft(folder, drafted, options.norm_file(norm)) if drafted else books.priced(folder, study)
    rows = [_priced(one) for one in found.steps]
    if as_json:
        show.document({**_facts(found), "steps": rows})
        return
    show.facts(_facts(found), as_json=False)
    typer.echo()
    show.rows(rows, ("after", "adding-up", "zcdp", "pld", "of", "fits"), as_json=False, none="")


def _facts(found: "Priced") -> dict[str, Any]:
    asked = found.cost
    return {
        "study": found.study,
        "source": found.source or None,
        "unit": found.unit,
        "epsilon-i": asked.epsilon if asked else None,
        "epsilon-ii": _epsilon(found.alone),
        "delta": asked.delta if asked else None,
        "rho": asked.rho or None if asked else None,
        "made": asked.made or None if asked else None,
        "own-table": f"epsilon {found.table.epsilon} at delta {found.table.delta}" if found.table else None,
        "protects": found.protects or None,
    }


def _priced(one: Any) -> dict[str, Any]:
    return {
        "after": one.after,
        "adding-up": _epsilon(one.accounts.reckoned.adding),
        "zcdp": _epsilon(one.accounts.reckoned.zcdp),
        "pld": _epsilon(one.accounts.pld),
        "of": one.budget.epsilon,
        "fits": one.fits,
    }


@app.command()
def export(
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="A new file: .csv, or JSON lines by any other end.")
    ],
    home: options.Home = None,
    as_json: show.Json = False,
) -> None:
    """Write every charge to a file, read it back, and compare it with the ledger.

    Example: `comity ledger export --home office --out charges.csv`
    """
    from comity.services import config
    from comity.services.node import books

    show.facts({"out": str(out), "charges": books.export(config.home(home), out)}, as_json=as_json)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `comity ledger export` wrote before.")],
    home: options.Home = None,
    as_json: show.Json = False,
) -> None:
    """Whether every charge of an earlier export still stands in the ledger, as it was written; exit 1 if not.

    Example: `comity ledger check charges.csv --home office`
    """
    from comity.services import config
    from comity.services.node import books

    standing, newer = books.check(config.home(home), file)
    show.facts({"file": str(file), "standing": standing, "newer": newer}, as_json=as_json)


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
