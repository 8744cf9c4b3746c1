"""`comity hub`: the hub operator's commands. The operator has no vote, and holds nobody's data."""

from pathlib import Path
from typing import Annotated

import typer

from comity.cli import options, show

app = options.group()


@app.command()
def init(
    listen: Annotated[str, typer.Option("--listen", metavar="HOST:PORT", help="Where the hub listens.")],
    address: Annotated[str, typer.Option("--address", metavar="URL", help="Where everyone reaches it.")],
    home: options.Home = None,
    as_json: show.Json = False,
) -> None:
    """Make the hub's state folder and keys, and the card that the charter's draft needs of it: FOLDER/hub.json.

    Example: `comity hub init --home hub --listen 127.0.0.1:8600 --address http://127.0.0.1:8600`
    """
    from comity.services import config
    from comity.services.hub import found as founding

    folder = config.home(home)
    hub = founding.init(folder, listen=listen, address=address)
    show.facts(
        {
            "home": str(folder),
            "listen": listen,
            "address": hub.address,
            "card": str(folder / founding.CARD),
            "sign": hub.sign,
            "log": hub.log,
        },
        as_json=as_json,
    )


@app.command()
def found(
    leaf: Annotated[Path, typer.Argument(metavar="CHARTER.leaf", help="The charter, signed by its convenor.")],
    home: options.Home = None,
    as_json: show.Json = False,
) -> None:
    """Begin the log with the signed charter, once. Prints the charter's digest, which every office pins.

    Example: `comity hub found charter.leaf --home hub`
    """
    from comity.services import config
    from comity.services.hub import found as founding

    show.facts({"charter": founding.found(config.home(home), leaf.read_bytes())}, as_json=as_json)


@app.command()
def run(home: options.Home = None) -> None:
    """Run the hub until Ctrl-C or SIGTERM: it takes statements, asks for cosignatures, opens sums and publishes.

    Example: `comity hub run --home hub`
    """
    from comity.services import config
    from comity.services.hub import run as hub

    hub.run(config.home(home), log=options.line)


@app.command()
def offer(
    origin: Annotated[str, typer.Option("--origin", metavar="NAME", help="What the log is to be called: a new name.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="What the members vote on.")],
    host: Annotated[str, typer.Option("--host", metavar="ID", help="The member whose state hosts it; else none.")] = "",
    home: options.Home = None,
    as_json: show.Json = False,
) -> None:
    """Write down what the members vote on when the log is to come to this hub: its keys, address, and the log's name.

    The folder is a new one (`comity hub init`). A member moves the file: `comity motion move hub host.json`.

    Example: `comity hub offer --origin next.example.org/assembly --host ke --out host.json --home hub`
    """
    from comity import canon
    from comity.adapters import durable
    from comity.services import config
    from comity.services.hub import succeed as succession

    made = succession.offer(config.home(home), origin=origin, host=host)
    data = canon.encode(made)
    durable.write(out, data)
    facts = {"origin": made.origin, "address": made.hub.address, "host": made.host or None, "out": str(out)}
    show.facts(facts | {"sign": made.hub.sign, "log": made.hub.log}, as_json=as_json)


@app.command()
def succeed(
    source: Annotated[
        str, typer.Option("--from", metavar="URL|FOLDER", help="Public files: a mirror's, the old hub's, or a copy.")
    ],
    charter: Annotated[str, typer.Option("--charter", metavar="DIGEST", help="The charter that the log begins with.")],
    home: options.Home = None,
    as_json: show.Json = False,
) -> None:
    """Take the log over from another hub, as the members decided: out of public files alone, all of them verified.

    The folder is the one whose `comity hub offer` was adopted. Nothing of the old hub is needed, and none of its keys.
    Killed on the way, the same command goes on. Afterwards `comity hub run` serves the log; members follow by
    themselves.

    Example: `comity hub succeed --from https://mirror.example.org --charter sha256:... --home hub`
    """
    from contextlib import ExitStack

    from comity.adapters.client import Client
    from comity.cli import progress
    from comity.services import config
    from comity.services.audit.files import AtAddress, Files, InFolder
    from comity.services.hub import succeed as succession

    pinned = options.digest(charter, where="--charter")
    with ExitStack() as open_:
        tell = open_.enter_context(progress.telling())
        is_address = source.startswith(("http://", "https://"))
        files: Files = AtAddress(open_.enter_context(Client(source))) if is_address else InFolder(Path(source))
        done = succession.succeed(config.home(home), files, pinned, tell=tell)
    show.facts(
        {
            "log": done.after,
            "before": done.before,
            "leaves": done.size,
            "succession": done.size,
            "bodies": done.bodies,
            "not-public": done.missing,
        },
        as_json=as_json,
    )


@app.command()
def add_witness(
    vkey: Annotated[str, typer.Argument(metavar="VKEY", help="The witness's verifier key.")],
    url: Annotated[str, typer.Argument(metavar="URL", help="Where it takes checkpoints: its submission prefix.")],
    home: options.Home = None,
    as_json: show.Json = False,
) -> None:
    """Ask a witness that is no member for cosignatures (C2SP tlog-witness), from the next start on.

    Its lines go into the side file of each checkpoint. No rule of the assembly counts them; a reader's own policy may.
    A witness with two keys is added twice. Prints all that are asked.

    Example: `comity hub add-witness w.example.org+... https://w.example.org --home hub`
    """
    from comity.services import config
    from comity.services.hub import outside

    found = outside.add(config.home(home), vkey, url)
    rows = [{"url": one.url, "name": key.name, "key": str(key)} for one in found for key in one.vkeys]
    show.rows(rows, ("url", "name"), as_json=as_json, none="No outside witness is asked.")
