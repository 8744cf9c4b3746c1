"""Compute: from a study, a norm, a binding and a source to a plan; from what the plan counted to a cube.

Microdata end at `Tables.count`: the port gives sums by cell and nothing about a person. Reads no file, draws no
noise and suppresses nothing: see `adapters.tables` and `stages.protect`. Variances: `stages.variance`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from comity.errors import FormatError, SourceError
from comity.methods.card import WEIGHT, Method
from comity.model import cube as cubes
from comity.model.cube import Cube
from comity.model.norm import Norm
from comity.model.source import Binding, Coverage, Design, Source
from comity.model.structure import Layout
from comity.model.study import Study
from comity.stages import collect, misfits, variance
from comity.stages.collect import Condition, Number, Reading
from comity.stages.protect.margins import Margins
from comity.stages.variance import Totals


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is counted at home: one source, one period, the cells of one layout.

    periods: national values of the period's column that are this period.
    readings: one for each dimension of the layout, in its order.
    numbers: by the parameter that names each.
    universe: conditions of a row, all of which hold.
    weight: column of the sampling weight ("": 1), read in units of 10^-weight_decimals.
    design: None where the layout has no moments, so that no variance is asked.
    touched: cells of the layout that one person touches at most; of more, some are kept, in the person's own order.
    salt: of these orders, of this release alone; 16 bytes, secret.
    largest: how many of a cell's largest parts are told, as the member's own rules of disclosure control ask.
    margins: of each dimension the hierarchy (`protect.margins`) over whose margins contributors are counted by
        themselves, as these rules ask where a person touches several cells; None: nobody asks.
    """

    source: Source
    layout: Layout
    method: Method
    parameters: Mapping[str, str]
    unit: Reading
    time: Reading
    periods: tuple[str, ...]
    readings: tuple[Reading, ...]
    numbers: Mapping[str, Number] = field(default_factory=dict)
    universe: tuple[Condition, ...] = ()
    weight: str = ""
    weight_decimals: int = 0
    design: Design | None = None
    touched: int = 1
    salt: bytes = field(default=b"", repr=False)
    largest: int = 0
    margins: tuple[tuple[int, ...], ...] | None = None

    @property
    def plain(self) -> bool:
        """Whether nothing but codes is read, so that patterns of them suffice where a row is a person."""
        banded = any(reading.bands for reading in self.readings)
        weighed = any(term.factors for term in self.method.card.needs.terms)
        return not (self.numbers or weighed or self.universe or self.design or banded)

    @property
    def terms(self) -> tuple[str, ...]:
        """Measures of the layout that are sums over rows; the others are moments."""
        moments = {moment.id for moment in self.method.card.needs.moments}
        return tuple(measure.id for measure in self.layout.measures if measure.id not in moments)

    @property
    def reads(self) -> dict[str, str]:
        """Every column that is read, and what it is for."""
        design = self.design or Design()
        readings = (self.unit, self.time, *self.readings, *(number.reading for number in self.numbers.values()))
        found = {
            **dict.fromkeys((condition.column for condition in self.universe), "the universe"),
            self.weight: "the weight",
            design.strata: "the strata",
            **{stage.cluster: "a stage of sampling" for stage in design.stages},
            **{stage.population: "the population of a stage" for stage in design.stages},
            **dict.fromkeys(design.replicates.columns if design.replicates else (), "a replicate weight"),
            **collect.wanted(readings),
        }
        return {column: what for column, what in found.items() if column}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counts:
    """What a plan counted.

    values: int64, in the order of the layout; zeros for moments.
    contributors: of each cell, int64 (cells,): persons who add something to the term that fewest add to, of the terms
        that are not zero for all; whoever adds nothing to a sum hides nobody in it.
    rows: of the universe in this period, counted in a cell.
    missing, outside: further rows, without an answer (or without the unit's id), or with one outside the lists; in no
        cell.
    unmapped: variable -> national value outside its list -> rows, the most frequent ones.
    totals: for the moments; None where none is asked.
    engine: that counted, with its version, such as "postgresql 15.14"; "" if nobody says.
    largest: int64 (plan.largest, terms, cells): sizes of what the persons who add most to each sum add to it, largest
        first, 0 beyond the last; None where none is asked. For the rules of dominance alone: it is no part of a cube,
        of a record or of a message, and never leaves the process that counts.
    margins: contributors, and the largest of them, of every margin, by the plan's hierarchies; None where none is
        asked. At home as `largest` is.
    """

    values: NDArray[np.int64]
    contributors: NDArray[np.int64]
    rows: int
    missing: int
    outside: int
    unmapped: dict[str, dict[str, int]]
    totals: Totals | None = None
    engine: str = ""
    largest: NDArray[np.int64] | None = field(default=None, repr=False)
    margins: Margins | None = field(default=None, repr=False)


class Tables(Protocol):
    """Whoever can run a plan over national tables."""

    def count(self, plan: Plan) -> Counts:
        """Run the plan; SourceError if the source is not what it promises."""
        ...


def plan(
    study: Study,
    norm: Norm,
    binding: Binding,
    period: str,
    *,
    source: Source,
    method: Method,
    salt: bytes = b"",
    parameters: Mapping[str, str] | None = None,
    largest: int = 0,
    margins: tuple[tuple[int, ...], ...] | None = None,
) -> Plan:
    """The plan of one study in one period.

    Args:
        salt: of this release: see `Plan`.
        parameters: what the method is told at home beside the study's parameters.
        largest, margins: as `Plan` has them.

    Raises:
        ConfigError: the binding does not fit the norm.
        FormatError: the study does not say which numbers, or in how many decimals (`misfits` says the same).
        SourceError: no national value is this period.
    """
    time = collect.reading(norm, binding, norm.variable(norm.period))
    wanted = study.period(period).value
    periods = tuple(value for value, read in time.codes.items() if read == wanted) if time.codes else (wanted,)
    periods = tuple(value for value in periods if value not in time.missing)
    if not periods:
        raise SourceError(
            f"no national value is the period {period}",
            where=f"binding {binding.id}/{binding.version}: {norm.period}",
            found=", ".join(sorted(set(time.codes.values()))),
            wanted=wanted,
            way_out="map the value of this period in the binding",
        )
    needs = method.card.needs
    named = {measure.id for measure in study.layout.measures}
    weighs = any(WEIGHT in term.factors for term in needs.terms)
    decimals = misfits.decimals_of(study, method.card)
    unnamed = set(needs.numbers) - set(needs.optional) - set(study.parameters)
    if decimals is None or unnamed:
        raise FormatError(
            "not the parameters of a study by this method",
            where=f"study {study.id}/{study.version}",
            found=", ".join(f"{name} = {text!r}"[:40] for name, text in study.parameters.items()) or "none",
            wanted=f"{', '.join(needs.numbers) or 'none'}, each a variable; decimals of one digit",
        )
    return Plan(
        source=source,
        layout=study.layout,
        method=method,
        parameters={**study.parameters, **(parameters or {})},
        unit=collect.reading(norm, binding, norm.variable(norm.unit)),
        time=time,
        periods=periods,
        readings=tuple(collect.reading(norm, binding, norm.filling(axis.id)) for axis in study.layout.dimensions),
        numbers={
            name: collect.number(norm, binding, norm.variable(study.parameters[name]), decimals=decimals[name])
            for name in needs.numbers
            if name in study.parameters or name not in needs.optional
        },
        universe=collect.conditions(binding),
        weight=binding.weight if weighs else "",
        weight_decimals=decimals.get(WEIGHT, 0),
        design=binding.design if any(moment.id in named for moment in needs.moments) else None,
        touched=norm.protection.cells,
        salt=salt,
        largest=largest,
        margins=margins,
    )


def table(plan: Plan, counts: Counts) -> tuple[Cube, Coverage]:
    """The cube as it is, unprotected, and how well the source covered the norm.

    Of the moments, the sampling variance of each term stands beside it as well.
    """
    coverage = Coverage(
        rows=counts.rows + counts.missing + counts.outside,
        counted=counts.rows,
        missing=counts.missing,
        outside=counts.outside,
        unmapped=counts.unmapped,
    )
    values, sampling = counts.values, None
    if counts.totals is not None:
        values, sampling = variance.moments(plan.layout, plan.method.card.needs.moments, counts.values, counts.totals)
    contributors = np.tile(counts.contributors, len(plan.layout.measures))
    return cubes.plain(plan.layout, values, contributors, sampling), coverage


def clipped(cube: Cube, bound: int) -> NDArray[np.int64]:
    """Values of a cube within +-bound of the study: what noise is added to before the seal."""
    return np.clip(cube.values, -bound, bound).astype("<i8")
