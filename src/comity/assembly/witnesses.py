"""Whose cosignatures make a checkpoint count: the charter's witnesses with their keys as they stand, as a C2SP policy.

Who they are is said by the charter as it stands: a motion may name others, and from the leaf behind the tick that
decides it their quorum is asked for; that tick shows that they can: its checkpoint is cosigned by their quorum too. The
threshold follows from their number alone: of W witnesses f = floor((W-1)/3) may be bad, more than (W+f)/2 must have
cosigned. A witness without a valid key counts as one that is missing; one that left the assembly cosigns on until the
members name others. Names: the log's key is called by its origin,
a cosigner's `<origin>/<member id>`, whichever of its two keys cosigns.

The log's rules count Ed25519 cosignatures alone. A reader may ask the same witnesses, under the same threshold, for
ML-DSA-44 ones: `mldsa_policy`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from comity.acts.charter import Charter
from comity.acts.key import WITNESS_ML_DSA
from comity.assembly.facts import Actor
from comity.assembly.state import State
from comity.errors import FormatError, NotVerified, QuorumShort
from comity.keys import PublicKey
from comity.tlog.note import COSIGNATURE, MLDSA_COSIGNATURE, Note, SignatureLine, Vkey
from comity.tlog.quorum import Log, Policy, Quorum, charter_least, cosigned, least_quorum


def quorum(of: Charter | State) -> Quorum:
    """The quorum under the charter's keys, or under the keys as they stand in a state.

    QuorumShort if so many witnesses have no valid key that none can be reached.
    """
    charter = charter_of(of)
    return _quorum(charter, [cosigner(of, member) for member in charter.witnesses], "key")


def policy(of: Charter | State) -> Policy:
    """The whole C2SP policy: this log's key under the quorum."""
    return Policy((Log(_log(charter_of(of))),), quorum(of))


def mldsa_policy(of: Charter | State) -> Policy:
    """The same with the ML-DSA-44 keys that the charter's witnesses registered; the log's own key stays Ed25519.

    QuorumShort until as many have registered one as the charter's threshold asks, over all its witnesses: whoever asks
    for such cosignatures never gets by with fewer witnesses than the charter.
    """
    charter = charter_of(of)
    found = _quorum(charter, [mldsa_cosigner(of, member) for member in charter.witnesses], "ML-DSA-44 key")
    return Policy((Log(_log(charter)),), found)


def awaited(state: State, member: str) -> bool:
    """Whether a head may wait for this member's cosignature: it is a witness, or an open motion would make it one.

    The head that holds such a decision is the first to want it, and nobody has read the decision before that head.
    """
    if state.charter is None or member in state.charter.witnesses:
        return True
    named = (state.motions[index].terms for index in state.pending)
    return any(terms is not None and member in (terms.witnesses or ()) for terms in named)


def stand_under(of: Charter | State, note: Note, members: tuple[str, ...]) -> bool:
    """Whether these members, were they the charter's witnesses, would make a quorum under a checkpoint."""
    charter = replace(charter_of(of), witnesses=members)
    try:
        cosigned(note, _quorum(charter, [cosigner(of, member) for member in members], "key"))
    except (QuorumShort, NotVerified):
        return False
    return True


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
    """Keys of all who may cosign, of both kinds: founders and actors, whether a rule counts them or not."""
    ids = sorted({party.id for party in charter_of(of).founders} | set(_actors(of)))
    found = [key(of, member) for member in ids for key in (cosigner, mldsa_cosigner)]
    return tuple(vkey for vkey in found if vkey is not None)


def named(of: Charter | State, line: SignatureLine) -> Vkey | None:
    """The key of a member that a line names, of either kind; whether that key made the line is not yet said."""
    member = line.name.removeprefix(f"{charter_of(of).origin}/")
    found = [vkey for vkey in (cosigner(of, member), mldsa_cosigner(of, member)) if vkey and line.names(vkey)]
    return found[0] if found else None


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
    key = next((party.keys.witness for party in charter.founders if party.id == member), None)
    return Vkey(key_name(charter.origin, member), PublicKey(key), COSIGNATURE) if key else None


def mldsa_cosigner(of: Charter | State, member: str) -> Vkey | None:
    """The ML-DSA-44 key by which a member cosigns as well; None if it registered none, or revoked it."""
    actor = _actors(of).get(member)
    if actor is None or not actor.witness_ml_dsa or WITNESS_ML_DSA in actor.revoked:
        return None
    return Vkey(key_name(charter_of(of).origin, member), PublicKey(actor.witness_ml_dsa), MLDSA_COSIGNATURE)


def charter_of(of: Charter | State) -> Charter:
    """The charter; FormatError for a log that has none."""
    charter = of.charter if isinstance(of, State) else of
    if charter is None:
        raise FormatError("a log without a charter", where="log", wanted="leaf 0")
    return charter


def _quorum(charter: Charter, keys: Sequence[Vkey | None], what: str) -> Quorum:
    """The charter's threshold over those of its witnesses that have such a key; QuorumShort if they are too few."""
    found, least = [vkey for vkey in keys if vkey], charter_least(len(charter.witnesses))
    if len(found) < least:
        raise QuorumShort(
            f"too few witnesses have a valid {what}",
            where=f"charter of {charter.origin}",
            found=str(len(found)),
            wanted=str(least),
            way_out="witnesses register new keys by their officer keys (comity node register-key)",
        )
    return least_quorum(found, least)


def _actors(of: Charter | State) -> Mapping[str, Actor]:
    return of.actors if isinstance(of, State) else {}


def _log(charter: Charter) -> Vkey:
    return Vkey(charter.origin, PublicKey(charter.hub.log))
