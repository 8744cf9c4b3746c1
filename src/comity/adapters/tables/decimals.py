"""What a decimal number is to every engine, whatever its own casts would take (docs/binding.md)."""

from typing import Any, Final

_DIGITS: Final = "[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)"
_EXPONENT: Final = "[eE][+-]?[0-9]{1,4}"

# Of the whole text: without an exponent, with one, or either.
PLAIN: Final = f"^{_DIGITS}$"
POWER: Final = f"^{_DIGITS}{_EXPONENT}$"
DECIMAL: Final = f"^{_DIGITS}({_EXPONENT})?$"

LONGEST: Final = 300  # characters


def number(text: Any, pattern: str = DECIMAL) -> Any:
    """A text as a float64, NULL where it is none, as an expression for engines whose casts can fail softly.

    Args:
        pattern: `DECIMAL` as the engine spells it.
    """
    return (text.re_search(pattern) & (text.length() <= LONGEST)).ifelse(text, None).try_cast("float64")
