"""What each step of an exchange says, and an answer."""

from collections.abc import Mapping
from typing import Any, Final

from comity.acts.exchange import (
    Answer,
    ExchangeClosed,
    ExchangeOpened,
    ExchangeRefused,
    ExchangeShared,
    ExchangeSurvivors,
    Shares,
    Unmask,
)
from comity.acts.statement import Act
from comity.assembly import queries
from comity.assembly.facts import Said
from comity.assembly.said.account import Account, Moment, Tell, Term
from comity.assembly.said.names import of_consent, of_exchange, of_study
from comity.assembly.state import State


def _opened(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    members = tuple(now.consents[index].member for index in body.roster if index in now.consents)
    params = {"attempt": body.attempt, "count": len(body.roster), "members": members}
    return Account("", of_study(now, body.study, body.period) | params | {"closes": Moment(body.deadlines[3])})


def _step(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    return Account("", of_exchange(now, body.exchange))


def _set(act: Act, here: State, now: State) -> Account:
    """A set that the hub fixes, leaf indices of what members said in the step before; and who does not go on."""
    body: Any = act.body
    exchange, named = now.exchanges.get(body.exchange.index), set(body.members)
    said: Mapping[str, Said] = {}
    before: tuple[str, ...] = ()
    if exchange is not None and isinstance(body, ExchangeShared):
        said, before = exchange.shares, queries.members_of(now, exchange)
    elif exchange is not None:
        said, before = exchange.answers, queries.dealt(exchange)
    members = tuple(member for member, one in said.items() if one.ref.index in named)
    missing = tuple(member for member in before if member not in members)
    params = {"count": len(body.members), "members": members, "missing": missing}
    return Account("missing" if missing else "whole", of_exchange(now, body.exchange) | params)


def _answer(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    if body.exchange is not None:
        return Account("sealed", of_exchange(now, body.exchange))
    if body.consent is not None:
        return Account("national", of_consent(now, body.consent))
    return Account("nothing")


def _left(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    params = {"step": Term(f"step.{body.step}"), "reasons": (body.reason,), "blames": tuple(body.blames)}
    return Account("blames" if body.blames else "plain", of_exchange(now, body.exchange) | params)


def _closed(act: Act, here: State, now: State) -> Account:
    body: Any = act.body
    params = of_exchange(now, body.exchange)
    if body.failed is not None:
        return Account("failed", params | {"reasons": (body.failed,)})
    exchange = now.exchanges.get(body.exchange.index)
    count = len(exchange.survivors.members) if exchange and exchange.survivors else 0
    return Account("sum", params | {"count": count, "digest": body.sum.digest if body.sum else "?"})


ACCOUNTS: Final[Mapping[type[Any], Tell]] = {
    ExchangeOpened: _opened,
    Shares: _step,
    ExchangeShared: _set,
    Answer: _answer,
    ExchangeSurvivors: _set,
    Unmask: _step,
    ExchangeRefused: _left,
    ExchangeClosed: _closed,
}
