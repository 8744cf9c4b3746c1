"""What a rule is: whose key must sign a kind, who may say it, every reason against it, and what it changes.

The files beside this one hold the rules, one file a family. A rule is asked by `assembly.fold` alone, which has read
the leaf, found its origin and head right, and will check the signature by the key that the rule names.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from comity.acts.refs import Ref
from comity.acts.statement import Body
from comity.assembly.state import State
from comity.canon import Digest, hex_of
from comity.errors import FormatError
from comity.model.language import is_tag
from comity.model.member import HUB
from comity.model.reason import Reason

B = TypeVar("B", bound=Body)
V = TypeVar("V")

MEMBERS: Final = frozenset({"member"})
PRODUCERS: Final = frozenset({"member", "producer"})  # who has data
EVERYONE: Final = frozenset({"member", "custodian", "observer", "candidate", "producer"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Generic[B]):
    """A leaf at its place: who says what, how others refer to it, and its RFC 6962 hash (32 bytes)."""

    actor: str
    body: B
    ref: Ref
    leaf_hash: bytes


Signer = Callable[[State, Entry[Any]], str | None]  # the key that must have signed, or None: nobody may say this


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How one kind is judged. `effect` is asked only where `against` found nothing."""

    signer: Signer
    roles: frozenset[str] | None  # of an acceded actor who may say this; None: the signer says it all
    against: Callable[[State, Entry[Any]], list[Reason]]
    effect: Callable[[State, Entry[Any]], State]


def by_actor(state: State, entry: Entry[Any]) -> str | None:
    """The acceded actor's `sign` key, unless it is revoked."""
    actor = state.actors.get(entry.actor)
    return actor.keys.sign if actor and "sign" not in actor.revoked else None


def by_officer(state: State, entry: Entry[Any]) -> str | None:
    """The acceded actor's `officer` key, unless it is revoked."""
    actor = state.actors.get(entry.actor)
    return actor.keys.officer if actor and "officer" not in actor.revoked else None


def by_hub(state: State, entry: Entry[Any]) -> str | None:
    """The hub operator's `sign` key."""
    return state.charter.hub.sign if state.charter and entry.actor == HUB else None


def by_publisher(state: State, entry: Entry[Any]) -> str | None:
    """The hub's key or the actor's: whoever publishes."""
    return by_hub(state, entry) if entry.actor == HUB else by_actor(state, entry)


def wait(state: State, time: int) -> State:
    """The log needs a tick at this time (POSIX seconds), if it is to come: something ends or begins then.

    The first tick at or after it takes the time off `state.deadlines`.
    """
    return state if time <= state.time else state.having(deadlines=state.deadlines.adding(time))


def unadmitted(state: State, id: str) -> State:
    """What was decided about this actor's admission or recovery, and not used, is over."""
    kept = {place: thing for place, thing in state.in_force.items() if (place[0], thing.name) != ("member", id)}
    return state if len(kept) == len(state.in_force) else state.having(in_force=kept)


def no(code: str, **params: str) -> Reason:
    """One reason against an act."""
    return Reason(code=code, params=params)


def found(things: Mapping[int, V], ref: Ref, digests: Mapping[Digest, int]) -> V | None:
    """What a reference points to, if it is such a thing and the digest is that leaf's."""
    return things.get(ref.index) if digests.get(ref.digest) == ref.index else None


def unspelt(*digests: str) -> list[Reason]:
    """A reason if one of the texts is no digest; the body's type leaves their spelling open."""
    for digest in digests:
        try:
            hex_of(digest)
        except FormatError:
            return [no("act.malformed", what="digest")]
    return []


def untagged(language: str) -> list[Reason]:
    """A reason if a text's language is no tag of BCP 47, by its form."""
    return [] if is_tag(language) else [no("act.malformed", what="language")]
