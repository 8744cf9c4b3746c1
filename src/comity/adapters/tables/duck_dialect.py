"""DuckDB's own aggregates that Ibis has no word for. Loaded when something is bounded."""

import ibis
import ibis.expr.datatypes as dt


@ibis.udf.agg.builtin  # type: ignore[untyped-decorator]
def arg_min(value: dt.int64, key: dt.int64) -> dt.int64:
    """The value beside the least key."""


@ibis.udf.agg.builtin(name="arg_min")  # type: ignore[untyped-decorator]
def arg_min_few(value: dt.int64, key: dt.int64, most: dt.int64) -> dt.Array(dt.int64):  # type: ignore[valid-type]
    """The values beside the least keys, in the order of these."""


@ibis.udf.agg.builtin(name="min")  # type: ignore[untyped-decorator]
def min_few(key: dt.int64, most: dt.int64) -> dt.Array(dt.int64):  # type: ignore[valid-type]
    """The least keys, in order."""
