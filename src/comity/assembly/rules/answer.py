"""An answer: the sealed vector of an exchange, or a member's own national table; and what it was counted from.

Which binding and which software counted it, and a commitment to the record, must stand in every answer: otherwise
nobody could audit it. What is in the body is checked by `seal.round` and `verify`.
"""

import re
from dataclasses import replace
from typing import Any, Final

from comity.acts.exchange import Answer, Extract
from comity.acts.refs import Ref
from comity.assembly.facts import Said
from comity.assembly.rules.rule import PRODUCERS, Entry, Rule, by_actor, found, no, unspelt
from comity.assembly.rules.step import against_body, against_member, against_step, named, output, put
from comity.assembly.state import State
from comity.canon import Digest
from comity.model.reason import Reason

_SOFTWARE: Final = re.compile(r"[a-z][a-z0-9-]{0,31} [0-9][0-9A-Za-z.+-]{0,31}")  # name and version


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
        return put(state, replace(exchange, answers=exchange.answers.set(entry.actor, said)))
    if body.consent is None:
        return state
    return output(state.having(nationals=state.nationals.set(body.consent.index, said)), entry, body.consent)


def _against_sealed(state: State, entry: Entry[Answer], ref: Ref) -> list[Reason]:
    """Not in U2, a second time, or too late."""
    exchange = found(state.exchanges, ref, state.digests)
    reasons = against_step(state, exchange, "answer", after="shared", until="survivors")
    if state.actors[entry.actor].party.role != "member":
        reasons.append(no("act.signer", what="sealed"))
    if exchange is not None:
        shared = named(exchange.shared, exchange.shares)
        reasons += against_member(state, exchange, entry.actor, shared, exchange.answers)
    return reasons + against_body(state, entry.body.body)


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


RULES: dict[type[Any], Rule] = {
    Answer: Rule(signer=by_actor, roles=PRODUCERS, against=against_answer, effect=answer),
}
