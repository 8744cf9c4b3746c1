"""Whether whoever names a key holds it: the key itself signed who names it, for which purpose, in which log.

Decides nothing else of a key: whether it is one at all, and whose it was before, is judged where it is named.
"""

from comity.acts.charter import Hub
from comity.acts.key import Recovery, possession
from comity.acts.terms import Host
from comity.assembly.articles import texts
from comity.errors import FormatError
from comity.keys import Verifier
from comity.model.member import HUB


def is_shown(proof: bytes, *, origin: str, actor: str, purpose: str, key: str) -> bool:
    """Whether the key signed this; none does that is no signing key."""
    try:
        return Verifier(key).verifies(proof, possession(origin, actor, purpose, key))
    except FormatError:
        return False


def recovers(said: Recovery, *, origin: str, actor: str) -> bool:
    """Whether all three keys of a recovery are the actor's own."""
    named = zip(("sign", "officer", "witness"), texts(said.keys), said.proofs, strict=True)
    return all(is_shown(proof, origin=origin, actor=actor, purpose=what, key=key) for what, key, proof in named)


def hosts(offered: Host) -> bool:
    """Whether both keys of a hub that may come are its own, for the log that it offers to keep."""
    hub: Hub = offered.hub
    named = zip(("sign", "log"), (hub.sign, hub.log), offered.proofs, strict=True)
    return all(is_shown(proof, origin=offered.origin, actor=HUB, purpose=what, key=key) for what, key, proof in named)
