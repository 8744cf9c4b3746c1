"""How a service listens."""

import asyncio
import socket

import pytest

from comity.errors import PortTaken
from comity.services import serve


def test_an_answer_does_not_wait_for_an_acknowledgement() -> None:
    """Head and body leave in two packets; without TCP_NODELAY the second waits some 40 ms, in every request."""

    async def accepted() -> int:
        found: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            taken = writer.get_extra_info("socket")
            found.set_result(taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        bound = serve.bind("127.0.0.1:0", where="test")
        async with await asyncio.start_server(connected, sock=bound):
            _, writer = await asyncio.open_connection("127.0.0.1", bound.getsockname()[1])
            delay = await found
            writer.close()
            return delay

    assert asyncio.run(accepted())


def test_a_taken_port_is_one_line() -> None:
    with serve.bind("127.0.0.1:0", where="hub.listen") as bound:
        bound.listen()
        port = bound.getsockname()[1]
        with pytest.raises(PortTaken, match=f"hub.listen = 127.0.0.1:{port}"):
            serve.bind(f"127.0.0.1:{port}", where="hub.listen")
