"""An office's sources, bindings and its officer's answers, as they are written down and read back."""

from dataclasses import replace
from pathlib import Path

import pytest

from comity.canon import digest
from comity.errors import ConfigError
from comity.model.source import Source
from comity.services.node import approval, sources
from comity.services.node.approval import Approval
from comity.services.node.sources import Entry
from tests import sample
from tests.builders.offices import BINDING

SURVEY = Source(id="survey", path='/data/a "quoted" name.csv', format="csv", unique=False)
ANSWER = Approval(
    study=digest(b"study"), period="2010", policy=digest(b"p"), binding=digest(b"b"), answer="approved", time=5
)


def test_what_is_put_is_read_back(tmp_path: Path) -> None:
    assert () == sources.read(tmp_path)
    checked = replace(SURVEY, id="register", path="/data/register.csv", unique=True, vintage=digest(b"file"))
    for source in (SURVEY, checked):
        sources.put(tmp_path, Entry(source=source, bindings=()))
    assert [SURVEY, checked] == [entry.source for entry in sources.read(tmp_path)]


def test_a_source_put_again_takes_its_own_place(tmp_path: Path) -> None:
    sources.put(tmp_path, Entry(source=SURVEY, bindings=()))
    moved = replace(SURVEY, path="/elsewhere.csv")
    sources.put(tmp_path, Entry(source=moved, bindings=()))
    assert [moved] == [entry.source for entry in sources.read(tmp_path)]


def test_the_same_data_are_no_second_source_with_a_budget_of_its_own(tmp_path: Path) -> None:
    """By their place; or, copied elsewhere, by what they were found to hold once."""
    held = replace(SURVEY, vintage=digest(b"file"))
    sources.put(tmp_path, Entry(source=SURVEY, bindings=()).checked(held, time=1))
    elsewhere = Entry(source=replace(SURVEY, id="again", path="/data/copy.csv"), bindings=())
    sources.put(tmp_path, elsewhere)
    known = sources.read(tmp_path)
    copy = replace(elsewhere.source, vintage=digest(b"file"))
    for twin in (Entry(source=replace(SURVEY, id="twin"), bindings=()), elsewhere.checked(copy, time=2)):
        with pytest.raises(ConfigError, match=r"a source of this office already; found survey"):
            sources.put(tmp_path, twin)
    assert known == sources.read(tmp_path)
    other_sheet = Entry(source=replace(SURVEY, id="sheet", table="second"), bindings=())
    sources.put(tmp_path, other_sheet)
    assert [*known, other_sheet] == list(sources.read(tmp_path))


def test_a_norm_is_answered_by_the_source_that_is_bound_to_it(tmp_path: Path) -> None:
    sources.put(tmp_path, Entry(source=SURVEY, bindings=()))
    assert sources.bound(tmp_path, sample.norm()) is None
    binding = sources.bind(tmp_path, "survey", BINDING, where="binding.toml")
    found = sources.bound(tmp_path, sample.norm())
    assert found is not None
    assert (SURVEY, binding) == (found[0].source, found[1])
    assert sources.bound(tmp_path, replace(sample.norm(), version="2.0.0")) is None


def test_a_binding_for_no_source_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no such source.*comity source add"):
        sources.bind(tmp_path, "survey", BINDING, where="binding.toml")


@pytest.mark.parametrize("name", ["", "../policy", "two words", "a\nb", "x" * 65])
def test_a_sources_id_is_a_plain_word(tmp_path: Path, name: str) -> None:
    """Policies name sources by it, and lines about them are one line."""
    with pytest.raises(ConfigError, match="not a name for a source"):
        sources.put(tmp_path, Entry(source=replace(SURVEY, id=name), bindings=()))
    assert () == tuple(sources.read(tmp_path))


@pytest.mark.parametrize("name", ["../policy", ".hidden", "a/b"])
def test_a_bindings_id_is_no_path(tmp_path: Path, name: str) -> None:
    sources.put(tmp_path, Entry(source=SURVEY, bindings=()))
    with pytest.raises(ConfigError, match="not a name for a file"):
        sources.bind(tmp_path, "survey", BINDING.replace('"home"', f'"{name}"'), where="binding.toml")


def test_an_edited_file_is_read_strictly(tmp_path: Path) -> None:
    sources.put(tmp_path, Entry(source=SURVEY, bindings=()))
    path = tmp_path / "sources.toml"
    path.write_text(path.read_text() + "uniqe = true\n")
    with pytest.raises(ConfigError, match=r"unknown field .*uniqe"):
        sources.read(tmp_path)


def test_an_officers_answer_is_given_once(tmp_path: Path) -> None:
    approval.give(tmp_path, ANSWER)
    approval.give(tmp_path, ANSWER)
    with pytest.raises(ConfigError, match="answered already"):
        approval.give(tmp_path, replace(ANSWER, answer="declined"))
    assert ANSWER == approval.find(tmp_path, ANSWER.study, ANSWER.period)


@pytest.mark.parametrize("changed", [{"policy": digest(b"q")}, {"binding": digest(b"c")}], ids=["policy", "binding"])
def test_an_answer_is_to_one_policy_and_binding(tmp_path: Path, changed: dict[str, str]) -> None:
    """Where one of them changed since, the officer is asked anew."""
    approval.give(tmp_path, ANSWER)
    asked = {"policy": ANSWER.policy, "binding": ANSWER.binding}
    assert (ANSWER,) == approval.answers(tmp_path, ANSWER.study, ANSWER.period, **asked)
    assert () == approval.answers(tmp_path, ANSWER.study, ANSWER.period, **{**asked, **changed})  # type: ignore[arg-type]
    approval.give(tmp_path, replace(ANSWER, answer="declined", **changed))  # type: ignore[arg-type]
