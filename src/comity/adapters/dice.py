"""The only dice of Comity: the operating system's. There is no seed and no other source to choose."""

import os


def dice(n: int) -> bytes:
    """n fresh random bytes (`stages.dice.Dice`)."""
    return os.urandom(n)
