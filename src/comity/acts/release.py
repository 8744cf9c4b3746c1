"""The release family: what was published, from which leaves, and what was taken back."""

from dataclasses import dataclass

from comity.acts.refs import Blob, Ref
from comity.canon import Digest
from comity.model.reason import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseAnnounced:
    """The calendar: a release comes at this time; who sees it earlier (nobody by default)."""

    study: Digest
    period: str
    time: int  # POSIX seconds
    earlier: tuple[str, ...]  # ids

    def about(self) -> tuple[tuple[str, Digest], ...]:
        """The study."""
        return (("study", self.study),)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasePublished:
    """A release exists: its `release.json`, the leaves it was made from, and what it replaces.

    inputs: of the hub, one `exchange/closed` and the national `answer`s it counted; of a member, its own `answer`.
    """

    release: Blob
    inputs: tuple[int, ...]  # leaf indices, ascending: see below
    replaces: Ref | None
    reason: Reason | None  # of a revision

    def about(self) -> tuple[tuple[str, Digest], ...]:
        """The release."""
        return (("release.json", self.release.digest),)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseWithdrawn:
    """A release is taken back; its digest stays."""

    release: Ref
    reason: Reason

    def about(self) -> tuple[tuple[str, Digest], ...]:
        """The release."""
        return (("release", self.release.digest),)
