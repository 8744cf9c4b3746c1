"""`comity reservation`: a norm applied but for some of its parts, said before the office answers under it."""

from typing import Annotated, Any

import typer

from comity.cli import options, show

app = options.group()

Norm = Annotated[str, typer.Argument(metavar="NORM", help="A norm in force: its digest, id or id/version.")]


@app.command()
def enter(
    norm: Norm,
    parts: Annotated[
        list[str],
        typer.Argument(metavar="PART...", help="Parts of the norm, such as question:Q7 or code:CL_ANSWER.4."),
    ],
    text: Annotated[str, typer.Option("--text", metavar="TEXT", help="Why, and what is done instead.")] = "",
    language: Annotated[str, typer.Option("--language", metavar="TAG", help="The text's language (BCP 47).")] = "en",
    home: options.Home = None,
    as_json: show.Json = False,
) -> None:
    """Apply a norm but for these parts. This office's own figures answered from now on have status D (definition
    differs) and name the parts; a sum that it takes part in names them beside the figures.

    Takes the place of what this office reserved of the norm before. The next version wants a reservation of its own.

    Example: `comity reservation enter TRUST/1.0.0 question:Q7 --text "Asked of adults only." --home office`
    """
    from comity.services import config
    from comity.services.node import reserving

    said = reserving.enter(config.home(home), norm, parts, text=text, language=language)
    show.facts(options.said(said), as_json=as_json)


@app.command()
def lift(norm: Norm, home: options.Home = None, as_json: show.Json = False) -> None:
    """Apply the norm whole again; figures answered before keep what they say.

    Example: `comity reservation lift TRUST/1.0.0 --home office`
    """
    from comity.services import config
    from comity.services.node import reserving

    show.facts(options.said(reserving.lift(config.home(home), norm)), as_json=as_json)


@app.command("list")
def list_(
    hub: options.Hub = None, home: options.Home = None, charter: options.Pin = None, as_json: show.Json = False
) -> None:
    """Every reservation that stands: who applies which norm but for what.

    Example: `comity reservation list --hub https://hub.example.org`
    """
    with options.reading(hub, home, charter) as reading:
        rows = standing(reading.log.state)
    show.rows(rows, ("norm", "member", "parts", "leaf"), as_json=as_json, none="No reservation stands.")


def standing(state: Any) -> list[dict[str, Any]]:
    """Reservations that stand, as rows, by norm and member."""
    from comity.assembly import queries
    from comity.assembly.said.names import study_name

    held = [queries.reservation(state, norm, member) for norm, member in state.reservations]
    rows = [
        {
            "norm": study_name(state, one.norm),
            "member": one.member,
            "parts": list(one.parts),
            "leaf": one.ref.index,
            "text": one.text.digest if one.text else None,
            "digest": one.norm,
        }
        for one in held
        if one is not None
    ]
    return sorted(rows, key=lambda row: (row["norm"], row["digest"], row["member"]))
