"""What a source must hold: columns of readable kinds, and a binding into the norm's own lists."""

from dataclasses import replace
from typing import Any

import pytest

from comity.errors import ConfigError, SourceError
from comity.model.inspection import Weights
from comity.model.norm import Variable
from comity.model.source import Band, Binding, Coverage, Map
from comity.stages import collect
from comity.stages.collect import Reading
from tests import sample

NORM = sample.norm()
READ = sample.binding()
KINDS = {"uid": "whole number", "wave": "whole number", "q42": "text", "sex": "whole number"}


def readings(binding: Binding = READ) -> list[Reading]:
    return [collect.reading(NORM, binding, variable) for variable in NORM.variables]


def bound(**maps: Map) -> Binding:
    """The binding with other maps."""
    return replace(READ, maps=tuple(maps.get(entry.variable, entry) for entry in READ.maps))


def test_a_source_that_fits_passes() -> None:
    collect.fits(KINDS, collect.wanted(readings()), where="home")


def test_a_national_value_means_a_code_no_answer_or_nothing_known() -> None:
    answer = {reading.variable: reading.meaning() for reading in readings()}
    assert {"NA": None, "-1": None, "1": "1", "2": "2", "3": "3", "4": "4"} == answer["Q1"]
    assert {"1": "M", "2": "F", "9": None} == answer["Q2"]


def test_what_is_missing_at_home_is_missing_even_if_it_is_a_code() -> None:
    read = collect.reading(
        NORM, bound(Q1=Map(variable="Q1", column="q42", codes={}, missing=("4",))), NORM.variable("Q1")
    )
    assert read.meaning()["4"] is None


def test_every_missing_column_stands_in_one_line() -> None:
    with pytest.raises(SourceError) as caught:
        collect.fits({"uid": "text", "Q42": "text"}, collect.wanted(readings()), where="home")
    assert (
        "home: no column wave, q42, sex; found uid, Q42; wanted wave (for WAVE), q42 (for Q1), sex (for Q2); "
        "way out: correct the column in the binding, or the file"
    ) == str(caught.value)


def test_a_column_whose_values_have_no_one_spelling_is_refused() -> None:
    with pytest.raises(SourceError, match=r"home: q42: .* found timestamp\(6\)"):
        collect.fits({**KINDS, "q42": "timestamp(6)"}, collect.wanted(readings()), where="home")


def test_a_binding_of_another_norm_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"found TRUST/2\.0\.0; wanted TRUST/1\.0\.0"):
        readings(replace(READ, norm="TRUST/2.0.0"))


def test_a_variable_that_no_column_answers_is_refused() -> None:
    with pytest.raises(ConfigError, match="maps no column to Q2"):
        readings(replace(READ, maps=READ.maps[:3]))


def test_a_variable_that_the_norm_does_not_have_is_refused() -> None:
    """A misspelt one would be a question that nobody answers, without a word."""
    collect.spelt(NORM, READ)
    more = replace(READ, maps=(*READ.maps, Map(variable="Q9", column="q9")))
    with pytest.raises(ConfigError, match=r"that the norm does not have; found Q9; wanted PERSON, WAVE, Q1, Q2"):
        collect.spelt(NORM, more)


def test_a_code_that_the_norm_does_not_have_is_refused() -> None:
    with pytest.raises(ConfigError, match="found MALE, X"):
        readings(bound(Q2=Map(variable="Q2", column="sex", codes={"1": "MALE", "2": "F", "3": "X"}, missing=())))


POOR = Variable(id="POOR", concept="POOR", universe="all", unit="person", least="0", most="1.5", missing=("NA", "-1"))


def poor(**fields: Any) -> Binding:
    """A binding with a number beside."""
    return replace(READ, maps=(*READ.maps, Map(variable="POOR", column="q8", **fields)))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"bands": (Band(code="1", below="60"), Band(code="0", least="60"))}, "makes bands of a number; found 0, 1"),
        ({"bands": (Band(code="NA", below="60"),)}, "makes bands of a number; found NA"),
        ({"codes": {"1": "1", "2": "no"}}, "recodes a number to what is none; found no"),
        ({"codes": {"1": "1.0", "2": "1e2", "3": "+1"}}, r"recodes a number to what is none; found \+1, 1.0, 1e2"),
        ({"codes": {"": "0"}}, "takes an empty value for a number; found 0"),
    ],
)
def test_a_number_is_recoded_to_a_number_and_nothing_else(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=f"home/1: POOR: the binding {said}"):
        collect.reading(replace(NORM, variables=(*NORM.variables, POOR)), poor(**fields), POOR)


def test_a_national_value_stands_for_a_number_in_the_norms_unit() -> None:
    """It is not scaled; it is rounded half up, and cut to the norm's bounds, as a number that stands in the file is."""
    codes = {"none": "0", "little": "0.004999999999999999", "half": "0.005", "10+": "10", "low": "-0.015", "9": "NA"}
    norm = replace(NORM, variables=(*NORM.variables, POOR))
    read = collect.number(norm, poor(codes=codes | {"8": "0"}, missing=("8",), scale="0.01"), POOR, decimals=2)
    assert {"none": 0, "little": 0, "half": 1, "10+": 150, "low": 0} == read.standing()
    assert {"8", "9", "NA", "-1"} == {*read.reading.nothing}
    told = collect.reading(norm, poor(codes={"NA": "0"}), POOR)
    assert ({"NA": 0}, ("-1",)) == (told.numbers, told.nothing)  # what a binding says of a value goes first


def test_codes_of_a_list_have_no_scale() -> None:
    with pytest.raises(ConfigError, match=r"Q1: the binding has codes and a scale; found 0\.01"):
        readings(bound(Q1=Map(variable="Q1", column="q42", codes={"a": "1"}, scale="0.01")))


def test_codes_outside_the_list_are_one_line_for_the_officer() -> None:
    """Counting goes on without them; `source check` does not."""
    clean = Coverage(rows=10, counted=9, missing=1, outside=0, unmapped={})
    collect.insist(clean, where="home 2010-2014")
    odd = replace(clean, counted=6, outside=3, unmapped={"Q1": {"5": 2, "it's": 1}})
    with pytest.raises(SourceError) as caught:
        collect.insist(odd, where="home 2010-2014")
    assert (
        "home 2010-2014: 3 of 10 rows hold a code outside the list; found Q1 '5' (2 rows), Q1 \"it's\" (1 rows)"
        in str(caught.value)
    )


def test_a_weight_that_no_row_has_is_one_line_for_the_officer() -> None:
    """As of a column of texts with a comma for the point: no row counts, and no code would say why."""
    some = Weights(missing=9, negative=2, zero=1, sum=0.5, least=0, most=0.5, share=1)
    for fine in (None, some, replace(some, missing=0, negative=0, zero=0, sum=0, most=0)):
        collect.insist_weighed(fine, where="home")
    with pytest.raises(SourceError, match="home: not one row has a weight; found 9 rows without a number, 2 below 0, "):
        collect.insist_weighed(replace(some, sum=0, most=0), where="home")
