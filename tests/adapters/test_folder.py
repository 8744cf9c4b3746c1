"""A state folder opens only for the version and service that it is for, for one process, and holds whole files."""

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from comity.adapters import durable
from comity.adapters.folder import Folder
from comity.errors import ConfigError, DiskFull, Locked, StateVersion


def test_a_new_folder_is_its_owners_alone(tmp_path: Path) -> None:
    home = Folder.create(tmp_path / "home", "node")
    assert 0o700 == (home.path.stat().st_mode & 0o777)
    assert () == home.exposed()


def test_nothing_is_created_over_something(tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("dear")
    with pytest.raises(ConfigError, match="not empty"):
        Folder.create(tmp_path, "node")
    assert ["letter"] == os.listdir(tmp_path)


def test_a_folder_opens_for_its_own_service(tmp_path: Path) -> None:
    Folder.create(tmp_path / "home", "node")
    assert Folder(tmp_path / "home", "node") == Folder.open(tmp_path / "home", "node")
    with pytest.raises(ConfigError, match="another service"):
        Folder.open(tmp_path / "home", "hub")


@pytest.mark.parametrize(("text", "says"), [("comity-state/2 node\n", "newer"), ("comity-state/0 node\n", "an older")])
def test_an_older_or_newer_folder_is_left_alone(tmp_path: Path, text: str, says: str) -> None:
    """And the line says what to do."""
    Folder.create(tmp_path / "home", "node")
    (tmp_path / "home" / "VERSION").write_text(text)
    with pytest.raises(StateVersion, match=f"{says} Comity.*way out: run the version that wrote it"):
        Folder.open(tmp_path / "home", "node")


def test_no_folder_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="comity node init"):
        Folder.open(tmp_path / "nowhere", "node")


def test_a_second_process_is_told_the_first(tmp_path: Path) -> None:
    home = Folder.create(tmp_path / "home", "node")
    with home.lock(), pytest.raises(Locked, match=f"process {os.getpid()}"), home.lock():
        pass
    with home.lock():
        pass


def test_a_lock_dies_with_its_process(tmp_path: Path) -> None:
    home = Folder.create(tmp_path / "home", "node")
    code = "import sys, time; from pathlib import Path; from comity.adapters.folder import Folder\n"
    code += "with Folder.open(Path(sys.argv[1]), 'node').lock(): print('held', flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code, home.path], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert b"held\n" == other.stdout.readline()
        with pytest.raises(Locked, match=f"process {other.pid}"), home.lock():
            pass
        other.kill()
    with home.lock():
        pass


def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    """The process's own limit on file size stands for the disk's end: the kernel refuses the write half-way."""
    durable.write(tmp_path / "file", b"old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(DiskFull, match="way out"):
            durable.write(tmp_path / "file", b"n" * 5000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    assert ["file"] == os.listdir(tmp_path)
    assert b"old" == (tmp_path / "file").read_bytes()


def test_a_key_that_others_read_is_named(tmp_path: Path) -> None:
    home = Folder.create(tmp_path / "home", "node")
    durable.write(home.path / "keys" / "sign", b"secret", mode=0o644)
    assert (home.path / "keys" / "sign",) == home.exposed()
