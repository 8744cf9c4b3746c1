"""How a sample was drawn, as the columns of its file say: which stages count, and what is no design.

Pure: the design of a binding and counts of units come in, errors go out. Whatever cannot be right is refused, because a
variance made of it would be too small: see `stages.variance` for what is made of the rest.
"""

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final

from comity.errors import ConfigError, SourceError
from comity.model import decimals
from comity.model.source import Design, Replicates, Stage
from comity.stages.variance import Draw

_WHOLE: Final = re.compile(r"[0-9]+(\.0+)?")  # as text, also out of a column that a program wrote as floating


def stages(design: Design, *, where: str) -> tuple[Stage, ...]:
    """The stages that a variance is made of: from the first on to the first without a population, which ends it.

    No stage at all: the privacy unit was drawn, with replacement.

    Raises:
        ConfigError: a stage before the last draws the privacy unit, of which nothing can be drawn any more.
    """
    if wrong := [place for place, stage in enumerate(design.stages[:-1], 1) if not stage.cluster]:
        raise ConfigError(
            "a stage of sampling before the last names no cluster",
            where=where,
            found=f"stage {wrong[0]} of {len(design.stages)}",
            wanted="a column of clusters; only the last stage may draw the privacy unit itself",
        )
    found: list[Stage] = []
    for stage in design.stages or (Stage(),):
        found.append(stage)
        if not stage.population:
            break
    return tuple(found)


def population(text: str | None, units: int, *, stage: Stage, where: str) -> int | None:
    """A population as its column has it, of a group of so many units; None where the stage has no such column.

    Raises:
        SourceError: no whole number, or fewer than were drawn.
    """
    if not stage.population:
        return None
    at = f"{where}: {stage.population}"
    if text is None or not (_WHOLE.fullmatch(text) and len(text) < 32):
        raise SourceError(
            "the population of a stage of sampling is no whole number",
            where=at,
            wanted="how many units there were to draw from" + _hint(text),
            way_out="correct the column, or leave it out of the binding: the sample then counts as with replacement",
        )
    size = int(text.partition(".")[0])
    if size < units:
        raise SourceError(
            "more units were drawn than the population of a stage of sampling has",
            where=at,
            found=f"{units} units of a population of {text}",
            wanted="how many units there were to draw from" + _hint(text),
            way_out="correct the column of clusters or of the population",
        )
    return size


def insist(stages: Sequence[Stage], drawn: Mapping[tuple[Draw, ...], int], *, strata: str, where: str) -> None:
    """Refuse a design with a group of one unit, drawn out of several: nothing shows how units of it differ.

    Args:
        drawn: ways of drawing, down to each stage -> groups that were drawn so.

    Raises:
        SourceError: naming the column that holds the groups, and how many there are.
    """
    for depth, stage in enumerate(stages):
        lonely = sum(
            groups
            for draws, groups in drawn.items()
            if len(draws) == depth + 1 and draws[-1].units == 1 and draws[-1].population != 1
        )
        if not lonely:
            continue
        group = stages[depth - 1].cluster if depth else strata
        raise SourceError(
            f"{lonely} {'clusters' if depth else 'strata'} with a single unit of the sample have no sampling variance"
            if group
            else "a sample of a single unit has no sampling variance",
            where=f"{where}: {group or stage.cluster or 'privacy unit'}",
            found=f"one {stage.cluster or 'privacy unit'} each",
            wanted="two units or more in each, or one that was the whole population",
            way_out="join it with a similar one in a column of the file; drawn with certainty: population 1",
        )


def replicates(given: Replicates, *, where: str) -> tuple[Fraction, tuple[Fraction, ...]]:
    """Scale and factors of replicate weights, a factor for each.

    Raises:
        ConfigError: no decimal or fraction above zero, or not a factor for each column.
    """
    factors = given.factors or ("1",) * len(given.columns)
    if not given.columns or len(factors) != len(given.columns):
        raise ConfigError(
            "replicate weights do not have a factor each",
            where=where,
            found=f"{len(given.columns)} columns, {len(given.factors)} factors",
            wanted="one for each column, or none at all",
        )
    return _fraction(given.scale, where=where), tuple(_fraction(one, where=where) for one in factors)


def _fraction(text: str, *, where: str) -> Fraction:
    over, _, under = text.partition("/")
    if not (decimals.is_decimal(over) and decimals.is_decimal(under or "1") and under != "0"):
        raise ConfigError("no factor of a replicate weight", where=where, found=text, wanted='a decimal or "a/b"')
    return Fraction(over) / Fraction(under or "1")


def _hint(text: str | None) -> str:
    """A fraction instead of a count is the usual mistake."""
    try:
        share = text is not None and 0 < float(text) <= 1
    except ValueError:
        share = False
    return ", not the share of them that was drawn" if share else ""
