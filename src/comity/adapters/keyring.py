"""Secrets of a service: one Ed25519 key a purpose, in `keys/<purpose>` of its state folder, and the signers they make.

Decides how a key is made, kept and read (PKCS#8 PEM, RFC 5958 and RFC 8410, mode 0600). No function returns a secret:
what leaves this module signs. Which key may say what is decided in `assembly.fold`.
"""

from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from comity.adapters import durable
from comity.adapters.folder import PRIVATE_FILE, PRIVATE_FOLDER
from comity.errors import ConfigError
from comity.keys import Ed25519Signer, PublicKey, Signer
from comity.model.member import Keys

ACTOR: Final = ("sign", "officer", "witness")
HUB: Final = ("sign", "log")


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
        secret = Ed25519PrivateKey.generate()
        pem = secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        durable.write(path, pem, mode=PRIVATE_FILE)
        return self.signer(purpose).public

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
        if not isinstance(key, Ed25519PrivateKey):
            raise ConfigError(
                "not an Ed25519 secret key",
                where=str(path),
                found=type(key).__name__ if key else repr(data[:32]),
                wanted="PKCS#8 PEM without password",
                way_out="restore keys/ from its backup",
            )
        return Ed25519Signer(key.private_bytes_raw())

    def public(self) -> Keys:
        """The public keys of an actor, as a charter or accession names them."""
        sign, officer, witness = (self.signer(purpose).public for purpose in ACTOR)
        return Keys(sign=sign, officer=officer, witness=witness).registered(where=str(self._folder))
