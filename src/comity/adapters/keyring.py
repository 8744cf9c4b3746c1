"""Secrets of a service: one key a purpose, in `keys/<purpose>` of its state folder, and the signers they make.

Decides how a key is made, kept and read (PKCS#8 PEM, RFC 5958; RFC 8410 for Ed25519, RFC 9881 for ML-DSA-44, which is
the purpose `witness-ml-dsa` alone; mode 0600), and how one key takes the place of another. No function returns a
secret: what leaves this module signs. Which key may say what is decided in `assembly.fold`.
"""

from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from comity.acts.key import WITNESS_ML_DSA
from comity.adapters import durable
from comity.adapters.folder import PRIVATE_FILE, PRIVATE_FOLDER
from comity.errors import ConfigError
from comity.keys import Ed25519Signer, MlDsa44Signer, PublicKey, Signer
from comity.model.member import Keys

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
        secret = MLDSA44PrivateKey.generate() if _is_mldsa(purpose) else Ed25519PrivateKey.generate()
        pem = secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        durable.write(path, pem, mode=PRIVATE_FILE)
        return self.signer(purpose).public

    def has(self, purpose: str) -> bool:
        """Whether there is a key for this purpose."""
        return (self._folder / purpose).exists()

    def prepare(self, purpose: str) -> PublicKey:
        """The key that is to serve this purpose next: made, unless one waits already, and used for nothing yet."""
        waiting = purpose + NEXT
        return self.signer(waiting).public if self.has(waiting) else self.make(waiting)

    def promote(self, purpose: str) -> None:
        """The key that waited serves from now on; the one before is kept, and signs no more. Harmless to repeat."""
        path, waiting = self._folder / purpose, self._folder / (purpose + NEXT)
        if waiting.exists():
            if path.exists():
                durable.write(self._folder / (purpose + OLD), path.read_bytes(), mode=PRIVATE_FILE)
            durable.place(waiting, path)

    def signer(self, purpose: str) -> Signer:
        """The signer of a purpose; ConfigError if its file is absent, foreign, or open to others."""
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
        try:
            key = load_pem_private_key(data, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            key = None
        wanted, name = (MLDSA44PrivateKey, "ML-DSA-44") if _is_mldsa(purpose) else (Ed25519PrivateKey, "Ed25519")
        if not isinstance(key, wanted):
            raise ConfigError(
                f"not an {name} secret key",
                where=str(path),
                found=type(key).__name__ if key else repr(data[:32]),
                wanted="PKCS#8 PEM without password",
                way_out="restore keys/ from its backup",
            )
        raw = key.private_bytes_raw()
        return MlDsa44Signer(raw) if isinstance(key, MLDSA44PrivateKey) else Ed25519Signer(raw)

    def public(self) -> Keys:
        """The public keys of an actor, as a charter or accession names them."""
        sign, officer, witness = (self.signer(purpose).public for purpose in ACTOR)
        return Keys(sign=sign, officer=officer, witness=witness).registered(where=str(self._folder))


def _is_mldsa(purpose: str) -> bool:
    return purpose.partition(".")[0] == WITNESS_ML_DSA
