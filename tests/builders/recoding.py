"""Columns of numbers in which some values stand for another number, drawn; `reckoning` says what is counted."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from comity.methods.card import Term
from comity.stages.collect import Number, Reading
from tests.builders import people
from tests.builders.people import TERMS, Asked

TEXTS = ("10+", "97", "none", "it's", "é", "1.50", "1,5", "3", "0x1", " 7", "NA", "", None)
WHOLE = (97, 98, 0, -1, 3, 2**53 + 1, -(2**63), None)
FLOATING = (97.0, 2.5, -0.0, 0.1, 1e300, float("nan"), float("inf"), None)
TRUTHS = (True, False, None)
KINDS: tuple[tuple[tuple[Any, ...], pa.DataType], ...] = (
    (TEXTS, pa.string()),
    (WHOLE, pa.int64()),
    (FLOATING, pa.float64()),
    (TRUTHS, pa.bool_()),
)
OTHERS = ("97.0", "1.5", "+3")  # spelt as no value is


CODES = {"10+": "10", "97": "0", "it's": "0.005", "é": "-2.5", "1.50": "123456789.5", "9": "NA", "1.5": "3"}


def of(
    column: Sequence[Any],
    kind: pa.DataType,
    codes: Mapping[str, str],
    *,
    missing: tuple[str, ...] = ("98", "1,5"),
    scale: str = "1",
) -> Asked:
    """One row a person, counts and the sum of the column, in hundredths from -50 to 50."""
    terms = (TERMS[0], Term(id="y", factors=("y",)))
    reading = Reading(variable="Y", column="y", codes=dict(codes), missing=missing, list=(), blank=("NA",), scale=scale)
    number = Number(reading=reading, decimals=2, least=-5000, most=5000)
    plan = people.table(("1",), unit="id", time="wave", column="q", terms=terms)
    size = len(column)
    rows = {"id": pa.array(range(size)), "wave": pa.array([6] * size), "q": pa.array(["1"] * size)}
    return Asked(plan=replace(plan, numbers={"y": number}), rows=pa.table(rows | {"y": pa.array(column, kind)}))


@st.composite
def asked(draw: st.DrawFn, *, rows: int = 12) -> Asked:
    """Of one kind of column; the numbers that are stood for have up to 18 decimals."""
    values, kind = draw(st.sampled_from(KINDS))
    column = draw(st.lists(st.sampled_from(values), min_size=1, max_size=rows))
    figures = st.integers(-(10**20), 10**20).map(lambda whole: f"{Decimal(whole).scaleb(-18).normalize():f}")
    ties = st.sampled_from(["0", "0.005", "0.015", "-0.005", "0.004999999999999999", "NA"])
    named = st.sampled_from([*people.texts(column), *OTHERS])
    codes = draw(st.dictionaries(named, figures | ties, min_size=1, max_size=6))
    missing = draw(st.sampled_from([(), ("98", "1,5")]))
    return of(column, kind, codes, missing=missing, scale=draw(st.sampled_from(["1", "0.01"])))
