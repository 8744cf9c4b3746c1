"""What a decimal number is to every engine, whatever its own casts would take (docs/binding.md)."""

from typing import Final

DECIMAL: Final = "^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?$"  # of the whole text
