"""What several offices of one process read alike from a hub: fetched once, handed to each.

Decides how long an answer is fresh: a file that changes under its name for less than one poll, all other public files
for LASTS seconds, in which every office has read them: they never change, but a hub may have served something else
once, and must be asked again. Each office judges for itself every byte that it is handed.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

KEPT: Final = 64  # files that are kept, the newest
LARGEST: Final = 1 << 20  # bytes of a file that is kept
LASTS: Final = 30.0  # seconds


@dataclass(frozen=True, slots=True)
class Answer:
    """Bytes of a file, or None if there is none; and the hub's clock as it came with them (POSIX seconds, 0: none)."""

    content: bytes | None
    date: int


class Shared:
    """For any number of threads. `fresh`: seconds for which a file that changes is not asked for again."""

    def __init__(self, fresh: float) -> None:
        self._fresh = fresh
        self._lock = threading.Lock()
        self._asking: dict[str, threading.Lock] = {}
        self._moving: dict[str, tuple[float, Answer]] = {}
        self._kept: dict[str, tuple[float, Answer]] = {}

    def moving(self, name: str, ask: Callable[[], Answer]) -> Answer:
        """A file that changes; one office asks, the others wait for its answer."""
        with self._turn(name):
            at, answer = self._moving.get(name, (0.0, None))
            if answer is None or time.monotonic() - at >= self._fresh:
                answer = ask()
                self._moving[name] = (time.monotonic(), answer)
            return answer

    def lasting(self, name: str, ask: Callable[[], Answer]) -> Answer:
        """A file that never changes; that there is none may change, and so may what was none of it."""
        with self._turn(name):
            at, answer = self._kept.get(name, (0.0, None))
            if answer is None or time.monotonic() - at >= LASTS:
                answer = ask()
                if answer.content is not None and len(answer.content) <= LARGEST:
                    self._keep(name, answer)
            return answer

    def _turn(self, name: str) -> threading.Lock:
        with self._lock:
            return self._asking.setdefault(name, threading.Lock())

    def _keep(self, name: str, answer: Answer) -> None:
        with self._lock:
            self._kept[name] = (time.monotonic(), answer)
            while len(self._kept) > KEPT:
                old = next(iter(self._kept))
                self._kept.pop(old)
                self._asking.pop(old, None)
