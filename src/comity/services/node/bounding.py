"""The salt by which a release keeps some of a person's contributions and drops the others.

One secret of the office, `keys/bounding`, and of it a salt for each study and period: the same question is bounded the
same way however often it is asked, so that nothing is learnt from asking again, and no two questions share a salt. The
record behind an answer holds the salt, not the secret: a court of audit can count that answer again, and no other.
"""

from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import hashes, hmac

from comity.adapters import durable
from comity.adapters.dice import dice
from comity.adapters.folder import PRIVATE_FILE
from comity.adapters.vault import Question
from comity.errors import ConfigError

FILE: Final = "keys/bounding"
SIZE: Final = 32  # bytes
SALT: Final = 16  # bytes; so that SHA-256 of salt, cell and person is one block, half the work of two


def salt(home: Path, question: Question) -> bytes:
    """The salt of a question; ConfigError if the secret is there and cannot be read."""
    mac = hmac.HMAC(secret(home), hashes.SHA256())
    mac.update(f"comity-bounding/1 {question.study} {question.period}".encode())
    return mac.finalize()[:SALT]


def chance(home: Path) -> bytes:
    """The secret by which own tables are rounded, or changed by cell keys: follows from the one here, which no use of
    it tells; 32 bytes.
    """
    mac = hmac.HMAC(secret(home), hashes.SHA256())
    mac.update(b"comity-chance/1")
    return mac.finalize()


def secret(home: Path) -> bytes:
    """The office's secret, made when it is first wanted: by a count, or by a backup, so that no two copies differ."""
    path = home / FILE
    if not path.exists():
        durable.write(path, dice(SIZE), mode=PRIVATE_FILE)
    secret = path.read_bytes()
    if len(secret) != SIZE:
        raise ConfigError(
            "not the secret that bounds contributions",
            where=str(path),
            found=f"{len(secret)} bytes",
            wanted=f"{SIZE}",
            way_out="put it back from a backup; or delete it: tables are then bounded anew",
        )
    return secret
