"""Where a norm contradicts itself: one line for each kind of reference that leads nowhere."""

import pytest

from comity.errors import FormatError
from comity.model import norm as norms
from tests.builders import norms as builder

ROUTED = 'when = { variable = "OUT", codes = ["SOME", "MUCH"] }'


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ('variable = "DAYS"', 'variable = "WEEKS"', "question Q2: no variable WEEKS"),
        ('id = "Q2"', 'id = "Q1"', "question Q1: stands twice"),
        ('id = "Q2"', 'id = "Q 2"', "'Q 2' is not an SDMX id"),
        ('text = { en = "Sex" }', "text = {}", "question Q3: has no text"),
        ('text = { en = "Sex" }', 'text = { en = "" }', "question Q3: the text in en is empty"),
        ('text = { en = "Sex" }', 'text = { English = "Sex" }', "'English' is no language"),
        (ROUTED, 'when = { variable = "OUT", codes = ["FEW"] }', "question Q2: is asked at codes"),
        (ROUTED, 'when = { variable = "OUT", codes = [] }', "question Q2: is asked at codes"),
        (ROUTED, 'when = { variable = "SEX", codes = ["F"] }', "which no question before asks for"),
        ('of = ["DAYS"]', 'of = ["OUT"]', "rule R2: is about 'OUT', which a rule of kind range cannot"),
        ('least = "1"', "", "rule R2: wants least or most"),
        ('least = "1"', 'least = "1"\nwhole = "n"', "rule R2: a rule of kind range wants least, most"),
        ('least = "1"', 'least = "01"', "rule R2: a bound is no decimal"),
        ('least = "0.5"', 'least = "367"', "variable DAYS: least is above most"),
        ('most = "366"', 'most = "1e3"', "variable DAYS: a bound is no decimal"),
        ('missing = ["NA"]', 'missing = ["NA"]\nleast = "1"', "variable OUT: a coded variable has no bounds"),
        ('whole = "SEX._T"', "", "rule R3: a rule of kind sum wants whole, tolerance"),
        ('whole = "SEX._T"', 'whole = "BAD._T"', "rule R3: parts and whole are codes of one dimension"),
        ('of = ["SEX.F", "SEX.M"]', 'of = ["SEX.F"]', "rule R3: is about 1 things"),
        ('of = ["BAD.MUCH"]', 'of = ["BAD.SOME", "BAD.MUCH"]', "rule R4: is about 2 things"),
        ('of = ["BAD", "SEX"]', 'of = ["BAD", "BAD"]', "rule R6: names a thing twice"),
        ('of = ["PERSON", "YEAR"]', 'of = ["PERSON", "MONTH"]', "rule R7: is about 'MONTH'"),
        ('tolerance = "0"', 'tolerance = "-1"', "rule R6: tolerance is no decimal"),
        ('name = "table/1"', 'name = "table"', "method: wants name/version"),
        ("COLL_METHOD = { en", "'COLL METHOD' = { en", "metadata 'COLL METHOD': no concept"),
        ('digest = "sha256:11', 'digest = "sha256:xx', "authority: digest is none"),
        ('contact = "Section', 'contact = "Section\\n', "contact: is not one line"),
        ('disclaimer = "What', 'disclaimer = "\\u0007What', "a sign that nobody can see"),
        (
            'disclaimer = "What people say, no measurement."',
            'disclaimer = ""\nmap_from_previous = [{ codelist = "CL_BAD", code = "X", breaks = true }]',
            "map_from_previous: the norm replaces none",
        ),
        (
            'disclaimer = "What people say, no measurement."',
            'disclaimer = ""\nreplaces = "AIR/0.9.0"\n'
            'map_from_previous = [{ codelist = "CL_BAD", code = "X", becomes = ["Y"], breaks = true }]',
            "map_from_previous: CL_BAD.X becomes a code that is not there",
        ),
    ],
)
def test_a_reference_that_leads_nowhere_is_named(old: str, new: str, found: str) -> None:
    assert old in builder.TOML
    with pytest.raises(FormatError) as caught:
        norms.read({**builder.FILES, "norm.toml": builder.TOML.replace(old, new, 1).encode()})
    assert found in str(caught.value.found)


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("quelques jours,_T,", "quelques jours,ALL,", "a parent is no code of the list, or its own descendant"),
        ("_T,Total,Total,,", "_T,Total,Total,MUCH,", "a parent is no code of the list, or its own descendant"),
        ("2020-01-31", "31.1.2020", "code list CL_BAD: MUCH is used from one date"),
        ("2020-01-31", "2020-02-30", "code list CL_BAD: MUCH is used from one date"),
        ("some days", '"some\ndays"', "the name of SOME is not one line of text"),
        ("name:fr", "name:French", "'French' is no language"),
    ],
)
def test_a_code_list_that_leads_nowhere_is_named(old: str, new: str, found: str) -> None:
    text = builder.FILES["codes/CL_BAD.csv"].decode()
    assert old in text
    with pytest.raises(FormatError) as caught:
        norms.read({**builder.FILES, "codes/CL_BAD.csv": text.replace(old, new, 1).encode()})
    assert found in str(caught.value.found)


def test_what_a_member_may_reserve_is_every_part_by_kind() -> None:
    parts = set(builder.norm().parts())
    assert {"question:Q1", "code:CL_BAD.SOME", "rule:R5", "variable:DAYS", "dimension:SEX", "measure:n"} <= parts
    assert {"method:table/1", "metadata:COLL_METHOD"} <= parts
    assert "code:CL_BAD.FEW" not in parts
