"""Files and folders that are whole or absent."""

from collections.abc import Callable
from pathlib import Path

import pytest

from comity.adapters import durable
from comity.errors import UsageError, WorldError


def _fill(out: Path, meanwhile: Callable[[], object]) -> None:
    """A new folder with one file, while something else happens."""
    with durable.folder(out) as new:
        (new / "one").write_bytes(b"1")
        meanwhile()


@pytest.mark.parametrize("name", ["out", "a/b/out", "empty"])
def test_a_folder_has_its_name_when_all_is_in_it(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    out = tmp_path / name
    with durable.folder(out) as new:
        (new / "one").write_bytes(b"1")
        assert not out.is_dir() or not list(out.iterdir())
    assert ["one"] == [path.name for path in out.iterdir()]
    assert [] == list(tmp_path.rglob(".*"))


def test_a_block_that_fails_leaves_nothing_and_what_lies_beside_stays(tmp_path: Path) -> None:
    """Another's file or folder may be called as ours would be while it is made."""
    foreign = tmp_path / ".out.part"
    foreign.mkdir()
    (foreign / "mine").write_bytes(b"precious")
    with pytest.raises(ZeroDivisionError):
        _fill(tmp_path / "out", lambda: 1 / 0)
    with durable.folder(tmp_path / "other"):
        pass
    assert [foreign, foreign / "mine", tmp_path / "other"] == sorted(tmp_path.rglob("*"))


def test_what_is_used_or_stood_in_is_no_new_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    used = tmp_path / "used"
    used.mkdir()
    (used / "file").write_bytes(b"")
    for out in (used, used / "file"):
        with pytest.raises(UsageError, match="is there already"), durable.folder(out):
            pass
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for out in (Path(), Path("../here")):
        with pytest.raises(UsageError, match="the folder that you are in"), durable.folder(out):
            pass


def test_a_folder_that_another_filled_meanwhile_stays(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(WorldError):
        _fill(out, lambda: durable.write(out / "theirs", b"2"))
    assert [out, out / "theirs"] == sorted(tmp_path.rglob("*"))


@pytest.mark.parametrize("name", ["", "..", "folder"])
def test_a_folder_is_no_place_for_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    (tmp_path / "here" / "folder").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(WorldError, match="Is a directory"):
        durable.write(Path(name), b"1")
    assert [tmp_path / "here", tmp_path / "here" / "folder"] == sorted(tmp_path.rglob("*"))
