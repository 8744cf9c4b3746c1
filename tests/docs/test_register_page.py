"""docs/register.md: its commands are run as they stand, on small lists in the layout of the published ones."""

import json
import re
import shlex
from pathlib import Path

import pytest

from comity.cli.main import run
from comity.model.register import COLUMNS, SERIES_COLUMNS
from tests.stages.registering.test_api import INDICATOR
from tests.stages.registering.test_tiers import ROWS, published

FENCE = re.compile(r"^```\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_every_command_ends_with_yes(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiers.xlsx").write_bytes(published(*ROWS))
    one = {**INDICATOR, "description": "Share of the poor, by sex", "tier": "1", "series": []}
    (tmp_path / "indicators.json").write_text(json.dumps([one]))
    text = (root / "docs" / "register.md").read_text("utf-8")
    lines = [line for block in FENCE.findall(text) for line in block.splitlines()]
    assert 5 == len(lines)
    for line in lines:
        assert 0 == run(shlex.split(line.removeprefix("comity "))), line
    assert (tmp_path / "register.json").is_file()


def test_every_column_is_explained(root: Path) -> None:
    text = (root / "docs" / "register.md").read_text("utf-8")
    assert [] == [name for name in (*COLUMNS, *SERIES_COLUMNS) if f"`{name}`" not in text]
