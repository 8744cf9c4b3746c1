"""What a source must hold to serve a norm: columns of readable kinds, and a binding that maps into the norm's lists.

Pure: columns and counts come in, errors go out. Opens no file (see `adapters.tables`) and counts nothing.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from math import floor
from typing import Final

from comity.errors import ConfigError, FormatError, SourceError
from comity.model import decimals as spelling
from comity.model.inspection import Weights
from comity.model.norm import Norm, Variable
from comity.model.source import Band, Binding, Coverage, Map

READABLE: Final = (
    "text",
    "whole number",
    "floating number",
    "true or false",
    "date",
)  # kinds with one spelling as text


OWN: Final = "comity:"  # how columns begin that a count puts beside the national ones (`adapters.tables`)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How one national column is read as one variable of a norm. Values are compared as text; NULL is no answer."""

    variable: str
    column: str
    codes: dict[str, str]  # national value -> code of the norm, or a number; empty: the same spelling
    missing: tuple[str, ...]  # national values
    list: tuple[str, ...]  # codes of the norm; empty for the unit and the period, which have none
    blank: tuple[str, ...]  # the norm's texts for no answer
    bands: tuple[Band, ...] = ()  # of numbers, instead of codes
    scale: str = "1"  # of numbers: the norm's unit for one of the national unit

    def meaning(self) -> dict[str, str | None]:
        """What each national value means: a code of the list, or None for no answer; any other one is outside it.

        A value in `missing` is no answer. Any other one is read by `codes`; or, where that is empty, as itself. What
        then is in `blank` is no answer.
        """
        codes = self.codes or {code: code for code in (*self.blank, *self.list)}
        read = {value: None if code in self.blank else code for value, code in codes.items()}
        return read | dict.fromkeys(self.missing)

    @property
    def nothing(self) -> tuple[str, ...]:
        """Of a column of numbers or of ids: national values that are no answer."""
        codes = {code: code for code in self.blank} | self.codes
        return tuple(dict.fromkeys([*self.missing, *(value for value, code in codes.items() if code in self.blank)]))

    @property
    def numbers(self) -> dict[str, Fraction]:
        """Of a column of numbers: national values that stand for a number, in the norm's unit. All others are read as
        they stand, times `scale`.
        """
        nothing = {*self.nothing}
        return {value: Fraction(code) for value, code in self.codes.items() if value not in nothing}


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """How one national column is read as a number: times `scale`, in units of 10^-decimals, rounded half up, and cut to
    least..most (in those units). A value in `reading.numbers` is the number that it stands for, exactly, whether it is
    one itself or not. Values in `reading.nothing`, NULL, NaN, infinity and what is no number are no answer.
    """

    reading: Reading
    decimals: int
    least: int
    most: int

    def standing(self) -> dict[str, int]:
        """What each value in `reading.numbers` adds, in units of 10^-decimals."""
        units = {v: floor(n * 10**self.decimals + Fraction(1, 2)) for v, n in self.reading.numbers.items()}
        return {value: max(self.least, min(self.most, number)) for value, number in units.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """`model.source.Filter`, read."""

    column: str
    values: tuple[str, ...]
    without: tuple[str, ...]
    least: float | None
    below: float | None


def number(norm: Norm, binding: Binding, variable: Variable, *, decimals: int) -> Number:
    """How a binding reads one variable as a number.

    Raises:
        ConfigError: as `reading`; or the variable has no bounds, so that nothing bounds what one person adds.
    """
    if variable.least is None or variable.most is None:
        raise ConfigError(
            "the variable has no bounds, so no method can add it up",
            where=f"norm {norm.name}: {variable.id}",
            wanted="least and most",
            way_out="ask for a norm that bounds it",
        )
    scaled = [Decimal(bound).scaleb(decimals) for bound in (variable.least, variable.most)]
    least, most = (int(bound.to_integral_value(ROUND_FLOOR)) for bound in scaled)
    return Number(reading=reading(norm, binding, variable), decimals=decimals, least=least, most=most)


def conditions(binding: Binding) -> tuple[Condition, ...]:
    """The universe of a binding, read; ConfigError for a bound that is no decimal."""
    return tuple(
        Condition(
            column=one.column,
            values=one.values,
            without=one.without,
            least=None if one.least is None else float(one.least),
            below=None if one.below is None else float(one.below),
        )
        for one in binding.universe
    )


def reading(norm: Norm, binding: Binding, variable: Variable) -> Reading:
    """How a binding reads one variable.

    Raises:
        ConfigError: the binding is for another norm, maps no column to the variable, maps to a code that its list does
            not have, or recodes a number to what is none, or by bands.
    """
    if binding.norm != f"{norm.id}/{norm.version}":
        raise ConfigError(
            "the binding is written for another norm",
            where=f"binding {binding.id}/{binding.version}",
            found=binding.norm,
            wanted=f"{norm.id}/{norm.version}",
        )
    entry = _map(binding, variable)
    where = f"binding {binding.id}/{binding.version}: {variable.id}"
    codes = norm.structure.codelist(variable.codelist).ids if variable.codelist else ()
    known = {*codes, *variable.missing}
    if codes and (wrong := sorted(set(entry.codes.values()) - known)):
        raise ConfigError(
            "the binding maps to codes that the norm does not have",
            where=where,
            found=", ".join(wrong),
            wanted=", ".join(sorted(known)[:12]),
            way_out="map these national values to codes of the list, or name them as missing",
        )
    if not codes and (variable.least is not None or variable.most is not None):
        _recodes_numbers(entry, variable, where=where)
    elif entry.codes and entry.scale != "1":
        raise ConfigError(
            "the binding has codes and a scale",
            where=where,
            found=entry.scale,
            wanted="a scale of numbers alone",
            way_out="see docs/binding.md",
        )
    return Reading(
        variable=variable.id,
        column=entry.column,
        codes=dict(entry.codes),
        missing=entry.missing,
        list=codes,
        blank=variable.missing,
        bands=entry.bands,
        scale=entry.scale,
    )


def _recodes_numbers(entry: Map, variable: Variable, *, where: str) -> None:
    """Refuse what a binding says of a column of numbers, unless each value in it is for a number or no answer."""
    wrong = [band.code for band in entry.bands]
    wrong += [code for code in entry.codes.values() if code not in variable.missing and not spelling.is_signed(code)]
    if wrong := sorted(set(wrong)):
        raise ConfigError(
            "the binding makes bands of a number" if entry.bands else "the binding recodes a number to what is none",
            where=where,
            found=", ".join(wrong),
            wanted=f"numbers from {variable.least or '-'} to {variable.most or '-'}, or national values for them",
            way_out='codes = { "none" = "0", "10+" = "10" }, see docs/binding.md',
        )
    if "" in entry.codes:
        raise ConfigError(
            "the binding takes an empty value for a number",
            where=where,
            found=entry.codes[""],
            wanted="values that are there: an empty one is no answer",
            way_out="write the number into the file where it is meant",
        )


def spelt(norm: Norm, binding: Binding) -> None:
    """Refuse a binding that maps a variable which the norm does not have: a misspelt one would be no answer at all."""
    known = {one.id for one in norm.variables}
    if wrong := [entry.variable for entry in binding.maps if entry.variable not in known]:
        raise ConfigError(
            "the binding maps to variables that the norm does not have",
            where=f"binding {binding.id}/{binding.version}",
            found=", ".join(wrong),
            wanted=", ".join(one.id for one in norm.variables),
            way_out="correct the name in the binding, then comity source bind",
        )


def bounded(norm: Norm, binding: Binding) -> dict[Variable, Reading]:
    """The variables that are numbers between bounds, as far as the binding maps them."""
    mapped = {entry.variable for entry in binding.maps}
    found = (one for one in norm.variables if (one.least is not None or one.most is not None) and one.id in mapped)
    return {one: reading(norm, binding, one) for one in found}


def wanted(readings: Iterable[Reading]) -> dict[str, str]:
    """Column of each reading, and the variable that it is for."""
    return {reading.column: reading.variable for reading in readings}


def has(columns: Collection[str], wanted: Mapping[str, str], *, where: str) -> None:
    """Refuse a source without the columns that are read.

    Args:
        wanted: each column, and what it is for.

    Raises:
        SourceError: with every missing column in its one line.
    """
    if missing := [name for name in wanted if name not in columns]:
        raise SourceError(
            f"no column {', '.join(missing)}",
            where=where,
            found=", ".join(columns) or "no column at all",
            wanted=", ".join(f"{name} (for {wanted[name]})" for name in missing),
            way_out="correct the column in the binding, or the file",
        )


def fits(columns: Mapping[str, str], wanted: Mapping[str, str], *, where: str) -> None:
    """Refuse a source without the columns that are read, or with one whose values have no one spelling as text.

    Args:
        columns: name of each column of the source, and its kind.
        wanted: each column that is read, and what it is for.

    Raises:
        SourceError: with every missing column in its one line.
    """
    has(columns, wanted, where=where)
    for name in wanted:
        if name.startswith(OWN):
            raise SourceError(
                "a column with a name that Comity keeps for its own",
                where=f"{where}: {name}",
                wanted=f"a name that does not begin with {OWN!r}",
                way_out="rename the column in the file, and in the binding",
            )
        if columns[name] not in READABLE:
            raise SourceError(
                "values of this column have no one spelling as text",
                where=f"{where}: {name}",
                found=columns[name],
                wanted=", ".join(READABLE),
                way_out="write the column as text or whole numbers",
            )


def insist(coverage: Coverage, *, where: str, of: str = "rows") -> None:
    """Refuse a source with answers that neither the binding nor the norm's lists know.

    For `comity source check`: an exchange counts such rows in the coverage and leaves them out of the cells.

    Args:
        of: what was counted: rows of a table, or cells of maps.
    """
    if coverage.outside:
        values = (
            f"{variable} {value!r} ({rows} {of})"
            for variable, found in coverage.unmapped.items()
            for value, rows in found.items()
        )
        raise SourceError(
            f"{coverage.outside} of {coverage.rows} {of} hold a code outside the list",
            where=where,
            found=", ".join(values),
            wanted="codes of the norm, or national values that the binding maps",
            way_out=f"add them to `codes` or `missing` of the binding; until then these {of} are left out",
        )


def insist_weighed(weights: Weights | None, *, where: str) -> None:
    """Refuse a source of which not one row has a weight that counts: another column has it, or it is spelt otherwise.

    Rows without a weight are missing, so that every table would be empty, and no code of any list would say why.
    """
    if weights is None or weights.most > 0 or not weights.missing + weights.negative + weights.zero:
        return
    raise SourceError(
        "not one row has a weight",
        where=where,
        found=f"{weights.missing} rows without a number, {weights.negative} below 0, {weights.zero} of 0",
        wanted="numbers, in texts with a point and no spaces: 250.08",
        way_out="correct the column, or `weight` of the binding",
    )


def _map(binding: Binding, variable: Variable) -> Map:
    try:
        return binding.map(variable.id)
    except FormatError:
        raise ConfigError(
            f"the binding maps no column to {variable.id}",
            where=f"binding {binding.id}/{binding.version}",
            found=", ".join(entry.variable for entry in binding.maps),
            wanted=f"a [[maps]] entry for {variable.id}",
        ) from None
