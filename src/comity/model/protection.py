"""Rules of disclosure control: which cells are sensitive, and by what a table is protected. A member's own choice.

Said in a policy for the member's own tables, or in a file of its own for `comity protect`. What they do to a table is
`stages.protect`. Words: Hundepool et al. (2012), Statistical Disclosure Control, chapters 4 and 5.

A file of rules is TOML with the fields of `Rules`, such as

    threshold = 5
    p = 10
    dominance = [{ n = 2, k = 85 }]
    sensitive = [{ REGION = "NORTH", BRANCH = "*" }]
    coalition = 1
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final, Literal

from comity import canon
from comity.errors import ConfigError, FormatError
from comity.model import toml

ANY: Final = "*"

MOST_PARTS: Final = 10  # largest contributors that a rule looks at: no office asks for more than a few

MOST_POOLED: Final = 2  # cells of lone respondents that an attacker knows at once
MOST_CHANGED: Final = 50  # persons, by a cell key
_DECIMAL: Final = re.compile(r"[0-9]{1,3}(\.[0-9]{1,9})?")

Way = Literal["suppression", "rounding", "cell-key", "noise"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dominance:
    """The (n, k) rule: a cell whose n largest contributors make up more than k per cent of it is sensitive."""

    n: int
    k: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What makes a cell sensitive, and the way a table is protected.

    threshold: contributors; a cell of fewer, but not none, is sensitive. 1: none is by this rule.
    dominance: (n, k) rules; a cell is sensitive by any of them.
    p: the p per cent rule: a cell is sensitive if its second largest contributor can reckon the largest one closer than
        p per cent; 0: not asked.
    sensitive: the office's own list; each entry names cells by dimension and code, ANY or a dimension left out meaning
        every code.
    zeros: whether empty cells tell something and are sensitive as well; False: zeros are shown as they are.
    width: per cent of its value that the interval of a sensitive cell of a magnitude must reach above and below, where
        neither p nor dominance says how far.
    coalition: how many lone respondents may put together what they know of their own cells: 0, 1 or 2.
    way: suppression (complementary suppression, status Q); rounding (controlled, to `base`); cell-key (perturbation
        by keys of the contributors); noise (differential privacy, charged to the budget).
    base: 3 or 5.
    bound: of cell-key, by how many persons a count is changed at most.
    variance: of that change, a decimal; its mean is 0.
    """

    threshold: int = 1
    dominance: tuple[Dominance, ...] = ()
    p: int = 0
    sensitive: tuple[dict[str, str], ...] = field(default=())
    zeros: bool = False
    width: int = 10
    coalition: int = 1
    way: Way = "suppression"
    base: Literal[3, 5] = 3
    bound: int = 5
    variance: str = "2"

    @property
    def parts(self) -> int:
        """How many of a cell's largest contributors the rules look at."""
        return max([2 if self.p else 0, *(rule.n for rule in self.dominance)])

    def pooled(self, touched: int) -> "Rules":
        """The rules of tables in which one contributor may stand in so many of the finest cells.

        Who stands alone in several knows them all, as respondents do who put together what they know. Of more than
        MOST_POOLED cells nothing is shown.
        """
        return replace(self, coalition=min(MOST_POOLED, self.coalition * touched))


def read(text: str | bytes, *, where: str = "rules.toml") -> Rules:
    """Rules out of their TOML text; ConfigError for what it does not know, and for rules that find no cell at all."""
    table = toml.read(text, where=where, wrong=ConfigError)
    try:
        rules = canon.convert(table, Rules, where=where)
    except FormatError as e:
        raise ConfigError(e.what, where=where, found=e.found, wanted=e.wanted, way_out=_WAY_OUT) from None
    for name, holds, wanted in ranges(rules):
        if not holds:
            raise ConfigError("value out of range", where=f"{where}: {name}", wanted=wanted, way_out=_WAY_OUT)
    if rules.threshold == 1 and not (rules.parts or rules.sensitive or rules.zeros):
        raise ConfigError(
            "no rule that finds a cell", where=where, wanted="threshold, dominance, p or sensitive", way_out=_WAY_OUT
        )
    return rules


def ranges(rules: Rules) -> Iterator[tuple[str, bool, str]]:
    """Every field with a range: its name, whether it holds, and what would."""
    yield "threshold", rules.threshold >= 1, "1 or more (1: no cell is sensitive by it)"
    yield "dominance", all(1 <= rule.n <= MOST_PARTS for rule in rules.dominance), f"n of 1 to {MOST_PARTS}"
    yield "dominance", all(1 <= rule.k < 100 for rule in rules.dominance), "k of 1 to 99 per cent"
    yield "p", 0 <= rules.p <= 100, "0 to 100 per cent"
    yield "sensitive", all(rules.sensitive), "a dimension and its code in each entry"
    yield "width", 1 <= rules.width <= 100, "1 to 100 per cent"
    yield "coalition", 0 <= rules.coalition <= MOST_POOLED, "0, 1 or 2 respondents"
    yield "bound", 1 <= rules.bound <= MOST_CHANGED, f"1 to {MOST_CHANGED} persons"
    yield "variance", _between(rules.variance, rules.bound), "a decimal above 0 and below the bound"


def _between(variance: str, bound: int) -> bool:
    """Whether a count of one person, changed by -1 or by up to the bound, can have this variance at mean 0."""
    return _DECIMAL.fullmatch(variance) is not None and 0 < Decimal(variance) < bound


_WAY_OUT: Final = "see docs/protection.md"
