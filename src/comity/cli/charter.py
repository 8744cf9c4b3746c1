"""`comity charter`: what an assembly is founded on, from the convenor's text to accessions and amendments."""

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
    from comity.assembly.articles import undecided
    from comity.assembly.rules import charter as rules
    from comity.cli import articles
    from comity.errors import FormatError
    from comity.model.member import Party

    written = founding.read(options.text(text), where=str(text))
    founding.check_rules(written, where=str(text))
    charter = founding.charter(
        written,
        canon.decode(hub.read_bytes(), Hub, where=str(hub)),
        [canon.decode(file.read_bytes(), Party, where=str(file)) for file in party],
        convenor=convenor,
        witnesses=witness,
    )
    if wrong := rules.flaws(charter):
        matters = undecided(charter)
        raise FormatError(
            "no assembly can be founded on this",
            where=str(text),
            found=", ".join(wrong) + (f" ({', '.join(matters)})" if matters else ""),
            wanted="articles that hold, each by itself and beside the others",
            way_out="see docs/charter.md",
        )
    data = canon.encode(charter)
    durable.write(out, data)
    facts: dict[str, Any] = {
        "name": charter.name,
        "origin": charter.origin,
        "convenor": charter.convenor,
        "founders": len(charter.founders),
        "witnesses": list(charter.witnesses),
        "out": str(out),
        "charter": canon.digest(data),
    }
    show.facts(facts if as_json else articles.told(charter) | facts, as_json=as_json)


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
    """Join the assembly under the pinned charter, as the party that it, or an adopted motion, names.

    Example: `comity charter accede --home office`
    """
    from comity.services.node import floor

    options.each(homes, lambda home: options.said(floor.accede(home)), ("accession", "leaf"), as_json=as_json)


@app.command("show")
def show_(
    hub: options.Hub = None, home: options.Home = None, charter: options.Pin = None, as_json: show.Json = False
) -> None:
    """The charter as it stands: who founded the assembly, who keeps and witnesses the log, how votes decide.

    Example: `comity charter show --hub https://hub.example.org`
    """
    from comity import canon
    from comity.assembly import witnesses
    from comity.cli import articles
    from comity.tlog.quorum import charter_least

    with options.reading(hub, home, charter) as reading:
        state = reading.log.state
        found = witnesses.charter_of(state)
        digest, pinned = reading.log.charter, reading.log.pinned
        quorum = charter_least(len(found.witnesses))
    amended = [
        motion.ref.index
        for _, motion in sorted(state.motions.items())
        if motion.outcome == "adopted" and motion.matter in ("charter", "witnesses")
    ]
    facts: dict[str, Any] = {"charter": digest, "pinned": pinned, "name": found.name, "origin": found.origin}
    if as_json:
        facts |= {"log-key": witnesses.log_vkey(found), "text": canon.plain(canon.encode(found)), "amended-by": amended}
        show.document(facts)
        return
    facts |= {
        "convenor": found.convenor,
        "log-key": witnesses.log_vkey(found),
        "founders": [party.id for party in found.founders],
        "quorum": f"{quorum} of {len(found.witnesses)} witnesses",
        "amended-by": amended or "no motion",
    }
    show.facts(facts | articles.told(found), as_json=False)


@app.command()
def amend(
    text: Annotated[Path, typer.Argument(metavar="FILE.toml", help="What changes, in the words of charter.toml.")],
    open_: options.Open = 0,
    home: options.Home = None,
    as_json: show.Json = False,
) -> None:
    """Move that rules, groups, offices or times of the charter change: prints what stands beside what would.

    The file names only what changes: a rule whole, groups, offices and recused matters as the whole new list.

    Example: `comity charter amend quorum.toml --open 604800 --home office`
    """
    from comity.acts.terms import Terms
    from comity.assembly import founding, terms, witnesses
    from comity.cli import articles

    change = founding.amendment(options.text(text), where=str(text))
    with options.reading(None, home) as reading:
        before = witnesses.charter_of(reading.log.state)
    changed = articles.changes(before, terms.amended(before, change))
    name = "charter: " + ", ".join(row["article"] for row in changed[:3]) + (" and more" if changed[3:] else "")
    said = options.moved("charter", Terms(charter=change), name=name, seconds=open_, home=home)
    if as_json:
        show.document(said | {"changes": changed})
        return
    show.facts(said, as_json=False)
    typer.echo("")
    show.rows(changed, ("article", "now", "then"), as_json=False, none="Nothing changes.")


@app.command("witnesses")
def witnesses_(
    members: Annotated[list[str], typer.Argument(metavar="MEMBER...", help="Every witness from then on, 15 at most.")],
    open_: options.Open = 0,
    home: options.Home = None,
    as_json: show.Json = False,
) -> None:
    """Move that these members be the witnesses whose cosignatures make the quorum.

    Example: `comity charter witnesses ke no uy vn --home office`
    """
    from comity.acts.terms import Terms

    wanted = tuple(sorted(set(members)))
    name = f"witnesses: {', '.join(wanted)}" if len(wanted) < 5 else f"{len(wanted)} witnesses"
    show.facts(
        options.moved("witnesses", Terms(witnesses=wanted), name=name, seconds=open_, home=home), as_json=as_json
    )


@app.command()
def admit(
    candidate: Annotated[str, typer.Argument(metavar="ID", help="A candidate that acceded.")],
    weight: Annotated[int, typer.Option("--weight", metavar="N", help="How many votes it is to have.")] = 1,
    open_: options.Open = 0,
    home: options.Home = None,
    as_json: show.Json = False,
) -> None:
    """Move that a candidate be a member, by the keys that it has; when that is adopted, it accedes once more.

    Example: `comity charter admit mw --home office`
    """
    from comity.services import config
    from comity.services.node import floor

    said = floor.admit(config.home(home), candidate, weight=weight, seconds=open_)
    show.facts(options.said(said), as_json=as_json)
