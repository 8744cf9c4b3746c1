"""The officers of an office, each by a name and a secret of its own: so that four eyes are two persons' and not one's.

A file each in `officers/`, with the secret's scrypt digest (RFC 7914) and never the secret. Decides who says that it is
somebody; what an officer's answer does is `approval`'s. Whoever holds the node's account at the operating system can
write any file of it: four eyes bind officers who come by the console, not the administrator of the machine.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from comity import canon
from comity.adapters import durable
from comity.adapters.dice import dice
from comity.adapters.folder import PRIVATE_FILE, PRIVATE_FOLDER
from comity.errors import ConfigError, FormatError, UsageError
from comity.model.member import member_id

FOLDER: Final = "officers"
SHORTEST: Final = 12  # characters of a secret
COST: Final = 2**15  # RFC 7914's N; r = 8 and p = 1: a tenth of a second for each guess


@dataclass(frozen=True, slots=True, kw_only=True)
class Officer:
    """One officer; digest: scrypt of the secret under the salt."""

    name: str
    salt: bytes
    digest: bytes


def add(home: Path, name: str, secret: str) -> Officer:
    """Name an officer; ConfigError if there is one of this name, or the secret is too short to be one."""
    path = _path(home, name)
    if path.exists():
        raise ConfigError("there is an officer of this name", where=str(path), way_out="choose another name")
    if len(secret) < SHORTEST:
        raise ConfigError("the secret is too short", where=name, wanted=f"{SHORTEST} characters or more")
    salt = dice(16)
    made = Officer(name=name, salt=salt, digest=_kdf(salt).derive(secret.encode()))
    path.parent.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    durable.write(path, canon.encode(made), mode=PRIVATE_FILE)
    return made


def names(home: Path) -> frozenset[str]:
    """Everyone who is an officer here."""
    return frozenset(path.stem for path in (home / FOLDER).glob("*.json"))


def check(home: Path, name: str, secret: str) -> None:
    """UsageError unless this is the secret of an officer here; who is none and who errs are told the same."""
    path = _path(home, name)
    known = canon.decode(path.read_bytes(), Officer, where=str(path)) if path.exists() else None
    try:
        _kdf(known.salt if known else bytes(16)).verify(secret.encode(), known.digest if known else bytes(32))
    except InvalidKey:
        raise UsageError("no officer here has this name and secret", where="officer", found=name) from None


def _kdf(salt: bytes) -> Scrypt:
    return Scrypt(salt=salt, length=32, n=COST, r=8, p=1)


def _path(home: Path, name: str) -> Path:
    """Its file; ConfigError for a name that could be another file's."""
    try:
        return home / FOLDER / f"{member_id(name, where='officer')}.json"
    except FormatError:
        raise ConfigError("not a name of an officer", where="officer", found=name, wanted="[a-z0-9-]{2,32}") from None
