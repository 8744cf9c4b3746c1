"""How much of a request is taken in; by an application that is called as a server calls it."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from starlette.requests import Request

from comity.services.hub.intake import Busy, Intake, Silent, TooLarge

Receive = Callable[[], Awaitable[dict[str, object]]]


def request(receive: Receive) -> Request:
    return Request({"type": "http", "method": "PUT", "path": "/bodies", "headers": []}, receive)


def coming(*parts: bytes) -> Request:
    """A request whose body comes in these parts."""
    left = list(parts)

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

    return request(receive)


async def read(intake: Intake, request: Request, limit: int = 100) -> bytes:
    async with intake.body(request, limit) as data:
        return data


def test_a_body_is_what_came() -> None:
    assert b"abcd" == asyncio.run(read(Intake(4), coming(b"ab", b"", b"cd")))


def test_a_body_over_its_limit_is_cut_off_before_it_is_all_there() -> None:
    with pytest.raises(TooLarge):
        asyncio.run(read(Intake(100), coming(b"ab", b"cd", b"never asked for"), limit=3))


def test_what_all_requests_hold_together_has_a_limit() -> None:
    """Room is given back when a request is answered, or fails, or was refused."""

    async def played() -> None:
        intake = Intake(10)
        async with intake.body(coming(b"x" * 8), 100):
            with pytest.raises(Busy):
                await read(intake, coming(b"yy", b"y"))
            assert b"yy" == await read(intake, coming(b"yy"))
        with pytest.raises(LookupError):
            async with intake.body(coming(b"x" * 10), 100):
                raise LookupError
        with pytest.raises(TooLarge):
            await read(intake, coming(b"x" * 5, b"x" * 5), limit=9)
        assert b"x" * 10 == await read(intake, coming(b"x" * 10))

    asyncio.run(played())


def test_who_falls_silent_is_cut_off_and_gives_its_room_back() -> None:
    async def silent() -> dict[str, object]:
        if first:
            return {"type": "http.request", "body": first.pop(), "more_body": True}
        await asyncio.Event().wait()
        raise AssertionError

    async def played() -> None:
        intake = Intake(4, silence=0.05)
        with pytest.raises(Silent):
            await read(intake, request(silent))
        assert b"abcd" == await read(intake, coming(b"abcd"))

    first = [b"abc"]
    asyncio.run(asyncio.wait_for(played(), 10))
