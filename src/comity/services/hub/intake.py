"""How much of a request is taken in: of each, and of all that are under way; who falls silent is cut off.

Anybody may call at a door, and what a request holds lies in memory until it is answered. Decides how much that may be
together; what the bytes mean is the door's. For one event loop.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from starlette.requests import Request

from comity.errors import BadInput, WorldError

SILENCE: Final = 30.0  # seconds without a byte


class TooLarge(BadInput):
    """A request body over its limit, or of more parts than are taken together."""

    code = "request.too-large"


class Silent(BadInput):
    """A request whose body stopped coming."""

    code = "request.silent"


class Busy(WorldError):
    """Other requests hold all the room there is."""

    code = "request.busy"


class Intake:
    """Room for the bodies of requests, shared by all who call at the doors of one kind."""

    def __init__(self, together: int, *, silence: float = SILENCE) -> None:
        """`together`: bytes that all requests under way may hold."""
        self._together, self._silence = together, silence
        self._held = 0

    @asynccontextmanager
    async def body(self, request: Request, limit: int) -> AsyncIterator[bytes]:
        """The request's body, which has its room as long as the block runs.

        Raises:
            TooLarge: it exceeds the limit; cut off as soon as it does.
            Busy: there is no room for it now.
            Silent: nothing more of it came.
        """
        parts = list[bytes]()
        try:
            await self._read(request, limit, parts)
            whole = b"".join(parts)
            parts = [whole]
            yield whole
        finally:
            self._held -= sum(map(len, parts))

    async def _read(self, request: Request, limit: int, parts: list[bytes]) -> None:
        """Take in the body part by part, each with its room."""
        where, left = request.url.path, limit
        try:
            async with asyncio.timeout(self._silence) as still:
                async for part in request.stream():
                    still.reschedule(asyncio.get_running_loop().time() + self._silence)
                    left -= len(part)
                    if left < 0:
                        raise TooLarge("request too large", where=where, found=f"over {limit} bytes", wanted="less")
                    if self._held + len(part) > self._together:
                        raise Busy("too many requests at once", where=where, way_out="try again in a few seconds")
                    self._held += len(part)
                    parts.append(part)
        except TimeoutError:
            raise Silent("the request stopped coming", where=where, found=f"{self._silence:g} s of silence") from None
