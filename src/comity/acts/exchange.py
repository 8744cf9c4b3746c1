"""The exchange family: one masked sum, step by step (SEAL), and the member's own national answer.

Sets of members are leaf indices in ascending order: of consents (roster R), of `shares` (U2), of `answer` (U3).
The ids follow from them. Nobody states the threshold: all compute it.

A sealed `answer` also says, as a decimal, the epsilon that the member's own noise alone gives (SEAL, Protect then seal:
epsilon (ii)): the member computes it when it draws the noise, the hub copies the largest into the release.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal

from comity.acts.refs import Blob, Ref
from comity.canon import Digest
from comity.model.reason import Reason

Step = Literal["opened", "shares", "shared", "answer", "survivors", "unmask", "closed"]
_DECIMAL: Final = re.compile(r"(0|[1-9][0-9]{0,8})(\.[0-9]{0,8}[1-9])?")  # one spelling: no sign, no exponent


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeOpened:
    """Step 0, hub: the roster of one attempt, and the deadline of each step.

    deadlines: POSIX seconds for (shares, answer, unmask, closed). `exchange/shared` must lie before the second,
    `exchange/survivors` before the third.
    """

    study: Digest
    period: str
    attempt: int
    roster: tuple[int, ...]
    deadlines: tuple[int, int, int, int]

    def about(self) -> tuple[tuple[str, Digest], ...]:
        """The study."""
        return (("study", self.study),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """Step 1, member: the digest of its manifest of boxes."""

    exchange: Ref
    manifest: Blob

    def about(self) -> tuple[tuple[str, Digest], ...]:
        """The exchange and the manifest."""
        return (("exchange", self.exchange.digest), ("manifest", self.manifest.digest))


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeShared:
    """Step 1, hub: U2, as indices of `shares`."""

    exchange: Ref
    members: tuple[int, ...]

    def about(self) -> tuple[tuple[str, Digest], ...]:
        """The exchange."""
        return (("exchange", self.exchange.digest),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """What an answer was computed from, so that a court of audit can compute it again at home, years later.

    Nothing can be read from it: the commitment is salted, and the salt stays with the member.
    """

    commitment: Digest  # SHA-256 of the canonical JSON of the extract's record with its salt (`model.extract`)
    binding: Digest
    software: str  # such as "comity 0.1.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Step 2, member: its sealed vector (names the exchange), or its own national cube (names its consent).

    epsilon: of the member's own noise if all others collude, as a decimal string rounded up; None for a national cube
    and for a study without noise.
    """

    exchange: Ref | None
    consent: Ref | None
    body: Blob
    epsilon: str | None = None
    extract: Extract | None = None

    def __post_init__(self) -> None:
        if self.epsilon is not None and not _DECIMAL.fullmatch(self.epsilon):
            raise ValueError(f"{self.epsilon[:40]!r} is no decimal in its one spelling")

    def about(self) -> tuple[tuple[str, Digest], ...]:
        """What is answered, and the body."""
        asked = self.exchange or self.consent
        head = (("asked", asked.digest),) if asked else ()
        return (*head, ("body", self.body.digest))


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeSurvivors:
    """Step 2, hub: U3, as indices of `answer`."""

    exchange: Ref
    members: tuple[int, ...]

    def about(self) -> tuple[tuple[str, Digest], ...]:
        """The exchange."""
        return (("exchange", self.exchange.digest),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmask:
    """Step 3, member: the digest of its list of shares."""

    exchange: Ref
    shares: Blob

    def about(self) -> tuple[tuple[str, Digest], ...]:
        """The exchange and the list."""
        return (("exchange", self.exchange.digest), ("shares", self.shares.digest))


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeRefused:
    """A member leaves the exchange: in which step, why, and whom it blames."""

    exchange: Ref
    step: Step
    reason: Reason
    blames: tuple[str, ...]

    def about(self) -> tuple[tuple[str, Digest], ...]:
        """The exchange."""
        return (("exchange", self.exchange.digest),)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeClosed:
    """The end, hub: the opened sum and the list of what it was opened from; or why there is none."""

    exchange: Ref
    sum: Blob | None  # little-endian int64, the cells of the layout
    view: Blob | None  # canonical JSON: digests of manifests, vectors, unmask lists, seed boxes
    failed: Reason | None

    def about(self) -> tuple[tuple[str, Digest], ...]:
        """The exchange, and the sum if there is one."""
        done = (("sum", self.sum.digest),) if self.sum else ()
        return (("exchange", self.exchange.digest), *done)
