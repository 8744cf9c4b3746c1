"""What is a design and what is none; refusals that need an engine stand in tests/adapters/tables/test_design.py."""

from fractions import Fraction

import pytest

from comity.errors import ConfigError
from comity.model.source import Design, Replicates, Stage
from comity.stages import drawing

DISTRICTS, PERSONS = Stage(cluster="district", population="districts"), Stage(population="residents")


def test_without_stages_persons_were_drawn_with_replacement() -> None:
    assert (Stage(),) == drawing.stages(Design(strata="region"), where="home")


def test_a_stage_with_replacement_is_the_last_that_counts() -> None:
    replaced = Stage(cluster="village")
    assert (DISTRICTS, PERSONS) == drawing.stages(Design(stages=(DISTRICTS, PERSONS)), where="home")
    assert (DISTRICTS, replaced) == drawing.stages(Design(stages=(DISTRICTS, replaced, PERSONS)), where="home")


def test_a_stage_after_that_of_persons_is_refused() -> None:
    with pytest.raises(
        ConfigError, match="home: a stage of sampling before the last names no cluster; found stage 1 of 2"
    ):
        drawing.stages(Design(stages=(PERSONS, DISTRICTS)), where="home")


def test_factors_of_replicates_are_all_one_unless_given() -> None:
    columns = ("r1", "r2")
    assert (Fraction(14, 15), (1, 1)) == drawing.replicates(Replicates(columns=columns, scale="14/15"), where="home")
    given = Replicates(columns=columns, scale="0.25", factors=("1/2", "1"))
    assert (Fraction(1, 4), (Fraction(1, 2), 1)) == drawing.replicates(given, where="home")


@pytest.mark.parametrize("factors", [("1",), ("1", "1", "1")])
def test_replicates_without_a_factor_each_are_refused(factors: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError, match="replicate weights do not have a factor each; found 2 columns"):
        drawing.replicates(Replicates(columns=("r1", "r2"), scale="1", factors=factors), where="home")


@pytest.mark.parametrize("scale", ["", "-1", "1/0", "1e9999999", "a", "1/2/3", "NaN"])
def test_a_scale_that_is_no_number_is_refused(scale: str) -> None:
    with pytest.raises(ConfigError, match="home: no factor of a replicate weight"):
        drawing.replicates(Replicates(columns=("r1",), scale=scale), where="home")
