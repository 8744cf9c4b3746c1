"""A mapping that only grows, shared by every version of it: setting a key costs the same however much is in it.

A log of 100,000 leaves gives 100,000 states; none may copy what grows with the log. All versions that descend from
each other share one memory, and each sees what was set up to it. Setting a key on a version that is not the newest
(two continuations of one state) copies that version first, so no version ever changes. Reading an old version searches
among the values of that key alone.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, NamedTuple, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class _Past(NamedTuple, Generic[V]):
    """The values that a key had one after another, and the version from which each holds."""

    versions: list[int]
    values: list[V]


@dataclass(frozen=True, slots=True)
class _Memory(Generic[K, V]):
    """What the versions share; the keys in the order in which they came."""

    keys: list[K] = field(default_factory=list)
    first: dict[K, tuple[int, V]] = field(default_factory=dict)  # the version from which a key holds, and its value
    pasts: dict[K, _Past[V]] = field(default_factory=dict)  # of keys that were set more than once, the first included
    newest: list[int] = field(default_factory=lambda: [0])
    lock: Lock = field(default_factory=Lock)


class History(Mapping[K, V]):
    """One version. Reads like any mapping, in the order in which its keys came; `set` gives the next version."""

    __slots__ = ("_length", "_memory", "_version")

    def __init__(self, items: Iterable[tuple[K, V]] = ()) -> None:
        self._memory: _Memory[K, V] = _Memory()
        self._version, self._length = 0, 0
        for key, value in items:
            self._write(key, value)

    def set(self, key: K, value: V) -> "History[K, V]":
        """The next version, in which the key has this value; this version stays as it is."""
        with self._memory.lock:
            if self._memory.newest[0] == self._version:
                after: History[K, V] = History.__new__(History)
                after._memory, after._version, after._length = self._memory, self._version, self._length
                after._write(key, value)
                return after
        copy = History(self.items())
        copy._write(key, value)
        return copy

    def _write(self, key: K, value: V) -> None:
        """Go one version on in the memory; only for a view that nobody else holds yet."""
        memory = self._memory
        self._version += 1
        if key not in memory.first:
            memory.first[key] = (self._version, value)
            memory.keys.append(key)
            self._length += 1
        else:
            past = memory.pasts.get(key)
            if past is None:
                version, before = memory.first[key]
                past = memory.pasts[key] = _Past([version], [before])
            past.values.append(value)  # before its version: whoever reads beside us finds a value for each version
            past.versions.append(self._version)
        memory.newest[0] = self._version

    def __getitem__(self, key: K) -> V:
        version, value = self._memory.first[key]
        if version > self._version:
            raise KeyError(key)
        past = self._memory.pasts.get(key)
        return value if past is None else past.values[bisect_right(past.versions, self._version) - 1]

    def __contains__(self, key: object) -> bool:
        known = self._memory.first.get(key)  # type: ignore[arg-type]
        return known is not None and known[0] <= self._version

    def __iter__(self) -> Iterator[K]:
        return (self._memory.keys[i] for i in range(self._length))

    def __len__(self) -> int:
        return self._length

    def __repr__(self) -> str:
        return f"History({dict(self)!r})"
