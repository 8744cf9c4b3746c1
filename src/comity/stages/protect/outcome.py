"""What becomes of an office's tables once a pattern is chosen: what is handed out, and what stays at home.

Handed out is each file as it came, without what is hidden, and without contributors and largest parts; nothing in it
tells a sensitive cell from one that went with it. At home stay the pattern with its reasons, each sensitive cell's
interval, and how good the pattern is known to be.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from comity.errors import FormatError
from comity.model.job import Silent, Tell
from comity.stages.protect import attacker, cells, tables
from comity.stages.protect.cells import CONF_STATUS, CONFIDENTIAL, OBS_STATUS, SUPPRESSED, Cells
from comity.stages.protect.placing import Placed
from comity.stages.protect.problem import UNBOUNDED, Pattern, Problem
from comity.stages.protect.tables import Linked

NORMAL: Final = "A"  # SDMX CL_OBS_STATUS
PRIMARY, SECONDARY, BEFORE = "primary", "secondary", "before"
SILENT: Final = Silent()

Lines = dict[str, list[str]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcome:
    """Tables, the problem they make, and the pattern that was chosen for it."""

    placed: tuple[Placed, ...]
    linked: Linked
    pattern: Pattern

    @property
    def rules(self) -> dict[int, list[str]]:
        """The rules that found each sensitive cell of the problem, by their names in `Rules`."""
        found: dict[int, list[str]] = {}
        for place, needs in zip(self.linked.places, self.linked.needs, strict=True):
            for rule, hit in needs.rules.items():
                for cell in set(place[hit].tolist()):
                    found.setdefault(cell, [])
                    found[cell] += [rule] * (rule not in found[cell])
        return found


def kept(problem: Problem, suppressed: NDArray[np.bool_], *, tell: Tell = SILENT) -> Pattern:
    """A pattern that was in hand when somebody broke off, audited once more; nothing is known of how good it is."""
    lost = {breach.cell for breach in attacker.breaches(problem, suppressed, tell=tell)}
    return Pattern(
        suppressed=suppressed,
        intervals=attacker.audit(problem, suppressed, tell=tell),
        cost=int(problem.cost[suppressed & ~problem.shut].sum()),
        bound=0,
        optimal=False,
        unprotectable=np.array(sorted(lost), np.int64),
        counts={},
    )


def handed_out(outcome: Outcome) -> Iterator[tuple[Cells, Lines]]:
    """Each file with its lines as they may be seen; one of finest cells alone gets the lines of its margins, too."""
    for file in dict.fromkeys(one.cells for one in outcome.placed):
        own = [at for at, one in enumerate(outcome.placed) if one.cells is file]
        hidden = np.zeros(file.lines, np.bool_)
        for at in own:
            cell = outcome.placed[at].cell
            hidden |= (cell >= 0) & outcome.pattern.suppressed[outcome.linked.places[at][cell]]
        lines = _protected(file, outcome.placed[own[0]], hidden)
        if not any(_has_margins(outcome.placed[at]) for at in own):
            for margin in _margins(outcome, own):
                for name, texts in lines.items():
                    texts.append(margin.get(name) or _constant(texts))
        yield file, lines


def refuse_absent(placed: Sequence[Placed], linked: Linked) -> None:
    """FormatError if an empty cell that is sensitive has no line: among lines that are blank, its absence would tell.

    A margin may lack its line where the file has no margins: they are made, blanks too.
    """
    for one, needs in zip(placed, linked.needs, strict=True):
        empty = needs.primary & (one.table.values == 0)
        empty[one.cell[one.cell >= 0]] = False
        finest = tables.finest(one.table)
        lost = np.flatnonzero(empty) if _has_margins(one) else finest[empty[finest]]
        if lost.size:
            raise FormatError(
                "an empty cell that is sensitive has no line, and among blank lines that would tell that it is empty",
                where=f"{one.cells.name}: {one.table.name(int(lost[0]))}",
                wanted="a line for every cell, those of 0 too",
                way_out="add the lines, or show zeros as they are",
            )


def _has_margins(one: Placed) -> bool:
    return bool(np.isin(one.cell[one.cell >= 0], tables.finest(one.table), invert=True).any())


def _protected(file: Cells, one: Placed, hidden: NDArray[np.bool_]) -> Lines:
    """The lines of a file, what is hidden blank and marked; all hidden ones alike."""
    role = one.columns
    gone = {role.number, *role.largest}
    lines = {name: list(texts) for name, texts in file.columns.items() if name not in gone}
    if not role.status:
        lines[OBS_STATUS] = [NORMAL] * file.lines
    for name, texts in lines.items():
        mark = "" if name in role.kept and _tells(texts) else _mark(name, role.value)
        if mark is not None:
            lines[name] = [mark if hide else text for text, hide in zip(texts, hidden.tolist(), strict=True)]
    return lines


def _tells(texts: Sequence[str]) -> bool:
    """Whether a column that is no dimension may tell of single cells, as an error does: figures that differ."""
    return len(set(texts)) > 1 and any(char.isdigit() for text in texts for char in text)


def _mark(name: str, value: str) -> str | None:
    """What stands in a column of a hidden cell; None: what stood there."""
    if name == value:
        return ""
    return {OBS_STATUS: SUPPRESSED, CONF_STATUS: CONFIDENTIAL}.get(name.upper())


def _constant(texts: Sequence[str]) -> str:
    """What every line so far says, for a line that was made; "" if they differ."""
    return texts[0] if len(set(texts)) == 1 else ""


def _margins(outcome: Outcome, own: Sequence[int]) -> Iterator[dict[str, str]]:
    """A line for each margin of a file that has none, once for all its tables."""
    said: set[int] = set()
    for at in own:
        one, place = outcome.placed[at], outcome.linked.places[at]
        margins = np.setdiff1d(np.arange(one.table.cells), tables.finest(one.table))
        for cell in margins.tolist():
            if int(place[cell]) in said:
                continue
            said.add(int(place[cell]))
            hide = bool(outcome.pattern.suppressed[place[cell]])
            codes = zip((variable.id for variable in one.table.variables), one.table.key(cell), strict=True)
            yield dict(codes) | {
                one.columns.value: "" if hide else cells.spelt(int(one.table.values[cell]), one.decimals),
                **{name: _status(name, hide) for name in (one.columns.status or (OBS_STATUS,))},
            }


def _status(name: str, hide: bool) -> str:
    if name.upper() == OBS_STATUS:
        return SUPPRESSED if hide else NORMAL
    return CONFIDENTIAL if hide else "F"


def pattern_lines(outcome: Outcome) -> Lines:
    """Every hidden cell of every table: sensitive or not, and by which rule."""
    lines: Lines = {name: [] for name in ("table", "cell", "hidden", "rule", "line")}
    problem, rules = outcome.linked.problem, outcome.rules
    for at, one in enumerate(outcome.placed):
        place = outcome.linked.places[at]
        line_of = dict(zip(one.cell.tolist(), range(2, one.cells.lines + 2), strict=True))
        for cell in np.flatnonzero(outcome.pattern.suppressed[place]).tolist():
            whole = int(place[cell])
            kind = PRIMARY if problem.primary[whole] else BEFORE if problem.hidden[whole] else SECONDARY
            _add(lines, one.cells.name, one.table.name(cell), kind, " ".join(rules.get(whole, ())), line_of.get(cell))
    return lines


def interval_lines(outcome: Outcome) -> Lines:
    """Each sensitive cell once: its value, the interval it needs, and the one that an attacker finds."""
    lines: Lines = {
        name: [] for name in ("table", "cell", "value", "needs-low", "needs-high", "low", "high", "rule", "alone")
    }
    problem, intervals, rules = outcome.linked.problem, outcome.pattern.intervals, outcome.rules
    for whole, (one, cell) in _first(outcome).items():
        if not problem.primary[whole]:
            continue
        value = int(problem.values[whole])
        figures = [
            value,
            value - int(problem.lower[whole]),
            value + int(problem.upper[whole]),
            int(intervals.low[whole]),
            int(intervals.high[whole]),
        ]
        spelt = ["" if number == UNBOUNDED else cells.spelt(number, one.decimals) for number in figures]
        alone = "yes" if problem.alone[whole] else "no"
        _add(lines, one.cells.name, one.table.name(cell), *spelt, " ".join(rules.get(whole, ())), alone)
    return lines


def _add(lines: Lines, *fields: Any) -> None:
    for texts, field in zip(lines.values(), fields, strict=True):
        texts.append("" if field is None else str(field))


def _first(outcome: Outcome) -> dict[int, tuple[Placed, int]]:
    """Each cell of the problem where it stands first: table and place."""
    found: dict[int, tuple[Placed, int]] = {}
    for one, place in zip(outcome.placed, outcome.linked.places, strict=True):
        wholes, first = np.unique(place, return_index=True)
        for whole, cell in zip(wholes.tolist(), first.tolist(), strict=True):
            found.setdefault(whole, (one, cell))
    return found


def unprotectable(outcome: Outcome) -> tuple[tuple[str, str], ...]:
    """Sensitive cells that no pattern protects, and why, as far as it can be told from the cell itself."""
    first, problem = _first(outcome), outcome.linked.problem
    told = []
    for whole in outcome.pattern.unprotectable.tolist():
        one, cell = first[whole]
        shown = problem.floor[whole] == problem.ceiling[whole]
        why = "it is published already" if shown else "too little may be hidden beside it"
        told.append((f"{one.cells.name}: {one.table.name(cell)}", why))
    return tuple(told)


def summary(outcome: Outcome) -> Mapping[str, Any]:
    """Counts and costs: what was found, what is hidden, and how far from the best it may be."""
    problem, pattern = outcome.linked.problem, outcome.pattern
    by_rule: dict[str, int] = {}
    for rules in outcome.rules.values():
        for rule in rules:
            by_rule[rule] = by_rule.get(rule, 0) + 1
    in_files = np.zeros(problem.cells, np.bool_)
    for one, place in zip(outcome.placed, outcome.linked.places, strict=True):
        in_files[place[one.cell[one.cell >= 0]]] = True
    made = not any(_has_margins(one) for one in outcome.placed)
    decimals = outcome.placed[0].decimals
    return {
        "tables": len(outcome.placed),
        "cells": problem.cells,
        "relations": problem.relations.shape[0],
        "sensitive": int(problem.primary.sum()),
        "by-rule": by_rule,
        "hidden-besides": int((pattern.suppressed & ~problem.shut).sum()),
        "hidden-before": int(problem.hidden.sum()),
        "hidden-and-in-no-file": 0 if made else int((pattern.suppressed & ~in_files).sum()),
        "cost": cells.spelt(pattern.cost, decimals),
        "no-safe-pattern-costs-less-than": cells.spelt(pattern.bound, decimals) if pattern.bound else None,
        "gap": _gap(pattern),
        "optimal": pattern.optimal,
        "proved": int(problem.primary.sum()) - len(pattern.unprotectable),
    }


def _gap(pattern: Pattern) -> str | None:
    """How much of the cost may be more than the best pattern's, in per cent, rounded up."""
    if not pattern.cost:
        return "0 %"
    return f"{-(-100 * (pattern.cost - pattern.bound) // pattern.cost)} %" if pattern.bound else None
