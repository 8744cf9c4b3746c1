"""docs/norm.md is a norm that somebody writes: its files are written, its commands run, as they stand on the page."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.cli.main import run
from comity.model.bundle.parts import KINDS

FENCE = re.compile(r"^```(\S+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(root: Path) -> Iterator[tuple[str, str, str]]:
    """Language, word behind it, and text of each fenced block."""
    for found in FENCE.finditer((root / "docs" / "norm.md").read_text("utf-8")):
        yield found[1], found[2] or "", found[3]


def changed(text: str, lines: str) -> str:
    """A text with the lines of a difference carried out, once."""
    old, new = ("\n".join(line[1:] for line in lines.splitlines() if line[0] == sign) for sign in "-+")
    assert old in text
    return text.replace(old, new, 1)


@pytest.fixture(scope="module")
def walked(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the whole page was walked."""
    place = tmp_path_factory.mktemp("norm")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        patch.delenv("COMITY_HOME", raising=False)
        for language, word, text in blocks(root):
            if language in ("toml", "csv"):
                (place / word).parent.mkdir(parents=True, exist_ok=True)
                (place / word).write_text(text)
            elif language == "diff":
                (place / word).write_text(changed((place / word).read_text(), text))
            elif language == "sh":
                for line in text.splitlines():
                    assert run(shlex.split(line)[1:]) == 0, line
    return place


def test_every_command_of_the_page_ends_with_yes(walked: Path) -> None:
    made = ("air.json", "codebook.xml", "form.xlsx", "recognised.json")
    assert [] == [name for name in made if not (walked / name).is_file()]


def test_the_next_version_is_the_one_that_the_page_tells_of(walked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One question is worded otherwise, which is minor; the same change as a patch is refused."""
    assert run(["norm", "diff", str(walked / "air.json"), str(walked / "next")]) == 0
    assert ["minor", "question", "Q1:", "another", "text"] == capsys.readouterr().out.splitlines()[1].split()
    toml = walked / "next" / "norm.toml"
    toml.write_text(toml.read_text().replace('"1.1.0"', '"1.0.1"', 1))
    assert run(["norm", "check", str(walked / "next"), "--against", str(walked / "air.json")]) == 1
    assert "that is a minor change of AIR/1.0.0, and 1.0.1 says patch" in capsys.readouterr().err


def test_the_page_has_every_kind_of_rule(root: Path) -> None:
    page = (root / "docs" / "norm.md").read_text("utf-8")
    assert list(KINDS) == re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE)
