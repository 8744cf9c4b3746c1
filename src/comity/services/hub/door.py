"""The hub's five doors, over HTTP. Each statement authenticates itself; there are no passwords and no sessions.

    POST /statements    a leaf                               -> {"index", "leaf"}, after the durable commit
    PUT  /bodies        frames of bodies that the log names   -> {"kept"}
    GET  /...           public files
    POST /cosignatures  one line for `checkpoint.pending`,    -> 204
                        of the log or of its twin (`sigsum/`)
    POST /boxes         a signed request                      -> frames of the boxes addressed to its signer

Decides what a request may hold and how an error is answered; meaning is the sequencer's and the keeper's.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from comity import canon
from comity.acts import frames
from comity.acts.statement import LIMIT
from comity.errors import BadInput, ComityError, Refused
from comity.services.hub.keeper import Keeper
from comity.services.hub.sequence import Rejected, Sequencer
from comity.services.hub.twin import Twin
from comity.services.static import Static

BODIES: Final = 256 * 1024 * 1024  # bytes of one request: a vector of 1e7 cells, and its neighbours
REQUEST: Final = 16 * 1024


def door(sequencer: Sequencer, keeper: Keeper, static: Static, *, twin: Twin) -> Starlette:
    """The hub as an ASGI application."""

    async def statements(request: Request) -> Response:
        ack = sequencer.accept(await _read(request, LIMIT))
        return _json({"index": ack.index, "leaf": ack.leaf.hex()})

    async def bodies(request: Request) -> Response:
        parts = frames.split(await _read(request, BODIES), limit=BODIES)
        return _json({"kept": keeper.keep(parts)})

    async def cosignatures(request: Request) -> Response:
        line = (await _read(request, REQUEST)).decode(errors="replace")
        if sequencer.cosign(line) or twin.cosign(line):
            return Response(status_code=204)
        return _error(409, "cosignature.none", "no pending checkpoint that this line cosigns")

    async def boxes(request: Request) -> Response:
        parts = keeper.boxes(await _read(request, REQUEST))
        return Response(frames.join(parts), media_type="application/octet-stream")

    return Starlette(
        routes=[
            Route("/statements", _guard(statements), methods=["POST"]),
            Route("/bodies", _guard(bodies), methods=["PUT"]),
            Route("/cosignatures", _guard(cosignatures), methods=["POST"]),
            Route("/boxes", _guard(boxes), methods=["POST"]),
            Route("/{path:path}", static.answer, methods=["GET"]),
        ]
    )


class TooLarge(BadInput):
    """A request body over its limit."""

    code = "request.too-large"


async def _read(request: Request, limit: int) -> bytes:
    """The request's body, cut off as soon as it exceeds the limit."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise TooLarge("request too large", where=request.url.path, found=f"over {limit} bytes", wanted="less")
        parts.append(part)
    return b"".join(parts)


def _guard(endpoint: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """Every error of ours becomes an answer that says what was wrong; all else is a 500 without detail."""

    async def guarded(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Rejected as e:
            return _json({"error": e.code, "message": str(e), "reasons": e.reasons}, 409)
        except TooLarge as e:
            return _error(413, e.code, str(e))
        except Refused as e:
            return _error(409, e.code, str(e))
        except BadInput as e:
            return _error(400, e.code, str(e))
        except ComityError as e:
            return _error(503, e.code, str(e))

    return guarded


def _error(status: int, code: str, message: str) -> Response:
    return _json({"error": code, "message": message}, status)


def _json(value: object, status: int = 200) -> Response:
    return Response(canon.encode(value), status, media_type="application/json")
