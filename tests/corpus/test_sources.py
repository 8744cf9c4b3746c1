"""EU-SILC as an office may have it: Parquet, SPSS, Stata and Excel give the counts that Python's own CSV reader finds.

The rows are published (R package laeken, 0.5.3); the numbers published with them are of 14,827 persons. SPSS and Stata
hold numbers with labels, Parquet and Excel texts; each binding is drafted from the file.
"""

import csv
from collections import Counter
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from comity.adapters.tables.counting import NationalTables
from comity.methods import registry
from comity.model import norm as norms
from comity.model.norm import Norm
from comity.model.source import read_binding
from comity.model.study import Period
from comity.stages import compute, proposing
from tests import sample
from tests.builders import microdata

REGIONS = {
    "AT11": "Burgenland", "AT12": "Lower Austria", "AT13": "Vienna", "AT21": "Carinthia", "AT22": "Styria",
    "AT31": "Upper Austria", "AT32": "Salzburg", "AT33": "Tyrol", "AT34": "Vorarlberg",
}  # fmt: skip
WORDS = {"ANSWER": "REGION", '"Answer"': '"Region"', "PERSON": "rb030", "WAVE": "year", "Q1": "db040", "Q2": "rb090"}
TABLES = NationalTables()


@pytest.fixture(scope="module")
def people(corpus: Path) -> list[dict[str, str]]:
    with (corpus / "methods" / "surveys" / "eusilc.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def norm() -> Norm:
    text = sample.NORM_TOML
    for old, new in WORDS.items():
        text = text.replace(old, new)
    regions = "id,name\n" + "".join(f"{code},{name}\n" for code, name in REGIONS.items())
    files = {"norm.toml": text.encode(), "codes/CL_SEX.csv": sample.FILES["codes/CL_SEX.csv"]}
    return norms.read({**files, "codes/CL_REGION.csv": regions.encode()})


def written(people: list[dict[str, str]], form: str, folder: Path) -> Path:
    """Sex and region as words; for SPSS and Stata as numbers with labels, as such files have them."""
    names = ("rb030", "db040", "rb090")
    columns: dict[str, list[object]] = {name: [one[name] for one in people] for name in names}
    columns = {**columns, "rb030": [int(one["rb030"]) for one in people], "year": [2006] * len(people)}
    if form in ("parquet", "xlsx"):
        return microdata.write(folder, columns, formats=(form,))[0]
    labels = {name: dict(enumerate(sorted({one[name] for one in people}), 1)) for name in names[1:]}
    back = {name: {word: number for number, word in one.items()} for name, one in labels.items()}
    frame = pd.DataFrame(
        {name: [back[name][word] for word in values] if name in back else values for name, values in columns.items()}
    )
    write = {"sav": pyreadstat.write_sav, "dta": pyreadstat.write_dta}[form]
    write(frame, folder / f"people.{form}", variable_value_labels=labels)
    return folder / f"people.{form}"


@pytest.mark.parametrize("form", ["parquet", pytest.param("xlsx", marks=pytest.mark.long), "sav", "dta"])
def test_the_same_survey_is_the_same_counts(
    form: str, people: list[dict[str, str]], norm: Norm, tmp_path: Path
) -> None:
    source = microdata.source(written(people, form, tmp_path))
    drafted = proposing.text(norm, proposing.drafts(norm, TABLES.described(source)), id="silc")
    binding = read_binding(drafted, where=form)
    study = sample.study(
        norm=norm.digest,
        layout=norm.structure.layout(("REGION", "SEX"), ("n",)),
        periods=(Period(id="2006", value="2006"),),
    )
    checked = TABLES.register(source, norm, binding)
    plan = compute.plan(study, norm, binding, "2006", source=checked, method=registry.load("table", "1"))
    found = TABLES.count(plan)
    truth = Counter((one["db040"], one["rb090"]) for one in people)
    assert [truth[name, sex] for name in REGIONS.values() for sex in ("female", "male")] == found.values.tolist()
    assert (14_827, 0, 0) == (int(found.values.sum()), found.missing, found.outside)
