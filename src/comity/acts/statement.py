"""The frame of every act: an in-toto Statement v1 around a typed body, in a DSSE envelope, on one leaf.

Decides the spelling of a leaf, its size, and which kinds exist; whether an act may be said is `assembly.fold.admit`.
`subject` names by SHA-256 what the act is about and follows from the body. `predicate` names the log's origin and a
recent head that the signer saw, so a statement can be replayed neither elsewhere nor later, and a split view becomes
evidence. Source: in-toto attestation framework v1; DSSE 1.0.2.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final, Generic, Protocol, TypeVar

import msgspec

from comity import canon, dsse
from comity.acts import audit, charter, consent, estimate, exchange, key, motion, release, tick
from comity.acts.refs import Blob, Head
from comity.canon import Digest
from comity.errors import FormatError
from comity.keys import Signer

B = TypeVar("B", bound="Body")

PREDICATE: Final = "https://w3id.org/comity/{kind}/v1"
STATEMENT: Final = "https://in-toto.io/Statement/v1"
LIMIT: Final = 16 * 1024  # bytes of a leaf; larger bodies are blobs
CHARTER_LIMIT: Final = (
    2**16 - 1
)  # of leaf 0, which names every founder's keys: the most a log's entry can be (tlog-tiles)


class Body(Protocol):
    """What an act says; a frozen record without floats."""

    def about(self) -> tuple[tuple[str, Digest], ...]:
        """The subjects: a name and the digest of each thing that the act is about."""
        ...


KINDS: Final[Mapping[str, type[Body]]] = {
    "charter": charter.Charter,
    "accession": charter.Accession,
    "withdrawal": charter.Withdrawal,
    "succession": charter.Succession,
    "motion": motion.Motion,
    "motion/withdrawn": motion.MotionWithdrawn,
    "comment": motion.Comment,
    "comment/answered": motion.CommentAnswered,
    "reservation": motion.Reservation,
    "vote": motion.Vote,
    "key/registered": key.KeyRegistered,
    "key/revoked": key.KeyRevoked,
    "recovery": key.Recovery,
    "consent/given": consent.ConsentGiven,
    "consent/refused": consent.ConsentRefused,
    "consent/revoked": consent.ConsentRevoked,
    "policy/published": consent.PolicyPublished,
    "estimate/proposed": estimate.EstimateProposed,
    "estimate/answered": estimate.EstimateAnswered,
    "estimate/settled": estimate.EstimateSettled,
    "exchange/opened": exchange.ExchangeOpened,
    "shares": exchange.Shares,
    "exchange/shared": exchange.ExchangeShared,
    "answer": exchange.Answer,
    "exchange/survivors": exchange.ExchangeSurvivors,
    "unmask": exchange.Unmask,
    "exchange/refused": exchange.ExchangeRefused,
    "exchange/closed": exchange.ExchangeClosed,
    "release/announced": release.ReleaseAnnounced,
    "release/published": release.ReleasePublished,
    "release/withdrawn": release.ReleaseWithdrawn,
    "audit/requested": audit.AuditRequested,
    "audit/answered": audit.AuditAnswered,
    "tick": tick.Tick,
}
# the fields of each kind that may hold a body beside the log, in the open and in a box
_BLOBS, _BOXES = (
    {body: tuple(f.name for f in fields(body) if kind in str(f.type)) for body in KINDS.values()}  # type: ignore[arg-type]
    for kind in ("Blob", "Sealed")
)
_KIND_OF: Final = {body: kind for kind, body in KINDS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One statement, read but not yet judged."""

    actor: str  # member id, or "hub"
    origin: str  # the log it is made for
    head: Head
    body: Body

    @property
    def kind(self) -> str:
        """The kind, as in `predicateType`."""
        return _KIND_OF[type(self.body)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A leaf, read: the act and the envelope that must prove who said it."""

    act: Act
    envelope: dsse.Envelope
    digest: Digest  # SHA-256 of the leaf's bytes; what a `Ref` names


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subject:
    """What an act is about (in-toto ResourceDescriptor: a name and digests by algorithm)."""

    name: str
    digest: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Predicate(Generic[B]):
    """Who says what, for which log, having seen which head."""

    actor: str
    origin: str
    head: Head
    body: B


@dataclass(frozen=True, slots=True, kw_only=True)
class _Statement(Generic[B]):
    """The in-toto Statement of one kind. Field names are the standard's."""

    _type: str
    subject: tuple[_Subject, ...]
    predicateType: str  # noqa: N815
    predicate: _Predicate[B]


@dataclass(frozen=True, slots=True)
class _Named:
    """The one field that says how to read the others."""

    predicateType: str  # noqa: N815


_STATEMENTS: Final = {PREDICATE.format(kind=kind): _Statement[body] for kind, body in KINDS.items()}  # type: ignore[valid-type]


def payload(act: Act) -> bytes:
    """Canonical JSON of the statement: what is signed."""
    return canon.encode(
        _Statement(
            _type=STATEMENT,
            subject=_subject(act.body),
            predicateType=PREDICATE.format(kind=act.kind),
            predicate=_Predicate(actor=act.actor, origin=act.origin, head=act.head, body=act.body),
        )
    )


def _subject(body: Body) -> tuple[_Subject, ...]:
    """What the body is about, as the standard writes it."""
    return tuple(_Subject(name=name, digest={"sha256": canon.hex_of(value)}) for name, value in body.about())


def sign(act: Act, signer: Signer) -> bytes:
    """The leaf: canonical JSON of the envelope; FormatError if it exceeds its kind's limit."""
    leaf = dsse.seal(payload(act), dsse.IN_TOTO, signer)
    _check_size(leaf, limit(act.body), act.kind)
    return leaf


def size(act: Act) -> int:
    """Bytes of the leaf of an act, before anybody has signed it: keyid and signature are as long for every key."""
    blank = dsse.Signature(keyid="0" * 64, sig=bytes(64))
    return len(canon.encode(dsse.Envelope(payload=payload(act), payloadType=dsse.IN_TOTO, signatures=(blank,))))


def limit(body: Body) -> int:
    """Bytes that a leaf with this body may have: 16 KiB, and 64 KiB - 1 for a charter."""
    return CHARTER_LIMIT if isinstance(body, charter.Charter) else LIMIT


def _check_size(leaf: bytes, most: int, where: str) -> None:
    if len(leaf) > most:
        raise FormatError("statement too large", where=where, found=f"{len(leaf)} bytes", wanted=f"{most} at most")


def read(leaf: bytes, *, where: str = "leaf") -> Leaf:
    """Read a leaf strictly, without judging signer or meaning; FormatError for every other spelling."""
    _check_size(leaf, CHARTER_LIMIT, where)
    envelope = dsse.parse(leaf, dsse.IN_TOTO, where=where)
    act = _act(envelope.payload, where)
    _check_size(leaf, limit(act.body), where)
    return Leaf(act=act, envelope=envelope, digest=canon.digest(leaf))


def _act(data: bytes, where: str) -> Act:
    """The typed act of a statement; FormatError unless the statement is the one that says it."""
    try:
        kind = msgspec.json.decode(data, type=_Named).predicateType
        said = canon.decode(data, _STATEMENTS[kind], where=where)
    except (KeyError, msgspec.MsgspecError, UnicodeError, RecursionError) as e:
        raise FormatError("not a statement of this log", where=where, found=str(e), wanted="a known kind") from None
    of = said.predicate
    if said._type != STATEMENT or said.subject != _subject(of.body):
        raise FormatError("the subject is not what the body is about", where=where, wanted="what follows from it")
    return Act(actor=of.actor, origin=of.origin, head=of.head, body=of.body)


def blobs(body: Body) -> tuple[Blob, ...]:
    """The bodies beside the log that an act names, but those in boxes: these are for one actor alone (`boxes`)."""
    named = list[Blob]()
    for name in _BLOBS[type(body)]:
        value = getattr(body, name)
        if isinstance(value, Blob):
            named.append(value)
        elif isinstance(value, tuple):
            named += [one for one in value if isinstance(one, Blob)]
    return tuple(named)


def boxes(body: Body) -> tuple[Blob, ...]:
    """The bodies that an act names and only their addressee may have."""
    values = [getattr(body, name) for name in _BOXES[type(body)]]
    return tuple([value.box for value in values if isinstance(value, estimate.Sealed)])
