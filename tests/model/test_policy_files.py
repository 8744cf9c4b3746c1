"""Attack: a policy with an unknown word, or one that was cut: it is refused, or says what the whole one says."""

import re
from typing import Any

import pytest

from comity.errors import ConfigError
from comity.model import policy as policies
from comity.model.policy import Policy

TEXT = """\
version = "1"
valid_from = 1767225600
valid_until = 1798761600
officer = true
four_eyes = true
cells = 500

[[allow]]
method = "table"
goals = ["16", "5.2"]
movers = ["*"]
sources = ["survey"]
dimensions = ["SEX", "REF_AREA"]

[never]
goals = ["16.9"]
methods = ["mean"]
movers = ["tonga"]
sources = ["health"]
dimensions = ["RELIGION"]
codes = { REF_AREA = ["001"] }

[[finest]]
dimension = "REF_AREA"
codelists = ["CL_REGION"]
codes = ["R1", "R2"]
most = 26

[decided]
share = 66
votes = 3
consultation = 60

[national]
publish = true
threshold = 10
dominance = [{ n = 1, k = 70 }]
p = 15
sensitive = [{ SEX = "F", REF_AREA = "R1" }]
zeros = true
width = 20
coalition = 2
way = "rounding"
base = 5
bound = 7
variance = "3"
delta = "0.000001"

[sealed]
noise_floor = 36
rate = 100
colluding = 3
survivors = 4
witnesses = 2
members = 5
noiseless = ["aggregate"]

[budget]
study = "1"
epsilon = "4"
delta = "0.000001"
"""
WHOLE = policies.read(TEXT)
LINES = TEXT.splitlines()
FIELDS = [place for place, line in enumerate(LINES) if " = " in line]


def read(text: str) -> Policy | None:
    """The policy, or None where it is refused."""
    try:
        return policies.read(text)
    except ConfigError:
        return None


def name(place: int) -> str:
    """The field that stands on a line, with its table."""
    heads = [line.strip("[]") for line in LINES[:place] if line.startswith("[")]
    return (f"{heads[-1]}." if heads else "") + LINES[place].split(" = ")[0]


def test_a_policy_that_was_cut_at_any_byte_does_not_load() -> None:
    """As its last line is a field that must be there; but for the end of that line, which says nothing."""
    assert [len(TEXT) - 1, len(TEXT)] == [end for end in range(len(TEXT) + 1) if read(TEXT[:end]) is not None]
    assert WHOLE == read(TEXT[:-1])


@pytest.mark.parametrize("place", FIELDS, ids=name)
def test_a_word_that_is_not_known_is_refused(place: int) -> None:
    for spelt in ("x", "X", "s", "_", "-"):
        changed = [*LINES]
        changed[place] = re.sub(r"^(\w+)", rf"\g<1>{spelt}", changed[place])
        assert read("\n".join(changed)) is None
    assert read("\n".join([*LINES[:place], "unheard_of = 1", *LINES[place:]])) is None


WRONG: tuple[Any, ...] = ("[]", "{}", '""', "-1", "1.5", "nan", "1979-05-27", '"*"', "[[]]", "[1]", '[""]', "{ a = 1 }")


@pytest.mark.parametrize("place", FIELDS, ids=name)
def test_a_field_of_another_kind_is_refused_or_says_something_else(place: int) -> None:
    """What loads differs in this one field alone: a wrong value never stands for the right one."""
    field = LINES[place].split(" = ")[0]
    for value in (*WRONG, "true", "false", "7", '"7"'):
        found = read("\n".join([*LINES[:place], f"{field} = {value}", *LINES[place + 1 :]]))
        if found is not None:
            assert type(value) is str
            assert f"{field} = {value}" == LINES[place] or found != WHOLE


MAY_BE_LEFT_OUT = {
    *("four_eyes", "cells", "allow.sources", "allow.dimensions"),
    *("finest.codelists", "finest.codes", "finest.most"),
    *(f"never.{field}" for field in ("goals", "methods", "movers", "sources", "dimensions", "codes")),
    *(
        f"national.{field}"
        for field in (
            "dominance",
            "p",
            "sensitive",
            "zeros",
            "width",
            "coalition",
            "way",
            "base",
            "bound",
            "variance",
            "delta",
        )
    ),
    *("decided.share", "decided.votes", "decided.consultation", "sealed.members", "sealed.noiseless", "budget.study"),
}


@pytest.mark.parametrize("place", FIELDS, ids=name)
def test_a_field_that_is_missing_is_refused_unless_it_only_asks_for_more(place: int) -> None:
    found = read("\n".join([*LINES[:place], *LINES[place + 1 :]]))
    assert (name(place) in MAY_BE_LEFT_OUT) == (found is not None)
    assert found != WHOLE


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ('"5.2"', '"5.2."', "allow.goals"),
        ('"5.2"', '"18"', "allow.goals"),
        ('"5.2"', '"*"', "allow.goals"),
        ('["*"]', '["*", "fiji"]', "allow.movers"),
        ('["*"]', '["Fiji"]', "allow.movers"),
        ('["survey"]', "[]", "allow.sources"),
        ('["SEX", "REF_AREA"]', '[""]', "allow.dimensions"),
        ('method = "table"', 'method = "table/"', "allow.method"),
        ('"16.9"', '"16.09"', "never.goals"),
        ('["tonga"]', '["*"]', "never.movers"),
        ('["001"]', "[]", "never.codes"),
        ('["001"]', '["001 "]', "never.codes"),
        ('["RELIGION"]', '["RELIGI\u041eN"]', "never.dimensions"),  # a Cyrillic letter
        ('["RELIGION"]', '["RELIGION "]', "never.dimensions"),
        ('["SEX", "REF_AREA"]', '["*", "SEX"]', "allow.dimensions"),
        ('dimension = "REF_AREA"', 'dimension = " REF_AREA"', "finest"),
        ('["CL_REGION"]', '["CL REGION"]', "finest.codelists"),
        ('["R1", "R2"]', '["R1", ""]', "finest.codes"),
        ('["mean"]', '["me\u0430n"]', "never.methods"),
        ('["16.9"]', '["\uff11\uff16"]', "never.goals"),
        ('["16.9"]', '["16 "]', "never.goals"),
        ("share = 66", "share = 100", "decided.share"),
        ("votes = 3", "votes = -1", "decided.votes"),
        ("officer = true\n", "officer = false\n", "four_eyes"),
        ('study = "1"', 'study = "1.0"', "budget.study"),
        ("most = 26", "most = -26", "finest.most"),
        ("members = 5", "members = -5", "sealed.members"),
        ('noiseless = ["aggregate"]', 'noiseless = [""]', "sealed.noiseless"),
    ],
)
def test_a_value_that_can_never_fit_is_refused_by_its_field(old: str, new: str, found: str) -> None:
    assert old in TEXT
    with pytest.raises(ConfigError, match=rf"policy.toml: {found}: value out of range; wanted"):
        policies.read(TEXT.replace(old, new, 1))


def test_a_dimension_has_its_limits_once_and_has_some() -> None:
    again = TEXT + '\n[[finest]]\ndimension = "REF_AREA"\nmost = 3\n'
    none = TEXT + '\n[[finest]]\ndimension = "AGE"\n'
    assert (None, None) == (read(again), read(none))
