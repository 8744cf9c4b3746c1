"""A binding, drafted: which column may be which variable of a norm, and which national value which code.

Decides by three signs only, the same for everybody: the name, the label in words, and the codes. What they do not
settle is left open for the officer, in a list that no reader of bindings accepts (`model.source.read_binding`). Pure:
columns come in, text goes out. The text holds no value of a column but those that may be codes.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from comity import canon
from comity.errors import visible
from comity.model.norm import Norm, Variable
from comity.model.source import Band, Column
from comity.model.structure import Code
from comity.stages import signs

_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_READ: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")  # docs/binding.md
SHOWN: Final = 5  # columns or values that an open point names
NAME, LABEL, CODES = 6, 4, 2  # how much a sign says: name before label before codes, whatever share of them fits


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One variable as it is proposed.

    column: None if no column is proposed.
    codes: national value -> code, or the number that it stands for; empty: the same spelling.
    open: what the officer is to decide.
    bands: of a column of numbers, instead of codes.
    """

    variable: str
    column: Column | None
    codes: dict[str, str]
    missing: tuple[str, ...]
    open: tuple[str, ...]
    bands: tuple[Band, ...] = ()


def drafts(norm: Norm, columns: Sequence[Column]) -> tuple[Draft, ...]:
    """A draft for each variable of the norm, in its order."""
    found = [_draft(norm, variable, columns) for variable in norm.variables]
    taken = [draft.column.name for draft in found if draft.column]
    return tuple(_shared(draft, taken) for draft in found)


def points(drafted: Sequence[Draft], columns: Sequence[Column]) -> tuple[str, ...]:
    """What the officer is to decide: of each variable, and of how the sample was drawn (`signs.sample`)."""
    taken = {draft.column.name for draft in drafted if draft.column}
    free = [column for column in columns if column.name not in taken]
    of_variables = [f"{draft.variable}: {point}" for draft in drafted for point in draft.open]
    return (*of_variables, *(f"sample: {point}" for point in signs.sample(free)))


def text(norm: Norm, drafted: Sequence[Draft], columns: Sequence[Column] = (), *, id: str) -> str:
    """The binding as TOML, open points first.

    Args:
        columns: all of the file, for what its other columns may be.
    """
    lines = [
        f"# Drafted from the names, labels and codes of a file for: {_remark(norm.title)}.",
        "# Read every line before it is used.",
        "",
        f"id = {_value(id)}",
        'version = "1"',
        f"norm = {_value(norm.name)}",
        "deviations = []",
    ]
    undecided = points(drafted, columns)
    if undecided:
        lines += [
            "",
            "# Decide each point, then remove it; the binding is refused while one is left.",
            "open = [",
        ]
        lines += [*(f"    {_value(point)}," for point in undecided), "]"]
    for draft in drafted:
        lines += ["", *_map(norm, draft)]
    return "\n".join(lines) + "\n"


def _draft(norm: Norm, variable: Variable, columns: Sequence[Column]) -> Draft:
    signs = sorted(
        ((_sign(norm, variable, column), i) for i, column in enumerate(columns)), key=lambda s: (-s[0], s[1])
    )
    best = signs[0][0] if signs else 0.0
    alike = [columns[i] for sign, i in signs if sign == best and best > 0]
    if len(alike) != 1:
        which = f"one of {', '.join(repr(one.name) for one in alike[:SHOWN])}" if alike else "no column is like it"
        return Draft(variable=variable.id, column=None, codes={}, missing=(), open=(f"name the column: {which}",))
    (column,) = alike
    draft = _coded(norm, variable, column) if variable.codelist else _counted(variable, column)
    return _with(draft, f"{column.name!r} was found by its codes alone") if best < LABEL else draft


def _counted(variable: Variable, column: Column) -> Draft:
    """The column of a variable without codes; of a number, with what its values stand for by their labels."""
    values = sorted({*(column.values or ()), *column.labels} - {*column.missing}, key=_order)
    codes, points = {}, []
    for value in values if (variable.least, variable.most) != (None, None) else ():
        label, own = column.labels.get(value, ""), signs.number(value)
        said = f"{value!r} ({label})" if label else repr(value)
        meant = signs.number(label) or own
        if meant is None and not _READ.fullmatch(value):
            points.append(f"{said} is no number: name it in `codes` with what it stands for, or in `missing`")
        elif meant is not None and (meant != own or not _READ.fullmatch(value)):
            codes[value] = meant
            points.append(f"{said} is taken for {meant}: see that it is")
        elif label and _lies_beyond(variable, meant or value):
            points.append(f"{said} is beyond the norm's bounds and has a label: is it a number, or no answer?")
    return Draft(
        variable=variable.id,
        column=column,
        codes=codes,
        missing=column.missing,
        open=tuple(points[:SHOWN] + _more(points, "are to be looked at")),
    )


def _lies_beyond(variable: Variable, number: str) -> bool:
    least, most = (None if end is None else Decimal(end) for end in (variable.least, variable.most))
    return (least is not None and Decimal(number) < least) or (most is not None and Decimal(number) > most)


def _coded(norm: Norm, variable: Variable, column: Column) -> Draft:
    """The column of a coded variable, with what each of its values may mean."""
    if bands := _bands(norm, variable, column):
        point = f"{column.name!r} is taken for numbers: see that they count what the list of {variable.codelist} says"
        return Draft(variable=variable.id, column=column, codes={}, missing=column.missing, open=(point,), bands=bands)
    codes, missing, points = {}, [], []
    for value in sorted({*(column.values or ()), *column.labels}, key=_order):
        code = _meaning(norm, variable, column, value)
        if value in column.missing:
            missing.append(value)
        elif code is not None:
            codes[value] = code
        else:
            label = f" ({column.labels[value]})" if value in column.labels else ""
            points.append(f"{value!r}{label} is no code of {variable.codelist}")
    if column.values is None:
        points.append(f"{column.name!r} has more values than codes have; see that they are spelt as the norm's")
    if all(value == code for value, code in codes.items()):
        codes = {}
    return Draft(
        variable=variable.id,
        column=column,
        codes=codes,
        missing=tuple(missing),
        open=tuple(points[:SHOWN] + _more(points, "are no code")),
    )


def _bands(norm: Norm, variable: Variable, column: Column) -> tuple[Band, ...]:
    """The list's codes as ranges, if they are, and the column holds numbers that are no codes."""
    ranges = signs.bands(norm.structure.codelist(variable.codelist or "").codes)
    values = [value for value in column.values or () if value not in column.missing]
    coded = any(_meaning(norm, variable, column, value) is not None for value in (*values, *column.labels))
    return () if coded or not all(_NUMBER.fullmatch(value) for value in values) else ranges


def _sign(norm: Norm, variable: Variable, column: Column) -> float:
    """How much speaks for a column; 0: nothing."""
    names = {variable.id.casefold(), variable.concept.casefold()}
    words = {*names, *map(str.casefold, _words(norm, variable))}
    share = _share(norm, variable, column)
    if column.name.casefold() in names:
        return NAME + share
    if column.label.strip().casefold() in words:
        return LABEL + share
    return CODES + share if share > 0 and variable.codelist else 0.0


def _words(norm: Norm, variable: Variable) -> Iterator[str]:
    """What the norm calls a variable: the name of its dimension, and the question in every language."""
    yield from (one.name for one in norm.structure.dimensions if one.id == variable.concept)
    yield from (word for one in norm.questions if one.variable == variable.id for word in one.text.values())


def _share(norm: Norm, variable: Variable, column: Column) -> float:
    """The part of a column's values that are codes of the variable, if they are at least two and more than half."""
    if variable.codelist is None:
        return 0.0
    values = {*(column.values or ()), *column.labels} - {*column.missing}
    known = {value for value in values if _meaning(norm, variable, column, value) is not None}
    return len(known) / len(values) if len(known) > 1 and 2 * len(known) > len(values) else 0.0


def _meaning(norm: Norm, variable: Variable, column: Column, value: str) -> str | None:
    """The code of a national value: by its label where it has one, else by its own spelling, else by a code's name."""
    codes = norm.structure.codelist(variable.codelist).codes if variable.codelist else ()
    named = {name.casefold(): code.id for code in reversed(codes) for name in (*_names(code), code.id)}
    label = column.labels.get(value, "").strip().casefold()
    if label in named:
        return named[label]
    if value in variable.missing or any(code.id == value for code in codes):
        return value
    return named.get(value.strip().casefold()) if not label else None


def _names(code: Code) -> tuple[str, ...]:
    return (code.name, *code.names.values())


def _shared(draft: Draft, taken: Sequence[str]) -> Draft:
    """A column that was proposed for two variables is an open point of both."""
    if draft.column is None or taken.count(draft.column.name) == 1:
        return draft
    return _with(draft, f"{draft.column.name!r} is proposed for another variable, too")


def _with(draft: Draft, point: str) -> Draft:
    return replace(draft, open=(point, *draft.open))


def _map(norm: Norm, draft: Draft) -> Iterator[str]:
    """One [[maps]] entry; what the file and the norm call things stands beside it."""
    column = draft.column
    yield "[[maps]]"
    yield f"variable = {_value(draft.variable)}"
    yield f"column = {_value(column.name if column else '')}" + (
        f"  # {_remark(column.label)}" if column and column.label else ""
    )
    if draft.missing:
        yield f"missing = [{', '.join(map(_value, draft.missing))}]"
    if draft.bands:
        yield "bands = ["
        for band in draft.bands:
            sides = {"code": band.code, "least": band.least, "below": band.below}
            told = ", ".join(f"{name} = {_value(side)}" for name, side in sides.items() if side is not None)
            yield f"    {{ {told} }},"
        yield "]"
    if draft.codes and column:
        listed = norm.variable(draft.variable).codelist
        names = {code.id: code.name for code in norm.structure.codelist(listed).codes} if listed else {}
        yield "[maps.codes]"
        for value, code in draft.codes.items():
            said, meant = column.labels.get(value, value), names.get(code, "no answer" if listed else code)
            yield f"{_value(value)} = {_value(code)}  # {_remark(said)}: {_remark(meant)}"


def _more(points: Sequence[str], what: str) -> list[str]:
    return [f"{len(points) - SHOWN} more values {what}"] if len(points) > SHOWN else []


def _order(value: str) -> tuple[bool, int, str]:
    """Whole numbers by size, then texts."""
    whole = value.lstrip("-").isdecimal() and value.isascii() and len(value) < 19
    return (not whole, int(value) if whole else 0, value)


def _value(item: str) -> str:
    """A text in TOML, whose basic strings escape as JSON's do."""
    return canon.encode(item).decode().replace("\x7f", "\\u007f")


def _remark(words: str) -> str:
    """Words of others in a comment: one line of printable characters."""
    return visible(" ".join(words.split()))
