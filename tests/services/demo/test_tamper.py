"""Each copy that the demonstration tampers with is refused by name, and by the right one."""

from pathlib import Path

import pytest

from comity.services.demo import tamper
from comity.stages.verify.check import verify
from tests.builders.release import made

NAMED = {
    "figure": {"figures", "release.json"},
    "vote": {"log"},
    "leaf": {"log"},
    "vector": {"sum"},
    "cosignature": {"quorum"},
}


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("release")
    for path, data in made().folder.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_there_is_a_forgery_of_each_kind() -> None:
    assert NAMED.keys() == tamper.COPIES.keys()


@pytest.mark.parametrize("name", NAMED)
def test_a_forgery_is_refused_by_name(release: Path, tmp_path: Path, name: str) -> None:
    before = files(release)
    said = tamper.copy(release, tmp_path / name, name)
    report = verify(files(tmp_path / name), pin=made().charter)
    assert not report.holds
    assert NAMED[name] & {claim.name for claim in report.claims if not claim.holds}, report.last
    assert said
    assert before == files(release)


@pytest.mark.parametrize("name", NAMED)
def test_a_forgery_differs_in_one_file(release: Path, tmp_path: Path, name: str) -> None:
    """Nothing else is there to be found."""
    tamper.copy(release, tmp_path / name, name)
    true, false = files(release), files(tmp_path / name)
    assert true.keys() == false.keys()
    assert 1 == sum(true[path] != false[path] for path in true)
