"""Blocks shared out to processes: nothing is lost, nothing is done twice, and a death has a name."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from comity.adapters import pool
from comity.errors import ComityError, SourceError, WorldError
from comity.model.blocks import Block
from tests.adapters.works import Squares

BLOCKS = tuple(Block(row=row, column=column, rows=1, columns=1) for row in range(4) for column in range(5))


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_every_block_is_done_once_by_so_many_processes(workers: int) -> None:
    done = list(pool.parts(Squares(wait=0.01), BLOCKS, workers=workers))
    assert sorted(((b.row * 100 + b.column) ** 2) for b in BLOCKS) == sorted(int(p.values["0"]) for p in done)
    assert workers == len({part.values["1"] for part in done})


def test_one_worker_is_this_process_and_no_block_starts_none() -> None:
    assert {str(os.getpid())} == {part.values["1"] for part in pool.parts(Squares(), BLOCKS, workers=1)}
    assert [] == list(pool.parts(Squares(), (), workers=2))


@pytest.mark.parametrize(("blocks", "workers"), [(1, 1), (127, 1), (128, 2), (10_000, 2)])
def test_without_a_number_as_many_workers_start_as_are_worth_it(
    blocks: int, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """64 blocks of 1,024 x 1,024 cells a worker, and one for each core."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    assert workers == pool.enough([Block(row=0, column=0, rows=1024, columns=1024)] * blocks)


@pytest.mark.parametrize(
    ("how", "kind", "words"),
    [
        ("killed", WorldError, "block 2, .: the worker died; found SIGKILL; way out: fewer workers or smaller blocks"),
        ("exits", WorldError, "block 2, .: the worker died; found exit 3; way out: run it again"),
        ("refuses", SourceError, r"^a.tif: row 2: cut; found 5 bytes; wanted 9; way out: fetch it again$"),
        ("memory", WorldError, "block 2, .: out of memory; way out: smaller blocks or fewer workers"),
        ("bug", RuntimeError, "block 2, .: .*nobody thought of this"),
    ],
)
def test_what_a_worker_falls_over_is_told_with_its_block(how: str, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=f"(?s){words}"):
        list(pool.parts(Squares(bad=2, how=how), BLOCKS, workers=2))


def test_a_failure_ends_the_other_workers_at_once() -> None:
    """One sleeps for ten minutes, the other is refused."""
    started = time.monotonic()
    sleeper = Squares(bad=0, how="sleeps")
    made = pool.parts(sleeper, BLOCKS, workers=2)
    pids = {int(next(made).values["1"]) for _ in range(3)}
    made.close()
    assert time.monotonic() - started < 10
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]


SCRIPT = """
import sys
from comity.adapters import pool
from tests.adapters.test_pool import BLOCKS
from tests.adapters.works import Squares
for part in pool.parts(Squares(wait=0.2), BLOCKS, workers=2):
    print(part.values["1"], flush=True)
"""


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL])
def test_no_worker_outlives_its_parent(root: Path, sign: signal.Signals) -> None:
    """A script without a `__main__` guard, ended by Ctrl-C or by kill -9."""
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT], cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout
        assert parent.stderr
        pids = {int(parent.stdout.readline()) for _ in range(4)}
        parent.send_signal(sign)
        said = parent.stderr.read()
    until = time.monotonic() + 10
    while alive := [pid for pid in pids if running(pid)]:
        assert time.monotonic() < until, alive
        time.sleep(0.05)
    assert 2 == len(pids)
    assert said.count("Traceback") == (sign == signal.SIGINT)  # the parent's own, none of a worker


def running(pid: int) -> bool:
    """Whether the process is there and is no zombie that nobody has waited for."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_an_error_of_ours_comes_back_with_all_its_fields() -> None:
    with pytest.raises(ComityError) as caught:
        list(pool.parts(Squares(bad=0, how="refuses"), BLOCKS, workers=2))
    assert ("cut", "a.tif: row 2", "5 bytes", "9", "fetch it again") == (
        caught.value.what,
        caught.value.where,
        caught.value.found,
        caught.value.wanted,
        caught.value.way_out,
    )
