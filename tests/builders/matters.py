"""What goes on in an assembly that has done everything: estimates, audits, releases, reservations, keys and hubs.

Out of a list of numbers, as `tests.builders.life`; whatever the rules refuse becomes a breach.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, get_args

from comity.acts.audit import AuditAnswered, AuditRequested
from comity.acts.charter import Accession
from comity.acts.estimate import Answer, EstimateAnswered, EstimateProposed, EstimateSettled, Sealed, Settlement
from comity.acts.key import KeyRegistered, KeyRevoked
from comity.acts.motion import Reservation
from comity.acts.release import ReleaseWithdrawn
from comity.acts.statement import Body
from comity.acts.tick import Tick
from comity.canon import digest
from comity.keys import box_text
from comity.model.member import HUB
from comity.model.reason import Reason
from tests.builders.assembly import PURPOSES, Assembly, blob, recovering, signer
from tests.builders.estimates import SERIES, draft, of, secret
from tests.builders.kinds import every_kind
from tests.builders.life import Deed

MATTERS: Final = 11
ACTORS: Final = ("m1", "m2", "m3", "m4", "m5", "cu", HUB)
DRAFT: Final = draft()


@lru_cache
def _whole() -> Assembly:
    return every_kind()


def went_on(deeds: Sequence[Deed]) -> Assembly:
    """The log of `every_kind`, and these deeds behind it."""
    made = _whole().copied()
    for what, who, which in deeds:
        actor = ACTORS[who % len(ACTORS)]
        if what % MATTERS == 10:
            _recover(made, ACTORS[who % 5], which)
        elif (body := _body(made, what % MATTERS, actor, which)) is not None:
            made.smuggle(made.leaf(actor if who == which else _whose(made, body, actor), body))
    return made


def _whose(made: Assembly, body: Body, actor: str) -> str:
    """Who may say this, where only one may."""
    state = made.state
    match body:
        case EstimateProposed():
            return "cu"
        case EstimateAnswered():
            return state.estimates[body.estimate.index].member
        case EstimateSettled():
            return state.estimates[body.estimate.index].custodian
        case AuditAnswered():
            return state.audits[body.audit.index].asked
        case ReleaseWithdrawn():
            return state.releases[body.release.index].publisher
        case Tick():
            return HUB
    return actor


def _body(made: Assembly, what: int, actor: str, which: int) -> Body | None:
    """What is said; None where there is nothing to say it about."""
    state, member = made.state, ACTORS[which % 5]
    estimates, audits, releases = (list(things.values()) for things in (state.estimates, state.audits, state.releases))
    estimate, audit, release = (
        estimates[-1 - which % 3],
        audits[-1 - which % len(audits)],
        releases[which % len(releases)],
    )
    objected = (Reason(code="objection.legal"),)
    match what:
        case 0:
            value = Sealed(draft=DRAFT.digest, box=blob(b"box %d" % state.size))
            deadline = state.time + made.charter.estimate_seconds + which
            return EstimateProposed(
                member=member, series=SERIES, period="2020", method=None, value=value, deadline=deadline
            )
        case 1:
            kind = get_args(Answer)[which % 3]
            reasons, note = objected if kind == "objected" else (), blob(b"note") if "note" in kind else None
            return EstimateAnswered(estimate=estimate.ref, answer=kind, reasons=reasons, counter=None, note=note)
        case 2:
            outcome = get_args(Settlement)[which % 5]
            opened = of(DRAFT) if outcome == "published" else None
            return EstimateSettled(estimate=estimate.ref, outcome=outcome, opened=opened, counter=None)
        case 3:
            return AuditRequested(release=release.ref, figure=which % 2, asked=member, text=blob(b"?"), language="en")
        case 4:
            return AuditAnswered(audit=audit.ref, answer="refused", reasons=(Reason(code="audit.law"),), evidence=())
        case 5:
            return ReleaseWithdrawn(release=release.ref, reason=Reason(code="study.not-sound"))
        case 6:
            parts = ("question:q7", "variable:v1")[: which % 3]
            return Reservation(norm=digest(b"{}"), parts=parts, text=None, language="")
        case 7:
            return Tick(checkpoint=made.cosigned(state.time + (10, 60, 10, 60, 40 * 86_400)[which % 5]))
        case 8:
            return KeyRegistered(purpose="box", key=box_text(secret(f"{actor} {state.size}").public))
        case 9 if actor in state.actors and which % 5 == 0:
            return KeyRevoked(purpose="sign", key=state.actors[actor].keys.sign)
        case 9 if state.charter_digest and actor in made.parties:
            return Accession(charter=state.charter_digest, party=made.parties[actor])
    return None


def _recover(made: Assembly, actor: str, which: int) -> None:
    """New keys, which the actor uses from here on if the rules take them."""
    fresh = {purpose: signer(f"{actor} {which}", purpose) for purpose in PURPOSES}
    leaf = made.leaf(actor, recovering(actor, fresh, made.origin), by=made.signers[actor, "officer"])
    if not made.smuggle(leaf):
        made.signers |= {(actor, purpose): one for purpose, one in fresh.items()}
