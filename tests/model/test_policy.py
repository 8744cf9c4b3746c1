"""A policy is read strictly: what is not understood is refused, because it would not be kept."""

import doctest
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from comity import canon
from comity.errors import ConfigError
from comity.model import policy as policies
from comity.model.policy import Policy

TEXT = """
version = "1"
valid_from = 1767225600
valid_until = 1798761600
officer = false

[[allow]]
method = "table"
goals = ["16"]
movers = ["*"]

[national]
publish = true
threshold = 10

[sealed]
noise_floor = 36
rate = 100
colluding = 3
survivors = 0
witnesses = 0

[budget]
epsilon = "4"
delta = "0.000001"
"""


def told(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        policies.read(text)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_policy_is_read_and_named_by_its_digest() -> None:
    policy = policies.read(TEXT)
    assert (36, "4", ("16",)) == (policy.sealed.noise_floor, policy.budget.epsilon, policy.allow[0].goals)
    assert canon.digest(canon.encode(policy)) == policy.digest
    assert policy == canon.decode(canon.encode(policy), Policy)


def test_layout_and_comments_do_not_change_the_digest() -> None:
    """The digest is of what the policy says."""
    assert policies.read(TEXT).digest == policies.read("# our policy\n" + TEXT.replace(" = ", "=")).digest


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("officer = false", "officer = false\nextra = 1", "unknown field extra"),
        ("threshold = 10", "threshold = 10\nthreshhold = 5", "unknown field national.threshhold"),
        ('movers = ["*"]', 'movers = ["*"]\nnorms = ["X"]', "unknown field allow.0.norms"),
        ("officer = false\n", "", "officer"),
        ("threshold = 10", "treshold = 10", "found treshold; wanted publish, threshold; if any, "),
        ("[national]", "[nationl]", "found nationl; wanted version, valid_from, "),
        ("rate = 100", "rate = 99", "policy.toml: sealed.rate: value out of range; wanted 100 or more"),
        ("rate = 100", "rate = 100.5", "rate"),
        ('epsilon = "4"', "epsilon = 4", "epsilon"),
        ('epsilon = "4"', 'epsilon = "4.0"', "budget.epsilon"),
        ('epsilon = "4"', 'epsilon = "inf"', "budget.epsilon"),
        ('delta = "0.000001"', 'delta = "1e-6"', "budget.delta"),
        ('delta = "0.000001"', 'delta = "0"', "budget.delta"),
        ("valid_until = 1798761600", "valid_until = 1767225600", "valid_until"),
        ("threshold = 10", "threshold = 0", "national.threshold"),
        ("threshold = 10", "threshold = 10\np = 101", "national.p"),
        ("threshold = 10", "threshold = 10\nwidth = 0", "national.width"),
        ("threshold = 10", "threshold = 10\ncoalition = 3", "national.coalition"),
        ("threshold = 10", "threshold = 10\nbase = 4", "base"),
        ("threshold = 10", 'threshold = 10\nway = "swapping"', "way"),
        ("threshold = 10", "threshold = 10\ndominance = [{ n = 0, k = 70 }]", "n of 1 to 10"),
        ("threshold = 10", "threshold = 10\ndominance = [{ n = 1, k = 100 }]", "1 to 99"),
        ("threshold = 10", "threshold = 10\nsensitive = [{}]", "national.sensitive"),
        ("threshold = 10", 'threshold = 10\nsensitive = [{ SEX = "two words" }]', "national.sensitive"),
        ("noise_floor = 36", "noise_floor = -1", "sealed.noise_floor"),
        ("colluding = 3", "colluding = 0", "sealed.colluding"),
        ("survivors = 0", "survivors = -1", "sealed.survivors"),
        ("witnesses = 0", "witnesses = 16", "sealed.witnesses"),
        ('goals = ["16"]', "goals = []", "a method, goals and movers in each"),
        ("[budget]", "[budget", "wanted TOML"),
        ('version = "1"', "", "version"),
    ],
)
def test_what_is_not_understood_is_refused_in_one_line(old: str, new: str, found: str) -> None:
    assert old in TEXT
    assert found in told(TEXT.replace(old, new))


def test_a_foreign_file_is_refused() -> None:
    assert "policy.toml" in told("[tool.ruff]\nline-length = 120\n")
    assert "policy.toml" in told('{"version": "1"}')


def names(kind: type) -> list[str]:
    """Fields of a policy, dotted, down through its parts."""
    found = []
    for field in fields(kind):  # type: ignore[arg-type]
        hint = get_type_hints(kind)[field.name]
        parts = [part for part in (hint, *get_args(hint)) if isinstance(part, type) and is_dataclass(part)]
        found += [f"{field.name}.{name}" for part in parts for name in names(part)] or [field.name]
    return found


def test_every_field_is_documented_and_no_other(root: Path) -> None:
    page = (root / "docs" / "policy.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1].strip().strip("`") for line in page.splitlines() if line.startswith("| `")]
    assert sorted(names(Policy)) == sorted(rows)


@pytest.mark.parametrize("page", ["policy.md", "binding.md"])
def test_the_examples_of_the_page_run(page: str, root: Path) -> None:
    failed, tried = doctest.testfile(str(root / "docs" / page), module_relative=False)
    assert tried
    assert not failed
