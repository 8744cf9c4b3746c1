"""What a log holds, as lists that a reader looks through: made from the log alone, so the same wherever it is read.

Decides which columns each list shows. That a list came from a checked log, and under which charter, is its last line.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from comity.canon import Digest
from comity.model import moment
from comity.research import show
from comity.research.record import Standing

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A norm or study that somebody moved, and what came of it."""

    name: str
    outcome: str  # "in force", or as the motion stands: open, rejected, withdrawn, adopted (and replaced since)
    mover: str
    motion: int  # leaf index
    digest: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """What one publisher publishes of one study, over its periods; each cell of it is a series in SDMX's sense."""

    study: str
    publisher: str
    area: str  # M49, or _X of those who took part
    kind: str
    periods: tuple[str, ...]
    releases: tuple[int, ...]  # leaf indices


@dataclass(frozen=True, slots=True)
class Listing(Sequence[T], Generic[T]):
    """Items with a row each."""

    title: str
    items: tuple[T, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    standing: Standing

    @overload
    def __getitem__(self, at: int) -> T: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[T, ...]: ...
    def __getitem__(self, at: int | slice) -> T | tuple[T, ...]:
        return self.items[at]

    def __len__(self) -> int:
        return len(self.items)

    def __repr__(self) -> str:
        return f"{self.title}: {len(self)}\n{show.columns(self.columns, self.rows)}\n{self.standing}"

    def _repr_html_(self) -> str:
        head = show.title(f"{self.title}: {len(self)}")
        return show.whole(head, show.table(self.columns, self.rows), show.note(self.standing))

    def pandas(self) -> "pd.DataFrame":
        """The rows as a table."""
        import pandas as pd

        return pd.DataFrame(list(self.rows), columns=list(self.columns))


def of(title: str, items: Sequence[T], columns: Sequence[str], standing: Standing) -> Listing[T]:
    """A list whose columns are fields of its items."""
    rows = tuple(tuple(_cell(name, getattr(item, name)) for name in columns) for item in items)
    return Listing(title, tuple(items), tuple(columns), rows, standing)


def date(seconds: int) -> str:
    """A time of the log."""
    return f"{moment.plain(seconds)} UTC" if seconds else ""


def _cell(name: str, value: Any) -> object:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if value is None:
        return ""
    return date(value) if name == "time" else value
