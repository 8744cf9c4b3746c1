"""One figure as a reader keeps it: out of a folder or a hub's log, and checked years later where no socket opens."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from comity import canon
from comity.assembly import witnesses
from comity.cli.main import run
from comity.services import prove, reading
from comity.stages.publish import folder
from tests.builders.release import RESERVED, made, own
from tests.cli.test_verify import SITE, write
from tests.services.node.hub import Hub
from tests.services.test_fetch import path_of

# Put on the path of the process beside what blocks sockets: it is New Year's Day of 2050, in whatever way one asks.
LATER = f"""{SITE}
import datetime, time

NOW = 2524608000

class Date(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(NOW, tz)

    @classmethod
    def utcnow(cls):
        return cls.fromtimestamp(NOW, datetime.UTC).replace(tzinfo=None)

time.time, time.time_ns, datetime.datetime = lambda: float(NOW), lambda: NOW * 10**9, Date
"""


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("release"), made().folder)


@pytest.fixture(scope="module")
def kept(release: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A figure's file, out of the folder: the share of women who trust much."""
    file = tmp_path_factory.mktemp("kept") / "figure.tlog-proof"
    assert 0 == run(["release", "prove", str(release), "--cell", "3,F", "--measure", "share", "--out", str(file)])
    return file


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As the log's hub writes it beside its checkpoint."""
    text = str(witnesses.policy(made().assembly.state)).encode()
    return write(tmp_path_factory.mktemp("policy"), {"policy": text}) / "policy"


def verify(tmp_path: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """The command, in 2050, without network and extras."""
    return comity(tmp_path, "verify", *arguments)


def comity(tmp_path: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    write(tmp_path, {"sitecustomize.py": LATER.encode()})
    return subprocess.run(
        [sys.executable, "-c", "from comity.cli.main import main; main()", *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(tmp_path), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def rows(text: str) -> list[str]:
    """Lines with single spaces."""
    return [" ".join(line.split()) for line in text.splitlines()]


def test_a_figure_kept_today_is_verified_offline_in_2050(tmp_path: Path, kept: Path, policy: Path) -> None:
    told = verify(tmp_path, kept, "--policy", policy)
    assert (0, "") == (told.returncode, told.stderr)
    assert "verified: this figure was published in the log that this quorum stands for" == rows(told.stdout)[-1]


def test_out_of_a_folder_it_is_written_offline_too(tmp_path: Path, release: Path, kept: Path) -> None:
    """With what the bare wheel installs."""
    words = ("release", "prove", release, "--cell", "3,F", "--measure", "share", "--out", tmp_path / "out")
    told = comity(tmp_path, *words)
    assert (0, "") == (told.returncode, told.stderr)
    assert kept.read_bytes() == (tmp_path / "out").read_bytes()


def test_it_says_the_figure_in_plain_words(tmp_path: Path, kept: Path, policy: Path) -> None:
    lines = rows(verify(tmp_path, kept, "--policy", policy).stdout)
    record = json.loads(made().files[folder.RELEASE])
    (figure,) = [one for one in record["figures"] if (one["key"], one["measure"]) == (["3", "F"], "share")]
    for line in (
        f"figure {figure['value']} Per cent (share)",
        "Answer (ANSWER) much (3, of COMITY:CL_ANSWER(1.0))",
        "Sex (SEX) Female (F, of SDMX:CL_SEX(2.1))",
        "area all who took part",
        "period 2010-2014",
        f"sampling error {figure['sampling']}",
        f"noise error {figure['noise']}",
        "status A, normal",
        f"policy sha256:{hashlib.sha256(policy.read_bytes()).hexdigest()}, 7 of 10 witnesses",
    ):
        assert line in lines
    assert 4 == sum(line.startswith("not shown by one file: ") for line in lines)
    assert "not shown by one file: truth: arithmetic is verified, truth is not" in lines


def test_without_a_policy_of_ones_own_the_last_line_says_so(tmp_path: Path, kept: Path) -> None:
    told = verify(tmp_path, kept)
    assert (0, "consistent under a policy that came with the file") == (told.returncode, rows(told.stdout)[-1])


def test_a_changed_file_is_refused_and_its_figure_not_printed(tmp_path: Path, kept: Path) -> None:
    text = kept.read_text().replace("\nindex 83\n", "\nindex 82\n")
    told = verify(tmp_path, write(tmp_path, {"figure": text.encode()}) / "figure")
    assert (1, "", "not verified: quorum, leaf") == (told.returncode, told.stderr, rows(told.stdout)[-1])
    assert "Per cent" not in told.stdout


def test_facts_as_json(tmp_path: Path, kept: Path, policy: Path) -> None:
    facts = json.loads(verify(tmp_path, kept, "--json").stdout)
    assert (True, False, 83) == (facts["holds"], facts["trusted"], facts["leaf"])
    assert (["3", "F"], ["much", "Female"]) == (facts["figure"]["key"], facts["names"])
    assert (policy.read_text(), "2010-2014") == (facts["policy"], facts["heading"]["period"])
    broken = json.loads(verify(tmp_path, write(tmp_path, {"f": b"x"}) / "f", "--json").stdout)
    assert (False, None, None) == (broken["holds"], broken["figure"], broken["heading"])


def test_a_charter_cannot_be_pinned_by_one_figure(tmp_path: Path, kept: Path) -> None:
    told = verify(tmp_path, kept, "--charter", made().charter)
    assert (2, "") == (told.returncode, told.stdout)
    assert "wanted --policy FILE" in told.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "--measure: which measure?; found none; wanted one of n, share"),
        (["--measure", "x"], "found x; wanted one of n, share"),
        (["--measure", "n"], "--cell: which figure?; found none; wanted a code for each"),
        (["--measure", "n", "--cell", "9,F"], "found 9,F; wanted a code for each"),
        (["--measure", "n", "--cell", "1"], "ANSWER of 1, 2, 3, 4; SEX of F, M"),
        (["--measure", "n", "--cell", "1,F", "--hub", "http://127.0.0.1:1"], "a folder is read offline"),
    ],
)
def test_a_figure_that_is_not_there_says_which_are(
    release: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    assert 2 == run(["release", "prove", str(release), *arguments, "--out", str(tmp_path / "out")])
    assert told in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_folder_whose_log_names_no_such_record_gives_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = dict(made().folder)
    files[folder.RELEASE] = files[folder.RELEASE].replace(b'"measure":"n"', b'"measure":"N"')
    root = write(tmp_path / "release", files)
    arguments = ["--cell", "1,F", "--measure", "N", "--out", str(tmp_path / "out")]
    assert 1 == run(["release", "prove", str(root), *arguments])
    assert "the log names no such record" in capsys.readouterr().err


def test_out_of_a_hubs_log_comes_the_same_file(tmp_path: Path, kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = made()
    with Hub(source.assembly) as hub:
        hub.publish(0, text=source.note)
        hub.files |= {path_of(canon.digest(body)): body for body in source.folder.values()}
        words = ["--hub", hub.address, "--charter", source.charter, "--cell", "3, F", "--measure", "share", "--json"]
        assert 0 == run(["release", "prove", "latest", *words, "--out", str(tmp_path / "out")])
    facts = json.loads(capsys.readouterr().out)
    assert kept.read_bytes() == (tmp_path / "out").read_bytes()
    assert (83, "3,F", "share", len(kept.read_bytes())) == (
        facts["release"],
        facts["cell"],
        facts["measure"],
        facts["bytes"],
    )


def test_a_figure_is_found_by_its_place_as_far_as_its_release_is_kept() -> None:
    """Places count from 0 here; the order is the record's own."""
    source = made()
    written = json.loads(source.folder[folder.RELEASE])["figures"]
    index = next(iter(source.assembly.state.releases))
    with Hub(source.assembly) as hub:
        hub.publish(0, text=source.note)
        with reading.at_hub(hub.address, None) as log:
            assert None is prove.figure_at(log, index, 0)
        hub.files |= {path_of(canon.digest(body)): body for body in source.folder.values()}
        with reading.at_hub(hub.address, None) as log:
            second = prove.figure_at(log, index, 1)
            assert second is not None
            assert (written[1]["key"], written[1]["measure"]) == ([*second.key], second.measure)
            assert None is prove.figure_at(log, index, len(written))


def test_a_figure_of_another_definition_says_so_alone(tmp_path: Path) -> None:
    """Its status, the parts that were reserved, and the leaf that says so."""
    source = made("reserving", reserving=("m1", "m2", "m3"))
    place, file = write(tmp_path / "release", own(source, "m2")[1]), tmp_path / "figure.tlog-proof"
    assert 0 == run(["release", "prove", str(place), "--cell", "3,F", "--measure", "n", "--out", str(file)])
    told = verify(tmp_path, file)
    assert 0 == told.returncode, told.stderr
    assert "D, definition differs" in told.stdout
    (said,) = source.assembly.state.reservations[source.study.norm, "m2"]
    assert f"note: Reservation of m2 at leaf {said.ref.index}: {', '.join(RESERVED)}." in told.stdout
