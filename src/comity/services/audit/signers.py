"""Whose signature a leaf bears, by the keys that its log has named so far; nothing is asked of what it means.

For a reader who holds no state: memory is one entry a key. Whether the key's owner may say what the leaf says is the
fold's affair; a leaf that is no envelope, or under a key that no earlier leaf names, bears no signature at all.

So whose cosignatures count after a witness changed its key is not told here, only that from some leaf on the charter's
own keys no longer say it.
"""

from comity import dsse
from comity.acts import statement
from comity.acts.charter import Accession, Charter
from comity.acts.key import KeyRegistered, KeyRevoked, Recovery
from comity.acts.motion import Motion
from comity.acts.statement import Act, Body
from comity.acts.terms import Host, Terms
from comity.errors import FormatError
from comity.keys import Verifier, key_id


class Signers:
    """Keys by their id, as charter, accessions and registrations name them.

    changed: the first leaf by which a witness of the charter gives itself another key, or none, or by which other
        witnesses are proposed; None while none did.
    """

    def __init__(self) -> None:
        self.changed: int | None = None
        self._keys: dict[str, str] = {}
        self._witnesses: tuple[str, ...] = ()
        self._size = 0

    def signed(self, leaf: bytes) -> bool:
        """Whether the next leaf is a canonical statement under a key that the log names, itself included."""
        index, self._size = self._size, self._size + 1
        try:
            said = statement.read(leaf)
            keyid, named = said.envelope.signatures[0].keyid, {str(key_id(key)): key for key in _named(said.act.body)}
            key = self._keys.get(keyid) or named.get(keyid)
            if key is None or not dsse.signed_by(said.envelope, Verifier(key)):
                return False
        except FormatError:
            return False
        self._keys |= named
        if index == 0 and isinstance(said.act.body, Charter):
            self._witnesses = said.act.body.witnesses
        if self.changed is None and self._changes(said.act):
            self.changed = index
        return True

    def _changes(self, act: Act) -> bool:
        """Whether an act says that a witness of the charter cosigns by another key, or no more."""
        match act.body:
            case KeyRegistered(purpose="witness") | KeyRevoked(purpose="witness") | Recovery():
                return act.actor in self._witnesses
            case Motion(terms=Terms(witnesses=tuple())):
                return True
            case _:
                return False


def _named(body: Body) -> tuple[str, ...]:
    """The keys for statements that a leaf names; cosigners' keys sign no leaf."""
    match body:
        case Charter():
            return (body.hub.sign, *(key for party in body.founders for key in (party.keys.sign, party.keys.officer)))
        case Accession():
            return (body.party.keys.sign, body.party.keys.officer)
        case KeyRegistered(purpose="sign" | "officer"):
            return (body.key,)
        case Recovery():
            return (body.keys.sign, body.keys.officer)
        case Motion(terms=Terms(hub=Host() as host)):
            return (host.hub.sign,)
        case _:
            return ()
