"""kill -9 of a run over rasters at whatever moment it comes: it goes on from there, and the parts are the same."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from comity.adapters import parts, runs
from comity.canon import Digest
from comity.errors import WorldError
from tests.adapters.plans import plan, truth

SIZE, ROWS, COLUMNS = 8, 96, 128
BLOCKS = (ROWS // SIZE) * (COLUMNS // SIZE)

# Two processes; each line is a block that the run says is done.
RUN = """
import sys
from pathlib import Path
from comity.adapters import runs
from tests.adapters.plans import plan
folder = Path(sys.argv[1])
runs.run(
    plan(folder, size=int(sys.argv[2])),
    journal=folder / "journal",
    workers=2,
    tell=lambda done, total, what: print(done, flush=True) if what == "blocks" else None,
)
print("over", flush=True)
"""


def killed(folder: Path, root: Path, *, after: float, blocks: int) -> tuple[int, int]:
    """Blocks done at the start and at the end of a run that was killed so long after so many more blocks."""
    with subprocess.Popen(
        [sys.executable, "-c", RUN, str(folder), str(SIZE)], cwd=root, stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout
        said = [run.stdout.readline() for _ in range(1 + blocks)]
        time.sleep(after)
        run.send_signal(signal.SIGKILL)
        said += run.stdout.readlines()
    whole = [int(line) for line in said if line.endswith("\n") and line != "over\n"]
    return whole[0], whole[-1]


def kept(folder: Path, digest: Digest) -> int:
    """Blocks in the journal."""
    with parts.journal(folder / "journal", digest) as journal:
        assert all(part == truth(block) for block, part in journal.done.items())
        return len(journal)


def through(folder: Path, root: Path, kills: int, blocks: int) -> None:
    """Killed so often, then finished: every block that was told is kept, and the end is the truth."""
    asked = plan(folder, size=SIZE)
    before = 0
    for number in range(kills):
        start, done = killed(folder, root, after=(number * 37 % 100) / 20_000, blocks=blocks)
        assert before == start
        before = kept(folder, asked.digest)
        assert done <= before < BLOCKS
    told: list[int] = []
    made = runs.run(
        asked,
        journal=folder / "journal",
        workers=1,
        tell=lambda done, total, what: told.append(done) if what == "blocks" else None,
    )
    assert list(range(before, BLOCKS + 1)) == told
    assert [truth(block) for block in asked.blocks()] == list(made)


def test_a_run_that_was_killed_goes_on_and_ends_with_the_same_parts(tmp_path: Path, root: Path) -> None:
    """Two kills."""
    through(tmp_path, root, kills=2, blocks=20)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_run_that_is_killed_thirty_times_ends_with_the_same_parts(tmp_path: Path, root: Path) -> None:
    """With hardly any progress between."""
    through(tmp_path, root, kills=30, blocks=2)


def test_a_worker_that_is_killed_is_named_with_its_block_and_nothing_is_lost(tmp_path: Path) -> None:
    """As the system does when memory runs out."""
    asked, others = plan(tmp_path, size=SIZE), children()

    def murder(done: int, total: int, what: str) -> None:
        if what == "blocks" and done == 10:
            os.kill(max(children() - others), signal.SIGKILL)

    with pytest.raises(WorldError) as caught:
        runs.run(asked, journal=tmp_path / "journal", workers=2, tell=murder)
    block = r"lc2020.tif, lc2021.tif: block at row \d+, column \d+ \(8 x 8 cells\)"
    assert re.match(block + ": the worker died; found SIGKILL; way out: fewer workers", str(caught.value))
    assert children() <= others
    before = kept(tmp_path, asked.digest)
    assert 10 <= before < BLOCKS
    made = runs.run(asked, journal=tmp_path / "journal", workers=1)
    assert [truth(block) for block in asked.blocks()] == list(made)


def children() -> set[int]:
    """Processes that this one started and that have not ended."""
    tasks = Path("/proc/self/task").iterdir()
    return {int(pid) for task in tasks for pid in (task / "children").read_text().split()}


def test_ctrl_c_leaves_no_process_and_no_torn_line(tmp_path: Path, root: Path) -> None:
    asked = plan(tmp_path, size=SIZE)
    with subprocess.Popen(
        [sys.executable, "-c", RUN, str(tmp_path), str(SIZE)],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as run:
        assert run.stdout
        assert run.stderr
        _ = [run.stdout.readline() for _ in range(5)]
        run.send_signal(signal.SIGINT)
        said = run.stderr.read()  # ends when the last process that holds it has ended
    assert said.rstrip().endswith("KeyboardInterrupt")
    assert 1 == said.count("Traceback")
    assert parts.place(tmp_path / "journal", asked.digest).read_bytes().endswith(b"\n")
    assert 4 <= kept(tmp_path, asked.digest) < BLOCKS
