"""The family of estimates: a custodian's draft for a country, put to that country first; and how it ended.

The log holds who asked, who answered how, and how it was settled. Drafts and counter-values are no part of it: it
holds a salted digest of each (`Sealed.draft`), and the digest of a box that only the addressee opens. When a draft is
published, its salt is too, so that anyone sees that the published value is the one that the country was shown.
Source: IAEG-SDGs, Guidelines on data flows and global data reporting (2017), on consulting countries.
"""

from dataclasses import dataclass
from typing import Literal

from comity.acts.refs import Blob, Ref
from comity.canon import Digest
from comity.model.reason import Reason

Answer = Literal["accepted", "accepted-with-note", "objected", "replaced"]
Settlement = Literal["published", "country-data", "side-by-side", "aggregates-only", "withheld"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A value that one actor shows to one other: its salted digest, and the box for the other's `box` key."""

    draft: Digest  # SHA-256 of the canonical JSON of the draft with its salt (`model.estimate.Draft`)
    box: Blob  # HPKE; held by the hub for the addressee alone, never public


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateProposed:
    """A custodian's estimate for a country, which answers it until the deadline. Signed by the custodian."""

    member: str  # whose country it is about, and who alone may answer
    series: str  # code of the series, such as "SI_POV_DAY1"
    period: str
    method: Digest | None  # the norm by which it was made, if it is one of this assembly
    value: Sealed
    deadline: int  # POSIX seconds

    def about(self) -> tuple[tuple[str, Digest], ...]:
        """The draft."""
        return (("draft", self.value.draft),)


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateAnswered:
    """The country's one answer. Signed by the member.

    objected: at least one reason of the closed list (`objection.*`), and a counter-value if it likes.
    replaced: national data take the estimate's place; the counter-value holds them.
    """

    estimate: Ref
    answer: Answer
    reasons: tuple[Reason, ...]
    counter: Sealed | None  # for the custodian
    note: Blob | None  # UTF-8, public

    def about(self) -> tuple[tuple[str, Digest], ...]:
        """The estimate."""
        return (("estimate", self.estimate.digest),)


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateSettled:
    """How it ended, as the country's answer allows. Signed by the custodian.

    published: the estimate, opened.    country-data: the country's value, opened.    side-by-side: both, opened.
    aggregates-only, withheld: neither.
    """

    estimate: Ref
    outcome: Settlement
    opened: Blob | None  # the draft with its salt, public from here on
    counter: Blob | None  # the country's value with its salt, public from here on

    def about(self) -> tuple[tuple[str, Digest], ...]:
        """The estimate."""
        return (("estimate", self.estimate.digest),)
