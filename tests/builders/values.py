"""Texts and numbers of national values, as docs/binding.md has them, in plain Python: what engines are held to."""

import datetime
import math
import re
from typing import Any, Final

_DECIMAL: Final = re.compile(r"(?!.{301})[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")


def spelt(value: Any) -> str | None:
    """The one text of a value (docs/binding.md), or None for no answer."""
    if value is None or value == "" or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if abs(value) < 2**53 and value == math.floor(value) else repr(value)
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


def figure(value: Any) -> float | None:
    """The number of a value, if it is one and finite."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        found = float(value) if value.isascii() and _DECIMAL.fullmatch(value) else math.nan
    else:
        found = float(value) if isinstance(value, int | float) else math.nan
    return found if math.isfinite(found) else None
