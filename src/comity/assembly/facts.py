"""The nouns of a state: an actor, a motion, a consent, an exchange and so on, as the log has them.

Facts only, each with the leaf index it came from; decides nothing. What silence means, and whether a thing holds today,
follows from them and the time: see `assembly.queries`. A state holds them all: `assembly.state`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from comity.acts import audit, estimate
from comity.acts.charter import Matter, Silence
from comity.acts.consent import SealConsent
from comity.acts.exchange import Step
from comity.acts.key import BOX, WITNESS_ML_DSA
from comity.acts.motion import Choice
from comity.acts.refs import Blob, Ref
from comity.acts.release import Figures
from comity.acts.terms import Terms
from comity.assembly.history import History
from comity.canon import Digest
from comity.model.member import Keys, Party
from comity.model.reason import Reason

EMPTY: Mapping[Any, Any] = MappingProxyType({})
# Why a motion is rejected whatever the votes: its thing stands already, what it replaces does not, or the seat that it
# is about has changed; a comment has no answer; its terms hold no more; its mover left, and it ended before its time.
Hindrance = Literal["overtaken", "unanswered", "terms", "left"]


def nothing() -> Mapping[Any, Any]:
    """The one empty mapping, as a factory: Python 3.11 takes a mapping proxy for a mutable default."""
    return EMPTY


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """One actor with its keys as they stand; `since` and `until` are leaf indices of accession and leaving."""

    party: Party
    keys: Keys
    revoked: tuple[str, ...]  # purposes without a valid key
    since: int
    until: int | None  # withdrawn or suspended
    witness_ml_dsa: str = ""  # the second key by which it cosigns, if it registered one
    box: str = ""  # the key to which others seal what only it may read, if it registered one
    recovered: int | None = None  # leaf index of its last recovery

    def key(self, purpose: str) -> str:
        """The key that it registered last for a purpose, revoked or not; "" for none."""
        own = {WITNESS_ML_DSA: self.witness_ml_dsa, BOX: self.box}
        return own[purpose] if purpose in own else str(getattr(self.keys, purpose))

    @property
    def active(self) -> bool:
        """Acceded, not gone, with a valid signing key."""
        return self.until is None and "sign" not in self.revoked

    @property
    def standing(self) -> bool:
        """A member in good standing: active, and with a vote."""
        return self.active and self.party.role == "member"


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionFacts:
    """A motion, who commented and voted, and what followed.

    opened: time of the first tick whose checkpoint holds the motion. Its least time runs from there, whatever `closes`
    says, so that a motion cannot be moved, closed and decided between two ticks that nobody expected.
    called: the tick behind which votes are taken, where there is a consultation; consulted: time of the first tick
    whose checkpoint holds that one. The time to vote runs from there, as the motion's own runs from `opened`.
    held: size of the checkpoint by which it was decided; what was said of it at or behind that leaf came too late.
    """

    ref: Ref
    mover: str
    matter: Matter
    thing: Blob
    name: str
    replaces: Ref | None
    closes: int
    consultation: int = 0  # seconds, of the rule under which it was moved
    seconds: int = 0  # least time, of the same rule
    votes: History[str, Choice] = field(default_factory=History)
    cast: History[str, int] = field(default_factory=History)  # member -> leaf index of its vote
    comments: History[int, str] = field(default_factory=History)  # leaf index of a comment -> who made it
    opened: int | None = None  # POSIX seconds
    called: int | None = None  # leaf index
    consulted: int | None = None  # POSIX seconds
    outcome: Literal["open", "adopted", "rejected", "withdrawn", "amended"] = "open"
    ended: int | None = None  # leaf index at which its mover withdrew or amended it
    tick: int | None = None  # index of the tick that closed it
    held: int | None = None
    hindrance: Hindrance | None = None
    amends: Ref | None = None
    starts: int | None = None  # POSIX seconds
    review: int | None = None  # POSIX seconds
    terms: Terms | None = None
    spoke: History[str, int] = field(default_factory=History)  # actor -> how many comments
    answers: History[int, int] = field(default_factory=History)  # leaf index of a comment -> that of its answer


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """A thing that the members adopted, the motion that did it, and the tick that decided it.

    It is in force from `starts`, and before `until`, which is when a newer version begins; None: no such is decided.
    """

    matter: Matter
    thing: Blob
    name: str
    motion: Ref
    tick: int
    time: int  # POSIX seconds of that tick
    starts: int  # POSIX seconds
    until: int | None = None  # POSIX seconds
    review: int | None = None  # POSIX seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentFacts:
    """One consent as it stands."""

    ref: Ref
    member: str
    study: Digest
    period: str
    attempt: int  # in whose time it was given; a sealed consent serves this attempt
    sealed: SealConsent | None
    national: bool
    binding: Digest
    policy: Digest
    revoked: int | None = None  # leaf index


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalFacts:
    """One refusal of a study, with its reasons."""

    ref: Ref
    member: str
    study: Digest
    period: str
    attempt: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A member's first statement of one step: where, and the body it names."""

    ref: Ref
    body: Blob


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSaid:
    """The hub's first statement of one step: where, and the leaf indices it names."""

    ref: Ref
    leaf_hash: bytes  # RFC 6962 leaf hash, 32 bytes: SEAL binds its contexts to it
    members: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A member that left the exchange: where it said so, in which step, why, and whom it blames."""

    ref: Ref
    step: Step
    reason: Reason
    blames: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """How the exchange ended."""

    ref: Ref
    sum: Blob | None
    view: Blob | None
    failed: Reason | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeFacts:
    """One attempt: the first effective statement of each kind under the key of its proper author.

    Who left, revoked or came too late is in no later set; what needs the study's text is checked in `seal.round`.
    """

    opened: HubSaid  # members = roster as consent indices
    study: Digest
    period: str
    attempt: int
    deadlines: tuple[int, int, int, int]  # shares, answer, unmask, closed
    shares: History[str, Said] = field(default_factory=History)  # member -> its `shares`
    shared: HubSaid | None = None
    answers: History[str, Said] = field(default_factory=History)
    survivors: HubSaid | None = None
    unmask: History[str, Said] = field(default_factory=History)
    left: Mapping[str, Left] = field(default_factory=nothing)
    closed: Closed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A term of an office: which member nominates for it, from when until when, and by which motion."""

    office: str
    member: str
    starts: int  # POSIX seconds
    until: int  # POSIX seconds
    motion: Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationFacts:
    """What a member reserved of a norm at one leaf; without parts it lifted what it had reserved before."""

    ref: Ref
    member: str
    norm: Digest
    parts: tuple[str, ...]
    text: Blob | None
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateAnswer:
    """How a country answered."""

    ref: Ref
    answer: estimate.Answer
    reasons: tuple[Reason, ...]
    counter: estimate.Sealed | None
    note: Blob | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """How an estimate ended."""

    ref: Ref
    outcome: estimate.Settlement
    opened: Blob | None
    counter: Blob | None
    time: int  # POSIX seconds, of the last tick before it


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateFacts:
    """An estimate for a country. Silence is no fact of its own: it follows from `deadline` and the time.

    opened: time of the first tick whose checkpoint holds it. The charter's least time runs from there, and `deadline`
    is moved to its end if it was named earlier: nobody shortens it by asking when the last tick is long past.
    silence: what the charter says of no answer, as it stood at that tick; an amendment changes no past silence.
    absent: the member was out of good standing when its time was over, and could not answer.
    """

    ref: Ref
    custodian: str
    member: str
    series: str
    period: str
    method: Digest | None
    value: estimate.Sealed
    deadline: int  # POSIX seconds
    opened: int | None = None  # POSIX seconds
    silence: Silence = "objected"
    absent: bool = False
    answer: EstimateAnswer | None = None
    settled: Settled | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditAnswer:
    """How a request for an audit was answered. It came late if `time` is past the request's deadline."""

    ref: Ref
    answer: audit.Answer
    reasons: tuple[Reason, ...]
    evidence: tuple[Blob, ...]
    time: int  # POSIX seconds, of the last tick before it


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFacts:
    """A request for an audit. Silence follows from `deadline` and the time.

    opened: time of the first tick whose checkpoint holds it. The charter's time to answer runs from there; before it,
    `deadline` is the earliest that it can be.
    """

    ref: Ref
    asks: str
    asked: str
    release: Ref
    figure: int
    text: Blob
    language: str
    deadline: int  # POSIX seconds
    opened: int | None = None  # POSIX seconds
    answer: AuditAnswer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SuccessionFacts:
    """A change of hub: where the new one begins, by which motion, and the names of the log before and after."""

    ref: Ref
    motion: Ref
    before: str  # origin
    log: str  # key by which the old hub signed checkpoints
    after: str  # origin
    size: int  # of the final checkpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """A line of the release calendar."""

    ref: Ref
    publisher: str  # "hub" or a member
    study: Digest
    period: str
    time: int  # POSIX seconds
    earlier: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseFacts:
    """One release: who published it, from which leaves."""

    ref: Ref
    publisher: str  # "hub" or a member
    release: Blob
    figures: Figures
    inputs: tuple[int, ...]
    replaces: Ref | None
    withdrawn: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """A leaf that is in the log against the rules: without effect, and evidence against the hub."""

    index: int
    reasons: tuple[Reason, ...]
