"""A witness without data: cosigns checkpoints of one log that only grow (c2sp.org/tlog-witness, `add-checkpoint`).

Decides nothing that `tlog.witness.decide` does not: here it gets memory and a door. What it remembers is on disk
before it cosigns. Every node is a witness already (`services.node.cosign`); this one is for those who are no member.
"""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request as Asked
from starlette.responses import Response
from starlette.routing import Route

from comity.adapters import clock
from comity.adapters.folder import Folder
from comity.adapters.growth import Growth
from comity.adapters.keyring import Keyring
from comity.errors import ClockOff, FormatError, NotVerified
from comity.keys import Signer
from comity.services import config, serve
from comity.tlog.cosignature import cosign
from comity.tlog.note import COSIGNATURE, Vkey
from comity.tlog.witness import Accept, Conflict, Deny, Memory, Request, decide

LARGEST: Final = 64 * 1024  # bytes of a request: a proof of 63 hashes and a note with its signatures
KEY: Final = "witness"


def init(home: Path, *, listen: str, name: str, log: str) -> Vkey:
    """A new witness for one log; its own verifier key, which policies name.

    Args:
        name: of its key, a URL without scheme.
        log: the log's verifier key, as its charter gives it.
    """
    config.address(listen, where="listen")
    Vkey.parse(log)
    with Folder.new(home, "witness"):
        vkey = Vkey(name, Keyring(home).make(KEY), COSIGNATURE)
        config.write(home, "witness", config.Witness(listen=listen, name=name, log=log))
    return vkey


def run(home: Path, *, log: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM."""
    folder, settings = Folder.open(home, "witness"), config.witness(home)
    with ExitStack() as open_:
        open_.enter_context(folder.lock())
        bound = open_.enter_context(serve.bind(settings.listen, where="witness.listen"))
        growth = Growth(home / "witness.db")
        open_.callback(growth.close)
        witness = Witness(Vkey.parse(settings.log), settings.name, Keyring(home).signer(KEY), growth, clock.now)
        log(f"witness {settings.name}, listening at {settings.listen}")
        serve.until_told(witness.door(), bound, lambda stop: None)


class Witness:
    """One log's witness."""

    def __init__(self, log: Vkey, name: str, signer: Signer, growth: Growth, now: Callable[[], int]) -> None:
        self._log, self._name, self._signer, self._growth, self._now = log, name, signer, growth, now

    def door(self) -> Starlette:
        """The witness as an ASGI application."""
        return Starlette(routes=[Route("/add-checkpoint", self._answer, methods=["POST"])])

    async def _answer(self, asked: Asked) -> Response:
        parts, size = [], 0
        async for part in asked.stream():
            size += len(part)
            if size > LARGEST:
                return _plain(400, f"larger than {LARGEST} bytes\n")
            parts.append(part)
        return self.add(b"".join(parts))

    def add(self, body: bytes) -> Response:
        """The standard's answer to `add-checkpoint`."""
        try:
            request = Request.parse(body)
        except FormatError as e:
            return _plain(400, f"{e}\n")
        last = self._growth.last(self._log.name)
        match decide(last.memory, request.old, request.note, request.proof, self._log):
            case Conflict(size):
                return Response(f"{size}\n", 409, media_type="text/x.tlog.size")
            case Deny(status, why):
                return _plain(status, f"{why}\n")
            case Accept(memory):
                return self._cosign(request, last.memory, memory)

    def _cosign(self, request: Request, since: Memory, memory: Memory) -> Response:
        """Remember, then sign; whoever came between is a conflict."""
        now = self._now()
        try:
            self._growth.advance(self._log.name, since, memory, time=now)
        except NotVerified:
            return Response(f"{self._growth.last(self._log.name).memory.size}\n", 409, media_type="text/x.tlog.size")
        except ClockOff as e:
            return _plain(503, f"{e}\n")
        return _plain(200, f"{cosign(request.note.text, self._name, now, self._signer)}\n")


def _plain(status: int, text: str) -> Response:
    return Response(text, status, media_type="text/plain")
