"""The mirror as a process: its folder, its copy, and what it serves; until it is told to stop, or once.

Decides how often the source is looked at and what an operator reads of it. A mirror with an address of its own is a
source like any other.
"""

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.routing import Route

from comity.adapters import durable
from comity.adapters.client import Client
from comity.adapters.folder import Folder
from comity.errors import ComityError, ConfigError, FormatError
from comity.services import config, serve
from comity.services.mirror.copy import PUBLIC, Copy, Pinned
from comity.services.mirror.disk import PUBLIC_FILE
from comity.services.static import Static
from comity.tlog.quorum import Policy

POLICY: Final = "policy"  # in the mirror's folder: what its operator pinned, not what its source serves
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


def init(home: Path, *, listen: str, source: str, pinned: Pinned) -> None:
    """A new mirror of a hub, or of another mirror; a pinned policy lies in its folder."""
    config.address(listen, where="listen")
    policy = POLICY if pinned.policy else None
    with Folder.new(home, "mirror"):
        home.chmod(OPEN)
        if pinned.policy is not None:
            durable.write(home / POLICY, str(pinned.policy).encode(), mode=PUBLIC_FILE)
        fields = config.Mirror(listen=listen, source=source, charter=pinned.charter, policy=policy)
        config.write(home, "mirror", fields)
        config.mirror(home)


def run(home: Path, *, log: Callable[[str], None]) -> None:
    """Copy and serve, as the folder's `comity.toml` says, until SIGINT or SIGTERM."""
    Folder.open(home, "mirror")
    settings = config.mirror(home)
    policy = read_policy(home / settings.policy) if settings.policy else None
    pinned = Pinned(charter=settings.charter, policy=policy)
    follow(settings.source, home, listen=settings.listen, pinned=pinned, log=log)


def read_policy(file: Path) -> Policy:
    """A pinned policy; ConfigError for a file that is none."""
    try:
        return Policy.parse(file.read_bytes())
    except OSError as e:
        raise ConfigError("cannot be read", where=str(file), found=e.strerror or "", wanted="a policy") from None
    except FormatError as e:
        raise ConfigError(e.what, where=str(file), found=e.found, wanted="c2sp.org/tlog-policy") from None


def once(source: str, home: Path, *, pinned: Pinned, log: Callable[[str], None]) -> Copied:
    """Copy what is public now."""
    with ExitStack() as open_:
        copy = _open(open_, source, home, pinned, log)
        copy.once()
        if copy.behind:
            log(copy.behind)
        _warn(pinned, log)
        head = copy.checkpoint
        return Copied(
            size=head.size if head else 0,
            origin=head.origin if head else "",
            public=home / PUBLIC,
            missing=copy.missing,
        )


def follow(source: str, home: Path, *, listen: str, pinned: Pinned, log: Callable[[str], None]) -> None:
    """Copy, and serve, until SIGINT or SIGTERM; port 0 is one that is free, which is said."""
    with ExitStack() as open_:
        bound = open_.enter_context(serve.bind(listen, where="mirror.listen"))
        copy = _open(open_, source, home, pinned, log)
        host, port = listen.rpartition(":")[0], bound.getsockname()[1]
        log(f"mirror of {source}: {copy.size} leaves, listening at {host}:{port}")
        _warn(pinned, log)
        app = Starlette(routes=[Route("/{path:path}", Static(home / PUBLIC).answer, methods=["GET"])])
        serve.until_told(app, bound, lambda stop: _work(copy, stop, log))


def _open(open_: ExitStack, source: str, home: Path, pinned: Pinned, log: Callable[[str], None]) -> Copy:
    """The folder, made if it is new; locked; and the copy that is in it so far."""
    config.url(source, where="source")
    if (home / "VERSION").is_file():
        state = Folder.open(home, "mirror")
    else:
        state = Folder.create(home, "mirror")
        home.chmod(OPEN)
    open_.enter_context(state.lock())
    client = open_.enter_context(Client(source))
    copy = Copy(home, client, pinned, tell=_Lines(log))
    if copy.damaged:
        log(f"files of the copy are damaged, {copy.damaged}: it is copied again")
    return copy


def _work(copy: Copy, stop: threading.Event, log: Callable[[str], None]) -> None:
    said = ""
    while not stop.is_set():
        try:
            if copy.once() and (head := copy.checkpoint) is not None:
                log(f"{head.size} leaves of {head.origin}")
            if copy.behind and copy.behind != said:
                log(copy.behind)
            said = copy.behind
        except ComityError as e:
            if str(e) != said:
                said = str(e)
                log(f"{e.code}: {e}")
        stop.wait(REST)


def _warn(pinned: Pinned, log: Callable[[str], None]) -> None:
    """What is not judged is said, in one line."""
    if said := str(pinned):
        log(said)


class _Lines:
    """A line now and then: a short copy says nothing, a long one where it stands."""

    def __init__(self, log: Callable[[str], None]) -> None:
        self._log, self._last = log, time.monotonic()

    def __call__(self, done: int, total: int, what: str) -> None:
        if time.monotonic() - self._last > TOLD:
            self._last = time.monotonic()
            self._log(f"{done} of {total} {what}")
