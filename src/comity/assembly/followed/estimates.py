"""What followed from an estimate: the answer, the silence, the end."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from comity.acts.estimate import EstimateAnswered, EstimateProposed
from comity.acts.statement import Act
from comity.assembly import queries
from comity.assembly.followed.outcome import Find, Known, Outcome
from comity.assembly.said.account import Moment, Term
from comity.assembly.state import State


def _proposed(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    """Answered by its country, met with silence, or waiting; and how it ended."""
    facts = log.now.estimates.get(index)
    if facts is None:
        return
    params = {"country": facts.member, "deadline": Moment(facts.deadline)}
    if facts.answer is not None:
        said = Term(f"estimate.{facts.answer.answer}")
        yield Outcome(code="estimate.answered", params=params | {"answer": said, "leaf": facts.answer.ref.index})
    elif queries.may_answer(log.now, facts):
        yield Outcome(code="estimate.open", params=params)
    else:
        yield Outcome(code="estimate.absent" if facts.absent else "estimate.silent", params=params)
    yield from _settlement(log.now, index)


def _of_estimate(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    body: Any = act.body
    yield from _settlement(log.now, body.estimate.index)


def _settlement(now: State, index: int) -> Iterator[Outcome]:
    facts = now.estimates.get(index)
    if facts is not None and facts.settled is not None:
        outcome = Term(f"settled.{facts.settled.outcome}")
        yield Outcome(code="estimate.settled", params={"leaf": facts.settled.ref.index, "outcome": outcome})


OUTCOMES: Final[Mapping[type[Any], Find]] = {
    EstimateProposed: _proposed,
    EstimateAnswered: _of_estimate,
}
