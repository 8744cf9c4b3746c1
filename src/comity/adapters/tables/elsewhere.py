"""What engines share that keep their rows outside this process, or spill what memory does not hold."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from comity.adapters.tables import order

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa


class Elsewhere:
    """Half of an `engine.Engine`: no row is taken here, and all are counted at once."""

    __slots__ = ()

    @property
    def here(self) -> bool:
        return False

    @property
    def room(self) -> None:
        return None

    def within(self, rows: "ibis.Table", name: str, change: "Callable[[pa.Table], pa.Table]") -> None:
        return None

    def least(self, rows: "ibis.Table", *, of: str, place: str, most: int, sums: Mapping[str, int]) -> "ibis.Table":
        return order.least(rows, of=of, place=place, most=most, sums=sums)
