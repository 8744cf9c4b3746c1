"""A drafted binding says what names, labels and codes say, leaves the rest open, and binds nothing until then."""

import random
from dataclasses import replace

import pytest

from comity.errors import ConfigError
from comity.model.norm import Variable
from comity.model.source import Column, Map, read_binding
from comity.stages import proposing
from tests import sample

NORM = sample.norm()
ANSWERS = {"1": "None, at all", "2": "SOME", "3": "much", "4": "full", "-1": "Refused"}
NAMES = Column(name="person", values=None), Column(name="WAVE", values=("6",))
SEX = Column(name="v240", label="Sex", labels={"1": "male", "2": "Female"}, values=("1", "2"))
TRUST = Column(name="v12", label="Answer", labels=ANSWERS, missing=("-1",), values=("-1", "1", "4"))
NOTE = Column(name="note", values=("Anna Schmidt", "b"))


def text(*columns: Column) -> str:
    return proposing.text(NORM, proposing.drafts(NORM, columns), id="home")


def points(*columns: Column) -> list[str]:
    return [f"{draft.variable}: {point}" for draft in proposing.drafts(NORM, columns) for point in draft.open]


def test_a_draft_without_open_points_is_a_binding() -> None:
    binding = read_binding(text(*NAMES, TRUST, SEX, NOTE), where="binding.toml")
    assert ("home", "TRUST/1.0.0") == (binding.id, binding.norm)
    assert binding.maps == (
        Map(variable="PERSON", column="person", codes={}, missing=()),
        Map(variable="WAVE", column="WAVE", codes={}, missing=()),
        Map(variable="Q1", column="v12", codes={}, missing=("-1",)),
        Map(variable="Q2", column="v240", codes={"1": "M", "2": "F"}, missing=()),
    )


def test_a_draft_with_open_points_is_no_binding() -> None:
    odd = Column(name="v240", label="Sex", labels={"1": "male", "2": "Female", "3": "Diverse"}, values=("1", "9"))
    draft = text(*NAMES, TRUST, odd)
    with pytest.raises(ConfigError, match=r"a draft: points are open; found Q2: '3' \(Diverse\) is no code of CL_SEX"):
        read_binding(draft, where="binding.toml")
    assert ["Q2: '3' (Diverse) is no code of CL_SEX", "Q2: '9' is no code of CL_SEX"] == points(*NAMES, TRUST, odd)
    lines = draft.splitlines()
    begins, ends = lines.index("open = ["), lines.index("]")
    decided = "\n".join((*lines[:begins], *lines[ends + 1 :]))
    assert {"1": "M", "2": "F"} == read_binding(decided, where="binding.toml").map("Q2").codes


@pytest.mark.parametrize("value", ["true", '"x"', "[1]", '["a", 2]', "0"])
def test_whatever_is_open_is_no_binding(value: str) -> None:
    with pytest.raises(ConfigError, match="points are open"):
        read_binding(f"open = {value}\n" + text(*NAMES, TRUST, SEX), where="binding.toml")


def test_a_name_speaks_before_a_label_and_a_label_before_codes() -> None:
    codes = Column(name="c", values=("F", "M"))
    label = Column(name="b", label=" sex ", values=("F", "M"))
    name = Column(name="q2", values=("F", "M"))
    rest = (*NAMES, TRUST)
    assert [name, label, codes] == [
        proposing.drafts(NORM, (*rest, *columns))[3].column
        for columns in ((codes, label, name), (codes, label), (codes,))
    ]
    assert ["Q2: 'c' was found by its codes alone"] == points(*rest, codes)


def test_two_columns_that_are_alike_are_an_open_point() -> None:
    one, two = (Column(name=name, values=("F", "M")) for name in "ab")
    assert ["Q2: name the column: one of 'a', 'b'"] == points(*NAMES, TRUST, one, two)
    assert "Q2: name the column: no column is like it" in points(*NAMES, TRUST, NOTE)


def test_a_column_of_two_variables_is_an_open_point_of_both() -> None:
    both = Column(name="q1", label="Sex", labels={"1": "none, at all", "F": "Female", "M": "Male"}, values=())
    found = [point for point in points(*NAMES, both) if "another" in point]
    assert ["Q1: 'q1' is proposed for another variable, too", "Q2: 'q1' is proposed for another variable, too"] == found


def test_no_value_is_written_but_those_that_may_be_codes() -> None:
    many = Column(name="q1", values=None)
    draft = text(*NAMES, many, SEX, NOTE)
    assert "Anna" not in draft
    assert "'q1' has more values than codes have" in draft


def test_the_same_columns_are_the_same_draft() -> None:
    """In whatever order the file has them, as long as no two are alike."""
    columns = [*NAMES, TRUST, SEX, NOTE]
    wanted = text(*columns)
    for seed in range(5):
        assert wanted == text(*random.Random(seed).sample(columns, len(columns)))


@pytest.mark.parametrize("words", ['a "b"\n[[maps]]', "x\x7f\u202e", "\\", "# y", "'''", "\r\nversion = 2"])
def test_words_of_the_file_are_data_and_never_toml(words: str) -> None:
    """As a name, a label, a value and its label."""
    sex = Column(name=words, label="Sex", labels={words: "Male", "2": words}, values=(words, "2"), missing=("2",))
    answer = Column(name="q1", label=words, values=("1", "2"))
    binding = read_binding(text(*NAMES, answer, sex), where="binding.toml")
    found = binding.map("Q2")
    assert (words, {words: "M"}, ("2",)) == (found.column, found.codes, found.missing)


def test_what_stands_for_a_number_is_drafted_by_its_label_and_seen_by_the_officer() -> None:
    """Labels within the bounds say nothing new; a value that means no answer is the file's to declare."""
    rooms = Variable(id="ROOMS", concept="ROOMS", universe="all", unit="household", least="0", most="20")
    norm = replace(NORM, variables=(*NORM.variables, rooms))
    labels = {"97": "None", "98": "Refused", "99": "No answer", "1": "one room", "10": "10 or more", "21": "20+"}
    column = Column(
        name="rooms", labels=labels, missing=("99",), values=("1", "10", "10+", "2.5", "1e1", "few", "97", "99")
    )
    columns = (*NAMES, TRUST, SEX, column)
    drafted = proposing.drafts(norm, columns)
    assert {"97": "0", "10+": "10", "21": "20"} == drafted[-1].codes
    assert (
        "'21' (20+) is taken for 20: see that it is",
        "'97' (None) is taken for 0: see that it is",
        "'98' (Refused) is beyond the norm's bounds and has a label: is it a number, or no answer?",
        "'10+' is taken for 10: see that it is",
        "'few' is no number: name it in `codes` with what it stands for, or in `missing`",
    ) == drafted[-1].open
    written = proposing.text(norm, drafted, columns, id="home")
    begins, ends = (written.index(sign) for sign in ("open = [", "]\n\n[[maps]]"))
    entry = read_binding(written[:begins] + written[ends + 2 :], where="binding.toml").map("ROOMS")
    assert (drafted[-1].codes, ("99",)) == (entry.codes, entry.missing)
