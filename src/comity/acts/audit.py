"""The family of audits: a member asks about a published figure, and whoever answers for it answers, or is silent."""

from dataclasses import dataclass
from typing import Literal

from comity.acts.refs import Blob, Ref
from comity.canon import Digest
from comity.model.reason import Reason

Answer = Literal["answered", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRequested:
    """A member asks another actor about a figure of a release that is made from that actor's answer. Signed by it.

    `asked` is the release's publisher, or the member whose `answer` is among the release's inputs.
    """

    release: Ref  # `release/published`
    figure: int  # its place among the release's figures
    asked: str
    text: Blob  # UTF-8: what is in doubt
    language: str  # BCP 47

    def about(self) -> tuple[tuple[str, Digest], ...]:
        """The release."""
        return (("release", self.release.digest),)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditAnswered:
    """The one answer of the actor that was asked: with evidence, or refused by codes of the closed list (`audit.*`)."""

    audit: Ref
    answer: Answer
    reasons: tuple[Reason, ...]
    evidence: tuple[Blob, ...]  # public bodies

    def about(self) -> tuple[tuple[str, Digest], ...]:
        """The request."""
        return (("audit", self.audit.digest),)
