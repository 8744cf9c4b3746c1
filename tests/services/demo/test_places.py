"""The demonstration's folder: its own is emptied, another's is left alone."""

from pathlib import Path

import pytest

from comity.errors import ConfigError, UsageError
from comity.services.demo import places

EXAMPLE = Path(__file__).parents[3] / "examples" / "world_values"


def test_a_second_run_starts_clean(tmp_path: Path) -> None:
    first = places.clean(tmp_path / "demo", EXAMPLE, holds="roles.toml")
    first.logs.mkdir()
    (first.logs / "hub.log").write_text("old")
    again = places.clean(tmp_path / "demo", EXAMPLE, holds="roles.toml")
    assert [places.MARK] == [path.name for path in again.out.iterdir()]


def test_what_no_demonstration_wrote_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("keep")
    with pytest.raises(UsageError, match="will not empty"):
        places.clean(tmp_path, EXAMPLE, holds="roles.toml")
    assert "keep" == (tmp_path / "mine").read_text()


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("keep")
    with pytest.raises(UsageError, match="will not empty"):
        places.clean(tmp_path / "demo", EXAMPLE, holds="roles.toml")


def test_without_the_example_the_way_out_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--example"):
        places.clean(tmp_path / "demo", tmp_path / "nowhere", holds="roles.toml")
    assert not (tmp_path / "demo").exists()
