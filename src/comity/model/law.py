"""Laws of noise by name, and what a person stands under: nouns that a ledger keeps as text and computes from again.

    skellam 36              variance 36; closed under sums, so the noise of a joint sum (`skellam`)
    discrete-gaussian 36    sigma squared 36 (`discrete_gaussian`)
    discrete-laplace 5/2    scale 5/2 (`discrete_laplace`)

What a law costs is `stages.protect.noise`; who draws from it is `stages.protect.sampler`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Final, Literal, Self

from comity.errors import FormatError
from comity.model.discrete_gaussian import discrete_gaussian
from comity.model.discrete_laplace import discrete_laplace
from comity.model.masses import Masses
from comity.model.skellam import skellam

Name = Literal["skellam", "discrete-gaussian", "discrete-laplace"]

SKELLAM: Final = "skellam"
GAUSSIAN: Final = "discrete-gaussian"
LAPLACE: Final = "discrete-laplace"

_TABLES: Final = MappingProxyType[Name, Callable[[Fraction], Masses]](
    {SKELLAM: skellam, GAUSSIAN: discrete_gaussian, LAPLACE: discrete_laplace}
)
_TEXT: Final = re.compile(r"(?P<name>[a-z-]+) (?P<parameter>[1-9][0-9]{0,39}(/[1-9][0-9]{0,39})?)")


@dataclass(frozen=True, slots=True)
class Law:
    """A distribution of whole numbers around 0.

    parameter: skellam: the variance; discrete-gaussian: sigma squared; discrete-laplace: the scale. Above 0.
    """

    name: Name
    parameter: Fraction

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str` writes, and no other spelling.

        >>> str(Law.parse("skellam 36/5"))
        'skellam 36/5'
        """
        found = _TEXT.fullmatch(text)
        name = next((one for one in _TABLES if found and found["name"] == one), None)
        if found is None or name is None or str(Fraction(found["parameter"])) != found["parameter"]:
            raise FormatError(
                "not a law of noise", where="noise", found=text[:80], wanted=f"{', '.join(_TABLES)}, and a fraction"
            )
        return cls(name, Fraction(found["parameter"]))

    def __str__(self) -> str:
        return f"{self.name} {self.parameter}"

    @property
    def masses(self) -> Masses:
        """Its table; FormatError for a parameter that no table has."""
        return _TABLES[self.name](self.parameter)

    @property
    def variance(self) -> Fraction:
        """Of one draw; of the discrete Gaussian sigma squared, which is never too small."""
        return self.masses.variance if self.name == LAPLACE else self.parameter


@dataclass(frozen=True, slots=True)
class Exposure:
    """Cells that one person can move, each by so much at most, each under noise of its own by one law.

    A release is some of these; a person may move them all at once.

    >>> str(Exposure(Law("skellam", Fraction(36)), shift=1, cells=2))
    'skellam 36 x 2 by 1'
    """

    law: Law
    shift: int
    cells: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str` writes, and no other spelling."""
        law, x, rest = text.partition(" x ")
        cells, by, shift = rest.partition(" by ")
        if not (x and by) or not all(re.fullmatch("[1-9][0-9]{0,18}", one) for one in (cells, shift)):
            raise FormatError(
                "not what a person is exposed to", where="noise", found=text[:80], wanted="law x cells by shift"
            )
        return cls(Law.parse(law), int(shift), int(cells))

    def __str__(self) -> str:
        return f"{self.law} x {self.cells} by {self.shift}"
