"""Statistical disclosure control of a member's own table: which cells may be published. Adds no noise, knows no log.

A cell is one key of the layout with all its measures: all are shown, or none. The persons of a table and each of its
measures that adds up are a table each, with every margin, the groups of the norm's code lists among them; each is
protected together with whatever the member decided on before of the same number, of the same people and period. What
one table hides is hidden in the next one at no cost; as a hidden cell more narrows no interval, the last pattern is
safe for all of them, and the attacker says so of each before anything is shown. A reader is taken to know every margin
that the pattern does not hide, published or not.

Where the rules cannot be kept (no pattern protects a cell any more, nobody knows the largest parts, tables contradict
each other, too much is sensitive to find a pattern in time) every cell is hidden. A table of blanks tells less than a
refusal, which would rest on the data. The reason stays at home.

Rules and sources: `primary`, `suppression`, `attacker`. Measures that do not add up (moments) are hidden with their
cells and are not judged by themselves.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from comity.errors import ConfigError, FormatError
from comity.model.cube import STATUS, Cube
from comity.model.job import Silent, Tell
from comity.model.norm import Norm
from comity.model.policy import National
from comity.model.protection import Rules
from comity.stages.protect import attacker, tables, together
from comity.stages.protect.altered import Chance, altered, variance
from comity.stages.protect.margins import Margins
from comity.stages.protect.primary import Needs, needs, refuse_values
from comity.stages.protect.released import Kept
from comity.stages.protect.suppression.choose import choose
from comity.stages.protect.tables import HIDDEN, OPEN, SHOWN, Table
from comity.stages.protect.together import Lost, Together

SUPPRESSED: Final = STATUS.index("Q")
PERSONS: Final = "persons"  # what the contributors of a cell are; other numbers are named after their method
PRIMARY: Final = "primary"  # by a rule of which nobody knows the name any more
SECONDARY: Final = "secondary"
EFFORT: Final = 4_000  # programmes solved at most to make a pattern cheaper: the same table has the same pattern
SILENT: Final = Silent()

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A measure of a cube that adds up.

    what: which number it is, as `released.Kept` has it. counts: it counts contributors. part: its place among those
    whose largest parts are known.
    """

    what: str
    counts: bool
    part: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Protected:
    """A table as it may be shown, and what stays at home of it.

    cube: cells that are not shown are status Q and empty in every array; no salt is drawn yet.
    reasons: of each key of the layout, "" where it is shown; else the first rule that hides it, by its field in
        `Rules`, or SECONDARY.
    whole: why every cell is hidden; "" where that is not so.
    kept: what later tables are protected together with.
    """

    cube: Cube
    reasons: tuple[str, ...]
    whole: str
    kept: tuple[Kept, ...]

    @property
    def withheld(self) -> NDArray[np.int64]:
        """1 for each key that a sum without noise may not have from this member: the ones that its own table hides.

        So no sum tells what a table does not (SEAL, Protect, then seal).
        """
        return np.asarray([reason != "" for reason in self.reasons], "<i8")


def rules(own: National, norm: Norm | None) -> Rules:
    """What a member's own tables are protected by: its policy, or the norm's threshold where that asks more."""
    return replace(own.rules, threshold=max(own.threshold, norm.protection.threshold if norm else 1))


def parents(norm: Norm) -> dict[str, dict[str, str]]:
    """By dimension, the group that each code of its list is a part of."""
    structure = norm.structure
    return {dimension.id: structure.codelist(dimension.codelist).groups for dimension in structure.dimensions}


def protected(
    cube: Cube,
    rules: Rules,
    *,
    measures: Mapping[str, Measured],
    largest: NDArray[np.int64] | None = None,
    earlier: Sequence[Kept] = (),
    own: Sequence[Kept] = (),
    parents: Mapping[str, Mapping[str, str]] | None = None,
    touched: int = 1,
    margins: Margins | None = None,
    lost: str = "",
    chance: Chance | None = None,
    tell: Tell = SILENT,
) -> Protected:
    """What may be shown of a table; the same for the same arguments and the same version of the solver.

    Args:
        cube: as counted.
        measures: those that add up, by their ids in the layout.
        largest: (n, parts, cells) sizes of the largest contributors' parts of each cell; None: nobody knows them.
        earlier: what was decided on before of the same people and period, oldest first.
        own: what was decided on before for this very question. Counted the same again, it has the same pattern; else
            it is one of the earlier ones, as it is where the rules of today find more cells.
        parents: by dimension, the group of each code.
        touched: cells of the layout that one person may stand in.
        margins: contributors of every margin, as they were counted; None: they are bounded by those of the cells.
        lost: a word of `together.WHOLE` if the caller knows that the rules cannot be kept.
        chance: for rounding and cell keys.

    Raises:
        ConfigError: a threshold below 1, a way that is not here (noise), or nothing to draw from.
        FormatError: a total above 2^53, by its measure.
    """
    if rules.threshold < 1:
        raise ConfigError("no threshold", where="threshold", found=str(rules.threshold), wanted="1 or more")
    if rules.way == "noise" or (rules.way != "suppression" and chance is None):
        raise ConfigError("no way to protect a table here", where="way", found=rules.way, wanted="suppression")
    rules, known = rules.pooled(touched), (measures, largest, parents or {}, touched, margins)
    try:
        asked = dict(_tables(cube, rules, *known))
        if rules.way == "suppression" and altered_before((*earlier, *own)):
            raise Lost("way")
        if own and rules.way == "suppression" and (again := _again(cube, rules, asked, own)) is not None:
            return again
        if lost:
            raise Lost(lost)
        if rules.way == "suppression" or chance is None:
            return _decided(cube, rules, asked, [*earlier, *own], tell)
        return _altered(cube, rules, measures, asked, altered(asked, rules, [*earlier, *own], chance, tell))
    except Lost as e:
        plain = replace(rules, p=0, dominance=())
        return _hidden(cube, plain, dict(_tables(cube, plain, *known)), str(e))


def _tables(
    cube: Cube,
    rules: Rules,
    measures: Mapping[str, Measured],
    largest: NDArray[np.int64] | None,
    parents: Mapping[str, Mapping[str, str]],
    touched: int,
    margins: Margins | None,
) -> Iterator[tuple[str, Table]]:
    """The persons, then each measure that adds up and is not the same number again, with all margins.

    A measure with a value below 0 is left out: it is not known to be 0 or more, so that whatever is not given away of
    the persons of a cell leaves it any value at all. Rules that compare its parts cannot be kept.
    """
    layout = cube.layout
    axes = [(axis.id, axis.codes) for axis in layout.dimensions]
    values = cube.values.reshape(len(layout.measures), layout.cells)
    number = cube.contributors.reshape(values.shape).max(axis=0).astype(np.int64)

    def extended(values: NDArray[np.int64], *, counts: bool, part: int | None = None) -> Table:
        known = None if part is None or largest is None else largest[:, part]
        counted = None if margins is None else margins.of(None if known is None else part)
        return tables.extended(
            axes, values, number, known, counts=counts, parents=parents, touched=touched, counted=counted
        )

    yield PERSONS, extended(number, counts=True)
    for measure, row in zip(layout.measures, values, strict=True):
        if (one := measures.get(measure.id)) is None or (one.counts and (row == number).all()):
            continue
        if (row < 0).any():
            if rules.p or rules.dominance:
                raise Lost("values")
            continue
        table = extended(row, counts=one.counts, part=one.part)
        refuse_values(table, measure.id)  # here the measure has its own name still
        yield one.what, table


def _decided(cube: Cube, rules: Rules, asked: Mapping[str, Table], earlier: Sequence[Kept], tell: Tell) -> Protected:
    """A pattern that is safe for every table, or `Lost`."""
    hidden = np.zeros(next(iter(asked.values())).cells, np.bool_)
    judged: dict[str, Together] = {}
    for what, table in asked.items():
        blanked = replace(table, status=np.where(hidden, HIDDEN, OPEN).astype(np.uint8))
        one = judged[what] = together.join(blanked, rules, [kept for kept in earlier if kept.what == what])
        together.refuse_dense(one.problem)
        found = choose(one.problem, effort=EFFORT, tell=tell)
        if found.unprotectable.size:
            raise Lost("unprotectable")
        hidden = hidden | one.needs.primary | found.suppressed[one.places]
    for one in judged.values():
        blanks = one.problem.shut.copy()
        np.logical_or.at(blanks, one.places, hidden & one.problem.open[one.places])
        if len(judged) > 1 and attacker.breaches(one.problem, blanks, tell=tell):
            raise Lost("unprotectable")
    peopled = _peopled(cube)
    if peopled.sum() == 1 and hidden[tables.finest(asked[PERSONS])][peopled].all():
        raise Lost("one-cell")
    return _shown(cube, asked, {what: one.needs for what, one in judged.items()}, hidden)


def _peopled(cube: Cube) -> Mask:
    """Keys that anybody stands in."""
    shape = (len(cube.layout.measures), cube.layout.cells)
    return np.asarray(((cube.contributors > 0) | (cube.values != 0)).reshape(shape).any(axis=0))


def altered_before(earlier: Sequence[Kept]) -> bool:
    """Whether any figure was shown otherwise than it was counted: the true one beside it would undo that."""
    return any(bool((kept.table.status == OPEN).any()) for kept in earlier)


def _again(cube: Cube, rules: Rules, asked: Mapping[str, Table], own: Sequence[Kept]) -> Protected | None:
    """What was decided on for the same question; None if it was counted otherwise now, or the rules ask for more."""
    before = {kept.what: kept for kept in own}
    if before.keys() != asked.keys() or not all(_same(table, before[what].table) for what, table in asked.items()):
        return None
    hidden = before[PERSONS].hidden
    try:
        if any((needs(table, rules).primary & ~hidden).any() for table in asked.values()):
            return None
    except (ConfigError, FormatError):  # as `together.join` says of it
        return None
    return Protected(
        cube=_blank(cube, hidden[tables.finest(asked[PERSONS])]),
        reasons=_reasons(asked[PERSONS], own, hidden),
        whole="",
        kept=tuple(own),
    )


def _same(one: Table, other: Table) -> bool:
    same = (one.values == other.values).all() and (one.number == other.number).all()
    return one.variables == other.variables and bool(same)


def plain(cube: Cube) -> Protected:
    """A table that is protected elsewhere: every cell as it was counted, and nothing to be protected together with."""
    return Protected(cube=cube, reasons=("",) * cube.layout.cells, whole="", kept=())


def blank(cube: Cube, why: str) -> Protected:
    """Nothing is shown, and nothing is kept of it."""
    every = np.ones(cube.layout.cells, np.bool_)
    return Protected(cube=_blank(cube, every), reasons=(SECONDARY,) * cube.layout.cells, whole=why, kept=())


def _hidden(cube: Cube, rules: Rules, asked: Mapping[str, Table], why: str) -> Protected:
    """Nothing is shown; what the rules ask of it without knowing the largest parts is kept, for later tables."""
    every = np.ones(next(iter(asked.values())).cells, np.bool_)
    return replace(_shown(cube, asked, {what: needs(table, rules) for what, table in asked.items()}, every), whole=why)


def _shown(cube: Cube, asked: Mapping[str, Table], found: Mapping[str, Needs], hidden: Mask) -> Protected:
    kept = tuple(
        Kept(
            what=what,
            table=replace(
                table,
                status=np.where(hidden, HIDDEN, SHOWN).astype(np.uint8),
                largest=np.zeros((0, table.cells), np.int64),
            ),
            published=np.where(hidden, 0, table.values),
            primary=found[what].primary,
            upper=found[what].upper,
            lower=found[what].lower,
            alone=found[what].alone,
        )
        for what, table in asked.items()
    )
    return Protected(
        cube=_blank(cube, hidden[tables.finest(asked[PERSONS])]),
        reasons=_reasons(asked[PERSONS], list(found.values()), hidden),
        whole="",
        kept=kept,
    )


def _altered(
    cube: Cube,
    rules: Rules,
    measures: Mapping[str, Measured],
    asked: Mapping[str, Table],
    found: Mapping[str, tuple[Needs, NDArray[np.int64]]],
) -> Protected:
    """Every cell, none as it was counted; `Lost` where the cube holds anything that is no count."""
    shown = {what: published[tables.finest(asked[what])] for what, (_, published) in found.items()}
    rows = []
    for measure in cube.layout.measures:
        if (one := measures.get(measure.id)) is None or not one.counts or cube.sampling.any():
            raise Lost("sums")
        rows.append(shown.get(one.what, shown[PERSONS]))
    kept = tuple(
        Kept(
            what=what,
            table=replace(table, largest=np.zeros((0, table.cells), np.int64)),
            published=found[what][1],
            primary=found[what][0].primary,
            upper=found[what][0].upper,
            lower=found[what][0].lower,
            alone=found[what][0].alone,
        )
        for what, table in asked.items()
    )
    persons = np.tile(shown[PERSONS], len(rows))
    changed = replace(
        cube,
        values=np.concatenate(rows).astype("<i8"),
        noise=np.full(cube.layout.length, variance(rules), "<f8"),
        contributors=persons.astype("<i4"),
    )
    return Protected(cube=changed, reasons=("",) * cube.layout.cells, whole="", kept=kept)


def _reasons(table: Table, found: Sequence[Needs | Kept], hidden: Mask) -> tuple[str, ...]:
    """Of each of the finest cells, the first rule that hides it."""
    words = np.where(hidden, SECONDARY, "").astype(object)
    for asked in reversed(found):
        words[asked.primary] = PRIMARY
        for rule, cells in asked.rules.items() if isinstance(asked, Needs) else ():
            words[cells] = rule
    return tuple(words[tables.finest(table)].tolist())


def _blank(cube: Cube, hidden: Mask) -> Cube:
    """The cube without anything of the hidden keys."""
    hide = np.tile(hidden, len(cube.layout.measures))
    return Cube(
        layout=cube.layout,
        values=np.where(hide, 0, cube.values).astype("<i8"),
        sampling=np.where(hide, 0.0, cube.sampling).astype("<f8"),
        noise=np.where(hide, 0.0, cube.noise).astype("<f8"),
        status=np.where(hide, SUPPRESSED, cube.status).astype("u1"),
        contributors=np.where(hide, 0, cube.contributors).astype("<i4"),
        salt=cube.salt,
    )
