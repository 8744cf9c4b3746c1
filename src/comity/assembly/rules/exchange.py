"""The exchange family: what the log alone can judge of SEAL's steps, but for the answers (`rules.answer`).

The roster is all who consented, sets are ascending and inside the set before; what every step must be is in
`rules.step`. Thresholds, manifests and sums need bodies and the study's text: `seal.round` checks them.
"""

from dataclasses import replace
from typing import Any, Final

from comity.acts.charter import MOST_SECONDS
from comity.acts.exchange import (
    ExchangeClosed,
    ExchangeOpened,
    ExchangeRefused,
    ExchangeShared,
    ExchangeSurvivors,
    Shares,
    Unmask,
)
from comity.assembly import queries
from comity.assembly.facts import Closed, ExchangeFacts, HubSaid, Left, Said
from comity.assembly.rules.rule import MEMBERS, Entry, Rule, by_actor, by_hub, found, no
from comity.assembly.rules.step import against_body, against_member, against_set, against_step, named, output, put
from comity.assembly.state import State
from comity.model.member import HUB
from comity.model.reason import Reason

LEAST: Final = 4  # members: SEAL has t >= c + 3 survivors, and c >= 1
REFUSALS: Final = frozenset({"seal", "policy", "budget"})  # families of codes


def against_opened(state: State, entry: Entry[ExchangeOpened]) -> list[Reason]:
    """A study not in force, not the next attempt, not the whole roster, or deadlines too near or too far."""
    body = entry.body
    reasons = [] if queries.adopted(state, body.study, "study") else [no("study.not-in-force")]
    earlier = queries.exchanges(state, body.study, body.period)
    if queries.opened_sum(state, body.study, body.period):
        reasons.append(no("act.closed", what="sum"))
    elif any(exchange.attempt == body.attempt for exchange in earlier):
        reasons.append(no("act.repeated", attempt=str(body.attempt)))
    elif body.attempt != queries.attempt(state, body.study, body.period) or any(not x.closed for x in earlier):
        reasons.append(no("act.unknown-thing", what="attempt"))
    if body.roster != queries.roster(state, body.study, body.period, body.attempt):
        reasons.append(no("seal.roster"))
    elif len(body.roster) < LEAST:
        reasons.append(no("seal.too-few", wanted=str(LEAST)))
    if list(body.deadlines) != sorted(set(body.deadlines)) or body.deadlines[-1] > state.time + MOST_SECONDS:
        reasons.append(no("act.malformed", what="deadlines"))
    elif body.deadlines[0] <= state.time:
        reasons.append(no("seal.late"))
    return reasons


def open_exchange(state: State, entry: Entry[ExchangeOpened]) -> State:
    """The attempt begins."""
    body = entry.body
    facts = ExchangeFacts(
        opened=HubSaid(ref=entry.ref, leaf_hash=entry.leaf_hash, members=body.roster),
        study=body.study,
        period=body.period,
        attempt=body.attempt,
        deadlines=body.deadlines,
    )
    subject, index = (body.study, body.period), entry.ref.index
    attempts = state.attempts.set(subject, (*state.attempts.get(subject, ()), index))
    return put(state.having(attempts=attempts, running=(*state.running, index)), facts)


def against_shares(state: State, entry: Entry[Shares]) -> list[Reason]:
    """Not on the roster, a second time, or too late."""
    exchange = found(state.exchanges, entry.body.exchange, state.digests)
    reasons = against_step(state, exchange, "shares", until="shared")
    if exchange is not None:
        roster = (state.consents[index].member for index in exchange.opened.members)
        reasons += against_member(state, exchange, entry.actor, roster, exchange.shares)
    return reasons + against_body(state, entry.body.manifest)


def share(state: State, entry: Entry[Shares]) -> State:
    """The member's manifest is named."""
    exchange = state.exchanges[entry.body.exchange.index]
    said = Said(ref=entry.ref, body=entry.body.manifest)
    return put(state, replace(exchange, shares=exchange.shares.set(entry.actor, said)))


def against_shared(state: State, entry: Entry[ExchangeShared]) -> list[Reason]:
    """A second time, too late, or a set that is none of those who sent shares."""
    exchange = found(state.exchanges, entry.body.exchange, state.digests)
    reasons = against_step(state, exchange, "shared", until="shared")
    if exchange is not None:
        reasons += against_set(state, exchange, entry.body.members, exchange.shares)
    return reasons


def fix_shared(state: State, entry: Entry[ExchangeShared]) -> State:
    """U2 is fixed."""
    exchange = state.exchanges[entry.body.exchange.index]
    said = HubSaid(ref=entry.ref, leaf_hash=entry.leaf_hash, members=entry.body.members)
    return put(state, replace(exchange, shared=said))


def against_survivors(state: State, entry: Entry[ExchangeSurvivors]) -> list[Reason]:
    """Before U2, a second time, too late, or a set that is none of those in U2 who answered."""
    exchange = found(state.exchanges, entry.body.exchange, state.digests)
    reasons = against_step(state, exchange, "survivors", after="shared", until="survivors")
    if exchange is not None:
        reasons += against_set(state, exchange, entry.body.members, exchange.answers)
    return reasons


def fix_survivors(state: State, entry: Entry[ExchangeSurvivors]) -> State:
    """U3 is fixed."""
    exchange = state.exchanges[entry.body.exchange.index]
    said = HubSaid(ref=entry.ref, leaf_hash=entry.leaf_hash, members=entry.body.members)
    return put(state, replace(exchange, survivors=said))


def against_unmask(state: State, entry: Entry[Unmask]) -> list[Reason]:
    """Not in U3, a second time, or too late."""
    exchange = found(state.exchanges, entry.body.exchange, state.digests)
    reasons = against_step(state, exchange, "unmask", after="survivors")
    if exchange is not None:
        survivors = named(exchange.survivors, exchange.answers)
        reasons += against_member(state, exchange, entry.actor, survivors, exchange.unmask)
    return reasons + against_body(state, entry.body.shares)


def unmask(state: State, entry: Entry[Unmask]) -> State:
    """The member's list of shares is named."""
    exchange = state.exchanges[entry.body.exchange.index]
    said = Said(ref=entry.ref, body=entry.body.shares)
    return put(state, replace(exchange, unmask=exchange.unmask.set(entry.actor, said)))


def against_left(state: State, entry: Entry[ExchangeRefused]) -> list[Reason]:
    """Not on the roster, a second time, an exchange that is over, or blame of somebody who is not in it."""
    body = entry.body
    exchange = found(state.exchanges, body.exchange, state.digests)
    if exchange is None:
        return [no("act.unknown-thing", what="exchange")]
    roster = {state.consents[index].member for index in exchange.opened.members}
    reasons = [no("act.closed", what="exchange")] if exchange.closed else []
    if entry.actor not in roster:
        reasons.append(no("seal.not-named"))
    if entry.actor in exchange.left:
        reasons.append(no("act.repeated"))
    if list(body.blames) != sorted(set(body.blames)) or not set(body.blames) <= roster | {HUB}:
        reasons.append(no("act.malformed", what="blames"))
    return reasons + _against_code(body.reason)


def leave(state: State, entry: Entry[ExchangeRefused]) -> State:
    """The member has left, in this step, for this reason."""
    body = entry.body
    exchange = state.exchanges[body.exchange.index]
    left = Left(ref=entry.ref, step=body.step, reason=body.reason, blames=body.blames)
    return put(state, replace(exchange, left={**exchange.left, entry.actor: left}))


def against_closed(state: State, entry: Entry[ExchangeClosed]) -> list[Reason]:
    """A second time; both or neither of sum and failure; a sum before U3 or behind the last deadline.

    That it failed can always be said: a hub that was too late must be able to end the attempt.
    """
    body = entry.body
    exchange = found(state.exchanges, body.exchange, state.digests)
    if exchange is None:
        return [no("act.unknown-thing", what="exchange")]
    whole = (body.sum is not None, body.view is not None, body.failed is None)
    reasons = [] if len(set(whole)) == 1 else [no("act.malformed", what="closed")]
    if body.sum is not None:
        return reasons + against_step(state, exchange, "closed", after="survivors")
    reasons += [no("act.closed", what="exchange")] if exchange.closed else []
    return reasons + (_against_code(body.failed) if body.failed else [])


def close(state: State, entry: Entry[ExchangeClosed]) -> State:
    """The attempt is over; its sum, if there is one, may be released by the hub."""
    body = entry.body
    closed = Closed(ref=entry.ref, sum=body.sum, view=body.view, failed=body.failed)
    index = body.exchange.index
    running = tuple(other for other in state.running if other != index)
    after = put(state.having(running=running), replace(state.exchanges[index], closed=closed))
    return output(after, entry, body.exchange) if body.sum else after


def _against_code(reason: Reason) -> list[Reason]:
    """An exchange fails by protocol, policy or budget, never by what the data hold."""
    return [] if reason.code.partition(".")[0] in REFUSALS else [no("act.malformed", what="reason")]


RULES: dict[type[Any], Rule] = {
    ExchangeOpened: Rule(signer=by_hub, roles=None, against=against_opened, effect=open_exchange),
    Shares: Rule(signer=by_actor, roles=MEMBERS, against=against_shares, effect=share),
    ExchangeShared: Rule(signer=by_hub, roles=None, against=against_shared, effect=fix_shared),
    ExchangeSurvivors: Rule(signer=by_hub, roles=None, against=against_survivors, effect=fix_survivors),
    Unmask: Rule(signer=by_actor, roles=MEMBERS, against=against_unmask, effect=unmask),
    ExchangeRefused: Rule(signer=by_actor, roles=MEMBERS, against=against_left, effect=leave),
    ExchangeClosed: Rule(signer=by_hub, roles=None, against=against_closed, effect=close),
}
