"""The meaning of a log of 193 members, leaf by leaf, beside its bare parsing and one signature check for each leaf.

The log is what they would say in ten years (`tests.builders.decade`): motions, comments, answers, votes, consents,
refusals, ticks. A follower that runs pays for new leaves alone: the row `daily`. A longer curve, not run by itself:
`python -c "from bench.assembly_fold import curve; curve()"`.
"""

import base64
import gc
import os
import time
from pathlib import Path
from statistics import median

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bench.row import Row
from comity import dsse
from comity.assembly import fold
from comity.assembly.state import State
from comity.keys import raw_public
from comity.model.member import HUB
from tests.builders.assembly import signer
from tests.builders.decade import Decade

Keys = dict[str, Ed25519PublicKey]
SIZES = (10_000, 100_000)  # leaves
CURVE = (30_000, 100_000, 300_000, 1_000_000)  # leaves
NEW, KNOWN, DAYS = 100, 100_000, 7  # leaves of a day, behind so many, and how many days


def run() -> list[Row]:
    """A row for each size, and the daily one."""
    log = Decade()
    leaves, keys = log.grow(KNOWN + DAYS * NEW), keys_of(log)
    rows = []
    state = fold.start()
    for size in SIZES:
        state, ours, grown = folded(leaves[:size])
        rows.append(row(size, ours, bare(leaves[:size], keys), f"leaves; {grown / size:.0f} bytes of state a leaf"))
    ours, bound = [], []
    for day in range(DAYS):
        new = leaves[KNOWN + day * NEW :][:NEW]
        started = time.perf_counter()
        for leaf in new:
            state, _ = fold.step(state, leaf)
        ours.append(time.perf_counter() - started)
        bound.append(bare(new, keys))
    note = f"new leaves on {KNOWN:,}, as a follower that runs reads them: daily, median of {DAYS}"
    return [*rows, row(NEW, median(ours), median(bound), note)]


def curve() -> None:
    """Seconds and bytes for each leaf as the log grows; a line for each size."""
    log = Decade()
    for size in CURVE:
        started = time.perf_counter()
        leaves = log.grow(size)
        made = time.perf_counter() - started
        _, ours, grown = folded(leaves)
        print(
            f"{size:>9} leaves: {1e6 * ours / size:.0f} us, {grown / size:.0f} bytes a leaf (made in {made:.0f} s)",
            flush=True,
        )


def row(n: int, ours: float, bound: float, note: str) -> Row:
    """Bound: the envelope and payload read as JSON, and the leaf's own signature."""
    return {
        "bench": "assembly.fold",
        "n": n,
        "ours_s": ours,
        "bound_s": bound,
        "ratio": ours / bound,
        "per_s": n / ours,
        "peer": None,
        "peer_s": None,
        "note": f"{note}; 193 members, 15 witnesses; bound: JSON read, one Ed25519 check a leaf (a tick has 17)",
    }


def folded(leaves: list[bytes]) -> tuple[State, float, int]:
    """The state, the seconds that it took, and how much memory the process has more for it."""
    gc.collect()
    before = resident()
    started = time.perf_counter()
    state = fold.replay(leaves)
    taken = time.perf_counter() - started
    assert not state.breached, "the log of the bench holds a leaf against the rules"
    gc.collect()
    return state, taken, resident() - before


def keys_of(log: Decade) -> Keys:
    """Everyone's key for statements, as `cryptography` wants it."""
    actors = (*log.ids, HUB)
    return {id: Ed25519PublicKey.from_public_bytes(raw_public(signer(id, "sign").public)) for id in actors}


def bare(leaves: list[bytes], keys: Keys) -> float:
    """Seconds of reading each leaf and checking its one signature, keys at hand."""
    decode = msgspec.json.decode
    started = time.perf_counter()
    for leaf in leaves:
        envelope = decode(leaf)
        payload = base64.b64decode(envelope["payload"])
        actor = decode(payload)["predicate"]["actor"]
        signature = base64.b64decode(envelope["signatures"][0]["sig"])
        keys[actor].verify(signature, dsse.pae(envelope["payloadType"], payload))
    return time.perf_counter() - started


def resident() -> int:
    """Bytes of memory that the process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
