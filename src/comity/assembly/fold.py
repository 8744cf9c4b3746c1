"""The one fold: what a log means, leaf by leaf; and the one answer to whether an act may be said.

`step` and `admit` judge by the same code, so the door refuses exactly what would have no effect. A leaf against the
rules changes nothing but the log: it stands in `state.breaches`, as evidence against the hub that logged it. No bytes
whatever stop the fold. What each kind must hold is in `rules`, one file a family.

An act must name a head that this log had not more than `RECENT` leaves ago, so that nobody holds a statement back to
use it much later; and the same leaf counts once. Costs of a step do not grow with the log.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from comity import dsse
from comity.acts.charter import Charter
from comity.acts.refs import Head, Ref
from comity.acts.statement import CHARTER_LIMIT, LIMIT, Leaf, blobs, read
from comity.acts.tick import Tick
from comity.assembly.rules import charter, consent, exchange, key, motion, release, tick
from comity.assembly.rules.rule import Entry, Rule, no, unspelt
from comity.assembly.state import Breach, State
from comity.canon import Digest, digest
from comity.errors import FormatError
from comity.keys import Verifier, key_id
from comity.model.member import HUB
from comity.model.reason import Reason, ordered
from comity.tlog.merkle import leaf_hash

RECENT: Final = 4096  # leaves
RULES: Final[Mapping[type[Any], Rule]] = {
    **charter.RULES,
    **motion.RULES,
    **key.RULES,
    **consent.RULES,
    **exchange.RULES,
    **release.RULES,
    **tick.RULES,
}


def start() -> State:
    """The state of an empty log."""
    return State()


def step(state: State, leaf: bytes) -> tuple[State, tuple[Reason, ...]]:
    """The state after one more leaf, and every reason why the leaf has no effect; none if it has."""
    reasons, entry = _judge(state, leaf)
    after = state
    if entry is not None:
        after = RULES[type(entry.body)].effect(state, entry)
        for blob in blobs(entry.body):
            # One digest has one true size: whoever names another cannot shut out the body.
            after = replace(
                after, bodies=after.bodies.set(blob.digest, max(blob.size, after.bodies.get(blob.digest, 0)))
            )
        if not isinstance(entry.body, Tick):
            after = replace(after, acted=state.size + 1)
    else:
        breach = Breach(index=state.size, reasons=reasons)
        after = replace(after, breached=state.breached.set(state.size, breach))
    return _grown(after, leaf), reasons


def admit(state: State, leaf: bytes) -> tuple[Reason, ...]:
    """Every reason against a leaf at the end of this log; none if it may be appended."""
    return _judge(state, leaf)[0]


def replay(leaves: Iterable[bytes]) -> State:
    """The state of a whole log."""
    state = start()
    for leaf in leaves:
        state, _ = step(state, leaf)
    return state


def _grown(state: State, leaf: bytes) -> State:
    """The log itself: size, root, and the leaf's digest; its first index stays if it is there already."""
    size, grown, name = state.size + 1, state.range.append(leaf_hash(leaf)), digest(leaf)
    digests = state.digests if name in state.digests else state.digests.set(name, state.size)
    root = Digest("sha256:" + grown.root().hex())
    return replace(state, size=size, range=grown, roots=state.roots.set(size, root), digests=digests)


def _judge(state: State, leaf: bytes) -> tuple[tuple[Reason, ...], Entry[Any] | None]:
    """Every reason against a leaf, or the entry whose effect it has."""
    if len(leaf) > (CHARTER_LIMIT if state.size == 0 else LIMIT):
        return (no("act.too-large"),), None
    try:
        said = read(leaf)
        malformed = [reason for blob in blobs(said.act.body) for reason in unspelt(blob.digest) or _negative(blob.size)]
    except FormatError:
        return (no("act.malformed"),), None
    reasons = malformed + _against_place(state, said)
    if reasons:
        return ordered(reasons), None
    ref = Ref(index=state.size, digest=said.digest)
    entry = Entry(actor=said.act.actor, body=said.act.body, ref=ref, leaf_hash=leaf_hash(leaf))
    rule = RULES[type(entry.body)]
    reasons = _against_signature(rule.signer(state, entry), said.envelope)
    reasons += _against_role(state, entry.actor, rule) if not reasons else []
    reasons += rule.against(state, entry) if not reasons else []
    return ordered(reasons), (None if reasons else entry)


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
        return [] if dsse.signed_by(envelope, Verifier(signer)) else [no("act.signature")]
    except FormatError:  # a charter or accession may name a degenerate key
        return [no("charter.keys")]


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
