"""Rules of disclosure control: which cells are sensitive, and by what a table is protected. A member's own choice.

Said in a policy for the member's own tables, or in a file of its own for `comity protect`. What they do to a table is
`stages.protect`. Words: Hundepool et al. (2012), Statistical Disclosure Control, chapters 4 and 5.
"""

from dataclasses import dataclass, field
from typing import Final, Literal

ANY: Final = "*"

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
