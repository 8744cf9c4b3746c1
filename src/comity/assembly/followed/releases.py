"""What followed from what is said of figures: releases made, replaced, taken back, and audits."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from comity.acts.audit import AuditAnswered, AuditRequested
from comity.acts.release import ReleaseAnnounced, ReleasePublished
from comity.acts.statement import Act
from comity.assembly import audits, queries
from comity.assembly.followed.outcome import Find, Known, Outcome
from comity.assembly.said.account import Moment, Term
from comity.assembly.state import State


def _announced(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    body: Any = act.body
    made = [
        release
        for release in log.now.releases.values()
        if queries.subject(log.now, release) == (body.study, body.period)
    ]
    for release in made:
        if release.ref.index > index and release.publisher == act.actor:
            yield Outcome(code="announced.kept", params={"leaf": release.ref.index})


def _published(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    release = log.now.releases.get(index)
    if release is None:
        return
    later = [other for other in log.now.releases.values() if other.replaces and other.replaces.index == index]
    for other in later:
        yield Outcome(code="release.replaced", params={"leaf": other.ref.index})
    if release.withdrawn is not None:
        yield Outcome(code="release.withdrawn", params={"leaf": release.withdrawn})
    elif not later:
        yield Outcome(code="release.stands")


def _audit(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    """Whether a request was answered, or met with silence so far; the fact of silence stays when an answer comes."""
    audit = log.now.audits.get(index)
    if audit is None:
        return
    standing = audits.standing(audit, log.now.time)
    params = {"deadline": Moment(audit.deadline), "leaf": audit.answer.ref.index if audit.answer else None}
    yield Outcome(code=f"audit.{standing.replace(' ', '-')}", params=params)


def _audited(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    body: Any = act.body
    audit = log.now.audits.get(body.audit.index)
    if audit is not None and audits.standing(audit, log.now.time) in audits.SILENT:
        yield Outcome(code="audit.late", params={"deadline": Moment(audit.deadline)})


def released(now: State, index: int) -> Iterator[Outcome]:
    """Releases that were made from a leaf."""
    made = queries.releases(now, [index])
    for release in made:
        publisher = Term("publisher.hub") if release.publisher == "hub" else release.publisher
        yield Outcome(code="released", params={"leaf": release.ref.index, "publisher": publisher})
    if not made:
        yield Outcome(code="unreleased")


OUTCOMES: Final[Mapping[type[Any], Find]] = {
    ReleaseAnnounced: _announced,
    ReleasePublished: _published,
    AuditRequested: _audit,
    AuditAnswered: _audited,
}
