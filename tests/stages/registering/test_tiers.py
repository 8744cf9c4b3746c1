"""The tier classification, in the layout of the published workbook: what is read, and what is listed as not read."""

import contextlib
import io
from collections.abc import Sequence

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.errors import FormatError
from comity.stages.registering import tiers
from comity.stages.registering.found import Remark, Seen

HEAD = (
    "UNSD Indicator Code^",
    "Target",
    "Indicator",
    "Initial Proposed Tier (by Secretariat)",
    "Custodian Agency(ies)",
    "Partner Agency(ies)",
    "Tier Classification",
    "Notes\r\n(explanation and timing of updates or changes)",
)
OLD = tuple(
    {
        "Custodian Agency(ies)": "Possible Custodian Agency(ies)",
        "Tier Classification": "Updated Tier Classification\n(by IAEG-SDG Members)",
    }.get(name, name)
    for name in HEAD
)
ROWS = (
    (None, "Goal 1. A goal of the test", None, None, None, None, None, None),
    (
        "C010101",
        "1.1 A target",
        "1.1.1 Share of the poor,\nby sex ",
        "Tier II",
        "World Bank, ILO",
        "UNDP",
        "Tier I",
        "",
    ),
    ("C010201", "1.2 A target", "1.2.1 Another", "Tier I", "World Bank; National, UNICEF", " ", "Tier I/Tier II", "x"),
    ("C010a01", "1.a A target", "1.a.1 A third", "Tier III", "OECD", "", "2", ""),
    ("C010b01", None, "1.b.1 Unclassified", "", "", "", "", ""),
)


def workbook(*sheets: tuple[str, Sequence[Sequence[object]]]) -> bytes:
    """An .xlsx file of these sheets."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def published(*rows: Sequence[object], head: Sequence[object] = HEAD) -> bytes:
    """A workbook as it is published: notes first, then the sheet, with a line above its header."""
    return workbook(("Notes", [("Notes",), ("Indicator", "what it is")]), ("Tiers", [("Updated",), head, *rows]))


@pytest.mark.parametrize("head", [HEAD, OLD])
def test_indicators_agencies_and_tiers_are_read(head: Sequence[object]) -> None:
    found = tiers.read(published(*ROWS, head=head), "tiers.xlsx")
    assert (
        Seen(
            code="1.1.1",
            title="Share of the poor, by sex",
            custodians=("World Bank", "ILO"),
            partners=("UNDP",),
            tier="I",
        ),
        Seen(code="1.2.1", title="Another", custodians=("World Bank", "National", "UNICEF"), tier="I/II"),
        Seen(code="1.a.1", title="A third", custodians=("OECD",), tier="II"),
        Seen(code="1.b.1", title="Unclassified"),
    ) == found.indicators
    assert () == found.remarks


@pytest.mark.parametrize(
    ("row", "what"),
    [
        (("", "", "An indicator without a code", "", "ILO", "", "Tier I", ""), "begins with no code"),
        (("", "", "1.1 A target in the wrong column", "", "ILO", "", "Tier I", ""), "begins with no code"),
        (("", "", "1.9.1 Ninth", "", "ILO", "", "pending", ""), "1.9.1: names no tier: pending"),
        (("", "", "1.9.1 Ninth", "", "ILO", "", "Tier IV", ""), "1.9.1: names no tier: Tier IV"),
        (("", "", "1.1.1 Otherwise titled", "", "ILO", "", "Tier I", ""), "1.1.1: stands here a second time"),
    ],
)
def test_a_row_that_cannot_be_read_is_listed_with_its_place(row: Sequence[object], what: str) -> None:
    """Rows are counted as the sheet counts them: a line above, the header, five rows, and this one."""
    found = tiers.read(published(*ROWS, row), "tiers.xlsx")
    assert 4 == len(found.indicators)
    (remark,) = found.remarks
    assert ("tiers.xlsx", "Tiers, row 8") == (remark.file, remark.place)
    assert remark.what.startswith(what)


def test_the_same_row_again_is_no_contradiction() -> None:
    assert () == tiers.read(published(*ROWS, ROWS[1]), "tiers.xlsx").remarks


def test_its_sheet_saved_as_csv_says_the_same() -> None:
    text = "Indicator,Custodian Agency(ies),Tier Classification\n1.1.1 Share,ILO,Tier I\nno code,,\n"
    found = tiers.read(text.encode("utf-8-sig"), "tiers.csv")
    assert (Seen(code="1.1.1", title="Share", custodians=("ILO",), tier="I"),) == found.indicators
    wanted = Remark(file="tiers.csv", place="tiers.csv, row 3", what="begins with no code: no code")
    assert (wanted,) == found.remarks


@pytest.mark.parametrize(
    "data",
    [b"", b"a,b\n1,2\n", b"\xff\xfe", b"PK\x03\x04 no workbook", workbook(("Other", [("Indicator", "Target")]))],
)
def test_what_is_no_list_is_refused(data: bytes) -> None:
    with pytest.raises(FormatError):
        tiers.read(data, "tiers.xlsx")


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.binary(min_size=1, max_size=4))
def test_a_damaged_workbook_is_read_or_refused(place: int, garbage: bytes) -> None:
    """Nothing else happens, wherever the damage lies."""
    data = published(*ROWS)
    at = place % (len(data) - len(garbage))
    with contextlib.suppress(FormatError):
        tiers.read(data[:at] + garbage + data[at + len(garbage) :], "tiers.xlsx")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Tier I", "I"),
        ("Tier III ", "III"),
        ("1", "I"),
        ("Tier I (a)\nTier II (b)", "I/II"),
        ("II/I", "I/II"),
        ("Tier I, II, III", None),
        ("N.A.", None),
        ("13", None),
    ],
)
def test_tiers_are_named_in_many_ways(text: str, wanted: str | None) -> None:
    assert wanted == tiers.tier(text)
