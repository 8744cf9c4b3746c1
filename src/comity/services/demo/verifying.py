"""Step 7: the release is verified where no socket opens; then forgeries, each refused by name.

Decides how sockets are kept shut (an empty network namespace where this machine allows one, else a Python that has no
sockets), and what must come out. Whether a release holds is said by `comity verify` alone.
"""

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from comity.services.demo import tamper
from comity.services.demo.processes import Done
from comity.services.demo.stage import Stage

SHUT: Final = '''"""No sockets in this process: whoever asks for one is told so."""
import socket


class Shut(socket.socket):
    def __new__(cls, *args, **kwargs):
        raise OSError("sockets are blocked in this process")


socket.socket = socket.SocketType = Shut
'''
FORGED: Final = "whole"


def play(stage: Stage) -> None:
    """The true release holds; each forgery does not, and the refusing line says why."""
    commands, release = stage.commands, stage.places.release
    commands.processes.rest()
    before, how = offline(stage)
    stage.show.say(f"hub and nodes are stopped; sockets are blocked by {how}")
    changed = {name: tamper.copy(release, stage.places.tampered / name, name) for name in tamper.COPIES}
    copies = [verify(stage, stage.places.tampered / name, before) for name in changed]
    alone = (*before, *commands.argv("verify", stage.places.figure, "--policy", stage.places.policy))
    true, one, made, *forgeries = commands.processes.run([verify(stage, release, before), alone, forge(stage), *copies])
    for line in true.out.strip().splitlines():
        stage.show.say(line)
    if true.exit != 0:
        raise true.failed("the release does not verify")
    if one.exit != 0:
        raise one.failed("the file of one figure does not verify")
    stage.show.say(f"{stage.places.figure.name} alone: {one.out.strip().splitlines()[-1]}")
    for (name, what), done in zip(changed.items(), forgeries, strict=True):
        refused(stage, name, what, done)
    forged(stage, made, before)


def forged(stage: Stage, made: Done, before: Sequence[str]) -> None:
    """A release forged whole, log, witnesses and all: it holds under its own charter, and not under the true one."""
    if made.exit != 0:
        raise made.failed("the forger failed")
    folder = stage.places.tampered / FORGED
    unpinned = (*before, *stage.commands.argv("verify", folder))
    own, pinned = stage.commands.processes.run([unpinned, verify(stage, folder, before)])
    if own.exit != 0:
        raise own.failed("the forgery does not even hold by itself")
    stage.show.say(f"{FORGED}: {made.out.strip().splitlines()[-1]}")
    stage.show.say(f"    without a pinned charter: exit 0, {own.out.strip().splitlines()[-1]!r}")
    refused(stage, FORGED, "the same, with the true charter pinned", pinned)


def forge(stage: Stage) -> tuple[str, ...]:
    """The forger's command."""
    example = stage.places.example
    return (
        sys.executable, "-m", f"{example.parent.name}.{example.name}.forge",
        "--release", str(stage.places.release), "--out", str(stage.places.tampered / FORGED),
    )  # fmt: skip


def offline(stage: Stage) -> tuple[tuple[str, ...], str]:
    """What a command is started through so that it opens no socket, and what that is called."""
    if unshare := shutil.which("unshare"):
        for flags in (("--net",), ("--map-root-user", "--net")):
            (tried,) = stage.commands.processes.run([(unshare, *flags, "true")])
            if tried.exit == 0:
                return (unshare, *flags), f"an empty network namespace (unshare {' '.join(flags)})"
    folder = stage.places.out / "no-sockets"
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text(SHUT, "utf-8")
    env = shutil.which("env") or "/usr/bin/env"
    return (env, f"PYTHONPATH={folder}"), "a Python whose sockets do not open (sitecustomize.py)"


def verify(stage: Stage, folder: Path, before: Sequence[str]) -> tuple[str, ...]:
    """The reader's command, with the true charter pinned."""
    return (*before, *stage.commands.argv("verify", folder, "--charter", stage.charter))


def refused(stage: Stage, name: str, changed: str, done: Done) -> None:
    """Refused with exit 1, and by name."""
    refusing = [line for line in done.out.splitlines() if line.startswith("FAILS")]
    if done.exit != 1 or not refusing:
        raise done.failed(
            f"the forgery {name!r} was not refused by name", wanted="exit 1 and a line that says what is wrong"
        )
    stage.show.say(f"{name}: {changed}")
    stage.show.say(f"    exit 1, {refusing[0]}")
