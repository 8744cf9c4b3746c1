"""An office's own table, protected as its README says; the intervals beside sums made by hand."""

import csv
import re
import shlex
from pathlib import Path

import pytest

from comity.cli.main import run


def test_the_example_protects_what_two_enterprises_stand_in(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """INN in FJORD shares its row with a hidden MILL: both are 14,342 - 2,644 - 8,574 together, so 3,124 at most.

    MILL in ISLES shares its row with a hidden SHOP: 10,675 - 0 - 6,279 = 4,396 at most.
    """
    text = (root / "examples" / "own_tables" / "README.md").read_text()
    found = re.search(r"^comity (protect .*)$", text, re.MULTILINE)
    assert found
    out = str(tmp_path / "protected")
    monkeypatch.chdir(root)
    assert 0 == run([out if word == "protected" else word for word in shlex.split(found[1])])
    with (tmp_path / "protected" / "home" / "intervals.csv").open(newline="") as lines:
        intervals = {one["cell"]: (one["low"], one["high"]) for one in csv.DictReader(lines)}
    expected = {"REGION=FJORD BRANCH=INN": ("0", "3124"), "REGION=ISLES BRANCH=MILL": ("0", "4396")}
    assert expected == intervals
    with (tmp_path / "protected" / "publish" / "turnover.csv").open(newline="") as lines:
        assert 20 + 20 == len(list(csv.DictReader(lines)))
