"""A file that is named on the command line, as its format reads it; what is wrong in it names the file.

Apart from `options`, because `comity verify` must not be able to reach a network.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from comity.errors import ConfigError, FormatError, UsageError
from comity.tlog.quorum import Policy

T = TypeVar("T")


def parsed(file: Path, parse: Callable[[bytes], T]) -> T:
    """A file as `parse` reads it; what is wrong in it names the file."""
    try:
        return parse(file.read_bytes())
    except FormatError as e:
        where = f"{file}, {e.where}" if e.where else str(file)
        raise FormatError(e.what, where=where, found=e.found, wanted=e.wanted, way_out=e.way_out) from None


def policy(file: Path | None) -> Policy | None:
    """A reader's own policy; ConfigError for a file that is none."""
    try:
        return parsed(file, Policy.parse) if file else None
    except OSError as e:
        raise UsageError("cannot read the policy", where=str(file), found=str(e.strerror)) from None
    except FormatError as e:
        raise ConfigError(e.what, where=e.where, found=e.found, wanted=e.wanted, way_out=e.way_out) from None
