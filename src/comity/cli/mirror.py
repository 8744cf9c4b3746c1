"""`comity mirror`: anyone's copy of a hub's public files."""

from typing import Annotated

import typer

from comity.cli import options, show

app = options.group()


@app.command()
def init(
    listen: Annotated[str, typer.Option("--listen", metavar="HOST:PORT", help="Where the mirror listens.")],
    source: Annotated[str, typer.Option("--source", metavar="URL", help="The hub, or another mirror.")],
    home: options.Home = None,
    as_json: show.Json = False,
) -> None:
    """Make a mirror of a hub, or of another mirror. It holds no key.

    Example: `comity mirror init --home mirror --listen 127.0.0.1:8800 --source https://hub.example.org`
    """
    from comity.services import config, mirror

    folder = config.home(home)
    mirror.init(folder, listen=listen, source=source)
    show.facts({"home": str(folder), "listen": listen, "source": source}, as_json=as_json)


@app.command()
def run(home: options.Home = None) -> None:
    """Copy what is public and serve it, until Ctrl-C or SIGTERM.

    Example: `comity mirror run --home mirror`
    """
    from comity.services import config, mirror

    mirror.run(config.home(home), log=options.line)
