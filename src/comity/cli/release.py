"""`comity release`: what was published, a release with all it follows from as one folder, one figure as one file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from comity.cli import options, progress, show
from comity.errors import UsageError

if TYPE_CHECKING:
    from comity.assembly.facts import ReleaseFacts
    from comity.assembly.state import State

app = options.group()


@app.command("list")
def list_(
    hub: options.Hub = None, home: options.Home = None, charter: options.Pin = None, as_json: show.Json = False
) -> None:
    """Every release, in the order of the log: joint by the hub, national by a member.

    Example: `comity release list --hub https://hub.example.org`
    """
    with options.reading(hub, home, charter) as reading:
        state = reading.log.state
        rows = [_row(state, release) for _, release in sorted(state.releases.items())]
    columns = ("release", "kind", "publisher", "study", "period", "status", "digest")
    show.rows(rows, columns, as_json=as_json, none="Nothing was published yet.")


@app.command()
def fetch(
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="A new folder.")],
    release: Annotated[
        str,
        typer.Argument(
            metavar="RELEASE", help="Its leaf index (comity release list), or latest: the newest joint one."
        ),
    ] = "latest",
    hub: options.Hub = None,
    home: options.Home = None,
    charter: options.Pin = None,
    as_json: show.Json = False,
) -> None:
    """Fetch a release with the log, the view of its sum and every text that it rests on, for `comity verify` offline.

    The folder is whole or absent.

    Example: `comity release fetch latest --hub https://hub.example.org --charter sha256:... --out release`
    """
    from comity.services import fetch as fetching

    with options.reading(hub, home, charter) as reading, progress.telling() as tell:
        index = _index(reading.log.state, release)
        fetched = fetching.fetch(reading, index, out, tell=tell)
    record = fetched.release
    if fetched.gone:
        options.note("nobody serves the whole view of the sum any more: figures can be checked against the sum alone")
    facts: dict[str, Any] = {"release": index, "kind": record.kind, "publisher": record.publisher}
    facts |= {"study": record.study, "period": record.period, "charter": record.charter}
    facts |= {"files": fetched.files, "bytes": fetched.size, "view-whole": not fetched.gone, "out": str(out)}
    show.facts(facts, as_json=as_json)


@app.command()
def prove(
    out: Annotated[
        Path,
        typer.Option(
            "--out", metavar="FILE", help="Where to write it; such files end in .tlog-proof. With --twin: a new folder."
        ),
    ],
    release: Annotated[
        str,
        typer.Argument(
            metavar="RELEASE", help="Its leaf index, or latest; or the folder of a fetched release: then offline."
        ),
    ] = "latest",
    cell: Annotated[
        str | None,
        typer.Option("--cell", metavar="CODES", help="The figure's codes in the order of the table, such as 1,F."),
    ] = None,
    measure: Annotated[
        str | None, typer.Option("--measure", metavar="ID", help="Which of the release's measures, if it has several.")
    ] = None,
    twin: Annotated[
        str | None,
        typer.Option(
            "--twin", metavar="NAME", help="The whole release, for a program of others: sigsum, or spicy (Torchwood)."
        ),
    ] = None,
    hub: options.Hub = None,
    home: options.Home = None,
    charter: options.Pin = None,
    as_json: show.Json = False,
) -> None:
    """Write one figure as one file that a person keeps, and checks offline for ever with `comity verify FILE`.

    The file holds the figure, its path to the leaf that published it, and the log's cosigned checkpoint. It is checked
    before it is written.

    Example: `comity release prove build/demo/release --cell 1,F --measure n --out figure.tlog-proof`
    """
    from comity.adapters import durable
    from comity.cli.verify import Disk
    from comity.services import prove as proving

    if twin is not None:
        from comity.cli import twins

        with options.reading(hub, home, charter) as reading:
            twins.write(twin, reading, _index(reading.log.state, release), out, as_json=as_json)
        return
    if Path(release).is_dir() and release != "latest" and not release.isdigit():
        if hub or home or charter:
            raise UsageError("a folder is read offline", where="RELEASE", wanted="no --hub, --home or --charter")
        source = proving.in_folder(Disk(Path(release)))
    else:
        with options.reading(hub, home, charter) as reading:
            source = proving.in_log(reading, _index(reading.log.state, release))
    place = proving.place(source.release, cell, measure)
    data = proving.checked(source, place)
    if source.facts.withdrawn is not None:
        options.note(
            f"its publisher took this release back, in leaf {source.facts.withdrawn}: one file cannot show that"
        )
    durable.write(out, data)
    figure = source.release.figures[place]
    facts: dict[str, Any] = {"release": source.facts.ref.index, "cell": ",".join(figure.key), "measure": figure.measure}
    facts |= {"value": figure.value, "status": figure.status, "bytes": len(data), "out": str(out)}
    show.facts(facts, as_json=as_json)


def _row(state: "State", release: "ReleaseFacts") -> dict[str, Any]:
    from comity.assembly import queries
    from comity.model.member import HUB

    study, period = queries.subject(state, release) or (None, None)
    moved = queries.motions_about(state, study) if study else ()
    replaced = any(other.replaces and other.replaces.index == release.ref.index for other in state.releases.values())
    return {
        "release": release.ref.index,
        "kind": "joint" if release.publisher == HUB else "national",
        "publisher": release.publisher,
        "study": moved[0].name if moved else study,
        "period": period,
        "status": "withdrawn" if release.withdrawn is not None else "replaced" if replaced else "published",
        "inputs": list(release.inputs),
        "digest": release.release.digest,
    }


def _index(state: "State", word: str) -> int:
    """A release's leaf index; UsageError if there is no such release."""
    rows = [_row(state, release) for _, release in sorted(state.releases.items())]
    if word == "latest":
        found = [row["release"] for row in rows if (row["kind"], row["status"]) == ("joint", "published")]
        if not found:
            raise UsageError("no joint release was published yet", where="RELEASE", way_out="comity release list")
        return int(found[-1])
    if word not in [str(row["release"]) for row in rows]:
        known = ", ".join(str(row["release"]) for row in rows) or "none"
        raise UsageError("no such release", where="RELEASE", found=word, wanted=known, way_out="comity release list")
    return int(word)
