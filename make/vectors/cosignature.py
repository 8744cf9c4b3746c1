"""Vectors of c2sp.org/tlog-cosignature: lines of both kinds, and what is none."""

from collections.abc import Iterator

from keys import ORIGIN, TIME, Case, Keys, head

from comity.tlog.checkpoint import Checkpoint
from comity.tlog.cosignature import cosign, message
from comity.tlog.note import COSIGNATURE, ED25519, MLDSA_COSIGNATURE, SignatureLine, Vkey, sign


def cases(keys: Keys) -> Iterator[Case]:
    """A line, the text that it may be under, the key that may have made it, and the time, or null for none."""
    text, other = str(head(300)), str(head(301))
    extended = str(Checkpoint(ORIGIN, 300, head(300).root, ("an extension line",)))
    for kind, signer in ((COSIGNATURE, keys.edwards[1]), (MLDSA_COSIGNATURE, keys.lattice[1])):
        key = keys.witness(1, kind)
        line = cosign(text, key.name, TIME, signer)
        other_key = keys.witness(2, kind)
        latest, first = cosign(text, key.name, 2**63 - 1, signer), cosign(text, key.name, 0, signer)
        late = (2**63).to_bytes(8, "big") + signer.sign(message(text, key, 2**63))
        beyond = SignatureLine(key.name, key.id, late)
        empty = cosign(str(head(0)), key.name, TIME, signer)

        def case(why: str, time: int | None, line: SignatureLine, key: Vkey = key, text: str = text) -> Case:
            return {"why": why, "vkey": str(key), "checkpoint": text, "line": str(line), "time": time}

        def moved(time: int, line: SignatureLine = line) -> SignatureLine:
            return SignatureLine(line.name, line.id, time.to_bytes(8, "big") + line.signature[8:])

        yield case("a cosignature", TIME, line)
        yield case("of the latest time that there is", 2**63 - 1, latest)
        yield case("of time 0", 0, first)
        yield case("of an empty log", TIME, empty, text=str(head(0)))
        yield case("another time than the signed one", None, moved(TIME + 1))
        yield case("a time beyond 2^63 - 1, signed", None, beyond)
        yield case("another checkpoint", None, line, text=other)
        yield case("another origin", None, line, text=text.replace(ORIGIN, "log.example/other"))
        yield case("another key", None, line, key=other_key)
        yield case("another key's name and id", None, SignatureLine(other_key.name, other_key.id, line.signature))
        yield case(
            "the id of another key under the right name",
            None,
            SignatureLine(key.name, other_key.id, line.signature),
        )
        renamed = Vkey("witness.example/renamed", key.key, kind)
        again = SignatureLine(renamed.name, renamed.id, line.signature)
        named = None if kind == MLDSA_COSIGNATURE else TIME  # Ed25519 does not sign the name
        yield case("the same key under another name", named, again, key=renamed)
        yield case("a byte too few", None, SignatureLine(key.name, key.id, line.signature[:-1]))
        yield case("a byte too many", None, SignatureLine(key.name, key.id, line.signature + b"\0"))
        yield case(
            "a bit flipped",
            None,
            SignatureLine(key.name, key.id, line.signature[:-1] + bytes([line.signature[-1] ^ 1])),
        )
        yield case("an extension line added", None, line, text=extended)
    plain = Vkey(keys.witness(1).name, keys.edwards[1].public, ED25519)
    line = sign(text, plain.name, keys.edwards[1])
    yield case("a plain signature (0x01) by the same key", None, line, key=keys.witness(1))
    yield case(
        "an extension line is signed (0x04)",
        TIME,
        cosign(extended, key.name, TIME, keys.edwards[1]),
        keys.witness(1),
        extended,
    )
