"""The services that are killed: the very ones of `comity`, only in more of a hurry.

Decides no more than their pace: a loop of kills has no seconds to wait in. What a service loads when it first serves or
asks is loaded here, once for all that are forked.
"""

import importlib
import sys
from pathlib import Path

from comity.adapters.client import Client
from comity.services import witness
from comity.services.hub import heads, work
from comity.services.hub import run as hub
from comity.services.mirror import run as mirror
from comity.services.mirror.copy import Pinned
from tests.kill.power import Recorder

for late in ("loops.auto", "protocols.http.auto", "protocols.websockets.auto", "lifespan.off"):
    importlib.import_module(f"uvicorn.{late}")
Client("http://127.0.0.1").close()


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def live(victim: str, *, home: str, told: str | None = None, syncs: str = "True", source: str = "") -> None:
    """Be a victim until killed.

    Args:
        told: where to record what became durable; None for a kill that loses no byte.
        syncs: "False" for a program that never syncs.
        source: of a mirror.
    """
    folder = Path(home)
    if told is not None:
        Recorder(folder, Path(told), syncs=syncs == "True")
    work.REST = work.GATHER = 0.01  # type: ignore[misc]
    heads.PATIENCE = 0  # type: ignore[misc]
    mirror.REST = 0.01  # type: ignore[misc]
    match victim:
        case "hub":
            hub.run(folder, log=say)
        case "witness":
            witness.run(folder, log=say)
        case "mirror":
            mirror.follow(source, folder, listen="127.0.0.1:0", pinned=Pinned(), log=say)
