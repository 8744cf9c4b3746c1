"""One number has one name, whatever method asks for it; and a cell has more persons than its sums are equations."""

from dataclasses import replace

import pytest

from comity.methods import registry
from comity.methods.card import Card
from comity.model.study import Study
from comity.stages.protect import numbers
from tests.builders import numbers as builders

DECIMALS = {"n": 0, "w": 0, "wy": 0, "wyy": 0, "wx": 0, "cwy": 0, "vy": 0, "vw": 0, "cyx": 0, "vx": 0}


def card(study: Study) -> Card:
    method = registry.held(study.method)
    assert method is not None
    return method.card


def asked(method: str, *measures: str, **parameters: str) -> Study:
    norm = builders.norm({"R": ["A", "B"]}, {id: DECIMALS[id] for id in measures}, y="0 9", x="0 9", z="0 9")
    return builders.study(norm, method, **parameters)


MEAN = asked("mean", "n", "w", "wy", "wyy", y="y")


def what(study: Study, id: str) -> str:
    return numbers.measures(study, card(study))[id].what


def test_a_sum_has_one_name_by_whatever_method() -> None:
    """Were it two, the blank that protects a sensitive one in the first table would be shown by the second."""
    ratio = asked("ratio", "n", "wy", "wx", y="y", x="z")
    assert what(MEAN, "wy") == what(ratio, "wy")
    assert what(asked("mean", "n", "w", "wy", "wyy", y="z"), "wy") == what(ratio, "wx")


def test_other_numbers_have_other_names() -> None:
    finer = replace(MEAN, parameters={"y": "y", "y_decimals": "2"})
    names = [what(MEAN, id) for id in ("n", "w", "wy", "wyy")]
    names += [what(finer, "wy"), what(asked("mean", "n", "w", "wy", "wyy", y="x"), "wy")]
    assert len(names) == len(set(names))


def test_persons_are_counted_and_sums_are_not() -> None:
    found = numbers.measures(MEAN, card(MEAN))
    assert {"n": True, "w": False, "wy": False, "wyy": False} == {id: one.counts for id, one in found.items()}
    assert [0, 1, 2, 3] == [one.part for one in found.values()]


@pytest.mark.parametrize(
    ("study", "coalition", "least"),
    [
        (MEAN, 0, 3),  # two unknown incomes are two roots of one square
        (MEAN, 1, 4),
        (MEAN, 2, 5),
        (asked("mean", "n", "w", "wy", "wyy", "vw", "cwy", "vy", y="y"), 1, 6),
        (asked("ratio", "n", "wy", "wx", y="y", x="x"), 1, 3),
        (asked("ratio", "n", "wy", "wx", "vy", "cyx", "vx", y="y", x="x"), 1, 4),
    ],
)
def test_as_many_persons_as_the_sums_and_lone_respondents_cannot_bring_to_light(
    study: Study, coalition: int, least: int
) -> None:
    assert least == numbers.least(study, card(study), threshold=2, coalition=coalition)
    assert 10 == numbers.least(study, card(study), threshold=10, coalition=coalition)
    assert 1 == numbers.least(study, card(study), threshold=1, coalition=coalition)
