"""Chance that comes again: dice from an office's secret key and the name of what is thrown for.

Whoever asks twice for the same table gets the same answer, so that asking again averages nothing. That protects only
while the key is secret. Noise of differential privacy never comes from here: it is drawn anew and paid for.

Decides nothing of what is thrown for. The name says what a table is (study, period, source, cells), not what it holds.
"""

from typing import Final

import numpy as np
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from numpy.typing import NDArray

from comity import canon
from comity.errors import ConfigError
from comity.stages.dice import Dice

KEY: Final = 32  # bytes of a secret, at least
_FAIR: Final = 240  # a byte below it gives each of up to 6 sides equally often


def keyed(secret: bytes, *name: str) -> Dice:
    """Dice that throw the same for the same secret and name: AES-256-CTR under HMAC-SHA256 of the name.

    >>> one, other = keyed(bytes(32), "census", "2021"), keyed(bytes(32), "census", "2021")
    >>> one(8) == other(8), one(8) == keyed(bytes(32), "census2021")(8)
    (True, False)
    """
    stream = Cipher(algorithms.AES256(mac(secret, *name)), modes.CTR(bytes(16))).encryptor()
    return lambda n: stream.update(bytes(n))


def mac(secret: bytes, *name: str) -> bytes:
    """HMAC-SHA256 of a name of several parts, 32 bytes. ConfigError for a secret that can be guessed."""
    if len(secret) < KEY:
        raise ConfigError("a secret that is too short", where="secret", found=f"{len(secret)} bytes", wanted=f"{KEY}")
    code = hmac.HMAC(secret, hashes.SHA256())
    code.update(canon.encode(list(name)))
    return code.finalize()


def sides(dice: Dice, count: int, of: int) -> NDArray[np.int64]:
    """So many throws of a fair die with `of` sides, 0 to of - 1; at most 6 sides."""
    thrown = np.frombuffer(dice(count), np.uint8).astype(np.int64)
    while (unfair := np.flatnonzero(thrown >= _FAIR)).size:
        thrown[unfair] = np.frombuffer(dice(len(unfair)), np.uint8)
    return thrown % of
