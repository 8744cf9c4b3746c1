"""A hub for tests of the node: a real socket, a real log (`tests.builders.assembly`), five doors, and no judgement.

It serves what it is told to, also what no honest hub would: that is what the tests are for.
"""

import hashlib
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from comity import canon
from comity.acts import frames
from comity.assembly import fold
from comity.tlog import note
from comity.tlog.merkle import leaf_hash
from comity.tlog.note import Note, SignatureLine
from comity.tlog.receipt import Receipt
from comity.tlog.tile import Edge, Tile, bundles, encode_bundle, hash_entries
from tests.builders.assembly import Assembly


class Hub:
    """Serves `files`; statements posted go into the assembly's log, everything posted is kept."""

    def __init__(self, assembly: Assembly) -> None:
        self.assembly = assembly
        self.files: dict[str, bytes] = {}
        self.statements: list[bytes] = []
        self.bodies: list[bytes] = []
        self.lines: list[SignatureLine] = []
        self.requests: list[bytes] = []
        self.boxes: tuple[bytes, ...] = ()
        self.asked: list[tuple[str, str, int]] = []  # method, path, bytes answered
        self.date: str | None = None
        self.ranges = True
        self.before: Callable[[str], None] = lambda path: None  # what happens before a GET is answered
        self.busy: Callable[[str], bool] = lambda path: False  # whether a GET is answered by 503
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, e: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def receipt(self, index: int, leaf: bytes) -> str:
        """What the log's key promises of a leaf."""
        promise = Receipt(self.assembly.origin, index, (leaf_hash(leaf),))
        return str(promise.signed(self.assembly.signers["hub", "log"]))

    def tiles(self, leaves: list[bytes] | None = None) -> None:
        """Make the log's files out of all leaves, or out of these."""
        leaves = self.assembly.leaves if leaves is None else leaves
        for tile in bundles(len(leaves)):
            start = tile.index * 256
            self.files[str(tile)] = encode_bundle(leaves[start : start + tile.width])
        edge, full = Edge().extend(hash_entries(leaves))
        self.files |= {str(tile): data for tile, data in (*full, *edge.partial())}

    def publish(self, time: int, *, by: list[str] | None = None, text: str | None = None) -> None:
        """The newest checkpoint, under the witnesses' cosignatures, with files and bodies."""
        self.tiles()
        self.files["checkpoint"] = (text or self.assembly.cosigned(time, by=by)).encode()
        for digest, body in self.assembly.bodies.items():
            name = canon.hex_of(digest)
            self.files[f"blobs/sha256/{name[:2]}/{name}"] = body
        self.files.pop("checkpoint.pending", None)

    def ask(self) -> Note:
        """The newest checkpoint, for cosignatures."""
        self.tiles()
        text = str(self.assembly.checkpoint())
        asked = Note(text, (note.sign(text, self.assembly.origin, self.assembly.signers["hub", "log"]),))
        self.files["checkpoint.pending"] = str(asked).encode()
        return asked

    def partial_of(self, index: int, width: int) -> str:
        """Path of a partial bundle."""
        return str(Tile(-1, index, width))


def _handler(hub: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # headers and body leave in two writes; waiting would cost 40 ms a request

        def log_message(self, format: str, *arguments: object) -> None:
            """Tests print nothing."""

        def date_time_string(self, timestamp: float | None = None) -> str:
            return super().date_time_string(timestamp) if hub.date is None else hub.date

        def body(self) -> bytes:
            return self.rfile.read(int(self.headers.get("content-length", "0")))

        def answer(self, status: int, data: bytes = b"", **headers: str) -> None:
            hub.asked.append((self.command, self.path, len(data)))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if status != 304:
                self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def do_GET(self) -> None:
            hub.before(self.path)
            if hub.busy(self.path):
                return self.answer(503)
            data = hub.files.get(self.path.lstrip("/"))
            if data is None:
                return self.answer(404)
            tag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
            if self.headers.get("if-none-match") == tag:
                return self.answer(304, etag=tag)
            if (wanted := self.headers.get("range")) and hub.ranges:
                return self.answer(206, data[int(wanted.removeprefix("bytes=").removesuffix("-")) :])
            return self.answer(200, data, etag=tag)

        def do_POST(self) -> None:
            body = self.body()
            match self.path:
                case "/statements":
                    hub.statements.append(body)
                    if reasons := fold.admit(hub.assembly.state, body):
                        return self.answer(409, canon.encode({"reasons": reasons}))
                    index = hub.assembly.append(body).index
                    ack = {"index": index, "leaf": leaf_hash(body).hex(), "receipt": hub.receipt(index, body)}
                    return self.answer(200, canon.encode(ack))
                case "/cosignatures":
                    hub.lines.append(SignatureLine.parse(body.decode().removesuffix("\n")))
                    return self.answer(204)
                case "/boxes":
                    hub.requests.append(body)
                    return self.answer(200, frames.join(hub.boxes))
            return self.answer(404)

        def do_PUT(self) -> None:
            parts = frames.split(self.body(), limit=2**31)
            hub.bodies += parts
            self.answer(200, canon.encode({"kept": len(parts)}))

    return Handler
