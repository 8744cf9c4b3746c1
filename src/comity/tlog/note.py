"""Signed notes (c2sp.org/signed-note): text under one or more signature lines, and the keys that verify them.

Decides how text is signed and how keys and lines are spelt; what the text says is left to `checkpoint`, and what a
signature of a witness says to `cosignature`.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Self

from comity import keys
from comity.errors import FormatError
from comity.keys import Algorithm, PublicKey, Signer, Verifier
from comity.tlog.spelling import b64, is_name, text_of, unb64

ED25519 = 0x01  # signed-note, Signature types
COSIGNATURE = 0x04  # timestamped Ed25519, see `cosignature`
MLDSA_COSIGNATURE = 0x06  # timestamped ML-DSA-44 (tlog-cosignature)
KEYS: dict[int, Algorithm] = {
    ED25519: keys.ED25519,
    COSIGNATURE: keys.ED25519,
    MLDSA_COSIGNATURE: keys.ML_DSA_44,
}
MOST_SIGNATURES = 100  # Go's reference reader refuses more (golang.org/x/mod/sumdb/note)


@dataclass(frozen=True, slots=True)
class Vkey:
    """A key as verifiers name it: `name+<8 hex of its id>+base64(algorithm, raw key)`.

    The key is registered strictly (`keys.register`), so that every verifier accepts the same signatures.
    """

    name: str
    key: PublicKey
    algorithm: int = ED25519

    def __post_init__(self) -> None:
        if not is_name(self.name):
            raise FormatError("not a key name", where="vkey", found=repr(self.name), wanted="text, no space, no plus")
        keys.register(self.key, where=f"vkey {self.name}", algorithm=_key_of(self.algorithm))

    @property
    def id(self) -> bytes:
        """Key id, 4 bytes: SHA-256(name, newline, algorithm, key)."""
        return sha256(self.name.encode() + b"\n" + self._material()).digest()[:4]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str` writes; refuse every other spelling, and another key's id."""
        name, _, rest = text.partition("+")
        ident, _, material = rest.partition("+")
        if not (name and ident and material):
            raise FormatError("not a verifier key", where="vkey", found=text, wanted="name+8 hex digits+base64")
        raw = unb64(material, where="vkey")
        algorithm = int.from_bytes(raw[:1], "big")
        vkey = cls(name, keys.public_text(raw[1:], _key_of(algorithm)), algorithm)
        if str(vkey) != text:
            raise FormatError("the id is not this key's", where="vkey", found=ident, wanted=vkey.id.hex())
        return vkey

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{b64(self._material())}"

    def _material(self) -> bytes:
        return bytes([self.algorithm]) + keys.raw_public(self.key)


def vkey(name: str, public: PublicKey, algorithm: int = ED25519) -> Vkey:
    """The verifier key of a named public key; 0x01 signs notes, 0x04 and 0x06 cosign checkpoints."""
    return Vkey(name, public, algorithm)


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One line under a note: whose key, and the bytes that its algorithm made."""

    name: str
    id: bytes
    signature: bytes

    def __post_init__(self) -> None:
        if not is_name(self.name) or len(self.id) != 4 or not self.signature:
            raise FormatError("not a signature line", where="note", found=repr(self.name), wanted="— name base64")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read one line without its newline."""
        dash, _, rest = text.partition(" ")
        name, _, data = rest.partition(" ")
        if dash != "—":
            raise FormatError("not a signature line", where="note", found=repr(text[:80]), wanted="— name base64")
        raw = unb64(data, where="note signature")
        return cls(name, raw[:4], raw[4:])

    def __str__(self) -> str:
        return f"— {self.name} {b64(self.id + self.signature)}"

    def names(self, vkey: Vkey) -> bool:
        """Whether the line says that this key made it; not yet whether that is true."""
        return self.name == vkey.name and self.id == vkey.id


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends in a newline, and its signatures. Worth nothing before a signature is checked."""

    text: str
    signatures: tuple[SignatureLine, ...]

    def __post_init__(self) -> None:
        check_text(self.text)
        if not 1 <= len(self.signatures) <= MOST_SIGNATURES:
            found, wanted = str(len(self.signatures)), f"1 to {MOST_SIGNATURES}"
            raise FormatError("no note has so many signatures", where="note", found=found, wanted=wanted)

    @classmethod
    def parse(cls, data: bytes | str) -> Self:
        """Read what `str` writes; refuse every other spelling."""
        whole = text_of(data, where="note")
        text, blank, lines = whole.rpartition("\n\n")
        if not blank or not lines.endswith("\n"):
            raise FormatError(
                "not a signed note", where="note", found=repr(whole[:80]), wanted="text, blank line, lines"
            )
        rows = lines.removesuffix("\n").split("\n")
        return cls(text + "\n", tuple(SignatureLine.parse(row) for row in rows[: MOST_SIGNATURES + 1]))

    def __str__(self) -> str:
        return "\n".join([self.text, *map(str, self.signatures)]) + "\n"

    def with_lines(self, *lines: SignatureLine) -> "Note":
        """The note with further signatures; a line that it has already is not repeated."""
        return Note(self.text, self.signatures + tuple(x for x in dict.fromkeys(lines) if x not in self.signatures))

    def signed_by(self, vkey: Vkey) -> bool:
        """Whether this key (0x01) signed the text: every line that names it must verify, and there must be one."""
        if vkey.algorithm != ED25519:
            return False
        mine = [line for line in self.signatures if line.names(vkey)]
        verifier = Verifier(vkey.key)
        return bool(mine) and all(verifier.verifies(line.signature, self.text.encode()) for line in mine)


def sign(text: str, name: str, signer: Signer) -> SignatureLine:
    """Ed25519 (0x01) over the text; `name` is the log's origin where the text is a checkpoint."""
    check_text(text)
    return SignatureLine(name, Vkey(name, signer.public).id, signer.sign(text.encode()))


def check_text(text: str) -> None:
    """FormatError unless text can be signed: UTF-8, newline at the end, no other control character."""
    if not text_of(text, where="note").endswith("\n"):
        raise FormatError("the text does not end in a newline", where="note", found=repr(text[-40:]))


def _key_of(algorithm: int) -> Algorithm:
    """The kind of key behind a signature type; FormatError for a type that is not known."""
    if algorithm not in KEYS:
        wanted = ", ".join(f"0x{known:02x}" for known in KEYS)
        raise FormatError("unknown algorithm", where="vkey", found=f"0x{algorithm:02x}", wanted=wanted)
    return KEYS[algorithm]
