"""Our witness, a real process, cosigns a log that Torchwood keeps, and refuses a fork that Torchwood makes of it."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from comity.services import witness
from comity.tlog import merkle
from comity.tlog.cosignature import time_of
from comity.tlog.note import Note, SignatureLine, Vkey
from comity.tlog.witness import Request
from tests.builders.ports import free_port
from tests.interop.conftest import Programs, listens, until

FILES = [b"entry %d" % place for place in range(7)]
HASHES = [merkle.leaf_hash(file) for file in FILES]


@dataclass
class Spicy:
    """A log that spicy-torchwood keeps in a folder."""

    programs: Programs
    folder: Path
    vkey: Vkey

    @classmethod
    def begin(cls, programs: Programs, folder: Path) -> "Spicy":
        (folder / "assets").mkdir(parents=True)
        words = ["-init", "log.example/spicy", "-assets", folder / "assets", "-key", folder / "key"]
        said = programs.must("spicy-torchwood", *words)
        key = next(row for row in said.splitlines() if "Public key" in row).split(": ", 1)[1]
        return cls(programs, folder, Vkey.parse(key))

    def append(self, *files: bytes) -> Note:
        """The log's checkpoint with these files behind those before."""
        paths = []
        for file in files:
            paths.append(self.folder / f"file{len(list(self.folder.iterdir()))}")
            paths[-1].write_bytes(file)
        self.programs.must("spicy-torchwood", "-assets", self.folder / "assets", "-key", self.folder / "key", *paths)
        return Note.parse((self.folder / "assets" / "latest").read_bytes())

    def fork(self, folder: Path) -> "Spicy":
        """The same log and key once more, for another future."""
        shutil.copytree(self.folder, folder)
        return Spicy(self.programs, folder, self.vkey)


@contextmanager
def running(home: Path, port: int) -> Iterator[None]:
    """The witness of a folder, as its operator starts it."""
    with (home.parent / "witness.out").open("ab") as out:
        command = [sys.executable, "-m", "comity", "witness", "run", "--home", str(home)]
        process = subprocess.Popen(command, stdout=out, stderr=out)
        try:
            until(lambda: listens(port), (home.parent / "witness.out").read_text)
            yield
        finally:
            process.terminate()
            process.wait(10)


def asked(port: int, old: int, note: Note) -> httpx2.Response:
    """The witness's answer to `add-checkpoint`, the proof by the files that were meant."""
    size = int(note.text.split("\n")[1])
    path = merkle.consistency(old, size, HASHES) if old else ()
    body = str(Request(old, path, note)).encode()
    return httpx2.post(f"http://127.0.0.1:{port}/add-checkpoint", content=body, trust_env=False)


@pytest.mark.timeout(60)
def test_it_cosigns_what_grows_also_after_a_restart_and_never_a_fork(programs: Programs, tmp_path: Path) -> None:
    log, home, port = Spicy.begin(programs, tmp_path / "spicy"), tmp_path / "witness", free_port()
    vkeys = witness.init(home, listen=f"127.0.0.1:{port}", name="witness.example/ours", logs=[str(log.vkey)])
    with running(home, port):
        first = log.append(FILES[0])
        assert 200 == asked(port, 0, first).status_code
        fork = log.fork(tmp_path / "fork")
        second = log.append(*FILES[1:3])

        answer = asked(port, 1, second)
        lines = [SignatureLine.parse(row) for row in answer.text.splitlines()]
        times = [time_of(line, vkey, second.text) for line, vkey in zip(lines, vkeys, strict=True)]
        assert None not in times

    with running(home, port):
        assert (409, "3\n") == ((late := asked(port, 1, second)).status_code, late.text)
        same = asked(port, 3, fork.append(b"other", FILES[2]))
        assert (409, False) == (same.status_code, same.headers["content-type"] == "text/x.tlog.size")
        assert 422 == asked(port, 3, fork.append(*FILES[3:7])).status_code
        assert 200 == asked(port, 3, log.append(*FILES[3:7])).status_code
