"""Boxes of another exchange, another sender or another receiver, handed to a member as if they were for it.

Guards: each box is named in its sender's logged manifest; and `info` binds exchange, sender and receiver. With the
first removed (a sender that colludes and names the box itself) the second is enough.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest

from comity import canon
from comity.stages.seal import boxes, derivations, manifest
from comity.stages.seal.member import Broken, Dealt
from tests.builders.rounds import Exchange
from tests.builders.seal import World


def opened() -> World:
    world = World(7)
    world.run(until=lambda: bool(world.state.exchanges) and world.facts.shared is not None)
    return world


@pytest.mark.parametrize(
    "change",
    [
        lambda p: [*p[:1], p[4], *p[2:]],
        lambda p: [*p[:2], p[5], *p[3:]],
        lambda p: [*p[3:6], *p[:3], *p[6:]],
        lambda p: [*p[:1], p[1][:-1] + b"\0", *p[2:]],
        lambda p: [*p[:1], bytes(1200), *p[2:]],
        lambda p: [p[3], *p[1:]],
    ],
    ids=[
        "another sender's share box",
        "another sender's seed box",
        "senders swapped",
        "corrupted",
        "zeros",
        "manifest",
    ],
)
def test_what_the_senders_manifest_does_not_name_is_not_opened(change: Callable[[list[bytes]], list[bytes]]) -> None:
    world = opened()
    world.parcels = lambda member, parcel: tuple(change(list(parcel))) if member == "m4" else parcel
    world.run()
    left = world.facts.left["m4"]
    assert ("shared", "seal.box", ("m1",)) == (left.step, left.reason.code, left.blames)
    assert not world.vectors("m4")


def test_a_box_to_another_member_that_its_sender_names_does_not_open() -> None:
    """A colluding sender re-addresses an honest member's box as its own: info says no."""
    exchange = Exchange.of(7)
    round_ = exchange.round
    honest, thief, victim = exchange.parts["m001"], exchange.parts["m002"], "m005"
    stolen = honest.boxes[manifest.named(honest.manifest).index(_share_box(exchange, "m001", victim))]
    listed = manifest.read(thief.manifest, exchange=round_.ref, sender="m002", members=round_.members)
    lines = list(listed.lines)
    lines[4] = replace(lines[4], share_box=canon.digest(stolen))
    out = list(thief.boxes)
    out[manifest.named(thief.manifest).index(canon.Digest(listed.lines[4].share_box or ""))] = stolen
    exchange.parts["m002"] = Dealt(manifest.encode(replace(listed, lines=tuple(lines))), tuple(out), thief.kept)
    exchange.share()
    found = exchange.receive(victim)
    assert isinstance(found, Broken)
    assert ("seal.box", ("m002",)) == (found.reason.code, found.blames)


def test_without_info_it_would_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the second guard is for: then only hashes of the shares inside would be left."""
    monkeypatch.setattr(boxes, "_info", lambda *_: b"")
    key = derivations.private_key(b"r" * 32, "envelope", b"k")
    box = boxes.seal("share", b"s" * 64, key.public, bytes(32), 1, 5)
    assert b"s" * 64 == boxes.open_("share", box, key, bytes(32), 2, 5)


def _share_box(exchange: Exchange, sender: str, receiver: str) -> canon.Digest:
    listed = manifest.read(
        exchange.parts[sender].manifest, exchange=exchange.round.ref, sender=sender, members=exchange.round.members
    )
    return canon.Digest(listed.lines[exchange.round.places[receiver] - 1].share_box or "")
