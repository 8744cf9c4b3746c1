"""An assembly with something to audit: a joint release, one of a member's own, and verbs that ask about them.

log = Figured()
audit = log.request("m1", asked="m2")      # about the joint release
log.say("m2", answered(audit, evidence=1))
"""

from typing import Any

from comity.acts.audit import AuditAnswered, AuditRequested
from comity.acts.refs import Ref
from comity.acts.release import Figures, ReleasePublished
from comity.model.member import HUB
from comity.model.reason import Reason
from tests.builders.assembly import FIGURES, Assembly, blob, party
from tests.builders.life import summed_without_the_last

TWO = Figures(count=2, root=FIGURES.root, heading=FIGURES.heading)


class Figured(Assembly):
    """m1..m5, a producer and a custodian; a joint release of m1..m4 (m5 is not in the sum), one of m1's own table."""

    def __init__(self) -> None:
        super().__init__(5, others=[party("agency", role="custodian"), party("maps", role="producer")])
        self.study = self.adopt("study", b"{}")
        self.joint = self.release(HUB, summed_without_the_last(self, self.study))
        self.own = self.release("m1", self.national(self.consent("m1", self.study, period="2", national=True)))

    def release(self, publisher: str, source: Ref) -> Ref:
        body = self.body(f"release of {publisher} {source.index}".encode())
        return self.say(
            publisher,
            ReleasePublished(release=body, figures=TWO, inputs=(source.index,), replaces=None, reason=None),
        )

    def asks(self, **fields: Any) -> AuditRequested:
        given = {"release": self.joint, "figure": 0, "asked": "m2", "text": blob(b"Why?"), "language": "en"} | fields
        return AuditRequested(**given)

    def request(self, by: str = "m1", **fields: Any) -> Ref:
        return self.say(by, self.asks(**fields))

    def wait(self) -> None:
        """Until every request so far has met its deadline, and a second more."""
        self.tick()
        self.tick(self.time + self.charter.audit_seconds + 1)


def answered(audit: Ref, *reasons: Reason, evidence: int = 0) -> AuditAnswered:
    named = tuple(blob(b"evidence %d" % i) for i in range(evidence))
    return AuditAnswered(audit=audit, answer="refused" if reasons else "answered", reasons=reasons, evidence=named)
