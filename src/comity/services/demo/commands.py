"""The `comity` command as the demonstration uses it: started in a process of its own, its JSON read, nothing else.

Decides how facts are had of a command, and how the story waits for something: by asking again, with a limit, while all
services are seen to run.
"""

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from comity.services.demo.processes import Done, Processes, Service, failed
from comity.services.demo.show import Show

T = TypeVar("T")

PATIENCE: Final = 60.0  # seconds that the story waits for what usually takes a few
LOOK: Final = 0.3  # seconds between two looks at what a service has written


def program() -> tuple[str, ...]:
    """How `comity` is started: the command beside this Python, else the module."""
    beside = Path(sys.executable).with_name("comity")
    return (str(beside),) if beside.exists() else (sys.executable, "-m", "comity")


class Commands:
    """Starts commands, waits for them, reads what they print."""

    def __init__(self, processes: Processes, show: Show) -> None:
        self.processes, self.show = processes, show
        self.program = program()
        self.seconds = 0.0  # that the slowest of the last commands took

    def facts(self, *words: object) -> Any:
        """The facts that a command prints with --json; DemoFailed for any exit but 0."""
        return self.each([words])[0]

    def each(self, commands: Sequence[Sequence[object]], *, what: str = "", at_once: int = 2) -> list[Any]:
        """The facts of several commands, a few of them at a time."""
        argvs = [self.argv(*words, "--json") for words in commands]
        done: list[Done] = []
        for start in range(0, len(argvs), 2 * at_once):
            if what:
                self.show.tell(start, len(argvs), what)
            done += self.processes.run(argvs[start : start + 2 * at_once], at_once=at_once)
        self.seconds = max(one.seconds for one in done)
        return [_facts(one) for one in done]

    def start(self, name: str, *words: object) -> Service:
        """A command that stays."""
        return self.processes.start(name, self.argv(*words))

    def argv(self, *words: object) -> tuple[str, ...]:
        """A whole command line."""
        return (*self.program, *map(str, words))

    def until(self, look: Callable[[], T | None], *, what: str, service: Service, seconds: float = PATIENCE) -> T:
        """Look again and again until there is something; DemoFailed after so many seconds."""
        began = time.monotonic()
        while (found := look()) is None:
            waited = time.monotonic() - began
            if waited > seconds:
                raise failed(
                    f"waited in vain for: {what}",
                    where=str(service.log),
                    found=f"nothing after {seconds:.0f} s",
                    wanted=what,
                    said=service.written(),
                )
            self.processes.check()
            self.show.tell(int(waited), int(seconds), what)
            time.sleep(LOOK)
        return found


def homes(folders: Sequence[Path]) -> tuple[object, ...]:
    """`--home A --home B ...`"""
    return tuple(word for folder in folders for word in ("--home", folder))


def _facts(done: Done) -> Any:
    if done.exit != 0:
        raise done.failed()
    try:
        return json.loads(done.out)
    except json.JSONDecodeError:
        raise done.failed("a command printed no JSON", wanted="facts as JSON") from None
