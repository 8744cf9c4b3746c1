"""docs/charter.md: its charter is drafted as it stands, its amendment is one of it, and what is printed is printed."""

import re
import shlex
from pathlib import Path

import pytest

from comity import canon
from comity.acts.charter import Charter
from comity.assembly import articles, founding, terms
from comity.cli import articles as worded
from comity.cli import show
from comity.cli.main import run

BLOCK = re.compile(r"^```(\w+)( \w+)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def blocks(root: Path) -> dict[str, str]:
    """The page's blocks by their words; of several alike the first."""
    found: dict[str, str] = {}
    for kind, word, text in BLOCK.findall((root / "docs" / "charter.md").read_text("utf-8")):
        found.setdefault(kind + word, text)
    return found


@pytest.fixture
def drafted(
    blocks: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> list[str]:
    """What the page's command prints in a folder with a hub's and three offices' cards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COMITY_HOME", raising=False)
    (tmp_path / "charter.toml").write_text(blocks["toml"])
    assert 0 == run(
        ["hub", "init", "--home", "hub", "--listen", "127.0.0.1:8000", "--address", "https://hub.example.org"]
    )
    for id, area in (("ke", "404"), ("no", "578"), ("uy", "858")):
        assert 0 == run(["node", "init", "--home", id, "--id", id, "--area", area])
    capsys.readouterr()
    assert 0 == run(shlex.split(blocks["sh"])[1:])
    return capsys.readouterr().out.splitlines()


def test_the_charter_of_the_page_reads_as_the_page_says(blocks: dict[str, str], drafted: list[str]) -> None:
    wanted = blocks["text"].splitlines()
    assert wanted == [line for line in drafted if line in wanted]


def test_the_charter_of_the_page_can_found_an_assembly(drafted: list[str], tmp_path: Path) -> None:
    charter = canon.decode((tmp_path / "charter.json").read_bytes(), Charter, where="charter.json")
    assert [] == articles.flaws(charter)
    assert 0 == run(["charter", "sign", "charter.json", "--home", "ke", "--out", "charter.leaf"])


def test_the_amendment_of_the_page_changes_what_the_page_says(
    blocks: dict[str, str], drafted: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = canon.decode((tmp_path / "charter.json").read_bytes(), Charter, where="charter.json")
    after = terms.amended(before, founding.amendment(blocks["toml amendment"]))
    assert [] == articles.flaws(after)
    show.rows(worded.changes(before, after), ("article", "now", "then"), as_json=False, none="")
    assert blocks["text amendment"] == capsys.readouterr().out


def test_every_field_of_a_rule_and_of_an_office_is_explained(root: Path) -> None:
    page = (root / "docs" / "charter.md").read_text("utf-8")
    fields = ("method", "share", "quorum", "counted", "groups", "consultation", "seconds", "terms", "excludes", "host")
    assert [] == [field for field in fields if f"\n| `{field}` | " not in page]
