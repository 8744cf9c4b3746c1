"""What holds for each step of an exchange: said once, by its proper author, before its deadline, inside the set before.

A deadline is past behind a tick whose time is later; what comes then is refused. Whoever left, or revoked its consent,
belongs to no later set. Which step needs what is told in `rules.exchange` and `rules.answer`.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from comity.acts.exchange import Step
from comity.acts.refs import Blob, Ref
from comity.assembly.facts import ExchangeFacts, HubSaid, Said
from comity.assembly.rules.rule import Entry, no
from comity.assembly.state import State
from comity.model.reason import Reason

DEADLINE: Final[Mapping[Step, int]] = {  # the place in `deadlines` by which each step must be said
    "shares": 0,
    "shared": 1,
    "answer": 1,
    "survivors": 2,
    "unmask": 2,
    "closed": 3,
}


def against_step(
    state: State,
    exchange: ExchangeFacts | None,
    step: Step,
    *,
    after: Step | None = None,
    until: Step | None = None,
) -> list[Reason]:
    """An exchange that is unknown or over; a step whose set is not fixed yet, is fixed already, or whose time is past.

    Args:
        after: the hub's step that must have been said before.
        until: the hub's step behind which this one is over.
    """
    if exchange is None:
        return [no("act.unknown-thing", what="exchange")]
    if exchange.closed is not None:
        return [no("act.closed", what="exchange")]
    if until is not None and getattr(exchange, until) is not None:
        return [no("act.closed", what=until)]
    reasons = []
    if after is not None and getattr(exchange, after) is None:
        reasons.append(no("act.unknown-thing", what=after))
    if state.time > exchange.deadlines[DEADLINE[step]]:
        reasons.append(no("seal.late", step=step))
    return reasons


def against_member(
    state: State, exchange: ExchangeFacts, actor: str, members: Iterable[str], said: Mapping[str, Said]
) -> list[Reason]:
    """Not in the set it would have to be in, gone, or a second time."""
    reasons = []
    if actor not in set(members):
        reasons.append(no("seal.not-named"))
    elif actor in gone(state, exchange):
        reasons.append(no("act.closed", what="left"))
    if actor in said:
        reasons.append(no("act.repeated"))
    return reasons


def against_body(state: State, body: Blob) -> list[Reason]:
    """A body that was named before: bodies of an exchange are kept back, and nobody may keep back another's."""
    return [no("act.repeated", what="body")] if body.digest in state.bodies else []


def against_set(
    state: State, exchange: ExchangeFacts, members: tuple[int, ...], said: Mapping[str, Said]
) -> list[Reason]:
    """Not ascending, empty, or with an index that no member in this exchange said this step at."""
    reasons = []
    if not members or list(members) != sorted(set(members)):
        reasons.append(no("act.malformed", what="members"))
    left = gone(state, exchange)
    if not set(members) <= {one.ref.index for member, one in said.items() if member not in left}:
        reasons.append(no("seal.not-subset"))
    return reasons


def gone(state: State, exchange: ExchangeFacts) -> frozenset[str]:
    """Members of the roster who left the exchange or revoked their consent."""
    consents = (state.consents[index] for index in exchange.opened.members)
    return frozenset(exchange.left) | {consent.member for consent in consents if consent.revoked is not None}


def named(hub: HubSaid | None, said: Mapping[str, Said]) -> tuple[str, ...]:
    """Ids of a set that the hub fixed by the indices of what members said."""
    members = set(hub.members) if hub else set()
    return tuple(member for member, one in said.items() if one.ref.index in members)


def put(state: State, exchange: ExchangeFacts) -> State:
    """The exchange as it is now."""
    return state.having(exchanges=state.exchanges.set(exchange.opened.ref.index, exchange))


def output(state: State, entry: Entry[Any], source: Ref) -> State:
    """The leaf is one that a release may be made from: by whom, out of what, and what time the log told then."""
    index = entry.ref.index
    return state.having(
        outputs=state.outputs.set(index, entry.actor),
        sources=state.sources.set(index, source.index),
        dated=state.dated.set(index, state.time),
    )
