"""A small real assembly for tests: true keys, a charter, leaves signed by who may say them, true cosignatures.

Nothing is mocked: every leaf goes through the fold. A builder that says something the rules refuse fails at once, with
the reasons, unless the test asks for the reasons (`refused`). Secrets follow from ids, so a failing test fails again.

    assembly = Assembly(members=4)             # founders m1..m4, all witnesses, acceded, and a first tick
    study = assembly.adopt("study", b"{}")     # moved, voted, decided by ticks; its digest
    assembly.consent("m1", study)
    assembly.state.consents
"""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from hashlib import sha256
from typing import Self, get_args

from comity import canon
from comity.acts.charter import Accession, Charter, Hub, Matter, Rule, Succession, Withdrawal
from comity.acts.consent import ConsentGiven, ConsentRefused, ConsentRevoked, SealConsent
from comity.acts.exchange import (
    Answer,
    ExchangeClosed,
    ExchangeOpened,
    ExchangeShared,
    ExchangeSurvivors,
    Extract,
    Shares,
    Unmask,
)
from comity.acts.key import KeyRegistered, Purpose, Recovery, possession
from comity.acts.motion import Choice, Comment, CommentAnswered, Motion, Reservation, Taken, Vote
from comity.acts.refs import Blob, Head, Ref
from comity.acts.release import Figures
from comity.acts.statement import Act, Body, sign
from comity.acts.terms import Host, Terms
from comity.acts.tick import Tick
from comity.assembly import fold, queries, tally, witnesses
from comity.assembly.rules.motion import closing, consults_until
from comity.assembly.state import State
from comity.canon import Digest
from comity.keys import Ed25519Signer, Signer
from comity.model.member import HUB, Keys, Party, Role
from comity.model.reason import Reason
from comity.tlog import note
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.cosignature import cosign

START = 1_700_000_000  # POSIX seconds of the first tick
ORIGIN = "example.org/assembly"
MAJORITY = Rule(method="majority", share=50, quorum=50, objections=0, seconds=60)
PURPOSES = ("sign", "officer", "witness")


def signer(owner: str, purpose: str) -> Ed25519Signer:
    """The key of an owner for a purpose; the hub's purposes are `sign` and `log`."""
    return Ed25519Signer(sha256(f"{owner} {purpose}".encode()).digest())


def party(id: str, *, role: Role = "member", weight: int = 1, area: str = "001") -> Party:
    """A party with its own keys."""
    keys = {purpose: signer(id, purpose).public for purpose in PURPOSES}
    return Party(id=id, area=area, role=role, weight=weight if role == "member" else 0, keys=Keys(**keys))


def host_of(name: str, *, host: str = "", address: str = "") -> Host:
    """A hub to which a log may go, with its own keys, address and name of the log."""
    address = address or f"http://127.0.0.1:8000/{name}"
    owner, origin = f"{HUB} {name}", f"{name}.example.org/assembly"
    hub = Hub(sign=signer(owner, "sign").public, log=signer(owner, "log").public, address=address)
    return Host(origin=origin, hub=hub, host=host, proofs=(held(origin, owner, "sign"), held(origin, owner, "log")))


def held(origin: str, owner: str, purpose: str) -> bytes:
    """The word of a hub's key that the hub holds it."""
    one = signer(owner, purpose)
    return one.sign(possession(origin, HUB, purpose, one.public))


def naming(id: str, purpose: Purpose, key: Signer, origin: str = ORIGIN) -> KeyRegistered:
    """What an actor says to register a key that it holds."""
    return KeyRegistered(purpose=purpose, key=key.public, proof=key.sign(possession(origin, id, purpose, key.public)))


def recovering(id: str, fresh: Mapping[str, Signer], origin: str = ORIGIN) -> Recovery:
    """What an actor says to recover, by new keys that it holds."""
    sign, officer, witness = (fresh[what].sign(possession(origin, id, what, fresh[what].public)) for what in PURPOSES)
    keys = Keys(**{purpose: one.public for purpose, one in fresh.items()})
    return Recovery(keys=keys, proofs=(sign, officer, witness))


def host_signer(host: Host, purpose: str) -> Ed25519Signer:
    """The key of such a hub."""
    return signer(f"{HUB} {host.origin.partition('.')[0]}", purpose)


# Of a release that nobody verifies: one figure, under no heading.
FIGURES = Figures(count=1, root=canon.digest(b"\x00figure"), heading=canon.digest(b"heading"))


def blob(data: bytes) -> Blob:
    """How an act names a body."""
    return Blob(digest=canon.digest(data), size=len(data))


def encoded(thing: object) -> bytes:
    """A thing as it is voted on: bytes as they are, a record as canonical JSON."""
    return thing if isinstance(thing, bytes) else canon.encode(thing)


def charter_of(
    founders: Iterable[Party],
    *,
    witnesses: Sequence[str] | None = None,
    rules: Mapping[str, Rule] | None = None,
    origin: str = ORIGIN,
) -> Charter:
    """A charter of these founders; the first convenes, and up to 15 members are witnesses unless others are named."""
    parties = tuple(sorted(founders, key=lambda one: one.id))
    named = witnesses if witnesses is not None else [one.id for one in parties if one.role == "member"][:15]
    hub = Hub(sign=signer(HUB, "sign").public, log=signer(HUB, "log").public, address="http://127.0.0.1:8000")
    return Charter(
        name="Assembly of the tests",
        origin=origin,
        convenor=parties[0].id,
        founders=parties,
        hub=hub,
        witnesses=tuple(sorted(named)),
        rules=dict.fromkeys(get_args(Matter), MAJORITY) | dict(rules or {}),
        challenge_seconds=3600,
    )


class Assembly:
    """An assembly and its log: `leaves`, the `state` they make, and verbs that append.

    Args:
        members: founders m1..mN with one vote each, or their parties.
        others: founders that are no members.
        witnesses: ids; the members, 15 at most, unless given.
        rules: by matter, where they differ from MAJORITY (60 seconds).
        ready: all founders accede and a first tick tells the time. False: only the charter is there.
        charter: leaf 0, if it is to be another than `charter_of` makes.
    """

    def __init__(
        self,
        members: int | Sequence[Party] = 4,
        *,
        others: Sequence[Party] = (),
        witnesses: Sequence[str] | None = None,
        rules: Mapping[str, Rule] | None = None,
        ready: bool = True,
        charter: Charter | None = None,
    ) -> None:
        parties = [party(f"m{i}") for i in range(1, members + 1)] if isinstance(members, int) else list(members)
        self.charter = charter or charter_of([*parties, *others], witnesses=witnesses, rules=rules)
        self.parties = {one.id: one for one in self.charter.founders}
        self.signers = {
            (id, purpose): signer(id, purpose) for id in [*self.parties, HUB] for purpose in (*PURPOSES, "log")
        }
        self.state: State = fold.start()
        self.leaves: list[bytes] = []
        self.bodies: dict[Digest, bytes] = {}
        self.say(self.charter.convenor, self.charter)
        if ready:
            self.accede(*self.parties)
            self.tick(START)

    @property
    def members(self) -> tuple[str, ...]:
        """Ids of members in good standing."""
        return tuple(self.state.members)

    @property
    def time(self) -> int:
        """What the last tick told."""
        return self.state.time

    @property
    def origin(self) -> str:
        """What the log is called now."""
        return self.state.charter.origin if self.state.charter else self.charter.origin

    # What any actor says

    def head(self, size: int | None = None) -> Head:
        """A head of this log; the newest unless a size is given."""
        size = self.state.size if size is None else size
        return Head(size=size, root=self.state.roots[size])

    def leaf(
        self,
        actor: str,
        body: Body,
        *,
        by: Ed25519Signer | None = None,
        head: Head | None = None,
        origin: str | None = None,
    ) -> bytes:
        """A signed leaf that is not appended; every field can be made false."""
        act = Act(actor=actor, origin=origin or self.origin, head=head or self.head(), body=body)
        purpose = "officer" if act.kind.startswith("key/") else "sign"
        return sign(act, by or self.signers[actor, purpose])

    def say(self, actor: str, body: Body, *, by: Ed25519Signer | None = None) -> Ref:
        """Append what the actor says; fails with the reasons if the rules refuse it."""
        return self.append(self.leaf(actor, body, by=by))

    def append(self, leaf: bytes) -> Ref:
        """Append a leaf that must have effect."""
        ref = self.ref_of(leaf)
        reasons = self.smuggle(leaf)
        assert reasons == (), f"leaf {ref.index} is against the rules: {reasons}"
        return ref

    def smuggle(self, leaf: bytes) -> tuple[Reason, ...]:
        """Append a leaf whatever the rules say, as a hub would that does not keep them; the reasons against it."""
        self.state, reasons = fold.step(self.state, leaf)
        self.leaves.append(leaf)
        return reasons

    def refused(self, actor: str, body: Body, *, by: Ed25519Signer | None = None) -> list[str]:
        """Codes of the reasons against a statement, which is not appended."""
        return [reason.code for reason in fold.admit(self.state, self.leaf(actor, body, by=by))]

    def ref_of(self, leaf: bytes) -> Ref:
        """How others would point to this leaf at the end of the log."""
        return Ref(index=self.state.size, digest=canon.digest(leaf))

    def ref(self, index: int) -> Ref:
        """How others point to a leaf that is in the log."""
        return Ref(index=index, digest=canon.digest(self.leaves[index]))

    def body(self, data: bytes) -> Blob:
        """A body beside the log, kept in `bodies`."""
        self.bodies[canon.digest(data)] = data
        return blob(data)

    # Time

    def checkpoint(self, size: int | None = None) -> Checkpoint:
        """The log's own statement about its head."""
        size = self.state.size if size is None else size
        return Checkpoint(self.origin, size, canon.raw_of(self.state.roots[size]))

    def cosigned(self, time: int, *, size: int | None = None, by: Iterable[str] | None = None) -> str:
        """A checkpoint's note: the log's signature, and cosignatures of the witnesses (or of `by`) at a time."""
        text = str(self.checkpoint(size))
        lines = [note.sign(text, self.origin, self.signers[HUB, "log"])]
        for id in self.cosigners() if by is None else by:
            name = witnesses.key_name(self.origin, id)
            lines.append(cosign(text, name, time, self.signers[id, "witness"]))
        return str(note.Note(text, tuple(lines)))

    def cosigners(self) -> tuple[str, ...]:
        """The charter's, and those whom open motions name: their nodes cosign as well."""
        terms = (self.state.motions[index].terms for index in self.state.pending)
        named = {id for one in terms if one is not None for id in one.witnesses or ()}
        return tuple(sorted({*witnesses.charter_of(self.state).witnesses, *named}))

    def tick(self, time: int | None = None) -> Ref:
        """The hub logs a tick by the newest checkpoint; ten seconds after the last unless a time is given."""
        return self.say(HUB, Tick(checkpoint=self.cosigned(time or self.state.time + 10)))

    # Members and motions

    def accede(self, *ids: str) -> None:
        """Founders join."""
        for id in ids:
            self.join(self.parties[id])

    def join(self, one: Party) -> Ref:
        """A founder, or a party that a motion admitted, joins."""
        self.parties[one.id] = one
        self.signers |= {
            (one.id, purpose): signer(one.id, purpose) for purpose in PURPOSES if (one.id, purpose) not in self.signers
        }
        return self.say(one.id, Accession(charter=self._digest(), party=one))

    def withdraw(self, id: str) -> Ref:
        """A member leaves."""
        return self.say(id, Withdrawal(charter=self._digest()))

    def motion(
        self,
        matter: Matter,
        thing: object,
        *,
        mover: str | None = None,
        name: str = "thing/1",
        replaces: Ref | None = None,
        closes: int | None = None,
        amends: Ref | None = None,
        starts: int | None = None,
        review: int | None = None,
    ) -> Ref:
        """A motion by the first member; it closes as early as the charter's rule allows. Terms stand in it whole."""
        earliest = self.state.time + witnesses.charter_of(self.state).rules[matter].seconds
        body = Motion(
            matter=matter,
            thing=self.body(encoded(thing)),
            name=name,
            replaces=replaces,
            closes=earliest if closes is None else closes,
            terms=thing if isinstance(thing, Terms) else None,
            amends=amends,
            starts=starts,
            review=review,
        )
        return self.say(mover or self.members[0], body)

    def comment(self, motion: Ref, member: str, text: bytes = b"Why?") -> Ref:
        """A remark in English."""
        return self.say(member, Comment(motion=motion, text=self.body(text), language="en"))

    def reply(self, comment: Ref, answer: Taken = "noted", text: bytes = b"So.") -> Ref:
        """The mover answers a comment."""
        mover = self.state.motions[self.state.remarks[comment.index]].mover
        return self.say(mover, CommentAnswered(comment=comment, answer=answer, text=self.body(text), language="en"))

    def consult(self, motion: Ref) -> None:
        """Ticks until votes on a motion are taken; none if its rule asks for no consultation."""
        while (facts := self.state.motions[motion.index]).consultation and facts.called is None:
            self.tick(consults_until(facts))

    def vote(self, motion: Ref, choice: Choice, *ids: str) -> None:
        """These members, or all that have a vote on it, vote."""
        charter, matter = witnesses.charter_of(self.state), self.state.motions[motion.index].matter
        for id in ids or tally.voters(charter, matter, self.state.members):
            self.say(id, Vote(motion=motion, choice=choice))

    def decide(self, motion: Ref) -> Ref:
        """Ticks until the motion is decided; the last of them."""
        tick = self.tick()
        while self.state.motions[motion.index].outcome == "open":
            tick = self.tick(closing(self.state.motions[motion.index]))
        return tick

    def adopt(
        self, matter: Matter, thing: object, *, name: str = "thing/1", replaces: Ref | None = None, **dates: int
    ) -> Digest:
        """A motion that all vote for, decided; the thing's digest. dates: `starts`, `review`."""
        motion = self.motion(matter, thing, name=name, replaces=replaces, **dates)
        self.consult(motion)
        self.vote(motion, "yes")
        self.decide(motion)
        assert self.state.motions[motion.index].outcome == "adopted"
        return canon.digest(encoded(thing))

    def reserve(self, member: str, norm: Digest, *parts: str, text: bytes | None = None) -> Ref:
        """A member applies a norm but for these parts; without parts it lifts what it had reserved."""
        why = None if text is None else self.body(text)
        return self.say(member, Reservation(norm=norm, parts=parts, text=why, language="en" if why else ""))

    # Another hub, other keys

    def choose(self, host: Host) -> Ref:
        """All members vote for a hub; the adopted motion."""
        motion = self.motion_of(host)
        self.vote(motion, "yes")
        self.decide(motion)
        assert self.state.motions[motion.index].outcome == "adopted"
        return motion

    def motion_of(self, host: Host) -> Ref:
        """The first member moves that the log go to a hub."""
        terms = Terms(hub=host)
        closes = self.state.time + self.state.charter.rules["hub"].seconds if self.state.charter else 0
        body = Motion(
            matter="hub",
            thing=self.body(encoded(terms)),
            name=host.origin,
            replaces=None,
            closes=closes,
            terms=terms,
        )
        return self.say(self.members[0], body)

    def copied(self) -> Self:
        """The same log in another hand; what either says from now on is not in the other."""
        other = copy(self)
        other.leaves, other.signers, other.bodies = list(self.leaves), dict(self.signers), dict(self.bodies)
        return other

    def take_over(self, host: Host, motion: Ref, final: str) -> Ref:
        """The chosen hub begins behind the final checkpoint; from here on its keys are the hub's."""
        ref = self.append(self.leaf(HUB, Succession(motion=motion, final=final), by=host_signer(host, "sign")))
        self.signers |= {(HUB, purpose): host_signer(host, purpose) for purpose in ("sign", "log")}
        return ref

    def recover(self, id: str, name: str = "again") -> Ref:
        """An actor that lost all but its officer key names new keys, which it uses from here on."""
        fresh = {purpose: signer(f"{id} {name}", purpose) for purpose in PURPOSES}
        ref = self.say(id, recovering(id, fresh, self.origin), by=self.signers[id, "officer"])
        self.signers |= {(id, purpose): one for purpose, one in fresh.items()}
        return ref

    def move(self, name: str = "second") -> Ref:
        """The log goes over to another hub, with everything that belongs to it; the succession."""
        host = host_of(name)
        motion = self.choose(host)
        return self.take_over(host, motion, self.cosigned(self.state.time + 5))

    # Consents and exchanges

    def consent(
        self,
        member: str,
        study: Digest,
        *,
        period: str = "1",
        national: bool = False,
        sealed: SealConsent | int | None = 1,
        binding: Digest | None = None,
        policy: Digest | None = None,
    ) -> Ref:
        """A consent; `sealed` is what it says, or an attempt for which keys are made up, or None."""
        if isinstance(sealed, int):
            sealed = made_up(member, study, period, sealed)
        none = canon.digest(b"")
        body = ConsentGiven(
            study=study,
            period=period,
            sealed=sealed,
            national=national,
            binding=binding or none,
            policy=policy or none,
        )
        return self.say(member, body)

    def refuse(self, member: str, study: Digest, *reasons: Reason, period: str = "1") -> Ref:
        """A refusal, for its policy's noise floor unless other reasons are given."""
        given = reasons or (Reason(code="policy.noise-below-floor"),)
        return self.say(member, ConsentRefused(study=study, period=period, reasons=given))

    def revoke(self, consent: Ref) -> Ref:
        """A member takes its consent back."""
        return self.say(self.state.consents[consent.index].member, ConsentRevoked(consent=consent))

    def open(
        self,
        study: Digest,
        *,
        period: str = "1",
        attempt: int | None = None,
        roster: tuple[int, ...] | None = None,
        deadlines: tuple[int, int, int, int] | None = None,
    ) -> Ref:
        """The hub opens the next attempt with all who consented; steps of 100 seconds."""
        attempt = queries.attempt(self.state, study, period) if attempt is None else attempt
        at = self.state.time
        body = ExchangeOpened(
            study=study,
            period=period,
            attempt=attempt,
            roster=queries.roster(self.state, study, period, attempt) if roster is None else roster,
            deadlines=deadlines or (at + 100, at + 200, at + 300, at + 400),
        )
        return self.say(HUB, body)

    def shares(self, exchange: Ref, member: str, manifest: bytes | None = None) -> Ref:
        """A member names its manifest; made up unless given."""
        body = self.body(f"manifest of {member} in {exchange.index}".encode() if manifest is None else manifest)
        return self.say(member, Shares(exchange=exchange, manifest=body))

    def shared(self, exchange: Ref, members: tuple[int, ...] | None = None) -> Ref:
        """The hub fixes U2: all who said `shares`, unless others are given."""
        said = self.state.exchanges[exchange.index].shares.values()
        members = tuple(sorted(one.ref.index for one in said)) if members is None else members
        return self.say(HUB, ExchangeShared(exchange=exchange, members=members))

    def answer(self, exchange: Ref, member: str, vector: bytes | None = None, *, epsilon: str | None = None) -> Ref:
        """A member names its sealed vector; made up unless given."""
        body = self.body(f"vector of {member} in {exchange.index}".encode() if vector is None else vector)
        extract = self.extract(exchange, member)
        return self.say(member, Answer(exchange=exchange, consent=None, body=body, epsilon=epsilon, extract=extract))

    def national(self, consent: Ref, cube: bytes | None = None) -> Ref:
        """A member names its national cube; made up unless given."""
        member = self.state.consents[consent.index].member
        body = self.body(f"cube of {member} by {consent.index}".encode() if cube is None else cube)
        extract = self.extract(consent, member)
        return self.say(member, Answer(exchange=None, consent=consent, body=body, extract=extract))

    def extract(self, asked: Ref, member: str) -> Extract:
        """What an answer says that it was counted from: made up, under the binding that the member consented with."""
        exchange = self.state.exchanges.get(asked.index)
        given = [self.state.consents[index] for index in (exchange.opened.members if exchange else (asked.index,))]
        binding = next((one.binding for one in given if one.member == member), canon.digest(b""))
        commitment = canon.digest(f"extract of {member} for leaf {asked.index}".encode())
        return Extract(commitment=commitment, binding=binding, software="comity 0.1.0")

    def survivors(self, exchange: Ref, members: tuple[int, ...] | None = None) -> Ref:
        """The hub fixes U3: all who answered, unless others are given."""
        said = self.state.exchanges[exchange.index].answers.values()
        members = tuple(sorted(one.ref.index for one in said)) if members is None else members
        return self.say(HUB, ExchangeSurvivors(exchange=exchange, members=members))

    def unmask(self, exchange: Ref, member: str, shares: bytes | None = None) -> Ref:
        """A member names its list of shares; made up unless given."""
        body = self.body(f"shares of {member} in {exchange.index}".encode() if shares is None else shares)
        return self.say(member, Unmask(exchange=exchange, shares=body))

    def close(self, exchange: Ref, *, sum: bytes = b"sum", view: bytes = b"view", failed: Reason | None = None) -> Ref:
        """The hub closes the exchange with a sum, or as failed."""
        body = ExchangeClosed(
            exchange=exchange,
            sum=None if failed else self.body(sum),
            view=None if failed else self.body(view),
            failed=failed,
        )
        return self.say(HUB, body)

    def run(self, study: Digest, *, period: str = "1") -> Ref:
        """All members consent and go through a whole exchange, with made-up bodies; its reference."""
        for member in self.members:
            self.consent(member, study, period=period, sealed=queries.attempt(self.state, study, period))
        exchange = self.open(study, period=period)
        for member in self.members:
            self.shares(exchange, member)
        self.shared(exchange)
        for member in self.members:
            self.answer(exchange, member)
        self.survivors(exchange)
        for member in self.members:
            self.unmask(exchange, member)
        self.close(exchange)
        return exchange

    def _digest(self) -> Digest:
        return canon.digest(canon.encode(self.charter))


def made_up(member: str, study: Digest, period: str, attempt: int) -> SealConsent:
    """Keys to which boxes could be sealed, and that nobody could open; different for each member and attempt."""
    name = f"{member} {study} {period} {attempt}"

    def key(kind: str) -> bytes:
        # Bytes of the bits 11001100 make coefficients below 3329, as an ML-KEM key must hold.
        return bytes(byte & 0xCC for byte in sha256(f"{kind} {name}".encode()).digest() * 38)

    return SealConsent(attempt=attempt, rate=100, mask_key=key("mask"), envelope_key=key("envelope"))
