"""What an officer should know of a source before it answers: its universe, its persons, its weights, its strata.

Counts and sums alone, the same for every engine; what a table holds of a norm's codes is `coverage`'s.
"""

from typing import TYPE_CHECKING, Any

from comity.adapters.tables import coverage, lots
from comity.adapters.tables import design as sampling
from comity.adapters.tables.bound import universe
from comity.adapters.tables.engine import Engine
from comity.adapters.tables.spelling import is_one_of, kinds, number, text, unanswered
from comity.errors import SourceError
from comity.model.inspection import Inspection, Weights
from comity.model.norm import Norm
from comity.model.source import Binding, Design, Source, Stage
from comity.stages import collect
from comity.stages.collect import Reading

if TYPE_CHECKING:
    import ibis


def inspected(by: Engine, source: Source, norm: Norm, binding: Binding) -> Inspection:
    """Inspect the rows of every period that the binding knows; SourceError if a column that it names is missing."""
    unit, time = (collect.reading(norm, binding, norm.variable(name)) for name in (norm.unit, norm.period))
    conditions = collect.conditions(binding)
    numbers = collect.bounded(norm, binding)
    of = {one.column: "the universe" for one in conditions}
    wanted = collect.wanted((unit, time, *numbers.values())) | of | _sampling(binding)
    with by.opened(source, wanted) as table:
        collect.fits(kinds(table), wanted, where=source.id)
        period = table[time.column]
        rows = table.filter(is_one_of(period, tuple(time.codes)) if time.codes else text(period).notnull())
        inside = universe(rows, conditions, by)
        persons = coverage.uniqueness(inside, unit, time, by)
        lonely, torn = _strata(rows, binding.design, unit, time, by)
        return Inspection(
            beside=_number(rows.count()) - persons.rows,
            nameless=persons.nameless,
            several=persons.repeated,
            weights=_weights(inside, binding.weight, unit, time, by) if binding.weight else None,
            lonely=lonely,
            torn=torn,
            unanswered=_unanswered(inside, tuple(numbers.values())),
            refused=_refused(rows, binding.design, unit, time, by, where=source.id),
            unbound=tuple(one.id for one in norm.variables if one.id not in {entry.variable for entry in binding.maps}),
        )


def _sampling(binding: Binding) -> dict[str, str]:
    """Columns of weight and design, and what each is for."""
    design = binding.design
    replicates = design.replicates.columns if design.replicates else ()
    found = {
        **dict.fromkeys(replicates, "a replicate weight"),
        **{stage.cluster: "a stage of sampling" for stage in design.stages},
        **{stage.population: "the population of a stage" for stage in design.stages},
        design.strata: "the strata",
        binding.weight: "the weight",
    }
    return {column: what for column, what in found.items() if column}


def _weights(rows: "ibis.Table", column: str, unit: Reading, time: Reading, by: Engine) -> Weights:
    weight = number(rows[column], by)
    counts = (weight >= 0).fill_null(False)
    of = rows.select(w=weight, counts=counts, unit=text(rows[unit.column]), period=text(rows[time.column]))
    facts = of.agg(
        missing=of.count(where=of["w"].isnull()),
        negative=of.count(where=(of["w"] < 0).fill_null(False)),
        zero=of.count(where=(of["w"] == 0).fill_null(False)),
        sum=of["w"].sum(where=of["counts"]).fill_null(0.0),
        least=of["w"].min(where=of["counts"]).fill_null(0.0),
        most=of["w"].max(where=of["counts"]).fill_null(0.0),
    )
    (told,) = facts.to_pyarrow().to_pylist()
    named = of.filter(of["counts"] & of["unit"].notnull())
    most, sums, many = dict[str, float](), dict[str, float](), lots.grouped(named, "unit", by)
    for place in range(many):
        added = lots.lot(named, "unit", place, many).group_by("period", "unit").agg(w=lambda t: t.w.sum())
        each = added.group_by("period").agg(most=lambda t: t.w.max(), sum=lambda t: t.w.sum())
        for row in each.to_pyarrow().to_pylist():
            period = row["period"]
            most[period] = max(most.get(period, 0.0), row["most"])
            sums[period] = sums.get(period, 0.0) + row["sum"]
    share = max((most[period] / size for period, size in sums.items() if size > 0), default=0.0)
    return Weights(**told, share=share)


def _strata(rows: "ibis.Table", design: Design, unit: Reading, time: Reading, by: Engine) -> tuple[int, int]:
    """Strata with one unit of the first stage, and with several populations; outside the universe is drawn, too."""
    if design == Design() or design.replicates:
        return 0, 0
    first = design.stages[0] if design.stages else Stage()
    drawn = rows.select(
        period=text(rows[time.column]),
        strata=_or_one(rows, design.strata),
        unit=text(rows[first.cluster or unit.column]),
        population=_or_one(rows, first.population),
    )
    lonely, torn, many = 0, 0, lots.grouped(drawn, "unit", by) if design.strata else 1
    for place in range(many):
        groups = (
            lots.lot(drawn, "strata", place, many)
            .group_by("period", "strata")
            .agg(
                units=lambda t: t.unit.nunique(),
                certain=lambda t: (t.population == "1").any(),
                populations=lambda t: t.population.nunique(),
            )
        )
        lonely += _number(groups.filter((groups["units"] == 1) & ~groups["certain"].fill_null(False)).count())
        torn += _number(groups.filter(groups["populations"] > 1).count())
    return lonely, torn


def _refused(rows: "ibis.Table", design: Design, unit: Reading, time: Reading, by: Engine, *, where: str) -> str:
    """What the first period is refused with whose sample is none (`design.sound`)."""
    if design == Design():
        return ""
    values: dict[str, list[str]] = {}
    period = rows[time.column]
    known = time.codes or {
        one: one for one in text(period).name("p").as_table().distinct().to_pyarrow()["p"].to_pylist()
    }
    for value, code in known.items():
        values.setdefault(code, []).append(value)
    for _, of in sorted(values.items()):
        try:
            sampling.sound(rows.filter(is_one_of(period, of)), unit, design, by, where=where)
        except SourceError as e:
            return str(e)
    return ""


def _unanswered(rows: "ibis.Table", readings: tuple[Reading, ...]) -> dict[str, int]:
    """Rows without an answer to each of the numbers, in one pass."""
    if not readings:
        return {}
    counts = {f"c{i}": rows.count(where=unanswered(rows[one.column], one)) for i, one in enumerate(readings)}
    (found,) = rows.agg(**counts).to_pyarrow().to_pylist()
    return {one.variable: found[f"c{i}"] for i, one in enumerate(readings)}


def _or_one(rows: "ibis.Table", column: str) -> Any:
    import ibis

    return text(rows[column]) if column else ibis.literal("")


def _number(count: Any) -> int:
    return int(count.to_pyarrow().as_py())
