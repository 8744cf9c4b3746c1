"""A norm's version says what changed: what is gone or means something else is major, more is minor, words are patch."""

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings

from comity.model.bundle.norm import Norm
from comity.model.bundle.parts import Counting, Mapped
from comity.model.bundle.version import change, changes, number_faults, version_faults
from comity.model.structure import Code
from tests.builders import norms
from tests.model.bundle.strategies import sound

OLD = norms.norm()


def edited(old: str, new: str, file: str = "norm.toml") -> Norm:
    from comity.model import norm

    text = norms.FILES[file].decode()
    assert old in text
    return norm.read({**norms.FILES, file: text.replace(old, new, 1).encode()})


def codes(norm: Norm, of: Callable[[tuple[Code, ...]], tuple[Code, ...]]) -> Norm:
    """The norm with other codes of its first list."""
    first, *others = norm.structure.codelists
    lists = (replace(first, codes=of(first.codes)), *others)
    return replace(norm, structure=replace(norm.structure, codelists=lists))


@pytest.mark.parametrize(
    ("old", "new", "size", "told"),
    [
        ('title = "Days', 'title = "Number of days', "patch", "the norm: another title"),
        ('goal = "11.6"', 'goal = "11.7"', "major", "the norm: another goal"),
        ("threshold = 5", "threshold = 9", "major", "the protection: another threshold"),
        ("sample = 400", "sample = 500", "minor", "the method: another sample"),
        ('name = "table/1"', 'name = "table/2"', "major", "the method: another name"),
        ('version = "2021"', 'version = "2022"', "minor", "the authority: another version"),
        ('missing = ["NA"]', 'missing = ["NA", "X"]', "minor", "variable OUT: another missing"),
        ('most = "366"', 'most = "365"', "major", "variable DAYS: another most"),
        ("universe = \"residents who saw", "universe = \"adults who saw", "major", "variable DAYS: another universe"),
        ('en = "Was the air bad?"', 'en = "Was it bad?"', "minor", "question Q1: another text"),
        ('fr = "Combien', 'es = "x", fr = "Combien', "patch", "question Q2: other translations"),
        ('en = "Do not read out."', 'en = "Read out."', "patch", "question Q1: another instruction"),
        ('codes = ["SOME", "MUCH"]', 'codes = ["MUCH"]', "major", "question Q2: another when"),
        ('most = "0.25"', 'most = "0.5"', "minor", "rule R5 says something else"),
        ('whole = "SEX._T"', 'whole = "SEX._T"\ntolerance = "1"', "major", "rule R3 says something else"),
        ('en = "Whole days are usual."', 'en = "Whole days."', "patch", "rule R2: other words"),
        ('en = "Face to face', 'en = "Faces', "patch", "metadata COLL_METHOD: other words"),
        ('name = "Bad air"', 'name = "Foul air"', "patch", "dimension BAD: another name"),
        ("bound = 1", "bound = 2", "major", "measure n: another bound"),
    ],
)  # fmt: skip
def test_each_change_has_a_size_and_a_line(old: str, new: str, size: str, told: str) -> None:
    found = changes(OLD, edited(old, new))
    assert [(size, told)] == [(one.size, one.what) for one in found]


def test_codes_that_go_come_move_or_mean_something_else() -> None:
    more = Code(id="EVERY", name="every day")
    assert "major" == change(OLD, codes(OLD, lambda all: all[1:]))
    assert "minor" == change(OLD, codes(OLD, lambda all: (*all, more)))
    assert "minor" == change(OLD, codes(OLD, lambda all: (more, *all)))
    assert "major" == change(OLD, codes(OLD, lambda all: (all[1], all[0], *all[2:])))
    renamed = codes(OLD, lambda all: (replace(all[0], name="never"), *all[1:]))
    assert "major" == change(OLD, renamed)
    assert "patch" == change(OLD, codes(OLD, lambda all: (replace(all[0], names={"fr": "non"}), *all[1:])))
    same = Mapped(codelist="CL_BAD", code="NONE", becomes=("NONE",), breaks=False)
    assert "patch" == change(OLD, replace(renamed, map_from_previous=(same,)))
    assert "major" == change(OLD, replace(renamed, map_from_previous=(replace(same, breaks=True),)))


@pytest.mark.parametrize(("field", "place"), [("variables", 4), ("questions", 2)])
def test_a_part_that_is_gone_is_major_and_a_new_one_minor(field: str, place: int) -> None:
    part = getattr(OLD, field)
    less = replace(OLD, **{field: part[:place] + part[place + 1 :]})
    assert ("major", "minor") == (change(OLD, less), change(less, OLD))


def test_a_rule_that_refuses_is_missed_and_one_that_asks_is_not() -> None:
    without = {rule.id: replace(OLD, rules=tuple(one for one in OLD.rules if one != rule)) for rule in OLD.rules}
    found = {id: change(OLD, norm) for id, norm in without.items()}
    assert {"R1": "major", "R2": "minor", "R3": "major", "R5": "minor", "R7": "major"}.items() <= found.items()
    assert {"minor"} == {change(norm, OLD) for norm in without.values()}


@pytest.mark.parametrize(
    ("field", "size", "told"),
    [
        ("questions", "minor", "questions: another order"),
        ("variables", "patch", "variables: another order"),
        ("rules", "patch", "rules: another order"),
    ],
)
def test_another_order_is_seen_where_it_moves_no_cell_too(field: str, size: str, told: str) -> None:
    turned = replace(OLD, **{field: getattr(OLD, field)[::-1]})
    assert [(size, told)] == [(one.size, one.what) for one in changes(OLD, turned)]


def honest(norm: Norm, version: str) -> Norm:
    return replace(norm, version=version, replaces="AIR/1.0.0")


@pytest.mark.parametrize(
    ("version", "lines"),
    [("2.0.0", 0), ("2.3.4", 0), ("1.1.0", 1), ("1.0.1", 1), ("1.0.0", 1), ("0.9.0", 1)],
)
def test_a_removed_code_is_a_major_version_and_no_other(version: str, lines: int) -> None:
    gone = codes(OLD, lambda all: all[1:])
    told = Mapped(codelist="CL_BAD", code="NONE", breaks=True)
    assert lines == len(version_faults(OLD, honest(replace(gone, map_from_previous=(told,)), version)))


def test_a_version_says_what_it_replaces_and_what_became_of_old_codes() -> None:
    patch = replace(OLD, title="Bad air")
    assert () == version_faults(OLD, honest(patch, "1.0.1"))
    assert () == version_faults(OLD, honest(patch, "1.1.0"))
    assert ("it says that it replaces none, and not AIR/1.0.0",) == version_faults(OLD, replace(patch, version="1.0.1"))
    other = replace(honest(patch, "2.0.0"), id="WATER")
    assert "it is called WATER, and not AIR" in version_faults(OLD, other)
    unmapped = honest(codes(OLD, lambda all: all[1:]), "2.0.0")
    assert ("map_from_previous does not say what became of CL_BAD.NONE",) == version_faults(OLD, unmapped)


def test_an_earlier_version_is_held_against_the_number_alone() -> None:
    gone = codes(OLD, lambda all: all[1:])
    later = replace(gone, version="1.2.0", replaces="AIR/1.1.0")
    assert 1 == len(number_faults(OLD, later))
    assert () == number_faults(OLD, replace(later, version="2.0.0"))


def test_a_method_that_comes_or_goes() -> None:
    bare = replace(OLD, method=None)
    assert ("major", "minor") == (change(OLD, bare), change(bare, OLD))


@given(sound(), sound())
@settings(max_examples=20, deadline=None)
def test_nothing_changed_means_that_only_the_numbers_may_differ(one: Norm, other: Norm) -> None:
    """No difference hides from the list of changes."""
    alike = replace(other, version=one.version, replaces=one.replaces) == one
    assert alike == (change(one, other) == "none")
    assert "none" == change(one, one)


def mutants(value: Any) -> Iterator[Any]:
    """Each single field, at any depth, once with another value."""
    if is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            for other in mutants(getattr(value, field.name)):
                yield replace(value, **{field.name: other})
    elif isinstance(value, tuple):
        for place, item in enumerate(value):
            yield from (value[:place] + (other,) + value[place + 1 :] for other in mutants(item))
        yield value + value[-1:] if value and isinstance(value[-1], str) else value[:-1]
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
    elif isinstance(value, dict):
        yield {**value, "xx": {"en": "new"} if value and isinstance(next(iter(value.values())), dict) else "new"}
    elif isinstance(value, str):
        yield value + "x"
    else:
        yield "x"


def test_no_field_of_a_norm_changes_unseen() -> None:
    """Every field at any depth: a new part of a norm that nobody compares fails here."""
    whole = replace(OLD, method=Counting(name="table/1", parameters={"a": "b"}, sample=1))
    others = [one for one in mutants(whole) if (one.version, one.replaces) == (whole.version, whole.replaces)]
    assert 100 < len(others)
    assert [] == [one for one in others if one != whole and not changes(whole, one)]
