"""docs/notebooks/first-study.ipynb runs from a clean state, in a folder where `make demo` has been."""

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from comity.model import study as studies
from comity.stages.verify.report import VERIFIED
from tests.research import places

NOTEBOOK = Path("docs", "notebooks", "first-study.ipynb")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where it is run: a demo's folder, and nothing else."""
    place = tmp_path_factory.mktemp("notebook")
    places.demo(place)
    return place


@pytest.fixture(scope="module")
def run(root: Path, home: Path) -> Any:
    """The notebook after a new kernel ran every cell; an error in one fails here, with its text."""
    notebook = nbformat.read(root / NOTEBOOK, as_version=4)
    NotebookClient(notebook, timeout=60, kernel_name="python3", resources={"metadata": {"path": str(home)}}).execute()
    return notebook


def shown(notebook: Any, source: str) -> dict[str, str]:
    """What the cell with this text shows, by type."""
    (cell,) = [cell for cell in notebook.cells if cell.cell_type == "code" and source in cell.source]
    (output,) = cell.outputs
    return dict(output.data) if "data" in output else {"text/plain": output.text}


def test_the_committed_file_holds_no_output(root: Path) -> None:
    notebook = nbformat.read(root / NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [([], None)] * len(code) == [(cell.outputs, cell.execution_count) for cell in code]


def test_the_connection_says_what_it_checked_and_whose_word_it_is(run: Any) -> None:
    html = shown(run, "research.connect(")["text/html"]
    assert places.world().charter in html
    assert "the one you pinned" in html


def test_the_drawing_is_finished_and_loads_nothing(run: Any) -> None:
    for source in ("frame.where(**one).plot()", "study.where("):
        svg = shown(run, source)["image/svg+xml"]
        assert svg.startswith("<svg")
        assert "<script" not in svg
    assert re.search(r">Q</text>", svg)


def test_the_release_is_verified(run: Any) -> None:
    assert VERIFIED in shown(run, "release.verify()")["text/html"]


def test_the_draft_says_what_it_would_reveal_cost_and_find(run: Any) -> None:
    html = shown(run, "hub.ask(")["text/html"]
    assert "epsilon 0.4" in html
    assert "2 of 3 published policies" in html
    assert "7 of 10 offices published none: unknown" in html


def test_the_draft_is_a_file_that_a_sponsor_can_pack(run: Any, home: Path) -> None:
    draft = studies.read((home / "first-study" / "study.toml").read_text(), where="study.toml")
    assert ("first-study", "TRUST/1.0.0", "table/1") == (draft.id, draft.norm, draft.method)
    assert (home / "first-study" / "norm.json").is_file()


def test_no_key_is_asked_for(root: Path) -> None:
    """Nor does anything of the room hold one."""
    text = (root / NOTEBOOK).read_text() + "".join(
        file.read_text() for file in (root / "src" / "comity" / "research").glob("*.py")
    )
    assert not re.findall(r"keyring|Signer|getpass|password|token=", text)
