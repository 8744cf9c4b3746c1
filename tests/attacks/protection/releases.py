"""Readers and askers of several releases: tables of the same people, other policies, sums, and answers without end."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from comity.adapters.ledger import Ledger, Line
from comity.canon import digest
from comity.model.cube import STATUS, Cube
from comity.model.protection import Rules
from comity.stages.protect import cell_key, sdc
from comity.stages.protect.altered import Chance
from comity.stages.protect.p_table import p_table
from comity.stages.protect.sdc import Measured
from tests.attacks.book import Guard, Stopped, always, attack
from tests.attacks.test_averaging import BUDGET, TRUTH, asked, release
from tests.attacks.test_sum_minus_own import table
from tests.builders.seal import World, study_of

N: Final = {"n": Measured(what="n", counts=True, part=0)}
CHANCE: Final = Chance(secret=bytes(range(32)), about=(("norm", "N"),))
BLANK: Final = "a blank"
MEMORY = Guard(
    "stages.protect.together.join",
    "a table is protected together with all that were decided on before",
    lambda original: lambda table, rules, earlier: original(table, rules, ()),
)


def seen(cube: Cube) -> list[int | None]:
    """What a reader sees of each cell; None for a blank."""
    hidden = cube.status == STATUS.index("Q")
    return [None if gone else int(n) for n, gone in zip(cube.values, hidden, strict=True)]


def sums(values: Sequence[int | None]) -> list[int | None]:
    """Of two columns, by row."""
    pairs = zip(values[::2], values[1::2], strict=True)
    return [None if one is None or other is None else one + other for one, other in pairs]


@attack(
    "differencing over two releases of one member",
    MEMORY,
    says="Two tables of the same people hide other neighbours of a small cell; each shows what the other hides.",
    by=BLANK,
)
def two_releases(place: Path) -> str:
    rules = Rules(threshold=10)
    first = sdc.protected(table([3, 20, 21], "D"), rules, measures={})
    second = sdc.protected(table([[3, 0], [20, 0], [11, 10]], "D", "E"), rules, measures={}, earlier=first.kept)
    one, other = seen(first.cube), sums(seen(second.cube))
    told = [a if a is not None else b for a, b in zip(one, other, strict=True)]
    if told[1] is None or told[2] is None:
        raise Stopped(BLANK)
    return f"{44 - told[1] - told[2]} of 3"


@attack(
    "one person more in later data",
    MEMORY,
    says="The same table is asked for again after the data were corrected: what is one more is she who was added.",
    by=BLANK,
)
def corrected(place: Path) -> str:
    before = sdc.protected(table([30, 40, 50], "D"), Rules(threshold=10), measures={})
    after = sdc.protected(table([31, 40, 50], "D"), Rules(threshold=10), measures={}, earlier=before.kept)
    one, other = seen(before.cube)[0], seen(after.cube)[0]
    if one is None or other is None:
        raise Stopped(BLANK)
    return f"{other - one} person in D0"


@attack(
    "rounded, then shown under another policy",
    Guard(
        "stages.protect.sdc.altered_before",
        "what was shown otherwise than counted is not shown as counted",
        always(False),
    ),
    says="An office rounds, then changes its policy; a second attempt hides what the first one hid: nothing.",
    by="way",
)
def rounded(place: Path) -> str:
    counts = table([3, 20, 21, 1, 40], "D")
    before = sdc.protected(counts, Rules(threshold=10, way="rounding"), measures=N, chance=CHANCE)
    after = sdc.protected(counts, Rules(threshold=1), measures=N, own=before.kept)
    if after.whole:
        raise Stopped(after.whole)
    return f"{seen(after.cube)[3]} person, who was rounded away"


@attack(
    "joint sum minus own figure",
    Guard(
        "stages.answer._values",
        "what an own table would hide is not in a sum without noise",
        lambda original: lambda home, counted: np.concatenate([counted.values, np.zeros_like(counted.withheld)]),
    ),
    says="Four of five members take what they gave to a sum without noise away from it: the fifth's is left.",
    by="nothing of the small cell",
)
def minus_own(place: Path) -> str:
    world = World(5, study=study_of(noise=False))
    for id, office in world.offices.items():
        office.withheld = np.array([0, 1, 0, 0, 1, 0] if id == "m1" else [0] * 6, "<i8")
    world.office("m1").values = np.array([0, 3, 50, 60, 40, 70], "<i8")
    world.run()
    left = np.array(world.sum())[:6] - np.array(world.noise_free("m2", "m3", "m4", "m5"))[:6]
    if left[1] == 0:
        raise Stopped("nothing of the small cell")
    return f"{left[1]} persons"


@attack(
    "averaging",
    Guard("stages.protect.budget.fits", "each further release is charged, until the budget is spent", always(True)),
    says="A member asks for one figure in a hundred and fifty rewordings, and takes the mean of the answers.",
    by="budget.spent",
)
def averaging(place: Path) -> str:
    ledger = Ledger(place / "ledger.db")
    try:
        for at in range(150):
            study = digest(b"study %d" % at)
            ledger.charge(Line(charged=release(f"{study} 2025 1"), study=study, period="2025"), BUDGET)
    finally:
        ledger.close()
    return f"{float(asked(150, 'attacker').mean()):.1f} of {TRUTH}"


def anew(secret: bytes, names: Sequence[Any], values: np.ndarray) -> np.ndarray:
    """Other keys at each call."""
    anew.calls += 1  # type: ignore[attr-defined]
    return np.random.default_rng(anew.calls).integers(0, 2**32, len(values))  # type: ignore[attr-defined]


anew.calls = 0  # type: ignore[attr-defined]


@attack(
    "cell keys averaged over tables",
    Guard(
        "stages.protect.cell_key.named",
        "the same cell of the same count has one key, wherever it stands",
        lambda _: anew,
    ),
    says="A cell is asked for in three hundred tables, and the mean of its changed counts is taken.",
    by="one answer",
)
def cell_keys(place: Path) -> str:
    count, changes, name = np.array([17]), p_table(5, "2"), [[("D", "D0")]]
    answers = [int(cell_key.perturbed(count, cell_key.named(bytes(32), name, count), changes)[0]) for _ in range(300)]
    if len(set(answers)) == 1:
        raise Stopped("one answer")
    return f"{float(np.mean(answers)):.1f}"


@attack(
    "a stricter policy between two attempts",
    Guard(
        "stages.protect.sdc.needs",
        "what today's rules find is hidden, whatever was decided on before",
        lambda original: lambda table, rules: original(table, replace(rules, threshold=1)),
    ),
    says="An attempt failed; the next consent names a policy by which a cell is hidden that the first would show.",
    by=BLANK,
)
def stricter(place: Path) -> str:
    counts = table([5, 20, 21, 1, 40], "D")
    before = sdc.protected(counts, Rules(threshold=3), measures=N)
    after = sdc.protected(counts, Rules(threshold=21), measures=N, own=before.kept)
    if seen(after.cube)[1] is None:
        raise Stopped(BLANK)
    return f"{seen(after.cube)[1]} persons, of 21 at least"
