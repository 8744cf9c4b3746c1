"""The hub as a process: its folder, one log, its doors, its work; until it is told to stop.

Decides the order of start and stop. The log is opened, its root recomputed and its files repaired before a door opens;
on the way out the doors close first.
"""

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from comity.adapters import clock
from comity.adapters.blobs import Blobs
from comity.adapters.folder import Folder
from comity.adapters.held import Held
from comity.adapters.keyring import Keyring
from comity.adapters.log import LogStore
from comity.adapters.static_log import StaticLog
from comity.errors import PortTaken
from comity.services import config
from comity.services.hub.door import door
from comity.services.hub.found import LOG
from comity.services.hub.keeper import Keeper
from comity.services.hub.publish import Publisher
from comity.services.hub.sequence import Sequencer
from comity.services.hub.work import Work
from comity.services.static import Static

PUBLIC = "public"
PUBLIC_FILE = 0o644


def run(home: Path, *, log: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM.

    Args:
        log: told one line for each thing that an operator wants to read.

    Raises:
        ConfigError, Locked, StateVersion: the folder cannot be used.
        NotVerified: log.db, or what is published, is damaged; nothing is served.
        PortTaken: another process listens at the address.
    """
    folder = Folder.open(home, "hub")
    listen = config.hub(home).listen
    with ExitStack() as open_:
        open_.enter_context(folder.lock())
        bound = open_.enter_context(_bind(listen))
        store = open_.enter_context(LogStore.open(home / LOG))
        held = Held(home)
        open_.callback(held.close)
        keyring = Keyring(home)
        sequencer = Sequencer(
            store,
            StaticLog.open(home / PUBLIC, store),
            sign=keyring.signer("sign"),
            log=keyring.signer("log"),
            now=clock.now,
        )
        keeper = Keeper(lambda: sequencer.state, held, Blobs(home / PUBLIC / "blobs", mode=PUBLIC_FILE))
        publisher = Publisher(sequencer, keeper, home / PUBLIC, log=log)
        work = Work(sequencer, keeper, publisher, now=clock.now, log=log)
        log(f"hub of {sequencer.origin}: {store.size} leaves, listening at {listen}")
        _serve(door(sequencer, keeper, Static(home / PUBLIC)), bound, work)
        log("hub stopped")


def _bind(listen: str) -> socket.socket:
    """A listening socket, or PortTaken."""
    host, port = config.address(listen, where="hub.listen")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as e:
        bound.close()
        raise PortTaken(
            "cannot listen at this address",
            where=f"hub.listen = {listen}",
            found=e.strerror or str(e),
            way_out="stop the process that listens there, or name another port in comity.toml",
        ) from None
    return bound


class _Server(uvicorn.Server):
    """A server that leaves signals to us: uvicorn would raise them again after it has stopped."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _serve(app: Starlette, bound: socket.socket, work: Work) -> None:
    """Doors in this thread, work in another; both end together."""
    server = _Server(
        uvicorn.Config(app, log_level="error", access_log=False, lifespan="off", timeout_graceful_shutdown=2)
    )
    stop = threading.Event()

    def told(number: int, frame: FrameType | None) -> None:
        stop.set()
        server.should_exit = True

    worker = threading.Thread(target=work.run, args=(stop,), name="work")
    before = {number: signal.signal(number, told) for number in (signal.SIGINT, signal.SIGTERM)}
    worker.start()
    try:
        server.run(sockets=[bound])
    finally:
        stop.set()
        worker.join()
        for number, handler in before.items():
            signal.signal(number, handler)
