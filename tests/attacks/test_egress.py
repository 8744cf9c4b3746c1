"""Egress that the journal does not know: whatever a node puts on a socket stood in its journal before.

The wire is a real TCP proxy between node and hub that keeps every byte. Heads and bodies are looked up in the node's
own `journal.db` as they stood on the wire. Each weakened node sends something past its journal, and is found out.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from comity import canon
from comity.acts import frames
from comity.acts.exchange import Answer
from comity.adapters.client import Client
from comity.adapters.journal import Journal
from comity.services.node import cosign, say, setup
from comity.services.node.egress import left
from tests.builders.offices import Offices, study
from tests.builders.wire import Wire
from tests.services.node.test_node import Scene, scene  # noqa: F401


def unknown(wire: Wire, home: Path) -> list[bytes]:
    """What was on the wire and is in no entry of the journal."""
    journal = Journal(home / "journal.db")
    try:
        found = []
        for head, body in wire.requests():
            parts = frames.split(body, limit=1 << 30, where="wire") if b" /bodies " in head else (body,) if body else ()
            found += [part for part in (head, *parts) if not journal.knows(canon.digest(part))]
        return found
    finally:
        journal.close()


@pytest.fixture
def wire(scene: Scene) -> Iterator[Wire]:  # noqa: F811
    """m1's node reaches its hub by this wire alone, and cosigns and consents over it."""
    scene.hub.ask()
    with Wire(scene.hub.address) as wire:
        setup.pin(scene.home, hub=wire.address, charter=canon.digest(canon.encode(scene.hub.assembly.charter)))
        yield wire


def test_every_byte_on_the_socket_is_in_the_journal(scene: Scene, wire: Wire) -> None:  # noqa: F811
    scene.rounds(3)
    verbs = {head.partition(b" HTTP")[0].split(b"?")[0] for head, _ in wire.requests()}
    assert {b"GET /checkpoint", b"POST /statements", b"POST /cosignatures"} <= verbs
    assert [] == unknown(wire, scene.home)


def no_heads(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client tells nobody what it sends."""
    monkeypatch.setattr(Client, "_leaving", lambda self, request: None)


def one_send_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cosignature that goes over a connection of its own."""
    import httpx2

    def apart(self: Client, line: str) -> bool:
        return httpx2.post(f"{self.address}/cosignatures", content=line.encode(), trust_env=False).is_success

    monkeypatch.setattr(Client, "cosign", apart)
    monkeypatch.setattr(cosign.Journal, "record", lambda self, kind, *bodies, now: None)


@pytest.mark.parametrize("weaken", [no_heads, one_send_apart])
def test_a_node_that_sends_past_its_journal_is_found_out(
    scene: Scene,  # noqa: F811
    wire: Wire,
    monkeypatch: pytest.MonkeyPatch,
    weaken: Callable[[pytest.MonkeyPatch], None],
) -> None:
    weaken(monkeypatch)
    scene.rounds(3)
    assert [] != unknown(wire, scene.home)


def test_a_body_that_nobody_noted_is_noted_where_it_is_sent(
    scene: Scene,  # noqa: F811
    wire: Wire,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The place that all requests pass is a guard of its own: whoever forgets the journal is remembered there."""
    monkeypatch.setattr(say.Journal, "record", _forgetful(say.Journal.record))
    scene.rounds(3)
    assert any(b"/cosignatures" in head for head, _ in wire.requests())
    assert [] == unknown(wire, scene.home)


def _forgetful(record: Callable[..., None]) -> Callable[..., None]:
    """Cosignatures are not noted by whoever makes them."""

    def recording(self: Journal, kind: str, *bodies: bytes, now: int) -> None:
        if kind != "cosignature":
            record(self, kind, *bodies, now=now)

    return recording


@pytest.mark.long
def test_a_whole_exchange_on_the_socket_is_in_the_journal(tmp_path: Path) -> None:
    """Four nodes in processes of their own, a real hub; m1's every byte, from its accession to its list of shares."""
    asked = study(step=4)
    with Offices(tmp_path, members=4) as offices, Wire(offices.address) as wire:
        home = offices.home("m1")
        setup.pin(home, hub=wire.address, charter=offices.digest)
        offices.start()
        offices.adopt(asked)
        state = offices.until(lambda s: any(x.closed and x.closed.sum for x in s.exchanges.values()), patience=180)
        offices.stop("m1")
        assert [] == unknown(wire, home)
        paths = {head.split(b" ")[1] for head, _ in wire.requests()}
        assert {b"/statements", b"/bodies", b"/boxes", b"/cosignatures", b"/checkpoint"} <= paths
        (exchange,) = state.exchanges.values()
        told = {(one.act, one.clear.what) for one in left(home) if one.act is not None}
    answer = exchange.answers["m1"]
    cells = answer.body.size // 8
    assert (answer.ref.index, f"an answer under masks: {cells} integers") in told
    assert (answer.ref.index, f"a statement: {Answer.__name__.lower()}") in told
    assert (exchange.shares["m1"].ref.index, "the list of an exchange's boxes") in told
