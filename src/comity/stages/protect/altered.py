"""Own tables in which no cell is blank, but none is sure: counts rounded, or changed by the keys of cells.

Rounded by the same dice whoever asks, and as they were rounded before; changed alike wherever the same cell counts the
same. Both are for counts: of a sum over persons neither says much about one with a large part. Decides nothing of how
it is done (`rounding`, `cell_key`), but what becomes of it: where it gives a sensitive cell away, nothing is shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from comity.errors import ConfigError, PolicyRefuses
from comity.model.job import Tell
from comity.model.protection import Rules
from comity.stages.protect import cell_key, rounding, sticky, together
from comity.stages.protect.p_table import p_table
from comity.stages.protect.primary import Needs
from comity.stages.protect.released import Kept
from comity.stages.protect.tables import OPEN, Table
from comity.stages.protect.together import Lost, Together


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """Where what is drawn for a table comes from: the office's secret, and what the table is about, never its values.

    about: norm and period, as pairs of a word and its value.
    """

    secret: bytes = field(repr=False)
    about: tuple[tuple[str, str], ...]


def altered(
    asked: Mapping[str, Table], rules: Rules, earlier: Sequence[Kept], chance: Chance, tell: Tell
) -> dict[str, tuple[Needs, NDArray[np.int64]]]:
    """Of each table what its rules ask, and each cell as it may be shown; `Lost` if nothing may be."""
    found = {}
    for what, table in asked.items():
        if not table.counts:
            raise Lost("sums")
        joined = _unseen(together.join(table, rules, [kept for kept in earlier if kept.what == what]))
        shown = _rounded if rules.way == "rounding" else _keyed
        found[what] = joined.needs, shown(what, table, rules, joined, chance, tell)
    return found


def _unseen(joined: Together) -> Together:
    """Of such a table no reader knows which cells are empty: a small count may stand there as 0."""
    problem = joined.problem
    floor = np.where(problem.open | problem.shut, 0, problem.floor)
    return replace(joined, problem=replace(problem, floor=floor))


def variance(rules: Rules) -> float:
    """Largest variance of the change of a cell; the same for all, as each one's own would tell its value."""
    if rules.way == "rounding":
        return float(rules.base**2 // 4)  # r (base - r) for a value that is r above a multiple
    return float(rules.variance)


def _rounded(what: str, table: Table, rules: Rules, joined: Together, chance: Chance, tell: Tell) -> NDArray[np.int64]:
    if joined.apart:
        raise Lost("contradiction")
    fixed = {
        int(place): int(value)
        for kept, places in joined.before
        for place, value, status in zip(places, kept.published, kept.table.status, strict=True)
        if status == OPEN
    }
    name = [word for pair in chance.about for word in pair]
    dice = sticky.keyed(chance.secret, "rounding", what, *name, *(one.id for one in table.variables))
    try:
        made = rounding.controlled(joined.problem, rules.base, dice, counts=True, fixed=fixed, tell=tell)
    except (PolicyRefuses, ConfigError):
        raise Lost("rounding") from None
    return np.asarray(made.values[joined.places])


def _keyed(what: str, table: Table, rules: Rules, joined: Together, chance: Chance, tell: Tell) -> NDArray[np.int64]:
    changes = p_table(rules.bound, rules.variance)
    names = cell_key.names(table, *chance.about, ("number", what))
    shown = cell_key.perturbed(table.values, cell_key.named(chance.secret, names, table.values), changes)
    if joined.apart:  # whoever is in one table alone is hidden by the other keys that both have there
        joined = _unseen(together.join(table, rules, [kept for kept, _ in joined.before]))
    published = np.zeros(joined.problem.cells, np.int64)
    published[joined.places] = shown
    for kept, places in reversed(joined.before):  # as it was published first: a policy may have changed the changes
        told = kept.table.status == OPEN
        published[places[told]] = kept.published[told]
    beyond = (abs(published - joined.problem.values) > changes.bound).any()
    if beyond or cell_key.given_away(joined.problem, published, changes, tell=tell).size:
        raise Lost("cell-key")
    return np.asarray(published[joined.places])
