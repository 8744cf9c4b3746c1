"""Masks: AES-256-CTR key streams, added to a vector of little-endian uint64 cells modulo 2^64, in place.

A key serves one vector and its counter starts at zero (SEAL, Derivations). Works in chunks that the processor's cache
holds, all keys on one chunk before the next: beside the vector it needs two chunks, however many keys there are.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from numpy.typing import NDArray

Vector = NDArray[np.uint64]

CHUNK: Final = 1 << 18  # bytes
_CELLS: Final = CHUNK // 8
_ZEROS: Final = bytes(CHUNK)


def apply(vector: Vector, plus: Sequence[bytes], minus: Sequence[bytes]) -> None:
    """Add the key streams of `plus` to the vector and subtract those of `minus`; 32 bytes a key."""
    signed: list[tuple[bytes, np.ufunc]] = [*((key, np.add) for key in plus), *((key, np.subtract) for key in minus)]
    streams = [(Cipher(algorithms.AES256(key), modes.CTR(bytes(16))).encryptor(), combine) for key, combine in signed]
    buffer = bytearray(CHUNK)
    stream = np.frombuffer(buffer, "<u8")
    for start in range(0, len(vector), _CELLS):
        part = vector[start : start + _CELLS]
        zeros, key_stream = (_ZEROS, stream) if len(part) == _CELLS else (_ZEROS[: 8 * len(part)], stream[: len(part)])
        for cipher, combine in streams:
            cipher.update_into(zeros, buffer)
            combine(part, key_stream, out=part)
