"""The loop of all kill tests: start, load, kill at a chance moment, perhaps cut the power, look at what is left.

A `Trial` knows its victim: how to load it, and what must hold afterwards. What left the victim is kept by the trial, in
the test's own memory, and compared after each death.
"""

import random
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from comity.errors import ComityError
from comity.tlog.checkpoint import Checkpoint
from tests.kill.nursery import Nursery, Victim
from tests.kill.power import Before, lose

WINDOW: Final = 0.1  # seconds, at most, that are waited before the kill
LATE: Final = 0.7  # of the kills come after an answer, the others whenever the port is open
START: Final = 20.0  # seconds that a victim may take to answer first


class Lost(Exception):
    """What left a victim is gone, torn or contradicted."""


def stands(holds: bool, otherwise: str) -> None:
    """Lost, if what must hold of all that left does not."""
    if not holds:
        raise Lost(otherwise)


class Trial(Protocol):
    """One victim's folder, and what the test knows of it."""

    home: Path
    heard: int  # answers that left it, in all its lives

    def start(self, nursery: Nursery, told: Path | None, *, syncs: bool) -> Victim: ...

    def ready(self) -> bool:
        """Whether the victim answers."""
        ...

    def load(self) -> None:
        """Ask one thing of it; whatever goes wrong in it is the kill's doing, and no answer."""
        ...

    def check(self) -> None:
        """Lost if anything that left is gone, torn or contradicted; or an error of ours by what no longer reads it."""
        ...


class Views:
    """Every head that left, by size: there is never a second root."""

    def __init__(self) -> None:
        self.roots: dict[int, bytes] = {}

    def saw(self, head: Checkpoint) -> None:
        known = self.roots.setdefault(head.size, head.root)
        stands(known == head.root, f"two roots of size {head.size} were signed")

    def prefixes(self, root_at: Callable[[int], bytes], size: int) -> None:
        """All of them are heads of one log that is at least as long."""
        for seen, root in self.roots.items():
            stands(seen <= size, f"a head of {seen} leaves left, {size} are there")
            stands(root_at(seen) == root, f"the head of {seen} leaves that left is not this log's")


def kills(trial: Trial, nursery: Nursery, count: int, chance: random.Random, *, syncs: bool = True) -> int:
    """So many deaths of one victim, every other with a power cut; how many things these cuts took."""
    links, told, taken = trial.home.with_name("links"), trial.home.with_name("told"), 0
    for number in range(count):
        cut = number % 2 == 1
        told.unlink(missing_ok=True)
        before = Before.of(trial.home, links) if cut else None
        victim = trial.start(nursery, told if cut else None, syncs=syncs)
        end = time.monotonic() + START
        while not trial.ready():
            assert victim.lives, f"it ended by itself:\n{victim.out.read_text()[-2000:]}"
            assert time.monotonic() < end, "it does not answer"
            time.sleep(0.002)
        stop, failed = threading.Event(), list[BaseException]()
        loader = threading.Thread(target=_load, args=(trial, stop, failed))
        loader.start()
        if chance.random() < LATE:
            heard = trial.heard
            while trial.heard == heard and not failed and time.monotonic() < end:
                time.sleep(0.002)
        time.sleep(chance.random() * WINDOW)
        victim.kill()
        stop.set()
        loader.join()
        if failed:
            raise failed[0]
        if before is not None:
            taken += lose(before, told, chance)
        try:
            trial.check()
        except (ComityError, OSError, sqlite3.Error) as e:
            raise Lost(f"what is left cannot be read: {e}") from e
    return taken


def _load(trial: Trial, stop: threading.Event, failed: list[BaseException]) -> None:
    try:
        while not stop.is_set():
            trial.load()
    except BaseException as e:  # what the trial finds: it is raised again in the test's own thread
        failed.append(e)
