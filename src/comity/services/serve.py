"""How a service listens: one address, one ASGI application, one worker beside it, until it is told to stop.

Decides how a port that is taken is said, and that doors and worker end together on SIGINT and SIGTERM.
"""

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from comity.errors import PortTaken
from comity.services import config


def bind(listen: str, *, where: str) -> socket.socket:
    """A socket at host:port, or PortTaken."""
    host, port = config.address(listen, where=where)
    # With the protocol named, asyncio sets TCP_NODELAY on what is accepted; else each answer with a body waits 40 ms
    # for the reader's delayed acknowledgement (Nagle's algorithm).
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as e:
        bound.close()
        raise PortTaken(
            "cannot listen at this address",
            where=f"{where} = {listen}",
            found=e.strerror or str(e),
            way_out="stop the process that listens there, or name another port in comity.toml",
        ) from None
    return bound


class _Server(uvicorn.Server):
    """A server that leaves signals to us: uvicorn would raise them again after it has stopped."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def until_told(app: Starlette, bound: socket.socket, work: Callable[[threading.Event], None]) -> None:
    """Doors in this thread, work in another, until SIGINT or SIGTERM, or until the work itself sets its event."""
    config_ = uvicorn.Config(app, log_level="error", access_log=False, lifespan="off", timeout_graceful_shutdown=2)
    server, stop = _Server(config_), threading.Event()

    def told(number: int, frame: FrameType | None) -> None:
        stop.set()
        server.should_exit = True

    def working() -> None:
        work(stop)
        if stop.is_set():
            server.should_exit = True

    worker = threading.Thread(target=working, name="work")
    before = {number: signal.signal(number, told) for number in (signal.SIGINT, signal.SIGTERM)}
    worker.start()
    try:
        server.run(sockets=[bound])
    finally:
        stop.set()
        worker.join()
        for number, handler in before.items():
            signal.signal(number, handler)
