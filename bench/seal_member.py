"""seal.member: what an exchange costs one member, beside the bare key stream of the masks that it cannot leave out.

Keys, boxes and sharing are measured apart from masks and noise. The figures of SEAL are at 193 members and a million
cells; 60 members and 100,000 cells are the size of the demonstration.
"""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bench.row import Row
from comity import canon
from comity.acts.consent import SealConsent
from comity.acts.refs import Blob, Ref
from comity.assembly.facts import ConsentFacts
from comity.canon import Digest
from comity.model.structure import Axis, Layout, Measure
from comity.model.study import Method, NoisePlan, Study, Timing
from comity.stages.seal import derivations, manifest, masks, member
from comity.stages.seal.member import Dealt, Received, Secrets
from comity.stages.seal.round import Round

SIZES = ((60, 100_000), (193, 1_000_000))
AGAIN = 3


@dataclass(frozen=True)
class Exchange:
    """One exchange in which everybody shared: the round with U2, and everyone's secrets and part."""

    round: Round
    secrets: Mapping[str, Secrets]
    parts: Mapping[str, Dealt]
    logged: Mapping[str, Blob]

    def parcel(self, me: str) -> list[bytes]:
        """What the hub would hand to a member."""
        found: list[bytes] = []
        for sender in self.round.members:
            if sender == me:
                continue
            part, v = self.parts[sender], self.round.places[me]
            named = manifest.named(part.manifest)
            lines = manifest.read(
                part.manifest, exchange=self.round.ref, sender=sender, members=self.round.members
            ).lines
            boxes = [box for box in (lines[v - 1].share_box, lines[v - 1].seed_box) if box is not None]
            found += [part.manifest, *(part.boxes[named.index(box)] for box in boxes)]
        return found


def study(cells: int, colluding: int) -> Study:
    """A study of one count in so many cells, with noise."""
    axes = tuple(Axis(id=id, codes=tuple(map(str, range(size)))) for id, size in (("A", 100), ("B", cells // 100)))
    none = canon.digest(b"")
    return Study(
        id="BENCH",
        version="1.0.0",
        title="",
        goal="16",
        related=False,
        rehearsal=True,
        norm=none,
        method=Method(name="table", version="1", digest=none),
        parameters={},
        layout=Layout(dimensions=axes, measures=(Measure(id="n", name="n", decimals=0, bound=1),)),
        bound=1_000_000,
        colluding=colluding,
        noise=NoisePlan(sigma2=36, cells=1, delta="0.0000000001", epsilon="0.889"),
        periods=(),
        timing=Timing(consent=60, step=60, send=20),
    )


def exchange(members: int, cells: int) -> Exchange:
    """Everybody deals; a third colludes."""
    asked = study(cells, members // 3)
    ids = tuple(f"m{i:03}" for i in range(members))
    secrets = {id: member.draw(os.urandom) for id in ids}
    digest = asked.digest
    consents = {id: _consent(i, id, digest, secrets[id]) for i, id in enumerate(ids)}
    ctx1 = derivations.opened_context("bench.invalid/log", members, bytes(32))
    round_ = Round(
        ref=_ref(members),
        study=asked,
        asked=digest,
        period="1",
        attempt=1,
        deadlines=(1, 2, 3, 4),
        consents=consents,
        members=ids,
        places={id: i for i, id in enumerate(ids, start=1)},
        ctx1=ctx1,
        u2=ids,
        ctx2=derivations.shared_context(ctx1, members + 1, bytes(32)),
        u3=ids,
    )
    parts = {id: member.deal(round_, id, secrets[id], os.urandom) for id in ids}
    logged = {id: Blob(digest=canon.digest(p.manifest), size=len(p.manifest)) for id, p in parts.items()}
    return Exchange(round_, secrets, parts, logged)


def _ref(index: int) -> Ref:
    return Ref(index=index, digest=canon.digest(str(index).encode()))


def _consent(index: int, id: str, asked: Digest, secrets: Secrets) -> ConsentFacts:
    mask, envelope = member.keys(secrets, asked, "1", 1, id)
    return ConsentFacts(
        ref=_ref(index),
        member=id,
        study=asked,
        period="1",
        attempt=1,
        sealed=SealConsent(attempt=1, rate=100, mask_key=mask, envelope_key=envelope),
        national=False,
        binding=asked,
        policy=asked,
    )


def key_stream(keys: int, cells: int) -> float:
    """Seconds of the bare key streams of so many masks, nothing added."""
    zeros, buffer = bytes(masks.CHUNK), bytearray(masks.CHUNK)
    started = time.perf_counter()
    for _ in range(keys):
        stream = Cipher(algorithms.AES256(os.urandom(32)), modes.CTR(bytes(16))).encryptor()
        for at in range(0, 8 * cells, masks.CHUNK):
            stream.update_into(zeros[: min(masks.CHUNK, 8 * cells - at)], buffer)
    return time.perf_counter() - started


def best(work: object) -> float:
    """Seconds of the best of some runs: what the machine can do when nobody else uses it."""
    found = []
    for _ in range(AGAIN):
        started = time.perf_counter()
        work()  # type: ignore[operator]
        found.append(time.perf_counter() - started)
    return min(found)


def run() -> list[Row]:
    """Two rows a size."""
    rows: list[Row] = []
    for members, cells in SIZES:
        made = exchange(members, cells)
        me = made.round.members[members // 2]
        parcel, values = made.parcel(me), np.arange(cells, dtype="<i8")
        received = member.receive(made.round, me, made.secrets[me], made.logged, parcel)
        assert isinstance(received, Received)

        def mask(made: Exchange = made, me: str = me, received: Received = received, values: object = values) -> None:
            member.answer(made.round, me, made.secrets[me], received.seeds, values, os.urandom)  # type: ignore[arg-type]

        def share(made: Exchange = made, me: str = me, received: Received = received, parcel: object = parcel) -> None:
            member.keys(made.secrets[me], made.round.asked, "1", 1, me)
            own = member.deal(made.round, me, made.secrets[me], os.urandom).kept
            member.receive(made.round, me, made.secrets[me], made.logged, parcel)  # type: ignore[arg-type]
            member.unmask(replace(made.round), me, {**received.pairs, me: own})

        bound = best(lambda members=members, cells=cells: key_stream(members - 1, cells))
        masking, sharing = best(mask), best(share)
        size = f"{members} members, {cells:,} cells"
        rows += [
            _row(members, masking, bound, f"masks and noise; bound: bare key stream of {members - 1} masks; {size}"),
            _row(members, sharing, bound, f"keys, boxes, sharing, list; bound: the same key stream; {size}"),
        ]
    return rows


def _row(n: int, ours: float, bound: float, note: str) -> Row:
    return Row(
        bench="seal.member",
        n=n,
        ours_s=ours,
        bound_s=bound,
        ratio=ours / bound,
        per_s=n / ours,
        peer=None,
        peer_s=None,
        note=f"members; {note}",
    )
