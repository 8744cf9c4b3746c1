"""Processes of this machine that share out blocks: each a fresh Python, so that GDAL's and numba's state are clean.

Decides which worker gets which block and what is said when one dies; what is done with a block is the `Work`'s. A
worker starts by its own command and talks over one socket: it imports no `__main__`, so that a notebook or a script
may start one, and stands in a session of its own, so that Ctrl-C reaches the parent alone, which ends them all. A
worker whose parent is gone reads the end of the socket and goes too.
"""

import os
import signal
import socket
import subprocess
import sys
import traceback
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import AbstractContextManager
from multiprocessing.connection import Connection, wait
from typing import Any, Final, Protocol

from comity.errors import ComityError, WorldError
from comity.model.blocks import Block, Part

COMMAND: Final = "import sys; from comity.adapters.pool import serve; serve(int(sys.argv[1]))"
SHARE: Final = 1 << 26  # cells, about as many as a worker reads and sums while another one starts
# glibc would give the memory of arrays back after every block: a quarter of a worker's time goes into zeroing it again.
KEEP: Final = {"MALLOC_MMAP_THRESHOLD_": str(1 << 30), "MALLOC_TRIM_THRESHOLD_": str(1 << 31)}
GRACE: Final = 5.0  # seconds that a worker has to end before it is killed


class Work(Protocol):
    """What every worker does; picklable, and the same in each process."""

    def start(self) -> AbstractContextManager[Callable[[Block], Part]]:
        """Made ready once in each process, left at its end."""
        ...

    def named(self, block: Block) -> str:
        """The block in an error."""
        ...


def parts(work: Work, blocks: Sequence[Block], *, workers: int | None) -> Generator[Part, None, None]:
    """A part of each block, as they come. One worker works in this process; None: as many as are worth it.

    Raises:
        WorldError: a worker died, with the block that it had; or memory ran out.
        ComityError: what the work itself says. The other workers are ended.
    """
    workers = min(workers or enough(blocks), len(blocks))
    if workers > 1:
        yield from _shared(work, blocks, workers)
    elif blocks:
        with work.start() as do:
            yield from map(do, blocks)


def serve(descriptor: int) -> None:
    """The whole life of a worker: the work comes first, then blocks until the socket ends."""
    with Connection(descriptor) as wire:
        try:
            sys.path[:] = wire.recv()  # what the parent can import, so can its workers
            work: Work = wire.recv()
            _serve(work, wire)
        except (EOFError, BrokenPipeError, ConnectionResetError):
            return  # the parent is gone, or wants no more


def _serve(work: Work, wire: "Connection[Any, Any]") -> None:
    try:
        with work.start() as do:
            while True:
                wire.send(do(wire.recv()))
    except ComityError as e:
        wire.send(_Failed(e))
    except MemoryError:
        wire.send(_Failed(WorldError("out of memory", way_out="smaller blocks or fewer workers")))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        raise
    except Exception:
        wire.send(_Bug(traceback.format_exc()))


class _Failed:
    """An error of ours on its way to the parent, with all its fields."""

    def __init__(self, e: ComityError) -> None:
        self.kind = type(e)
        self.fields = {"where": e.where, "found": e.found, "wanted": e.wanted, "way_out": e.way_out}
        self.what = e.what

    def error(self, where: str) -> ComityError:
        """The error itself; `where`: the block, if it does not say."""
        return self.kind(self.what, **{**self.fields, "where": self.fields["where"] or where})


class _Bug:
    """What a worker fell over, as text."""

    def __init__(self, trace: str) -> None:
        self.trace = trace


class _Worker:
    """A process and the block that it has."""

    def __init__(self, work: Work) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-c", COMMAND, str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                env={**os.environ, **KEEP},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )
        self.wire: Connection[Any, Any] = Connection(ours.detach())
        self.block: Block | None = None
        self.row: deque[Block] = deque()
        self._first: tuple[Any, ...] = (sys.path, work)

    def give(self, block: Block) -> None:
        """Send a block; a worker that died is found when its answer is read."""
        self.block = block
        try:
            for thing in (*self._first, block):
                self.wire.send(thing)
        except OSError:
            pass
        self._first = ()

    def take(self, work: Work) -> Part:
        """The part of the block that it has; raises what it says instead, or that it died."""
        where = work.named(self.block) if self.block else ""
        try:
            answer = self.wire.recv()
        except (EOFError, OSError):
            raise _died(self.process, where) from None
        if isinstance(answer, _Failed):
            raise answer.error(where)
        if isinstance(answer, _Bug):
            raise RuntimeError(f"{where}: {answer.trace}")
        part: Part = answer
        return part

    def end(self) -> None:
        """Wait for a process that was told to end."""
        self.wire.close()
        try:
            self.process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _shared(work: Work, blocks: Iterable[Block], count: int) -> Generator[Part, None, None]:
    rows = _rows(blocks)
    workers: list[_Worker] = []
    try:
        for _ in range(count):
            workers.append(_Worker(work))
        for worker in workers:  # not before all of them start: a large work waits for who reads it
            _next(worker, rows, workers)
        while busy := {worker.wire: worker for worker in workers if worker.block}:
            for wire in wait(list(busy)):
                worker = busy[wire]  # type: ignore[index]
                part = worker.take(work)
                _next(worker, rows, workers)  # first the next block, so that the worker never waits for our disk
                yield part
    finally:
        for worker in workers:
            worker.process.terminate()
        for worker in workers:
            worker.end()


def _rows(blocks: Iterable[Block]) -> deque[deque[Block]]:
    """Blocks by row: a striped file is unpacked in full rows, so a row belongs to one worker while rows last."""
    rows: dict[int, deque[Block]] = {}
    for block in blocks:
        rows.setdefault(block.row, deque()).append(block)
    return deque(rows.values())


def _next(worker: _Worker, rows: deque[deque[Block]], workers: Sequence[_Worker]) -> None:
    """The next block of the worker's row, of a new row, or of the longest row that another one has."""
    if not worker.row and rows:
        worker.row = rows.popleft()
    if worker.row:
        worker.give(worker.row.popleft())
        return
    longest = max((other.row for other in workers), key=len)
    if longest:
        worker.give(longest.pop())
    else:
        worker.block = None


def _died(process: "subprocess.Popen[bytes]", where: str) -> WorldError:
    """A worker's death in words."""
    try:
        code = process.wait(GRACE)
    except subprocess.TimeoutExpired:
        code = 0
    killed = code == -signal.SIGKILL
    return WorldError(
        "the worker died",
        where=where,
        found=signal.Signals(-code).name if code < 0 else f"exit {code}",
        way_out="fewer workers or smaller blocks (the system kills what takes too much memory); "
        "run it again: finished blocks are kept"
        if killed
        else "run it again: finished blocks are kept",
    )


def enough(blocks: Sequence[Block]) -> int:
    """Workers that are worth their start, a second or so each: one for each core, none for less than SHARE cells."""
    cells = sum(block.rows * block.columns for block in blocks)
    return max(1, min(len(os.sched_getaffinity(0)), cells // SHARE))
