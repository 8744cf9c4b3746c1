"""A parent that has everything imported, and forks a victim in a few milliseconds: a loop of kills is one of starts.

    python -m tests.kill.nursery        reads a line of JSON a victim, answers with its process id

`Nursery` is the test's end of it. A victim dies with its nursery, and a nursery with its test.
"""

import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any, Self

PR_SET_PDEATHSIG = 1


class Victim:
    """A process that is not our child: held by a handle, so that its id cannot become another's."""

    def __init__(self, pid: int, out: Path) -> None:
        self.pid, self.out, self._handle = pid, out, os.pidfd_open(pid)

    @property
    def lives(self) -> bool:
        return not select.select([self._handle], [], [], 0)[0]

    def kill(self) -> None:
        """SIGKILL, and until it is gone; an error if it had ended by itself."""
        alive = self.lives
        if alive:
            signal.pidfd_send_signal(self._handle, signal.SIGKILL)
        assert select.select([self._handle], [], [], 30)[0], "it does not die"
        os.close(self._handle)
        assert alive, f"it ended by itself:\n{self.out.read_text()[-2000:]}"


class Nursery:
    """Starts victims for one test, in a working directory of their own: nothing of a service's lies there."""

    def __init__(self, root: Path, folder: Path) -> None:
        self._out, self._count, self.working = folder, 0, folder / "working"
        self.working.mkdir()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.kill.nursery"],
            cwd=self.working,
            env=os.environ | {"PYTHONPATH": str(root)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, e: BaseException | None, at: TracebackType | None) -> None:
        self._process.kill()
        self._process.communicate()

    def start(self, victim: str, **arguments: Any) -> Victim:
        """Fork a victim (`tests.kill.victims`) that records into `told`, if that is given."""
        self._count += 1
        out = self._out / f"{victim}-{self._count % 2}.out"
        assert self._process.stdin
        assert self._process.stdout
        asked = {
            "victim": victim,
            "out": str(out),
            "arguments": {k: v if v is None else str(v) for k, v in arguments.items()},
        }
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return Victim(int(self._process.stdout.readline()), out)


def main() -> None:
    from tests.kill import victims

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the dead
    nursery = os.getpid()
    for line in sys.stdin:
        asked = json.loads(line)
        pid = os.fork()
        if pid == 0:
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != nursery:
                os._exit(9)
            out = os.open(asked["out"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            for number in (1, 2):
                os.dup2(out, number)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            try:
                victims.live(asked["victim"], **asked["arguments"])
            except BaseException:
                traceback.print_exc()
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(1)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
