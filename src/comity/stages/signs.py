"""Signs in names and labels: which columns may tell how a sample was drawn, and which codes are ranges of a number.

Points for an officer to decide, never a decision: what a weight is called in one file is something else in another.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Final

from comity.model.source import Band, Column
from comity.model.structure import TOTAL, Code

# Names as files have them; rb050 and the like are EU-SILC's (Eurostat, DOCSILC065).
WEIGHTS: Final = re.compile(
    r"(final_?|sample_?|survey_?)?(weight|wgt|wght|wt)s?\d?|pw|rb050|pb040|db090|perwt|hhwt|pweight"
)
_WEIGHT: Final = re.compile(r"\b(weights?|weighting)\b|\bexpansion factor\b")  # in a label, with one of these words
_OF: Final = re.compile(
    r"\b(final|sampl\w+|survey|design|persons?|personal|individual|households?|cross-?sectional|longitudinal|"
    r"analys[ie]s|post-?stratification|calibrat\w+|expansion|grossing|population)\b"
)
STRATA: Final = re.compile(r"strat(um|a|ification)?|stype|db050")
CLUSTERS: Final = re.compile(r"(psu|ssu|cluster|dnum|snum|db060|db062)(_?\d)?")
POPULATIONS: Final = re.compile(r"fpc\d?|popsize")
REPLICATES: Final = re.compile(r"(rep_?wt|rep_?wgt|rep_?weight|repw|brr|jk|wrep|rw)_?(\d{1,4})")
FEWEST: Final = 2  # replicate weights

_RANGES: Final = (
    (re.compile(r"(?:Y_?)?(\d{1,9})(?:\s*[-\u2013]\s*|T)(\d{1,9})"), "both"),
    (re.compile(r"(?:Y_?GE_?)(\d{1,9})|(\d{1,9})\s*(?:\+| and over| or more| and older)"), "least"),
    (re.compile(r"(?:Y_?LT_?)(\d{1,9})|(?:<\s*|under |below |less than )(\d{1,9})"), "below"),
)
_NUMBER: Final = re.compile(r"-?\d{1,9}(?:\.\d{1,9})?", re.ASCII)
_TOP: Final = re.compile(r"(\d{1,9})\s*(?:\+| and over| or more| and more| and older)", re.ASCII)
_NOTHING: Final = ("none", "nil", "zero")


def number(words: str) -> str | None:
    """The number that a label or a national value says, as a binding spells it; None where it says none.

    >>> [number(words) for words in ("None", "10+", "10 or more", "-2.50", "007", "1e3", "Refused", "2 rooms")]
    ['0', '10', '10', '-2.5', '7', None, None, None]
    """
    said = words.strip().casefold()
    if said in _NOTHING:
        return "0"
    top = _TOP.fullmatch(said)
    if not top and not _NUMBER.fullmatch(said):
        return None
    found = Decimal(top[1] if top else said)
    return f"{found.normalize():f}" if found else "0"


def sample(columns: Sequence[Column]) -> Iterator[str]:
    """An open point for each column, or row of columns, whose name says that it may be of the sample's design; or whose
    label says that it may be a weight, since a draft that overlooks it counts each row as one.
    """
    for column in columns:
        name, folded, label = column.name, column.name.casefold(), column.label.casefold()
        replicate = REPLICATES.fullmatch(folded)
        if WEIGHTS.fullmatch(folded) or (not replicate and _WEIGHT.search(label) and _OF.search(label)):
            yield f"{name!r} may be the sampling weight: write `weight`, or remove this point"
        if STRATA.fullmatch(folded):
            yield f"{name!r} may be the strata: write `design.strata`, or remove this point"
        if CLUSTERS.fullmatch(folded):
            yield f"{name!r} may be the clusters of a stage: write `design.stages`, or remove this point"
        if POPULATIONS.fullmatch(folded):
            yield f"{name!r} may be the population of a stage: write it there, or remove this point"
    found: dict[str, list[str]] = {}
    for name in (column.name for column in columns):
        if replicate := REPLICATES.fullmatch(name.casefold()):
            found.setdefault(replicate[1], []).append(name)
    for several in found.values():
        if len(several) >= FEWEST:
            told = f"{several[0]!r} to {several[-1]!r}"
            yield f"{len(several)} columns {told} may be replicate weights: write `design.replicates`, or remove this"


def bands(codes: Sequence[Code]) -> tuple[Band, ...]:
    """The codes of a list as ranges of whole numbers, side by side; nothing, unless each code is one.

    By a code's name or id: "15-24" holds 15 and 24 and so ends below 25; "65+", "under 15", and SDMX's Y15T24, Y_GE65
    and Y_LT15.

    >>> codes = [Code(id="A", name="under 15"), Code(id="Y_GE15", name="")]
    >>> [(band.code, band.least, band.below) for band in bands(codes)]
    [('A', None, '15'), ('Y_GE15', '15', None)]
    """
    found = [_band(code) for code in codes if code.id != TOTAL]
    listed = [band for band in found if band is not None]
    ordered = sorted(listed, key=lambda band: -1 if band.least is None else int(band.least))
    side_by_side = all(one.below == other.least for one, other in pairwise(ordered))
    whole = len(listed) == len(found) > 1 and side_by_side and None not in [band.below for band in ordered[:-1]]
    return tuple(ordered) if whole else ()


def _band(code: Code) -> Band | None:
    for text in (code.name, *code.names.values(), code.id):
        for pattern, side in _RANGES:
            if match := pattern.fullmatch(text.strip()):
                numbers = [str(int(number)) for number in match.groups() if number]
                if side == "both":
                    return Band(code=code.id, least=numbers[0], below=str(int(numbers[1]) + 1))
                return Band(code=code.id, **{side: numbers[0]})
    return None
