"""verify.figure: one figure's file checked offline, beside the bare signatures and hashes that no reader can leave out.

The file is as large as one gets: one of 10,000 figures, in a log of 1,000,000 leaves, under 15 witnesses. Measured
inside a running process, the first check of a new process apart; how long `comity verify FILE` takes in all, from
nothing to its last line, stands in the note.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bench.row import Row
from comity import dsse, keys
from comity.stages.publish import kept
from comity.stages.verify import figure
from tests.builders import figures

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 200
COMMANDS = 7

# A new process, its imports done: seconds of its first check, which registers every key.
FIRST = """
import sys, time
from pathlib import Path
from comity.stages.verify import figure
from comity.tlog.quorum import Policy
data, policy = Path(sys.argv[1]).read_bytes(), Policy.parse(Path(sys.argv[2]).read_bytes())
start = time.perf_counter()
assert figure.verify(data, policy=policy).holds
print(time.perf_counter() - start)
"""


def run() -> list[Row]:
    """A row for the first check of a process, one for each after it."""
    large = figures.large()
    with tempfile.TemporaryDirectory() as place:
        file, policy = Path(place) / "figure.tlog-proof", Path(place) / "policy"
        file.write_bytes(large.data)
        policy.write_bytes(str(large.policy).encode())
        first = statistics.median(float(run_in(["-c", FIRST, str(file), str(policy)])) for _ in range(COMMANDS))
        command = ["-c", "from comity.cli.main import main; main()", "verify", str(file), "--policy", str(policy)]
        whole = statistics.median(seconds(lambda: run_in(command)) for _ in range(COMMANDS))
        empty = statistics.median(seconds(lambda: run_in(["-c", "pass"])) for _ in range(COMMANDS))
    work = bare(large.data)
    bounds, ours = [], []
    for _ in range(ROUNDS):  # in turns, so that a slow moment slows both
        bounds.append(seconds(work))
        ours.append(seconds(lambda: figure.verify(large.data, policy=large.policy)))
    bound = statistics.median(bounds)
    proof = f"{len(large.data):,} bytes; bound: its signatures and hashes alone"
    process = f"comity verify FILE in all {whole * 1000:.0f} ms, of which Python alone starts in {empty * 1000:.0f} ms"
    return [
        row(first, bound, f"figures, the first of a process: 16 keys are registered; {proof}; {process}"),
        row(statistics.median(ours), bound, f"figures, each after the first; {proof}"),
    ]


def row(ours: float, bound: float, note: str) -> Row:
    return {
        "bench": "verify.figure", "n": 1, "ours_s": ours, "bound_s": bound, "ratio": ours / bound, "per_s": 1 / ours,
        "peer": None, "peer_s": None, "note": note,
    }  # fmt: skip


def bare(data: bytes) -> Callable[[], None]:
    """The signatures of leaf, log and quorum, and the hashes of both paths, keys and messages at hand."""
    proof, said = kept.read(data)
    checks = [(key.verify, signature, message) for key, signature, message in signatures(data)]
    hashed = [len(said.entry_of_log) + 1, 400, *[65] * (len(proof.path) + len(said.steps))]
    blocks = [bytes(size) for size in hashed]

    def work() -> None:
        for verify, signature, message in checks:
            verify(signature, message)
        for block in blocks:
            sha256(block).digest()

    return work


def signatures(data: bytes) -> Iterator[tuple[Ed25519PublicKey, bytes, bytes]]:
    """Key, signature and message of each that the file holds."""
    proof, said = kept.read(data)
    payload = dsse.pae(said.leaf.payloadType, said.leaf.payload)
    yield public(keys.raw_public(said.key)), said.leaf.signatures[0].sig, payload
    text, by = proof.note.text, {line.name: line.signature for line in proof.note.signatures}
    origin = text.partition("\n")[0]
    yield public(said.trust.log), by[origin], text.encode()
    for id, key in said.trust.witnesses:
        if line := by.get(f"{origin}/{id}"):
            message = f"cosignature/v1\ntime {int.from_bytes(line[:8], 'big')}\n{text}".encode()
            yield public(key), line[8:], message


def public(raw: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(raw)


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def run_in(arguments: list[str]) -> str:
    """What a new process prints."""
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    return subprocess.run([sys.executable, *arguments], env=env, stdout=subprocess.PIPE, text=True, check=True).stdout
