"""`comity register`: indicators of a framework with series, agencies and tiers by date, out of its own lists."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from comity.cli import options, show
from comity.errors import FormatError, UsageError

if TYPE_CHECKING:
    from comity.model.indicator import Indicator, Register

app = options.group()

Given = Annotated[Path, typer.Argument(metavar="REGISTER", help="A register's folder, or register.json.")]
NOT_TAKEN = "not taken over"


@app.command("import")
def import_(
    lists: Annotated[
        list[Path],
        typer.Argument(
            metavar="LIST...",
            help="Published lists, the one first that is believed first: tier classification (.xlsx or .csv), "
            "SDG API (.json), SDG data structure (.xml).",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="The register's folder, which is made.")],
    id: Annotated[str, typer.Option("--id", metavar="ID", help="Id of the register.")],
    version: Annotated[str, typer.Option("--version", metavar="TEXT", help="Its version.")],
    title: Annotated[str, typer.Option("--title", metavar="TEXT", help="What it is called.")],
    source: Annotated[str, typer.Option("--source", metavar="TEXT", help="Whose lists they are.")],
    address: Annotated[str, typer.Option("--address", metavar="URL", help="Where they are published.")],
    retrieved: Annotated[str, typer.Option("--retrieved", metavar="DATE", help="When they were: 2024-02-29.")],
    previous: Annotated[
        Path | None, typer.Option("--previous", metavar="REGISTER", help="The register before: its past is kept.")
    ] = None,
    accept: Annotated[
        bool, typer.Option("--accept", help="Write the register although some places of the lists are not in it.")
    ] = False,
    as_json: show.Json = False,
) -> None:
    """Make a register out of lists that their authority publishes; every place that is not taken over is listed.

    Without --accept nothing is written if there is such a place, and the exit code is 3.

    Example: `comity register import tiers.xlsx indicators.json --out register --id SDG --version 2024-03 \\
    --title "SDG indicators" --source IAEG-SDGs --address https://unstats.un.org/sdgs --retrieved 2024-03-31`
    """
    from comity.adapters import durable
    from comity.model import register as registers
    from comity.stages.registering import merge

    durable.refuse_used(out)
    about = merge.About(id=id, version=version, title=title, source=source, address=address, retrieved=retrieved)
    found = [merge.read(path.name, path.read_bytes()) for path in lists]
    made = merge.merged(about, found, _read(previous) if previous else None)
    written = accept or not made.remarks
    if written:
        with durable.folder(out) as new:
            durable.write_all({new / name: data for name, data in registers.write(made.register).items()})
    remarks = [{"file": one.file, "place": one.place, "what": one.what} for one in made.remarks]
    facts = _facts(made.register) | {"lists": [f"{one.name} {one.digest}" for one in made.register.origins]}
    facts |= {"out": str(out) if written else None}
    if as_json:
        show.document(facts | {NOT_TAKEN: remarks})
    else:
        show.facts(facts | {NOT_TAKEN: len(remarks)}, as_json=False)
        if remarks:
            typer.echo("")
            show.rows(remarks, ("file", "place", "what"), as_json=False, none="")
    if not written:
        raise FormatError(
            "places of the lists are not taken over, and nothing was written",
            where=remarks[0]["file"],
            found=f"{len(remarks)} not taken over",
            way_out="correct the lists, or take the rest with --accept",
        )


@app.command("show")
def show_(
    register: Given,
    code: Annotated[str | None, typer.Argument(metavar="CODE", help="One indicator, such as 1.1.1.")] = None,
    on: Annotated[
        str, typer.Option("--on", metavar="DATE", help="Tiers on this date; the register's own if none.")
    ] = "",
    as_json: show.Json = False,
) -> None:
    """Every indicator with its tier on a date, or one of them with its agencies, series and past.

    Example: `comity register show register 1.1.1 --on 2020-06-30`
    """
    from comity.model.indicator import is_date

    held = _read(register)
    if on and not is_date(on):
        raise UsageError("not a date", where="--on", found=on, wanted="such as 2024-02-29")
    day = on or held.retrieved
    if code is None:
        rows = [_row(held, one, day) for one in held.indicators]
        show.rows(rows, ("indicator", "tier", "custodians", "series", "title"), as_json=as_json, none="")
        return
    one = held.indicator(code)
    facts: dict[str, Any] = _row(held, one, day) | {
        "on": day,
        "goal": one.goal,
        "target": one.target,
        "partners": list(one.partners),
        "tiers": [f"{tier.tier} since {tier.since}" for tier in one.tiers],
        "changes": [f"{change.what} {change.year}" for change in one.changes],
        "series": [f"{series.code} ({series.title})" for series in held.series_of(code)],
        "titles": one.titles,
    }
    show.facts(facts, as_json=as_json)


@app.command()
def check(register: Given, as_json: show.Json = False) -> None:
    """Whether a register holds together: codes, agencies, tiers and changes by date, and the indicators of each series.

    Example: `comity register check register`
    """
    show.facts(_facts(_read(register)), as_json=as_json)


@app.command()
def pack(
    register: Annotated[Path, typer.Argument(metavar="FOLDER", help="register.toml, indicators.csv, series.csv.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The register, as canonical JSON.")],
    as_json: show.Json = False,
) -> None:
    """Read a register's folder strictly and write the one file whose digest others name.

    Example: `comity register pack register --out register.json`
    """
    from comity import canon
    from comity.adapters import durable

    held = _read(register)
    durable.write(out, canon.encode(held))
    show.facts(_facts(held) | {"out": str(out)}, as_json=as_json)


def _read(path: Path) -> "Register":
    """A register out of its folder or its file."""
    from comity.model import indicator
    from comity.model import register as registers

    if not path.is_dir():
        return indicator.decode(path.read_bytes(), where=str(path))
    names = (registers.ABOUT, registers.INDICATORS, registers.SERIES)
    held = [path / name for name in names if (path / name).is_file() or (path / name).is_symlink()]
    return registers.read({file.name: options.held(path, file) for file in held})


def _facts(register: "Register") -> dict[str, Any]:
    return {
        "register": register.name,
        "title": register.title,
        "source": register.source,
        "retrieved": register.retrieved,
        "indicators": sum(not one.deleted for one in register.indicators),
        "deleted": sum(one.deleted for one in register.indicators),
        "series": len(register.series),
        "custodians": len({name for one in register.indicators for name in one.custodians}),
        "tiers": _tiers(register),
        "digest": register.digest,
    }


def _tiers(register: "Register") -> dict[str, int]:
    """How many indicators have which tier on the day of the lists."""
    held = [one.tier_on(register.retrieved) or "none" for one in register.indicators if not one.deleted]
    return {tier: held.count(tier) for tier in sorted(set(held))}


def _row(register: "Register", one: "Indicator", day: str) -> dict[str, Any]:
    return {
        "indicator": one.code,
        "title": one.title,
        "tier": one.tier_on(day),
        "custodians": list(one.custodians),
        "series": len(register.series_of(one.code)),
        "deleted": one.deleted,
    }
