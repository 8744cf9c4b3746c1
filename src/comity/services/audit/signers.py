"""Whose signature a leaf bears, by the keys that its log has named so far; nothing is asked of what it means.

For a reader who holds no state: memory is one entry a key. Whether the key's owner may say what the leaf says is the
fold's affair; a leaf that is no envelope, or under a key that no earlier leaf names, bears no signature at all.
"""

from comity import dsse
from comity.acts import statement
from comity.acts.charter import Accession, Charter
from comity.acts.key import KeyRegistered
from comity.acts.statement import Body
from comity.errors import FormatError
from comity.keys import Verifier, key_id


class Signers:
    """Keys by their id, as charter, accessions and registrations name them."""

    def __init__(self) -> None:
        self._keys: dict[str, str] = {}

    def signed(self, leaf: bytes) -> bool:
        """Whether the leaf is a canonical statement under a key that the log names, itself included."""
        try:
            said = statement.read(leaf)
            keyid, named = said.envelope.signatures[0].keyid, {str(key_id(key)): key for key in _named(said.act.body)}
            key = self._keys.get(keyid) or named.get(keyid)
            if key is None or not dsse.signed_by(said.envelope, Verifier(key)):
                return False
        except FormatError:
            return False
        self._keys |= named
        return True


def _named(body: Body) -> tuple[str, ...]:
    """The keys for statements that a leaf names; cosigners' keys sign no leaf."""
    match body:
        case Charter():
            return (body.hub.sign, *(key for party in body.founders for key in (party.keys.sign, party.keys.officer)))
        case Accession():
            return (body.party.keys.sign, body.party.keys.officer)
        case KeyRegistered(purpose="sign" | "officer"):
            return (body.key,)
        case _:
            return ()
