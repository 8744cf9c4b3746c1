"""The charter family: what the assembly is founded on, who joins and who leaves.

`charter` is leaf 0 and nothing else: rules, founders and their keys, the hub's keys, witnesses. A founder becomes a
member by its own `accession`; anyone else needs a motion about the member first.
"""

from dataclasses import dataclass
from typing import Literal

from comity import canon
from comity.canon import Digest
from comity.model.member import Party

Matter = Literal["charter", "norm", "norm-recognised", "study", "member", "suspension", "office", "hub", "witnesses"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How one matter is decided.

    majority: adopted if yes > share % of yes + no, and at least quorum % of all votes took part (abstentions count).
    consensus: adopted unless at least `objections` members vote no.
    """

    method: Literal["majority", "consensus"]
    share: int  # per cent of the votes yes + no, to be exceeded
    quorum: int  # per cent of all members' weight that must have voted
    objections: int  # consensus: so many no-votes stop it
    seconds: int  # least time that a motion is open


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """The hub operator's keys and address. No vote."""

    sign: str  # statements
    log: str  # checkpoints
    address: str  # URL where static files and doors are


@dataclass(frozen=True, slots=True, kw_only=True)
class Charter:
    """Leaf 0. Signed by the convenor's `sign` key."""

    name: str
    origin: str  # the log's name, a URL without scheme (C2SP tlog-checkpoint)
    convenor: str
    founders: tuple[Party, ...]  # sorted by id
    hub: Hub
    witnesses: tuple[str, ...]  # ids of founders whose cosignatures make the quorum; 15 at most
    rules: dict[str, Rule]  # Matter -> Rule
    challenge_seconds: int  # how long the view of an exchange is kept public

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
