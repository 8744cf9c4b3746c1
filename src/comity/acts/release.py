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
class Figures:
    """A release's figures as a tree, so that one can be shown without the others (`stages.publish.figures`)."""

    count: int
    root: Digest  # RFC 6962, over the figures in their order
    heading: Digest  # of what is said over all of them: study, norm, period, area


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasePublished:
    """A release exists: its `release.json`, the tree of its figures, the leaves it was made from, what it replaces.

    inputs: of the hub, one `exchange/closed` and the national `answer`s it counted; of a member, its own `answer`.
    """

    release: Blob
    figures: Figures
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
