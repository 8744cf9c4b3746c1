"""A register reads strictly, writes the same bytes back, and says where it contradicts itself."""

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity import canon
from comity.errors import FormatError
from comity.model import indicator, register
from comity.model.indicator import Change, Indicator, Origin, Register, Series, Tier, place

DIGEST = canon.digest(b"a list")
ONE = Indicator(
    code="1.1.1",
    title="Share of the poor, by sex",
    titles={"fr": "Part des pauvres, par sexe"},
    custodians=("World Bank", "ILO"),
    partners=("UNDP",),
    tiers=(Tier(tier="II", since="2016-04-01"), Tier(tier="I/II", since="2019-09-26")),
    changes=(Change(what="revised", year=2020),),
)
MADE = Register(
    id="SDG",
    version="2024-03",
    title="Indicators",
    source="IAEG-SDGs",
    address="https://example.org/lists",
    retrieved="2024-03-31",
    origins=(Origin(name="tiers.xlsx", digest=DIGEST, retrieved="2024-03-31"),),
    indicators=(ONE, Indicator(code="1.2.1", title="Another"), Indicator(code="1.a.1", title="A third")),
    series=(Series(code="SI_POV", indicators=("1.1.1", "1.a.1"), title="Poor", unit="per cent"),),
)


def test_the_folder_is_what_a_statistician_edits() -> None:
    files = register.write(MADE)
    assert (
        "code,title,title:fr,custodians,partners,tiers,changes\n"
        '1.1.1,"Share of the poor, by sex","Part des pauvres, par sexe",World Bank; ILO,UNDP,'
        "II 2016-04-01; I/II 2019-09-26,revised 2020\n"
        "1.2.1,Another,,,,,\n"
        "1.a.1,A third,,,,,\n"
    ) == files["indicators.csv"].decode()
    assert "code,indicators,title,unit,custodians\nSI_POV,1.1.1; 1.a.1,Poor,per cent,\n" == files["series.csv"].decode()
    assert files["register.toml"].decode().startswith('id = "SDG"\nversion = "2024-03"\n')


def test_a_tier_holds_from_its_date_until_the_next() -> None:
    days = ("2016-03-31", "2016-04-01", "2019-09-25", "2019-09-26", "2030-01-01")
    assert [None, "II", "II", "I/II", "I/II"] == [ONE.tier_on(day) for day in days]


def test_goal_target_and_series_follow_from_codes() -> None:
    third = MADE.indicator("1.a.1")
    assert ("1", "1.a") == (third.goal, third.target)
    assert ["SI_POV"] == [one.code for one in MADE.series_of("1.a.1")]
    assert () == MADE.series_of("1.2.1")
    with pytest.raises(FormatError, match="no such indicator"):
        MADE.indicator("9.9.9")


def test_codes_stand_in_the_order_of_the_framework() -> None:
    """Numbered targets by number, then lettered ones."""
    assert ["1.2.1", "1.10.1", "1.a.1", "1.b.1", "2.1.1", "10.1.1"] == sorted(
        ["10.1.1", "1.b.1", "2.1.1", "1.10.1", "1.a.1", "1.2.1"], key=place
    )


CHARACTERS = st.characters(categories=["L", "N", "P", "S"])
LINES = st.text(CHARACTERS, min_size=1, max_size=12).map(lambda text: unicodedata.normalize("NFC", text))
AGENCIES = st.lists(LINES.filter(lambda text: ";" not in text), max_size=3, unique=True).map(tuple)
CODES = st.tuples(st.integers(1, 17), st.one_of(st.integers(1, 19).map(str), st.sampled_from("abc")), st.integers(1, 9))
TIERS = st.lists(st.sampled_from(["I", "II", "III", "I/II"]), max_size=3).map(
    lambda named: tuple(Tier(tier=tier, since=f"20{16 + at}-01-01") for at, tier in enumerate(named))
)
CHANGES = st.lists(st.sampled_from(indicator.WHATS), max_size=3).map(
    lambda named: tuple(Change(what=what, year=2020 + at) for at, what in enumerate(named))
)


@st.composite
def registers(draw: st.DrawFn) -> Register:
    codes = sorted({f"{a}.{b}.{c}" for a, b, c in draw(st.lists(CODES, min_size=1, max_size=5))}, key=place)
    indicators = tuple(
        Indicator(
            code=code,
            title=draw(LINES),
            titles=draw(st.dictionaries(st.sampled_from(["fr", "ar", "zh-Hans"]), LINES, max_size=2)),
            custodians=draw(AGENCIES),
            partners=draw(AGENCIES),
            tiers=draw(TIERS),
            changes=draw(CHANGES),
        )
        for code in codes
    )
    ids = sorted(draw(st.sets(st.text("ABC_", min_size=1, max_size=4), max_size=3)))
    series = tuple(
        Series(
            code=id,
            indicators=tuple(sorted(draw(st.sets(st.sampled_from(codes), min_size=1)), key=place)),
            title=draw(LINES),
            unit=draw(st.one_of(st.just(""), LINES)),
            custodians=draw(AGENCIES),
        )
        for id in ids
    )
    return replace(MADE, title=draw(LINES), indicators=indicators, series=series)


@given(registers())
def test_what_is_written_reads_as_the_same_and_is_written_again(made: Register) -> None:
    assert () == indicator.faults(made)
    files = register.write(made)
    assert made == register.read(files)
    assert files == register.write(register.read(files))
    data = canon.encode(made)
    assert data == canon.encode(indicator.decode(data, where="register.json"))


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("register.toml", 'version = "2024-03"\n', ""),
        ("register.toml", 'id = "SDG"', 'id = "SDG"\nextra = "x"'),
        ("register.toml", "2024-03-31", "31 March"),
        ("register.toml", str(DIGEST), "sha256:00"),
        ("indicators.csv", "code,title", "code,name"),
        ("indicators.csv", "1.2.1,Another,,,,,", "1.2.1,Another"),
        ("indicators.csv", "1.2.1,Another", "1.1.1,Another"),
        ("indicators.csv", "1.2.1,Another", "1.b.1,Another"),
        ("indicators.csv", "1.2.1,Another", "1.2.1,"),
        ("indicators.csv", "II 2016-04-01; I/II 2019-09-26", "I/II 2019-09-26; II 2016-04-01"),
        ("indicators.csv", "II 2016-04-01", "II 2016-13-01"),
        ("indicators.csv", "II 2016-04-01", "II"),
        ("indicators.csv", "II 2016-04-01", "III/I 2016-04-01"),
        ("indicators.csv", "revised 2020", "improved 2020"),
        ("indicators.csv", "revised 2020", "revised 1999"),
        ("indicators.csv", "World Bank; ILO", "World Bank;; ILO"),
        ("indicators.csv", "title:fr", "title:F R"),
        ("series.csv", "1.1.1; 1.a.1", "1.a.1; 1.1.1"),
        ("series.csv", "1.1.1; 1.a.1", "1.1.1; 2.1.1"),
        ("series.csv", "1.1.1; 1.a.1", ""),
        ("series.csv", "SI_POV", "SI POV"),
        ("series.csv", "Poor", "Poo\u0301r"),
    ],
)
def test_what_contradicts_itself_is_refused(file: str, old: str, new: str) -> None:
    files = register.write(MADE)
    assert old in files[file].decode()
    with pytest.raises(FormatError):
        register.read({**files, file: files[file].replace(old.encode(), new.encode(), 1)})


@pytest.mark.parametrize("file", ["register.toml", "indicators.csv", "series.csv"])
def test_a_file_that_is_missing_or_no_text_is_named(file: str) -> None:
    files = register.write(MADE)
    with pytest.raises(FormatError, match=file):
        register.read({name: data for name, data in files.items() if name != file})
    with pytest.raises(FormatError, match=file):
        register.read({**files, file: b"\xff\xfe"})
