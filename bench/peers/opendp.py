"""OpenDP with Polars beside our bounded table: the same rows, the same bound on what one person adds, with its noise.

Of each person one row a cell, and of these cells the first `touched`, as drawing them at random is broken for two
keys in version 0.16; then counts by cell. Its keys come from the data under a threshold (delta), ours from code lists.
Making the measurement takes seconds whatever the rows; its noise is a small part.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

NAME = "OpenDP with Polars"


def counting(path: Path, *, unit: str, keys: Sequence[str], touched: int) -> Callable[[], int]:
    """What a bench times: opens the Parquet file, bounds, counts and releases; returns the number of cells."""
    import opendp.prelude as dp
    import polars as pl

    dp.enable_features("contrib")
    columns = [pl.col(key) for key in keys]

    def count() -> int:
        context: Any = dp.Context.compositor(
            data=pl.scan_parquet(path),
            privacy_unit=dp.unit_of(contributions=1, identifier=pl.col(unit)),
            privacy_loss=dp.loss_of(epsilon=1.0, delta=1e-9),
            split_evenly_over=1,
        )
        once = context.query().truncate_per_group(1, by=columns, keep="first")
        bounded = once.truncate_num_groups(touched, by=columns, keep="first")
        return int(bounded.group_by(keys).agg(dp.len()).release().collect().height)

    return count
