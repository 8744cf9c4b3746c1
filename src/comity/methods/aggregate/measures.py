"""What `aggregate/1` is given and what it publishes, and how a study spells the members' weights."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from comity.errors import FormatError
from comity.methods.card import Rounding, Term
from comity.model.decimals import is_decimal

TERMS: Final = (
    Term(id="present"),
    Term(id="a"),
    Term(id="av", factors=("v",)),
    Term(id="avv", factors=("v", "v")),
)

MEMBERS: Final = Rounding(measure="members", value=0, error=1)  # that have a figure
VALUE: Final = Rounding(measure="value", value=4, error=4)  # weighted mean of the members' figures
COVERAGE: Final = Rounding(measure="coverage", value=2, error=2)  # per cent of all weight
DISPERSION: Final = Rounding(measure="dispersion", value=4, error=4)  # standard deviation between members

_LARGEST: Final = 10**15


def weights(parameters: Mapping[str, str]) -> dict[str, int]:
    """The weight of each member, out of "fiji:924610 tuvalu:9816": whole numbers above 0, members sorted.

    Raises:
        FormatError: another spelling, or a member twice.
    """
    text = parameters["weights"]
    pairs = [entry.partition(":")[::2] for entry in text.split(" ")]
    found = {member: int(weight) for member, weight in pairs if member and weight.isascii() and weight.isdecimal()}
    spelt = " ".join(f"{member}:{weight}" for member, weight in sorted(found.items())) == text
    if not found or not spelt or not all(0 < weight <= _LARGEST for weight in found.values()):
        raise FormatError(
            "not the weights of members",
            where="parameters: weights",
            found=text[:80],
            wanted=f"fiji:924610 tuvalu:9816, sorted by member, whole numbers from 1 to {_LARGEST}",
        )
    return found


def least_coverage(parameters: Mapping[str, str]) -> Fraction:
    """Share of all weight, 0 to 1, below which no regional value is published; FormatError for anything else."""
    text = parameters.get("least_coverage", "0")
    if not is_decimal(text) or Fraction(text) > 1:
        raise FormatError(
            "not a share of the weight", where="parameters: least_coverage", found=text, wanted="0 to 1, such as 0.5"
        )
    return Fraction(text)
