"""Extras of the package: which of them holds a library that a command wants and this environment has not.

Bare `comity` installs what `comity verify` needs. Whoever gives another command finds out here what to install, and
that nothing is broken. Which library belongs to which extra is the package's own metadata.
"""

import re
from importlib.metadata import requires
from typing import Final

from comity.errors import UsageError

_NAMES: Final = {"ibis": "ibis-framework", "vl_convert": "vl-convert-python"}  # imported by another name
_OPTIONAL: Final = re.compile(r"([A-Za-z0-9._-]+).*;.*extra == ['\"]([a-z]+)['\"]")


def missing(e: ModuleNotFoundError) -> UsageError | None:
    """The error of a library that an extra would have brought; None if no extra holds it, so that the fault is ours."""
    module = (e.name or "").partition(".")[0]
    wanted = _NAMES.get(module, module.replace("_", "-"))
    found = [match for match in map(_OPTIONAL.match, requires("comity") or ()) if match]
    extras = sorted({match[2] for match in found if match[1].lower().replace("_", "-") == wanted})
    if not extras:
        return None
    return UsageError(
        "this command needs a library that is not installed",
        where=wanted,
        wanted=" or ".join(f"comity[{extra}]" for extra in extras),
        way_out=f"pip install 'comity[{extras[0]}]'",
    )
