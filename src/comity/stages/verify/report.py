"""What verifying found: claims that hold or do not, one line each, and the line that sums them up."""

from dataclasses import dataclass
from typing import Final, Literal

from comity.canon import Digest
from comity.errors import visible
from comity.model.release import Figure

Name = Literal[
    "log",
    "quorum",
    "charter",
    "acts",
    "votes",
    "consents",
    "sets",
    "sum",
    "blocks",
    "figures",
    "release.json",
    "files",
    "folder",
    # of one figure
    "file",
    "leaf",
    "signature",
    "figure",
]

VERIFIED: Final = "verified: every figure follows from the log that this quorum stands for"
UNPINNED: Final = "consistent under a charter you did not pin"
FAILED: Final = "not verified"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One thing that was checked: whether it holds, and what was found, as one line."""

    name: Name
    holds: bool
    detail: str

    def __str__(self) -> str:
        return f"{'holds' if self.holds else 'FAILS'}  {self.name.ljust(12)}  {visible(' '.join(self.detail.split()))}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All claims in the order of checking.

    charter: digest of the log's own charter, None if it has none.
    trusted: whether the reader brought something to trust: the charter's digest, or a quorum of its own.
    figures: recomputed from leaves and vectors alone; empty if that could not be done.
    """

    claims: tuple[Claim, ...]
    charter: Digest | None
    trusted: bool
    figures: tuple[Figure, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing that was checked fails."""
        return bool(self.claims) and all(claim.holds for claim in self.claims)

    @property
    def last(self) -> str:
        """The last line."""
        if not self.holds:
            wrong = dict.fromkeys(claim.name for claim in self.claims if not claim.holds)
            return f"{FAILED}: {', '.join(wrong)}"
        return VERIFIED if self.trusted else UNPINNED


def yes(name: Name, detail: str) -> Claim:
    """A claim that holds."""
    return Claim(name=name, holds=True, detail=detail)


def no(name: Name, detail: str) -> Claim:
    """A claim that does not."""
    return Claim(name=name, holds=False, detail=detail)
