"""A recording wire between a node and its hub: a real TCP proxy that keeps every byte that goes out.

with Wire("127.0.0.1:8600") as wire:
    ...                                # the node is told wire.address
wire.requests()                        # heads and bodies as they stood on the socket
"""

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

from tests.builders.ports import free_port


class Wire:
    """Forwards connections to a hub; `sent` holds what each connection carried towards it."""

    def __init__(self, hub: str) -> None:
        host, _, port = hub.removeprefix("http://").partition(":")
        self._hub, self.sent = (host, int(port)), list[bytearray]()
        self._server = socket.create_server(("127.0.0.1", free_port()))
        self.address = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        self._open = list[socket.socket]()
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, e: BaseException | None, at: TracebackType | None) -> None:
        for one in (self._server, *self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def requests(self) -> list[tuple[bytes, bytes]]:
        """Head and body of every request, by RFC 9112: nothing on the socket is left over."""
        found = []
        for stream in self.sent:
            rest = bytes(stream)
            while rest:
                head, mark, rest = rest.partition(b"\r\n\r\n")
                assert mark, "a head that was cut"
                lines = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
                assert b"transfer-encoding" not in lines
                size = int(lines.get(b"content-length", b"0"))
                assert len(rest) >= size, "a body that was cut"
                found.append((head + mark, rest[:size]))
                rest = rest[size:]
        return found

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._server.accept()
                try:
                    far = socket.create_connection(self._hub)
                except OSError:
                    near.close()
                    continue
                record = bytearray()
                self.sent.append(record)
                self._open += [near, far]
                threading.Thread(target=_carry, args=(near, far, record), daemon=True).start()
                threading.Thread(target=_carry, args=(far, near, None), daemon=True).start()


def _carry(source: socket.socket, sink: socket.socket, record: bytearray | None) -> None:
    """Bytes one way, until either end closes."""
    with suppress(OSError):
        while data := source.recv(1 << 16):
            if record is not None:
                record += data
            sink.sendall(data)
    for one in (source, sink):
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
