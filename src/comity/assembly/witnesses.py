"""Whose cosignatures make a checkpoint count: the charter's witnesses with their keys as they stand, as a C2SP policy.

The threshold follows from the charter alone: of W witnesses f = floor((W-1)/3) may be bad, more than (W+f)/2 must have
cosigned. A witness without a valid key counts as one that is missing. Names: the log's key is called by its origin,
a cosigner's `<origin>/<member id>`.
"""

from collections.abc import Mapping

from comity.acts.charter import Charter
from comity.assembly.state import Actor, State
from comity.errors import FormatError, QuorumShort
from comity.keys import PublicKey
from comity.tlog.note import COSIGNATURE, Vkey
from comity.tlog.quorum import Group, Log, Policy, Quorum, Witness, charter_quorum


def quorum(of: Charter | State) -> Quorum:
    """The quorum under the charter's keys, or under the keys as they stand in a state.

    QuorumShort if so many witnesses have no valid key that none can be reached.
    """
    charter = charter_of(of)
    full = charter_quorum([_founding(charter, member) for member in charter.witnesses])
    (group,) = full.groups
    keys = {member: cosigner(of, member) for member in charter.witnesses}
    witnesses = tuple(Witness(vkey.name, vkey) for vkey in keys.values() if vkey)
    if len(witnesses) < group.least:
        raise QuorumShort(
            "too few witnesses have a valid key",
            where=f"charter of {charter.origin}",
            found=str(len(witnesses)),
            wanted=str(group.least),
            way_out="witnesses register new keys by their officer keys",
        )
    return Quorum(witnesses, (Group(group.name, group.least, tuple(w.name for w in witnesses)),), group.name)


def policy(of: Charter | State) -> Policy:
    """The whole C2SP policy: this log's key under the quorum."""
    return Policy((Log(_log(charter_of(of))),), quorum(of))


def log_vkey(of: Charter | State) -> str:
    """The log's verifier key: `<origin>+<id>+<key>`."""
    return str(_log(charter_of(of)))


def vkey(of: Charter | State, member: str) -> str:
    """A cosigner's verifier key; FormatError if the member is unknown or has no valid witness key."""
    found = cosigner(of, member)
    if found is None:
        raise FormatError("no witness key", where=charter_of(of).origin, found=member, wanted="a member with one")
    return str(found)


def vkeys(of: Charter | State) -> tuple[Vkey, ...]:
    """Keys of all who may cosign: founders and actors, whether a rule counts them or not."""
    ids = {party.id for party in charter_of(of).founders} | set(_actors(of))
    return tuple(found for member in sorted(ids) if (found := cosigner(of, member)) is not None)


def key_name(origin: str, member: str) -> str:
    """What a member's cosigning key is called."""
    return f"{origin}/{member}"


def cosigner(of: Charter | State, member: str) -> Vkey | None:
    """The key by which a member cosigns now: its own as an actor, else the charter's for a founder; None if revoked."""
    charter, actor = charter_of(of), _actors(of).get(member)
    if actor is not None:
        if "witness" in actor.revoked:
            return None
        return Vkey(key_name(charter.origin, member), PublicKey(actor.keys.witness), COSIGNATURE)
    is_founder = any(party.id == member for party in charter.founders)
    return _founding(charter, member) if is_founder else None


def charter_of(of: Charter | State) -> Charter:
    """The charter; FormatError for a log that has none."""
    charter = of.charter if isinstance(of, State) else of
    if charter is None:
        raise FormatError("a log without a charter", where="log", wanted="leaf 0")
    return charter


def _actors(of: Charter | State) -> Mapping[str, Actor]:
    return of.actors if isinstance(of, State) else {}


def _founding(charter: Charter, member: str) -> Vkey:
    """A founder's key as the charter names it."""
    key = next(party.keys.witness for party in charter.founders if party.id == member)
    return Vkey(key_name(charter.origin, member), PublicKey(key), COSIGNATURE)


def _log(charter: Charter) -> Vkey:
    return Vkey(charter.origin, PublicKey(charter.hub.log))
