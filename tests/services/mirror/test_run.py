"""A mirror as a process: copies a hub, serves the copy, is itself a source, and ends when it is told to."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

from comity import canon
from comity.adapters.client import Client
from comity.assembly import witnesses
from comity.errors import NotVerified
from comity.services.mirror.copy import Copy
from comity.tlog.tile import Tile
from tests.builders.assembly import Assembly
from tests.builders.ports import free_address
from tests.services.mirror.long_log import key, leaves, signed
from tests.services.node.hub import Hub

SIZE = 5_000


@pytest.fixture(scope="module")
def source() -> "Source":
    return Source()


class Source:
    """A hub that serves a log of some length."""

    def __init__(self) -> None:
        self.assembly = Assembly(4)
        self.hub = Hub(self.assembly)
        self.grow(SIZE)

    def grow(self, size: int) -> None:
        entries = leaves(self.assembly, size)
        self.hub.tiles(entries)
        self.hub.files["checkpoint"] = str(signed(self.assembly, entries)).encode()


def comity(*words: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "comity", "mirror", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def until(address: str, size: int) -> bytes:
    """The checkpoint of this size, once it is served."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            found = httpx2.get(f"http://{address}/checkpoint", trust_env=False)
            if found.status_code == 200 and found.text.split("\n")[1] == str(size):
                return found.content
        except httpx2.HTTPError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"{address} never served {size} leaves")


def test_a_mirror_of_a_mirror_serves_what_the_hub_does(source: Source, tmp_path: Path) -> None:
    """Killed and begun again it goes on; every file is the hub's, byte for byte, and the end is by SIGTERM."""
    first, second = free_address(), free_address()
    one = comity("run", source.hub.address, tmp_path / "one", "--listen", first)
    try:
        until(first, SIZE)
        one.kill()
        one.communicate()
        one = comity("run", source.hub.address, tmp_path / "one", "--listen", first)
        two = comity("run", f"http://{first}", tmp_path / "two", "--listen", second)
        try:
            until(second, SIZE)
            source.grow(SIZE + 700)
            assert source.hub.files["checkpoint"] == until(second, SIZE + 700)
            for name, data in source.hub.files.items():
                if ".p/" not in name:
                    assert data == httpx2.get(f"http://{second}/{name}", trust_env=False).content, name
            partial = str(Tile(0, (SIZE + 700) // 256, (SIZE + 700) % 256))
            assert source.hub.files[partial] == httpx2.get(f"http://{second}/{partial}", trust_env=False).content
        finally:
            two.send_signal(signal.SIGTERM)
            said = two.communicate()
        assert (0, "") == (two.returncode, said[1])
        assert f"{SIZE + 700} leaves of {source.assembly.charter.origin}" in said[0]
    finally:
        one.send_signal(signal.SIGTERM)
        one.communicate()
    assert 0 == one.returncode


def test_once_copies_and_ends_with_the_facts(source: Source, tmp_path: Path) -> None:
    """For a timer, and for a file server that serves the folder."""
    done = comity("run", source.hub.address, tmp_path / "copy", "--once", "--json")
    out, err = done.communicate()
    assert (0, True) == (done.returncode, err.startswith("comity: nothing is pinned"))
    size = int(source.hub.files["checkpoint"].split(b"\n")[1])
    facts = {
        "origin": source.assembly.charter.origin,
        "size": size,
        "files": str(tmp_path / "copy" / "public"),
        "not-public": 0,
    }
    assert facts == json.loads(out)
    assert source.hub.files["checkpoint"] == (tmp_path / "copy" / "public" / "checkpoint").read_bytes()
    others = [path for path in (tmp_path / "copy" / "public").rglob("*") if not path.stat().st_mode & 0o004]
    assert [] == [path for path in (tmp_path / "copy", *others) if not path.stat().st_mode & 0o005]


def test_a_long_copy_says_where_it_stands(source: Source, tmp_path: Path) -> None:
    """How many leaves of how many, from first to last."""
    told: list[tuple[int, int, str]] = []
    with Client(source.hub.address) as client:
        copy = Copy(tmp_path, client, tell=lambda done, total, what: told.append((done, total, what)))
        copy.once()
        Copy(tmp_path, client, tell=lambda done, total, what: told.append((done, total, what)))
    first = [row for row in told if row[2] == "leaves"]
    again = [row for row in told if row[2] == "leaves on this disk"]
    assert first == sorted(first)
    assert 0 < first[0][0] < first[0][1] == copy.size
    assert (copy.size, copy.size) == again[-1][:2]


@pytest.mark.parametrize(
    ("words", "exit", "said"),
    [
        (("run", "http://127.0.0.1:9", "{}/copy", "--once"), 4, "world.unreachable"),
        (("run", "ftp://example.org", "{}/copy", "--once"), 2, "not an address"),
        (("run", "http://127.0.0.1:9"), 2, "DIR: the copy's folder is not named"),
        (("run", "http://127.0.0.1:9", "{}/copy", "--once", "--listen", "127.0.0.1:0"), 2, "wanted URL and DIR"),
        (("run", "--once", "--home", "{}/copy"), 2, "want URL and DIR"),
        (("run", "--policy", "{}/something", "--home", "{}/copy"), 2, "want URL and DIR"),
        (("run", "http://127.0.0.1:9", "{}/copy", "--once", "--policy", "{}/nothing"), 2, "nothing: cannot be read"),
        (("run", "http://127.0.0.1:9", "{}/copy", "--once", "--policy", "{}/something"), 2, "not one quorum"),
        (("run", "http://127.0.0.1:9", "{}", "--once"), 2, "the state folder is not empty"),
        (("run", "http://127.0.0.1:9", "{}/copy", "--once", "--charter", "x"), 2, "--charter"),
    ],
)
def test_a_mirror_that_cannot_be_run_says_why_in_one_line(
    tmp_path: Path, words: tuple[str, ...], exit: int, said: str
) -> None:
    (tmp_path / "something").touch()
    done = comity(*(word.format(tmp_path) for word in words))
    out, err = done.communicate()
    (line,) = err.splitlines()
    assert (exit, "", True) == (done.returncode, out, said in line), line


def test_another_charter_than_the_pinned_one_is_not_copied(source: Source, tmp_path: Path) -> None:
    done = comity("run", source.hub.address, tmp_path / "copy", "--once", "--charter", "sha256:" + "0" * 64)
    _, err = done.communicate()
    assert (1, True) == (done.returncode, "the log begins with another charter" in err)
    assert not list((tmp_path / "copy" / "public").rglob("*"))


def test_without_an_address_this_machine_is_served_at_one_that_is_printed(source: Source, tmp_path: Path) -> None:
    """What was not pinned is said aloud, once."""
    mirror = comity("run", source.hub.address, tmp_path / "copy")
    try:
        assert mirror.stdout
        first, second = mirror.stdout.readline(), mirror.stdout.readline()
        head, _, address = first.rstrip("\n").rpartition(" listening at ")
        assert (f"mirror of {source.hub.address}: 0 leaves,", True) == (head, address.startswith("127.0.0.1:"))
        assert second.startswith("nothing is pinned: ")
        size = int(source.hub.files["checkpoint"].split(b"\n")[1])
        assert source.hub.files["checkpoint"] == until(address, size)
    finally:
        mirror.send_signal(signal.SIGTERM)
        mirror.communicate()
    assert 0 == mirror.returncode


def test_a_policy_pins_whom_the_mirror_believes(source: Source, tmp_path: Path) -> None:
    """By the option, and by the folder that `init` made, which keeps the policy; a head without a quorum is refused."""
    own, charter = tmp_path / "mine", canon.digest(canon.encode(source.assembly.charter))
    for policy, exit in (
        (f"log {key(source.assembly)}\nquorum none\n", 0),
        (str(witnesses.policy(source.assembly.state)), 1),
    ):
        own.write_text(policy)
        words = ("run", source.hub.address, tmp_path / f"copy{exit}", "--once", "--policy", own, "--charter", charter)
        done = comity(*words)
        _, err = done.communicate()
        assert (exit, exit * "comity: quorum.short") == (done.returncode, err[: exit * 20])
    listen = free_address()
    home = tmp_path / "home"
    made = comity("init", "--home", home, "--listen", listen, "--source", source.hub.address, "--policy", own)
    made.communicate()
    own.unlink()
    mirror = comity("run", "--home", home)
    try:
        assert mirror.stdout
        assert f"mirror of {source.hub.address}: 0 leaves, listening at {listen}\n" == mirror.stdout.readline()
        assert mirror.stdout.readline().startswith("quorum.short: ")
        assert 404 == httpx2.get(f"http://{listen}/checkpoint", trust_env=False).status_code
    finally:
        mirror.send_signal(signal.SIGTERM)
        mirror.communicate()
    (home / "policy").unlink()
    gone = comity("run", "--home", home)
    _, err = gone.communicate()
    assert (2, True) == (gone.returncode, f"{home / 'policy'}: cannot be read" in err)


def test_files_beside_the_log_are_copied_if_they_are_what_their_names_say(tmp_path: Path) -> None:
    """Cosignatures and a policy for this log; not a policy for another, nor lines that are no signatures."""
    assembly = Assembly(4)
    with Hub(assembly) as hub, Client(hub.address) as client:
        hub.publish(assembly.time)
        text, lines = hub.files["checkpoint"].decode().split("\n\n")
        size, log = text.split("\n")[1], f"log {key(assembly)}\n"
        hub.files[f"cosignatures/{size}"] = lines.encode()
        hub.files["policy"] = f"{log}quorum none\n".encode()
        assert Copy(tmp_path, client).once()
        public = tmp_path / "public"
        for name in (f"cosignatures/{size}", "policy"):
            assert hub.files[name] == (public / name).read_bytes()
        for name, false in (("policy", b"quorum none\n"), (f"cosignatures/{size}", b"rubbish\n")):
            true, hub.files[name] = hub.files[name], false
            with pytest.raises(NotVerified, match=f"{name}: not a file of this log"):
                Copy(tmp_path, client).once()
            assert true == (public / name).read_bytes()
            hub.files[name] = true
