"""The one fold: what a log means, leaf by leaf; and the one answer to whether an act may be said.

`step` and `admit` judge by the same code (`judge`), so the door refuses exactly what would have no effect. A leaf
against the rules changes nothing but the log: it stands in `state.breaches`, as evidence against the hub that logged
it. No bytes whatever stop the fold. What each kind must hold is in `rules`, one file a family.

An act must name a head that this log had not more than `RECENT` leaves ago, so that nobody holds a statement back to
use it much later; and the same leaf counts once. Costs of a step do not grow with the log.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from comity import dsse
from comity.acts.charter import Charter
from comity.acts.refs import Blob, Head, Ref
from comity.acts.statement import CHARTER_LIMIT, LIMIT, Leaf, blobs, boxes, read
from comity.acts.tick import Tick
from comity.assembly.facts import Breach
from comity.assembly.rules import (
    answer,
    audit,
    charter,
    consent,
    estimate,
    exchange,
    key,
    motion,
    release,
    reservation,
    succession,
    tick,
)
from comity.assembly.rules.rule import Entry, Rule, no, unspelt
from comity.assembly.state import State
from comity.canon import Digest, digest
from comity.errors import FormatError
from comity.keys import Verifier, key_id
from comity.model.member import HUB
from comity.model.reason import Reason, ordered
from comity.tlog.merkle import leaf_hash

RECENT: Final = 4096  # leaves
RULES: Final[Mapping[type[Any], Rule]] = {
    **charter.RULES,
    **succession.RULES,
    **motion.RULES,
    **reservation.RULES,
    **key.RULES,
    **consent.RULES,
    **exchange.RULES,
    **answer.RULES,
    **release.RULES,
    **estimate.RULES,
    **audit.RULES,
    **tick.RULES,
}


def start() -> State:
    """The state of an empty log."""
    return State()


@dataclass(frozen=True, slots=True)
class Judged:
    """A leaf at the end of one log: every reason against it, or the entry whose effect it has.

    digest: SHA-256 of the leaf.    hash: its RFC 6962 leaf hash.
    """

    reasons: tuple[Reason, ...]
    entry: Entry[Any] | None
    digest: Digest
    hash: bytes
    blobs: tuple[Blob, ...] = ()  # bodies beside the log that the act names


def step(state: State, leaf: bytes) -> tuple[State, tuple[Reason, ...]]:
    """The state after one more leaf, and every reason why the leaf has no effect; none if it has."""
    judged = judge(state, leaf)
    return after(state, judged), judged.reasons


def admit(state: State, leaf: bytes) -> tuple[Reason, ...]:
    """Every reason against a leaf at the end of this log; none if it may be appended."""
    return judge(state, leaf).reasons


def replay(leaves: Iterable[bytes]) -> State:
    """The state of a whole log."""
    state = start()
    for leaf in leaves:
        state, _ = step(state, leaf)
    return state


def judge(state: State, leaf: bytes) -> Judged:
    """What the rules say of a leaf at the end of this log. Whoever appends it goes on with `after`, and judges once."""
    hash_ = leaf_hash(leaf)
    if len(leaf) > (CHARTER_LIMIT if state.size == 0 else LIMIT):
        return Judged((no("act.too-large"),), None, digest(leaf), hash_)
    try:
        said = read(leaf)
        named = blobs(said.act.body)
        reasons = [
            reason
            for blob in (*named, *boxes(said.act.body))
            for reason in unspelt(blob.digest) or _negative(blob.size)
        ]
    except FormatError:
        return Judged((no("act.malformed"),), None, digest(leaf), hash_)
    reasons += _against_place(state, said)
    ref = Ref(index=state.size, digest=said.digest)
    entry = Entry(actor=said.act.actor, body=said.act.body, ref=ref, leaf_hash=hash_)
    if not reasons:
        reasons = _against_act(state, entry, said.envelope)
    return Judged(ordered(reasons), None if reasons else entry, said.digest, hash_, named)


def after(state: State, judged: Judged) -> State:
    """The state behind a leaf that was judged at the end of this log."""
    size, entry, bodies, breached = state.size + 1, judged.entry, state.bodies, state.breached
    acted = state.acted
    if entry is None:
        breached = breached.set(state.size, Breach(index=state.size, reasons=judged.reasons))
    else:
        for blob in judged.blobs:
            # One digest has one true size: whoever names another cannot shut out the body.
            bodies = bodies.set(blob.digest, max(blob.size, bodies.get(blob.digest, 0)))
        if not isinstance(entry.body, Tick):
            acted = size
        state = RULES[type(entry.body)].effect(state, entry)
    grown, digests = state.range.append(judged.hash), state.digests
    return state.having(
        size=size,
        range=grown,
        roots=state.roots.set(size, Digest("sha256:" + grown.root().hex())),
        digests=digests if judged.digest in digests else digests.set(judged.digest, size - 1),  # the first index stays
        bodies=bodies,
        breached=breached,
        acted=acted,
    )


def _against_act(state: State, entry: Entry[Any], envelope: dsse.Envelope) -> list[Reason]:
    """Not the signer's to say, not its signature, not its role's; or what the rule of its kind has against it."""
    rule = RULES[type(entry.body)]
    return (
        _against_signature(rule.signer(state, entry), envelope)
        or _against_role(state, entry.actor, rule)
        or rule.against(state, entry)
    )


def _against_place(state: State, said: Leaf) -> list[Reason]:
    """A charter elsewhere than at leaf 0, another log's statement, an unknown or old head, or a second time."""
    if isinstance(said.act.body, Charter) != (state.size == 0) or (state.size and state.charter is None):
        return [no("charter.first")]
    body = said.act.body
    origin = state.charter.origin if state.charter else body.origin if isinstance(body, Charter) else ""
    reasons = [] if said.act.origin == origin else [no("act.origin", origin=said.act.origin)]
    reasons += [] if _is_head(state, said.act.head) else [no("act.head", size=str(said.act.head.size))]
    return reasons + ([no("act.replayed")] if said.digest in state.digests else [])


def _is_head(state: State, head: Head) -> bool:
    """Whether the log had this head, and not too long ago."""
    return head.size >= state.size - RECENT and state.roots.get(head.size) == head.root


def _against_signature(signer: str | None, envelope: dsse.Envelope) -> list[Reason]:
    """Nobody may say this, another key says it, or the signature is none."""
    if signer is None or envelope.signatures[0].keyid != _key_id(signer):
        return [no("act.signer")]
    try:
        return [] if dsse.signed_by(envelope, _verifier(signer)) else [no("act.signature")]
    except FormatError:  # a charter or accession may name a degenerate key
        return [no("charter.keys")]


@lru_cache(maxsize=4096)
def _verifier(key: str) -> Verifier:
    """The key, read once; FormatError for a degenerate one."""
    return Verifier(key)


@lru_cache(maxsize=4096)
def _key_id(key: str) -> str:
    """The key's id; none of a text that is no key."""
    try:
        return key_id(key)
    except FormatError:
        return ""


def _against_role(state: State, actor: str, rule: Rule) -> list[Reason]:
    """An actor that has left, or whose role has no say in this."""
    if rule.roles is None or actor == HUB:
        return []
    acceded = state.actors[actor]
    if acceded.until is not None:
        return [no("act.not-standing")]
    return [] if acceded.party.role in rule.roles else [no("act.signer", role=acceded.party.role)]


def _negative(size: int) -> list[Reason]:
    return [] if size >= 0 else [no("act.malformed", what="size")]
