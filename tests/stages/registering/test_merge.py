"""A register out of several lists and out of the one before: who is believed, and what the past keeps."""

from dataclasses import replace

import pytest

from comity import canon
from comity.errors import FormatError
from comity.model.indicator import Change, Register, Series, Tier
from comity.stages.registering import merge
from comity.stages.registering.found import Found, Remark, Seen
from comity.stages.registering.merge import About, Merged

ABOUT = About(
    id="SDG", version="1", title="Indicators", source="IAEG-SDGs", address="https://example.org", retrieved="2019-12-31"
)
LATER = replace(ABOUT, version="2", retrieved="2020-03-31")
ONE = Seen(code="1.1.1", title="Share", custodians=("World Bank",), tier="II")
TWO = Seen(code="1.2.1", title="Another", tier="I")
POV = Series(code="SI_POV", indicators=("1.1.1",), title="Poor")


def listed(*indicators: Seen, series: tuple[Series, ...] = (), name: str = "a.csv", **more: object) -> Found:
    return Found(name=name, digest=canon.digest(name.encode()), indicators=indicators, series=series, **more)  # type: ignore[arg-type]


def made(*lists: Found, about: About = ABOUT, previous: Register | None = None) -> Merged:
    return merge.merged(about, lists, previous)


def test_each_list_gives_what_it_knows() -> None:
    """Agencies stand in one list, series in another; the files are named by digest."""
    found = made(listed(TWO, ONE), listed(Seen(code="1.1.1", title="Share"), series=(POV,), name="b.json"))
    assert () == found.remarks
    assert ["1.1.1", "1.2.1"] == [one.code for one in found.register.indicators]
    first = found.register.indicator("1.1.1")
    assert (("World Bank",), (Tier(tier="II", since="2019-12-31"),), ()) == (
        first.custodians,
        first.tiers,
        first.changes,
    )
    assert (POV,) == found.register.series
    assert [("a.csv", canon.digest(b"a.csv")), ("b.json", canon.digest(b"b.json"))] == [
        (origin.name, origin.digest) for origin in found.register.origins
    ]


def test_the_first_list_is_believed_and_the_other_is_told() -> None:
    found = made(listed(ONE), listed(replace(ONE, title="Portion", tier="III"), name="b.json"))
    assert ("Share", "II") == (found.register.indicators[0].title, found.register.indicators[0].tiers[0].tier)
    assert [("b.json", "1.1.1", "another title"), ("b.json", "1.1.1", "another tier ")] == [
        (remark.file, remark.place, remark.what[:13]) for remark in found.remarks
    ]


def test_what_a_list_could_not_read_is_told_too() -> None:
    remark = Remark(file="a.csv", place="row 7", what="no code")
    assert (remark,) == made(listed(ONE, remarks=(remark,))).remarks


def test_a_series_of_an_indicator_that_no_list_has_is_told_and_left_out() -> None:
    lost = Series(code="SI_LOST", indicators=("1.1.1", "9.9.9"), title="Lost")
    found = made(listed(ONE, series=(POV, lost)))
    assert (POV,) == found.register.series
    assert ["of 9.9.9, which no list titles"] == [remark.what for remark in found.remarks]


def test_the_past_is_kept() -> None:
    """A tier that stays has its old date; what is new, gone or titled otherwise is told with the year."""
    before = made(listed(ONE, TWO, Seen(code="1.3.1", title="Third", tier="III"))).register
    new = Seen(code="1.a.1", title="New", tier="II")
    after = made(listed(replace(ONE, tier="I"), replace(TWO, title="Refined"), new), about=LATER, previous=before)
    one, two, three, four = after.register.indicators
    assert (Tier(tier="II", since="2019-12-31"), Tier(tier="I", since="2020-03-31")) == one.tiers
    assert ("II", "I") == (one.tier_on("2020-03-30"), one.tier_on("2020-03-31"))
    assert (Tier(tier="I", since="2019-12-31"),) == two.tiers
    assert ((), (Change(what="revised", year=2020),)) == (one.changes, two.changes)
    assert ("1.3.1", True, (Change(what="deleted", year=2020),)) == (three.code, three.deleted, three.changes)
    assert ("1.a.1", (Change(what="added", year=2020),)) == (four.code, four.changes)


def test_what_was_deleted_stays_so_once_and_may_come_back() -> None:
    first = made(listed(ONE, TWO)).register
    second = made(listed(ONE), about=LATER, previous=first).register
    third = made(listed(ONE), about=replace(LATER, retrieved="2021-03-31"), previous=second).register
    assert second.indicator("1.2.1").changes == third.indicator("1.2.1").changes
    fourth = made(listed(ONE, TWO), about=replace(LATER, retrieved="2022-03-31"), previous=third).register
    assert ["deleted", "added"] == [change.what for change in fourth.indicator("1.2.1").changes]
    assert not fourth.indicator("1.2.1").deleted


def test_a_register_before_must_be_older() -> None:
    with pytest.raises(FormatError, match="not older"):
        made(listed(ONE), previous=made(listed(ONE)).register)


def test_nothing_is_no_register() -> None:
    with pytest.raises(FormatError, match="no indicator"):
        made(listed())


def test_the_kind_of_a_list_is_told_by_its_name() -> None:
    with pytest.raises(FormatError, match="not a kind of list"):
        merge.read("list.pdf", b"")
    assert "tiers.CSV" == merge.read("tiers.CSV", b"Indicator,Custodian agency,Tier classification\n1.1.1 A,,I\n").name
