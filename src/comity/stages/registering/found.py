"""What one published list says of indicators and series, and every place of it that could not be read."""

import unicodedata
from dataclasses import dataclass
from typing import Final

from comity.canon import Digest
from comity.model.indicator import CODE, Series

BLANK: Final = ("", "-", "–", "N/A")  # how lists write that nothing is there


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A place of a list that was not taken over, and why: nobody need read the list again to know."""

    file: str
    place: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An indicator as one list has it; what the list does not say is empty."""

    code: str
    title: str
    custodians: tuple[str, ...] = ()
    partners: tuple[str, ...] = ()
    tier: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One list."""

    name: str
    digest: Digest
    indicators: tuple[Seen, ...] = ()
    series: tuple[Series, ...] = ()
    remarks: tuple[Remark, ...] = ()


def line(text: object) -> str:
    """A cell's text on one line, in NFC; "" for a cell that says nothing."""
    words = "" if text is None else unicodedata.normalize("NFC", " ".join(str(text).split()))
    return "" if words in BLANK else words


def split(text: str) -> tuple[str, str]:
    """Code and title of a cell such as "1.1.1 Proportion of ..."; two empty texts if it begins with no code."""
    code, _, title = text.partition(" ")
    return (code, title.strip()) if CODE.fullmatch(code) and title.strip() else ("", "")
