"""What is read of a file of microdata at most, and the shapes of refusal that its readers share.

Limits are far above what offices hold, and far below what would fill a machine: a file may claim more than it is.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from comity.errors import ComityError, SourceError

COLUMNS: Final = 8_192  # of one table
HELD: Final = 2 * 2**30  # bytes of the columns read, where a format is read into memory
NAMED: Final = 12  # names that a refusal lists


def headed(names: Sequence[str], *, where: str) -> None:
    """Refuse names of columns that do not tell them apart, as the engine does: case does not count.

    Raises:
        SourceError: too many columns, none, one without a name, or a name that two have.
    """
    if len(names) > COLUMNS:
        raise SourceError(
            "too many columns",
            where=where,
            found=str(len(names)),
            wanted=f"at most {COLUMNS}",
            way_out="write the columns that norms ask for to a file of their own",
        )
    if empty := [str(i) for i, name in enumerate(names, 1) if not name.strip()]:
        raise SourceError(
            "not a header: a column has no name of its own",
            where=where,
            found="column " + listed(empty),
            wanted="a name for each column",
        )
    if twice := [name for name, n in Counter(name.casefold() for name in names).items() if n > 1]:
        raise SourceError(
            "not a header: a column has no name of its own",
            where=where,
            found=listed(twice) + " twice",
            wanted="a name of its own for each column; case does not count",
        )
    if not names:
        raise SourceError("no column", where=where, wanted="a table with named columns")


def held(size: int, *, where: str) -> None:
    """Refuse more bytes than are held in memory."""
    if size > HELD:
        raise SourceError(
            "too large for a format that is read into memory",
            where=where,
            found=f"more than {HELD // 2**20} MiB in the columns read",
            wanted="a smaller file, or one that is read piece by piece",
            way_out="write it as Parquet",
        )


def listed(names: Sequence[str]) -> str:
    """Some names, and how many more there are."""
    return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")


@contextmanager
def reading(form: str, *, where: str) -> Iterator[None]:
    """A library over anyone's bytes: whatever it stumbles over is one line, which quotes no row."""
    try:
        yield
    except (ComityError, MemoryError):
        raise
    except Exception as e:
        raise SourceError(
            f"not readable as {form}",
            where=where,
            found=type(e).__name__,  # its message may quote a cell
            wanted=f"a whole {form} file",
            way_out="write the file again",
        ) from None
