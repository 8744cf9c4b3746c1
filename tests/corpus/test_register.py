"""The global SDG data structure, imported: its series and their indicators, read a second time in another way."""

import csv
import re
from pathlib import Path

import pytest

from comity.model import register
from comity.model.indicator import CODE
from comity.stages.registering import dsd, merge
from comity.stages.registering.found import Found
from comity.stages.registering.merge import About

ABOUT = About(
    id="SDG", version="1.4", title="Series", source="IAEG-SDGs", address="https://example.org", retrieved="2021-01-01"
)


@pytest.fixture(scope="module")
def found(corpus: Path) -> Found:
    return dsd.read((corpus / "sdmx" / "SDG_DSD_1.4.xml").read_bytes(), "SDG_DSD_1.4.xml")


def test_every_code_of_the_list_is_a_series_or_is_told(corpus: Path, found: Found) -> None:
    text = (corpus / "sdmx" / "SDG_DSD_1.4.xml").read_text("utf-8-sig")
    codes = set(re.findall(r'Code=IAEG-SDGs:CL_SERIES\(1\.4\)\.([A-Za-z0-9_]+)"', text))
    told = {remark.place.partition(".")[2] for remark in found.remarks}
    assert codes == {one.code for one in found.series} | told
    assert set() == {one.code for one in found.series} & told
    assert {"retired: measures no indicator any more"} == {remark.what for remark in found.remarks}


def test_indicators_are_those_that_the_content_constraints_name(corpus: Path, found: Found) -> None:
    """Another publication: names of series that end with the codes of their indicators. A few changed since."""
    with (corpus / "sdmx" / "sdmx_global_content_constraints.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    named = {row["SERIES"]: set(CODE.findall(row["Name"].rpartition("[")[2])) for row in rows}
    both = [one for one in found.series if named.get(one.code)]
    same = [one for one in both if {CODE.fullmatch(c).groups() for c in one.indicators} == named[one.code]]  # type: ignore[union-attr]
    assert len(both) > 500
    assert len(same) / len(both) > 0.95


def test_it_makes_a_register_that_is_written_and_read(found: Found) -> None:
    made = merge.merged(ABOUT, [found]).register
    assert made == register.read(register.write(made))
    assert ("1", "1.1") == (made.indicators[0].goal, made.indicators[0].target)
    assert "SI_POV_DAY1" in [one.code for one in made.series_of("1.1.1")]
