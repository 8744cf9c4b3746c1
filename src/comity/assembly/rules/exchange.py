"""The exchange family: what the log alone can judge of SEAL's steps, and the member's own national answer.

The roster is all who consented, sets are ascending and inside the set before, each step is said once, by its proper
author, before its deadline. A deadline is past behind a tick whose time is later; what comes then is refused. Whoever
left, or revoked its consent, belongs to no later set. Thresholds, manifests and sums need bodies and the study's text:
`seal.round` checks them.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from comity.acts.exchange import (
    Answer,
    ExchangeClosed,
    ExchangeOpened,
    ExchangeRefused,
    ExchangeShared,
    ExchangeSurvivors,
    Extract,
    Shares,
    Step,
    Unmask,
)
from comity.acts.refs import Blob, Ref
from comity.assembly import queries
from comity.assembly.facts import Closed, ExchangeFacts, HubSaid, Left, Said
from comity.assembly.rules.rule import MEMBERS, PRODUCERS, Entry, Rule, by_actor, by_hub, found, no, unspelt
from comity.assembly.state import State
from comity.canon import Digest
from comity.model.member import HUB
from comity.model.reason import Reason

LEAST: Final = 4  # members: SEAL has t >= c + 3 survivors, and c >= 1
DEADLINE: Final[Mapping[Step, int]] = {  # the place in `deadlines` by which each step must be said
    "shares": 0,
    "shared": 1,
    "answer": 1,
    "survivors": 2,
    "unmask": 2,
    "closed": 3,
}
_SOFTWARE: Final = re.compile(r"[a-z][a-z0-9-]{0,31} [0-9][0-9A-Za-z.+-]{0,31}")  # name and version
REFUSALS: Final = frozenset({"seal", "policy", "budget"})  # families of codes


def against_opened(state: State, entry: Entry[ExchangeOpened]) -> list[Reason]:
    """A study not in force, not the next attempt, not the whole roster, or deadlines that leave no time."""
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
    if list(body.deadlines) != sorted(set(body.deadlines)):
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
    return _with(state.having(attempts=attempts, running=(*state.running, index)), facts)


def against_shares(state: State, entry: Entry[Shares]) -> list[Reason]:
    """Not on the roster, a second time, or too late."""
    exchange = found(state.exchanges, entry.body.exchange, state.digests)
    reasons = against_step(state, exchange, "shares", until="shared")
    if exchange is not None:
        roster = (state.consents[index].member for index in exchange.opened.members)
        reasons += _against_member(state, exchange, entry.actor, roster, exchange.shares)
    return reasons + _against_body(state, entry.body.manifest)


def share(state: State, entry: Entry[Shares]) -> State:
    """The member's manifest is named."""
    exchange = state.exchanges[entry.body.exchange.index]
    said = Said(ref=entry.ref, body=entry.body.manifest)
    return _with(state, replace(exchange, shares=exchange.shares.set(entry.actor, said)))


def against_shared(state: State, entry: Entry[ExchangeShared]) -> list[Reason]:
    """A second time, too late, or a set that is none of those who sent shares."""
    exchange = found(state.exchanges, entry.body.exchange, state.digests)
    reasons = against_step(state, exchange, "shared", until="shared")
    if exchange is not None:
        reasons += _against_set(state, exchange, entry.body.members, exchange.shares)
    return reasons


def fix_shared(state: State, entry: Entry[ExchangeShared]) -> State:
    """U2 is fixed."""
    exchange = state.exchanges[entry.body.exchange.index]
    said = HubSaid(ref=entry.ref, leaf_hash=entry.leaf_hash, members=entry.body.members)
    return _with(state, replace(exchange, shared=said))


def against_answer(state: State, entry: Entry[Answer]) -> list[Reason]:
    """Neither one exchange nor one consent; or what speaks against that one."""
    body = entry.body
    if body.exchange is not None and body.consent is None:
        reasons = _against_sealed(state, entry, body.exchange)
    elif body.consent is not None and body.exchange is None:
        reasons = _against_national(state, entry, body.consent)
    else:
        return [no("act.malformed", what="answer")]
    return reasons or _against_extract(body.extract, _binding(state, entry.actor, body))


def answer(state: State, entry: Entry[Answer]) -> State:
    """The sealed vector of an exchange, or the national cube of a consent, is named."""
    body, said = entry.body, Said(ref=entry.ref, body=entry.body.body)
    if body.exchange is not None:
        exchange = state.exchanges[body.exchange.index]
        return _with(state, replace(exchange, answers=exchange.answers.set(entry.actor, said)))
    if body.consent is None:
        return state
    return _output(state.having(nationals=state.nationals.set(body.consent.index, said)), entry, body.consent)


def against_survivors(state: State, entry: Entry[ExchangeSurvivors]) -> list[Reason]:
    """Before U2, a second time, too late, or a set that is none of those in U2 who answered."""
    exchange = found(state.exchanges, entry.body.exchange, state.digests)
    reasons = against_step(state, exchange, "survivors", after="shared", until="survivors")
    if exchange is not None:
        reasons += _against_set(state, exchange, entry.body.members, exchange.answers)
    return reasons


def fix_survivors(state: State, entry: Entry[ExchangeSurvivors]) -> State:
    """U3 is fixed."""
    exchange = state.exchanges[entry.body.exchange.index]
    said = HubSaid(ref=entry.ref, leaf_hash=entry.leaf_hash, members=entry.body.members)
    return _with(state, replace(exchange, survivors=said))


def against_unmask(state: State, entry: Entry[Unmask]) -> list[Reason]:
    """Not in U3, a second time, or too late."""
    exchange = found(state.exchanges, entry.body.exchange, state.digests)
    reasons = against_step(state, exchange, "unmask", after="survivors")
    if exchange is not None:
        survivors = _members(exchange.survivors, exchange.answers)
        reasons += _against_member(state, exchange, entry.actor, survivors, exchange.unmask)
    return reasons + _against_body(state, entry.body.shares)


def unmask(state: State, entry: Entry[Unmask]) -> State:
    """The member's list of shares is named."""
    exchange = state.exchanges[entry.body.exchange.index]
    said = Said(ref=entry.ref, body=entry.body.shares)
    return _with(state, replace(exchange, unmask=exchange.unmask.set(entry.actor, said)))


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
    return _with(state, replace(exchange, left={**exchange.left, entry.actor: left}))


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
    after = _with(state.having(running=running), replace(state.exchanges[index], closed=closed))
    return _output(after, entry, body.exchange) if body.sum else after


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


def _against_sealed(state: State, entry: Entry[Answer], ref: Ref) -> list[Reason]:
    """Not in U2, a second time, or too late."""
    exchange = found(state.exchanges, ref, state.digests)
    reasons = against_step(state, exchange, "answer", after="shared", until="survivors")
    if state.actors[entry.actor].party.role != "member":
        reasons.append(no("act.signer", what="sealed"))
    if exchange is not None:
        shared = _members(exchange.shared, exchange.shares)
        reasons += _against_member(state, exchange, entry.actor, shared, exchange.answers)
    return reasons + _against_body(state, entry.body.body)


def _against_national(state: State, entry: Entry[Answer], ref: Ref) -> list[Reason]:
    """Not its own consent, one without a national table, revoked, or answered already."""
    consent = found(state.consents, ref, state.digests)
    if consent is None:
        return [no("act.unknown-thing", what="consent")]
    reasons = [no("act.signer", member=consent.member)] if consent.member != entry.actor else []
    if not consent.national:
        reasons.append(no("act.kind", what="national"))
    if consent.revoked is not None:
        reasons.append(no("act.closed", what="consent"))
    if ref.index in state.nationals:
        reasons.append(no("act.repeated"))
    if entry.body.epsilon is not None:
        reasons.append(no("act.malformed", what="epsilon"))
    return reasons


def _binding(state: State, actor: str, body: Answer) -> Digest | None:
    """The binding that the actor consented with to what it answers."""
    if body.consent is not None:
        return state.consents[body.consent.index].binding
    exchange = state.exchanges.get(body.exchange.index) if body.exchange else None
    roster = (state.consents[index] for index in exchange.opened.members) if exchange else ()
    return next((consent.binding for consent in roster if consent.member == actor), None)


def _against_extract(extract: Extract | None, binding: Digest | None) -> list[Reason]:
    """None: an answer that nobody could ever audit. Or not spelt right, or counted by another binding."""
    if extract is None:
        return [no("act.malformed", what="extract")]
    reasons = unspelt(extract.commitment, extract.binding)
    if extract.binding != binding:
        reasons.append(no("act.malformed", what="binding"))
    return reasons if _SOFTWARE.fullmatch(extract.software) else [*reasons, no("act.malformed", what="software")]


def _against_member(
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


def _against_body(state: State, body: Blob) -> list[Reason]:
    """A body that was named before: bodies of an exchange are kept back, and nobody may keep back another's."""
    return [no("act.repeated", what="body")] if body.digest in state.bodies else []


def _against_set(
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


def _against_code(reason: Reason) -> list[Reason]:
    """An exchange fails by protocol, policy or budget, never by what the data hold."""
    return [] if reason.code.partition(".")[0] in REFUSALS else [no("act.malformed", what="reason")]


def gone(state: State, exchange: ExchangeFacts) -> frozenset[str]:
    """Members of the roster who left the exchange or revoked their consent."""
    consents = (state.consents[index] for index in exchange.opened.members)
    return frozenset(exchange.left) | {consent.member for consent in consents if consent.revoked is not None}


def _members(hub: HubSaid | None, said: Mapping[str, Said]) -> tuple[str, ...]:
    """Ids of a set that the hub fixed by the indices of what members said."""
    named = set(hub.members) if hub else set()
    return tuple(member for member, one in said.items() if one.ref.index in named)


def _output(state: State, entry: Entry[Any], source: Ref) -> State:
    """The leaf is one that a release may be made from: by whom, out of what, and what time the log told then."""
    index = entry.ref.index
    return state.having(
        outputs=state.outputs.set(index, entry.actor),
        sources=state.sources.set(index, source.index),
        dated=state.dated.set(index, state.time),
    )


def _with(state: State, exchange: ExchangeFacts) -> State:
    return state.having(exchanges=state.exchanges.set(exchange.opened.ref.index, exchange))


RULES: dict[type[Any], Rule] = {
    ExchangeOpened: Rule(signer=by_hub, roles=None, against=against_opened, effect=open_exchange),
    Shares: Rule(signer=by_actor, roles=MEMBERS, against=against_shares, effect=share),
    ExchangeShared: Rule(signer=by_hub, roles=None, against=against_shared, effect=fix_shared),
    Answer: Rule(signer=by_actor, roles=PRODUCERS, against=against_answer, effect=answer),
    ExchangeSurvivors: Rule(signer=by_hub, roles=None, against=against_survivors, effect=fix_survivors),
    Unmask: Rule(signer=by_actor, roles=MEMBERS, against=against_unmask, effect=unmask),
    ExchangeRefused: Rule(signer=by_actor, roles=MEMBERS, against=against_left, effect=leave),
    ExchangeClosed: Rule(signer=by_hub, roles=None, against=against_closed, effect=close),
}
