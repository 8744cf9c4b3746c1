"""Opening the sum: rebuild the survivors' b and the drop-outs' root, check them, take every mask off.

Streams: one vector of a member at a time beside the sum. A share counts only if it fits the manifest of the member
whose secret it is part of, and a rebuilt secret only if it fits what that member committed to; so whoever spoiled an
opening is named. Decides nothing about when: see `hub`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

import numpy as np

from comity import canon
from comity.assembly.facts import ExchangeFacts
from comity.errors import SealBroken
from comity.model.reason import Reason
from comity.stages.seal import boxes, derivations, masks, shamir
from comity.stages.seal.derivations import Kind, PrivateKey, commitment
from comity.stages.seal.manifest import Manifest
from comity.stages.seal.round import Round
from comity.stages.seal.turn import Bodies
from comity.stages.seal.view import Part, SeedBox, Unmasked, View


@dataclass(frozen=True, slots=True)
class Opened:
    """The sum, little-endian int64, and the record of what it was opened from."""

    sum: bytes = field(repr=False)
    view: bytes = field(repr=False)


class _Failed(Exception):
    """Nothing can be opened, for a reason that goes into `exchange/closed`."""

    def __init__(self, code: str, **params: object) -> None:
        self.reason = Reason(code=code, params={name: str(value) for name, value in params.items()})
        super().__init__(code)


def opened(
    round_: Round,
    facts: ExchangeFacts,
    manifests: Mapping[str, Manifest],
    lists: Mapping[str, Unmasked],
    bodies: Bodies,
) -> Opened | Reason:
    """The sum over U3, or why there is none.

    Args:
        manifests: of every member of U2.
        lists: of the survivors whose list arrived.
    """
    try:
        plus, minus = keys(round_, facts, manifests, lists, bodies)
        total = np.zeros(round_.length, "<u8")
        for member in round_.u3 or ():
            vector = bodies.get(facts.answers[member].body.digest)
            np.add(total, np.frombuffer(vector, "<u8"), out=total)
            del vector
        masks.apply(total, plus, minus)
        cells = total.view("<i8")
        if cells.size and not -round_.limit <= int(cells.min()) <= int(cells.max()) <= round_.limit:
            raise _Failed("seal.spoiled")
    except _Failed as e:
        return e.reason
    return Opened(total.tobytes(), canon.encode(view(round_, facts, manifests, lists)))


def view(round_: Round, facts: ExchangeFacts, manifests: Mapping[str, Manifest], lists: Mapping[str, Unmasked]) -> View:
    """The record of every body behind the sum; all of them may be public now, and nothing else of the exchange."""
    u2, u3 = round_.u2 or (), round_.u3 or ()
    seeds = (
        SeedBox(sender=sender, receiver=dropped, box=box)
        for dropped in sorted(set(u2) - set(u3))
        for sender in u3
        if (box := manifests[sender].lines[round_.places[dropped] - 1].seed_box) is not None
    )
    return View(
        exchange=round_.ref,
        manifests=tuple(Part(member=m, body=facts.shares[m].body) for m in u2),
        vectors=tuple(Part(member=m, body=facts.answers[m].body) for m in u3),
        lists=tuple(Part(member=m, body=facts.unmask[m].body) for m in sorted(lists)),
        seeds=tuple(seeds),
    )


def keys(
    round_: Round,
    facts: ExchangeFacts,
    manifests: Mapping[str, Manifest],
    lists: Mapping[str, Unmasked],
    bodies: Bodies,
) -> tuple[list[bytes], list[bytes]]:
    """Key streams to add to the sum and to take from it, so that only values and noise are left."""
    u2, u3, ctx2 = round_.u2, round_.u3, round_.ctx2
    if u2 is None or u3 is None or ctx2 is None:
        raise _Failed("seal.too-few")
    said = b"".join(canon.raw_of(facts.unmask[member].body.digest) for member in sorted(lists))
    challenge = sha256(ctx2 + said).digest()
    rows = {member: {shown.member: shown.share for shown in listed.shares} for member, listed in lists.items()}
    plus: list[bytes] = []
    minus = [derivations.self_key(_rebuilt(round_, v, "self share", manifests, rows, challenge), ctx2) for v in u3]
    for dropped in sorted(set(u2) - set(u3)):
        root = _rebuilt(round_, dropped, "root share", manifests, rows, challenge)
        for survivor, seed in _seeds(round_, dropped, root, u3, manifests, bodies):
            # What the survivor added is taken off, and the other way round.
            later = round_.places[survivor] > round_.places[dropped]
            (plus if later else minus).append(derivations.mask_key(seed, ctx2))
    return plus, minus


def _rebuilt(
    round_: Round,
    of: str,
    kind: Kind,
    manifests: Mapping[str, Manifest],
    rows: Mapping[str, Mapping[str, bytes]],
    challenge: bytes,
) -> bytes:
    """A secret out of the shares that fit its member's manifest; all shares that it promised must follow from it."""
    places = round_.places
    v = places[of]
    promised = [line.self_share if kind == "self share" else line.root_share for line in manifests[of].lines]

    def fits(holder: int, share: bytes) -> bool:
        whole = commitment(kind, round_.ctx1, v, holder, share) == promised[holder - 1]
        return whole and int.from_bytes(share, "big") < shamir.P

    good = {places[holder]: row[of] for holder, row in rows.items() if fits(places[holder], row[of])}
    if len(good) < round_.t:
        raise _Failed("seal.too-few", member=of, found=len(good), wanted=round_.t)
    some = dict(sorted(good.items())[: round_.t])
    whole = shamir.consistent(good, round_.t, challenge) and all(
        fits(place, shamir.rebuild(some, at=place)) for place in places.values() if place not in good
    )
    if not whole:
        raise _Failed("seal.rebuilt", member=of)
    return shamir.rebuild(some)


def _seeds(
    round_: Round,
    dropped: str,
    root: bytes,
    u3: tuple[str, ...],
    manifests: Mapping[str, Manifest],
    bodies: Bodies,
) -> Iterator[tuple[str, bytes]]:
    """The pair seeds of a drop-out with survivors; the rebuilt root must give the mask key that it consented with."""
    d, ctx1 = round_.places[dropped], round_.ctx1
    k = derivations.key_context(round_.asked, round_.period, round_.attempt, dropped)
    key, sealed = derivations.private_key(root, "mask", k), round_.consents[dropped].sealed
    if sealed is None or key.public != sealed.mask_key:
        raise _Failed("seal.rebuilt", member=dropped)
    for survivor in u3:
        v = round_.places[survivor]
        if d < v:
            seed, sender, line = derivations.pair_seed(root, ctx1, d, v), dropped, manifests[dropped].lines[v - 1]
        else:
            sender, line = survivor, manifests[survivor].lines[d - 1]
            seed = _unboxed(bodies, line.seed_box, key, ctx1, v, d, sender)
        if commitment("pair seed", ctx1, min(d, v), max(d, v), seed) != line.pair_seed:
            raise _Failed("seal.share", member=sender)
        yield survivor, seed


def _unboxed(
    bodies: Bodies, box: canon.Digest | None, key: PrivateKey, ctx1: bytes, v: int, d: int, sender: str
) -> bytes:
    if box is None or not bodies.has(box):
        raise _Failed("seal.box", member=sender)
    try:
        return boxes.open_("seed", bodies.get(box), key, ctx1, v, d)
    except SealBroken:
        raise _Failed("seal.box", member=sender) from None
