"""How an office changes a key of its own: made here, taken by the log, and only then used.

Decides the order: a new key is on disk before the log hears of it, and the log has it before it signs anything else. A
command that was killed between is given again, and goes on with the very key that waits. The officer key says all this.
"""

from dataclasses import dataclass
from pathlib import Path

from comity import canon
from comity.acts.key import BOX, KeyRegistered, KeyRevoked, Purpose, possession
from comity.adapters.keyring import NEXT
from comity.assembly.facts import Actor
from comity.assembly.witnesses import charter_of
from comity.errors import NotAdmitted
from comity.services.node import floor
from comity.services.node.office import Office


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A key that the log has taken, or revoked: its purpose, its text, and the leaf that says so."""

    purpose: Purpose
    key: str
    index: int
    leaf: canon.Digest


def register(home: Path, purpose: Purpose, *, patience: float = floor.PATIENCE) -> Changed:
    """Make a key, register it, and use it from then on; the one before, if there was one, signs no more.

    Raises:
        NotAdmitted: this office has not acceded, or the log's rules speak against it (a revoked officer key).
        Unreachable: the hub does not answer; the key waits, and the same command goes on with it.
    """
    with Office.open(home, runs=False) as office:
        _acceded(office, patience)
        body = _naming(office, purpose, office.keyring.prepare(purpose))
        said = floor.say(office, "key/registered", body, purpose="officer")
        office.keyring.promote(purpose)
        return Changed(purpose=purpose, key=body.key, index=said.index, leaf=said.leaf)


def revoke(home: Path, purpose: Purpose) -> Changed:
    """Say that the key of a purpose counts no more; until another is registered, nothing is signed for it that counts.

    Whoever revokes its officer key can change no key any more.
    """
    with Office.open(home, runs=False) as office:
        key = _acceded(office).key(purpose)
        if not key:
            raise NotAdmitted("no such key was registered", where=office.member, found=purpose)
        said = floor.say(office, "key/revoked", KeyRevoked(purpose=purpose, key=key), purpose="officer")
        return Changed(purpose=purpose, key=key, index=said.index, leaf=said.leaf)


def _naming(office: Office, purpose: Purpose, key: str) -> KeyRegistered:
    """The new key with its own word that this office holds it; a box key gives none."""
    if purpose == BOX:
        return KeyRegistered(purpose=purpose, key=key)
    message = possession(charter_of(office.follower.state).origin, office.member, purpose, key)
    return KeyRegistered(purpose=purpose, key=key, proof=office.keyring.signer(purpose + NEXT).sign(message))


def _acceded(office: Office, patience: float = floor.PATIENCE) -> Actor:
    """This office as the log has it; NotAdmitted before its accession."""
    state = floor.until(office, lambda state: office.member in state.actors, patience)
    if office.member not in state.actors:
        raise NotAdmitted(
            "this office has not joined, so it has no keys to change", where=office.member, way_out="accede first"
        )
    return state.actors[office.member]
