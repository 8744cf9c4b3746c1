"""A mapping that only grows, shared by every version of it: setting a key costs the same however much is in it.

A log of 100,000 leaves gives 100,000 states; none may copy what grows with the log. All versions that descend from
each other share one memory, and each sees what was set up to it. Setting a key on a version that is not the newest
(two continuations of one state) copies that version first, so no version ever changes.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, NamedTuple, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class _Cell(NamedTuple, Generic[V]):
    """A value, the version from which it holds, and the value before."""

    version: int
    value: V
    before: "_Cell[V] | None"


@dataclass(frozen=True, slots=True)
class _Memory(Generic[K, V]):
    """What the versions share; the keys in the order in which they came."""

    keys: list[K] = field(default_factory=list)
    cells: dict[K, _Cell[V]] = field(default_factory=dict)
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
        before = self._memory.cells.get(key)
        self._version += 1
        self._memory.cells[key] = _Cell(self._version, value, before)
        if before is None:
            self._memory.keys.append(key)
            self._length += 1
        self._memory.newest[0] = self._version

    def __getitem__(self, key: K) -> V:
        cell = self._memory.cells.get(key)
        while cell is not None and cell.version > self._version:
            cell = cell.before
        if cell is None:
            raise KeyError(key)
        return cell.value

    def __iter__(self) -> Iterator[K]:
        return (self._memory.keys[i] for i in range(self._length))

    def __len__(self) -> int:
        return self._length

    def __repr__(self) -> str:
        return f"History({dict(self)!r})"
