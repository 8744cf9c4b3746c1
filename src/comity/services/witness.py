"""A witness without data: cosigns checkpoints of logs that only grow (c2sp.org/tlog-witness, `add-checkpoint`).

Decides nothing that `tlog.witness.decide` does not: here it gets memory, keys and a door. What it remembers is on disk
before it cosigns. It cosigns by two keys of one name, Ed25519 and ML-DSA-44, and answers with both lines. Every node is
a witness already (`services.node.cosign`); this one is for those who are no member.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request as Asked
from starlette.responses import Response
from starlette.routing import Route

from comity.acts.key import WITNESS_ML_DSA
from comity.adapters import clock, evidence
from comity.adapters.folder import Folder
from comity.adapters.growth import Growth
from comity.adapters.keyring import Keyring
from comity.errors import ClockOff, ConfigError, FormatError, NotVerified, WorldError
from comity.keys import Signer
from comity.services import config, serve
from comity.tlog.cosignature import LONGEST_NAME, able, cosign, vkey_of
from comity.tlog.note import COSIGNATURE, MLDSA_COSIGNATURE, Note, Vkey
from comity.tlog.spelling import text_of
from comity.tlog.witness import SIZE, Accept, Conflict, Deny, Known, Memory, Request, contradiction, decide, own

LARGEST: Final = 512 * 1024  # bytes of a request: 63 hashes, and a note of 100 signatures by ML-DSA-44
KEY: Final = "witness"
KEYS: Final = {KEY: COSIGNATURE, WITNESS_ML_DSA: MLDSA_COSIGNATURE}  # purpose -> what its lines are
PLAIN: Final = "text/plain"


def init(home: Path, *, listen: str, name: str, logs: Sequence[str]) -> tuple[Vkey, ...]:
    """A new witness for these logs; its own verifier keys, which policies name: Ed25519 first, then ML-DSA-44.

    Args:
        name: of its keys, a URL without scheme.
        logs: as `known` reads them.
    """
    config.address(listen, where="listen")
    known(logs)
    _short(name, "name")
    with Folder.new(home, "witness"):
        keyring = Keyring(home)
        vkeys = tuple(Vkey(name, keyring.make(purpose), kind) for purpose, kind in KEYS.items())
        config.write(home, "witness", config.Witness(listen=listen, name=name, logs=tuple(logs)))
    return vkeys


def add_log(home: Path, log: str) -> tuple[Known, ...]:
    """Cosign one log more, or a known log by a further key, from the next start on; all logs as they are now."""
    Folder.open(home, "witness")
    settings = config.witness(home)
    changed = replace(settings, logs=(*settings.logs, log))
    found = known(changed.logs)
    config.write(home, "witness", changed)
    return tuple(found.values())


def known(logs: Iterable[str]) -> Mapping[str, Known]:
    """Origin -> log, of texts `VKEY`, or `VKEY ORIGIN` where the origin is not the key's name.

    FormatError for a text that is no log's key; ConfigError for one that stands there twice.
    """
    found: dict[str, Known] = {}
    for text in logs:
        first, _, rest = text_of(text, where="witness.logs").partition(" ")
        vkey = Vkey.parse(first)
        if vkey.algorithm == COSIGNATURE:
            raise FormatError("a witness's key, not a log's", where="witness.logs", found=first, wanted="a log's vkey")
        origin = rest or vkey.name
        _short(origin, "origin")
        before = found.get(origin, Known(origin, ()))
        if vkey in before.keys:
            raise ConfigError("this log is cosigned already", where="witness.logs", found=text)
        found[origin] = replace(before, keys=(*before.keys, vkey))
    if not found:
        raise ConfigError("no log is named", where="witness.logs", wanted="a log's verifier key")
    return found


def run(home: Path, *, log: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM."""
    folder, settings = Folder.open(home, "witness"), config.witness(home)
    with ExitStack() as open_:
        open_.enter_context(folder.lock())
        bound = open_.enter_context(serve.bind(settings.listen, where="witness.listen"))
        growth = Growth(home / "witness.db")
        open_.callback(growth.close)
        keyring = Keyring(home)
        signers = [keyring.signer(purpose) for purpose in KEYS if purpose == KEY or keyring.has(purpose)]
        witness = Witness(known(settings.logs), settings.name, signers, growth, home, clock.now, log)
        log(f"witness {settings.name} of {', '.join(known(settings.logs))}, listening at {settings.listen}")
        serve.until_told(witness.door(), bound, lambda stop: None)
        log("witness stopped")


class Witness:
    """The witness of some logs; what it does is asked of it by one thread."""

    def __init__(
        self,
        logs: Mapping[str, Known],
        name: str,
        signers: Sequence[Signer],
        growth: Growth,
        home: Path,
        now: Callable[[], int],
        log: Callable[[str], None] = lambda line: None,
    ) -> None:
        self._logs, self._name, self._signers, self._growth, self._now = logs, name, signers, growth, now
        self._home, self._log, self._said = home, log, ""  # home: where evidence is kept

    def door(self) -> Starlette:
        """The witness as an ASGI application: `add-checkpoint`, and at / what it is."""
        return Starlette(
            routes=[
                Route("/add-checkpoint", self._answer, methods=["POST"]),
                Route("/", self._about, methods=["GET"]),
            ]
        )

    async def _answer(self, asked: Asked) -> Response:
        parts, size = [], 0
        async for part in asked.stream():
            size += len(part)
            if size > LARGEST:
                return _plain(413, f"larger than {LARGEST} bytes")
            parts.append(part)
        return self.add(b"".join(parts))

    async def _about(self, asked: Asked) -> Response:
        """Its keys and its logs, for people."""
        vkeys = [vkey_of(self._name, signer.public) for signer in self._signers]
        rows = [*map(str, vkeys), *(f"cosigns {log.origin}" for log in self._logs.values())]
        return _plain(200, "\n".join(rows))

    def add(self, body: bytes) -> Response:
        """The standard's answer to `add-checkpoint`."""
        try:
            request = Request.parse(body)
        except FormatError as e:
            return _plain(400, str(e))
        origin = request.note.text.partition("\n")[0]
        log = self._logs.get(origin, Known(origin="", keys=()))
        last = self._growth.last(origin)
        match decide(last.memory, request.old, request.note, request.proof, log):
            case Conflict(size):
                self._convict(request, last.note, log)
                return _size(size)
            case Deny(status, why):
                if status in (409, 422) and not self._convict(request, last.note, log):
                    self._tell(f"a checkpoint of {origin} is not cosigned: {why}")
                return _plain(status, why)
            case Accept(memory):
                return self._cosign(log, request, last.memory, memory)

    def _convict(self, request: Request, last: str, log: Known) -> bool:
        """Keep the proof that the log's key signed two views, if the request and what was cosigned last are one.

        It changes no answer: what is cosigned stays the one view that was.
        """
        found = contradiction(Note.parse(last), request, log) if last else None
        if found is None:
            return False
        proof, key = found
        try:
            path = evidence.convict(self._home, proof, key, origin=log.origin)
        except WorldError as e:
            self._tell(str(e))
        else:
            self._tell(f"the key of {log.origin} signed two views that cannot both be true, see {path}")
        return True

    def _cosign(self, log: Known, request: Request, since: Memory, memory: Memory) -> Response:
        """Remember, then sign by the keys that can; whoever came between is a conflict."""
        origin, shown = log.origin, str(own(request.note, log))
        now, signers = self._now(), able(request.note.text, self._name, self._signers)
        try:
            self._growth.advance(origin, since, memory, time=now, note=shown)
        except NotVerified:
            return _size(self._growth.last(origin).memory.size)
        except (ClockOff, WorldError) as e:
            self._tell(str(e))
            return _plain(503, str(e))
        lines = [cosign(request.note.text, self._name, now, signer) for signer in signers]
        self._tell(f"cosigned: the head of {memory.size} leaves of {origin}")
        return _plain(200, "\n".join(map(str, lines)))

    def _tell(self, line: str) -> None:
        """One line for the operator, once in a row: anyone may send the same again and again."""
        if line != self._said:
            self._said = line
            self._log(line)


def _plain(status: int, text: str) -> Response:
    return Response(f"{text}\n", status, media_type=PLAIN)


def _size(size: int) -> Response:
    """409, and from which size to start; the type stands alone, for logs compare it as a whole."""
    return Response(f"{size}\n", 409, headers={"content-type": SIZE})


def _short(text: str, what: str) -> None:
    """ConfigError for a name that no ML-DSA-44 cosignature can hold."""
    if not 0 < len(text.encode()) <= LONGEST_NAME:
        raise ConfigError(f"too long, or empty, for a cosigned {what}", where=what, wanted=f"1 to {LONGEST_NAME} bytes")
