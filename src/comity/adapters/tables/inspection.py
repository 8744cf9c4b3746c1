"""What an officer should know of a source before it answers: its universe, its persons, its weights, its strata.

Counts and sums alone, the same for every engine; what a table holds of a norm's codes is `coverage`'s.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from comity.adapters.tables import coverage, lots, replicated
from comity.adapters.tables import design as sampling
from comity.adapters.tables.bound import universe
from comity.adapters.tables.engine import Engine
from comity.adapters.tables.spelling import is_one_of, kinds, number, text, unanswered
from comity.errors import SourceError
from comity.model.inspection import Inspection, Weights
from comity.model.norm import Norm
from comity.model.source import Binding, Design, Source
from comity.stages import collect
from comity.stages.collect import Reading

if TYPE_CHECKING:
    import ibis

_APART: Final = "\x1f"  # stands in no period


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
        return Inspection(
            beside=_number(rows.count()) - persons.rows,
            nameless=persons.nameless,
            several=persons.repeated,
            weights=_weights(inside, binding.weight, unit, time, by) if binding.weight else None,
            unanswered=_unanswered(inside, tuple(numbers.values())),
            refused=_refused(rows, inside, binding, unit, time, by, where=source.id),
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


def _refused(
    rows: "ibis.Table", inside: "ibis.Table", binding: Binding, unit: Reading, time: Reading, by: Engine, *, where: str
) -> str:
    """With what a count that asks for variances would refuse these rows; all periods at once, each with strata and
    persons of its own. Whoever is outside the universe was drawn, too.
    """
    import ibis

    design = binding.design
    try:
        if design.replicates:
            replicated.insist(inside, binding.weight, design.replicates, by, where=where)
        elif design != Design():
            period, id = coverage.period(rows, time), rows[unit.column]
            person = ibis.ifelse(unanswered(id, unit), ibis.null("string"), period + _APART + text(id))
            strata = period + _APART + text(rows[design.strata]) if design.strata else period
            column = design.strata or time.column
            apart = rows.mutate(**{unit.column: person, column: strata})
            sampling.sound(apart, unit, replace(design, strata=column), by, where=where)
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


def _number(count: Any) -> int:
    return int(count.to_pyarrow().as_py())
