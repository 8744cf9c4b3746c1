"""The consent family: a member says yes or no to one study in one period.

A refusal names codes of the closed list (`model.reason`), from policy, budget and protocol, never from data.
"""

from dataclasses import dataclass

from comity.acts.refs import Blob, Ref
from comity.canon import Digest
from comity.model.reason import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class SealConsent:
    """What one attempt of a sealed exchange needs of a member (SEAL, step 0)."""

    attempt: int  # from 1 in each period
    rate: int  # own noise in per cent of the study's share, at least 100
    mask_key: bytes  # M_u: ML-KEM-768 (1184 bytes), then X25519 (32)
    envelope_key: bytes  # E_u, the same form


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentGiven:
    """Consent to take part: under the seal, with a national table, or both."""

    study: Digest
    period: str
    sealed: SealConsent | None
    national: bool
    binding: Digest
    policy: Digest

    def about(self) -> tuple[tuple[str, Digest], ...]:
        """The study."""
        return (("study", self.study),)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRefused:
    """Refusal, with every reason."""

    study: Digest
    period: str
    reasons: tuple[Reason, ...]

    def about(self) -> tuple[tuple[str, Digest], ...]:
        """The study."""
        return (("study", self.study),)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRevoked:
    """A consent counts no more; an exchange already opened loses this member."""

    consent: Ref

    def about(self) -> tuple[tuple[str, Digest], ...]:
        """The consent."""
        return (("consent", self.consent.digest),)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyPublished:
    """The public part of a national policy, as a body."""

    policy: Blob

    def about(self) -> tuple[tuple[str, Digest], ...]:
        """The policy."""
        return (("policy", self.policy.digest),)
