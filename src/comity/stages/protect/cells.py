"""A file of cells as an office has it: columns of text, and what each column is. Whole numbers of its figures.

Decides which column is the measure, which are dimensions, and what a status says; `placing` makes tables of it. The
file itself is read by `adapters.cell_files`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from comity.errors import ConfigError, FormatError
from comity.model.cell_file import CellFile

HEAD: Final = ("STRUCTURE", "STRUCTURE_ID", "STRUCTURE_NAME", "ACTION")  # SDMX-CSV 2.0: the same in every line
VALUES: Final = ("OBS_VALUE", "VALUE")
NUMBERS: Final = ("CONTRIBUTORS", "NUMBER")
LARGEST: Final = re.compile(r"LARGEST_?([0-9]+)")
CONF_STATUS: Final = "CONF_STATUS"
OBS_STATUS: Final = "OBS_STATUS"
FREE: Final = ("", "F")  # SDMX CL_CONF_STATUS: free for publication
SUPPRESSED: Final = "Q"  # SDMX CL_OBS_STATUS: missing, suppressed
CONFIDENTIAL: Final = "C"  # SDMX CL_CONF_STATUS: confidential, no matter why
_NUMBER: Final = re.compile(r"(-?)([0-9]{1,18})(?:\.([0-9]{1,18}))?")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cells:
    """Lines of a file, by column: all texts, of one length. name: of the file, for errors."""

    name: str
    columns: Mapping[str, Sequence[str]]

    @property
    def lines(self) -> int:
        """How many lines there are below the header."""
        return len(next(iter(self.columns.values()), ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """What each column of a file is. number: "" where the measure counts contributors."""

    value: str
    number: str
    largest: tuple[str, ...]
    dimensions: tuple[str, ...]
    status: tuple[str, ...]
    kept: tuple[str, ...]


def columns(cells: Cells, form: CellFile) -> Columns:
    """What each column is: as the structure says, else by its usual name; whatever is left over is a dimension.

    Raises:
        ConfigError: the structure names a column that is not there, or none is the measure.
    """
    usual = {name.upper(): name for name in cells.columns}
    value = form.value or next((usual[name] for name in VALUES if name in usual), "")
    number = "" if form.counts else form.number or next((usual[name] for name in NUMBERS if name in usual), "")
    largest = form.largest or _largest(usual)
    kept = (*form.keep, *(name for name in HEAD if name in cells.columns))
    status = tuple(usual[name] for name in (OBS_STATUS, CONF_STATUS) if name in usual)
    given = {"value": (value,), "number": (number,), "largest": largest, "keep": form.keep}
    for field, names in given.items():
        if absent := [name for name in names if name and name not in cells.columns]:
            raise ConfigError("no such column", where=f"{cells.name}: {field}", found=absent[0])
    if not value:
        raise ConfigError(
            "no column of values",
            where=cells.name,
            found=", ".join(cells.columns),
            wanted=" or ".join(VALUES),
            way_out="name it in a structure file: value = ...",
        )
    taken = {value, number, *largest, *status, *kept, *((form.number,) if form.counts else ())}
    dimensions = tuple(name for name in cells.columns if name not in taken)
    if both := [one.id for one in form.dimension if one.id in taken]:
        raise ConfigError("a dimension that is something else, too", where=cells.name, found=both[0])
    _refuse_undeclared(cells, form, dimensions)
    return Columns(value=value, number=number, largest=largest, dimensions=dimensions, status=status, kept=kept)


def _refuse_undeclared(cells: Cells, form: CellFile, dimensions: Sequence[str]) -> None:
    """ConfigError for a column that may be no dimension: it would be published as codes, whatever it says.

    Every dimension of a cross table is needed to tell its lines apart. A figure beside the measure, a group of another
    column, or a name beside a code are not.
    """
    declared = {one.id for one in form.dimension}
    varied = [name for name in dimensions if len(set(cells.columns[name])) > 1]
    doubtful = []
    for name in varied:
        others = [cells.columns[other] for other in varied if other != name]
        needed = len(set(zip(*others, strict=True))) < cells.lines if others else True
        if name not in declared and (LARGEST.fullmatch(name.upper()) or not needed):
            doubtful.append(name)
    if doubtful:  # which of several it is, no file tells
        raise ConfigError(
            "a column that may be no dimension: the others tell all lines apart without it",
            where=cells.name,
            found=" or ".join(doubtful),
            wanted="in the structure file a [[dimension]], or its groups as parents of another one, or keep",
            way_out="see docs/protection.md",
        )


def _largest(usual: Mapping[str, str]) -> tuple[str, ...]:
    """Columns LARGEST1, LARGEST2, ... as far as they go without a gap."""
    found = {int(match[1]): name for upper, name in usual.items() if (match := LARGEST.fullmatch(upper))}
    names: list[str] = []
    while len(names) + 1 in found:
        names.append(found[len(names) + 1])
    return tuple(names)


def hidden(cells: Cells, roles: Columns) -> NDArray[np.bool_]:
    """Lines that say of themselves that they are not shown: by a status, or by having no value."""
    blank = np.array([not text.strip() for text in cells.columns[roles.value]], np.bool_)
    for name in roles.status:
        texts = cells.columns[name]
        if name.upper() == OBS_STATUS:
            blank |= np.array([text == SUPPRESSED for text in texts], np.bool_)
        else:
            blank |= np.array([text not in FREE for text in texts], np.bool_)
    return blank


def decimals(cells: Cells, name: str) -> int:
    """How many digits behind the point a column needs; zeros at the end are none."""
    return max((len(match[3].rstrip("0")) for match in _numbers(cells, name) if match and match[3]), default=0)


def whole(cells: Cells, name: str, *, decimals: int = 0, blank: bool = False) -> NDArray[np.int64]:
    """A column as whole numbers of 10^-decimals; a blank is 0 if there may be any.

    Raises:
        FormatError: another spelling than digits with a point, more than 18 of them, or a blank.
    """
    found = np.zeros(cells.lines, np.int64)
    for line, match in enumerate(_numbers(cells, name, blank=blank)):
        if match is None:
            continue
        digits = (match[3] or "").rstrip("0")
        number = int(match[2] + digits.ljust(decimals, "0")) if len(digits) <= decimals else WIDE
        if number >= WIDE:
            raise FormatError(
                "not a figure that can be reckoned with exactly",
                where=f"{cells.name}, line {line + 2}, {name}",
                wanted=f"a whole number of 10^-{decimals} below 2^62" if decimals else "a whole number below 2^62",
                way_out="round the figures to the digits that are published",
            )
        found[line] = -number if match[1] else number
    return found


WIDE: Final = 2**62


def spelt(number: int, decimals: int) -> str:
    """A figure as a text with so many digits behind the point.

    >>> spelt(1205, 2), spelt(-5, 1), spelt(7, 0)
    ('12.05', '-0.5', '7')
    """
    sign, digits = "-" * (number < 0), str(abs(number)).rjust(decimals + 1, "0")
    return sign + digits if not decimals else f"{sign}{digits[:-decimals]}.{digits[-decimals:]}"


def _numbers(cells: Cells, name: str, *, blank: bool = True) -> Iterator[re.Match[str] | None]:
    """Each text of a column as a number; None for a blank."""
    for line, text in enumerate(cells.columns[name], 2):
        match = _NUMBER.fullmatch(text)
        if match is None and (text.strip() or not blank):
            raise FormatError(
                "not a number" if text.strip() else "a cell without a figure",
                where=f"{cells.name}, line {line}, {name}",
                wanted="digits, and a point before decimals",
                way_out="" if text.strip() else "give the true table: what it holds stays at home",
            )
        yield match
