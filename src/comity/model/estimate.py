"""A value for one country, one series and one period, as one actor puts it to another: an estimate, or a counter-value.

Components carry their SDMX ids (SDG_DSD of IAEG-SDGs). The digest of a draft, which the log holds while nobody else may
see the draft, is that of its canonical JSON; 32 random bytes in it keep anyone from guessing values. Whether a value is
right is not asked here, nor which codes a series allows. An office opens what a draft says in a spreadsheet:
no code or source is one that a spreadsheet takes for a formula, or that shows other than it is written.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from comity import canon
from comity.canon import Digest
from comity.errors import FormatError
from comity.model.decimals import is_rounded

Key = tuple[tuple[str, str], ...]  # dimension and code of each, sorted
SALT: Final = 32  # bytes
LARGEST: Final = 60 * 1024  # bytes of a draft, so that its box is 64 KiB at most
NATURES: Final = frozenset({"C", "CA", "E", "G", "M", "N", "_X"})  # CL_NATURE
STATUSES: Final = frozenset("ABDEFGHIJKLMNOPQSUVW")  # CL_OBS_STATUS
BLANKS: Final = frozenset("HLMOQ")  # of these: missing values
VALUE, LOWER, UPPER = "OBS_VALUE", "LOWER_BOUND", "UPPER_BOUND"
STATUS, NATURE, SOURCE = "OBS_STATUS", "NATURE", "SOURCE_DETAIL"
SERIES, AREA, PERIOD = "SERIES", "REF_AREA", "TIME_PERIOD"
UNIT, MULTIPLIER = "UNIT_MEASURE", "UNIT_MULT"
ONE: Final = (SERIES, AREA, PERIOD, UNIT, MULTIPLIER)  # the same in every row of a draft
WANTED: Final = (*ONE, STATUS, NATURE, VALUE)
HEAD: Final = ("STRUCTURE", "STRUCTURE_ID", "ACTION")  # of SDMX-CSV 2.0, if it is that
_CODE: Final = re.compile(r"[A-Za-z0-9_$][A-Za-z0-9_@$.-]{0,63}")  # SDMX IDType, but for a sign before it
_AREA: Final = re.compile(r"[0-9]{3}")
_FORMULA: Final = ("=", "+", "-", "@")  # how a cell begins that a spreadsheet computes
_MULTIPLIER: Final = re.compile(r"0|-?[1-9]|-?1[0-5]")  # CL_UNIT_MULT


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One observation. key: its other dimensions, such as SEX and AGE.

    value: None where the status says why there is none.
    lower, upper: bounds of the custodian's own interval, "" if it gives none.
    """

    key: dict[str, str]
    value: str | None
    lower: str
    upper: str
    status: str  # CL_OBS_STATUS
    nature: str  # CL_NATURE
    source: str  # as SOURCE_DETAIL has it, "" if it says none

    def __post_init__(self) -> None:
        if self.status not in STATUSES or self.nature not in NATURES:
            raise ValueError(f"{self.status[:20]!r} and {self.nature[:20]!r} are not a status and a nature")
        if (self.value is None) != (self.status in BLANKS):
            raise ValueError(f"status {self.status} and {'no value' if self.value is None else 'a value'}")
        for number in (self.value or "0", self.lower or "0", self.upper or "0"):
            if not is_rounded(number):
                raise ValueError(f"{number[:80]!r} is not a number, such as 12.50")
        if wrong := [text for pair in self.key.items() for text in pair if not is_code(text)]:
            raise ValueError(f"{wrong[0][:80]!r} is not the id of a dimension or code")
        if not _is_plain(self.source):
            raise ValueError(f"{self.source[:80]!r} is not a source in one line of text that begins with no = + - @")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The record that is sealed, and published only when the estimate is settled so."""

    salt: bytes  # 32, random
    series: str
    area: str  # M49, three digits
    period: str
    unit: str
    multiplier: str  # CL_UNIT_MULT
    rows: tuple[Row, ...]

    def __post_init__(self) -> None:
        if len(self.salt) != SALT:
            raise ValueError(f"a salt of {len(self.salt)} bytes, not {SALT}")
        if wrong := [text for text in (self.series, self.period, self.unit) if not is_code(text)]:
            raise ValueError(f"{wrong[0][:80]!r} is not a code of a series, period or unit")
        if not _AREA.fullmatch(self.area) or not _MULTIPLIER.fullmatch(self.multiplier):
            raise ValueError(f"{self.area[:20]!r} and {self.multiplier[:20]!r} are not an area and a multiplier")
        keys = [tuple(sorted(row.key.items())) for row in self.rows]
        if not keys or len(set(keys)) != len(keys) or len({tuple(sorted(row.key)) for row in self.rows}) != 1:
            raise ValueError("no row, two rows of one key, or rows of other dimensions")

    @property
    def values(self) -> dict[Key, str | None]:
        """Each value by its key."""
        return {tuple(sorted(row.key.items())): row.value for row in self.rows}

    @property
    def data(self) -> bytes:
        """The canonical JSON."""
        return canon.encode(self)

    @property
    def digest(self) -> Digest:
        """What the log names it by."""
        return canon.digest(self.data)


def is_code(text: str) -> bool:
    """Whether a series, a period, a dimension or a code of one may be called so."""
    return _CODE.fullmatch(text) is not None


def read(data: bytes, *, where: str = "draft") -> Draft:
    """A draft out of its canonical JSON."""
    return canon.decode(data, Draft, where=where)


def of_csv(data: bytes, salt: bytes, *, where: str) -> Draft:
    """A draft out of a CSV with SDMX ids as its columns (SDMX-CSV 2.0, or without its first three): one row a value.

    Series, area, period, unit and multiplier are the same in every row. Columns that are none of `WANTED`, a bound or
    SOURCE_DETAIL are dimensions. REF_AREA may be written without leading zeros, as SDG_DSD has it.
    """
    records = list(_records(data, where))
    if not records:
        raise FormatError("no row", where=where, wanted="a value at least")
    for name in ONE:
        if len(found := sorted({record[name] for record in records})) != 1:
            raise FormatError(f"more than one {name}", where=where, found=", ".join(found[:5]), wanted="one in a draft")
    first = records[0]
    try:
        made = Draft(
            salt=salt,
            series=first[SERIES],
            area=first[AREA].zfill(3),
            period=first[PERIOD],
            unit=first[UNIT],
            multiplier=first[MULTIPLIER],
            rows=tuple(map(_row, records)),
        )
    except ValueError as e:
        raise FormatError(str(e), where=where, wanted="components as SDG_DSD has them") from None
    if len(made.data) > LARGEST:
        raise FormatError("too large a draft", where=where, found=f"{len(made.data)} bytes", wanted=f"{LARGEST}")
    return made


def to_csv(draft: Draft) -> bytes:
    """The values of a draft as `of_csv` reads them; its salt is not among them."""
    dimensions = sorted(draft.rows[0].key)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*ONE, *dimensions, NATURE, STATUS, VALUE, LOWER, UPPER, SOURCE])
    one = [draft.series, draft.area, draft.period, draft.unit, draft.multiplier]
    for row in draft.rows:
        codes = [row.key[name] for name in dimensions]
        writer.writerow([*one, *codes, row.nature, row.status, row.value or "", row.lower, row.upper, row.source])
    return out.getvalue().encode()


def _row(record: Mapping[str, str]) -> Row:
    apart = {*WANTED, *HEAD, LOWER, UPPER, SOURCE}
    return Row(
        key={name: code for name, code in record.items() if name not in apart and code},
        value=record[VALUE] or None,
        lower=record.get(LOWER, ""),
        upper=record.get(UPPER, ""),
        status=record[STATUS],
        nature=record[NATURE],
        source=record.get(SOURCE, ""),
    )


def _is_plain(text: str) -> bool:
    """One line that shows as it is written, and that no spreadsheet computes, of whatever width its signs are."""
    shown = text.isprintable() and text == text.strip() and unicodedata.is_normalized("NFC", text)
    return shown and not unicodedata.normalize("NFKC", text).startswith(_FORMULA)


def _records(data: bytes, where: str) -> Iterator[dict[str, str]]:
    """Each row by column; FormatError for what is no such table."""
    try:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as e:
        raise FormatError(str(e), where=where, wanted="CSV (RFC 4180) in UTF-8") from None
    header = rows[0] if rows else []
    if missing := [name for name in WANTED if name not in header]:
        raise FormatError("columns are missing", where=where, found=", ".join(header), wanted=", ".join(missing))
    if len(set(header)) != len(header):
        raise FormatError("two columns of one name", where=where, found=", ".join(header))
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(header):
            raise FormatError("not as many fields as columns", where=f"{where}, record {number}", found=str(len(row)))
        yield dict(zip(header, row, strict=True))
