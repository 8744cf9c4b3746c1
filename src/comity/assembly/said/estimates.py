"""What an agency and a country say of an estimate."""

from collections.abc import Mapping
from typing import Any, Final

from comity.acts.estimate import EstimateAnswered, EstimateProposed, EstimateSettled
from comity.acts.statement import Act
from comity.assembly.said.account import Account, Moment, Tell
from comity.assembly.said.names import of_estimate
from comity.assembly.state import State


def _proposed(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    params = {"country": body.member, "series": body.series, "period": body.period, "draft": body.value.draft}
    return Account("", params | {"deadline": Moment(body.deadline)})


def _estimate_answered(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    variant = f"{body.answer}.counter" if body.answer == "objected" and body.counter else body.answer
    return Account(variant, of_estimate(now, body.estimate) | {"reasons": tuple(body.reasons)})


def _settled(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    return Account(body.outcome, of_estimate(now, body.estimate))


ACCOUNTS: Final[Mapping[type[Any], Tell]] = {
    EstimateProposed: _proposed,
    EstimateAnswered: _estimate_answered,
    EstimateSettled: _settled,
}
