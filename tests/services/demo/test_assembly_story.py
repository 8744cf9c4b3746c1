"""The story of an assembly that decides: its texts, what it refuses to take for granted, and the whole of it."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from comity.errors import DemoFailed, FormatError
from comity.model import norm as norms
from comity.model.bundle import version
from comity.services.demo.assembly import counting, estimates, seen, story, texts
from comity.services.demo.assembly import norms as told
from comity.services.demo.commands import Commands
from comity.services.demo.places import Places
from comity.services.demo.processes import Processes
from comity.services.demo.stage import Stage
from tests.services.demo.test_story import Told

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "examples" / "six_offices"
DRAFT = told.read(EXAMPLE / "norm")


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    show = Told()
    commands = Commands(Processes(tmp_path / "logs", ROOT), show)
    commands.processes.logs.mkdir()
    return Stage(places=Places(tmp_path, EXAMPLE), commands=commands, show=show, size=6)


def norm(files: texts.Files) -> norms.Norm:
    return norms.read({name: text.encode() for name, text in files.items()})


def test_steps_are_numbered_as_the_story_is() -> None:
    assert list(range(10)) == [step.number for step in story.steps()]


def test_estimates_end_in_all_five_ways() -> None:
    ends = {part.settled for part in (*estimates.PARTS, estimates.SILENT)}
    assert {"published", "country-data", "side-by-side", "aggregates-only", "withheld"} == ends


def test_the_second_version_is_a_minor_change_of_the_first_and_the_false_one_is_none_of_it() -> None:
    first = texts.changed(DRAFT, texts.AMENDED)
    second = texts.changed(first, texts.SECOND)
    false = texts.changed(second, texts.FALSE)
    assert () == version.version_faults(norm(first), norm(second))
    assert "minor" == version.change(norm(first), norm(second))
    assert "CL_SOURCE.3 is gone" in version.version_faults(norm(second), norm(false))[0]


@pytest.mark.parametrize("files", [{"a": "nothing"}, {"a": "one one"}])
def test_a_change_that_does_not_fit_its_text_is_never_half_made(files: texts.Files) -> None:
    with pytest.raises(FormatError, match="does not fit"):
        texts.changed(files, [("a", "one", "two")])


@pytest.mark.parametrize(
    ("seconds", "slower"), [(0.1, 1), (texts.QUICK, 1), (1.5 * texts.QUICK, 2), (60, texts.SLOWEST)]
)
def test_a_busy_machine_is_given_longer(seconds: float, slower: int) -> None:
    assert slower == texts.slowed(seconds)


def test_only_the_time_to_comment_vote_and_answer_is_made_longer() -> None:
    text = (EXAMPLE / "charter.toml").read_text("utf-8")
    plain, slowed = tomllib.loads(text), tomllib.loads(texts.timed(text, 3))
    for name in ("estimate_seconds", "audit_seconds"):
        assert 3 * plain.pop(name) == slowed.pop(name)
    for matter, rule in plain["rules"].items():
        for name in {"seconds", "consultation"} & rule.keys():
            assert 3 * rule.pop(name) == slowed["rules"][matter].pop(name)
    assert plain == slowed


def test_a_file_of_an_estimate_has_a_row_for_each_sex() -> None:
    found = texts.draft("SH_H2O_SAFE", "901", {"F": "1.5", "M": "2"}, nature="M", source="Model")
    assert ["SH_H2O_SAFE,901,2024,F,PERCENT,0,M,E,1.5,Model", "SH_H2O_SAFE,901,2024,M,PERCENT,0,M,E,2,Model"] == (
        found.splitlines()[1:]
    )


def test_another_fact_than_the_story_says_fails_it() -> None:
    seen.same(("adopted", 5), ("adopted", 5), what="votes", where="motion 9")
    with pytest.raises(DemoFailed, match=r"motion 9.*rejected"):
        seen.same("rejected", "adopted", what="votes", where="motion 9")


@pytest.mark.parametrize(
    ("script", "holds"),
    [
        ("echo 'comity: refused: no; found office.conflict; wanted less' >&2; exit 1", True),
        ("echo 'comity: refused: no; found office.unknown' >&2; exit 1", False),  # refused for another reason
        ("echo 'comity: office.conflict' >&2; exit 0", False),  # not refused
        ("echo 'comity: office.conflict' >&2; exit 3", False),  # failed
        ("echo 'office.conflict' >&2; echo 'something else' >&2; exit 1", False),  # not in the line that refuses
        ("exit 1", False),  # without a word
    ],
)
def test_a_refusal_is_a_last_line_with_its_reason(stage: Stage, script: str, holds: bool) -> None:
    stage.commands.program = ("sh", "-c")
    if holds:
        assert "refused: no; found office.conflict" == seen.refused(stage, script, says="office.conflict")
        return
    with pytest.raises(DemoFailed, match="not refused as it should be"):
        seen.refused(stage, script, says="office.conflict")


def test_folders_are_alike_only_with_the_same_files_and_bytes(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        (folder / "motions").mkdir(parents=True)
        (folder / "motions" / "9.html").write_text("adopted")
    assert counting.alike(one, other)
    (other / "motions" / "9.html").write_text("rejects")
    assert not counting.alike(one, other)
    (other / "motions" / "9.html").write_text("adopted")
    (other / "index.html").write_text("")
    assert not counting.alike(one, other)


@pytest.mark.long
def test_the_whole_story_ends_with_what_was_shown(tmp_path: Path) -> None:
    out = tmp_path / "demo"
    done = subprocess.run(
        [sys.executable, "-m", "comity", "demo", "assembly", "--out", str(out)],
        cwd=ROOT, capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip
    assert 0 == done.returncode, done.stdout + done.stderr
    assert story.LAST == done.stdout.strip().splitlines()[-1]
    assert (out / "pages" / "assembly" / "index.html").is_file()
    assert 1 == len(re.findall(r"log audit: ", done.stdout))
