"""Rules of disclosure control out of a file: strict, in range, and never none."""

import pytest

from comity.errors import ConfigError
from comity.model import protection
from comity.model.protection import Dominance, Rules

WHOLE = """
threshold = 5
p = 10
dominance = [{ n = 1, k = 75 }, { n = 3, k = 90 }]
sensitive = [{ REGION = "NORTH", BRANCH = "*" }]
zeros = true
width = 20
coalition = 2
way = "suppression"
base = 5
"""


def test_every_field_is_read() -> None:
    expected = Rules(
        threshold=5,
        p=10,
        dominance=(Dominance(n=1, k=75), Dominance(n=3, k=90)),
        sensitive=({"REGION": "NORTH", "BRANCH": "*"},),
        zeros=True,
        width=20,
        coalition=2,
        base=5,
    )
    assert expected == protection.read(WHOLE)


def test_fields_may_be_left_out() -> None:
    assert Rules(threshold=3) == protection.read("threshold = 3")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("treshold = 3", "treshold"),
        ('threshold = "3"', "threshold"),
        ("threshold = 0", "threshold"),
        ("p = 101", "p: value out of range"),
        ("dominance = [{ n = 0, k = 90 }]", "dominance"),
        ("dominance = [{ n = 11, k = 90 }]", "dominance"),
        ("dominance = [{ n = 1, k = 100 }]", "dominance"),
        ("dominance = [{ n = 1 }]", "dominance"),
        ("threshold = 3\nsensitive = [{}]", "sensitive"),
        ("threshold = 3\nwidth = 0", "width"),
        ("threshold = 3\ncoalition = 3", "coalition"),
        ("threshold = 3\nbase = 4", "base"),
        ('threshold = 3\nway = "magic"', "way"),
        ("threshold = ", "TOML"),
        ("", "no rule that finds a cell"),
        ("threshold = 1\ncoalition = 2", "no rule that finds a cell"),
    ],
)
def test_what_is_no_rule_is_refused_in_one_line(text: str, told: str) -> None:
    with pytest.raises(ConfigError, match=r"rules\.toml") as refused:
        protection.read(text)
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("rules", "parts"),
    [
        (Rules(threshold=9), 0),
        (Rules(p=5), 2),
        (Rules(dominance=(Dominance(n=1, k=80),)), 1),
        (Rules(p=5, dominance=(Dominance(n=3, k=80), Dominance(n=1, k=70))), 3),
    ],
)
def test_rules_say_how_many_largest_parts_they_look_at(rules: Rules, parts: int) -> None:
    assert parts == rules.parts


@pytest.mark.parametrize(("coalition", "touched", "pooled"), [(1, 1, 1), (1, 2, 2), (1, 9, 2), (2, 2, 2), (0, 5, 0)])
def test_who_stands_in_several_cells_knows_as_much_as_several_respondents(
    coalition: int, touched: int, pooled: int
) -> None:
    assert pooled == Rules(threshold=3, coalition=coalition).pooled(touched).coalition
