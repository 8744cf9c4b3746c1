"""`comity node`: an office's own node, from its folder and keys to the running process."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, get_args

import typer

from comity.cli import journal, options, show

if TYPE_CHECKING:
    from comity.acts.key import Purpose
    from comity.model.member import Role
    from comity.services.node.keys import Changed

OfKey = Annotated[
    str, typer.Argument(metavar="PURPOSE", help="Which key: sign, officer, witness, witness-ml-dsa or box.")
]
CHANGED: Final = ("purpose", "key", "index")
LONGEST: Final = 80  # characters of a key that a line shows: more than any Ed25519 key has

app = options.group()
app.add_typer(journal.app, name="journal", help="Everything that left this node, in clear form where it has one.")


@app.command()
def init(
    id: Annotated[list[str], typer.Option("--id", metavar="ID", help="The office's id: a-z, 0-9 and dashes, 2 to 32.")],
    area: Annotated[list[str], typer.Option("--area", metavar="M49", help="Its area: three digits of M49.")],
    role: Annotated[
        str,
        typer.Option(
            "--role",
            metavar="ROLE",
            help="member; without a vote: producer (open data), custodian (estimates, norms), observer or candidate.",
        ),
    ] = "member",
    homes: options.Homes = None,
    as_json: show.Json = False,
) -> None:
    """Make the office's state folder and keys, and the card that the convenor needs of it: FOLDER/party.json.

    The new node answers nothing: its policy refuses every study until the office installs its own. Whoever serves
    several offices repeats --home, --id and --area together.

    Example: `comity node init --home office --id ke --area 404`
    """
    from comity.errors import UsageError
    from comity.services.node import setup

    folders, as_role = options.homes(homes), _role(role)
    if not len(folders) == len(id) == len(area):
        raise UsageError(
            "not one id and one area for each folder",
            where="--home, --id, --area",
            found=f"{len(folders)}, {len(id)}, {len(area)}",
            wanted="as many of each",
        )
    offices = {home: (name, place) for home, name, place in zip(folders, id, area, strict=True)}

    def one(home: Path) -> dict[str, object]:
        party = setup.init(home, id=offices[home][0], area=offices[home][1], role=as_role)
        return {
            "id": party.id,
            "area": party.area,
            "role": party.role,
            "home": str(home),
            "party": str(home / setup.CARD),
            "sign": party.keys.sign,
            "officer": party.keys.officer,
            "witness": party.keys.witness,
        }

    options.each(folders, one, ("id", "area", "party"), as_json=as_json)


def _role(word: str) -> "Role":
    """A role that an office may have; UsageError for any other word."""
    from comity.errors import UsageError
    from comity.model.member import Role

    known: tuple[Role, ...] = get_args(Role)
    for role in known:
        if word == role:
            return role
    raise UsageError("no such role", where="--role", found=word, wanted=", ".join(known))


@app.command()
def join(
    hub: Annotated[str, typer.Option("--hub", metavar="URL", help="The hub's address.")],
    charter: Annotated[str, typer.Option("--charter", metavar="DIGEST", help="The charter, as the convenor gave it.")],
    homes: options.Homes = None,
    as_json: show.Json = False,
) -> None:
    """Pin the hub and the one charter under which this node takes part; a log with another charter is refused.

    Example: `comity node join --home office --hub https://hub.example.org --charter sha256:...`
    """
    from comity.services.node import setup

    pinned = options.digest(charter, where="--charter")

    def one(home: Path) -> dict[str, object]:
        settings = setup.pin(home, hub=hub, charter=pinned)
        return {"id": settings.id, "hub": settings.hub, "charter": settings.charter}

    options.each(homes, one, ("id", "hub", "charter"), as_json=as_json)


@app.command()
def run(
    homes: options.Homes = None,
    poll: Annotated[float, typer.Option("--poll", metavar="SECONDS", help="How often the hub is asked.")] = 0.5,
) -> None:
    """Run the node until Ctrl-C or SIGTERM: it reads every leaf, cosigns what grew, decides, counts, seals and answers.

    Several --home run several offices in one process, each with its own folder, keys and books.

    Example: `comity node run --home office`
    """
    from comity.errors import UsageError
    from comity.services.node import run as nodes

    if not 0.05 <= poll <= 3600:
        raise UsageError("not an interval", where="--poll", found=str(poll), wanted="0.05 to 3600 seconds")
    folders = options.homes(homes)
    nodes.run(folders, poll=poll, log=options.line)
    options.line("node: stopped")


@app.command()
def console(
    listen: Annotated[
        str, typer.Option("--listen", metavar="HOST:PORT", help="A loopback address; else any free port.")
    ] = "",
    home: options.Home = None,
) -> None:
    """Serve the officer's page on this machine: what is asked, what an answer would show and cost, yes or no.

    Its address, with a token that is new at every start, is printed; nobody else can open it. Ctrl-C ends it.

    Example: `comity node console --home office`
    """
    from comity.services import config
    from comity.services.node import console as page

    page.run(config.home(home), listen=listen, log=options.line)


@app.command()
def doctor(
    home: options.Home = None,
    deep: Annotated[
        bool,
        typer.Option("--deep", help="Read all rows of databases too, to see that they are those that were checked."),
    ] = False,
    as_json: show.Json = False,
) -> None:
    """Look at everything a node needs, a line a check: folder, keys, policy, sources, hub, charter, clock, standing.

    Files are held against the data that were checked; tables of a database only with --deep, as all rows are read.

    Exit 0: all is well. Exit 1: something is not, and its line says what to do.

    Example: `comity node doctor --home office`
    """
    from comity.services import config
    from comity.services.node import doctor as node

    found = node.doctor(config.home(home), deep=deep)
    rows = [{"check": check.name, "well": check.ok, "found": check.line} for check in found]
    show.rows(rows, ("check", "well", "found"), as_json=as_json, none="Nothing was checked.")
    raise typer.Exit(0 if all(check.ok for check in found) else 1)


@app.command()
def recover(
    id: Annotated[str, typer.Argument(metavar="ID", help="The office, as the assembly knows it.")],
    hub: Annotated[str, typer.Option("--hub", metavar="URL", help="The hub's address.")],
    charter: Annotated[str, typer.Option("--charter", metavar="DIGEST", help="The charter, as the convenor gave it.")],
    officer_key: Annotated[
        Path | None,
        typer.Option("--officer-key", metavar="FILE", help="The officer key that was kept: a backup of keys/officer."),
    ] = None,
    home: options.Home = None,
    as_json: show.Json = False,
) -> None:
    """Come back after the folder was lost: a new folder with new keys, said in the log; nothing is said or spent twice.

    With the officer key that was kept, the office says it by itself. Without, another member moves the file that this
    command writes (comity motion move member FOLDER/party.json); once that is adopted, give the command again.

    Every exchange that the lost node was on the roster of counts as paid for, on every source. Secrets of open
    exchanges are gone: the node leaves those. Policy, sources and bindings are the office's to install again. Records
    of its answers come back only from a backup: copy its extracts/ into the folder. Answers without one are named.

    Example: `comity node recover ke --hub https://hub.example.org --charter sha256:... --officer-key backup/officer
    --home office-again`
    """
    from comity.services import config
    from comity.services.node import recover as node

    pinned = options.digest(charter, where="--charter")
    done = node.recover(config.home(home), id, hub=hub, charter=pinned, officer=officer_key)
    facts: dict[str, object] = {"id": done.member, "recovery": done.index, "party": str(done.party)}
    facts |= {"counted-as-spent": done.spent, "exchanges-left": done.left}
    facts |= {"answers": len(done.records.answers), "records-lost": done.records.named or "none"}
    if done.index is None:
        facts |= {"waits-for": f"a motion about this member: comity motion move member {done.party}"}
    show.facts(facts, as_json=as_json)


@app.command()
def backup(
    out: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder for the copy.")],
    home: options.Home = None,
    as_json: show.Json = False,
) -> None:
    """Copy the office's folder as one moment has it, while the node runs: books, keys, policy, sources, records.

    The secrets of open exchanges are left out, so that no copy can act twice. Keys are in it and it is not encrypted:
    keep it as the office keeps its keys. Files are 0600; a manifest in it names each by its digest.

    Example: `comity node backup /media/safe/office-2026-01 --home office`
    """
    from comity.services import config
    from comity.services.node import backup as node

    made = node.backup(config.home(home), out)
    size = sum(kept.size for kept in made.files.values())
    show.facts(
        {"backup": str(out), "id": made.member, "time": show.time(made.time), "files": len(made.files), "bytes": size},
        as_json=as_json,
    )


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(metavar="DIR", help="A backup, as `comity node backup` made it.")],
    home: options.Home = None,
    as_json: show.Json = False,
) -> None:
    """Make an office's folder out of a backup. Run its node then: it reads the log before it answers anything.

    Whatever it answered or spent since the backup counts as answered and spent. Exchanges that were open go on without
    it. Records of answers since the backup are gone: `comity node doctor` names them. The node that was lost must not
    run any more. Look at policy, sources and keys: they are those of the backup.

    Example: `comity node restore /media/safe/office-2026-01 --home office`
    """
    from comity.adapters import clock
    from comity.services import config
    from comity.services.node import backup as node

    made = node.restore(source, folder := config.home(home), now=clock.now())
    facts = {"home": str(folder), "id": made.member, "backup-of": show.time(made.time), "files": len(made.files)}
    show.facts(facts | {"next": "comity node run; it answers once the log grew past now"}, as_json=as_json)


@app.command()
def register_key(purpose: OfKey, homes: options.Homes = None, as_json: show.Json = False) -> None:
    """Make a new key for one purpose and register it in the log, by the office's officer key.

    sign: its statements. officer: changes of keys. witness: its cosignatures, which the charter counts. witness-ml-dsa:
    a second cosignature by ML-DSA-44, for readers who ask for one. box: what others seal for this office alone, such as
    an estimate of its country. The key before serves no more and is kept as keys/PURPOSE.old. Killed on the way, the
    same command goes on. Change `sign` while no exchange is open.

    Example: `comity node register-key witness-ml-dsa --home office`
    """
    from comity.services.node import keys

    wanted = _purpose(purpose)
    options.each(homes, lambda home: _changed(keys.register(home, wanted), whole=as_json), CHANGED, as_json=as_json)


@app.command()
def revoke_key(purpose: OfKey, homes: options.Homes = None, as_json: show.Json = False) -> None:
    """Say in the log that the office's key of one purpose counts no more, as after a theft.

    Until another is registered, nothing that is signed for this purpose counts. Whoever revokes its officer key can
    change no key any more.

    Example: `comity node revoke-key witness --home office`
    """
    from comity.services.node import keys

    wanted = _purpose(purpose)
    options.each(homes, lambda home: _changed(keys.revoke(home, wanted), whole=as_json), CHANGED, as_json=as_json)


def _purpose(word: str) -> "Purpose":
    """A purpose that keys have; UsageError for any other word."""
    from comity.acts.key import Purpose
    from comity.errors import UsageError

    known: tuple[Purpose, ...] = get_args(Purpose)
    for purpose in known:
        if word == purpose:
            return purpose
    raise UsageError("no such purpose", where="PURPOSE", found=word, wanted=", ".join(known))


def _changed(done: "Changed", *, whole: bool) -> dict[str, object]:
    """What was said of a key; a long one stands whole in JSON, and in the log, alone."""
    key = done.key if whole or len(done.key) <= LONGEST else f"{done.key[:LONGEST]}... ({len(done.key)} characters)"
    return {"purpose": done.purpose, "key": key, "index": done.index, "leaf": done.leaf}
