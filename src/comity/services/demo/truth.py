"""Step 8: truth beside result. The demonstration alone sees all rows, so it alone can do this.

Truth is what pandas counted before the people were split; the sum is what the release says; between them lies noise of
a stated size. Every difference must lie inside a bound that holds for all cells jointly with 99.99 %, by the exact tail
of the Skellam distribution. Cells stay as they were opened, negative ones too.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from comity import canon
from comity.model.release import Release
from comity.model.skellam import joint_bound
from comity.model.study import Study, threshold
from comity.services.demo.processes import failed
from comity.services.demo.stage import Stage

CONFIDENCE: Final = Decimal("0.9999")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell of the joint table."""

    code: str
    truth: int
    published: int

    @property
    def difference(self) -> int:
        """What noise did."""
        return self.published - self.truth


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Truth beside result. variance: of the noise in each cell; bound: on all differences jointly."""

    survivors: int
    cells: tuple[Cell, ...]
    variance: Fraction
    stated: str  # standard deviation as the release says it
    bound: int

    @property
    def inside(self) -> bool:
        """Whether every difference lies inside the bound."""
        return all(abs(cell.difference) <= self.bound for cell in self.cells)


def compare(release: Release, study: Study, truth: dict[str, Any]) -> Beside:
    """The survivors' own respondents, cell by cell, beside the published sum."""
    summed = [taking.member for taking in release.takings if taking.part == "summed"]
    roster = len(summed) + sum(taking.part == "dropped" for taking in release.takings)
    if study.noise is None:
        raise failed("the study has no noise", where=study.id, found="none", wanted="a noise plan")
    # Each member adds sigma^2 / (t - c), whoever survives (SEAL); all rates of the demonstration are 100 %.
    believed = threshold(roster, study.colluding) - study.colluding
    variance = Fraction(study.noise.sigma2 * len(summed), believed)
    counts = {figure.key[0]: figure for figure in release.figures if figure.measure == "n"}
    members = truth["members"]
    cells = tuple(
        Cell(code=code, truth=sum(members[one]["codes"][code] for one in summed), published=int(figure.value or 0))
        for code, figure in counts.items()
    )
    return Beside(
        survivors=len(summed),
        cells=cells,
        variance=variance,
        stated=next(iter(counts.values())).noise,
        bound=joint_bound(variance, len(cells), CONFIDENCE),
    )


def play(stage: Stage) -> None:
    """Show both, and fail if the difference cannot be noise of the stated size."""
    truth = json.loads((stage.places.input / "truth.json").read_text("utf-8"))
    release = canon.decode((stage.places.release / "release.json").read_bytes(), Release, where="release.json")
    study = canon.decode((stage.places.texts / "study.json").read_bytes(), Study, where="study.json")
    total = truth["total"]
    stage.show.say(
        f"{stage.who.label}: {len(stage.who.members)} members, {total['answers']:,} answers, "
        f'{100 * total["share_never"]:.1f} % "never", by {truth["made_with"]}'
    )
    beside = compare(release, study, truth)
    for line in lines(beside):
        stage.show.say(line)
    deviation = math.sqrt(beside.variance)
    if abs(float(beside.stated) - deviation) > 0.06:
        raise failed(
            "the release states another noise", where="figures", found=beside.stated, wanted=f"{deviation:.2f}"
        )
    if not beside.inside:
        raise failed(
            "a cell lies further from the truth than its noise can be", where="figures",
            found=str(max(abs(cell.difference) for cell in beside.cells)), wanted=f"{beside.bound} at most",
        )  # fmt: skip


def lines(beside: Beside) -> Iterator[str]:
    """The table, for a terminal."""
    yield f"truth of the {beside.survivors} survivors' own respondents, beside the published sum:"
    yield f"{'answer':>8} {'truth':>8} {'published':>10} {'difference':>11}"
    for cell in beside.cells:
        yield f"{cell.code:>8} {cell.truth:>8,} {cell.published:>10,} {cell.difference:>+11,}"
    yield (
        f"noise in each cell: standard deviation {math.sqrt(beside.variance):.1f} (the release says {beside.stated}); "
        f"all {len(beside.cells)} differences inside +-{beside.bound} with {CONFIDENCE * 100}% (exact Skellam tail): "
        f"{'yes' if beside.inside else 'NO'}"
    )
