"""What is said of figures: announced, published, taken back, and audited."""

from collections.abc import Mapping
from typing import Any, Final

from comity.acts.audit import AuditAnswered, AuditRequested
from comity.acts.release import ReleaseAnnounced, ReleasePublished, ReleaseWithdrawn
from comity.acts.statement import Act
from comity.assembly import queries
from comity.assembly.said.account import Account, Moment, Tell, Term
from comity.assembly.said.names import of_release, of_study
from comity.assembly.state import State
from comity.model.member import HUB


def _announced(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    params = of_study(now, body.study, body.period) | {"time": Moment(body.time), "earlier": tuple(body.earlier)}
    return Account("earlier" if body.earlier else "nobody", params)


def _published(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    release = now.releases.get(here.size - 1)
    subject = queries.subject(now, release) if release else None
    params = of_study(now, *subject) if subject else {"study": "?", "period": "?"}
    params |= {"count": len(body.inputs), "inputs": tuple(map(str, body.inputs))}
    params |= {"leaves": Term("leaf.one" if len(body.inputs) == 1 else "leaf.other"), "digest": body.release.digest}
    kind = "joint" if act.actor == HUB else "national"
    if body.replaces is None:
        return Account(kind, params)
    reasons = (body.reason,) if body.reason else ()
    return Account(f"{kind}.again", params | {"replaces": body.replaces.index, "reasons": reasons})


def _withdrawn(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    release = now.releases.get(body.release.index)
    subject = queries.subject(now, release) if release else None
    params = of_study(now, *subject) if subject else {"study": "?", "period": "?"}
    return Account("", params | {"release": body.release.index, "reasons": (body.reason,)})


def _audit(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    audit = now.audits.get(here.size - 1)
    params = of_release(now, body.release.index) | {"figure": body.figure + 1, "asked": body.asked}
    params |= {"language": body.language, "deadline": Moment(audit.deadline) if audit else "?"}
    return Account("hub" if body.asked == HUB else "", params)


def _audited(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    audit = now.audits.get(body.audit.index)
    params = {"audit": body.audit.index, "count": len(body.evidence), "reasons": tuple(body.reasons)}
    params |= {"asks": audit.asks if audit else "?", "figure": audit.figure + 1 if audit else "?"}
    return Account(body.answer, params | of_release(now, audit.release.index if audit else -1))


ACCOUNTS: Final[Mapping[type[Any], Tell]] = {
    ReleaseAnnounced: _announced,
    ReleasePublished: _published,
    ReleaseWithdrawn: _withdrawn,
    AuditRequested: _audit,
    AuditAnswered: _audited,
}
