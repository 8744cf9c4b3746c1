"""The envelope: one payload, one signature (DSSE 1.0.2, github.com/secure-systems-lab/dsse).

Decides how a payload is signed and how its envelope is spelt; knows nothing of what the payload means, nor whether
the key may say it. A leaf of the log is the canonical JSON of an envelope.
"""

import base64
from dataclasses import dataclass
from functools import lru_cache

from comity import canon
from comity.errors import FormatError
from comity.keys import Signer, Verifier, key_id

IN_TOTO = "application/vnd.in-toto+json"  # in-toto attestation framework, envelope layer
REQUEST = "application/vnd.comity.request+json"  # a signed request to the hub; never a leaf


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Who signed, and the signature as bytes (base64 in JSON)."""

    keyid: str
    sig: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """One payload under exactly one signature. Field names are the standard's."""

    payload: bytes
    payloadType: str  # noqa: N815
    signatures: tuple[Signature]


def pae(payload_type: str, payload: bytes) -> bytes:
    """Pre-authentication encoding: what is signed (DSSE protocol.md)."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def seal(payload: bytes, payload_type: str, signer: Signer) -> bytes:
    """Canonical bytes of the signed envelope."""
    signature = Signature(keyid=key_id(signer.public), sig=signer.sign(pae(payload_type, payload)))
    return canon.encode(Envelope(payload=payload, payloadType=payload_type, signatures=(signature,)))


def parse(data: bytes, payload_type: str, *, where: str = "envelope") -> Envelope:
    """Read an envelope without trusting it; FormatError for another type or spelling."""
    envelope = canon.decode(data, Envelope, where=where)
    if envelope.payloadType != payload_type:
        raise FormatError("another payload type", where=where, found=envelope.payloadType, wanted=payload_type)
    if len(envelope.signatures[0].sig) != 64:
        raise FormatError("not an Ed25519 signature", where=where, wanted="64 bytes")
    return envelope


def signed_by(envelope: Envelope, verifier: Verifier) -> bool:
    """Whether the envelope's one signature is this key's; the keyid must name it too."""
    signature = envelope.signatures[0]
    if signature.keyid != _named(verifier.public):
        return False
    return verifier.verifies(signature.sig, pae(envelope.payloadType, envelope.payload))


_named = lru_cache(maxsize=4096)(key_id)  # a key names itself again in each of its statements


def b64(data: bytes) -> str:
    """Base64 with padding, as records write bytes."""
    return base64.b64encode(data).decode()
