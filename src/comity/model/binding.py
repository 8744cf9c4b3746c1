"""What no binding may say: bands with a hole, a universe without a condition, a design that is none.

Decides by the binding's text alone, before any data are seen; whether it fits a norm is `stages.collect`'s, and whether
a design fits its sample `stages.drawing`'s. Errors name the entry and the way out.
"""

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from comity.errors import ConfigError
from comity.model import decimals

if TYPE_CHECKING:
    from comity.model.source import Band, Binding, Filter, Map, Replicates, Stage

WAY_OUT: Final = "see docs/binding.md"


def insist(binding: "Binding", *, where: str) -> None:
    """Refuse a binding that contradicts itself; ConfigError with the first contradiction, in the order of the text."""
    for what, found, wanted in _faults(binding):
        raise ConfigError(what, where=where, found=found, wanted=wanted, way_out=WAY_OUT)


Fault = tuple[str, str, str]  # what is wrong, found, wanted


def _faults(binding: "Binding") -> Iterator[Fault]:
    names = [entry.variable for entry in binding.maps]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        yield "a variable is mapped twice", ", ".join(twice), "one map each"
    for entry in binding.maps:
        yield from _map(entry)
    for place, condition in enumerate(binding.universe, 1):
        yield from _condition(condition, f"universe {place}")
    design = binding.design
    if design.replicates and (design.strata or design.stages):
        yield "a design has strata and stages, or replicate weights", "both", "one of them, as the file's makers say"
    yield from _stages(design.stages)
    if design.replicates:
        yield from _replicates(design.replicates)


def _map(entry: "Map") -> Iterator[Fault]:
    if entry.codes and entry.bands:
        yield f"{entry.variable} has codes and bands", "both", "codes of single values, or bands of numbers"
    if not decimals.is_decimal(entry.scale) or Decimal(entry.scale) == 0:
        yield f"{entry.variable}: no scale", entry.scale, 'a decimal above zero, such as "0.01"'
    if entry.scale != "1" and (named := sorted(c for c in entry.codes.values() if not decimals.is_signed(c))):
        wanted = "a scale of numbers, and values that stand for numbers; what is no answer stands in `missing`"
        yield f"{entry.variable} has codes and a scale", f"{entry.scale} and {', '.join(named)}", wanted
    yield from _bands(entry.bands, entry.variable)


def _bands(bands: tuple["Band", ...], variable: str) -> Iterator[Fault]:
    """Bands lie side by side: where one ends the next begins, and only the outermost are open."""
    for band in bands:
        yield from _range(band.least, band.below, f"{variable}: band {band.code}")
        if not band.code:
            yield f"{variable}: a band without a code", _shown(band), "a code of the norm"
    if any(_is_wrong(bound) for band in bands for bound in (band.least, band.below)):
        return
    inside = [band for band in bands if band.least is not None]
    ordered = [band for band in bands if band.least is None] + sorted(inside, key=lambda b: Decimal(b.least or "0"))
    for one, other in pairwise(ordered):
        pair = f"{_shown(one)} and {_shown(other)}"
        end, start = one.below, other.least
        if end is None or start is None or Decimal(end) > Decimal(start):
            yield f"{variable}: bands overlap", pair, "each number in one band"
        elif Decimal(end) < Decimal(start):
            yield (
                f"{variable}: bands have a hole",
                pair,
                f"a band from {end} to {start}, or one that ends where it begins",
            )


def _condition(condition: "Filter", at: str) -> Iterator[Fault]:
    if not condition.column:
        yield f"{at}: a condition of no column", "none", "the column that it is about"
    if (condition.values, condition.without, condition.least, condition.below) == ((), (), None, None):
        yield f"{at}: a condition that every row meets", condition.column, "values, without, least or below"
    if both := sorted({*condition.values} & {*condition.without}):
        yield f"{at}: values wanted and left out at once", ", ".join(both), "each in one of the two lists"
    yield from _range(condition.least, condition.below, f"{at}: {condition.column}")


def _stages(stages: tuple["Stage", ...]) -> Iterator[Fault]:
    for place, stage in enumerate(stages[:-1], 1):
        if not stage.cluster:
            wanted = "a column of clusters; only the last stage may draw the privacy unit itself"
            yield "a stage of sampling before the last names no cluster", f"stage {place} of {len(stages)}", wanted
    clusters = [stage.cluster for stage in stages if stage.cluster]
    if twice := sorted({column for column in clusters if clusters.count(column) > 1}):
        yield "two stages of sampling draw the same clusters", ", ".join(twice), "a column of its own for each stage"


def _replicates(given: "Replicates") -> Iterator[Fault]:
    columns = given.columns
    if not columns or "" in columns:
        yield "replicate weights without columns", ", ".join(columns) or "none", "a column of each replicate weight"
    if twice := sorted({column for column in columns if columns.count(column) > 1}):
        yield "a replicate weight counts twice", ", ".join(twice), "each column once"
    if given.factors and len(given.factors) != len(columns):
        found = f"{len(columns)} columns, {len(given.factors)} factors"
        yield "replicate weights do not have a factor each", found, "one for each column, or none at all"
    for text in (given.scale, *given.factors):
        if not is_fraction(text):
            yield "no factor of a replicate weight", text, 'a decimal or a fraction "a/b", above zero'


def is_fraction(text: str) -> bool:
    """Whether a text is a number above zero, as a decimal or as "a/b" of two decimals.

    >>> [is_fraction(text) for text in ("0.5", "79/80", "1/0", "0", "-1", "1/2/3", "")]
    [True, True, False, False, False, False, False]
    """
    parts = text.split("/")
    return len(parts) <= 2 and all(decimals.is_decimal(part) and Decimal(part) > 0 for part in parts)


def _range(least: str | None, below: str | None, at: str) -> Iterator[Fault]:
    wrong = [bound for bound in (least, below) if _is_wrong(bound)]
    if wrong:
        yield f"{at}: no bound", str(wrong[0]), 'a decimal, such as "-2.5"'
    elif least is not None and below is not None and Decimal(least) >= Decimal(below):
        yield f"{at}: no number lies between its bounds", f"from {least} to below {below}", "least smaller than below"


def _is_wrong(bound: str | None) -> bool:
    return bound is not None and not decimals.is_signed(bound)


def _shown(band: "Band") -> str:
    return (
        f"{band.code} ({'...' if band.least is None else band.least} to {'...' if band.below is None else band.below})"
    )
