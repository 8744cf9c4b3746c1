"""The mirror as a process: its folder, its copy, and what it serves; until it is told to stop, or once.

Decides how often the source is looked at and what an operator reads of it. A mirror with an address of its own is a
source like any other.
"""

import signal
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final

from starlette.applications import Starlette
from starlette.routing import Route

from comity.adapters.client import Client
from comity.adapters.folder import Folder
from comity.canon import Digest
from comity.errors import ComityError
from comity.services import config, serve
from comity.services.mirror.copy import PUBLIC, Copy
from comity.services.static import Static

OPEN: Final = 0o755  # of the folder: a mirror has no secret, and any file server may serve what is public
REST: Final = 2.0  # seconds between two looks at the source
TOLD: Final = 5.0  # seconds between two lines on a long copy


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What one look at the source left: how many leaves, under which checkpoint, and what is not public yet."""

    size: int
    origin: str
    public: Path
    missing: int


def init(home: Path, *, listen: str, source: str) -> None:
    """A new mirror of a hub, or of another mirror."""
    config.address(listen, where="listen")
    with Folder.new(home, "mirror"):
        home.chmod(OPEN)
        config.write(home, "mirror", config.Mirror(listen=listen, source=source))
        config.mirror(home)


def run(home: Path, *, log: Callable[[str], None]) -> None:
    """Copy and serve, as the folder's `comity.toml` says, until SIGINT or SIGTERM."""
    Folder.open(home, "mirror")
    settings = config.mirror(home)
    follow(settings.source, home, listen=settings.listen, charter=None, log=log)


def once(source: str, home: Path, *, charter: Digest | None, log: Callable[[str], None]) -> Copied:
    """Copy what is public now."""
    with ExitStack() as open_:
        copy = _open(open_, source, home, charter, log)
        copy.once()
        head = copy.checkpoint
        return Copied(
            size=head.size if head else 0,
            origin=head.origin if head else "",
            public=home / PUBLIC,
            missing=copy.missing,
        )


def follow(source: str, home: Path, *, listen: str | None, charter: Digest | None, log: Callable[[str], None]) -> None:
    """Copy, and serve at an address if one is given, until SIGINT or SIGTERM."""
    with ExitStack() as open_:
        bound = open_.enter_context(serve.bind(listen, where="mirror.listen")) if listen else None
        copy = _open(open_, source, home, charter, log)
        serves = f"listening at {listen}" if listen else f"serving nothing: {home / PUBLIC} is for any file server"
        log(f"mirror of {source}: {copy.size} leaves, {serves}")
        if bound is None:
            _until_told(lambda stop: _work(copy, stop, log))
            return
        app = Starlette(routes=[Route("/{path:path}", Static(home / PUBLIC).answer, methods=["GET"])])
        serve.until_told(app, bound, lambda stop: _work(copy, stop, log))


def _open(open_: ExitStack, source: str, home: Path, charter: Digest | None, log: Callable[[str], None]) -> Copy:
    """The folder, made if it is new; locked; and the copy that is in it so far."""
    config.url(source, where="source")
    if (home / "VERSION").is_file():
        state = Folder.open(home, "mirror")
    else:
        state = Folder.create(home, "mirror")
        home.chmod(OPEN)
    open_.enter_context(state.lock())
    client = open_.enter_context(Client(source))
    copy = Copy(home, client, charter=charter, tell=_Lines(log))
    if copy.damaged:
        log("files of the copy are damaged: it is copied again")
    return copy


def _work(copy: Copy, stop: threading.Event, log: Callable[[str], None]) -> None:
    said = ""
    while not stop.is_set():
        try:
            if copy.once() and (head := copy.checkpoint) is not None:
                log(f"{head.size} leaves of {head.origin}")
            said = ""
        except ComityError as e:
            if str(e) != said:
                said = str(e)
                log(f"{e.code}: {e}")
        stop.wait(REST)


def _until_told(work: Callable[[threading.Event], None]) -> None:
    """Work in this thread until SIGINT or SIGTERM."""
    stop = threading.Event()

    def told(number: int, frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, told) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        work(stop)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Lines:
    """A line now and then: a short copy says nothing, a long one where it stands."""

    def __init__(self, log: Callable[[str], None]) -> None:
        self._log, self._last = log, time.monotonic()

    def __call__(self, done: int, total: int, what: str) -> None:
        if time.monotonic() - self._last > TOLD:
            self._last = time.monotonic()
            self._log(f"{done} of {total} {what}")
