"""Texts that the story changes on its way: each version of the norm from the one before, line by line.

Decides that a change which does not fit its text stops the story: nothing is replaced twice, or not at all.
"""

import math
import re
from collections.abc import Sequence
from typing import Final

from comity.errors import FormatError

NORM, CODES = "norm.toml", "codes/CL_SOURCE.csv"
QUICK: Final = 0.6  # seconds that packing a norm takes where the charter's seconds can be kept
SLOWEST: Final = 10
QUESTION: Final = '"Where does your water come from?"'
BETTER: Final = '"Where does the water that your household drinks mostly come from?"'
LAST: Final = "3,Carried from elsewhere\n"
ADDED: Final = "4,Bought in bottles\n"

Files = dict[str, str]
Change = tuple[str, str, str]  # file, what stands there, what takes its place

AMENDED: Final[Sequence[Change]] = (
    (NORM, QUESTION, BETTER),
    (NORM, "[[rules]]", '[metadata]\nCOLL_METHOD = { en = "Of all persons of the household." }\n\n[[rules]]'),
)
SECOND: Final[Sequence[Change]] = (
    (NORM, '\nversion = "1.0.0"\ntitle', '\nversion = "1.1.0"\nreplaces = "water-at-home/1.0.0"\ntitle'),
    (CODES, LAST, LAST + ADDED),
)
FALSE: Final[Sequence[Change]] = (
    (NORM, '\nversion = "1.1.0"\n', '\nversion = "1.2.0"\n'),
    (NORM, 'replaces = "water-at-home/1.0.0"', 'replaces = "water-at-home/1.1.0"'),
    (CODES, LAST, ""),
)  # fmt: skip


def changed(files: Files, changes: Sequence[Change]) -> Files:
    """The same folder with every change made.

    Raises:
        FormatError: what a change takes the place of does not stand there exactly once.
    """
    found = dict(files)
    for file, old, new in changes:
        if (times := found[file].count(old)) != 1:
            raise FormatError("a change does not fit its text", where=file, found=f"{times} times {old!r}", wanted="1")
        found[file] = found[file].replace(old, new)
    return found


def slowed(seconds: float) -> int:
    """How many times longer everything is given on a machine that packs a norm in so many seconds."""
    return max(1, min(math.ceil(seconds / QUICK), SLOWEST))


def timed(charter: str, slower: int) -> str:
    """A charter's text with so many times longer to comment, vote and answer; nothing else in it moves."""

    def longer(found: "re.Match[str]") -> str:
        return f"{found.group(1)} = {slower * int(found.group(2))}"

    text, offices, rest = charter.partition("[[offices]]")  # a term is no deadline
    return re.sub(r"\b(seconds|consultation|estimate_seconds|audit_seconds) = (\d+)", longer, text) + (offices + rest)


def draft(series: str, area: str, values: dict[str, str], *, nature: str, source: str) -> str:
    """A file of an estimate, or of a country's own value, in the columns of SDG_DSD; a row for each sex."""
    head = "SERIES,REF_AREA,TIME_PERIOD,SEX,UNIT_MEASURE,UNIT_MULT,NATURE,OBS_STATUS,OBS_VALUE,SOURCE_DETAIL"
    status = "E" if nature == "M" else "A"
    rows = [f"{series},{area},2024,{sex},PERCENT,0,{nature},{status},{value},{source}" for sex, value in values.items()]
    return "\n".join([head, *rows]) + "\n"
