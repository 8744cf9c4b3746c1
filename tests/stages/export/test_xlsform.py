"""The form of a norm, read by pyxform as ODK and KoboToolbox read it."""

import io
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from openpyxl import load_workbook
from pyxform.xls2xform import convert

from comity.errors import FormatError
from comity.model import norm as norms
from comity.model.norm import Norm
from comity.stages.export import xlsform
from tests.builders import norms as builder
from tests.model.bundle.strategies import sound

XFORM, HTML = "{http://www.w3.org/2002/xforms}", "{http://www.w3.org/1999/xhtml}"


def sheets(data: bytes) -> dict[str, list[dict[str, Any]]]:
    book = load_workbook(io.BytesIO(data))
    found = {}
    for sheet in book.worksheets:
        head, *rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
        found[sheet.title] = [{str(k): v for k, v in zip(head, row, strict=True) if v is not None} for row in rows]
    return found


def form(data: bytes) -> ET.Element:
    """What a phone gets, with no warning."""
    result = convert(io.BytesIO(data), file_type=".xlsx", warnings=[])
    assert [] == result.warnings
    return ET.fromstring(result.xform)


def test_pyxform_takes_the_form_and_asks_what_the_norm_asks() -> None:
    root = form(xlsform.workbook(builder.norm()))
    binds = {bind.get("nodeset", "").removeprefix("/data/"): bind.attrib for bind in root.iter(f"{XFORM}bind")}
    assert "Days of bad air, by sex" == root.findtext(f".//{HTML}title")
    assert ["string", "decimal", "string"] == [binds[id]["type"] for id in ("Q1", "Q2", "Q3")]
    assert "/data/Q1  = 'SOME' or  /data/Q1  = 'MUCH'" == binds["Q2"]["relevant"].strip()
    assert ". >= 0.5 and . <= 366" == binds["Q2"]["constraint"]
    assert {"Q3"} == {id for id, bind in binds.items() if bind.get("required") == "true()"}
    lists = {
        instance.get("id"): [name.text for name in instance.iter(f"{XFORM}name")]
        for instance in root.iter(f"{XFORM}instance")
        if instance.get("id")
    }
    assert {"CL_BAD.OUT": ["NONE", "SOME", "MUCH", "NA"], "CL_SEX": ["F", "M"]} == lists


def test_every_text_stands_in_every_language_of_the_norm() -> None:
    """Where a translation is missing, the first text stands: a blank would ask nothing."""
    root = form(xlsform.workbook(builder.norm()))
    spoken = {
        translation.get("lang"): {
            text.get("id"): [value.text for value in text.iter(f"{XFORM}value")]
            for text in translation.iter(f"{XFORM}text")
        }
        for translation in root.iter(f"{XFORM}translation")
    }
    assert {"English (en)", "Français (fr)"} == set(spoken)
    assert ["On how many days?"] == spoken["English (en)"]["/data/Q2:label"]
    assert ["Combien de jours ?"] == spoken["Français (fr)"]["/data/Q2:label"]
    assert ["Sex"] == spoken["Français (fr)"]["/data/Q3:label"]
    assert ["The last 12 months", "Do not read out."] == spoken["English (en)"]["/data/Q1:hint"]
    assert ["jamais"] == spoken["Français (fr)"]["CL_BAD.OUT-0"]


def test_equal_norms_give_equal_bytes() -> None:
    """No time, no machine, no order of a set stands in the file."""
    data = xlsform.workbook(builder.norm())
    assert data == xlsform.workbook(norms.read(builder.FILES))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {(1980, 1, 1, 0, 0, 0)} == {entry.date_time for entry in archive.infolist()}
        core = archive.read("docProps/core.xml").decode()
    assert 2 == core.count("1980-01-01T00:00:00Z")
    assert 0 == core.count("202")


def test_a_text_that_begins_like_a_formula_is_a_text() -> None:
    norm = builder.norm()
    first = replace(norm.questions[0], text={"en": "=1+1"})
    data = xlsform.workbook(replace(norm, questions=(first, *norm.questions[1:])))
    sheet = load_workbook(io.BytesIO(data))["survey"]
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value == "=1+1"]
    assert ["s"] == sorted({cell.data_type for cell in cells})


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ('text = { en = "Sex" }', 'text = { en = "${Q1}" }', "a form reads ${ as a reference"),
        ('missing = ["NA"]', 'missing = ["no answer"]', "a choice has a space in its name"),
        ('missing = ["NA"]', 'missing = ["SOME"]', "two ids have one name in a form"),
    ],
)
def test_what_a_form_would_read_otherwise_is_refused(old: str, new: str, found: str) -> None:
    assert old in builder.TOML
    norm = norms.read({**builder.FILES, "norm.toml": builder.TOML.replace(old, new, 1).encode()})
    with pytest.raises(FormatError, match=found.replace("$", r"\$").replace("{", r"\{")):
        xlsform.workbook(norm)


@pytest.mark.parametrize(("text", "fits"), [("A" * 32_767, True), ("A" * 32_768, False), ("😀" * 16_384, False)])
def test_a_question_that_no_cell_holds_is_refused_and_never_cut(text: str, fits: bool) -> None:
    """A cell holds 32,767 UTF-16 units (Excel specifications and limits)."""
    norm = builder.norm()
    norm = replace(norm, questions=(replace(norm.questions[0], text={"en": text}), *norm.questions[1:]))
    if fits:
        assert text == sheets(xlsform.workbook(norm))["survey"][0]["label::English (en)"]
    else:
        with pytest.raises(FormatError, match="longer than a cell"):
            xlsform.workbook(norm)


def test_a_norm_that_asks_nothing_has_no_form() -> None:
    with pytest.raises(FormatError, match="the norm has no questions"):
        xlsform.workbook(replace(builder.norm(), questions=()))


def test_ids_that_no_form_allows_are_spelt_out() -> None:
    """SDMX ids may begin with a figure and hold @ and $; what routes on them follows."""
    text = builder.TOML.replace('id = "Q1"', 'id = "1$@"').replace('id = "Q2"', 'id = "Q-2"')
    norm = norms.read({**builder.FILES, "norm.toml": text.encode()})
    survey = sheets(xlsform.workbook(norm))["survey"]
    assert ["n1_24__40_", "Q-2", "Q3"] == [row["name"] for row in survey]
    assert "${n1_24__40_} = 'SOME' or ${n1_24__40_} = 'MUCH'" == survey[1]["relevant"]
    form(xlsform.workbook(norm))


@given(sound())
@settings(max_examples=15, deadline=None)
def test_every_sound_norm_that_asks_has_a_form_or_a_line_that_says_why_not(norm: Norm) -> None:
    """Names of languages warn where they are no language's own; nothing else may."""
    try:
        data = xlsform.workbook(norm)
    except FormatError:
        return
    assert len(norm.questions) == len(sheets(data)["survey"])
    convert(io.BytesIO(data), file_type=".xlsx", warnings=[])


def test_the_form_on_disk_is_what_was_made(tmp_path: Path) -> None:
    """A spreadsheet program opens it: three sheets under their names, in the order of the standard."""
    file = tmp_path / "form.xlsx"
    file.write_bytes(xlsform.workbook(builder.norm()))
    assert ["survey", "choices", "settings"] == load_workbook(file).sheetnames
    settings_ = sheets(file.read_bytes())["settings"]
    wanted = {"form_title": "Days of bad air, by sex", "form_id": "AIR", "version": "1.0.0"}
    assert [wanted | {"default_language": "English (en)"}] == settings_
