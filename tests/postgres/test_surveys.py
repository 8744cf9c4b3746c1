"""Real samples in the office's database: the published figures and standard errors, and the counts of a file."""

from pathlib import Path

import pytest
from psycopg import sql

from comity.model.source import Band, Map, Source
from tests.builders.microdata import Columns
from tests.corpus import test_surveys as published
from tests.corpus.test_surveys import CLUSTERS, REPLACED, STAGES, STRATA, Asked, Design, rows
from tests.postgres.conftest import Made
from tests.postgres.server import Server


def kept(server: Server, made: Made, folder: Path, columns: Columns) -> Source:
    """Rows as a table: columns of numbers as such, the rest text; what is not there is NULL."""
    kinds = {name: "float8" if all(map(is_number, values)) else "text" for name, values in columns.items()}
    heads = sql.SQL(", ").join(sql.SQL(f"{{}} {kind}").format(sql.Identifier(name)) for name, kind in kinds.items())
    source = made(
        "DROP TABLE IF EXISTS home.people", sql.SQL("CREATE TABLE home.people ({})").format(heads).as_string()
    )
    copy = "COPY home.people FROM STDIN"
    with server.office() as office, office.cursor() as cursor, cursor.copy(copy) as into:
        for row in zip(*columns.values(), strict=True):
            into.write_row([None if is_absent(value) else str(value) for value in row])
    return source


def is_absent(value: object) -> bool:
    return value is None or value in ("", "NA")


def is_number(value: object) -> bool:
    try:
        float("0" if is_absent(value) else str(value))
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    ("name", "design", "mean"),
    [
        ("apistrat", STRATA, "662.29 (9.4089)"),
        ("apiclus1", CLUSTERS, "644.17 (23.542)"),
        ("apiclus2", STAGES, "670.81 (30.099)"),
        ("apiclus2", REPLACED, "670.81 (30.712)"),
    ],
    ids=["strata", "clusters", "two stages", "with replacement"],
)
def test_schools_have_the_standard_errors_that_r_publishes(
    server: Server, made: Made, name: str, design: Design, mean: str, corpus: Path, tmp_path: Path
) -> None:
    asked = Asked(y="api00", weight="pw", design=design)
    found = published.answered(rows(corpus, name), tmp_path, asked, lambda *given: kept(server, made, *given))
    assert mean == found.shown("mean", value=2, error=len(mean.split(".")[-1]) - 1)


def test_the_rate_at_risk_of_poverty_is_the_published_one_and_the_file_s(
    server: Server, made: Made, corpus: Path, tmp_path: Path
) -> None:
    """Alfons and Templ (2013): 14.44422 % have less than 60 % of the median of equivalised income."""
    line = "10859.24"
    bands = (Band(code="poor", below=line), Band(code="not", least=line))
    asked = Asked(
        y="eqIncome",
        codes=("not", "poor"),
        by=Map(variable="Q1", column="eqIncome", bands=bands),
        weight="rb050",
        most=1_000_000,
        weigh=3,
        moments=False,
    )
    people = rows(corpus, "eusilc")
    file = published.answered(people, tmp_path, asked)
    table = published.answered(people, tmp_path, asked, lambda *given: kept(server, made, *given))
    weights = [table.sums[code, "w"] for code in ("poor", "not")]
    assert "14.44422" == f"{float(100 * weights[0] / sum(weights)):.5f}"
    assert (file.sums, file.figures) == (table.sums, table.figures)
