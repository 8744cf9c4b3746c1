"""Compute: from a study, a norm, a binding and a source to a plan; from what the plan counted to a cube.

Microdata end at `run`: the port `Tables` gives counts by cell and nothing about a person. Reads no file, draws no
noise and suppresses nothing: see `adapters.tables` and `stages.protect`.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from comity.errors import SourceError
from comity.methods.card import Method
from comity.model import cube as cubes
from comity.model.cube import Cube
from comity.model.norm import Norm
from comity.model.source import Binding, Coverage, Source
from comity.model.structure import Layout
from comity.model.study import Study
from comity.stages.collect import Reading, reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is counted at home: one source, one period, the cells of one layout."""

    source: Source
    layout: Layout
    method: Method
    unit: Reading
    time: Reading
    periods: tuple[str, ...]  # national values of the period's column that are this period
    readings: tuple[Reading, ...]  # one for each dimension of the layout, in its order


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counts:
    """What a plan counted.

    values: persons of each cell, int64, in the order of the layout.
    missing, outside: rows of the period without an answer, or with one outside the lists; in no cell.
    unmapped: variable -> national value outside its list -> rows, the most frequent ones.
    """

    values: NDArray[np.int64]
    missing: int
    outside: int
    unmapped: dict[str, dict[str, int]]


class Tables(Protocol):
    """Whoever can run a plan over national tables."""

    def count(self, plan: Plan) -> Counts:
        """Run the plan; SourceError if the source is not what it promises."""
        ...


def plan(study: Study, norm: Norm, binding: Binding, period: str, *, source: Source, method: Method) -> Plan:
    """The plan of one study in one period.

    Raises:
        ConfigError: the binding does not fit the norm.
        SourceError: the privacy unit of the source is not known to be unique, or no national value is this period.
    """
    if not source.unique:
        raise SourceError(
            f"the privacy unit ({norm.protection.unit}) is not unique within a period",
            where=source.id,
            wanted=f"one row for each {norm.unit} in a period",
            way_out="keep one row a person, then add the source again; several rows a person are not counted yet",
        )
    time = reading(norm, binding, norm.variable(norm.period))
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
    return Plan(
        source=source,
        layout=study.layout,
        method=method,
        unit=reading(norm, binding, norm.variable(norm.unit)),
        time=time,
        periods=periods,
        readings=tuple(reading(norm, binding, norm.filling(axis.id)) for axis in study.layout.dimensions),
    )


def run(plan: Plan, tables: Tables) -> tuple[Cube, Coverage]:
    """Count at home: the cube as it is, unprotected, and how well the source covered the norm."""
    counts = tables.count(plan)
    counted = int(counts.values.sum())
    coverage = Coverage(
        rows=counted + counts.missing + counts.outside,
        counted=counted,
        missing=counts.missing,
        outside=counts.outside,
        unmapped=counts.unmapped,
    )
    return cubes.plain(plan.layout, counts.values, counts.values.astype("<i4")), coverage


def clipped(cube: Cube, bound: int) -> NDArray[np.int64]:
    """Values of a cube within +-bound of the study: what noise is added to before the seal."""
    return np.clip(cube.values, -bound, bound).astype("<i8")
