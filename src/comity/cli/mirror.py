"""`comity mirror`: anyone's copy of a hub's public files."""

from pathlib import Path
from typing import Annotated

import typer

from comity.cli import options, show
from comity.errors import UsageError

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
    from comity.services import config
    from comity.services.mirror import run as mirror

    folder = config.home(home)
    mirror.init(folder, listen=listen, source=source)
    show.facts({"home": str(folder), "listen": listen, "source": source}, as_json=as_json)


@app.command()
def run(
    source: Annotated[str | None, typer.Argument(metavar="[URL]", help="The hub, or another mirror.")] = None,
    folder: Annotated[Path | None, typer.Argument(metavar="[DIR]", help="The copy's folder; made if new.")] = None,
    home: options.Home = None,
    listen: Annotated[
        str | None, typer.Option("--listen", metavar="HOST:PORT", help="With URL and DIR: serve the copy here.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="With URL and DIR: copy what is public now, and end.")] = False,
    charter: Annotated[
        str | None, typer.Option("--charter", metavar="DIGEST", help="The charter that the log must begin with.")
    ] = None,
    as_json: show.Json = False,
) -> None:
    """Copy what is public, verify it while it is copied, and serve it, until Ctrl-C or SIGTERM.

    Either URL and DIR, or the folder of a mirror that `init` made. The files lie in DIR/public, for any file server.

    Example: `comity mirror run https://hub.example.org copy --listen 127.0.0.1:8800`
    """
    from comity.services import config
    from comity.services.mirror import run as mirror

    if source is None:
        if listen or once or charter:
            raise UsageError("--listen, --once and --charter want URL and DIR", way_out="comity mirror run URL DIR")
        mirror.run(config.home(home), log=options.line)
        return
    if folder is None or home is not None or (once and listen):
        raise UsageError(
            "not one copy to make",
            wanted="URL and DIR, without --home; --once or --listen, or neither",
            way_out="comity mirror run URL DIR --once",
        )
    pinned = options.digest(charter, where="--charter") if charter else None
    if not once:
        mirror.follow(source, folder, listen=listen, charter=pinned, log=options.line)
        return
    copied = mirror.once(source, folder, charter=pinned, log=options.note)
    facts = {"origin": copied.origin, "size": copied.size, "files": str(copied.public), "not-public": copied.missing}
    show.facts(facts, as_json=as_json)
