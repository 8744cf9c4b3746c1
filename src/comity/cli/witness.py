"""`comity witness`: a witness that holds no data and is no member."""

from typing import Annotated, Final

import typer

from comity.cli import options, show

LOG: Final = (
    "The log's verifier key: log-key of comity charter show. If the log's origin is another name than its key's, the "
    "origin behind it, after a blank, as one word of the shell."
)

app = options.group()


@app.command()
def init(
    listen: Annotated[str, typer.Option("--listen", metavar="HOST:PORT", help="Where the witness listens.")],
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="What its key is called: a URL without scheme.")],
    log: Annotated[list[str], typer.Option("--log", metavar="VKEY", help=f"{LOG} Repeat it for several logs.")],
    home: options.Home = None,
    as_json: show.Json = False,
) -> None:
    """Make a witness and its two keys. Prints both verifier keys, which a reader's own policy may name.

    Older readers refuse a policy with an ML-DSA-44 key in it: name that one in a policy file of its own.

    Example: `comity witness init --home witness --listen 127.0.0.1:8700 --name w.example.org --log example.org+...`
    """
    from comity.services import config, witness

    vkey, mldsa = witness.init(config.home(home), listen=listen, name=name, logs=log)
    show.facts({"vkey": str(vkey), "vkey-ml-dsa-44": str(mldsa), "listen": listen}, as_json=as_json)


@app.command()
def add_log(
    log: Annotated[str, typer.Argument(metavar="VKEY", help=LOG)],
    home: options.Home = None,
    as_json: show.Json = False,
) -> None:
    """Cosign one log more, or a log by a further key of its, from the next start on. Prints all that are cosigned.

    Example: `comity witness add-log example.org+... --home witness`
    """
    from comity.services import config, witness

    logs = witness.add_log(config.home(home), log)
    rows = [{"origin": one.origin, "keys": len(one.keys)} for one in logs]
    show.rows(rows, ("origin", "keys"), as_json=as_json, none="No log is cosigned.")


@app.command()
def run(home: options.Home = None) -> None:
    """Cosign checkpoints of its logs that only grow (C2SP tlog-witness), until Ctrl-C or SIGTERM.

    Example: `comity witness run --home witness`
    """
    from comity.services import config, witness

    witness.run(config.home(home), log=options.line)
