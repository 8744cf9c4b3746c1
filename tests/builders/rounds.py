"""One exchange by its arithmetic alone: a round made by hand, all members' parts, and the opening. No log, no machine.

Dealing is the same for every exchange of one size (`dealt`), so that hundreds of exchanges take seconds; what a test
varies is who drops out, what was counted, and which body is spoilt.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from comity import canon
from comity.acts.consent import SealConsent
from comity.acts.refs import Blob, Ref
from comity.assembly.facts import ConsentFacts, ExchangeFacts, HubSaid, Said
from comity.canon import Digest
from comity.model.reason import Reason
from comity.stages.seal import derivations, hub, member, opening
from comity.stages.seal.member import Broken, Dealt, Pair, Received, Secrets
from comity.stages.seal.opening import Opened
from comity.stages.seal.round import Round
from tests.builders.seal import Store, Stream, study_of


def ref(index: int) -> Ref:
    return Ref(index=index, digest=canon.digest(str(index).encode()))


def blob(body: bytes) -> Blob:
    return Blob(digest=canon.digest(body), size=len(body))


def ids(n: int) -> tuple[str, ...]:
    return tuple(f"m{i:03}" for i in range(1, n + 1))


def round_of(n: int, *, colluding: int = 1, cells: int = 5, noise: bool = False, exchange: int = 1000) -> Round:
    """A round before anything is shared."""
    study = study_of(cells=cells, colluding=colluding, noise=noise)
    consents = {}
    for i, id in enumerate(ids(n)):
        mask, envelope = member.keys(secrets_of(id), study.digest, "2020", 1, id)
        sealed = SealConsent(attempt=1, rate=100, mask_key=mask, envelope_key=envelope)
        none = canon.digest(b"")
        consents[id] = ConsentFacts(
            ref=ref(i), member=id, study=study.digest, period="2020", attempt=1, sealed=sealed, national=False,
            binding=none, policy=none,
        )  # fmt: skip
    return Round(
        ref=ref(exchange),
        study=study,
        asked=study.digest,
        period="2020",
        attempt=1,
        deadlines=(100, 200, 300, 400),
        consents=consents,
        members=ids(n),
        places={id: i + 1 for i, id in enumerate(ids(n))},
        ctx1=derivations.opened_context("example.org/log", exchange, bytes(32)),
        u2=None,
        ctx2=None,
        u3=None,
    )


def secrets_of(id: str, text: str = "") -> Secrets:
    return member.draw(Stream(f"secrets of {id}{text}"))


@lru_cache(maxsize=16)
def dealt(n: int, colluding: int, cells: int, noise: bool) -> tuple[Round, Mapping[str, Dealt]]:
    """Everyone deals honestly."""
    round_ = round_of(n, colluding=colluding, cells=cells, noise=noise)
    return round_, {id: member.deal(round_, id, secrets_of(id), Stream(f"deal {id}")) for id in round_.members}


@dataclass
class Exchange:
    """One exchange; each step fixes who is in it."""

    round: Round
    parts: dict[str, Dealt]
    store: Store
    facts: ExchangeFacts
    received: dict[str, Received]
    lists: dict[str, bytes]

    @classmethod
    def of(cls, n: int, *, colluding: int = 1, cells: int = 5, noise: bool = False) -> "Exchange":
        round_, parts = dealt(n, colluding, cells, noise)
        facts = ExchangeFacts(
            opened=HubSaid(ref=round_.ref, leaf_hash=bytes(32), members=tuple(range(n))),
            study=round_.asked,
            period="2020",
            attempt=1,
            deadlines=round_.deadlines,
        )
        return cls(round_, dict(parts), Store(), facts, {}, {})

    @property
    def values(self) -> dict[str, NDArray[np.int64]]:
        return {id: values(self.round, id) for id in self.round.members}

    def share(self, *dropped: str) -> None:
        """Step 1: all but the dropped send manifest and boxes; U2 is fixed."""
        u2 = tuple(id for id in self.round.members if id not in dropped)
        for id in u2:
            for body in (self.parts[id].manifest, *self.parts[id].boxes):
                self.store.put(body)
        said = {id: Said(ref=ref(2000 + i), body=blob(self.parts[id].manifest)) for i, id in enumerate(u2)}
        fixed = HubSaid(ref=ref(3000), leaf_hash=bytes(32), members=tuple(one.ref.index for one in said.values()))
        self.facts = replace(self.facts, shares=said, shared=fixed)
        self.round = replace(self.round, u2=u2, ctx2=derivations.shared_context(self.round.ctx1, 3000, fixed.leaf_hash))

    def parcel(self, me: str) -> list[bytes]:
        """What the hub hands to a member."""
        found: list[bytes] = []
        listed = hub.manifests(self.round, self.facts, self.store)
        for sender in self.round.u2 or ():
            if sender != me:
                line = listed[sender].lines[self.round.places[me] - 1]
                found += [self.parts[sender].manifest, self.store.get(digest_of(line.share_box))]
                if line.seed_box is not None:
                    found.append(self.store.get(line.seed_box))
        return found

    def receive(self, me: str, parcel: Iterable[bytes] | None = None) -> Received | Broken:
        """Step 2, first half: a member opens what was sent to it."""
        logged = {id: said.body for id, said in self.facts.shares.items()}
        parts = self.parcel(me) if parcel is None else list(parcel)
        return member.receive(self.round, me, secrets_of(me), logged, parts)

    def vector(self, me: str, dice: str = "") -> bytes:
        got = self.receive(me)
        assert isinstance(got, Received), got
        self.received[me] = got
        return member.answer(self.round, me, secrets_of(me), got.seeds, self.values[me], Stream(f"noise {me} {dice}"))

    def answer(self, *dropped: str) -> None:
        """Step 2: all of U2 but the dropped send their vectors; U3 is fixed."""
        u3 = tuple(id for id in self.round.u2 or () if id not in dropped)
        bodies = {id: self.vector(id) for id in u3}
        for body in bodies.values():
            self.store.put(body)
        said = {id: Said(ref=ref(4000 + i), body=blob(body)) for i, (id, body) in enumerate(bodies.items())}
        fixed = HubSaid(ref=ref(5000), leaf_hash=bytes(32), members=tuple(one.ref.index for one in said.values()))
        self.facts = replace(self.facts, answers=said, survivors=fixed)
        self.round = replace(self.round, u3=u3)

    def pairs(self, me: str) -> dict[str, Pair]:
        return {**self.received[me].pairs, me: self.parts[me].kept}

    def unmask(self, *dropped: str) -> None:
        """Step 3: all of U3 but the dropped give their lists."""
        for me in self.round.u3 or ():
            if me not in dropped:
                self.lists[me] = member.unmask(self.round, me, self.pairs(me))
        self.listed()

    def listed(self) -> None:
        """The lists, as they are, are in the log and at the hub."""
        for body in self.lists.values():
            self.store.put(body)
        said = {id: Said(ref=ref(6000 + i), body=blob(body)) for i, (id, body) in enumerate(self.lists.items())}
        self.facts = replace(self.facts, unmask=said)

    def open(self) -> Opened | Reason:
        listed = hub.manifests(self.round, self.facts, self.store)
        lists = hub.unmasked(self.round, self.facts, self.store)
        return opening.opened(self.round, self.facts, listed, lists, self.store)

    def sum(self) -> list[int]:
        found = self.open()
        assert isinstance(found, Opened), found
        return [int(x) for x in np.frombuffer(found.sum, "<i8")]

    def truth_of(self, id: str) -> list[int]:
        """One member's values, clipped: what an attacker is after."""
        bound = self.round.study.bound
        return [int(x) for x in np.clip(self.values[id], -bound, bound)]

    def dealers(self) -> list[tuple[str, Secrets, Stream]]:
        """What each member deals with."""
        return [(id, secrets_of(id), Stream(f"deal {id}")) for id in self.round.members]

    def truth(self) -> list[int]:
        """Sum over U3, clipped as the study says."""
        bound = self.round.study.bound
        inside = [np.clip(self.values[id], -bound, bound) for id in self.round.u3 or ()]
        return [int(x) for x in np.sum(inside, axis=0)]


def values(round_: Round, id: str) -> NDArray[np.int64]:
    """Some values, negative and out of bounds too."""
    raw = Stream(f"values of {id}")(4 * round_.length)
    return np.frombuffer(raw, "<i4").astype("<i8") % 40_001 - 20_000


def digest_of(box: Digest | None) -> Digest:
    assert box is not None
    return box
