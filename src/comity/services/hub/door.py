"""The hub's five doors, over HTTP. Each statement authenticates itself; there are no passwords and no sessions.

    POST /statements    a leaf, or frames of leaves           -> {"index", "leaf", "receipt"}, after the durable commit
    PUT  /bodies        frames of bodies that the log names   -> {"kept"}
    GET  /...           public files
    POST /cosignatures  one line for `checkpoint.pending`,    -> 204
                        of the log or of its twin (`sigsum/`)
    POST /boxes         a signed request                      -> frames of the boxes addressed to its signer

Leaves come one by one, or many as frames (`acts.frames`) under the content type `application/octet-stream`; then the
answer is {"receipt", "statements"}: for each leaf, in order, {"index", "leaf"} or {"error", "message", "reasons"}, and
one receipt (`tlog.receipt`) for all that were taken, or null. Either way there is one durable commit for all that is
waiting. A statement that is in the log already is refused with the place where it stands, and a receipt for that.

Decides what a request may hold and how an error is answered; meaning is the sequencer's and the keeper's, and is found
in a thread: whatever one caller sends, the others are heard.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from comity import canon
from comity.acts import frames
from comity.acts.statement import LIMIT
from comity.errors import BadInput, ComityError, Refused
from comity.services.hub.intake import Intake, Silent, TooLarge
from comity.services.hub.keeper import Keeper
from comity.services.hub.sequence import Acknowledged, Rejected, Sequencer
from comity.services.hub.twin import Twin
from comity.services.static import Static

BODIES: Final = 256 * 1024 * 1024  # bytes of one request: a vector of 1e7 cells, and its neighbours
REQUEST: Final = 16 * 1024
BATCH: Final = frames.MOST * (LIMIT + 4)
LARGE: Final = 2 * BODIES  # bytes of all requests with many leaves or with bodies, until they are answered
SMALL: Final = 1024 * REQUEST  # and of all others: nobody who sends much keeps a statement out
FRAMES: Final = "application/octet-stream"


def door(sequencer: Sequencer, keeper: Keeper, static: Static, *, twin: Twin) -> Starlette:
    """The hub as an ASGI application."""
    large, small = Intake(LARGE), Intake(SMALL)

    async def statements(request: Request) -> Response:
        if request.headers.get("content-type") == FRAMES:
            async with large.body(request, BATCH) as data:
                return await run_in_threadpool(batch, data)
        async with small.body(request, LIMIT) as leaf:
            return _json(_acknowledged(await run_in_threadpool(sequencer.accept, leaf)))

    async def bodies(request: Request) -> Response:
        async with large.body(request, BODIES) as data:
            return await run_in_threadpool(kept, data)

    async def cosignatures(request: Request) -> Response:
        async with small.body(request, REQUEST) as data:
            return await run_in_threadpool(cosigned, data.decode(errors="replace"))

    async def boxes(request: Request) -> Response:
        async with small.body(request, REQUEST) as data:
            return await run_in_threadpool(addressed, data)

    def batch(data: bytes) -> Response:
        return _json(_answers(sequencer.accept_all(frames.split(data, limit=BATCH))))

    def kept(data: bytes) -> Response:
        return _json({"kept": keeper.keep(frames.split(data, limit=BODIES))})

    def cosigned(line: str) -> Response:
        if sequencer.cosign(line) or twin.cosign(line):
            return Response(status_code=204)
        return _error(409, "cosignature.none", "no pending checkpoint that this line cosigns")

    def addressed(data: bytes) -> Response:
        return Response(frames.join(keeper.boxes(data)), media_type=FRAMES)

    return Starlette(
        routes=[
            Route("/statements", _guard(statements), methods=["POST"]),
            Route("/bodies", _guard(bodies), methods=["PUT"]),
            Route("/cosignatures", _guard(cosignatures), methods=["POST"]),
            Route("/boxes", _guard(boxes), methods=["POST"]),
            Route("/{path:path}", static.answer, methods=["GET"]),
        ]
    )


def _guard(endpoint: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """Every error of ours becomes an answer that says what was wrong; all else is a 500 without detail."""

    async def guarded(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Rejected as e:
            return _json(_rejected(e), 409)
        except (TooLarge, frames.TooMany) as e:
            return _error(413, TooLarge.code, str(e))
        except Silent as e:
            return _error(408, e.code, str(e))
        except Refused as e:
            return _error(409, e.code, str(e))
        except BadInput as e:
            return _error(400, e.code, str(e))
        except ComityError as e:
            return _error(503, e.code, str(e))

    return guarded


def _acknowledged(ack: Acknowledged) -> dict[str, object]:
    return {"index": ack.index, "leaf": ack.leaf.hex(), "receipt": str(ack.receipt)}


def _rejected(refusal: Rejected) -> dict[str, object]:
    said: dict[str, object] = {"error": refusal.code, "message": str(refusal), "reasons": refusal.reasons}
    return said | (_acknowledged(refusal.stands) if refusal.stands else {})


def _answers(answers: Sequence[Acknowledged | Rejected]) -> dict[str, object]:
    """Of a batch: what became of each leaf, and the receipt that those share which were taken."""
    taken = [answer for answer in answers if isinstance(answer, Acknowledged)]
    return {
        "receipt": str(taken[0].receipt) if taken else None,
        "statements": [
            {"index": answer.index, "leaf": answer.leaf.hex()}
            if isinstance(answer, Acknowledged)
            else _rejected(answer)
            for answer in answers
        ],
    }


def _error(status: int, code: str, message: str) -> Response:
    return _json({"error": code, "message": message}, status)


def _json(value: object, status: int = 200) -> Response:
    return Response(canon.encode(value), status, media_type="application/json")
