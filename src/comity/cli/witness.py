"""`comity witness`: a witness that holds no data and is no member."""

from typing import Annotated

import typer

from comity.cli import options, show

app = options.group()


@app.command()
def init(
    listen: Annotated[str, typer.Option("--listen", metavar="HOST:PORT", help="Where the witness listens.")],
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="What its key is called: a URL without scheme.")],
    log: Annotated[
        str, typer.Option("--log", metavar="VKEY", help="The log's verifier key: log-key of comity charter show.")
    ],
    home: options.Home = None,
    as_json: show.Json = False,
) -> None:
    """Make a witness for one log. Prints its verifier key, which a reader's own policy may name.

    Example: `comity witness init --home witness --listen 127.0.0.1:8700 --name w.example.org --log example.org+...`
    """
    from comity.services import config, witness

    vkey = witness.init(config.home(home), listen=listen, name=name, log=log)
    show.facts({"vkey": str(vkey), "listen": listen}, as_json=as_json)


@app.command()
def run(home: options.Home = None) -> None:
    """Cosign checkpoints of the log that only grow (C2SP tlog-witness), until Ctrl-C or SIGTERM.

    Example: `comity witness run --home witness`
    """
    from comity.services import config, witness

    witness.run(config.home(home), log=options.line)
