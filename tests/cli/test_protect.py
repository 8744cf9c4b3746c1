"""comity protect, as an office runs it: what is handed out, what stays at home, and how it ends.

The attacker's table is sdcTable's (tests/testthat/test-simpleheuristic.R): every row and column of it has two blanks or
more, and (w;b) = 47 follows all the same; with (x;d) = 31 hidden besides, (w;b) may be anything in [0,78].
"""

import csv
import json
import os
import signal
import stat
import subprocess
import sys
from itertools import product, takewhile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from comity import canon
from comity.cli import protect_files
from comity.cli.main import run
from tests.builders import hierarchies, numbers

ROWS = {"w": (30, 47, 64, 89), "x": (90, 124, 5, 31), "y": (92, 100, 59, 85), "z": (800, 991, 651, 685)}
BLANK = {("w", "a"), ("w", "b"), ("w", "c"), ("x", "a"), ("x", "c"), ("y", "b"), ("y", "d"), ("z", "b"), ("z", "d")}
SQUARE = "ROW,COLUMN,OBS_VALUE,CONTRIBUTORS\n" + "".join(
    f"{row},{column},{value},50\n" for row, values in ROWS.items() for column, value in zip("abcd", values, strict=True)
)
LISTED = "width = 1\nsensitive = [" + ", ".join(f'{{ ROW = "{r}", COLUMN = "{c}" }}' for r, c in sorted(BLANK)) + "]\n"

TURNOVER = """REGION,BRANCH,OBS_VALUE,CONTRIBUTORS,LARGEST1,LARGEST2
N,AGR,783,1,783,0
N,MAN,2421,9,832,680
N,TRD,3004,9,705,565
S,AGR,1940,9,438,323
S,MAN,3520,10,773,567
S,TRD,1714,8,375,324
E,AGR,1225,10,306,242
E,MAN,1079,9,262,230
E,TRD,3516,8,807,800
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    files = {
        "square.csv": SQUARE,
        "listed.toml": LISTED,
        "turnover.csv": TURNOVER,
        "rules.toml": "threshold = 3\np = 10\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def read(file: Path) -> list[dict[str, str]]:
    with file.open(newline="") as lines:
        return list(csv.DictReader(lines))


def facts(capsys: pytest.CaptureFixture[str], *arguments: str, ends: int = 0) -> dict[str, Any]:
    assert ends == run(["protect", *arguments, "--json"])
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


def refused(capsys: pytest.CaptureFixture[str], *arguments: str, ends: int) -> str:
    """The one line of a refusal."""
    assert ends == run(["protect", *arguments])
    out = capsys.readouterr()
    (line,) = [line for line in out.err.splitlines() if line.startswith("comity: ") and ": " in line[8:]]
    assert "" == out.out
    return line


def test_the_cell_that_an_attacker_would_reckon_gets_the_published_interval(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = facts(capsys, "square.csv", "--rules", "listed.toml", "--exact", "--out", "out")
    assert (9, 1, "31", True) == (told["sensitive"], told["hidden-besides"], told["cost"], told["optimal"])
    hidden = {
        (line["ROW"], line["COLUMN"]) for line in read(here / "out" / "publish" / "square.csv") if not line["OBS_VALUE"]
    }
    assert BLANK | {("x", "d")} == hidden
    (interval,) = [one for one in read(here / "out" / "home" / "intervals.csv") if one["cell"] == "ROW=w COLUMN=b"]
    assert ("0", "47", "78") == (interval["low"], interval["value"], interval["high"])


def test_the_published_optimum_is_found_and_stands_before_the_other_command(here: Path) -> None:
    """sdcTable's microdata1 (tests/testthat/test-protectTable.r): with (A;female) = 2 go the three others of a square
    with C; and what one command writes the other finds nothing in."""
    counts = {("A", "female"): 2, ("A", "male"): 18, ("B", "female"): 19, ("B", "male"): 14}
    counts |= {("C", "female"): 10, ("C", "male"): 12, ("D", "female"): 14, ("D", "male"): 11}
    lines = "".join(f"{region},{gender},{count}\n" for (region, gender), count in counts.items())
    (here / "m1.csv").write_text("REGION,GENDER,VALUE\n" + lines)
    (here / "r.toml").write_text("threshold = 3\n")
    asked = ["--rules", "r.toml", "--counts"]
    assert 0 == run(["protect", "m1.csv", *asked, "--exact", "--out", "out"])
    hidden = {(one["REGION"], one["GENDER"]) for one in read(here / "out" / "publish" / "m1.csv") if not one["VALUE"]}
    assert set(product("AC", ("female", "male"))) == hidden
    assert 0 == run(["protect", "check", "out/publish/m1.csv", "--true", "m1.csv", *asked])


def test_what_is_handed_out_tells_no_sensitive_cell_from_another(here: Path) -> None:
    """No reason, no contributors, no largest part; every hidden line ends alike."""
    assert 0 == run(["protect", "turnover.csv", "--rules", "rules.toml", "--out", "out"])
    lines = read(here / "out" / "publish" / "turnover.csv")
    assert ["REGION", "BRANCH", "OBS_VALUE", "OBS_STATUS"] == list(lines[0])
    assert {("", "Q")} == {(one["OBS_VALUE"], one["OBS_STATUS"]) for one in lines if one["OBS_STATUS"] != "A"}
    assert 16 == len(lines)  # nine cells of the file, and the margins that it lacks
    kinds = {one["cell"]: one["hidden"] for one in read(here / "out" / "home" / "pattern.csv")}
    assert "primary" == kinds.pop("REGION=N BRANCH=AGR")
    assert {"secondary"} == set(kinds.values())


def test_shown_figures_are_the_true_ones(here: Path) -> None:
    assert 0 == run(["protect", "turnover.csv", "--rules", "rules.toml", "--out", "out"])
    true = {(one["REGION"], one["BRANCH"]): one["OBS_VALUE"] for one in read(here / "turnover.csv")}
    shown = {
        (one["REGION"], one["BRANCH"]): one["OBS_VALUE"]
        for one in read(here / "out" / "publish" / "turnover.csv")
        if one["OBS_VALUE"] and "_T" not in (one["REGION"], one["BRANCH"])
    }
    assert shown.items() <= true.items()
    assert shown


def test_what_stays_at_home_is_its_owners_alone(here: Path) -> None:
    assert 0 == run(["protect", "turnover.csv", "--rules", "rules.toml", "--out", "out"])
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (here / "out" / "home").iterdir()}
    assert {"pattern.csv": 0o600, "intervals.csv": 0o600, "report.json": 0o600} == modes
    assert 0o700 == stat.S_IMODE((here / "out" / "home").stat().st_mode)
    assert ["turnover.csv"] == [path.name for path in (here / "out" / "publish").iterdir()]


def test_the_same_tables_are_protected_the_same_way(here: Path) -> None:
    for out in ("one", "two"):
        assert 0 == run(["protect", "turnover.csv", "--rules", "rules.toml", "--out", out])
    files = ("publish/turnover.csv", "home/pattern.csv", "home/intervals.csv", "home/report.json")
    assert [(here / "one" / name).read_bytes() for name in files] == [
        (here / "two" / name).read_bytes() for name in files
    ]


def test_without_a_folder_nothing_is_written(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(here.iterdir())
    assert facts(capsys, "turnover.csv", "--rules", "rules.toml")["written"] is None
    assert before == sorted(here.iterdir())


def test_a_file_with_margins_keeps_its_own_lines(here: Path) -> None:
    """And no other: a margin that it does not show is hidden from nobody by being written."""
    (here / "m.csv").write_text("SEX,VALUE\n_T,103\nF,3\nM,80\nX,20\n")
    (here / "r.toml").write_text("threshold = 5\n")
    assert 0 == run(["protect", "m.csv", "--rules", "r.toml", "--counts", "--out", "out"])
    shown = (here / "out" / "publish" / "m.csv").read_text()
    assert "SEX,VALUE,OBS_STATUS\n_T,103,A\nF,,Q\nM,80,A\nX,,Q\n" == shown


def test_linked_tables_are_one_problem(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Municipalities by county, and by size: alone each table gives nothing away, and K follows from both."""
    people = {"A": 20, "B": 15, "K": 3, "N": 7, "E": 30, "F": 12, "G": 25, "H": 40}
    county = {"A": "C1", "B": "C1", "K": "C1", "N": "C2", "E": "C2", "F": "C2", "G": "C3", "H": "C3"}
    size = {"A": "BIG", "B": "MID", "K": "SMALL", "N": "SMALL", "E": "BIG", "F": "MID", "G": "BIG", "H": "BIG"}
    structure = ""
    for name, groups in (("county", county), ("size", size)):
        sums = {group: sum(people[m] for m in people if groups[m] == group) for group in dict.fromkeys(groups.values())}
        lines = [f"{code},{value}" for code, value in {"_T": sum(people.values()), **sums, **people}.items()]
        (here / f"{name}.csv").write_text("\n".join(["PLACE,VALUE", *lines]) + "\n")
        inside = ", ".join(f'{place} = "{group}"' for place, group in groups.items())
        structure += f'[[dimension]]\nid = "PLACE"\nparents = {{ {inside} }}\n'
    (here / "s.toml").write_text(structure)
    (here / "r.toml").write_text("threshold = 5\n")
    told = facts(
        capsys, "county.csv", "size.csv", "--rules", "r.toml", "--structure", "s.toml", "--counts", "--out", "out"
    )
    assert (2, 15, 1) == (told["tables"], told["cells"], told["sensitive"])
    hidden = {
        name: {line["PLACE"] for line in read(here / "out" / "publish" / f"{name}.csv") if not line["VALUE"]}
        for name in ("county", "size")
    }
    places = set(people)
    assert hidden["county"] & places == hidden["size"] & places > {"K"}
    assert len(hidden["size"] - {"K"}) >= 1 <= len(hidden["county"] - {"K"})


def test_sdmx_csv_stays_sdmx_csv(here: Path) -> None:
    head = "STRUCTURE,STRUCTURE_ID,ACTION,SEX,TIME_PERIOD,OBS_VALUE,OBS_STATUS,CONF_STATUS"
    lines = [("_T", 103), ("F", 3), ("M", 80), ("X", 20)]
    rows = [f"dataflow,XX:DF(1.0.0),I,{sex},2024,{value},A,F" for sex, value in lines]
    (here / "d.csv").write_bytes(("\r\n".join([head, *rows]) + "\r\n").encode())
    (here / "r.toml").write_text("threshold = 5\n")
    assert 0 == run(["protect", "d.csv", "--rules", "r.toml", "--counts", "--out", "out"])
    expected = [row.replace(",3,A,F", ",,Q,C").replace(",20,A,F", ",,Q,C") for row in rows]
    assert [head, *expected, ""] == (here / "out" / "publish" / "d.csv").read_bytes().decode().split("\r\n")


def test_parquet_stays_parquet(here: Path) -> None:
    pq.write_table(pa.table({"SEX": ["_T", "F", "M", "X"], "VALUE": [103, 3, 80, 20]}), here / "d.parquet")
    (here / "r.toml").write_text("threshold = 5\n")
    assert 0 == run(["protect", "d.parquet", "--rules", "r.toml", "--counts", "--out", "out"])
    shown = pq.read_table(here / "out" / "publish" / "d.parquet").to_pydict()
    assert {"SEX": ["_T", "F", "M", "X"], "VALUE": [103, None, 80, None], "OBS_STATUS": ["A", "Q", "A", "Q"]} == shown


def test_a_hidden_zero_looks_like_every_hidden_cell(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where zeros are sensitive, a line that is not there would be a zero among the blanks."""
    lines = "A,S,VALUE\na,F,0\na,M,12\na,X,9\nb,F,33\nb,M,20\nb,X,10\n"
    (here / "z.csv").write_text(lines)
    (here / "absent.csv").write_text(lines.replace("a,F,0\n", ""))
    (here / "r.toml").write_text("threshold = 5\nzeros = true\n")
    assert 0 == run(["protect", "z.csv", "--rules", "r.toml", "--counts", "--out", "out"])
    assert "a,F,,Q\n" in (here / "out" / "publish" / "z.csv").read_text()
    capsys.readouterr()
    line = refused(capsys, "absent.csv", "--rules", "r.toml", "--counts", ends=3)
    assert "absent.csv: A=a S=F: an empty cell that is sensitive has no line" in line


def test_what_is_published_already_stays_shown(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The cheapest cell beside F is X; it was published, so the next one goes."""
    (here / "m.csv").write_text("SEX,VALUE\n_T,103\nF,3\nM,80\nX,20\n")
    (here / "old.csv").write_text("SEX,VALUE\nX,20\n")
    (here / "r.toml").write_text("threshold = 5\n")
    asked = ["m.csv", "--rules", "r.toml", "--counts", "--published", "old.csv"]
    facts(capsys, *asked, "--out", "out")
    assert ["F", "M"] == [line["SEX"] for line in read(here / "out" / "publish" / "m.csv") if not line["VALUE"]]


def test_a_cell_that_no_pattern_protects_ends_the_command(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The line says which and why, and no figure; nothing is written."""
    (here / "m.csv").write_text("SEX,VALUE\n_T,903\nF,3\nM,800\nX,100\n")
    (here / "old.csv").write_text("SEX,VALUE\n_T,903\nX,100\nM,800\n")
    (here / "r.toml").write_text("threshold = 5\n")
    asked = ["m.csv", "--rules", "r.toml", "--counts", "--published"]
    line = refused(capsys, *asked, "old.csv", "--out", "out", ends=1)
    assert "m.csv: SEX=F (too little may be hidden beside it)" in line
    assert "903" not in line
    assert not (here / "out").exists()
    (here / "old.csv").write_text("SEX,VALUE\nF,3\n")
    assert "m.csv: SEX=F (it is published already)" in refused(capsys, *asked, "old.csv", ends=1)


@pytest.mark.parametrize(
    ("arguments", "ends", "told"),
    [
        (["no.csv", "--rules", "rules.toml"], 2, "no such file"),
        (["turnover.csv", "--rules", "no.toml"], 2, "no such file"),
        (["turnover.csv"], 2, "--rules"),
        (["turnover.csv", "--rules", "rules.toml", "--time-limit", "-1"], 2, "--time-limit"),
        (["turnover.csv", "--rules", "turnover.csv"], 2, "TOML"),
        (["turnover.csv", "--rules", "way.toml"], 2, "way"),
        (["turnover.csv", "--rules", "other.toml"], 2, "names no cell of any table; found BRANCH=MINING"),
        (["turnover.csv", "--rules", "three.toml"], 2, "largest contributors"),
        (["turnover.csv", "turnover.csv", "--rules", "rules.toml"], 2, "two files of one name"),
        (["turnover.csv", "--rules", "rules.toml", "--out", "full"], 2, "is there already"),
        (["rules.toml", "--rules", "rules.toml"], 2, "no column of values"),
        (["empty.csv", "--rules", "rules.toml"], 3, "no line below the header"),
    ],
)
def test_every_mistake_is_one_line(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], ends: int, told: str
) -> None:
    (here / "way.toml").write_text('threshold = 3\nway = "noise"\n')
    (here / "other.toml").write_text('sensitive = [{ BRANCH = "MINING" }]\n')
    (here / "three.toml").write_text("dominance = [{ n = 3, k = 80 }]\n")
    (here / "empty.csv").write_text("SEX,VALUE\n")
    (here / "full").mkdir()
    (here / "full" / "thing").touch()
    assert told in refused(capsys, *arguments, ends=ends)
    assert ["thing"] == [path.name for path in (here / "full").iterdir()]


def large(folder: Path) -> None:
    """A table of made-up enterprises, 2,625 cells with margins, that it takes seconds to protect well."""
    trees = [hierarchies.tree(one) for one in ((4, 4), (4, 5), (4,))]
    cells = hierarchies.filled(trees, 1, 30.0, 0.25)
    finest = [hierarchies.leaves(one) for one in trees]
    shape = [len(one) for one in trees]
    lines = ["A,B,C,VALUE,CONTRIBUTORS,LARGEST1,LARGEST2"]
    for key in product(*finest):
        at = np.ravel_multi_index(key, shape)
        figures = (cells.value[at], cells.number[at], cells.first[at], cells.second[at])
        lines.append(",".join([*(f"c{code}" for code in key), *map(str, figures)]))
    (folder / "large.csv").write_text("\n".join(lines) + "\n")
    structure = ""
    for id, parents in zip("ABC", trees, strict=True):
        inside = ", ".join(f'c{code} = "c{parent}"' for code, parent in enumerate(parents) if parent > 0)
        structure += f'[[dimension]]\nid = "{id}"\nparents = {{ {inside} }}\n'
    (folder / "s.toml").write_text(structure)
    (folder / "p.toml").write_text("p = 10\ncoalition = 0\n")


ASKED = ["large.csv", "--rules", "p.toml", "--structure", "s.toml", "--out", "out"]


def test_who_breaks_off_gets_the_best_safe_pattern_until_then(here: Path) -> None:
    """Ctrl-C while the pattern is made cheaper: it is audited and written; the command says so and ends with 130."""
    large(here)
    command = [sys.executable, "-m", "comity", "protect", *ASKED, "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = list(takewhile(lambda line: "cheaper" not in line, process.stderr))
        os.kill(process.pid, signal.SIGINT)
        out, err = process.communicate()
    assert 130 == process.returncode, (said, err)
    told = json.loads(out)
    assert ("Ctrl-C", "out", told["sensitive"]) == (told["stopped"], told["written"], told["proved"])
    assert "the best safe pattern until then was written" in err
    blank = [line for line in read(here / "out" / "publish" / "large.csv") if not line["VALUE"]]
    assert len(blank) > told["sensitive"] / 2 > 0
    narrow = [
        one["cell"]
        for one in read(here / "out" / "home" / "intervals.csv")
        if int(one["low"]) > int(one["needs-low"]) or (one["high"] and int(one["high"]) < int(one["needs-high"]))
    ]
    assert [] == narrow


def test_a_time_limit_waits_for_a_safe_pattern_and_for_no_better_one(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    large(here)
    told = facts(capsys, *ASKED, "--time-limit", "0")
    assert ("time limit", told["sensitive"]) == (told["stopped"], told["proved"])
    assert not told["optimal"]
    assert "too many cells" in refused(capsys, *ASKED[:-2], "--exact", ends=2)


def test_a_norm_says_which_codes_add_up(here: Path) -> None:
    """Its code lists are the structure: the margins that are made are of its groups."""
    norm = numbers.norm({"SEX": ["F", "M"]}, {"n": 0})
    (here / "norm.json").write_bytes(canon.encode(norm))
    (here / "f.csv").write_text("SEX,VALUE\nF,50\nM,80\n")
    (here / "r.toml").write_text("threshold = 5\n")
    asked = ["f.csv", "--rules", "r.toml", "--counts", "--out", "out", "--structure"]
    assert 0 == run(["protect", *asked, "norm.json"])
    assert "SEX,VALUE,OBS_STATUS\nF,50,A\nM,80,A\n_T,130,A\n" == (here / "out" / "publish" / "f.csv").read_text()
    (here / "norm.json").write_text("{}")
    assert 3 == run(["protect", *asked[:-3], "--structure", "norm.json"])


def test_a_norm_says_in_how_many_cells_one_may_stand(here: Path) -> None:
    """Who is alone in one cell may be alone in another too."""
    norm = numbers.norm({"SEX": ["F", "M"]}, {"n": 0}, cells=2)
    (here / "norm.json").write_bytes(canon.encode(norm))
    assert 2 == protect_files.form(here / "norm.json", True, []).touched
