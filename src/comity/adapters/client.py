"""The hub's five doors as seen from a node: the only calls that leave it (HTTP, outbound).

Decides what may be tried again and turns every failure into one line; whatever is sent goes past `Egress` first, and
what comes back is judged by its reader. Trying again is safe everywhere: files are static, and a body or statement
sent twice is one.
"""

import email.utils
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from types import TracebackType
from typing import Final, Protocol, Self

import httpx2
import msgspec

from comity.acts import frames
from comity.adapters.shared import Answer, Shared
from comity.canon import Digest, hex_of
from comity.errors import FormatError, NotAdmitted, Unreachable
from comity.model import ways
from comity.model.reason import Reason

TIMEOUT: Final = httpx2.Timeout(10.0, read=60.0)
TRIES: Final = 3
BRIEF: Final = 2.0  # seconds that a glance at another hub waits for a connection, and for each part of an answer
PAUSE: Final = 0.2  # seconds before the second try, doubled for the third
LARGEST: Final = 2**31  # bytes of one answer that we take
SMALL: Final = 2**20  # of a checkpoint, an acknowledgement, a refusal
SLOWEST: Final = 2**14  # bytes a second, once an answer has taken GRACE seconds
GRACE: Final = 30.0
BATCH: Final = 64 * 2**20  # bytes of bodies put in one request
BOXES: Final = 2**14  # boxes of one answer: two by each other member of a roster


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """A statement that is durably in the log: index, RFC 6962 leaf hash as hex, and the log's signed receipt for it."""

    index: int
    leaf: str
    receipt: str


class Egress(Protocol):
    """Whoever must know of a request before it is sent; what it raises keeps the request from being sent."""

    def __call__(self, head: bytes, parts: tuple[bytes, ...], /) -> None:
        """Take note of a request.

        Args:
            head: its line and headers, byte for byte as they go over the connection.
            parts: the bodies in it; several are sent together in frames (`acts.frames`).
        """
        ...


def _unwatched(head: bytes, parts: tuple[bytes, ...], /) -> None:
    """For a reader of public files that keeps no journal."""


class Rejected(NotAdmitted):
    """The door refused a statement; the reasons are `assembly.fold.admit`'s.

    stands: where the statement is, if it was refused because it is in the log already.
    """

    def __init__(self, reasons: tuple[Reason, ...], where: str, stands: Acknowledged | None = None) -> None:
        super().__init__(
            "the log does not take this statement",
            where=where,
            found=", ".join(r.code for r in reasons),
            way_out=ways.out(reasons),
        )
        self.reasons, self.stands = reasons, stands


@lru_cache(maxsize=1)
def _authorities() -> ssl.SSLContext:
    """Certificates that an address with https must be signed by, read once for all offices of a process."""
    return httpx2.create_ssl_context(trust_env=False)


class _Rejection(msgspec.Struct):
    reasons: list[Reason] = []


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer, read to its end."""

    status_code: int
    headers: httpx2.Headers
    content: bytes


class Client:
    """One hub, over connections that stay open. For one thread.

    shared: with other offices of this process. brief: one try and a short wait, for a hub that need not be there.
    egress: told of each request before it is sent.
    """

    def __init__(
        self, address: str, shared: Shared | None = None, *, brief: bool = False, egress: Egress = _unwatched
    ) -> None:
        self.address, self._egress = address.rstrip("/"), egress
        self._tries = 1 if brief else TRIES
        self._shared = shared
        self.date = 0  # POSIX seconds of the last answer's Date header; 0 if none
        self._tags: dict[str, tuple[str, bytes]] = {}
        try:
            self._http = httpx2.Client(
                base_url=self.address,
                timeout=httpx2.Timeout(BRIEF) if brief else TIMEOUT,
                trust_env=False,  # no environment variable decides where a node's bytes go
                verify=_authorities(),
                headers={"user-agent": "comity", "accept-encoding": "identity"},
                event_hooks={"request": [self._leaving]},
            )
        except (httpx2.InvalidURL, ValueError, TypeError) as e:
            raise Unreachable(f"not an address: {e}", where=address, wanted="http:// or https://") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, e: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def beside(self, address: str) -> "Client":
        """Another hub, for the same offices."""
        return Client(address, self._shared, egress=self._egress)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def moving(self, path: str) -> bytes | None:
        """A file that changes under its name (`checkpoint`, `checkpoint.pending`), or None if there is none.

        Asked for by its ETag: an answer that nothing changed carries no body, and gives the very same object.
        """
        if self._shared is None:
            return self._moving(path)
        answer = self._shared.moving(f"{self.address}/{path}", lambda: Answer(self._moving(path), self.date))
        self.date = max(self.date, answer.date)
        return answer.content

    def _moving(self, path: str) -> bytes | None:
        tag, held = self._tags.get(path, ("", b""))
        answer = self._send("GET", path, headers={"if-none-match": tag} if tag else {}, most=SMALL)
        if answer.status_code == 304 and tag:
            return held
        self._tags.pop(path, None)
        if answer.status_code == 404:
            return None
        self._want(answer, path, 200)
        if found := answer.headers.get("etag"):
            self._tags[path] = (found, answer.content)
        return answer.content

    def file(self, path: str, *, since: int = 0, most: int = LARGEST) -> bytes | None:
        """Bytes of a public file from `since` on, or None if there is none; Unreachable if it has more than `most`."""
        if self._shared is None:
            return self._file(path, since, most)
        name = f"{self.address}/{path} {since}"
        return self._shared.lasting(name, lambda: Answer(self._file(path, since, most), self.date)).content

    def _file(self, path: str, since: int, most: int) -> bytes | None:
        answer = self._send("GET", path, headers={"range": f"bytes={since}-"} if since else {}, most=most)
        if answer.status_code == 404:
            return None
        if since and answer.status_code == 206:
            return answer.content
        self._want(answer, path, 200)
        return answer.content[since:]

    def blob(self, digest: Digest) -> bytes | None:
        """A public body by its digest; the caller's store compares it."""
        name = hex_of(digest)
        return self.file(f"blobs/sha256/{name[:2]}/{name}")

    def state(self, leaf: bytes) -> Acknowledged:
        """Post a statement; Rejected with every reason if the log does not take it."""
        answer = self._send("POST", "statements", content=leaf, most=SMALL)
        if answer.status_code == 409:
            raise Rejected(_reasons(answer.content), f"{self.address}/statements", _stands(answer.content))
        self._want(answer, "statements", 200)
        try:
            return msgspec.convert(msgspec.json.decode(answer.content), Acknowledged)
        except msgspec.MsgspecError as e:
            raise self._strange("statements", str(e)) from None

    def put(self, bodies: Iterable[bytes]) -> None:
        """Put bodies that a logged statement names; NotAdmitted if the hub knows no such statement."""
        batch: list[bytes] = []
        for body in bodies:
            if len(batch) == frames.MOST or (batch and sum(map(len, batch)) + len(body) > BATCH):
                self._put(batch)
                batch = []
            batch.append(body)
        if batch:
            self._put(batch)

    def _put(self, bodies: list[bytes]) -> None:
        answer = self._send("PUT", "bodies", content=frames.join(bodies), most=SMALL)
        if answer.status_code == 409:
            raise NotAdmitted(
                "the hub knows no statement that names this body",
                where=f"{self.address}/bodies",
                found=_message(answer.content),
            )
        self._want(answer, "bodies", 200)

    def cosign(self, line: str) -> bool:
        """Post a cosignature of `checkpoint.pending`; False if another checkpoint is pending by now."""
        answer = self._send("POST", "cosignatures", content=line.encode(), most=SMALL)
        if answer.status_code == 409:
            return False
        self._want(answer, "cosignatures", 200, 204)
        return True

    def boxes(self, request: bytes) -> tuple[bytes, ...]:
        """The boxes addressed to the signer of the request, in the order of `stages.seal.round`."""
        answer = self._send("POST", "boxes", content=request)
        self._want(answer, "boxes", 200)
        try:
            return frames.split(answer.content, limit=LARGEST, most=BOXES, where=f"{self.address}/boxes")
        except FormatError as e:
            raise self._strange("boxes", e.what) from None

    def _leaving(self, request: httpx2.Request) -> None:
        """The one place that every request passes, just before it is sent."""
        self._egress(head_of(request), _parts(request))

    def _send(
        self,
        method: str,
        path: str,
        *,
        content: bytes | None = None,
        headers: dict[str, str] | None = None,
        most: int = LARGEST,
    ) -> _Answer:
        """One call, tried again when the connection fails or the hub is busy; Unreachable after the last try."""
        failure = ""
        for attempt in range(self._tries):
            if attempt:
                time.sleep(PAUSE * 2 ** (attempt - 1))
            try:
                with self._http.stream(method, f"/{path}", content=content, headers=headers or {}) as stream:
                    answer = _Answer(stream.status_code, stream.headers, self._read(stream, path, most))
            except (httpx2.HTTPError, httpx2.InvalidURL, UnicodeError) as e:  # the last: no name that can be looked up
                failure = str(e) or type(e).__name__
                continue
            if answer.status_code < 500:
                self.date = _date(answer.headers.get("date", ""))
                return answer
            failure = f"{answer.status_code} {_message(answer.content)}"
        raise Unreachable(
            "the hub does not answer",
            where=f"{self.address}/{path}",
            found=failure,
            way_out="check the address and the network, then run it again; a service tries again by itself",
        )

    def _read(self, stream: httpx2.Response, path: str, most: int) -> bytes:
        """The answer's bytes as they came, never unpacked: no hub fills a node's memory, or holds it for ever."""
        begun, parts, size = time.monotonic(), list[bytes](), 0
        for part in stream.iter_raw():
            parts.append(part)
            size += len(part)
            took = time.monotonic() - begun
            if size > most:
                raise self._strange(path, f"more than {most} bytes")
            if took > GRACE and size < took * SLOWEST:
                raise self._strange(path, f"{size} bytes in {took:.0f} seconds")
        return b"".join(parts)

    def _want(self, answer: _Answer, path: str, *statuses: int) -> None:
        if answer.status_code not in statuses:
            raise self._strange(path, f"{answer.status_code} {_message(answer.content)}")

    def _strange(self, path: str, found: str) -> Unreachable:
        return Unreachable(
            "the hub answers something else",
            where=f"{self.address}/{path}",
            found=found,
            wanted="an answer of a Comity hub",
            way_out="check that the address is the hub's",
        )


def head_of(request: httpx2.Request) -> bytes:
    """The head of a request as HTTP/1.1 has it on the wire (RFC 9112, 2.1)."""
    lines = [b" ".join([request.method.encode(), request.url.raw_path, b"HTTP/1.1"])]
    lines += [name + b": " + value for name, value in request.headers.raw]
    return b"\r\n".join([*lines, b"", b""])


def _parts(request: httpx2.Request) -> tuple[bytes, ...]:
    """The bodies in a request, out of their frames where it has several."""
    content = request.read()
    if request.url.path.endswith("/bodies"):
        return frames.split(content, limit=LARGEST, most=frames.MOST)
    return (content,) if content else ()


def _reasons(content: bytes) -> tuple[Reason, ...]:
    """The reasons of a refusal; a code that we do not know is no reason."""
    try:
        return tuple(msgspec.json.decode(content, type=_Rejection).reasons)
    except (msgspec.MsgspecError, ValueError):
        return ()


def _stands(content: bytes) -> Acknowledged | None:
    """Where a statement is that was refused because it is in the log already; what says it is still to be checked."""
    try:
        return msgspec.json.decode(content, type=Acknowledged)
    except (msgspec.MsgspecError, ValueError):
        return None


def _message(content: bytes) -> str:
    """What the hub says went wrong, for one line."""
    try:
        told = msgspec.json.decode(content)
        return str(told.get("message", "")) if isinstance(told, dict) else ""
    except msgspec.MsgspecError:
        return content[:80].decode(errors="replace")


def _date(header: str) -> int:
    try:
        return int(email.utils.parsedate_to_datetime(header).timestamp())
    except (TypeError, ValueError, OverflowError):
        return 0
