"""Audits: who answers for a figure, and what became of a request, by the log's own time.

A request is open until it is answered, and silent from its deadline on. Silence is nobody's statement: it follows from
the last tick. An answer behind the deadline stands, as late, and does not undo the silence.
"""

from typing import Final, Literal

from comity.assembly import queries
from comity.assembly.state import AuditFacts, ReleaseFacts, State

Standing = Literal["open", "silent", "answered", "answered late", "refused", "refused late"]
SILENT: Final[frozenset[Standing]] = frozenset({"silent", "answered late", "refused late"})


def accountable(state: State, release: ReleaseFacts) -> tuple[str, ...]:
    """Who may be asked about a release: its publisher, and whoever's answer it is made from; by id."""
    inputs = set(release.inputs)
    owners = {state.outputs[index] for index in inputs}
    for exchange in state.exchanges.values():
        if exchange.closed is not None and exchange.closed.ref.index in inputs:
            owners.update(queries.summed(exchange))
    return tuple(sorted({release.publisher, *owners}))


def standing(audit: AuditFacts, time: int) -> Standing:
    """How a request stands when the log tells this time (POSIX seconds)."""
    if audit.answer is None:
        return "silent" if time > audit.deadline else "open"
    if audit.answer.time > audit.deadline:
        return "answered late" if audit.answer.answer == "answered" else "refused late"
    return audit.answer.answer
