"""docs/verify.md names every claim, every file of the folder, and the last lines as they are."""

from pathlib import Path
from typing import get_args

import pytest

from comity.stages.publish import folder
from comity.stages.verify import opening
from comity.stages.verify.report import UNPINNED, Name

GROUNDS = [*folder.GROUNDS, folder.STAC]
PATHS = [folder.RELEASE, folder.CSV, folder.PARQUET, folder.PAGE, folder.CRATE, folder.LOG, folder.VIEW, folder.BLOBS]


@pytest.mark.parametrize("word", [*get_args(Name), *PATHS, *GROUNDS])
def test_it_is_explained_in_a_row_of_its_own(root: Path, word: str) -> None:
    assert f"| `{word}` | " in (root / "docs" / "verify.md").read_text()


@pytest.mark.parametrize("line", [UNPINNED, opening.GONE])
def test_a_line_is_quoted_as_it_is(root: Path, line: str) -> None:
    assert f"`{line}`" in (root / "docs" / "verify.md").read_text()
