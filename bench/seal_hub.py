"""seal.hub: what opening a sum costs the hub, with all members and with one drop-out, beside bare key streams."""

from dataclasses import replace

import numpy as np

from bench.row import Row
from bench.seal_member import SIZES, Exchange, best, exchange, key_stream
from comity import canon
from comity.acts.refs import Blob, Ref
from comity.assembly.facts import ExchangeFacts, HubSaid, Said
from comity.canon import Digest
from comity.model.reason import Reason
from comity.stages.seal import boxes, derivations, hub, manifest, masks, member, opening
from comity.stages.seal.member import Pair
from comity.stages.seal.round import Round


class Store:
    """Bodies in memory; equal vectors are one body, so that a large exchange fits."""

    def __init__(self) -> None:
        self.bodies: dict[Digest, bytes] = {}

    def put(self, body: bytes) -> Blob:
        self.bodies[name := canon.digest(body)] = body
        return Blob(digest=name, size=len(body))

    def has(self, name: Digest, /) -> bool:
        return name in self.bodies

    def get(self, name: Digest, /) -> bytes:
        return self.bodies[name]


def run() -> list[Row]:
    """Two rows a size."""
    rows: list[Row] = []
    for members, cells in SIZES:
        made = exchange(members, cells)
        pairs = held(made)
        size = f"{members} members, {cells:,} cells"
        whole = timed(made, pairs, dropped=())
        bound = best(lambda members=members, cells=cells: key_stream(members, cells))
        rows.append(_row(members, whole, bound, f"no drop-out; bound: bare key stream of {members} self masks; {size}"))
        one = timed(made, pairs, dropped=(made.round.members[members // 2],))
        bound = best(lambda members=members, cells=cells: key_stream(members - 1, cells))
        note = f"what one drop-out adds; bound: bare key stream of {members - 1} masks; {size}"
        rows.append(_row(members, max(one - whole, 0.0), bound, note))
    return rows


def held(made: Exchange) -> dict[str, dict[str, Pair]]:
    """What each member holds of every other: opened here as it would open its boxes."""
    found: dict[str, dict[str, Pair]] = {id: {} for id in made.round.members}
    for sender, part in made.parts.items():
        lines = manifest.read(part.manifest, exchange=made.round.ref, sender=sender, members=made.round.members).lines
        box_of = dict(zip(manifest.named(part.manifest), part.boxes, strict=True))
        for line in lines:
            if line.share_box is None:
                found[sender][sender] = part.kept
                continue
            u, v = made.round.places[sender], made.round.places[line.member]
            k = derivations.key_context(made.round.asked, "1", 1, line.member)
            key = derivations.private_key(made.secrets[line.member].env, "envelope", k)
            text = boxes.open_("share", box_of[line.share_box], key, made.round.ctx1, u, v)
            found[line.member][sender] = Pair(text[:32], text[32:])
    return found


def timed(made: Exchange, pairs: dict[str, dict[str, Pair]], dropped: tuple[str, ...]) -> float:
    """Seconds to open the sum: read manifests and lists, rebuild, check, add vectors, take masks off."""
    round_ = replace(made.round, u3=tuple(id for id in made.round.members if id not in dropped))
    store, facts = Store(), facts_of(made, round_)
    for part in made.parts.values():
        for body in (part.manifest, *part.boxes):
            store.put(body)
    lists = {id: store.put(member.unmask(round_, id, pairs[id])) for id in round_.u3 or ()}
    facts = replace(
        facts, unmask={id: Said(ref=_ref(3000 + i), body=body) for i, (id, body) in enumerate(lists.items())}
    )
    zeros = store.put(bytes(8 * round_.length))
    answers = {id: Said(ref=_ref(2000 + i), body=zeros) for i, id in enumerate(round_.u3 or ())}
    # Everyone's vector is zero but one, which holds all masks: the sum is honest, and nothing is computed to no end.
    facts = replace(facts, answers=answers)
    off = np.zeros(round_.length, "<u8")
    plus, minus = opening.keys(round_, facts, hub.manifests(round_, facts, store), _lists(round_, facts, store), store)
    masks.apply(off, minus, plus)
    answers[(round_.u3 or ())[0]] = Said(ref=_ref(2000), body=store.put(off.tobytes()))

    def open_() -> None:
        listed = hub.manifests(round_, facts, store)
        found = opening.opened(round_, facts, listed, _lists(round_, facts, store), store)
        assert not isinstance(found, Reason), found

    return best(open_)


def _lists(round_: Round, facts: ExchangeFacts, store: Store) -> object:
    return hub.unmasked(round_, facts, store)


def facts_of(made: Exchange, round_: Round) -> ExchangeFacts:
    """What the log would say."""
    return ExchangeFacts(
        opened=HubSaid(ref=round_.ref, leaf_hash=bytes(32), members=tuple(range(round_.n))),
        study=round_.asked,
        period="1",
        attempt=1,
        deadlines=round_.deadlines,
        shares={id: Said(ref=_ref(1000 + i), body=body) for i, (id, body) in enumerate(made.logged.items())},
    )


def _ref(index: int) -> Ref:
    return Ref(index=index, digest=canon.digest(str(index).encode()))


def _row(n: int, ours: float, bound: float, note: str) -> Row:
    return Row(
        bench="seal.hub",
        n=n,
        ours_s=ours,
        bound_s=bound,
        ratio=ours / bound,
        per_s=n / ours if ours else None,
        peer=None,
        peer_s=None,
        note=f"members; {note}",
    )
