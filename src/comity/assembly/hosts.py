"""Which hub keeps the log: where it goes next, and whose key and name stood at each size of it.

A checkpoint counts if it is signed as the log was called, and by the key that the log had, at the checkpoint's own
size. That is what a state says; no reader needs more than the leaves for it. What a succession must show is
`rules.succession`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from comity.acts.refs import Ref
from comity.acts.terms import Host
from comity.assembly import witnesses
from comity.assembly.facts import SuccessionFacts
from comity.assembly.state import State
from comity.keys import PublicKey
from comity.tlog.note import Vkey

MATTER: Final = "hub"


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """A hub that the members have chosen and that has not taken the log over yet: by which motion, and what it is."""

    motion: Ref
    host: Host
    starts: int  # POSIX seconds before which the old hub stays the only one


def awaited(state: State) -> Awaited | None:
    """The hub that was chosen last, if the log has not gone over to it; None if the hub stays where it is."""
    chosen = [thing for thing in state.in_force.values() if thing.matter == MATTER]
    if not chosen:
        return None
    last = max(chosen, key=lambda thing: (thing.tick, thing.motion.index))
    terms = state.motions[last.motion.index].terms
    if terms is None or terms.hub is None:
        return None
    return Awaited(motion=last.motion, host=terms.hub, starts=last.starts)


def named(state: State) -> frozenset[str]:
    """Keys of hubs that open motions name, or that are awaited: nobody registers them, or whoever is against a motion
    could make it impossible."""
    motions = [state.motions[index].terms for index in state.pending]
    found = [terms.hub.hub for terms in motions if terms is not None and terms.hub is not None]
    next_ = awaited(state)
    found += [next_.host.hub] if next_ is not None else []
    return frozenset(key for hub in found for key in (hub.sign, hub.log))


def origin_at(state: State, index: int) -> str:
    """What the log was called when it took a leaf: the origin that the leaf's statement names."""
    before = _before(state.successions, index)
    return witnesses.charter_of(state).origin if before is None else before.before


def log_at(state: State, size: int) -> Vkey:
    """The log's verifier key for a checkpoint of a size up to that of the state."""
    before = _before(state.successions, size)
    if before is None:
        return Vkey.parse(witnesses.log_vkey(state))
    return Vkey(before.before, PublicKey(before.log))


def former(state: State, origin: str) -> SuccessionFacts | None:
    """The succession that ended the log of this name; None for the name that it has now, and for a stranger's."""
    return next((one for one in state.successions if one.before == origin), None)


def _before(successions: Iterable[SuccessionFacts], place: int) -> SuccessionFacts | None:
    """The first change of hub that a leaf, or the end of so many leaves, does not lie behind."""
    return next((one for one in successions if place <= one.ref.index), None)
