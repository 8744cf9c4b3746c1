"""Readers of one table, who put together what is shown: sums, levels, parts of a cell, and what they know already."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from scipy.optimize import linprog

from comity.model.protection import Rules
from comity.stages.protect import rounding, sticky, tables
from comity.stages.protect.problem import Intervals, Pattern, Problem
from comity.stages.protect.suppression.choose import choose
from comity.stages.protect.tables import Table
from tests.attacks.book import Guard, Stopped, always, attack
from tests.builders import counts

WIDE: Final = "an interval as wide as the rules ask"

CHOSEN = Guard(
    "stages.protect.suppression.choose.choose",
    "others are hidden beside what a rule hides, until an attacker's interval is wide",
    always(None),
)


def least_hidden(problem: Problem, **named: Any) -> Pattern:
    """What a rule hides, and nothing beside it."""
    return Pattern(
        suppressed=problem.shut,
        intervals=Intervals(low=problem.values, high=problem.values),
        cost=0,
        bound=0,
        optimal=False,
        unprotectable=np.zeros(0, np.int64),
        counts={},
    )


CHOSEN = replace(CHOSEN, weaker=lambda original: least_hidden)


def counted(axes: Sequence[tuple[str, Sequence[str]]], *values: int, parents: Mapping[str, Any] | None = None) -> Table:
    """Persons by the finest cells."""
    number = np.array(values)
    return tables.extended(axes, number, number, counts=True, parents=parents)


def reckoned(of: Sequence[Table], rules: Rules, name: str, *, known: Sequence[str] = (), floor: int = 0) -> str:
    """The first table's cell of this name, by a solver that is not ours; Stopped if it may be what the rules ask.

    known: cells that the attacker holds himself. floor: of every blank.
    """
    linked = tables.link(of, rules)
    problem, place = linked.problem, linked.places[0]
    cell = {of[0].name(at): int(place[at]) for at in range(of[0].cells)}
    hidden = choose(problem).suppressed.copy()
    hidden[[cell[one] for one in known]] = False
    value = int(problem.values[cell[name]])
    if not hidden[cell[name]]:
        return f"{value}, which is shown"
    bounds = [(floor, None) if hide else (true, true) for hide, true in zip(hidden, problem.values, strict=True)]
    goal = (np.arange(problem.cells) == cell[name]).astype(float)
    equal = {"A_eq": problem.relations, "b_eq": np.zeros(problem.relations.shape[0]), "bounds": bounds}
    low, high = linprog(goal, **equal).fun, linprog(-goal, **equal)
    most = float("inf") if high.status == 3 else -high.fun
    asked = tables.link(of, rules).needs[0].upper[list(cell).index(name)] or 1
    if most >= value + asked - 1e-6:
        raise Stopped(WIDE)
    return f"{low:.0f} to {most:.0f}"


SQUARE = counted(
    [("ROW", "wxyz"), ("COL", "abcd")], 30, 47, 64, 89, 90, 124, 5, 31, 92, 100, 59, 85, 800, 991, 651, 685
)


@attack(
    "4x4 attacker example",
    CHOSEN,
    says="Each row and column has two blanks or more; a reader adds two rows, takes three columns away, and has one.",
    by=WIDE,
)
def square(place: Path) -> str:
    listed = tuple({"ROW": row, "COL": col} for row, col in ("wa", "wb", "wc", "xa", "xc", "yb", "yd", "zb", "zd"))
    return reckoned([SQUARE], Rules(sensitive=listed, coalition=0), "ROW=w COL=b")


PARENTS = {"D1": "NORTH", "D2": "NORTH", "D3": "SOUTH", "D4": "SOUTH", "D5": "SOUTH"}


@attack(
    "hierarchy subtraction",
    CHOSEN,
    says="One district of a region is blank: it is the region less its sister.",
    by=WIDE,
)
def hierarchy(place: Path) -> str:
    table = counted([("AREA", list(PARENTS))], 2, 30, 40, 50, 60, parents={"AREA": PARENTS})
    return reckoned([table], Rules(threshold=5), "AREA=D1")


PEOPLE: Final = {"A": 2, "B": 2, "I": 8, "J": 8, "K": 3, "L": 3, "M": 3, "N": 7}
COUNTY: Final = {code: "county-1" if code in "ABIJ" else "county-2" for code in PEOPLE}
SIZE: Final = {code: "big" if code in "LM" else "small" for code in PEOPLE}


@attack(
    "linked tables",
    CHOSEN,
    says="Eight municipalities by county and by size; each table is safe alone, and both together tell how many K has.",
    by=WIDE,
)
def linked(place: Path) -> str:
    both = [counted([("REGION", list(PEOPLE))], *PEOPLE.values(), parents={"REGION": one}) for one in (COUNTY, SIZE)]
    return reckoned(both, Rules(threshold=4, coalition=0), "REGION=K")


JOBS: Final = ["JUDGE", "CLERK", "COOK", "NURSE"]


@attack(
    "trackers",
    CHOSEN,
    says="A reader asks for all who live in a region, and for all but its judges: answers of many, and she is between.",
    by=WIDE,
)
def trackers(place: Path) -> str:
    parents = {"JOB": dict.fromkeys(JOBS[1:], "ALL BUT JUDGES")}
    table = counted([("REGION", ["R1", "R2"]), ("JOB", JOBS)], 1, 40, 30, 29, 6, 35, 45, 24, parents=parents)
    return reckoned([table], Rules(threshold=5), "REGION=R1 JOB=JUDGE")


TRADES: Final = ["MINE", "QUARRY", "FARMS", "SHOPS", "INNS"]


@attack(
    "singletons",
    Guard(
        "stages.protect.respondents._names",
        "who stands alone in a cell knows it: the attacker is tried as each of them",
        lambda original: lambda problem, rows: np.full(problem.cells, -1),
    ),
    says="Two firms, each alone in a trade, are blank and hide each other; each takes itself out of what both make.",
    by=WIDE,
)
def singletons(place: Path) -> str:
    value, firms = np.array([700, 900, 20_000, 30_000, 45_000]), np.array([1, 1, 40, 50, 60])
    table = tables.extended([("TRADE", TRADES)], value, firms, counts=False)
    return reckoned([table], Rules(threshold=3, coalition=1), "TRADE=QUARRY", known=["TRADE=MINE"])


@attack(
    "dominance by a known competitor",
    Guard(
        "stages.protect.primary._p",
        "p per cent: a cell is sensitive if its second could reckon its first closer than that",
        lambda original: lambda values, parts, p: np.zeros_like(values),
    ),
    says="The second largest enterprise of a cell takes its part from the total, and is 3 per cent off the largest.",
    by="policy",
)
def competitor(place: Path) -> str:
    cells = np.array([1000, 930, 900, 840, 850, 800])
    largest = np.array([[600, 93, 90, 84, 85, 80], [380, 93, 90, 84, 85, 80]])
    table = tables.extended([("AREA", list("ABCDEF"))], cells, np.full(6, 10), largest, counts=False)
    if choose(tables.link([table], Rules(p=10)).problem).suppressed[tables.finest(table)[0]]:
        raise Stopped("policy")
    return "600, as 620 at most"


@attack(
    "a blank that is known to be no zero",
    Guard(
        "stages.protect.primary.least",
        "where zeros are shown, a blank count is of somebody, and the attacker knows it",
        lambda original: lambda table, rules: np.zeros(table.cells, np.int64),
    ),
    says="One is well in A, two are ill: three together, and as neither is empty, neither can be three.",
    by=WIDE,
)
def blanks(place: Path) -> str:
    axes = [("AREA", ["A", "B", "C"]), ("HEALTH", ["WELL", "ILL", "UNKNOWN"])]
    table = counted(axes, 1, 2, 30, 25, 40, 25, 35, 21, 20)
    return reckoned([table], Rules(threshold=3, coalition=0), "AREA=A HEALTH=WELL", floor=1)


TWOS = counts.problem((5,), (2, 2, 2, 2, 2), threshold=3)
SECRET: Final = bytes(range(32))


def each_for_itself(problem: Problem, base: int, dice: Any, **named: Any) -> rounding.Rounded:
    """Parts down and totals up: what draws of their own come to, some time."""
    up = np.where(problem.values == problem.values.max(), 1, 0)
    none = np.zeros(problem.cells, np.int64)
    return rounding.Rounded(values=(problem.values // base + up) * base, base=base, beyond=none, unbiased=True)


@attack(
    "rounding undone by margins",
    Guard("stages.protect.rounding.rounded", "a rounded table adds up", lambda original: each_for_itself),
    Guard("stages.protect.rounding.refused", "a rounded table is tried by an attacker who knows the base", always(())),
    says="Five cells of 0 and a total of 12, to base 3: none is above 2, together they are 10 at least.",
    by="three values or more",
    alone={"stages.protect.rounding.refused": "policy.refuses"},
)
def rounded(place: Path) -> str:
    made = rounding.controlled(TWOS, 3, sticky.keyed(SECRET, "table"))
    low, high = made.ends()
    parts = TWOS.values < TWOS.values.max()
    if high[parts].sum() > low[~parts].max():
        raise Stopped("three values or more")
    return "every cell is 2"
