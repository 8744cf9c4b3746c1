"""A node that kills itself (SIGKILL) once at each point where something becomes durable or leaves, and then goes on.

    python tests/kill/mortal.py PLAN DONE HOME

PLAN names the points, a line each ("" in it: every point there is); DONE lists those at which it has died already, one
death a start. A point is a step with what it carries, before or after it: "before vault 1/vector", "after post Answer".
"""

import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from comity.acts import statement
from comity.adapters.blobs import Blobs
from comity.adapters.client import Client
from comity.adapters.growth import Growth
from comity.adapters.journal import Journal
from comity.adapters.ledger import Ledger
from comity.adapters.vault import Vault
from comity.services.node.run import run

PLAN, DONE, HOME = map(Path, sys.argv[1:4])
wanted = PLAN.read_text().splitlines()
done = DONE.read_text().splitlines() if DONE.exists() else []


def die(point: str) -> None:
    """Not by an exception: nothing is closed, flushed or rolled back."""
    if point in done or not ("" in wanted or point in wanted):
        return
    with DONE.open("a") as file:
        file.write(f"{point}\n")
        file.flush()
        os.fsync(file.fileno())
    os.kill(os.getpid(), signal.SIGKILL)


def mortal(owner: Any, method: str, label: Callable[..., str]) -> None:
    """Die once before and once after each call of a method, by label; "" is a call that nobody waits for."""
    real = getattr(owner, method)

    def called(self: Any, *args: Any, **kwargs: Any) -> Any:
        if name := label(*args, **kwargs):
            die(f"before {name}")
        result = real(self, *args, **kwargs)
        if name:
            die(f"after {name}")
        return result

    setattr(owner, method, called)


def names(question: Any, put: Any, drop: Any = ()) -> str:
    """What the vault takes and forgets, without the number of the attempt."""
    return f"vault {' '.join(sorted(put))} - {' '.join(sorted(drop))}"


def kind(leaf: bytes) -> str:
    return type(statement.read(leaf).act.body).__name__


mortal(Vault, "keep", names)
mortal(Ledger, "charge", lambda line, budget: "charge")
mortal(Journal, "say", lambda key, leaf, now: f"journal {kind(leaf)}")
mortal(Blobs, "put", lambda data, digest=None: "record" if data.startswith(b'{"basis":') else "")
mortal(Client, "state", lambda leaf: f"post {kind(leaf)}")
mortal(Client, "put", lambda bodies: f"put {len(bodies)} bodies")
mortal(Client, "boxes", lambda request: "fetch")
mortal(Growth, "advance", lambda *args, **kwargs: "memory of a witness")
mortal(Client, "cosign", lambda line: "cosignature")

threading.Thread(target=lambda: (sys.stdin.read(), os._exit(9)), daemon=True).start()  # the test is gone
run([HOME], poll=0.1, log=lambda line: sys.stdout.write(f"{line}\n") and sys.stdout.flush())
