"""docs/research.md runs: its blocks in their order, in a folder where a demonstration has been."""

import re
from pathlib import Path

import pytest

from comity.model.study import Draft
from comity.model.study import read as read_study
from comity.research import Asked, Frame, Plot, Verified
from comity.stages.publish import folder
from comity.stages.verify.report import VERIFIED
from tests.research import places

BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SEEN = re.compile(r"^\| (`.+`) \| .+ \|$", re.MULTILINE)


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "research.md").read_text("utf-8")


@pytest.fixture(scope="module")
def ran(page: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What is named after all blocks, and the folder as `here`."""
    place = tmp_path_factory.mktemp("page")
    places.demo(place)
    names: dict[str, object] = {"here": place}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        for number, block in enumerate(BLOCK.findall(page), 1):
            exec(compile(block, f"docs/research.md, block {number}", "exec"), names)
    return names


def test_every_block_runs_and_gives_what_it_says(ran: dict[str, object]) -> None:
    kinds = {"frame": Frame, "everyone": Frame, "plot": Plot, "report": Verified, "asked": Asked}
    assert [] == [name for name, kind in kinds.items() if not isinstance(ran[name], kind)]
    report = ran["report"]
    assert isinstance(report, Verified)
    assert VERIFIED == report.last


def test_the_files_it_writes_are_there(ran: dict[str, object]) -> None:
    here = ran["here"]
    assert isinstance(here, Path)
    assert (here / "answers.svg").read_text().startswith("<svg")
    draft = read_study((here / "first-study" / "study.toml").read_text(), where="study.toml")
    assert isinstance(draft, Draft)
    assert (here / "first-study" / "norm.json").is_file()


def test_each_column_is_explained(page: str, ran: dict[str, object]) -> None:
    frame = ran["frame"]
    assert isinstance(frame, Frame)
    told = set(re.findall(r"`([A-Z_]+)`", page))
    assert [] == [name for name in frame.table.column_names if name not in told and name not in frame.axes]
    assert {folder.VALUE, folder.SAMPLING, folder.NOISE, folder.STATUS} <= told


def test_messages_are_quoted_as_they_are(page: str, root: Path) -> None:
    """Each line of the last table is in the code, but for the name of what does not hold."""
    code = "".join(file.read_text() for file in (root / "src" / "comity" / "research").glob("*.py"))
    last = page.partition("## When it says no")[2]
    quoted = [text for line in SEEN.findall(last) for text in re.findall(r"`([^`]+)`", line)]
    assert 7 == len(quoted)
    for text in quoted:
        assert re.sub(r"^the (charter|log|quorum) ", "the {wrong[0].name} ", text) in code, text
