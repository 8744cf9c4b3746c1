"""The motion family: what is proposed, discussed and voted on. Adoption is never said: it follows from the votes."""

from dataclasses import dataclass
from typing import Literal

from comity.acts.charter import Matter
from comity.acts.refs import Blob, Ref
from comity.canon import Digest

Choice = Literal["yes", "no", "abstain"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Motion:
    """Proposes that a thing be in force. An amendment is a new motion that names the one it replaces."""

    matter: Matter
    thing: Blob  # canonical JSON of the norm, study, ...
    name: str  # the thing's own id and version, for people
    replaces: Ref | None
    closes: int  # POSIX seconds; votes count that lie before the first tick at or after it

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
class Vote:
    """One member's vote; a member votes once on a motion."""

    motion: Ref
    choice: Choice

    def about(self) -> tuple[tuple[str, Digest], ...]:
        """The motion."""
        return (("motion", self.motion.digest),)
