"""DuckDB through Ibis counts what pandas counts, from Parquet and CSV alike; what is broken ends in one line."""

import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.adapters import tables
from comity.adapters.tables import DuckTables
from comity.errors import ComityError, SourceError
from comity.methods import registry
from comity.model.source import Binding, Map, Source
from comity.stages import compute
from comity.stages.compute import Plan
from tests import sample

TABLES = DuckTables(threads=1)
METHOD = registry.load("table", "1")
NORM = sample.norm()
STUDY = sample.study()

WAVES = st.sampled_from([6, 5, None])
ANSWERS = st.sampled_from(
    ["1", "2", "3", "4", "-1", "NA", "NaN", "", None, "5", "it's", 'say "no"', "1 ", "a,b", "é", "null"]
)
SEXES = st.sampled_from([1, 2, 9, 3, None])
ROWS = st.lists(st.tuples(WAVES, ANSWERS, SEXES), min_size=1, max_size=40)


def source(path: Path, **changes: object) -> Source:
    fields: dict[str, object] = {"id": "home", "path": str(path), "format": path.suffix[1:], "unique": True}
    return Source(**{**fields, **changes})  # type: ignore[arg-type]


def plan(source: Source, binding: Binding | None = None) -> Plan:
    binding = binding or sample.binding()
    return compute.plan(STUDY, NORM, binding, "2010-2014", source=source, method=METHOD)


def table(rows: list[tuple[int | None, str | None, int | None]]) -> pa.Table:
    return pa.table(
        {
            "uid": pa.array(range(len(rows)), pa.int64()),
            "wave": pa.array([row[0] for row in rows], pa.int64()),
            "q42": pa.array([row[1] for row in rows], pa.string()),
            "sex": pa.array([row[2] for row in rows], pa.int64()),
        }
    )


def write_csv(rows: list[tuple[int | None, str | None, int | None]], path: Path, delimiter: str = ",") -> None:
    """By hand, every text quoted, so that no other library's idea of CSV is tested."""
    lines = [delimiter.join(["uid", "wave", "q42", "sex"])]
    for i, (wave, answer, sex) in enumerate(rows):
        text = "" if answer is None else '"' + answer.replace('"', '""') + '"'
        fields = [str(i), "" if wave is None else str(wave), text, "" if sex is None else str(sex)]
        lines.append(delimiter.join(fields))
    path.write_text("\r\n".join(lines) + "\r\n", encoding="utf-8", newline="")


def oracle(rows: list[tuple[int | None, str | None, int | None]]) -> tuple[list[int], int, int, dict[str, int]]:
    """Cells, missing, outside, and the answers outside the list, as pandas counts them."""
    frame = pd.DataFrame(rows, columns=["wave", "answer", "sex"], dtype="object")
    frame = frame[frame["wave"] == 6]
    sex = frame["sex"].map({1: "M", 2: "F", 9: "missing", 3: "outside"}).fillna("missing")
    answer = frame["answer"].where(~frame["answer"].isin(["", "-1", "NA"]), None).fillna("missing")
    answer = answer.where(answer.isin(["1", "2", "3", "4", "missing"]), "outside")
    missing = (sex == "missing") | (answer == "missing")
    outside = ~missing & ((sex == "outside") | (answer == "outside"))
    kept = pd.crosstab(answer[~missing & ~outside], sex[~missing & ~outside])
    cells = kept.reindex(index=["1", "2", "3", "4"], columns=["F", "M"], fill_value=0)
    left = frame["answer"][answer == "outside"].value_counts().to_dict()
    return cells.to_numpy().ravel().tolist(), int(missing.sum()), int(outside.sum()), left


@settings(max_examples=60)
@given(rows=ROWS)
def test_duckdb_counts_what_pandas_counts(
    rows: list[tuple[int | None, str | None, int | None]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """NULLs, codes outside the list, texts that look like NULL, quotes: from Parquet and from CSV."""
    folder = tmp_path_factory.mktemp("rows")
    pq.write_table(table(rows), folder / "people.parquet")
    write_csv(rows, folder / "people.csv")
    cells, missing, outside, left = oracle(rows)
    for name in ("people.parquet", "people.csv"):
        counts = TABLES.count(plan(source(folder / name)))
        assert (cells, missing, outside) == (counts.values.tolist(), counts.missing, counts.outside)
        if outside:
            assert left == counts.unmapped.get("Q1", {})
