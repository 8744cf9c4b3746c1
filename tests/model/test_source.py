"""Bindings are read strictly and named by digest."""

import pytest

from comity import canon
from comity.errors import ConfigError
from comity.model.source import Binding, Map, read_binding

TEXT = """
id = "home"
version = "1"
norm = "TRUST/1.0.0"

[[maps]]
variable = "Q2"
column = "sex"
codes = { 1 = "M", 2 = "F" }
missing = ["9"]

[[maps]]
variable = "PERSON"
column = "uid"
"""


def test_a_binding_is_read_and_named_by_its_digest() -> None:
    binding = read_binding(TEXT, where="home.toml")
    assert Map(variable="Q2", column="sex", codes={"1": "M", "2": "F"}, missing=("9",)) == binding.map("Q2")
    assert Map(variable="PERSON", column="uid", codes={}, missing=()) == binding.map("PERSON")
    assert () == binding.deviations
    assert binding == canon.decode(canon.encode(binding), Binding)


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ('missing = ["9"]', 'missing = ["9"]\ndefault = "F"', "unknown field maps.0.default"),
        ('norm = "TRUST/1.0.0"', "", "norm"),
        ('missing = ["9"]', "missing = [9]", "missing"),
        ('variable = "PERSON"', 'variable = "Q2"', "a variable is mapped twice; found Q2"),
        ("[[maps]]", "[maps]", "home.toml"),
        ("column = ", "column : ", "wanted TOML"),
    ],
)
def test_what_is_not_understood_is_refused_in_one_line(old: str, new: str, found: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_binding(TEXT.replace(old, new), where="home.toml")
    assert found in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["maps = 3", "maps = [1, 2]", "", "maps = [[]]"])
def test_foreign_toml_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        read_binding(text, where="home.toml")
