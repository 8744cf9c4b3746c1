"""Vectors of 64-bit cells, added modulo 2^64 without arrays: many cells in one big integer. And the masks to take off.

A second reading of `seal.masks`, by other means. Cells are little-endian; those at even and at odd places are kept in
two integers whose lanes are 128 bits wide, so that 2^64 vectors can be added before a carry could reach a neighbour.
"""

from collections.abc import Sequence
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes

CHUNK: Final = 1 << 17  # bytes; a multiple of 16
_LOW: Final = (1 << 64) - 1


def total(vectors: Sequence[bytes], plus: Sequence[bytes], minus: Sequence[bytes], length: int) -> bytes:
    """Sum of the vectors and of the key streams of `plus`, less those of `minus`: `length` cells, modulo 2^64.

    Args:
        vectors: 8 x `length` bytes each.
        plus, minus: AES-256 keys (counter mode from zero), 32 bytes each.
    """
    adding, taking = [_stream(key) for key in plus], [_stream(key) for key in minus]
    done = []
    for start in range(0, 8 * length, CHUNK):
        size = min(CHUNK, 8 * length - start)
        zeros = bytes(size)
        added = [vector[start : start + size] for vector in vectors] + [cipher.update(zeros) for cipher in adding]
        done.append(_difference(added, [cipher.update(zeros) for cipher in taking], size))
    return b"".join(done)


def _stream(key: bytes) -> CipherContext:
    return Cipher(algorithms.AES256(key), modes.CTR(bytes(16))).encryptor()


def _difference(added: Sequence[bytes], taken: Sequence[bytes], size: int) -> bytes:
    """One chunk: all of `added` less all of `taken`, cell by cell."""
    lanes = -(-size // 16)
    mask = int.from_bytes((b"\xff" * 8 + bytes(8)) * lanes, "little")
    even = odd = 0
    for chunk in added:
        number = int.from_bytes(chunk, "little")
        even += number & mask
        odd += (number >> 64) & mask
    # A lane must not fall below zero: 2^64 times the vectors taken off is added to each, and is 0 modulo 2^64.
    room = mask // _LOW * (len(taken) << 64)
    even, odd = even + room, odd + room
    for chunk in taken:
        number = int.from_bytes(chunk, "little")
        even -= number & mask
        odd -= (number >> 64) & mask
    whole = (even & mask) | ((odd & mask) << 64)
    return whole.to_bytes(16 * lanes, "little")[:size]
