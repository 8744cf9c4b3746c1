"""A log in which every kind of act is said at least once, and two leaves are against the rules."""

from comity.acts.audit import AuditAnswered, AuditRequested
from comity.acts.consent import PolicyPublished
from comity.acts.estimate import EstimateSettled
from comity.acts.exchange import ExchangeRefused
from comity.acts.key import KeyRevoked
from comity.acts.motion import Comment, CommentAnswered, MotionWithdrawn, Vote
from comity.acts.refs import Ref
from comity.acts.release import ReleaseAnnounced, ReleasePublished, ReleaseWithdrawn
from comity.canon import digest
from comity.model.member import HUB
from comity.model.reason import Reason
from tests.builders.assembly import FIGURES, Assembly, naming, party, signer
from tests.builders.estimates import agreed, put


def every_kind() -> Assembly:
    """Some kinds are said twice. One country is silent towards an estimate, and one leaves before its time is over."""
    made = Assembly(5, others=[party("cu", role="custodian")])
    made.adopt("norm", b"{}", name="trust/1.0.0")
    study = made.adopt("study", b'{"a":1}', name="trust-waves/1.0.0")
    taken = made.motion("norm", b'{"b":2}', name="trust/2.0.0", mover="m3")
    asked = made.say("m2", Comment(motion=taken, text=made.body(b"Why?"), language="en"))
    made.say("m3", CommentAnswered(comment=asked, answer="noted", text=made.body(b"So."), language="en"))
    made.say("m3", MotionWithdrawn(motion=taken))
    made.say("m1", ReleaseAnnounced(study=study, period="1", time=made.time + 5000, earlier=("m2",)))
    made.say("m1", PolicyPublished(policy=made.body(b"policy")))
    made.run(study)
    closed = next(x.closed.ref for x in made.state.exchanges.values() if x.closed)
    first = made.say(HUB, _release(made, closed))
    doubted = made.say("m1", AuditRequested(release=first, figure=0, asked="m2", text=made.body(b"?"), language="en"))
    made.say("m2", AuditAnswered(audit=doubted, answer="answered", reasons=(), evidence=(made.body(b"a table"),)))
    made.say(HUB, _release(made, closed, replaces=first))
    made.say(HUB, ReleaseWithdrawn(release=first, reason=Reason(code="study.not-sound")))
    consent = made.consent("m1", study, period="2", national=True, sealed=None)
    answer = made.national(consent)
    made.say("m1", _release(made, answer))
    made.refuse("m2", study, period="2")
    for member in ("m3", "m4", "m5"):
        last = made.consent(member, study, period="3")
    made.revoke(last)
    made.consent("m1", study, period="3"), made.consent("m2", study, period="3")
    left = made.open(study, period="3")
    made.say("m1", ExchangeRefused(exchange=left, step="shares", reason=Reason(code="seal.box"), blames=("m2",)))
    made.close(left, failed=Reason(code="seal.too-few"))
    made.say("m4", KeyRevoked(purpose="witness", key=made.parties["m4"].keys.witness))
    made.say("m4", naming("m4", "witness", signer("new", "witness")))
    agreed(made, "cu", "m2")
    silent, absent = put(made, "cu", "m3"), put(made, "cu", "m5")
    made.tick()
    made.withdraw("m5")
    made.tick(made.state.estimates[absent.index].deadline + 1)
    made.say("cu", EstimateSettled(estimate=silent, outcome="withheld", opened=None, counter=None))
    made.reserve("m1", digest(b"{}"), "question:q7", "variable:v1")
    made.reserve("m1", digest(b"{}"))
    made.recover("m2")
    made.move()
    made.smuggle(b"nonsense")
    made.smuggle(made.leaf("m1", Vote(motion=Ref(index=1, digest=digest(b"")), choice="yes")))
    made.tick()
    return made


def _release(made: Assembly, source: Ref, replaces: Ref | None = None) -> ReleasePublished:
    return ReleasePublished(
        release=made.body(b"release %d" % made.state.size),
        figures=FIGURES,
        inputs=(source.index,),
        replaces=replaces,
        reason=Reason(code="study.not-sound") if replaces else None,
    )
