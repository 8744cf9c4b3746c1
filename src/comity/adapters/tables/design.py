"""Totals of a sample's design: what the units of each stage add to each cell, as squares and products of sums.

The Ibis half of `stages.variance`, the same for every engine. Units are counted over all rows of the period: whoever is
outside the universe, or gave no answer, was drawn all the same. Only sums over groups of units leave the engine. Which
person adds what to which cell is `bounded`'s.

A product of two int64 is a decimal of 38 digits, and so is every sum of them as long as what all persons add, without
their signs, is below 2^63; that is checked first.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from comity.adapters.tables import lots, replicated, wide
from comity.adapters.tables.bound import CELL, UNIT
from comity.adapters.tables.engine import Engine
from comity.adapters.tables.spelling import text, unanswered
from comity.errors import SourceError
from comity.model.source import Design, Stage
from comity.stages import drawing, variance
from comity.stages.collect import Reading
from comity.stages.compute import Plan
from comity.stages.variance import Draw, Drawn, Pair, Spread, Totals

if TYPE_CHECKING:
    import ibis

_STRATA: Final = "comity:strata"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one lot says of the totals.

    drawn: ways of drawing, down to each stage -> groups that were drawn so. sizes: of each measure that might be too
    large, the sum of what persons add, without signs.
    """

    totals: Totals
    drawn: Mapping[tuple[Draw, ...], int]
    sizes: Mapping[str, int]


def sound(rows: "ibis.Table", unit: Reading, design: Design, by: Engine, *, where: str) -> None:
    """Refuse a sample of strata and stages of which no variance could be made, as a count would; nothing is counted.

    Args:
        rows: of one period, or of several that are told apart by strata and persons.
        where: the source.
    """
    placed(rows, unit, design, by, unique=False, where=where)
    stages, drawn = drawing.stages(design, where=where), dict[tuple[Draw, ...], int]()
    many = lots.grouped(rows, unit.column, by) if design.strata else 1
    for place in range(many):
        frame = _frame(lots.lot(rows, design.strata, place, many), unit, design, stages, unique=False)
        for draws, groups in _ways(frame, stages, where=where)[1].items():
            drawn[draws] = drawn.get(draws, 0) + groups
    drawing.insist(stages, drawn, strata=design.strata, where=where)


def placed(rows: "ibis.Table", unit: Reading, design: Design, by: Engine, *, unique: bool, where: str) -> None:
    """Refuse persons whose place in a design of strata and stages is not known, or who have two.

    Args:
        rows: of the period, as they are in the source.
        unique: each of them is another person.
        where: the source.
    """
    stages = drawing.stages(design, where=where)
    names = {_STRATA: design.strata} | {_cluster(i): stage.cluster for i, stage in enumerate(stages)}
    names |= {_population(i): stage.population for i, stage in enumerate(stages)}
    names = {column: name for column, name in names.items() if name}
    found = dict.fromkeys(("rows", "persons", *names), 0)
    many = 1 if unique else lots.grouped(rows, unit.column, by)
    for place in range(many):
        frame = _frame(lots.lot(rows, unit.column, place, many), unit, design, stages, unique=unique)
        persons = frame.count() if unique else frame[UNIT].nunique()
        holes = {column: frame[column].isnull().sum().fill_null(0) for column in names}
        for name, n in frame.agg(rows=frame.count(), persons=persons, **holes).to_pyarrow().to_pylist()[0].items():
            found[name] += n
    if lost := {name: found[column] for column, name in names.items() if found[column]}:
        raise SourceError(
            "persons of the sample have no place in its design",
            where=f"{where}: {', '.join(lost)}",
            found=f"{max(lost.values())} persons without a value",
            wanted="a value in every row of the period",
            way_out="fill the column, or leave the design out of the binding",
        )
    if twice := found["rows"] - found["persons"]:
        raise SourceError(
            "persons stand in two places of the sample's design",
            where=f"{where}: {', '.join(names.values())}",
            found=f"{twice} further places",
            wanted="one stratum, cluster and population for all rows of a person",
            way_out="correct the columns of the design",
        )


def part(
    rows: "ibis.Table",
    parts: "ibis.Table",
    plan: Plan,
    *,
    unique: bool,
    most: int,
    again: Callable[[Sequence[str]], "ibis.Table"],
) -> Part:
    """What the variances of a plan with a design are made of, in one lot: of persons, or of strata if it has any.

    Args:
        rows: of the period, as they are in the source, `placed`.
        parts: what each person adds to each cell that was kept, cut to the measures' bounds: one row for a UNIT (as
            text, or as the source has it) and a CELL, with an int64 for each term.
        unique: each row is another person.
        most: parts there are at most.
        again: with columns of weights, what rows add by a weight of 1 to the parts that were kept, before any cut:
            UNIT, CELL, terms, and beside them each of the weights (`bound.weighing`).

    Raises:
        SourceError: the columns of the design are no design: see `stages.drawing`.
    """
    design = plan.design or Design()
    pairs = variance.pairs(plan.layout, plan.method.card.needs.moments)
    if design.replicates:
        return Part(totals=replicated.totals(plan, pairs, design.replicates, again), drawn={}, sizes={})
    stages = drawing.stages(design, where=plan.source.id)
    sizes = _sizes(parts, plan, most)
    _fit(sizes, plan)
    return _drawn(_frame(rows, plan.unit, design, stages, unique=unique), parts, plan, pairs, stages, sizes)


def totals(lots: Sequence[Part], plan: Plan) -> Totals:
    """Those of all lots; SourceError as of `part`."""
    design = plan.design or Design()
    sizes, drawn = dict[str, int](), dict[tuple[Draw, ...], int]()
    for lot in lots:
        for id, size in lot.sizes.items():
            sizes[id] = sizes.get(id, 0) + size
        for draws, groups in lot.drawn.items():
            drawn[draws] = drawn.get(draws, 0) + groups
    _fit(sizes, plan)
    if not design.replicates:
        stages = drawing.stages(design, where=plan.source.id)
        drawing.insist(stages, drawn, strata=design.strata, where=plan.source.id)
    return variance.added([lot.totals for lot in lots])


def _drawn(
    frame: "ibis.Table",
    parts: "ibis.Table",
    plan: Plan,
    pairs: Sequence[Pair],
    stages: Sequence[Stage],
    sizes: Mapping[str, int],
) -> Part:
    groups, drawn = _ways(frame, stages, where=plan.source.id)
    spreads = [
        spread
        for depth in range(len(stages))
        for spread in _spreads(frame, parts, groups[depth], stages[: depth + 1], plan, pairs)
    ]
    return Part(totals=Drawn(pairs=tuple(pairs), spreads=tuple(spreads)), drawn=drawn, sizes=sizes)


def _frame(rows: "ibis.Table", unit: Reading, design: Design, stages: Sequence[Stage], *, unique: bool) -> "ibis.Table":
    """Every person of the period with its place in the design, as texts; once, if it has one place."""
    import ibis

    id = rows[unit.column]
    columns = {UNIT: id if id.type().is_integer() else text(id)}
    columns[_STRATA] = text(rows[design.strata]) if design.strata else ibis.literal("")
    for i, stage in enumerate(stages):
        if stage.cluster:
            columns[_cluster(i)] = text(rows[stage.cluster])
        if stage.population:
            columns[_population(i)] = text(rows[stage.population])
    found = rows.filter(~unanswered(id, unit)).select(**columns)
    return found if unique else found.distinct()


def _sizes(parts: "ibis.Table", plan: Plan, most: int) -> dict[str, int]:
    """Sizes of what persons add, of the terms whose sums of products might have more than 38 digits."""
    bounds = {one.id: one.bound for one in plan.layout.measures if one.id in plan.terms}
    doubtful = [id for id, bound in bounds.items() if most * bound > variance.LARGEST]
    if not doubtful:
        return {}
    sizes = {f"s{i}": wide.decimal(parts[id].abs()).sum().cast("string") for i, id in enumerate(doubtful)}
    found = parts.agg(**sizes).to_pyarrow().to_pylist()[0]
    return {id: int(found[f"s{i}"] or 0) for i, id in enumerate(doubtful)}


def _fit(sizes: Mapping[str, int], plan: Plan) -> None:
    if large := [id for id, size in sizes.items() if size > variance.LARGEST]:
        raise SourceError(
            "the sum of what all persons add is too large for a whole number of 64 bits",
            where=f"{plan.source.id}: {large[0]}",
            wanted="a smaller bound, or fewer decimals, of this measure",
            way_out="ask for a norm that counts this measure in larger units",
        )


def _groups(frame: "ibis.Table", depth: int, stages: Sequence[Stage], above: Sequence["ibis.Table"]) -> "ibis.Table":
    """The groups of one stage: their keys, and units and population (as text) of this stage and those above."""
    keys = _keys(depth)
    unit = _cluster(depth) if stages[depth].cluster else UNIT
    counts = {f"units{depth}": frame.count() if unit == UNIT else frame[unit].nunique()}
    if stages[depth].population:
        counts |= {f"least{depth}": frame[_population(depth)].min(), f"most{depth}": frame[_population(depth)].max()}
    found = frame.group_by(keys).agg(**counts)
    if depth == 0:
        return found
    outer = above[depth - 1]
    joined = found.inner_join(outer, [found[key] == outer[key] for key in _keys(depth - 1)])
    return joined.select(
        *(found[key] for key in keys),
        *(found[count] for count in counts),
        *(outer[way] for way in _way(stages[:depth])),
    )


def _ways(
    frame: "ibis.Table", stages: Sequence[Stage], *, where: str
) -> tuple[list["ibis.Table"], dict[tuple[Draw, ...], int]]:
    """The groups of each stage; and ways of drawing, down to each, with how many groups were drawn so."""
    groups: list[ibis.Table] = []
    drawn: dict[tuple[Draw, ...], int] = {}
    for depth in range(len(stages)):
        groups.append(_groups(frame, depth, stages, groups))
        drawn |= _drawn_so(groups[-1], stages[: depth + 1], where=where)
    return groups, drawn


def _drawn_so(groups: "ibis.Table", stages: Sequence[Stage], *, where: str) -> dict[tuple[Draw, ...], int]:
    found = groups.group_by(_way(stages)).agg(groups=groups.count()).to_pyarrow().to_pylist()
    drawn: dict[tuple[Draw, ...], int] = {}
    for row in found:
        draws = _draws(row, stages, where=where)
        drawn[draws] = drawn.get(draws, 0) + row["groups"]
    return drawn


def _spreads(
    frame: "ibis.Table",
    parts: "ibis.Table",
    groups: "ibis.Table",
    stages: Sequence[Stage],
    plan: Plan,
    pairs: Sequence[Pair],
) -> list[Spread]:
    depth, way, terms = len(stages) - 1, _way(stages), plan.terms
    keys = _keys(depth)
    members = parts.inner_join(frame, UNIT)
    if stages[depth].cluster:
        units = members.group_by([*keys, _cluster(depth), CELL]).agg(**{term: members[term].sum() for term in terms})
    else:
        units = members
    sums = {f"s{i}": units[term].sum() for i, term in enumerate(terms)}
    squares = {f"q{i}": wide.product(units[a], units[b]).sum() for i, (a, b) in enumerate(pairs)}
    by_group = units.group_by([*keys, CELL]).agg(**sums, **squares)
    joined = by_group.inner_join(groups, [by_group[key] == groups[key] for key in keys])
    placed = joined.select(
        by_group[CELL], *(by_group[name] for name in (*sums, *squares)), *(groups[name] for name in way)
    )
    at = {term: f"s{i}" for i, term in enumerate(terms)}
    products = {f"b{i}": wide.product(placed[at[a]], placed[at[b]]).sum() for i, (a, b) in enumerate(pairs)}
    found = placed.group_by([*way, CELL]).agg(**{f"q{i}": placed[f"q{i}"].sum() for i in range(len(pairs))}, **products)
    read = found.mutate(**{name: found[name].cast("string") for name in (*squares, *products)})
    return [
        Spread(
            draws=_draws(row, stages, where=plan.source.id),
            cell=row[CELL],
            squares=tuple(int(row[name]) for name in squares),
            products=tuple(int(row[name]) for name in products),
        )
        for row in read.to_pyarrow().to_pylist()
    ]


def _draws(row: dict[str, Any], stages: Sequence[Stage], *, where: str) -> tuple[Draw, ...]:
    """How a group was drawn, out of its row; SourceError for a population that is none, or not one for the group."""
    found = []
    for i, stage in enumerate(stages):
        units = row[f"units{i}"]
        if stage.population and row[f"least{i}"] != row[f"most{i}"]:
            raise SourceError(
                "a stage of sampling has several populations in one group",
                where=f"{where}: {stage.population}",
                found=f"{row[f'least{i}']} and {row[f'most{i}']}",
                wanted="one population for all units that were drawn from it",
                way_out="correct the column, or that of the strata or clusters",
            )
        size = drawing.population(row.get(f"least{i}"), units, stage=stage, where=where)
        found.append(Draw(units=units, population=size))
    return tuple(found)


def _cluster(i: int) -> str:
    return f"comity:stage:{i}"


def _population(i: int) -> str:
    return f"comity:population:{i}"


def _keys(depth: int) -> list[str]:
    """Of the groups that a stage draws out of; clusters are named within what they were drawn from."""
    return [_STRATA, *(_cluster(i) for i in range(depth))]


def _way(stages: Sequence[Stage]) -> list[str]:
    """Columns that say how a group was drawn."""
    return [
        name
        for i, stage in enumerate(stages)
        for name in ((f"units{i}", f"least{i}", f"most{i}") if stage.population else (f"units{i}",))
    ]
