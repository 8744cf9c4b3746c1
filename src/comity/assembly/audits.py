"""Audits: who answers for a figure, and what became of a request, by the log's own time.

A request is open until it is answered, and silent from its deadline on. Silence is nobody's statement: it follows from
the last tick. An answer behind the deadline stands, as late, and does not undo the silence.

Also: which answer committed to an extract's record, and whether the log says the same of that answer. Whether a record
is true shows only where the table is counted again.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from comity.acts.exchange import Answer
from comity.assembly import queries
from comity.assembly.facts import AuditFacts, ConsentFacts, ExchangeFacts, ReleaseFacts
from comity.assembly.spoken import spoken
from comity.assembly.state import State
from comity.model.extract import Record

Standing = Literal["open", "silent", "answered", "answered late", "refused", "refused late"]
SILENT: Final[frozenset[Standing]] = frozenset({"silent", "answered late", "refused late"})


def accountable(state: State, release: ReleaseFacts) -> tuple[str, ...]:
    """Who may be asked about a release: its publisher, and whoever's answer it is made from; by id."""
    owners = {release.publisher, *(state.outputs[index] for index in release.inputs)}
    for one in (queries.source(state, index) for index in release.inputs):
        if isinstance(one, ExchangeFacts):
            owners.update(queries.summed(one))
    return tuple(sorted(owners))


def standing(audit: AuditFacts, time: int) -> Standing:
    """How a request stands when the log tells this time (POSIX seconds)."""
    if audit.answer is None:
        return "silent" if audit.opened is not None and time > audit.deadline else "open"
    if audit.answer.time > audit.deadline:
        return "answered late" if audit.answer.answer == "answered" else "refused late"
    return audit.answer.answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What became of the requests that were put to one actor; the first four add up to `asked`."""

    answered: int = 0  # in time
    refused: int = 0  # in time
    silent: int = 0  # no answer by the deadline, whatever came later
    open: int = 0  # still time to answer
    asked: int = 0
    late: int = 0  # of the silent ones: answered or refused later
    codes: tuple[tuple[str, int], ...] = ()  # refusals that named a code, late ones too; sorted


def received(state: State, id: str) -> Received:
    """The requests put to a member, a producer or the hub, by the log's own time."""
    put = [audit for audit in state.audits.values() if audit.asked == id]
    ends = Counter(standing(audit, state.time) for audit in put)
    codes = Counter(reason.code for audit in put if audit.answer for reason in audit.answer.reasons)
    return Received(
        answered=ends["answered"],
        refused=ends["refused"],
        silent=sum(ends[end] for end in SILENT),
        open=ends["open"],
        asked=len(put),
        late=ends["answered late"] + ends["refused late"],
        codes=tuple(sorted(codes.items())),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An answer whose commitment a record opens, and fields in which the record says another thing than the log."""

    index: int
    member: str
    sealed: bool
    differs: tuple[str, ...]


def opened(state: State, leaves: Sequence[bytes], record: Record) -> Opened | None:
    """The answer that committed to this record, and to no other one; None if the log holds no such commitment.

    A commitment is public, so others may repeat it, and a host may log theirs before: the answer that says what the
    record says is meant, if there is one.
    """
    wanted, others = record.commitment, list[Opened]()
    for said in spoken(state, leaves):
        body = said.body
        if isinstance(body, Answer) and body.extract is not None and body.extract.commitment == wanted:
            consent = answered(state, said.actor, body)
            facts = (said.actor, consent.study, consent.period, consent.binding, body.extract.software)
            told = (record.member, record.study, record.period, record.binding, record.basis.software)
            names = ("member", "study", "period", "binding", "software")
            differs = tuple(name for name, a, b in zip(names, facts, told, strict=True) if a != b)
            found = Opened(index=said.index, member=said.actor, sealed=body.exchange is not None, differs=differs)
            if not differs:
                return found
            others.append(found)
    return others[0] if others else None


def answered(state: State, actor: str, body: Answer) -> ConsentFacts:
    """The consent that an answer with effect was given by."""
    if body.consent is not None:
        return state.consents[body.consent.index]
    roster = state.exchanges[body.exchange.index].opened.members if body.exchange else ()
    return next(state.consents[index] for index in roster if state.consents[index].member == actor)
