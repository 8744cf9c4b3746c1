"""What somebody wrote by hand, as plain values: norms, registers, studies, sources, policies, charters, configurations.

Whatever the bytes are, it is a table or one error that names the line. Which fields a table has is its reader's.
"""

import tomllib
from typing import Any, Final

from comity.errors import ComityError, FormatError

DEEPEST: Final = 32  # tables and lists within each other; none of ours has more than six


def read(text: str | bytes, *, where: str, wrong: type[ComityError] = FormatError) -> dict[str, Any]:
    """The table of a TOML text; `wrong` if it is no UTF-8, no TOML, or nested as nothing of ours is."""
    try:
        table = tomllib.loads(text if isinstance(text, str) else text.decode())
    except RecursionError:
        raise _too_deep(where, wrong) from None
    except ValueError as e:  # no UTF-8, no TOML, or a number of thousands of digits
        raise wrong(str(e), where=where, wanted="TOML", way_out="correct the line it names") from None
    level: list[Any] = [table]
    for _ in range(DEEPEST):
        level = [inner for outer in level for inner in _inner(outer)]
        if not level:
            return table
    raise _too_deep(where, wrong)


def _inner(value: dict[str, Any] | list[Any]) -> list[Any]:
    """Tables and lists that stand in a table or list."""
    values = value.values() if isinstance(value, dict) else value
    return [one for one in values if isinstance(one, dict | list)]


def _too_deep(where: str, wrong: type[ComityError]) -> ComityError:
    return wrong("nested too deeply", where=where, wanted=f"{DEEPEST} tables and lists within each other at most")
