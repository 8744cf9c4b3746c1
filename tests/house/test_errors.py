"""Every error has a code of its own that docs/errors.md explains, with the exit status of its family."""

import re
from pathlib import Path

import pytest

from comity import errors

FAMILIES = {errors.Refused: 1, errors.UsageError: 2, errors.BadInput: 3, errors.WorldError: 4}


def below(kind: type[errors.ComityError]) -> list[type[errors.ComityError]]:
    """The tree; what a room hangs below it says the same with more fields, and is not always loaded."""
    own = [child for child in kind.__subclasses__() if child.__module__ == errors.__name__]
    return [found for child in own for found in (child, *below(child))]


def documented(root: Path) -> dict[str, int]:
    """Code and exit of each row of the table."""
    rows = re.findall(
        r"^\| `([a-z.-]+)` \| (\d+) \| .+ \| .+ \|$", (root / "docs" / "errors.md").read_text(), re.MULTILINE
    )
    return {code: int(exit_status) for code, exit_status in rows}


@pytest.mark.parametrize("kind", below(errors.ComityError), ids=lambda kind: kind.__name__)
def test_an_error_has_its_own_code_and_its_familys_exit(kind: type[errors.ComityError]) -> None:
    assert "code" in vars(kind)
    assert re.fullmatch(r"[a-z]+(\.[a-z-]+)?", kind.code)
    assert kind.__doc__
    assert [family for family in FAMILIES if issubclass(kind, family) and kind.exit == FAMILIES[family]]


def test_codes_are_unique() -> None:
    codes = [kind.code for kind in below(errors.ComityError)]
    assert sorted(set(codes)) == sorted(codes)


def test_every_code_is_documented_and_none_that_is_gone(root: Path) -> None:
    assert {kind.code: kind.exit for kind in below(errors.ComityError)} == documented(root)


def test_an_error_is_one_line() -> None:
    """Whatever it is made of."""
    told = errors.FormatError(
        "not\ncanonical", where="leaf 7", found="{\n" + "x" * 1000, wanted="RFC 8785", way_out="ask"
    )
    assert "\n" not in str(told)
    assert len(str(told)) < 400
