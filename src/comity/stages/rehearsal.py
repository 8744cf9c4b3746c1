"""Made-up people who answer as a norm asks: for training, and for who wants to see a study before there are data.

Decides every value by the norm, the study's periods and a seed; no data are read and no dice thrown, so that the same
seed makes the same people. They obey the norm: each answer is a code of its list or a number between its bounds, no
answer is missing, and where the norm lets a person touch several cells some stand in several rows. They tell nothing of
anybody. Writes no file: see `services.node.rehearsing`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final

from comity import canon
from comity.errors import UsageError
from comity.model.norm import Norm, Variable
from comity.model.structure import TOTAL
from comity.model.study import Study

ID: Final = "synthetic"  # of source and binding
STRATA: Final = 4
CLUSTERS: Final = 5  # of each stratum
FEWEST: Final = 2 * STRATA  # persons of a period: two clusters in each stratum
MOST: Final = 100_000
SPAN: Final = 100  # of a number with one bound
BESIDE: Final = ("weight", "stratum", "cluster")  # columns that no norm asks for
ROWS: Final = 3  # of one person at most
REMARK: Final = "SYNTHETIC: made up from the norm alone, these rows are nobody's answers."


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """Made-up people, a column each as text, in rows of equal length; and the binding that reads them, as TOML."""

    columns: dict[str, tuple[str, ...]]
    binding: str


def rehearsal(study: Study, norm: Norm, *, seed: str, persons: int) -> Rehearsal:
    """People for a study of a norm.

    Args:
        seed: any text; the same one makes the same people.
        persons: of each period of the study.

    Raises:
        UsageError: fewer or more persons than are made, or a variable that nobody could answer.
    """
    if not FEWEST <= persons <= MOST:
        raise UsageError("not so many persons", where="persons", found=str(persons), wanted=f"{FEWEST} to {MOST}")
    mapped = [one for one in norm.variables if one.id in (norm.unit, norm.period) or _answered(one)]
    names = _names([one.id for one in mapped])
    weight, stratum, cluster = _beside(names)
    rows = [
        (
            *(_value(norm, one, seed, who, row, period) for one in mapped),
            f"{Decimal(100 + _draw(seed, 'weight', who, below=300)).scaleb(-2)}",
            str(1 + place % STRATA),
            str(1 + place % STRATA * CLUSTERS + place // STRATA % CLUSTERS),
        )
        for period in dict.fromkeys(one.value for one in study.periods)
        for place in range(persons)
        for who in [f"S{place + 1:06}"]
        for row in range(_rows(norm, seed, f"{period} {who}"))
    ]
    columns = (*names, weight, stratum, cluster)
    return Rehearsal(
        columns={name: tuple(row[at] for row in rows) for at, name in enumerate(columns)},
        binding="\n".join(_binding(norm, mapped, names, weight, stratum, cluster)) + "\n",
    )


def _answered(variable: Variable) -> bool:
    """Whether the norm says what an answer to a variable is."""
    return variable.codelist is not None or variable.least is not None or variable.most is not None


def _rows(norm: Norm, seed: str, who: str) -> int:
    """Rows of one person in one period: one, unless the norm lets a person touch several cells."""
    once = any(rule.kind == "unique" and {*rule.of} <= {norm.unit, norm.period} for rule in norm.rules)
    return 1 if once else 1 + _draw(seed, "rows", who, below=min(norm.protection.cells, ROWS))


def _value(norm: Norm, variable: Variable, seed: str, who: str, row: int, period: str) -> str:
    if variable.id == norm.unit:
        return who
    if variable.id == norm.period:
        return period
    drawn = (seed, variable.id, period, who, str(row))
    if variable.codelist is None:
        least, step, steps = _numbers(norm, variable)
        return f"{least + step * _draw(*drawn, below=steps + 1):f}"
    listed = norm.structure.codelist(variable.codelist).ids
    codes = [code for code in listed if code != TOTAL and code not in variable.missing]
    if not codes:
        raise UsageError("nobody could answer this variable", where=f"norm {norm.name}: {variable.id}", found="no code")
    return codes[min(_draw(*drawn, end, below=len(codes)) for end in ("a", "b"))]  # the first codes are the usual ones


def _numbers(norm: Norm, variable: Variable) -> tuple[Decimal, Decimal, int]:
    """The least number, the step from one to the next, and how many steps there are; within the norm's range rules."""
    rules = [rule for rule in norm.rules if rule.kind == "range" and rule.of == (variable.id,)]
    lows = [Decimal(low) for low in (variable.least, *(rule.least for rule in rules)) if low is not None]
    highs = [Decimal(high) for high in (variable.most, *(rule.most for rule in rules)) if high is not None]
    least = max(lows) if lows else min(highs) - SPAN
    most = min(highs) if highs else least + SPAN
    if least > most:
        raise UsageError("no number lies within the norm's rules", where=f"norm {norm.name}: {variable.id}")
    whole = most - least >= SPAN / 10
    step = Decimal(1) if whole else (most - least) / 100 or Decimal(1)
    if whole:
        least, most = least.to_integral_value(ROUND_CEILING), most.to_integral_value(ROUND_FLOOR)
    return least, step, int((most - least) / step)


def _draw(*of: str, below: int) -> int:
    """A number of 0 and more that everybody draws alike."""
    return int(canon.hex_of(canon.digest("\x1f".join(of).encode())), 16) % below


def _names(ids: Sequence[str]) -> tuple[str, ...]:
    """A column for each variable; to a database a name in other letters is the same name."""
    folded = [id.casefold() for id in ids]
    return tuple(id if folded.count(id.casefold()) == 1 else f"{id}_{at}" for at, id in enumerate(ids))


def _beside(names: Sequence[str]) -> tuple[str, ...]:
    """Names for what no variable of a norm is."""
    taken = {name.casefold() for name in names}
    return tuple(next(name for name in (one, f"{one}_", f"{one}__") if name not in taken) for one in BESIDE)


def _binding(
    norm: Norm, mapped: Sequence[Variable], names: Sequence[str], weight: str, stratum: str, cluster: str
) -> Iterator[str]:
    yield f"# {REMARK}"
    yield f'id = "{ID}"'
    yield 'version = "1"'
    yield f"norm = {_text(norm.name)}"
    yield f"weight = {_text(weight)}"
    yield f"design = {{ strata = {_text(stratum)}, stages = [{{ cluster = {_text(cluster)} }}] }}"
    for variable, name in zip(mapped, names, strict=True):
        yield ""
        yield "[[maps]]"
        yield f"variable = {_text(variable.id)}"
        yield f"column = {_text(name)}"


def _text(item: str) -> str:
    """A text in TOML, whose basic strings escape as JSON's do."""
    return canon.encode(item).decode().replace("\x7f", "\\u007f")
