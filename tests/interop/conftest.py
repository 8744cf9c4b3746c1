"""Programs that others wrote (Debian's torchwood and sigsum-go), asked about our log. Absent, these tests fail."""

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from comity import canon
from comity.keys import public_text
from comity.tlog.note import COSIGNATURE, Vkey
from tests.builders.assembly import Assembly
from tests.builders.ports import free_port
from tests.builders.twin import TwinHub, released
from tests.conftest import ROOT
from tests.services.node.hub import Hub

PLACE = ROOT / "build" / "programs"


@dataclass(frozen=True, slots=True)
class Programs:
    """The folder of the programs."""

    place: Path

    def run(self, name: str, *words: str | Path, stdin: bytes = b"", at: Path | None = None) -> tuple[int, str]:
        """Exit status of a program, and all that it said."""
        command = [str(self.place / name), *map(str, words)]
        done = subprocess.run(command, input=stdin, capture_output=True, timeout=60, cwd=at)
        return done.returncode, (done.stdout + done.stderr).decode()

    def must(self, name: str, *words: str | Path, stdin: bytes = b"") -> str:
        """What a program said that had to succeed."""
        status, said = self.run(name, *words, stdin=stdin)
        assert 0 == status, f"{name}: {said}"
        return said


@pytest.fixture(scope="session")
def programs() -> Programs:
    """The programs; a failure with the way out where `make/programs` has not run."""
    if not (PLACE / "versions").is_file():
        pytest.fail("build/programs is absent: run make/programs, or make test WITHOUT=interop", pytrace=False)
    return Programs(PLACE)


@dataclass(frozen=True, slots=True)
class Litewitness:
    """A running witness, its database, and the key that it cosigns with."""

    programs: Programs
    address: str
    database: Path
    vkey: Vkey

    def know(self, log: Vkey) -> None:
        """Add a log from size zero, as its operator does."""
        self.programs.must("witnessctl", "add-log", "-db", self.database, "-origin", log.name)
        self.programs.must("witnessctl", "add-key", "-db", self.database, "-origin", log.name, "-key", str(log))

    def asked(self, body: str | bytes) -> httpx2.Response:
        """Its answer to `add-checkpoint`."""
        content = body.encode() if isinstance(body, str) else body
        return httpx2.post(f"{self.address}/add-checkpoint", content=content, trust_env=False)


@pytest.fixture
def litewitness(programs: Programs, tmp_path: Path) -> Iterator[Litewitness]:
    """Torchwood's witness, whose key lies in an ssh-agent of its own."""
    secret = Ed25519PrivateKey.generate()
    name = "witness.example/litewitness"
    vkey = Vkey(name, public_text(secret.public_key().public_bytes_raw()), COSIGNATURE)
    key, agent, database = tmp_path / "key", tmp_path / "agent", tmp_path / "litewitness.db"
    key.write_bytes(secret.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
    key.chmod(0o600)
    port = free_port()
    with (tmp_path / "litewitness.out").open("wb") as out:
        holder = subprocess.Popen(["ssh-agent", "-D", "-a", str(agent)], stdout=out, stderr=out)
        witness = None
        try:
            until(agent.exists, "ssh-agent")
            subprocess.run(["ssh-add", "-q", str(key)], env=os.environ | {"SSH_AUTH_SOCK": str(agent)}, check=True)
            listed = ["ssh-keygen", "-lf", str(key)]
            fingerprint = subprocess.run(listed, capture_output=True, check=True, text=True).stdout.split()[1]
            words = ["-name", name, "-key", fingerprint, "-ssh-agent", str(agent), "-db", str(database)]
            command = [str(programs.place / "litewitness"), *words, "-listen", f"127.0.0.1:{port}"]
            witness = subprocess.Popen(command, stdout=out, stderr=out)
            until(lambda: listens(port), (tmp_path / "litewitness.out").read_text)
            yield Litewitness(programs, f"http://127.0.0.1:{port}", database, vkey)
        finally:
            for process in (witness, holder):
                if process is not None:
                    process.terminate()
                    process.wait(10)


def until(holds: Callable[[], bool], what: str | Callable[[], str]) -> None:
    """Wait for a process to be ready."""
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end, what if isinstance(what, str) else what()
        time.sleep(0.02)


def listens(port: int) -> bool:
    """Whether a process listens at this port of this machine."""
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


@dataclass
class Served:
    """A hub with three releases, whose public files are served."""

    hub: TwinHub
    address: str
    charter: str
    records: list[bytes]
    releases: list[int]


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Log and twin are published under the quorum: three of four witnesses."""
    assembly = Assembly(4)
    study = assembly.adopt("study", b"{}")
    records = [released(assembly, study, str(period)) for period in range(3)]
    hub = TwinHub(tmp_path_factory.mktemp("hub"), assembly)
    hub.take()
    hub.twin.once()
    hub.cosign("m1", "m2", "m4")
    with Hub(assembly) as door:
        for path in hub.public.rglob("*"):
            if path.is_file():
                door.files[path.relative_to(hub.public).as_posix()] = path.read_bytes()
        for digest, body in assembly.bodies.items():
            name = canon.hex_of(digest)
            door.files[f"blobs/sha256/{name[:2]}/{name}"] = body
        charter = canon.digest(canon.encode(assembly.charter))
        yield Served(hub, door.address, charter, records, sorted(assembly.state.releases))
    hub.close()
