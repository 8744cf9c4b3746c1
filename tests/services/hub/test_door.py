"""One caller keeps no other waiting: the doors as an application, over a real log, without a socket."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette

from comity import canon
from comity.acts import frames
from comity.acts.consent import PolicyPublished
from comity.acts.refs import Blob
from comity.adapters.blobs import Blobs
from comity.adapters.held import Held
from comity.model.member import HUB
from comity.services.hub.door import FRAMES, door
from comity.services.hub.keeper import Keeper
from comity.services.hub.twin import Twin
from comity.services.static import Static
from tests.builders.assembly import START
from tests.services.hub.place import Place, line

NAMED = b"a policy that a statement names"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path)
    yield place
    place.stop()


@pytest.fixture
def app(place: Place) -> Starlette:
    """A hub whose log names one body."""
    sequencer = place.open()
    sequencer.accept(
        place.assembly.leaf("m1", PolicyPublished(policy=Blob(digest=canon.digest(NAMED), size=len(NAMED))))
    )
    sequencer.ask()
    files = Blobs(place.home / "blobs")
    keeper = Keeper(lambda: sequencer.state, Held(place.home, files), files, Blobs(place.public / "blobs"))
    keys = {"sign": place.assembly.signers[HUB, "sign"], "log": place.assembly.signers[HUB, "log"]}
    twin = Twin.open(place.home, place.public, sequencer, **keys, now=lambda: START + 100)
    return door(sequencer, keeper, Static(place.public), twin=twin)


def client(app: Starlette) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://hub.example")


@pytest.mark.parametrize("path", ["cosignatures", "statements", "boxes"])
def test_files_are_served_while_a_commit_is_under_way(place: Place, app: Starlette, path: str) -> None:
    """Also to whoever comes behind one that waits for the commit."""
    said, later = place.says(1), place.says(2)
    content = {"cosignatures": line(place, "m1").encode(), "statements": later, "boxes": b"no request"}[path]
    place.log.hold = ends = threading.Event()

    async def played() -> int:
        async with client(app) as caller:
            commit = asyncio.create_task(caller.post("/statements", content=said))
            await asyncio.to_thread(place.log.reached.wait)
            waits = asyncio.create_task(caller.post(f"/{path}", content=content))
            await asyncio.sleep(0.05)
            served = await caller.get("/checkpoint.pending")
            still = not commit.done()
            ends.set()
            await asyncio.gather(commit, waits)
            assert still
            return served.status_code

    assert 200 == asyncio.run(played())


def test_one_body_a_thousand_times_is_one(app: Starlette, place: Place) -> None:
    async def played() -> tuple[int, object]:
        async with client(app) as caller:
            answer = await caller.put("/bodies", content=frames.join([NAMED] * 1000))
            return answer.status_code, answer.json()

    assert (200, {"kept": 1000}) == asyncio.run(played())
    assert [NAMED] == [path.read_bytes() for path in (place.public / "blobs").rglob("*") if path.is_file()]


@pytest.mark.parametrize(("method", "path"), [("POST", "/statements"), ("PUT", "/bodies")])
def test_more_parts_than_a_request_may_have_are_refused(app: Starlette, method: str, path: str) -> None:
    """Before any of them is looked at."""

    async def played() -> tuple[int, object]:
        async with client(app) as caller:
            content = frames.join([b""] * 1025)
            answer = await caller.request(method, path, content=content, headers={"content-type": FRAMES})
            return answer.status_code, answer.json()["error"]

    assert (413, "request.too-large") == asyncio.run(played())
