"""`comity log monitor`: follow a log, check all of it, and write feeds of what happens."""

import signal
import threading
from pathlib import Path
from typing import Annotated, Any

import typer

from comity.cli import options, show
from comity.errors import UsageError


def monitor(
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where feeds and the monitor's cache go.")],
    once: Annotated[bool, typer.Option("--once", help="Look once, write the feeds, and end.")] = False,
    every: Annotated[float, typer.Option("--every", metavar="SECONDS", min=1, help="How often to look.")] = 60,
    url: Annotated[str, typer.Option("--url", metavar="URL", help="Where the feeds will be served.")] = "",
    hub: options.Hub = None,
    home: options.Home = None,
    charter: options.Pin = None,
    as_json: show.Json = False,
) -> None:
    """Follow a log and write feeds of its events: all.atom and all.json (JSON Feed), and the same for each topic.

    Every leaf is read, every checkpoint checked. Two views that cannot both be true become `split-view.evidence`;
    then nothing more is written, and the command ends with exit 1. Without --once it looks on until Ctrl-C or SIGTERM.

    Example: `comity log monitor --hub https://hub.example.org --out feeds --once`
    """
    from comity.services.monitor import Monitor, run

    address, pin = _log(hub, home, charter)
    if url and not url.startswith(("http://", "https://")):
        raise UsageError("not an address", where="--url", found=url, wanted="http:// or https://")
    with Monitor(address, pin, out, url=url) as following:
        if once:
            looked = following.look()
            found: dict[str, Any] = {"out": str(out), "size": following.state.size}
            found |= {"new": looked.new if looked else 0, "breaches": len(following.state.breaches)}
            show.facts(found, as_json=as_json)
            if pin is None:
                known = following.state.charter_digest
                options.note(f"under a charter you did not pin: give --charter {known} if a source you trust names it")
            return
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        run(following, every=every, stop=stop, say=options.line)


def _log(hub: str | None, home: Path | None, charter: str | None) -> Any:
    """Address and pinned charter: as given, or as an office's node has them."""
    from comity.services import config

    if hub and home:
        raise UsageError("--hub and --home name two logs", wanted="one of them")
    pin = options.digest(charter, where="--charter") if charter else None
    if hub:
        if not hub.startswith(("http://", "https://")):
            raise UsageError("not an address", where="--hub", found=hub, wanted="http:// or https://")
        return hub, pin
    settings = config.node(config.home(home))
    return settings.hub, settings.charter
