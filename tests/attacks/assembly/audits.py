"""Against those who ask for an audit, and those who answer."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from comity import canon
from comity.acts.exchange import Answer, Extract
from comity.acts.release import ReleasePublished
from comity.acts.tick import Tick
from comity.assembly import audits
from comity.assembly.facts import AuditFacts
from comity.assembly.state import State
from comity.model.extract import MAGIC, Basis, File, Record
from comity.model.member import HUB
from comity.model.study import Method
from tests.attacks.book import Guard, Stopped, always, attack, becomes
from tests.attacks.log.statements import said_by
from tests.builders.assembly import FIGURES, Assembly
from tests.builders.audits import Figured, answered

NOBODY = "no effect, and a breach that all see"


@attack(
    "audit answered by another",
    Guard("assembly.rules.audit._against_answerer", "only the actor that was asked answers", always([])),
    says="A member answers, in its own name, what another was asked, so that this one need not; the host logs it.",
    by=NOBODY,
)
def by_another(place: Path) -> str:
    log = Figured()
    audit = log.request("m1", asked="m2")
    log.smuggle(log.leaf("m3", answered(audit, evidence=1)))
    said_by(lambda state: state.audits[audit.index].answer is not None, log, place)
    return "a request that m2 need not answer any more"


@attack(
    "audit asked of a member who is not in the release",
    Guard(
        "assembly.audits.accountable",
        "asked are the publisher and those whose answers the release is made from",
        lambda original: lambda state, release: tuple(state.actors),
    ),
    says="A member asks one that is not in the sum, so that its silence stands in the log; the host logs it.",
    by=NOBODY,
)
def outside(place: Path) -> str:
    log = Figured()
    log.smuggle(log.leaf("m1", log.asks(asked="m5")))
    said_by(lambda state: bool(state.audits), log, place)
    return "a silence of m5 about a figure that is not made from its answer"


def _in_time(original: Callable[[AuditFacts, int], str]) -> Callable[[AuditFacts, int], str]:
    return lambda audit, time: audit.answer.answer if audit.answer else original(audit, time)


@attack(
    "silence hidden by a late answer",
    Guard("assembly.audits.standing", "an answer is held against the deadline, by the time that a tick told", _in_time),
    says="A member lets its time pass, answers a month later, and is to be counted as one that answered in time.",
    by="told as late",
)
def late(place: Path) -> str:
    log = Figured()
    audit = log.request("m1", asked="m2")
    log.wait()
    log.say("m2", answered(audit, evidence=1))
    if audits.received(log.state, "m2").silent:
        raise Stopped("told as late")
    return "an answer in time"


def _named_time(original: Callable[[State, int, int], State]) -> Callable[[State, int, int], State]:
    """Time to answer that begins with the last tick before the request."""

    def told(state: State, since: int, size: int) -> State:
        for index in set(range(since, size)) & set(state.audits):
            begun = replace(state.audits[index], opened=state.time)
            state = state.having(audits=state.audits.set(index, begun))
        return state

    return told


@attack(
    "silence made by asking when the last tick is long past",
    Guard("assembly.rules.audit.told", "time to answer begins with the first tick that holds the request", _named_time),
    says="A host logs no tick for two months, lets a friend ask a member, and logs one a minute later.",
    by="it still has its time",
)
def hurried(place: Path) -> str:
    log = Figured()
    audit = log.request("m1", asked="m2")
    log.say(HUB, Tick(checkpoint=log.cosigned(log.time + 2 * log.charter.audit_seconds)))
    if audits.standing(log.state.audits[audit.index], log.time) == "open":
        raise Stopped("it still has its time")
    return "a silence of m2, which had a minute"


@attack(
    "one member buried under requests",
    Guard("assembly.rules.audit.OPEN", "so many requests of one actor wait for one other at most", becomes(10**9)),
    says="A member asks another about every figure of a release, a hundred times, to wear it out.",
    by="audit.too-many",
)
def flood(place: Path) -> str:
    log = Figured()
    source = log.state.releases[log.joint.index].inputs
    body = ReleasePublished(
        release=log.body(b"a large release"),
        figures=replace(FIGURES, count=100),
        inputs=source,
        replaces=None,
        reason=None,
    )
    large = log.say(HUB, body)
    for figure in range(100):
        said = log.asks(release=large, figure=figure)
        if reasons := log.refused("m1", said):
            raise Stopped(reasons[0])
        log.say("m1", said)
    return "a hundred requests that m2 must answer, or is silent"


def _of_facts(original: property) -> property:
    """A commitment to what an answer says of itself, and to no file."""
    return property(
        lambda record: canon.digest(canon.encode(replace(record, basis=replace(record.basis, files=(), cube=""))))
    )


@attack(
    "commitment opened to another extract",
    Guard("model.extract.Record.commitment", "the commitment is to the whole record, each file in it", _of_facts),
    says="An office answered from one file, and shows a court of audit another, with a record that names that one.",
    by="no answer committed to it",
)
def opened(place: Path) -> str:
    log = Assembly(4)
    study = log.adopt("study", b"{}")
    consent = log.consent("m1", study, national=True, sealed=None)
    binding = log.state.consents[consent.index].binding
    basis = Basis(
        source="survey",
        files=(File(id="survey", digest=canon.digest(b"the people as they were")),),
        plan=None,
        cube=canon.digest(b"the table as it was"),
        software="comity 0.1.0",
        engine="duckdb 1.4.2",
    )
    record = Record(
        extract=MAGIC,
        salt="5a" * 32,
        member="m1",
        study=study,
        period="1",
        method=Method(name="table", version="1", digest=canon.digest(b"method")),
        binding=binding,
        basis=basis,
    )
    extract = Extract(commitment=record.commitment, binding=binding, software=basis.software)
    log.say("m1", Answer(exchange=None, consent=consent, body=log.body(b"a table"), extract=extract))
    files = (File(id="survey", digest=canon.digest(b"the people as they should be")),)
    forged = replace(record, basis=replace(basis, files=files, cube=canon.digest(b"a table for the court")))
    found = audits.opened(log.state, log.leaves, forged)
    if found is None or found.differs:
        raise Stopped("no answer committed to it")
    return "a record of a file that was never counted, and that the log seems to confirm"
