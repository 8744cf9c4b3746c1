"""Tables that are made by threads of their own: meanwhile the node reads the log, cosigns and answers other questions.

Decides that of the same people one table is made at a time. A table is protected together with all that was remembered
when it was begun; two that were begun together would know nothing of each other, and what one shows might give away
what the other hides. The next one is begun once the last one was fetched (and so remembered, or given up), or once
nobody asked for it any more. How a table is made, and what becomes of it, is the caller's.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

from comity.adapters.vault import Question
from comity.canon import Digest
from comity.errors import WorldError
from comity.model.job import Tell
from comity.stages.effects import Counted

MOMENT = 2.0  # seconds that a table of persons is waited for before the node goes on with other things

Log = Callable[[str], None]
Key = tuple[Question, Digest, Digest]
"""A question, the policy and the binding: what was made for another policy or binding is made again."""
People = tuple[str, str]


@dataclass(slots=True)
class Beside:
    """What one office makes."""

    _running: dict[Key, Future[Counted]] = field(default_factory=dict)
    _people: dict[Key, People] = field(default_factory=dict)

    def made(self, key: Key, make: Callable[[], Counted], *, people: People | None, name: str) -> Counted | None:
        """The table, or the error that it ended with; None while it is not there yet.

        Args:
            people: whom it counts; None: areas, which are nobody's, and may take hours.
            name: of the thread.
        """
        if key not in self._running:
            if people is not None and people in self._people.values():
                return None
            self._begin(key, make, people, name)
        if not self._running[key].done():
            return None
        self._people.pop(key, None)
        return self._running.pop(key).result()

    def ready(self) -> tuple[Key, ...]:
        """Tables of persons that are done, and were not fetched yet."""
        return tuple(key for key in self._people if self._running[key].done())

    def drop(self, keys: tuple[Key, ...]) -> None:
        """Give up those of them that nobody fetched since: others of the same people wait for them."""
        for key in keys:
            if self._people.pop(key, None) is not None:
                del self._running[key]

    def _begin(self, key: Key, make: Callable[[], Counted], people: People | None, name: str) -> None:
        future: Future[Counted] = Future()

        def compute() -> None:
            try:
                future.set_result(make())
            except BaseException as e:  # whoever waits for it says it
                future.set_exception(e)

        self._running[key] = future
        thread = threading.Thread(target=compute, name=name)
        thread.start()
        if people is not None:
            self._people[key] = people
            thread.join(timeout=MOMENT)


class Stops:
    """Tells on; ends work where the process is to end."""

    def __init__(self, tell: Tell, stop: Callable[[], bool]) -> None:
        self._tell, self._stop = tell, stop

    def __call__(self, done: int, total: int, what: str) -> None:
        if self._stop():
            raise WorldError(f"stopped at {what} {done} of {total}", way_out="run it again")
        self._tell(done, total, what)


class Tenths:
    """Tells on, and says one line for each tenth of a work of many steps; ends it where the process is to end."""

    def __init__(self, line: Log, tell: Tell, stop: Callable[[], bool]) -> None:
        self._line, self._tell, self._stop, self._said = line, tell, stop, ("", -1)

    def __call__(self, done: int, total: int, what: str) -> None:
        if self._stop():
            raise WorldError(f"stopped at {what} {done} of {total}", way_out="run it again: finished blocks are kept")
        self._tell(done, total, what)
        tenth = (what, 10 * done // max(total, 1))
        if tenth != self._said:
            self._said = tenth
            self._line(f"{what}: {done} of {total}")
