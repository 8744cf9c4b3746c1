"""Statements admitted over HTTP by a real hub, batch admitted, beside bare Ed25519 verification of the same messages.

The hub is a process of its own, on one core. In each round one batch of statements is posted and, on the same core, the
same messages are verified by `cryptography` with keys that are ready; whatever else the machine does, slows both.
"""

import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bench.row import Row
from comity import dsse, keys
from comity.acts import frames
from comity.acts.consent import PolicyPublished
from comity.acts.motion import Comment, Vote
from comity.acts.refs import Head, Ref
from comity.acts.statement import Act, Body, read, sign
from comity.adapters.keyring import Keyring
from comity.adapters.log import LogStore
from comity.canon import Digest
from comity.model.member import HUB
from comity.services.hub import found
from comity.tlog.merkle import leaf_hash
from tests.builders.assembly import Assembly, blob, charter_of, party

HERE = Path(__file__).resolve().parent.parent / "build"  # a disk: the system's folder for such things may be memory
MEMBERS = 120
MOTIONS = 20
FRESH = 1_000  # statements after which members see a newer head; the log takes none older than 4,096
CASES = ((1, 300), (10, 1_000), (100, 5_000), (1_000, 20_000))  # statements a request, in all
RUN = "import sys; from pathlib import Path; from comity.services.hub.run import run; run(Path(sys.argv[1]), log=print)"

Message = tuple[Ed25519PublicKey, bytes, bytes]  # key, signature, what was signed


def run() -> list[Row]:
    """A row a batch size, each by a hub and a log of its own."""
    return [measure(batch, count) for batch, count in CASES]


def measure(batch: int, count: int) -> Row:
    """Rounds of one request and its bare verification; the median of each, for all rounds."""
    HERE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=HERE) as folder, socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
        free.close()
        assembly, motions = begun(Path(folder), port)
        leaves = statements(assembly, motions, count)
        with running(Path(folder), port):
            rounds = [turn(port, leaves[at : at + batch]) for at in range(0, count, batch)]
    ours, bound = (median(taken) * len(rounds) for taken in zip(*rounds, strict=True))
    return {
        "bench": "log.admit",
        "n": count,
        "ours_s": ours,
        "bound_s": bound,
        "ratio": ours / bound,
        "per_s": count / ours,
        "peer": None,
        "peer_s": None,
        "note": f"statements posted, judged, durable and acknowledged with a receipt; {batch} a request, one after the "
        f"other, of {MEMBERS} members ({len(b''.join(leaves)) // count} bytes on average: votes, comments, policies); "
        "bound: cryptography verifies the same messages; one core",
    }


def begun(home: Path, port: int) -> tuple[Assembly, list[Ref]]:
    """A hub's folder with the log of an assembly in it: all have acceded, and some motions are open."""
    hub = found.init(home, listen=f"127.0.0.1:{port}", address=f"http://127.0.0.1:{port}")
    charter = replace(charter_of(party(f"m{i}") for i in range(1, MEMBERS + 1)), hub=hub)
    assembly = Assembly(charter=charter, ready=False)
    keyring = Keyring(home)
    assembly.signers |= {(HUB, purpose): keyring.signer(purpose) for purpose in ("sign", "log")}  # type: ignore[misc]
    assembly.accede(*assembly.parties)
    assembly.tick(1_700_000_000)
    closes = assembly.time + 10**8
    motions = [assembly.motion("study", b"study %d" % i, name=f"study {i}", closes=closes) for i in range(MOTIONS)]
    found.found(home, assembly.leaves[0])
    with LogStore.open(home / found.LOG) as store:
        store.append(assembly.leaves[1:])
    return assembly, motions


def statements(assembly: Assembly, motions: list[Ref], count: int) -> list[bytes]:
    """What members say in turns, each having seen the log of not long ago: see `acts`."""
    signed: list[bytes] = []
    grown, head = assembly.state.range, assembly.head()
    for id, body in acts(list(assembly.parties), motions, count):
        if len(signed) % FRESH == 0:
            grown = grown.extend(map(leaf_hash, signed[-FRESH:]))
            head = Head(size=grown.size, root=Digest("sha256:" + grown.root().hex()))
        act = Act(actor=id, origin=assembly.charter.origin, head=head, body=body)
        signed.append(sign(act, assembly.signers[id, "sign"]))
    return signed


def acts(ids: list[str], motions: list[Ref], count: int) -> Iterator[tuple[str, Body]]:
    """A vote as long as one is left, a comment, a policy; each said once."""
    votes = [(id, motion) for motion in motions for id in ids]
    for i in range(count):
        id, motion = ids[i % len(ids)], motions[i % len(motions)]
        if i % 3 == 0 and votes:
            id, motion = votes.pop()
            yield id, Vote(motion=motion, choice="yes")
        elif i % 3 == 1:
            yield id, Comment(motion=motion, text=blob(b"comment %d" % i), language="en")
        else:
            yield id, PolicyPublished(policy=blob(b"policy %d" % i))


@contextmanager
def running(home: Path, port: int) -> Iterator[None]:
    """The hub, and this process, on the first core that they may use."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    hub = subprocess.Popen([sys.executable, "-c", RUN, str(home)], stdout=subprocess.DEVNULL)
    try:
        answers(port)
        yield
    finally:
        hub.send_signal(signal.SIGTERM)
        hub.wait()
        os.sched_setaffinity(0, allowed)


def answers(port: int) -> None:
    """Return when the hub listens and shows its first pending checkpoint."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            line.request("GET", "/checkpoint.pending")
            if line.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise SystemExit("the hub does not answer")


def turn(port: int, leaves: list[bytes]) -> tuple[float, float]:
    """Seconds until a request's statements are all acknowledged, and of the bare verification of the same."""
    messages = [message(leaf) for leaf in leaves]
    line = http.client.HTTPConnection("127.0.0.1", port)
    line.connect()
    body = leaves[0] if len(leaves) == 1 else frames.join(leaves)
    kind = "application/json" if len(leaves) == 1 else "application/octet-stream"
    start = time.perf_counter()
    line.request("POST", "/statements", body, {"content-type": kind})
    answer = line.getresponse()
    data = answer.read()
    ours = time.perf_counter() - start
    line.close()
    told = msgspec.json.decode(data)
    if answer.status != 200 or any("index" not in each for each in told.get("statements", [told])):
        raise SystemExit(f"the hub refused a statement: {data[:400]!r}")
    start = time.perf_counter()
    for key, signature, signed in messages:
        key.verify(signature, signed)
    return ours, time.perf_counter() - start


def message(leaf: bytes) -> Message:
    """What a leaf's signature is over, with its key ready."""
    said = read(leaf)
    public = party(said.act.actor).keys.sign
    signature = said.envelope.signatures[0].sig
    pae = dsse.pae(said.envelope.payloadType, said.envelope.payload)
    return Ed25519PublicKey.from_public_bytes(keys.raw_public(public)), signature, pae
