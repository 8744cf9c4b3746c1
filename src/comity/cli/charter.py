"""`comity charter`: what an assembly is founded on, from the convenor's text to each office's accession."""

from pathlib import Path
from typing import Annotated, Any

import typer

from comity.cli import options, show

app = options.group()


@app.command()
def draft(
    text: Annotated[Path, typer.Argument(metavar="CHARTER.toml", help="Name, origin of the log, and voting rules.")],
    hub: Annotated[Path, typer.Option("--hub", metavar="FILE", help="hub.json of the hub's operator.")],
    party: Annotated[list[Path], typer.Option("--party", metavar="FILE", help="party.json of a founder; repeated.")],
    convenor: Annotated[str, typer.Option("--convenor", metavar="ID", help="The founder that signs the charter.")],
    witness: Annotated[list[str], typer.Option("--witness", metavar="ID", help="A founder of the quorum; repeated.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The charter, as canonical JSON.")],
    as_json: show.Json = False,
) -> None:
    """Put the convenor's text, the hub's keys and the founders' keys together. Says nothing to anybody.

    Example: `comity charter draft charter.toml --hub hub.json --party ke.json --party no.json --convenor ke
    --witness ke --witness no --out charter.json`
    """
    from comity import canon
    from comity.acts.charter import Hub
    from comity.adapters import durable
    from comity.assembly import founding
    from comity.model.member import Party

    charter = founding.charter(
        founding.read(options.text(text), where=str(text)),
        canon.decode(hub.read_bytes(), Hub, where=str(hub)),
        [canon.decode(file.read_bytes(), Party, where=str(file)) for file in party],
        convenor=convenor,
        witnesses=witness,
    )
    data = canon.encode(charter)
    durable.write(out, data)
    show.facts(
        {
            "name": charter.name,
            "origin": charter.origin,
            "convenor": charter.convenor,
            "founders": len(charter.founders),
            "witnesses": list(charter.witnesses),
            "out": str(out),
            "charter": canon.digest(data),
        },
        as_json=as_json,
    )


@app.command()
def sign(
    charter: Annotated[Path, typer.Argument(metavar="CHARTER.json", help="The charter, as drafted.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The log's first leaf.")],
    home: options.Home = None,
    as_json: show.Json = False,
) -> None:
    """Sign the charter as its convenor: the log's first leaf, which the hub is founded with.

    Example: `comity charter sign charter.json --home office --out charter.leaf`
    """
    from comity import canon
    from comity.acts.charter import Charter
    from comity.adapters import durable
    from comity.services import config
    from comity.services.node import setup

    data = charter.read_bytes()
    leaf = setup.convene(config.home(home), canon.decode(data, Charter, where=str(charter)))
    durable.write(out, leaf)
    show.facts({"out": str(out), "bytes": len(leaf), "charter": canon.digest(data)}, as_json=as_json)


@app.command()
def accede(homes: options.Homes = None, as_json: show.Json = False) -> None:
    """Join the assembly under the pinned charter, as the party that it names.

    Example: `comity charter accede --home office`
    """
    from comity.services.node import floor

    options.each(homes, lambda home: options.said(floor.accede(home)), ("accession", "leaf"), as_json=as_json)


@app.command("show")
def show_(
    hub: options.Hub = None, home: options.Home = None, charter: options.Pin = None, as_json: show.Json = False
) -> None:
    """The charter: who founded the assembly, who keeps the log, who witnesses it, and how votes decide.

    Example: `comity charter show --hub https://hub.example.org`
    """
    from comity import canon
    from comity.assembly import witnesses

    with options.reading(hub, home, charter) as reading:
        found = witnesses.charter_of(reading.log.state)
        digest, pinned = reading.log.charter, reading.log.pinned
        rule = witnesses.quorum(found).groups[0].least
    facts: dict[str, Any] = {"charter": digest, "pinned": pinned, "name": found.name, "origin": found.origin}
    if as_json:
        facts |= {"log-key": witnesses.log_vkey(found), "text": canon.plain(canon.encode(found))}
        show.document(facts)
        return
    facts |= {
        "convenor": found.convenor,
        "hub": found.hub.address,
        "log-key": witnesses.log_vkey(found),
        "founders": [party.id for party in found.founders],
        "witnesses": list(found.witnesses),
        "quorum": f"{rule} of {len(found.witnesses)} witnesses",
        "view-kept": f"{found.challenge_seconds} seconds",
    }
    facts |= {f"rule {matter}": _rule(ballot) for matter, ballot in found.rules.items()}
    show.facts(facts, as_json=False)


def _rule(ballot: Any) -> str:
    """How one matter is decided, in a line."""
    least = f"open {ballot.seconds} s at least"
    if ballot.method == "consensus":
        return f"adopted unless {ballot.objections} members say no, {least}"
    return f"more than {ballot.share} % yes of yes and no, {ballot.quorum} % of all votes cast, {least}"
