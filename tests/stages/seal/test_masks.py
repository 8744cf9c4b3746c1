"""A mask is AES-256 of the counter, block by block; sums of masks cancel modulo 2^64."""

import numpy as np
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from comity.stages.seal import masks

CHUNK_CELLS = masks.CHUNK // 8


def by_hand(key: bytes, cells: int) -> list[int]:
    """Counter blocks 0, 1, 2, ... enciphered one by one (SP 800-38A, 6.5), read as little-endian words."""
    block = Cipher(algorithms.AES256(key), modes.ECB()).encryptor()
    stream = b"".join(block.update(i.to_bytes(16, "big")) for i in range((8 * cells + 15) // 16))
    return [int.from_bytes(stream[8 * i : 8 * i + 8], "little") for i in range(cells)]


def test_a_mask_is_the_key_stream_from_counter_zero() -> None:
    vector = np.zeros(1001, "<u8")
    masks.apply(vector, [b"k" * 32], [])
    assert by_hand(b"k" * 32, 1001) == vector.tolist()


@pytest.mark.parametrize("cells", [0, 1, CHUNK_CELLS - 1, CHUNK_CELLS, CHUNK_CELLS + 1, 2 * CHUNK_CELLS + 3])
def test_chunks_leave_no_seam(cells: int) -> None:
    vector = np.zeros(cells, "<u8")
    masks.apply(vector, [b"k" * 32], [])
    assert by_hand(b"k" * 32, cells)[-5:] == vector.tolist()[-5:]
    masks.apply(vector, [], [b"k" * 32])
    assert not vector.any()


def test_the_cipher_is_the_published_one() -> None:
    """SP 800-38A, F.1.5, first block."""
    key = bytes.fromhex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4")
    block = Cipher(algorithms.AES256(key), modes.ECB()).encryptor()
    assert bytes.fromhex("f3eed1bdb5d2a03c064b5a7e3db181f8") == block.update(
        bytes.fromhex("6bc1bee22e409f96e93d7e117393172a")
    )


@given(
    values=st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=20),
    plus=st.lists(st.binary(min_size=32, max_size=32), max_size=3),
    minus=st.lists(st.binary(min_size=32, max_size=32), max_size=3),
)
def test_what_is_added_can_be_taken_off(values: list[int], plus: list[bytes], minus: list[bytes]) -> None:
    vector = np.array(values, "<u8")
    masks.apply(vector, plus, minus)
    streams = [(1, by_hand(key, len(values))) for key in plus] + [(-1, by_hand(key, len(values))) for key in minus]
    wanted = [(v + sum(sign * s[i] for sign, s in streams)) % 2**64 for i, v in enumerate(values)]
    assert wanted == vector.tolist()
    masks.apply(vector, minus, plus)
    assert values == vector.tolist()
