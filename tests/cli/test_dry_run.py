"""`comity dry-run` as an officer reads it: the table, its figures, published ones beside them, and what left."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from comity import canon
from comity.cli.main import run
from comity.services.node import intake, setup
from tests import sample
from tests.builders import offices


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a norm, a study, and an office whose source is bound; answer k has k persons of each sex, one man
    more."""
    monkeypatch.chdir(tmp_path)
    setup.init(tmp_path / "office", id="m1", area="001", policy=offices.POLICY)
    offices._people(tmp_path / "people.csv", 0)
    intake.add_source(tmp_path / "office", "survey", tmp_path / "people.csv")
    intake.bind(tmp_path / "office", "survey", offices.BINDING, where="binding.toml")
    (tmp_path / "norm.json").write_bytes(canon.encode(sample.norm()))
    (tmp_path / "study.json").write_bytes(canon.encode(offices.study()))
    return tmp_path


DRY = ["dry-run", "study.json", "--norm", "norm.json", "--home", "office"]


def test_a_figure_is_compared_with_the_published_one(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (key, n), *_ = offices.counts(0).items()
    (place / "p.csv").write_text(f"value,measure,ANSWER,SEX\n{n + 2},n,{key[0]},{key[1]}\n")
    assert 0 == run([*DRY, "--published", "p.csv", "--json"])
    told = json.loads(capsys.readouterr().out)
    (found,) = told["beside-published"]
    assert (list(key), str(n), str(n + 2), "-2") == tuple(found[x] for x in ("key", "own", "published", "difference"))
    (own,) = [one for one in told["figures"] if (one["key"], one["measure"]) == (list(key), "n")]
    assert f"{-2 / float(own['standard-error']):.2f}" == found["standard-errors"]
    assert "nothing" == told["left-this-office"]
    assert {"n", "share"} == {one["measure"] for one in told["noise"]}


def test_an_officer_reads_what_the_noise_is_beside_sampling(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The last word is what left: nothing."""
    assert 0 == run(DRY)
    lines = capsys.readouterr().out.splitlines()
    assert "Figures of this office's own table, unprotected:" in lines
    (said,) = [line for line in lines if line.startswith("n: the noise of the sum is ")]
    assert said.endswith("read such cells by their noise.")
    assert "Nothing left this office." == lines[-1]


def test_an_officer_is_told_what_the_studys_bound_cuts(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "study.json").write_bytes(canon.encode(replace(offices.study(), bound=3)))
    assert 0 == run(DRY)
    counts = offices.counts(0).values()
    beyond = f"n: in {sum(n > 3 for n in counts)} of {len(counts)} cells your own value lies beyond the study's bound"
    assert [beyond] == [
        line.removeprefix("Look again: ").partition(":")[0] + ":" + line.split(":")[2]
        for line in capsys.readouterr().out.splitlines()
        if "beyond the study's bound" in line
    ]


def test_it_says_which_source_was_counted_and_by_which_binding(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of two sources that are bound to the norm, the one that was named last answers."""
    (place / "later.csv").write_text((place / "people.csv").read_text() + "later,6,1,1\n")
    intake.add_source(place / "office", "later", place / "later.csv")
    intake.bind(place / "office", "later", offices.BINDING, where="binding.toml")
    assert 0 == run([*DRY, "--json"])
    told = json.loads(capsys.readouterr().out)
    assert ("later", "home/1") == (told["source"], told["binding"])


def test_the_mark_of_what_is_suppressed_is_explained_where_it_stands(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Cells of fewer than five persons are suppressed: some as they are, none if everybody answers five times."""
    assert 0 == run(DRY)
    told = capsys.readouterr().out
    assert "\nQ: suppressed in the office's own table." in told
    assert "\nthreshold: fewer than 5 persons stand in it\n" in told
    head, *lines = (place / "people.csv").read_text().splitlines()
    more = [f"{time}-{line}" for time in range(5) for line in lines]
    (place / "people.csv").write_text("\n".join([head, *more]) + "\n")
    assert 0 == run(DRY)
    assert "Q: suppressed" not in capsys.readouterr().out


def test_without_noise_no_column_says_how_much_there_is(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == run(DRY)
    assert "noise-of-the-sum" in capsys.readouterr().out
    (place / "study.json").write_bytes(canon.encode(replace(offices.study(), noise=None)))
    assert 0 == run(DRY)
    assert "noise-of-the-sum" not in capsys.readouterr().out


def test_a_published_table_that_is_none_is_one_line(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "p.csv").write_text("value\n1\n")
    assert 2 == run([*DRY, "--published", "p.csv"])
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "published" in line]
    assert "p.csv: not a table of published figures; found value; wanted ANSWER, SEX, measure, value" in line


def test_a_published_table_that_is_not_there_is_said_before_anything_is_counted(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 2 == run([*DRY, "--published", "nowhere.csv"])
    told = capsys.readouterr()
    assert ("", 1, True) == (told.out, told.err.count("\n"), "nowhere.csv: No such file" in told.err)


@pytest.mark.parametrize("change", ["parameters", "layout"])
def test_a_study_that_is_not_sound_is_one_line_and_nothing_is_counted(
    place: Path, capsys: pytest.CaptureFixture[str], change: str
) -> None:
    """Of the second, a table of a billion billion cells would be made before anyone could say no."""
    asked = offices.study()
    axis = asked.layout.dimensions[0]
    wide = replace(axis, codes=tuple(f"C{i}" for i in range(1000)))
    huge = tuple(replace(wide, id=f"D{i}") for i in range(6))
    changes = {"parameters": {"y_decimals": "abc"}, "layout": replace(asked.layout, dimensions=huge)}
    (place / "study.json").write_bytes(canon.encode(replace(asked, **{change: changes[change]})))  # type: ignore[arg-type]
    assert 3 == run(DRY)
    told = capsys.readouterr()
    (line,) = [line for line in told.err.splitlines() if "not-sound" in line]
    assert f"study.not-sound: {change}" in line
    assert "" == told.out


def test_a_policy_that_is_not_installed_is_asked_about_a_study_that_nobody_moved(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The office installed one that consents; the other allows only maps."""
    other = (place / "office" / "policy.toml").read_text().replace('method = "table"', 'method = "land_cover_area"')
    (place / "new.toml").write_text(other)
    asked = ["policy", "what-if", *DRY[1:], "--json"]
    for more, answer in (([], "will consent"), (["--policy", "new.toml"], "will refuse")):
        assert 0 == run([*asked, *more])
        assert [answer] == [row["answer"] for row in json.loads(capsys.readouterr().out)]


def test_a_study_whose_cost_is_no_number_is_counted_and_would_be_refused(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    noise = offices.study().noise
    assert noise is not None
    (place / "study.json").write_bytes(
        canon.encode(replace(offices.study(), noise=replace(noise, epsilon="1e999999999")))
    )
    assert 0 == run([*DRY, "--json"])
    told = json.loads(capsys.readouterr().out)
    assert ("will refuse", True) == (told["answer"], any("noise.epsilon" in reason for reason in told["reasons"]))


def test_a_study_of_a_method_with_other_sources_is_not_told_as_a_source_that_is_missing(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Packed by another version of Comity: the source is bound, the method of that digest is not here."""
    study = offices.study()
    other = replace(study, method=replace(study.method, digest=canon.digest(b"other sources")))
    (place / "study.json").write_bytes(canon.encode(other))
    assert 1 == run(DRY)
    line = capsys.readouterr().err.splitlines()[-1]
    assert "the study's method is not on this shelf" in line
    assert f"wanted table/1 {other.method.digest}; way out: " in line
