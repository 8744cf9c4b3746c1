"""Succession and recovery: a log that goes on at another host, and an actor that goes on with other keys.

A succession is said by the hub that the members chose last, by the key that their motion named. Its index is the size
of the old log's final checkpoint, which stands under the quorum as the old log's leaves left it: so the new hub can
neither begin earlier than the witnesses allow, nor add a leaf of its own before. From the next leaf on the charter has
the hub, origin and host of the motion. Everything that was said stands; time goes on where it was.

A recovery is said by the officer key that the log knows. Where a motion about the member was adopted that names the
very same keys, it is said by the new officer key instead. Votes and consents stay said: nobody says them twice.
"""

from dataclasses import replace
from functools import lru_cache
from typing import Any

from comity import canon
from comity.acts.charter import Succession
from comity.acts.key import Recovery
from comity.assembly import hosts, possession, witnesses
from comity.assembly.articles import is_key, texts
from comity.assembly.facts import InForce, SuccessionFacts
from comity.assembly.rules.key import laid_down
from comity.assembly.rules.rule import EVERYONE, Entry, Rule, by_officer, no, unadmitted
from comity.assembly.state import State
from comity.canon import Digest
from comity.errors import FormatError, NotVerified, QuorumShort
from comity.model.member import HUB
from comity.model.reason import Reason
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.note import Note
from comity.tlog.quorum import Cosigned, Policy


def by_successor(state: State, entry: Entry[Succession]) -> str | None:
    """The `sign` key of the hub that the motion named."""
    next_ = _chosen(state, entry)
    return next_.host.hub.sign if next_ is not None and entry.actor == HUB else None


def against_succession(state: State, entry: Entry[Succession]) -> list[Reason]:
    """Another place than right behind the final checkpoint, or a checkpoint that is none under the old quorum."""
    try:
        checkpoint = Checkpoint.of(Note.parse(entry.body.final))
    except FormatError:
        return [no("act.malformed", what="checkpoint")]
    next_ = _chosen(state, entry)
    if next_ is None:
        return [no("succession.motion")]
    known = canon.raw_of(state.roots[state.size])
    if (checkpoint.origin, checkpoint.size, checkpoint.root) != (_origin(state), entry.ref.index, known):
        return [no("succession.final", size=str(checkpoint.size))]
    try:
        cosigned = _cosigned(entry.body.final, witnesses.policy(state))
    except QuorumShort:
        return [no("succession.final", what="quorum")]
    except NotVerified:
        return [no("succession.final", what="signature")]
    if max(state.time, cosigned.time) < next_.starts:
        return [no("succession.motion", starts=str(next_.starts))]
    return []


def succeed(state: State, entry: Entry[Succession]) -> State:
    """The log has another hub, name and host; what was chosen earlier and never came is over."""
    charter, host = witnesses.charter_of(state), hosts.awaited(state)
    if host is None:
        raise AssertionError("judged before")
    change = SuccessionFacts(
        ref=entry.ref,
        motion=host.motion,
        before=charter.origin,
        log=charter.hub.log,
        after=host.host.origin,
        size=entry.ref.index,
    )
    owners = state.owners.set(host.host.hub.sign, HUB).set(host.host.hub.log, HUB)
    return state.having(
        charter=replace(charter, hub=host.host.hub, origin=host.host.origin, host=host.host.host),
        successions=(*state.successions, change),
        owners=owners,
        in_force={place: thing for place, thing in state.in_force.items() if thing.matter != hosts.MATTER},
    )


def by_recovering(state: State, entry: Entry[Recovery]) -> str | None:
    """The officer key that the log knows; the new one where the members have agreed on these keys."""
    if _agreed(state, entry) is not None:
        return entry.body.keys.officer
    return by_officer(state, entry)


def against_recovery(state: State, entry: Entry[Recovery]) -> list[Reason]:
    """A key that is degenerate, another's, repeated, or was ever named, if only as a hub's that may come."""
    named, taken = texts(entry.body.keys), hosts.named(state)
    fresh = all(is_key(key) and key not in state.owners and key not in taken for key in named)
    own = fresh and possession.recovers(entry.body, origin=_origin(state), actor=entry.actor)
    return [] if own and len(set(named)) == len(named) else [no("charter.keys")]


def recover(state: State, entry: Entry[Recovery]) -> State:
    """The new keys serve for all purposes; whatever was agreed on about this actor before is over."""
    actor, owners = state.actors[entry.actor], state.owners
    for key in texts(entry.body.keys):
        owners = owners.set(key, entry.actor)
    changed = replace(actor, keys=entry.body.keys, revoked=(), witness_ml_dsa="", box="", recovered=entry.ref.index)
    gone = laid_down(state, entry.ref.index, *texts(actor.keys))
    actors = {**state.actors, entry.actor: changed}
    return unadmitted(state, entry.actor).having(actors=actors, owners=owners, laid_down=gone)


def _chosen(state: State, entry: Entry[Succession]) -> hosts.Awaited | None:
    """The hub that the members chose last, if the statement names that motion."""
    next_ = hosts.awaited(state)
    return next_ if next_ is not None and next_.motion == entry.body.motion else None


def _agreed(state: State, entry: Entry[Recovery]) -> InForce | None:
    """The decision about this member that names the party as it is, but for exactly these keys."""
    actor = state.actors.get(entry.actor)
    if actor is None:
        return None
    thing = state.in_force.get(("member", _party(state, entry)))
    return thing if thing is not None and thing.name == entry.actor else None


def _party(state: State, entry: Entry[Recovery]) -> Digest:
    return canon.digest(canon.encode(replace(state.actors[entry.actor].party, keys=entry.body.keys)))


def _origin(state: State) -> str:
    return witnesses.charter_of(state).origin


@lru_cache(maxsize=4)
def _cosigned(text: str, policy: Policy) -> Cosigned:
    """Who cosigned the final checkpoint."""
    return policy.check(Note.parse(text))


RULES: dict[type[Any], Rule] = {
    Succession: Rule(signer=by_successor, roles=None, against=against_succession, effect=succeed),
    Recovery: Rule(signer=by_recovering, roles=EVERYONE, against=against_recovery, effect=recover),
}
