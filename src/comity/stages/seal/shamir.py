"""Secret sharing: t of n shares give a 32-byte secret, t - 1 say nothing (Shamir, CACM 1979), over p = 2^256 - 189.

Plain integers; indices are 1 to n; coefficients come from the dice. Also the check that more shares than t lie on one
polynomial: shares times the dual code's weights sum to zero (Cascudo and David, SCRAPE, ACNS 2017). Knows nothing of
who holds a share, or of what was promised about it.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Final

from comity.errors import FormatError
from comity.stages.dice import Dice

P: Final = 2**256 - 189  # the largest prime below 2^256
SIZE: Final = 32  # bytes of a secret and of a share


def draw(dice: Dice) -> bytes:
    """32 random bytes below p; drawn again until they are."""
    while True:
        secret = dice(SIZE)
        if int.from_bytes(secret, "big") < P:
            return secret


def split(secret: bytes, threshold: int, members: int, dice: Dice) -> tuple[bytes, ...]:
    """Shares for indices 1, ..., members; any `threshold` of them give the secret again."""
    coefficients = [int.from_bytes(draw(dice), "big") for _ in range(threshold - 1)]
    coefficients.append(field(secret))
    shares = []
    for index in range(1, members + 1):
        value = 0
        for coefficient in coefficients:
            value = (value * index + coefficient) % P
        shares.append(value.to_bytes(SIZE, "big"))
    return tuple(shares)


def rebuild(shares: Mapping[int, bytes], at: int = 0) -> bytes:
    """The secret, or the share of index `at`, from exactly as many shares as the threshold asks."""
    total = sum(
        weight * field(share) for weight, share in zip(_weights(tuple(shares), at), shares.values(), strict=True)
    )
    return (total % P).to_bytes(SIZE, "big")


def consistent(shares: Mapping[int, bytes], threshold: int, challenge: bytes) -> bool:
    """Whether all shares lie on one polynomial of degree below the threshold.

    Wrong shares pass with probability 1/p, if the challenge was not known when they were fixed.
    """
    if len(shares) <= threshold:
        return True
    parity = _parity(tuple(shares), threshold, challenge)
    return sum(weight * field(share) for weight, share in zip(parity, shares.values(), strict=True)) % P == 0


def field(data: bytes) -> int:
    """The field element of 32 bytes; FormatError for any other value."""
    value = int.from_bytes(data, "big")
    if len(data) != SIZE or value >= P:
        raise FormatError("not a share", where="share", found=f"{len(data)} bytes", wanted="32 bytes below 2^256 - 189")
    return value


@lru_cache(maxsize=512)
def _weights(indices: tuple[int, ...], at: int) -> tuple[int, ...]:
    """Lagrange's weights of the value at a place."""
    if len(set(indices)) != len(indices) or not all(0 < index < P for index in indices):
        raise FormatError("indices of shares repeat or are zero", where="share", found=str(indices[:8]))
    above = [_product((at - other) % P for other in indices if other != index) for index in indices]
    below = [_product((index - other) % P for other in indices if other != index) for index in indices]
    return tuple(a * b % P for a, b in zip(above, _inverses(below), strict=True))


@lru_cache(maxsize=64)
def _parity(indices: tuple[int, ...], threshold: int, challenge: bytes) -> tuple[int, ...]:
    """A word of the dual code: weights under which every polynomial of degree below the threshold sums to zero."""
    seed = sha256(b"comity/seal/1 parity\x00" + challenge).digest()
    free = len(indices) - threshold  # a random polynomial of degree below this
    coefficients = [
        int.from_bytes(sha256(seed + place.to_bytes(4, "big")).digest(), "big") % P for place in range(free)
    ]
    below = [_product((index - other) % P for other in indices if other != index) for index in indices]
    values = [_value(coefficients, index) for index in indices]
    return tuple(v * b % P for v, b in zip(values, _inverses(below), strict=True))


def _value(coefficients: Sequence[int], index: int) -> int:
    value = 0
    for coefficient in coefficients:
        value = (value * index + coefficient) % P
    return value


def _product(factors: Iterable[int]) -> int:
    product = 1
    for factor in factors:
        product = product * factor % P
    return product


def _inverses(values: Sequence[int]) -> tuple[int, ...]:
    """All inverses at the price of one (Montgomery's trick)."""
    before = [1]
    for value in values:
        before.append(before[-1] * value % P)
    inverse, found = pow(before[-1], -1, P), []
    for value, product in zip(reversed(values), reversed(before[:-1]), strict=True):
        found.append(inverse * product % P)
        inverse = inverse * value % P
    return tuple(reversed(found))
