"""A small sample with every kind of design in its columns, asked by `mean/1`, for the engines to agree on.

Two strata of three districts each, villages and persons within; a district's and a village's population, and three
replicate weights. Persons have up to three rows. Large weights and values, so that sums of products have 33 digits.
"""

from dataclasses import replace
from itertools import count
from typing import Any

from comity.methods import registry
from comity.model.source import Design, Replicates, Source, Stage
from comity.model.structure import Axis, Layout, Measure
from comity.stages.collect import Number, Reading
from comity.stages.compute import Plan

COLUMNS = {
    "id": "text", "year": "int", "code": "text", "y": "float8", "w": "float8", "stratum": "text", "district": "int",
    "village": "text", "districts": "int", "villages": "float8", "people": "text", "r0": "float8", "r1": "float8",
    "r2": "float8",
}  # fmt: skip
DISTRICT = Stage(cluster="district", population="districts")
VILLAGE = Stage(cluster="village", population="villages")
DESIGNS = {
    "persons": Design(),
    "strata": Design(strata="stratum"),
    "clusters": Design(strata="stratum", stages=(Stage(cluster="district"),)),
    "three stages": Design(strata="stratum", stages=(DISTRICT, VILLAGE, Stage(population="people"))),
    "replicates": Design(replicates=Replicates(columns=("r0", "r1", "r2"), scale="2/3", factors=("1", "0.5", "1"))),
}
CODES = ("a", "é", "c")


def rows() -> list[tuple[Any, ...]]:
    """In the order of COLUMNS."""
    found = []
    number = count(1)
    for stratum in ("North", "north"):
        for district in (1, 2, 3):
            for village in ("v", "V"):
                for person in range(2 + district % 2):
                    id = f"p{next(number)}"
                    for row in range(1 + person):
                        k = next(number)
                        weight = 1_000 + 977 * (k % 13) / 8
                        code = [*CODES, None][k % 4]
                        replicates = (weight * (k % 3), weight * (district % 3), weight / 2)
                        found.append(
                            (id, 2006, code, (-1) ** k * (k * 7919 % 9_000) / 4, weight, stratum, district, village)
                            + (5, 2 + district % 2, "40", *replicates)
                        )
                        assert row < 3
    return found


def plan(source: Source, design: Design) -> Plan:
    """Persons of one year, at most two cells each."""
    bounds = {"n": 1, "w": 10**12, "wy": 2**53, "wyy": 2**62, "vw": 2**62, "cwy": 2**62, "vy": 2**62}
    layout = Layout(
        dimensions=(Axis(id="D", codes=CODES),),
        measures=tuple(Measure(id=id, name=id, decimals=0, bound=bound) for id, bound in bounds.items()),
    )
    y = Number(reading=_reading("y"), decimals=2, least=-(10**6), most=10**6)
    return Plan(
        source=source,
        layout=layout,
        method=registry.load("mean", "1"),
        parameters={"y": "Y"},
        unit=_reading("id"),
        time=_reading("year"),
        periods=("2006",),
        readings=(replace(_reading("code"), list=CODES),),
        numbers={"y": y},
        weight="w",
        weight_decimals=3,
        design=design,
        touched=2,
        salt=bytes(range(32)),
    )


def _reading(column: str) -> Reading:
    return Reading(variable=column, column=column, codes={}, missing=(), list=(), blank=())
