"""docs/operator.md: its founding is run as it stands, and what it says to back up is enough to go on, and needed."""

import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from comity.cli.main import run
from tests.builders.ports import free_port

FENCE = re.compile(r"^```(sh)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| `([^`]+)` \| (yes|no|never)\b", re.MULTILINE)


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "operator.md").read_text("utf-8")


@pytest.fixture(scope="module")
def founded(root: Path, page: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the page's founding was walked, by two offices that were there before."""
    place = tmp_path_factory.mktemp("operator")
    shutil.copy(root / "examples" / "world_values" / "charter.toml", place)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        patch.delenv("COMITY_HOME", raising=False)
        for id, area in (("ke", "404"), ("no", "578")):
            assert run(["node", "init", "--home", id, "--id", id, "--area", area]) == 0
        for _, text in FENCE.findall(page):
            for line in text.splitlines():
                assert run(shlex.split(line)[1:]) == 0, line
    return place


def test_the_founding_gives_a_log_of_one_leaf(founded: Path) -> None:
    assert (founded / "hub" / "log.db").is_file()
    assert (founded / "hub" / "hub.json").is_file()


def test_a_hub_goes_on_from_what_the_page_says_to_back_up(founded: Path, page: str, tmp_path: Path) -> None:
    """Started, stopped, lost but for the backup, started again: the same log of the same hub."""
    home = tmp_path / "hub"
    shutil.copytree(founded / "hub", home)
    port = _port(home)
    with _running(home, port) as first:
        assert "1" == first.splitlines()[1]
    saved = [name for name, word in ROW.findall(page) if word == "yes"]
    lost = [name for name, word in ROW.findall(page) if word != "yes"]
    named = {path.name for path in home.iterdir() if not path.name.endswith(("-wal", "-shm"))}
    assert named <= {*saved, *lost}, "the page says of each thing in the folder whether it is kept"
    for name in lost:
        path = home / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    with _running(home, port) as again:
        assert first == again


def test_each_of_them_is_needed_or_the_hub_says_what_is_missing(founded: Path, tmp_path: Path) -> None:
    """Without its log or its keys a hub does not begin a new one."""
    for name in ("log.db", "keys", "VERSION", "comity.toml"):
        home = tmp_path / name
        shutil.copytree(founded / "hub", home)
        path = home / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        done = subprocess.run(_command(home), capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 2, (name, done.stderr)


@contextmanager
def _running(home: Path, port: int) -> Iterator[str]:
    """The pending checkpoint's text, without signatures, while the hub runs; it ends with 0."""
    process = subprocess.Popen(_command(home), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        yield _checkpoint(port)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.communicate()


def _checkpoint(port: int) -> str:
    for _ in range(300):
        try:
            answer = httpx2.get(f"http://127.0.0.1:{port}/checkpoint.pending", trust_env=False)
            if answer.status_code == 200:
                return answer.text.partition("\n\n")[0]
        except httpx2.HTTPError:
            pass
        time.sleep(0.05)
    raise AssertionError("the hub asks for no cosignature")


def _port(home: Path) -> int:
    """A free port, put into comity.toml in place of the page's."""
    port = free_port()
    path = home / "comity.toml"
    path.write_text(path.read_text().replace("8600", str(port)))
    return port


def _command(home: Path) -> list[str]:
    return [sys.executable, "-m", "comity", "hub", "run", "--home", str(home)]
