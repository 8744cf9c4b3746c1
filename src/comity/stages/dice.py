"""Where chance comes from: an argument. Nothing in the core throws dice of its own.

A node hands in the operating system's generator (`adapters.dice`), a test hands in bytes that it can repeat. There is
no seed, switch or variable that makes a node's keys, shares or noise repeat.
"""

from typing import Protocol


class Dice(Protocol):
    """Gives that many cryptographically random bytes, new at every call."""

    def __call__(self, n: int, /) -> bytes: ...
