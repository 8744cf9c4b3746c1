"""Names that may tell how a sample was drawn, and codes that are ranges: points for an officer to decide, no more."""

import pytest

from comity.model.source import Band, Column, read_binding
from comity.model.structure import Code
from comity.stages import proposing, signs
from tests.stages.test_proposing import NAMES, NORM, SEX, TRUST


def told(*names: str) -> list[str]:
    return list(signs.sample([Column(name=name) for name in names]))


@pytest.mark.parametrize(
    ("name", "may_be"),
    [
        ("PW", "sampling weight"),
        ("rb050", "sampling weight"),
        ("weight", "sampling weight"),
        ("WGT1", "sampling weight"),
        ("stype", "strata"),
        ("stratum", "strata"),
        ("DB060", "clusters"),
        ("psu", "clusters"),
        ("fpc", "population"),
    ],
)
def test_a_column_of_the_design_is_a_point_to_decide(name: str, may_be: str) -> None:
    (point,) = told("uid", name, "age")
    assert f"{name!r} may be the {may_be}" in point


def test_replicate_weights_are_one_point_and_no_weights() -> None:
    (point,) = told(*(f"repwt{n}" for n in range(1, 81)))
    assert "80 columns 'repwt1' to 'repwt80' may be replicate weights" in point


@pytest.mark.parametrize("name", ["weighted_income", "height", "birth_weight_g", "strategy", "repwt1", "w", "body"])
def test_what_is_only_like_it_is_no_point(name: str) -> None:
    assert [] == told(name)


def listed(*names: str) -> list[Code]:
    return [Code(id=f"C{i}", name=name) for i, name in enumerate(names)] + [Code(id="_T", name="Total")]


def test_a_list_of_ranges_is_bands_side_by_side() -> None:
    """15-24 holds 24.9 years, too: it ends below 25."""
    assert (
        Band(code="C1", below="15"),
        Band(code="C0", least="15", below="25"),
        Band(code="C2", least="25"),
    ) == signs.bands(listed("15-24", "under 15", "25+"))
    sdmx = [Code(id=id, name="") for id in ("Y_LT15", "Y15T64", "Y_GE65")]
    assert [("15", "65"), ("65", None)] == [(one.least, one.below) for one in signs.bands(sdmx)[1:]]


@pytest.mark.parametrize(
    "names",
    [("15-24", "never"), ("15-24", "30+"), ("15-24", "20-30"), ("15-24",), ("15+", "20+"), ("under 9", "under 5")],
)
def test_a_list_that_is_no_ranges_side_by_side_is_no_bands(names: tuple[str, ...]) -> None:
    assert () == signs.bands(listed(*names))


def test_a_draft_with_a_weight_binds_nothing_before_the_officer_says_so() -> None:
    columns = (*NAMES, TRUST, SEX, Column(name="pw"))
    drafted = proposing.drafts(NORM, columns)
    (point,) = [one for one in proposing.points(drafted, columns) if one.startswith("sample: ")]
    assert point in proposing.text(NORM, drafted, columns, id="home")
    assert "\nweight" not in proposing.text(NORM, drafted, columns, id="home")


def test_numbers_are_proposed_as_bands_and_stay_a_point_to_decide() -> None:
    """A column of ages for a list of age groups; the binding is read once the officer has decided."""
    from dataclasses import replace

    ages = replace(NORM.structure.codelist("CL_SEX"), codes=(Code(id="F", name="under 40"), Code(id="M", name="40+")))
    lists = tuple(ages if one.id == ages.id else one for one in NORM.structure.codelists)
    norm = replace(NORM, structure=replace(NORM.structure, codelists=lists))
    columns = (*NAMES, TRUST, Column(name="SEX", values=("17", "40", "85.5")))
    drafted = proposing.drafts(norm, columns)
    (draft,) = [one for one in drafted if one.bands]
    assert "taken for numbers" in draft.open[0]
    text = proposing.text(norm, drafted, columns, id="home")
    decided = text[: text.index("open = [")] + text[text.index("]\n", text.index("open = [")) + 2 :]
    assert (Band(code="F", below="40"), Band(code="M", least="40")) == read_binding(decided, where="b").map("Q2").bands


@pytest.mark.parametrize(
    ("label", "may"),
    [
        ("Final weight", True),
        ("Post-stratification weight including design weight", True),
        ("Expansion factor", True),
        ("Body weight in kg", False),
        ("Weight of the household's harvest in kg", True),  # a point to decide, no more
        ("Final degree", False),
        ("", False),
    ],
)
def test_a_label_may_say_that_a_column_is_the_weight(label: str, may: bool) -> None:
    told = list(signs.sample([Column(name="wfin", label=label), Column(name="rw1", label="Replicate sampling weight")]))
    assert may == (told == ["'wfin' may be the sampling weight: write `weight`, or remove this point"])
