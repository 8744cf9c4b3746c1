"""Whatever somebody wrote is a table, or one line that says why it is none; for every file that is written by hand."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.assembly import founding
from comity.errors import ComityError, ConfigError, FormatError
from comity.model import norm, policy, register, source, study, toml
from comity.services import config

WRONG = {
    "no TOML": b"a = ",
    "no UTF-8": b'a = "\xff"',
    "lists in lists": b"a = " + b"[" * 5000 + b"]" * 5000,
    "tables in tables": b"a = " + b"{a=" * 5000 + b"1" + b"}" * 5000,
    "a name in thousands of parts": b".".join([b"a"] * 3000) + b" = 1",
    "deeper than anything of ours": b"a = " + b"[" * 33 + b"]" * 33,
    "a number of 5,000 digits": b"a = " + b"9" * 5000,
    "a month too many": b"a = 2024-13-01",
}


def _config(data: bytes, folder: Path) -> object:
    (folder / "comity.toml").write_bytes(data)
    return config.toml(folder / "comity.toml")


READERS: dict[str, tuple[type[ComityError], Callable[[bytes, Path], Any]]] = {
    "norm": (FormatError, lambda data, _: norm.read({"norm.toml": data})),
    "register": (FormatError, lambda data, _: register.read({register.ABOUT: data})),
    "study": (FormatError, lambda data, _: study.read(_text(data), where="study.toml")),
    "binding": (ConfigError, lambda data, _: source.read_binding(_text(data), where="binding.toml")),
    "policy": (ConfigError, lambda data, _: policy.read(_text(data))),
    "charter": (FormatError, lambda data, _: founding.read(_text(data), where="charter.toml")),
    "amendment": (FormatError, lambda data, _: founding.amendment(_text(data), where="change.toml")),
    "configuration": (ConfigError, _config),
}


def _text(data: bytes) -> str:
    """As a command hands it on; a file that is no UTF-8 it refuses itself."""
    return data.decode(errors="replace")


def test_a_table_is_read_as_toml_says() -> None:
    assert {"a": {"b": [{"c": 1}]}, "d": "x"} == toml.read('d = "x"\n[[a.b]]\nc = 1\n', where="t")


@pytest.mark.parametrize("data", WRONG.values(), ids=WRONG)
def test_what_is_no_table_is_one_line_that_names_its_place(data: bytes) -> None:
    for wrong in (FormatError, ConfigError):
        with pytest.raises(wrong) as error:
            toml.read(data, where="place.toml", wrong=wrong)
        assert str(error.value).startswith("place.toml: ")
        assert "\n" not in str(error.value)


@pytest.mark.parametrize("data", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize(("wrong", "read"), READERS.values(), ids=READERS)
def test_every_file_that_is_written_by_hand_is_read_so(
    wrong: type[ComityError], read: Callable[[bytes, Path], Any], data: bytes, tmp_path: Path
) -> None:
    with pytest.raises(wrong):
        read(data, tmp_path)


@given(st.integers(1, 40))
def test_as_deep_as_is_said_and_no_deeper(depth: int) -> None:
    text = f"a = {'[' * depth}{']' * depth}"
    if depth < toml.DEEPEST:
        assert ["a"] == list(toml.read(text, where="t"))
    else:
        with pytest.raises(FormatError, match="nested too deeply"):
            toml.read(text, where="t")
