"""Secrets of a service: one key a purpose, in `keys/<purpose>` of its state folder, and the signers they make.

Decides how a key is made, kept and read (PKCS#8 PEM, RFC 5958; RFC 8410 for Ed25519, RFC 9881 for ML-DSA-44, which is
the purpose `witness-ml-dsa` alone; mode 0600), and how one key takes the place of another. No function returns a
secret: what leaves this module signs, or, of the purpose `box`, opens. Of such a key the file holds 32 random bytes in
base64, from which it follows (`stages.estimate`). Which key may say what is decided in `assembly.fold`.
"""

import base64
import binascii
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from comity.acts.key import BOX, WITNESS_ML_DSA
from comity.adapters import durable
from comity.adapters.folder import PRIVATE_FILE, PRIVATE_FOLDER
from comity.errors import ConfigError
from comity.keys import Ed25519Signer, MlDsa44Signer, PublicKey, Signer, box_text
from comity.model.member import Keys
from comity.stages.estimate import SEED, key_of
from comity.stages.seal.derivations import PrivateKey

ACTOR: Final = ("sign", "officer", "witness")
HUB: Final = ("sign", "log")
NEXT: Final = ".next"  # a key that waits for the log to take it
OLD: Final = ".old"  # the key before it, which signs no more


class Keyring:
    """The keys under one folder, by purpose."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "keys"

    def make(self, purpose: str) -> PublicKey:
        """A new key; ConfigError if there is one, for a lost key cannot be made again."""
        path = self._folder / purpose
        if path.exists():
            raise ConfigError("a key is there already", where=str(path), way_out="use it, or move it away first")
        self._folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        durable.write(path, _secret(purpose), mode=PRIVATE_FILE)
        return self.public_of(purpose)

    def has(self, purpose: str) -> bool:
        """Whether there is a key for this purpose."""
        return (self._folder / purpose).exists()

    def public_of(self, purpose: str) -> PublicKey:
        """The text of a purpose's public key."""
        if _is_box(purpose):
            return box_text(self._opener(purpose).public)
        return self.signer(purpose).public

    def prepare(self, purpose: str) -> PublicKey:
        """The key that is to serve this purpose next: made, unless one waits already, and used for nothing yet."""
        waiting = purpose + NEXT
        return self.public_of(waiting) if self.has(waiting) else self.make(waiting)

    def promote(self, purpose: str) -> None:
        """The key that waited serves from now on; the one before is kept, and signs no more. Harmless to repeat."""
        path, waiting = self._folder / purpose, self._folder / (purpose + NEXT)
        if waiting.exists():
            if path.exists():
                durable.write(self._folder / (purpose + OLD), path.read_bytes(), mode=PRIVATE_FILE)
            durable.place(waiting, path)

    def signer(self, purpose: str) -> Signer:
        """The signer of a purpose; ConfigError if its file is absent, foreign, or open to others."""
        data = self._read(purpose)
        try:
            key = load_pem_private_key(data, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            key = None
        wanted, name = (MLDSA44PrivateKey, "ML-DSA-44") if _is_mldsa(purpose) else (Ed25519PrivateKey, "Ed25519")
        if not isinstance(key, wanted):
            raise ConfigError(
                f"not an {name} secret key",
                where=str(self._folder / purpose),
                found=type(key).__name__ if key else repr(data[:32]),
                wanted="PKCS#8 PEM without password",
                way_out="restore keys/ from its backup",
            )
        raw = key.private_bytes_raw()
        return MlDsa44Signer(raw) if isinstance(key, MLDSA44PrivateKey) else Ed25519Signer(raw)

    def openers(self) -> tuple[PrivateKey, ...]:
        """Keys that open boxes: the one that serves, one that waits for the log, and the one before."""
        return tuple(self._opener(BOX + suffix) for suffix in ("", NEXT, OLD) if self.has(BOX + suffix))

    def public(self) -> Keys:
        """The public keys of an actor, as a charter or accession names them."""
        sign, officer, witness = (self.signer(purpose).public for purpose in ACTOR)
        return Keys(sign=sign, officer=officer, witness=witness).registered(where=str(self._folder))

    def _opener(self, purpose: str) -> PrivateKey:
        """The key pair of a box key's seed; ConfigError as for a signer."""
        try:
            seed = base64.b64decode(self._read(purpose).removesuffix(b"\n"), validate=True)
        except binascii.Error:
            seed = b""
        if len(seed) != SEED:
            raise ConfigError(
                "not the secret of a box key",
                where=str(self._folder / purpose),
                wanted=f"{SEED} bytes in base64",
                way_out="restore keys/ from its backup",
            )
        return key_of(seed)

    def _read(self, purpose: str) -> bytes:
        """A secret's file; ConfigError if it is absent, or open to others."""
        path = self._folder / purpose
        try:
            data, mode = path.read_bytes(), path.stat().st_mode
        except OSError as e:
            raise ConfigError(
                f"no {purpose} key", where=str(path), found=e.strerror or "", way_out="restore keys/ from its backup"
            ) from None
        if mode & 0o077:
            raise ConfigError(
                "others may read this key",
                where=str(path),
                found=oct(mode & 0o777),
                wanted="0o600",
                way_out="chmod 600, and register a new key if others did read it",
            )
        return data


def _secret(purpose: str) -> bytes:
    """A new secret, as its file holds it."""
    if _is_box(purpose):
        return base64.b64encode(AESGCM.generate_key(8 * SEED)) + b"\n"  # a secret of this length, whatever it serves
    secret = MLDSA44PrivateKey.generate() if _is_mldsa(purpose) else Ed25519PrivateKey.generate()
    return secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _is_box(purpose: str) -> bool:
    return purpose.partition(".")[0] == BOX


def _is_mldsa(purpose: str) -> bool:
    return purpose.partition(".")[0] == WITNESS_ML_DSA
