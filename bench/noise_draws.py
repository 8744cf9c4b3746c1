"""noise.draws: exact draws of each law, beside the bare key stream of the same bytes, and OpenDP's draws of the law.

One core. Tables of small and large sigma: what lies in the processor's nearest memory, and what does not. Making a
table is measured apart, as a node makes it once for each variance.
"""

import math
import os
import time
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bench.row import Row
from comity.model.law import GAUSSIAN, LAPLACE, SKELLAM, Law, Name
from comity.stages.protect import sampler

DRAWS = 8_000_000
THEIRS = 20_000
SIGMAS = (3, 10, 100, 1000)
AGAIN = 5
CHUNK = 1 << 18


def law(name: Name, sigma: int) -> Law:
    """Of this standard deviation, nearly."""
    return Law(name, Fraction(sigma**2) if name != LAPLACE else Fraction(round(sigma / math.sqrt(2) * 100), 100))


def key_stream() -> None:
    """The bytes of so many draws, and nothing done with them."""
    zeros, buffer = bytes(CHUNK), bytearray(CHUNK)
    stream = Cipher(algorithms.AES256(os.urandom(32)), modes.CTR(bytes(16))).encryptor()
    for at in range(0, 8 * DRAWS, CHUNK):
        stream.update_into(zeros[: min(CHUNK, 8 * DRAWS - at)], buffer)


def opendp(name: Name, sigma: int) -> Callable[[], object] | None:
    """Its exact sampler of the same law on so few cells as it bears; it has no Skellam."""
    import opendp.prelude as dp

    dp.enable_features("contrib")
    domain: Any = dp.vector_domain(dp.atom_domain(T="i64", nan=False))
    zeros = [0] * THEIRS
    if name == GAUSSIAN:
        measured = dp.m.make_gaussian(domain, dp.l2_distance(T="f64"), scale=float(sigma))
    elif name == LAPLACE:
        measured = dp.m.make_laplace(domain, dp.l1_distance(T="i64"), scale=float(law(name, sigma).parameter))
    else:
        return None
    return lambda: measured(zeros)


def best(work: Callable[[], object], again: int = AGAIN) -> float:
    """Seconds of the best of some runs: what the machine can do when nobody else uses it."""
    found = []
    for _ in range(again):
        started = time.perf_counter()
        work()
        found.append(time.perf_counter() - started)
    return min(found)


def row(name: Name, sigma: int) -> Row:
    """One law and sigma; the peer's seconds are those of as many draws as ours, at its pace."""
    asked, cells = law(name, sigma), np.zeros(DRAWS, "<i8")
    started = time.perf_counter()
    table = sampler.columns(asked)
    made = time.perf_counter() - started
    sampler.add(cells, asked, os.urandom)
    if not 0.99 < cells.var() / float(asked.variance) < 1.01:
        raise SystemExit(f"bench noise.draws: variance {cells.var()} of {asked}")
    ours, bound = best(lambda: sampler.add(cells, asked, os.urandom)), best(key_stream)
    peer = opendp(name, sigma)
    peer_s = best(peer, 2) * DRAWS / THEIRS if peer else None
    size = table.high.nbytes + table.outcomes.nbytes
    return Row(
        bench="noise.draws",
        n=DRAWS,
        ours_s=ours,
        bound_s=bound,
        ratio=ours / bound,
        per_s=DRAWS / ours,
        peer="OpenDP" if peer else None,
        peer_s=peer_s,
        note=f"draws, {name}, sigma {sigma}, one core; table of {size // 1000 or 1:,} kB made in {made:.3f} s; "
        f"bound: bare AES-256-CTR of 8 bytes a draw"
        + (f"; OpenDP drew {THEIRS:,} in {peer_s * THEIRS / DRAWS:.3g} s, ours as many times more" if peer_s else ""),
    )


def run() -> list[Row]:
    """Skellam at every sigma, the other two at the least and the largest."""
    asked: list[tuple[Name, int]] = [(SKELLAM, sigma) for sigma in SIGMAS]
    asked += [(name, sigma) for name in (GAUSSIAN, LAPLACE) for sigma in (SIGMAS[0], SIGMAS[-1])]
    return [row(*one) for one in asked]
