"""The charter family: what the assembly is founded on, who joins and who leaves, and where the log is kept.

`charter` is leaf 0 and nothing else: rules, founders and their keys, the hub's keys, witnesses. A founder becomes a
member by its own `accession`; anyone else needs a motion about the member first. What a decision changes of the charter
is `acts.terms`.
"""

from dataclasses import dataclass, field
from typing import Final, Literal

from comity import canon
from comity.acts.refs import Ref
from comity.canon import Digest
from comity.model.member import Party

Matter = Literal["charter", "norm", "norm-recognised", "study", "member", "suspension", "office", "hub", "witnesses"]
NORMS: Final[tuple[Matter, ...]] = ("norm", "norm-recognised")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How one matter is decided.

    majority: adopted if yes > share % of yes + no, and at least quorum % of all votes took part (abstentions count).
    consensus: adopted unless at least `objections` members vote no.
    counted: whether a member's vote counts with its weight, or once.
    groups: the majority must also be reached among the votes of at least so many groups of the charter; 0: of none.
    consultation: seconds after its opening during which a motion is commented on and not yet voted on; its mover must
    answer every comment before it closes, or it is rejected. 0: comments and votes at any time, no answer owed.
    """

    method: Literal["majority", "consensus"]
    share: int  # per cent of the votes yes + no, to be exceeded
    quorum: int  # per cent of all members' weight that must have voted
    objections: int  # consensus: so many no-votes stop it
    seconds: int  # least time that a motion is open, consultation included
    counted: Literal["weights", "members"] = "weights"
    groups: int = 0
    consultation: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """An office of the assembly: for how long one decision fills it, and what its holder may not hold beside it."""

    id: str  # [a-z0-9-]{2,32}, such as "chair"
    seconds: int  # longest term
    terms: int  # most terms that one member may nominate for in a row; 0: any number
    excludes: tuple[str, ...]  # offices that the same member may not hold at the same time
    host: bool  # whether the host state's office may nominate for it


MOST_SECONDS: Final = 3_155_760_000  # a hundred years: longest duration of a charter, furthest date that an act names
Silence = Literal["accepted", "objected"]
ESTIMATE_SECONDS: Final = 14 * 86_400  # two weeks
AUDIT_SECONDS: Final = 30 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """The hub operator's keys and address. No vote."""

    sign: str  # statements
    log: str  # checkpoints
    address: str  # URL where static files and doors are


@dataclass(frozen=True, slots=True, kw_only=True)
class Charter:
    """Leaf 0. Signed by the convenor's `sign` key.

    challenge_seconds: how long the view of an exchange is public at least (no hub of ours takes one away), and how long
        the hub keeps the box of an estimate once it was settled.
    host: the member whose state hosts the hub, "" if none does; it has no vote on the matters in `recused`.
    groups: by name, the M49 areas whose members make a group (`Rule.groups`); an area is in one group at most.
    silence: what an estimate counts as that its country did not answer in time.
    """

    name: str
    origin: str  # the log's name, a URL without scheme (C2SP tlog-checkpoint)
    convenor: str
    founders: tuple[Party, ...]  # sorted by id
    hub: Hub
    witnesses: tuple[str, ...]  # ids of founders whose cosignatures make the quorum; 15 at most
    rules: dict[str, Rule]  # Matter -> Rule
    challenge_seconds: int
    host: str = ""
    recused: tuple[Matter, ...] = ("hub",)  # sorted
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    offices: tuple[Office, ...] = ()  # sorted by id
    estimate_seconds: int = ESTIMATE_SECONDS  # least time that a country has to answer an estimate
    silence: Silence = "objected"
    audit_seconds: int = AUDIT_SECONDS  # how long a member has to answer a request for an audit; then it was silent

    def about(self) -> tuple[tuple[str, Digest], ...]:
        """The charter itself, by the digest of its canonical JSON."""
        return ((self.origin, canon.digest(canon.encode(self))),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accession:
    """A founder, or a candidate admitted by motion, joins under this charter, as the party that was agreed on.

    The party is repeated here because a motion names it by digest only. Signed by its own `sign` key.
    """

    charter: Digest
    party: Party

    def about(self) -> tuple[tuple[str, Digest], ...]:
        """The charter joined, and who joins."""
        return (("charter", self.charter), (self.party.id, canon.digest(canon.encode(self.party))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """A member leaves; what it said stands."""

    charter: Digest

    def about(self) -> tuple[tuple[str, Digest], ...]:
        """The charter left."""
        return (("charter", self.charter),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Succession:
    """The hub that a motion about the hub named takes the log over, behind the final checkpoint of the old one.

    This leaf's index is that checkpoint's size, so nothing that the old hub took later is before it. From here on the
    log has the origin, keys and address that the motion named. Signed by the new hub's `sign` key.
    """

    motion: Ref  # the adopted motion
    final: str  # the old log's last checkpoint, a signed note with the witnesses' cosignatures

    def about(self) -> tuple[tuple[str, Digest], ...]:
        """The motion, and the note's text."""
        return (("motion", self.motion.digest), ("checkpoint", canon.digest(self.final.encode())))
