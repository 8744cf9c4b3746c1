"""What a study is for, as a place in the closed tree goal > target > indicator of the 2030 Agenda (A/RES/71/313).

Decides how a place is spelt and which place holds which: "16" holds 16.6 and 16.6.2, and "16.6" does not hold 16.60.
Whether the global framework has an indicator of this code today is the register's matter (`model.register`).
"""

import re
from typing import Final

_PLACE: Final = re.compile(r"(?:[1-9]|1[0-7])(?:\.(?:[1-9][0-9]?|[a-z])(?:\.[1-9][0-9]?)?)?", re.ASCII)


def is_place(text: str) -> bool:
    """Whether this is a goal of the seventeen, one of its targets, or an indicator of one.

    >>> [is_place(text) for text in ("16", "16.a", "3.b.3", "18", "16.", "16.06", "")]
    [True, True, True, False, False, False, False]
    """
    return _PLACE.fullmatch(text) is not None


def holds(wide: str, narrow: str) -> bool:
    """Whether one place is the other or above it; what is no place holds nothing and is held by nothing.

    >>> holds("16", "16.6.2"), holds("16.6", "16.60"), holds("16.6", "16"), holds("", "16")
    (True, False, False, False)
    """
    return is_place(wide) and is_place(narrow) and (narrow == wide or narrow.startswith(f"{wide}."))
