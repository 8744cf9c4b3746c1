"""The key family: an actor changes its own keys, by its officer key. No key ever serves twice, or two owners, and
nobody names one that it does not hold.

Each purpose takes keys of one algorithm: ML-DSA-44 for the second cosignature, a hybrid of ML-KEM-768 and X25519 for
boxes, Ed25519 for all else.

A witness that left the assembly cosigns until the members name others, and may register another witness key until then:
so that a quorum that keys were lost of can be mended. The hub's keys change by succession only (`rules.succession`).
"""

from dataclasses import replace
from typing import Any

from comity.acts.key import BOX, WITNESS_ML_DSA, KeyRegistered, KeyRevoked
from comity.assembly import hosts, possession
from comity.assembly.articles import is_key
from comity.assembly.history import History
from comity.assembly.rules import hybrid
from comity.assembly.rules.rule import EVERYONE, Entry, Rule, by_officer, no
from comity.assembly.state import State
from comity.assembly.witnesses import charter_of
from comity.errors import FormatError
from comity.keys import ED25519, ML_DSA_44, box_key
from comity.model.reason import Reason


def against_registered(state: State, entry: Entry[KeyRegistered]) -> list[Reason]:
    """A key of another algorithm, a degenerate one, another's, or one that was ever named, or may be a hub's.

    Of one that left, any but a witness key of a witness.
    """
    key = entry.body.key
    if state.actors[entry.actor].until is not None and not _still_witnesses(state, entry):
        return [no("act.not-standing")]
    is_free = key not in state.owners and key not in hosts.named(state)
    return [] if is_free and _is_own(state, entry) else [no("charter.keys")]


def register(state: State, entry: Entry[KeyRegistered]) -> State:
    """The new key serves from the next leaf on."""
    actor, purpose = state.actors[entry.actor], entry.body.purpose
    changed = replace(actor, revoked=tuple(other for other in actor.revoked if other != purpose))
    if purpose == WITNESS_ML_DSA:
        changed = replace(changed, witness_ml_dsa=entry.body.key)
    elif purpose == BOX:
        changed = replace(changed, box=entry.body.key)
    else:
        changed = replace(changed, keys=replace(actor.keys, **{purpose: entry.body.key}))
    return state.having(
        actors={**state.actors, entry.actor: changed},
        owners=state.owners.set(entry.body.key, entry.actor),
        laid_down=laid_down(state, entry.ref.index, actor.key(purpose)),
    )


def against_revoked(state: State, entry: Entry[KeyRevoked]) -> list[Reason]:
    """Not the key that serves this purpose now, or revoked already."""
    actor, purpose = state.actors[entry.actor], entry.body.purpose
    if actor.key(purpose) != entry.body.key:
        return [no("act.unknown-thing", what="key")]
    return [no("act.repeated")] if purpose in actor.revoked else []


def revoke(state: State, entry: Entry[KeyRevoked]) -> State:
    """No key serves this purpose until another is registered; this one never does again."""
    actor = state.actors[entry.actor]
    changed = replace(actor, revoked=tuple(sorted((*actor.revoked, entry.body.purpose))))
    gone = laid_down(state, entry.ref.index, entry.body.key)
    return state.having(actors={**state.actors, entry.actor: changed}, laid_down=gone)


def laid_down(state: State, index: int, *keys: str) -> History[str, int]:
    """All keys that serve no more, with those that a leaf at this index puts others in the place of, or revokes."""
    gone = state.laid_down
    for key in keys:
        if key and key not in gone:
            gone = gone.set(key, index)
    return gone


def _still_witnesses(state: State, entry: Entry[KeyRegistered]) -> bool:
    """Whether this is about a cosigning key of one of the charter's witnesses."""
    return entry.body.purpose in ("witness", WITNESS_ML_DSA) and entry.actor in charter_of(state).witnesses


def _is_own(state: State, entry: Entry[KeyRegistered]) -> bool:
    """Whether this is a key of the purpose's algorithm, and the actor shows that it holds it; a box key cannot."""
    purpose, key, proof = entry.body.purpose, entry.body.key, entry.body.proof
    if purpose == BOX:
        return _is_box(key) and not proof
    origin = charter_of(state).origin
    return is_key(key, ML_DSA_44 if purpose == WITNESS_ML_DSA else ED25519) and possession.is_shown(
        proof, origin=origin, actor=entry.actor, purpose=purpose, key=key
    )


def _is_box(key: str) -> bool:
    """Whether a text is a box key, and a box can be sealed to it at all."""
    try:
        return hybrid.is_sound(box_key(key))
    except FormatError:
        return False


RULES: dict[type[Any], Rule] = {
    KeyRegistered: Rule(signer=by_officer, roles=None, against=against_registered, effect=register),
    KeyRevoked: Rule(signer=by_officer, roles=EVERYONE, against=against_revoked, effect=revoke),
}
