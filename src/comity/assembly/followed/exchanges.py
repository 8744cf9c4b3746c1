"""What followed from a step of an exchange: who is in the sum, and how it ended."""

from collections.abc import Iterator, Mapping
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
from comity.acts.refs import Ref
from comity.acts.statement import Act
from comity.assembly import queries
from comity.assembly.facts import ExchangeFacts
from comity.assembly.followed.outcome import Find, Known, Outcome
from comity.assembly.followed.releases import released
from comity.assembly.state import State


def _exchange(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    if index in log.now.exchanges:
        yield from ended(log.now.exchanges[index])
        yield from _without(log.now, log.now.exchanges[index])


def _share(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    body: Any = act.body
    exchange = log.now.exchanges.get(body.exchange.index)
    if exchange is None:
        return
    if exchange.shared is not None and index in exchange.shared.members:
        yield Outcome(code="shared.in", params={"leaf": exchange.shared.ref.index})
    yield from part(exchange, act.actor)
    yield from ended(exchange)


def _answer(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    body: Any = act.body
    if body.consent is not None:
        yield from released(log.now, index)
    else:
        yield from _counted(log.now, act, index)


def _in_exchange(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    body: Any = act.body
    if body.exchange.index in log.now.exchanges:
        yield from ended(log.now.exchanges[body.exchange.index])


def _counted(now: State, act: Act, index: int) -> Iterator[Outcome]:
    """Whether the hub added this answer up, and how the exchange ended."""
    body: Any = act.body
    ref: Ref = body.exchange
    exchange = now.exchanges.get(ref.index)
    if exchange is None:
        return
    said = exchange.survivors
    if said is not None:
        code = "survivors.in" if index in said.members else "survivors.out"
        yield Outcome(code=code, params={"leaf": said.ref.index})
    yield from ended(exchange)


def _closed(act: Act, index: int, log: Known) -> Iterator[Outcome]:
    body: Any = act.body
    if body.sum is not None:
        exchange = log.now.exchanges.get(body.exchange.index)
        yield from _without(log.now, exchange) if exchange else ()
        yield from released(log.now, index)


def part(exchange: ExchangeFacts, member: str) -> Iterator[Outcome]:
    """Whether a member of the roster is in the sum, or where it dropped out, as far as the hub has said."""
    dealt, answered, left = exchange.shares.get(member), exchange.answers.get(member), exchange.left.get(member)
    if left is not None:
        yield Outcome(code="part.left", params={"leaf": left.ref.index})
    if exchange.shared is None:
        return
    if dealt is None:
        yield Outcome(code="part.silent", params={"leaf": exchange.shared.ref.index})
    elif dealt.ref.index not in exchange.shared.members:
        yield Outcome(code="shared.out", params={"leaf": exchange.shared.ref.index})
    elif exchange.survivors is not None:
        code = "missing" if answered is None else "in" if answered.ref.index in exchange.survivors.members else "out"
        yield Outcome(code=f"part.{code}", params={"leaf": exchange.survivors.ref.index})


def _without(now: State, exchange: ExchangeFacts) -> Iterator[Outcome]:
    """Who of the roster is not in the set that the hub adds up."""
    if exchange.survivors is None:
        return
    summed = queries.summed(exchange)
    if missing := tuple(member for member in queries.members_of(now, exchange) if member not in summed):
        yield Outcome(code="exchange.without", params={"members": missing})


def ended(exchange: ExchangeFacts) -> Iterator[Outcome]:
    """How an exchange ended, or that it runs."""
    ref = exchange.opened.ref.index
    if exchange.closed is None:
        yield Outcome(code="exchange.runs", params={"exchange": ref})
        return
    params = {"exchange": ref, "leaf": exchange.closed.ref.index}
    if exchange.closed.failed is not None:
        yield Outcome(code="exchange.failed", params=params | {"reasons": (exchange.closed.failed,)})
    else:
        yield Outcome(code="exchange.sum", params=params)


OUTCOMES: Final[Mapping[type[Any], Find]] = {
    ExchangeOpened: _exchange,
    Shares: _share,
    ExchangeShared: _in_exchange,
    Answer: _answer,
    ExchangeSurvivors: _in_exchange,
    Unmask: _in_exchange,
    ExchangeRefused: _in_exchange,
    ExchangeClosed: _closed,
}
