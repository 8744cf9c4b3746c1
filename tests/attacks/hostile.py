"""What an attacker does with what it got: the hub, whoever colludes with it, and every body it holds."""

from collections.abc import Iterable, Mapping

import numpy as np

from comity import canon
from comity.stages.seal import boxes, derivations, manifest, masks, shamir
from comity.stages.seal.member import Pair
from comity.stages.seal.view import Unmasked
from tests.builders.rounds import Exchange


def seen(lists: Iterable[bytes]) -> dict[tuple[str, str], dict[str, bytes]]:
    """Shares by (member, kind) and by who gave them away."""
    found: dict[tuple[str, str], dict[str, bytes]] = {}
    for raw in lists:
        listed = canon.decode(raw, Unmasked)
        for shown in listed.shares:
            found.setdefault((shown.member, shown.kind), {})[listed.sender] = shown.share
    return found


def with_colluders(
    shares: dict[tuple[str, str], dict[str, bytes]], pairs: Mapping[str, Mapping[str, Pair]]
) -> dict[tuple[str, str], dict[str, bytes]]:
    """What colluders hold comes on top: both kinds, of everyone."""
    found = {key: dict(value) for key, value in shares.items()}
    for colluder, held in pairs.items():
        for member, pair in held.items():
            found.setdefault((member, "root"), {})[colluder] = pair.root
            found.setdefault((member, "self"), {})[colluder] = pair.own
    return found


def secret(exchange: Exchange, shares: Mapping[str, bytes], least: int) -> bytes | None:
    """A secret out of shares, if there are enough."""
    places = exchange.round.places
    if len(shares) < least:
        return None
    return shamir.rebuild({places[id]: share for id, share in sorted(shares.items())[:least]})


def naked(exchange: Exchange, victim: str, root: bytes | None, own: bytes | None) -> list[int]:
    """The victim's vector with every mask off that these secrets take off."""
    round_ = exchange.round
    assert round_.ctx2 is not None
    vector = np.frombuffer(exchange.store.get(exchange.facts.answers[victim].body.digest), "<u8").copy()
    v, plus, minus = round_.places[victim], [], []
    if own is not None:
        minus.append(derivations.self_key(own, round_.ctx2))
    if root is not None:
        k = derivations.key_context(round_.asked, round_.period, round_.attempt, victim)
        key = derivations.private_key(root, "mask", k)
        for other in round_.u2 or ():
            u = round_.places[other]
            if u > v:
                minus.append(derivations.mask_key(derivations.pair_seed(root, round_.ctx1, v, u), round_.ctx2))
            elif u < v:
                plus.append(derivations.mask_key(_unboxed(exchange, other, victim, key), round_.ctx2))
    masks.apply(vector, plus, minus)
    return [int(x) for x in vector.view("<i8")]


def _unboxed(exchange: Exchange, sender: str, receiver: str, key: derivations.PrivateKey) -> bytes:
    round_ = exchange.round
    listed = manifest.read(exchange.parts[sender].manifest, exchange=round_.ref, sender=sender, members=round_.members)
    box = listed.lines[round_.places[receiver] - 1].seed_box
    assert box is not None
    return boxes.open_(
        "seed", exchange.store.get(box), key, round_.ctx1, round_.places[sender], round_.places[receiver]
    )
