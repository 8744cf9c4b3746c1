"""A register's folder: `register.toml`, `indicators.csv` and `series.csv`, read strictly and written in one spelling.

Tables as a statistician edits them: a row for each indicator and series, lists in a cell set apart by "; ". What is
written reads as the same register, and is written again byte for byte.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from comity import canon
from comity.errors import FormatError
from comity.model import toml
from comity.model.indicator import WHATS, Change, Indicator, Origin, Register, Series, Tier, sound

ABOUT, INDICATORS, SERIES = "register.toml", "indicators.csv", "series.csv"
FIELDS: Final = ("id", "version", "title", "source", "address", "retrieved")
COLUMNS: Final = ("code", "title", "custodians", "partners", "tiers", "changes")
SERIES_COLUMNS: Final = ("code", "indicators", "title", "unit", "custodians")
_TITLE: Final = "title:"  # before a language
_TIER: Final = re.compile(r"([I/]{1,7}) ([0-9-]{10})")
_CHANGE: Final = re.compile(rf"({'|'.join(WHATS)}) ([0-9]{{4}})")


def read(files: Mapping[str, bytes]) -> Register:
    """A register out of its folder's files; FormatError for anything that is not understood, by file and line."""
    for name in (ABOUT, INDICATORS, SERIES):
        if name not in files:
            raise FormatError("file missing", where=name, wanted=f"{ABOUT}, {INDICATORS} and {SERIES}")
    about = _about(files[ABOUT])
    register = Register(
        **about,
        indicators=tuple(_indicator(row, where) for where, row in _rows(files[INDICATORS], INDICATORS, COLUMNS)),
        series=tuple(_series(row, where) for where, row in _rows(files[SERIES], SERIES, SERIES_COLUMNS)),
    )
    return sound(register, where="register")


def write(register: Register) -> dict[str, bytes]:
    """The folder of a sound register, by path."""
    languages = sorted({tag for one in register.indicators for tag in one.titles})
    head = (*COLUMNS[:2], *(f"{_TITLE}{tag}" for tag in languages), *COLUMNS[2:])
    rows = [
        (
            one.code,
            one.title,
            *(one.titles.get(tag, "") for tag in languages),
            _joined(one.custodians),
            _joined(one.partners),
            _joined(f"{tier.tier} {tier.since}" for tier in one.tiers),
            _joined(f"{change.what} {change.year}" for change in one.changes),
        )
        for one in register.indicators
    ]
    series = [
        (one.code, _joined(one.indicators), one.title, one.unit, _joined(one.custodians)) for one in register.series
    ]
    return {
        ABOUT: _toml(register).encode(),
        INDICATORS: _csv(head, rows),
        SERIES: _csv(SERIES_COLUMNS, series),
    }


def _about(data: bytes) -> dict[str, Any]:
    table = toml.read(data, where=ABOUT)
    origins = table.pop("origins", [])
    if set(table) != set(FIELDS) or not all(isinstance(value, str) for value in table.values()):
        raise FormatError("wrong fields", where=ABOUT, found=", ".join(sorted(table)), wanted=", ".join(FIELDS))
    return table | {"origins": canon.convert(origins, tuple[Origin, ...], where=ABOUT)}


def _rows(data: bytes, name: str, wanted: Sequence[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Rows of a table by column, each with its place; titles by language may stand between."""
    try:
        head, *rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
    except (ValueError, csv.Error) as e:
        columns = ",".join(wanted)
        raise FormatError("not a table", where=name, found=str(e), wanted=f"CSV in UTF-8: {columns}") from None
    plain = [column for column in head if not (name == INDICATORS and column.startswith(_TITLE))]
    if plain != list(wanted) or len(set(head)) != len(head):
        raise FormatError("wrong columns", where=name, found=",".join(head), wanted=",".join(wanted))
    for number, row in enumerate(rows, start=2):
        if len(row) != len(head):
            raise FormatError("wrong number of cells", where=f"{name}, row {number}", found=",".join(row)[:120])
        yield f"{name}, row {number}", dict(zip(head, row, strict=True))


def _indicator(row: dict[str, str], where: str) -> Indicator:
    return Indicator(
        code=row["code"],
        title=row["title"],
        titles={column[len(_TITLE) :]: text for column, text in row.items() if column.startswith(_TITLE) and text},
        custodians=_parted(row["custodians"], where),
        partners=_parted(row["partners"], where),
        tiers=tuple(_tier(text, where) for text in _parted(row["tiers"], where)),
        changes=tuple(_change(text, where) for text in _parted(row["changes"], where)),
    )


def _series(row: dict[str, str], where: str) -> Series:
    return Series(
        code=row["code"],
        indicators=_parted(row["indicators"], where),
        title=row["title"],
        unit=row["unit"],
        custodians=_parted(row["custodians"], where),
    )


def _tier(text: str, where: str) -> Tier:
    found = _TIER.fullmatch(text)
    if found is None:
        raise FormatError("no tier with its date", where=where, found=text, wanted="I 2016-04-01; II 2019-09-26")
    return Tier(tier=found[1], since=found[2])


def _change(text: str, where: str) -> Change:
    found = _CHANGE.fullmatch(text)
    if found is None:
        raise FormatError("no change with its year", where=where, found=text, wanted=f"{', '.join(WHATS)}: added 2020")
    return Change(what=next(what for what in WHATS if what == found[1]), year=int(found[2]))


def _parted(cell: str, where: str) -> tuple[str, ...]:
    """The things in a cell; an empty one has none."""
    parts = tuple(cell.split("; ")) if cell else ()
    if any(not part or part != part.strip() for part in parts):
        raise FormatError("an empty place in a list", where=where, found=cell[:80], wanted='things apart by "; "')
    return parts


def _joined(things: Any) -> str:
    return "; ".join(things)


def _csv(head: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    table = csv.writer(out, lineterminator="\n")
    table.writerow(head)
    table.writerows(rows)
    return out.getvalue().encode()


def _toml(register: Register) -> str:
    blocks = [[f"{name} = {_text(getattr(register, name))}" for name in FIELDS]]
    for origin in register.origins:
        lines = (f"{name} = {_text(getattr(origin, name))}" for name in ("name", "digest", "retrieved"))
        blocks.append(["[[origins]]", *lines])
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _text(text: str) -> str:
    """A basic string of TOML: as JSON spells it, but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")
