"""The motion family: what is proposed, discussed and voted on. Adoption is never said: it follows from the votes."""

from dataclasses import dataclass
from typing import Literal

from comity.acts.charter import Matter
from comity.acts.refs import Blob, Ref
from comity.acts.terms import Terms
from comity.canon import Digest

Choice = Literal["yes", "no", "abstain"]
Taken = Literal["taken", "taken-in-part", "not-taken", "noted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Motion:
    """Proposes that a thing be in force.

    replaces: the adopted motion whose thing this one takes the place of (a new version).
    amends: the open motion of the same mover whose draft this one changes; that one ends, its votes go nowhere.
    starts: POSIX seconds from which the thing is in force, once adopted; None: from the decision on.
    review: POSIX seconds at which the thing is to be looked at again; None: no such date.
    terms: of the matters charter, office, hub and witnesses, the thing itself; None of all others.
    """

    matter: Matter
    thing: Blob  # canonical JSON of the norm, study, ...
    name: str  # the thing's own id and version, for people
    replaces: Ref | None
    closes: int  # POSIX seconds; votes count that lie before the first tick at or after it
    amends: Ref | None = None
    starts: int | None = None
    review: int | None = None
    terms: Terms | None = None

    def about(self) -> tuple[tuple[str, Digest], ...]:
        """The thing proposed."""
        return ((self.name, self.thing.digest),)


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionWithdrawn:
    """The mover takes its motion back before it closes."""

    motion: Ref

    def about(self) -> tuple[tuple[str, Digest], ...]:
        """The motion."""
        return (("motion", self.motion.digest),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A remark on a motion; its text is a body beside the log, so that it can be taken down."""

    motion: Ref
    text: Blob  # UTF-8
    language: str  # BCP 47

    def about(self) -> tuple[tuple[str, Digest], ...]:
        """The motion."""
        return (("motion", self.motion.digest),)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentAnswered:
    """The mover's answer to one comment: what became of it, and why, as a body beside the log."""

    comment: Ref
    answer: Taken
    text: Blob  # UTF-8
    language: str  # BCP 47

    def about(self) -> tuple[tuple[str, Digest], ...]:
        """The comment."""
        return (("comment", self.comment.digest),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """A member applies a norm in force but for these parts: its figures say so (OBS_STATUS D).

    A later one of the same member on the same norm takes its place; one without parts lifts it.
    """

    norm: Digest
    parts: tuple[str, ...]  # "<kind>:<id>" of the norm, such as "question:q7", "code:SCORE.10"; sorted
    text: Blob | None  # UTF-8: why, and what is done instead
    language: str  # BCP 47

    def about(self) -> tuple[tuple[str, Digest], ...]:
        """The norm."""
        return (("norm", self.norm),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """One member's vote; a member votes once on a motion."""

    motion: Ref
    choice: Choice

    def about(self) -> tuple[tuple[str, Digest], ...]:
        """The motion."""
        return (("motion", self.motion.digest),)
