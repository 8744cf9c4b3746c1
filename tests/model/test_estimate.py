"""A draft is read strictly, written back the same, and its digest is that of its canonical JSON with its salt."""

import base64
import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity import canon
from comity.errors import FormatError
from comity.model import estimate
from comity.model.estimate import Draft, Row
from tests.builders.estimates import CSV

SALT = bytes(range(32))
CODES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", min_size=1, max_size=8)
NUMBERS = (
    st.decimals(-(10**9), 10**9, places=2, allow_nan=False)
    .map(lambda n: f"{n:f}")
    .filter(lambda text: not (text.startswith("-") and float(text) == 0))
)


@st.composite
def drafts(draw: Any) -> Draft:
    dimensions = draw(st.lists(CODES.map(lambda code: f"D_{code}"), min_size=1, max_size=3, unique=True))
    keys = draw(st.lists(st.tuples(*[CODES] * len(dimensions)), min_size=1, max_size=4, unique=True))
    rows, texts = [], st.text("abc é,\"'=", max_size=12).map(lambda text: text.strip(" ="))
    for key in keys:
        value = draw(st.none() | NUMBERS)
        status = draw(st.sampled_from("OLQM" if value is None else "AEPU"))
        bounds = draw(st.tuples(NUMBERS, NUMBERS) | st.just(("", "")))
        rows.append(
            Row(
                key=dict(zip(dimensions, key, strict=True)),
                value=value,
                lower=bounds[0],
                upper=bounds[1],
                status=status,
                nature=draw(st.sampled_from(sorted(estimate.NATURES))),
                source=draw(texts),
            )
        )
    return Draft(
        salt=draw(st.binary(min_size=32, max_size=32)),
        series=draw(CODES),
        area=draw(st.from_regex("[0-9]{3}", fullmatch=True)),
        period=draw(CODES),
        unit=draw(CODES),
        multiplier=draw(st.sampled_from(["0", "3", "-2", "15"])),
        rows=tuple(rows),
    )


@given(drafts())
def test_what_is_written_is_read_back(draft: Draft) -> None:
    assert draft == estimate.read(draft.data)
    assert draft == estimate.of_csv(estimate.to_csv(draft), draft.salt, where="draft")


def test_the_digest_is_that_of_the_record_as_anyone_would_write_it() -> None:
    """By the standard library alone: sorted keys, no blanks, base64."""
    source = {"source": "Household survey 2018"}
    record = {
        "salt": base64.b64encode(SALT).decode(),
        "series": "SI_POV_DAY1",
        "area": "001",
        "period": "2020",
        "unit": "PERCENT",
        "multiplier": "0",
        "rows": [
            {"key": {"SEX": "F"}, "value": "12.5", "lower": "10.1", "upper": "14.9", "status": "E", "nature": "M"}
            | source,
            {"key": {"SEX": "M"}, "value": "11.0", "lower": "", "upper": "", "status": "E", "nature": "M"} | source,
        ],
    }
    text = json.dumps(record, sort_keys=True, separators=(",", ":")).encode()
    draft = estimate.of_csv(CSV, SALT, where="draft")
    assert text == draft.data
    assert f"sha256:{hashlib.sha256(text).hexdigest()}" == draft.digest


def test_each_value_keeps_its_own_source() -> None:
    head, first, _ = CSV.decode().splitlines()
    codes, texts = ("F", "M", "_T", "_U"), ("Census", "Survey", "Census", "")
    lines = [
        first.replace(",F,", f",{code},").replace("Household survey 2018", text)
        for code, text in zip(codes, texts, strict=True)
    ]
    draft = estimate.of_csv("\n".join([head, *lines]).encode(), SALT, where="draft")
    again = estimate.of_csv(estimate.to_csv(draft), SALT, where="again")
    assert [*texts] == [row.source for row in draft.rows] == [row.source for row in again.rows]


def test_another_salt_is_another_digest() -> None:
    """Or whoever knows what values are likely finds the one that was sealed."""
    one, other = (estimate.of_csv(CSV, salt, where="draft").digest for salt in (SALT, bytes(32)))
    assert one != other


def test_sdmx_csv_is_read_too_and_a_mark_before_it_is_no_column() -> None:
    head, *rows = CSV.decode().splitlines()
    lines = [f"STRUCTURE,STRUCTURE_ID,ACTION,{head}", *(f"dataflow,IAEG-SDGs:DF_SDG(1.4),I,{row}" for row in rows)]
    message = "\ufeff" + "\r\n".join(lines) + "\r\n"
    assert estimate.of_csv(CSV, SALT, where="a") == estimate.of_csv(message.encode(), SALT, where="b")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("12.5", "12.5%"),
        ("12.5", "1e3"),
        ("12.5", ""),
        (",E,12.5", ",O,12.5"),
        (",E,12.5", ",e,12.5"),
        (",M,E,12.5", ",X,E,12.5"),
        ("10.1", "ten"),
        ("SI_POV_DAY1,1,2020,F", "SI_POV_DAY1,2,2020,F"),
        ("SI_POV_DAY1,1,2020,F", "SI_POV_DAY2,1,2020,F"),
        ("1,2020,M", "1,2020,F"),
        ("PERCENT,0,M,E,12.5", "PERCENT,99,M,E,12.5"),
        ("1,2020,F", "1,2020,"),
        ("UNIT_MEASURE", "UNIT"),
        ("LOWER_BOUND", "UPPER_BOUND"),
        ("Household survey 2018\n", "Household survey 2018,more\n"),
        ("SI_POV_DAY1,1,", "SI_POV_DAY1,1234,"),
        *(
            ("Household survey", sign + "Household survey")
            for sign in ("=", "+", "-", "@", "\t", " ", "＝", "\u202e", "\x1b")
        ),
        ("Household survey", "Household\u2028survey"),
        ("Household survey", "e\u0301"),
        ("Household survey 2018", '"two\nlines"'),
        ("1,2020,F", "1,2020,-F"),
        ("1,2020,F", "1,2020,@F"),
        ("SEX", "=SEX"),
    ],
)
def test_what_is_no_draft_is_refused_in_one_line(old: str, new: str) -> None:
    wrong = CSV.decode().replace(old, new) if "1234" in new else CSV.decode().replace(old, new, 1)
    assert wrong.encode() != CSV
    with pytest.raises(FormatError) as error:
        estimate.of_csv(wrong.encode(), SALT, where="draft.csv")
    assert "draft.csv" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_table_without_rows_or_too_long_for_a_box_is_refused() -> None:
    head, first, _ = CSV.decode().splitlines()
    long = "\n".join([head, *(first.replace(",F,", f",A{n},") for n in range(700))])
    for data in (head, long, ""):
        with pytest.raises(FormatError):
            estimate.of_csv(data.encode(), SALT, where="draft.csv")


def test_a_record_of_somebody_else_is_read_as_strictly() -> None:
    plain = json.loads(estimate.of_csv(CSV, SALT, where="draft").data)
    for changed in ({"salt": "AAAA"}, {"rows": []}, {"area": "1"}, {"more": 1}, {"series": "a b"}):
        with pytest.raises(FormatError):
            estimate.read(canon.encode(plain | changed))
