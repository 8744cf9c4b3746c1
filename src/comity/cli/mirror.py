"""`comity mirror`: anyone's copy of a hub's public files."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from comity.cli import options, show
from comity.errors import UsageError

if TYPE_CHECKING:
    from comity.services.mirror.copy import Pinned

app = options.group()

ANY_PORT: Final = "127.0.0.1:0"
CharterPin = Annotated[
    str | None, typer.Option("--charter", metavar="DIGEST", help="The charter that the log must begin with.")
]
PolicyPin = Annotated[
    Path | None,
    typer.Option(
        "--policy", metavar="FILE", help="Log and quorum (c2sp.org/tlog-policy) of every head that is copied."
    ),
]


@app.command()
def init(
    listen: Annotated[str, typer.Option("--listen", metavar="HOST:PORT", help="Where the mirror listens.")],
    source: Annotated[str, typer.Option("--source", metavar="URL", help="The hub, or another mirror.")],
    charter: CharterPin = None,
    policy: PolicyPin = None,
    home: options.Home = None,
    as_json: show.Json = False,
) -> None:
    """Make a mirror of a hub, or of another mirror. It holds no key.

    A policy is copied into its folder. Without one, a head that nobody cosigned is copied and served as well.

    Example: `comity mirror init --home mirror --listen 127.0.0.1:8800 --source https://hub.example.org --policy FILE`
    """
    from comity.services import config
    from comity.services.mirror import run as mirror

    folder = config.home(home)
    pinned = _pinned(charter, policy)
    mirror.init(folder, listen=listen, source=source, pinned=pinned)
    facts = {"home": str(folder), "listen": listen, "source": source}
    facts |= {"charter": charter or "any", "policy": str(policy or "none")}
    show.facts(facts, as_json=as_json)
    if said := str(pinned):
        options.note(said)


@app.command()
def run(
    source: Annotated[str | None, typer.Argument(metavar="[URL]", help="The hub, or another mirror.")] = None,
    folder: Annotated[Path | None, typer.Argument(metavar="[DIR]", help="The copy's folder; made if new.")] = None,
    home: options.Home = None,
    listen: Annotated[
        str | None,
        typer.Option("--listen", metavar="HOST:PORT", help="With URL and DIR: serve here; else at a free local port."),
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="With URL and DIR: copy what is public now, and end.")] = False,
    charter: CharterPin = None,
    policy: PolicyPin = None,
    as_json: show.Json = False,
) -> None:
    """Copy what is public, verify it while it is copied, and serve it, until Ctrl-C or SIGTERM.

    Either URL and DIR, or the folder of a mirror that `init` made. The files lie in DIR/public, for any file server;
    without --listen this machine alone is served, at the address that is printed. Without --policy a head that nobody
    cosigned is copied as well.

    Example: `comity mirror run https://hub.example.org copy --listen 127.0.0.1:8800 --policy FILE`
    """
    from comity.services import config
    from comity.services.mirror import run as mirror

    if source is None:
        if listen or once or charter or policy:
            what = "--listen, --once, --charter and --policy want URL and DIR"
            raise UsageError(what, way_out="comity mirror run URL DIR")
        mirror.run(config.home(home), log=options.line)
        return
    if folder is None and home is None:
        way_out = f"comity mirror run {source} copy --once"
        raise UsageError("the copy's folder is not named", where="DIR", wanted="a folder; made if new", way_out=way_out)
    if folder is None or home is not None or (once and listen):
        raise UsageError(
            "not one copy to make",
            wanted="URL and DIR, without --home; --once or --listen, or neither",
            way_out="comity mirror run URL DIR --once",
        )
    pinned = _pinned(charter, policy)
    if not once:
        mirror.follow(source, folder, listen=listen or ANY_PORT, pinned=pinned, log=options.line)
        return
    copied = mirror.once(source, folder, pinned=pinned, log=options.note)
    facts = {"origin": copied.origin, "size": copied.size, "files": str(copied.public), "not-public": copied.missing}
    show.facts(facts, as_json=as_json)


def _pinned(charter: str | None, policy: Path | None) -> "Pinned":
    from comity.services.mirror import run as mirror
    from comity.services.mirror.copy import Pinned

    return Pinned(
        charter=options.digest(charter, where="--charter") if charter else None,
        policy=mirror.read_policy(policy) if policy else None,
    )
