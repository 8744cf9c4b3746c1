"""A member's seat in one exchange: where it stands, what it remembers of this attempt, and how it leaves.

Decides what is deleted when a member goes, and that a reason is on disk before it is said. Which step comes next is
`answer`'s.
"""

from dataclasses import dataclass

from comity import canon
from comity.acts.exchange import ExchangeRefused, Step
from comity.assembly.facts import ConsentFacts, ExchangeFacts, Said
from comity.model.reason import Reason
from comity.stages.effects import Effect, Home, Keep, Memory, Say
from comity.stages.seal import member
from comity.stages.seal.member import Secrets
from comity.stages.seal.round import Attempt

GONE, LEFT = "gone", "left"  # this attempt goes on without this member: in silence, or with a reason that is said


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """This member in one exchange: where it stands, what it remembers of this attempt (names without the number)."""

    home: Home
    at: Attempt
    facts: ExchangeFacts
    consent: ConsentFacts
    memory: Memory

    @property
    def me(self) -> str:
        """The member's id."""
        return self.home.member

    def past(self, deadline: int) -> bool:
        """Whether a deadline is past by this node's clock or by the last tick."""
        return max(self.home.now, self.home.state.time) > deadline

    def name(self, name: str) -> str:
        """A thing's name in the memory of all attempts."""
        return f"{self.at.number}/{name}"

    def keep(self, put: Memory, *drop: str) -> Keep:
        """Write, and delete those that are there."""
        gone = tuple(self.name(name) for name in drop if name in self.memory)
        return Keep(put={self.name(name): value for name, value in put.items()}, drop=gone)

    def forget(self) -> tuple[Effect, ...]:
        """Delete everything of this attempt, which goes on without this member; and remember that it was meant so."""
        return (self.keep({GONE: b""}, *self.memory),) if self.memory else ()

    def leave(self, step: Step, reason: Reason, *blames: str) -> tuple[Effect, ...]:
        """Delete everything but the reason, then say it."""
        body = ExchangeRefused(
            exchange=self.facts.opened.ref, step=step, reason=reason, blames=tuple(sorted(set(blames)))
        )
        return (self.keep({LEFT: canon.encode(body)}, *self.memory), Say(body=body))

    def lost(self, step: Step) -> tuple[Effect, ...]:
        """Leave, because memory does not hold what the log says."""
        return self.leave(step, Reason(code="seal.memory-lost"))

    def secrets(self) -> Secrets | None:
        """All three, if they are those whose keys the consent names."""
        found = [self.memory.get(name) for name in ("root", "own", "env")]
        root, own, env = found
        if root is None or own is None or env is None or self.consent.sealed is None:
            return None
        secrets, home = Secrets(root, own, env), self.home
        keys = member.keys(secrets, self.at.asked, home.period, self.at.number, home.member)
        return secrets if keys == (self.consent.sealed.mask_key, self.consent.sealed.envelope_key) else None


def is_mine(kept: bytes | None, said: Said) -> bool:
    """Whether what the log says this member named is what it remembers to have made."""
    return kept is not None and kept.decode() == said.body.digest
