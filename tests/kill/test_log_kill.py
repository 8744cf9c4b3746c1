"""kill -9 of a process that appends, writes tiles and publishes in a loop, at whatever moment it comes."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from comity.adapters.log import LogStore
from comity.adapters.static_log import StaticLog
from comity.tlog import merkle
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.tile import bundles, hash_tiles

# Batches of 1 to 90, so that tiles fill up often. Each line it prints is an acknowledgement: the size after a commit.
WRITER = """
import sys
from pathlib import Path
from comity.adapters.log import LogStore
from comity.adapters.static_log import StaticLog
from comity.tlog.checkpoint import Checkpoint
from tests.tlog.a_log import ORIGIN, signed
folder = Path(sys.argv[1])
store = LogStore.open(folder / "log.db")
log = StaticLog.open(folder / "public", store)
while True:
    first = store.size
    store.append([b"entry %d" % i for i in range(first, first + 1 + first * 7 % 90)])
    print(store.size, flush=True)
    size, root = log.grow()
    text = str(signed(Checkpoint(ORIGIN, size, root)))
    log.publish_pending(text)
    log.publish(text)
    log.publish_pending(None)
"""


def killed(folder: Path, root: Path, after: float) -> int:
    """The last size that the writer acknowledged before it was killed, some seconds after its first."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder)], cwd=root, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout
        said = [writer.stdout.readline()]
        time.sleep(after)
        writer.send_signal(signal.SIGKILL)
        said += writer.stdout.readlines()
    assert -signal.SIGKILL == writer.returncode
    # The last line may be torn by the kill: only a whole one is an acknowledgement.
    return int([line for line in said if line.endswith("\n")][-1])


def check(folder: Path, acknowledged: int) -> int:
    """What must hold whenever the writer died; the size of the log."""
    public = folder / "public"
    published = (public / "checkpoint").read_text() if (public / "checkpoint").exists() else None
    with LogStore.open(folder / "log.db") as store:
        assert store.size >= acknowledged
        leaves = store.leaves(0, store.size)
        assert [b"entry %d" % i for i in range(store.size)] == leaves
        hashes = [merkle.leaf_hash(leaf) for leaf in leaves]
        if published:
            head = Checkpoint.parse(published.partition("\n\n")[0] + "\n")
            assert head.root == merkle.root(hashes[: head.size])
            # Whatever a published checkpoint promises was on the disk before the repair.
            assert all(whole(public, str(tile)) for tile in (*hash_tiles(head.size), *bundles(head.size)))
        log = StaticLog.open(public, store)
        assert (store.size, merkle.root(hashes)) == (log.size, log.root_at(log.size))
        assert not list(public.rglob("tile/**/.*.part"))
        return store.size


def whole(public: Path, name: str) -> bool:
    """Whether a file that a size has is there, itself or the full one that took its place."""
    return (public / name).is_file() or (public / name.partition(".p/")[0]).is_file()


def kills(folder: Path, root: Path, count: int) -> list[int]:
    """Sizes after each kill; the moments are spread over the loop's steps."""
    LogStore.create(folder / "log.db").close()
    sizes = [0]
    for i in range(count):
        acknowledged = killed(folder, root, after=(i * 37 % 100) / 400)
        sizes.append(check(folder, acknowledged))
        assert sizes[-1] >= acknowledged > sizes[-2]
    return sizes


def test_no_acknowledged_leaf_is_lost_and_every_published_checkpoint_is_a_prefix(tmp_path: Path, root: Path) -> None:
    """Five kills."""
    assert 5 + 1 == len(kills(tmp_path, root, 5))


@pytest.mark.long
@pytest.mark.timeout(600)
def test_nothing_is_lost_in_forty_kills(tmp_path: Path, root: Path) -> None:
    """The same, over a log of thousands of leaves."""
    assert 1000 < kills(tmp_path, root, 40)[-1]
