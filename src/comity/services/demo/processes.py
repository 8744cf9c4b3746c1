"""Processes that the demonstration starts, and their end: whatever happens, none of them outlives it.

Decides how a command is started (in a process group of its own, its output in files), how a group of short ones runs a
few at a time, and how all are ended: when the demonstration is done, fails, is interrupted or told to stop. Should the
demonstration itself be killed, the kernel tells its children (`setpriv`, where the machine has it). What is started,
and what its output means, is the story's affair.
"""

import atexit
import os
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Final, Self

from comity.errors import DemoFailed

GRACE: Final = 5.0  # seconds between the request to stop and the end
TAIL: Final = 15  # lines of output that a failure shows
_ENDING: Final = (signal.SIGTERM, signal.SIGHUP)
# A parent that is killed before its child has asked for the kernel's word leaves an orphan: so the child looks again.
_ORPHANS: Final = '[ "$PPID" = "$0" ] || exit 1; exec "$@"'


class Told(KeyboardInterrupt):
    """SIGTERM or SIGHUP: the same as Ctrl-C, with everything tidied up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A command that has ended. A negative exit is the signal that ended it."""

    argv: tuple[str, ...]
    exit: int
    seconds: float
    out: str
    err: str
    log: Path

    @property
    def line(self) -> str:
        """As it would be typed."""
        return spelt(self.argv)

    def failed(self, what: str = "a command failed", *, wanted: str = "exit 0") -> DemoFailed:
        """The error that says so."""
        found = f"exit {self.exit}" if self.exit >= 0 else f"ended by signal {-self.exit}"
        return failed(f"{what}: {self.line}", where=str(self.log), found=found, wanted=wanted, said=self.out + self.err)


@dataclass(slots=True, kw_only=True)
class Service:
    """A process that runs until it is stopped."""

    name: str
    argv: tuple[str, ...]
    log: Path
    popen: "subprocess.Popen[bytes]"
    expected: bool = False  # its end is part of the story

    def written(self) -> str:
        """Everything that it has said so far."""
        return self.log.read_text("utf-8", errors="replace")


class Processes:
    """All processes of one demonstration; a context that none of them outlives.

    Args:
        logs: folder for what they write.
        root: their working directory.
    """

    def __init__(self, logs: Path, root: Path) -> None:
        self.logs, self.root = logs, root
        self.services: dict[str, Service] = {}
        self._short: set[subprocess.Popen[bytes]] = set()
        self._number = 0
        self._before: dict[int, object] = {}
        setpriv = shutil.which("setpriv")
        self._prefix = (setpriv, "--pdeathsig", "KILL", "--", "sh", "-c", _ORPHANS, str(os.getpid())) if setpriv else ()

    def __enter__(self) -> Self:
        self.logs.mkdir(parents=True, exist_ok=True)
        atexit.register(self.stop)
        for number in _ENDING:
            self._before[number] = signal.signal(number, _told)
        return self

    def __exit__(self, kind: type[BaseException] | None, e: BaseException | None, at: TracebackType | None) -> None:
        self.stop()
        atexit.unregister(self.stop)
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def start(self, name: str, argv: Sequence[str]) -> Service:
        """Start a process that stays."""
        log = self.logs / f"{name}.log"
        with log.open("ab") as out:
            popen = self._popen(argv, out.fileno(), out.fileno())
        service = Service(name=name, argv=tuple(argv), log=log, popen=popen)
        self.services[name] = service
        return service

    def run(self, commands: Sequence[Sequence[str]], *, at_once: int = 2) -> list[Done]:
        """Run commands to their end, a few at a time; results in their order."""
        waiting = list(enumerate(commands))[::-1]
        running: dict[int, _Running] = {}
        done: dict[int, Done] = {}
        while waiting or running:
            while waiting and len(running) < at_once:
                place, argv = waiting.pop()
                running[place] = self._begin(argv)
            for place, one in list(running.items()):
                if one.popen.poll() is not None:
                    done[place] = self._end(one)
                    del running[place]
            self.check()
            time.sleep(0.01)
        return [done[place] for place in range(len(commands))]

    def check(self) -> None:
        """DemoFailed, if a process that should be running has ended."""
        for service in self.services.values():
            exit_ = service.popen.poll()
            if exit_ is not None and not service.expected:
                service.expected = True  # said once
                raise failed(
                    f"a process ended by itself: {spelt(service.argv)}",
                    where=str(service.log),
                    found=f"exit {exit_}",
                    wanted="a process that runs until it is stopped",
                    said=service.written(),
                )

    def kill(self, name: str) -> None:
        """End a process as a power cut would: SIGKILL, nothing is tidied up."""
        service = self.services[name]
        service.expected = True
        _signal(service.popen, signal.SIGKILL)
        service.popen.wait()

    def end(self, name: str) -> None:
        """Stop one service, as its operator would."""
        self.services[name].expected = True
        self._end_all([self.services[name].popen])

    def rest(self) -> None:
        """Stop the services, as an operator would; commands can still be run."""
        self._expect()
        self._end_all([service.popen for service in self.services.values()])

    def stop(self) -> None:
        """End everything."""
        self._expect()
        self._end_all([*(service.popen for service in self.services.values()), *self._short])
        self._short.clear()

    def _expect(self) -> None:
        """All services may end now."""
        for service in self.services.values():
            service.expected = True

    def _end_all(self, popens: "list[subprocess.Popen[bytes]]") -> None:
        """Ask, wait, then kill. A second Ctrl-C meanwhile kills at once."""
        alive = [popen for popen in popens if popen.poll() is None]
        try:
            for popen in alive:
                _signal(popen, signal.SIGTERM)
            end = time.monotonic() + GRACE
            while any(popen.poll() is None for popen in alive) and time.monotonic() < end:
                time.sleep(0.02)
        finally:
            for popen in alive:
                _signal(popen, signal.SIGKILL)
                popen.wait()

    def _begin(self, argv: Sequence[str]) -> "_Running":
        self._number += 1
        folder = self.logs / "commands"
        folder.mkdir(exist_ok=True)
        words = [word for word in argv[1:] if word.replace("-", "").isalpha() and not word.startswith("-")][:2]
        out = folder / "-".join([f"{self._number:03d}", *words])
        err = out.with_suffix(".err")
        with out.open("wb") as said, err.open("wb") as told:
            popen = self._popen(argv, said.fileno(), told.fileno())
        self._short.add(popen)
        return _Running(tuple(argv), popen, out, err, time.monotonic())

    def _end(self, one: "_Running") -> Done:
        self._short.discard(one.popen)
        seconds = time.monotonic() - one.since
        done = Done(
            argv=one.argv,
            exit=one.popen.returncode,
            seconds=seconds,
            out=one.out.read_text("utf-8", errors="replace"),
            err=one.err.read_text("utf-8", errors="replace"),
            log=one.out,
        )
        with (self.logs / "commands.log").open("a", encoding="utf-8") as log:
            log.write(f"{one.out.name}: exit {done.exit} after {seconds:.2f} s: {done.line}\n")
        if not done.err:
            one.err.unlink()
        return done

    def _popen(self, argv: Sequence[str], out: int, err: int) -> "subprocess.Popen[bytes]":
        # A session of its own: Ctrl-C at the terminal reaches the demonstration alone, which then ends the others.
        return subprocess.Popen(
            [*self._prefix, *argv], cwd=self.root, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
            start_new_session=True,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Running:
    argv: tuple[str, ...]
    popen: "subprocess.Popen[bytes]"
    out: Path
    err: Path
    since: float


def spelt(argv: Sequence[str]) -> str:
    """A command as it would be typed; a long list of offices is cut short."""
    line = shlex.join([Path(argv[0]).name, *argv[1:]])
    return line if len(line) <= 300 else f"{line[:200]} ... {line[-80:]}"


def failed(what: str, *, where: str, found: str, wanted: str, said: str = "") -> DemoFailed:
    """The story went another way; what was said last goes with it."""
    error = DemoFailed(what, where=where, found=found, wanted=wanted)
    error.tail = "\n".join(said.strip().splitlines()[-TAIL:])
    return error


def _signal(popen: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    """To the whole group: whatever a command started ends with it."""
    try:
        os.killpg(popen.pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _told(number: int, frame: FrameType | None) -> None:
    raise Told
