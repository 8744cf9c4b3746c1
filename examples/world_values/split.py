"""Give each demonstration node its own people: DIR/<member>/respondents.parquet, one folder a member.

    .venv/bin/python -m examples.world_values.split --wave 6 --members 60 --out build/demo/input

Beside the folders stand members.json (who, where, how many, which part), binding-report.json (how country codes became
areas, and what was left over), study.toml (the study of this roster, a rehearsal where people are made up) and
truth.json (the counts that only somebody who holds all rows can know, made with pandas). Comity reads none of them but
the study; the demonstration shows the truth beside what Comity published. Decides nothing about protection. Everything
is written at once or not at all.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from comity.errors import ComityError, ConfigError, SourceError, UsageError, WorldError
from comity.model import area
from examples.world_values import binding, people, roles

HERE: Final = Path(__file__).parent
STUDIES: Final = {60: "study.toml", 12: "study-12.toml"}
SURVEYED: Final = "\nrehearsal = false"
SCHEMA: Final = pa.schema(
    [(name, pa.string() if name == "country" else pa.int64()) for name in people.COLUMNS],
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Respondents by member, and where they came from."""

    data: str  # wvs or synthetic
    fallback: bool  # synthetic, because the rows could not be had
    seed: int | None  # of synthetic people
    wave: int
    parts: dict[str, pd.DataFrame]
    report: dict[str, Any]


def survey(codes: binding.Binding, roster: roles.Roster, wave: int) -> Split:
    """The survey's respondents of one wave, bound to the members of the roster.

    Raises:
        RowsMissing: the rows cannot be had.
        SourceError: a member of the roster has no respondents.
    """
    frame = people.surveyed()
    bound, findings = binding.bind(frame, codes)
    parts = {member: rows[rows["s002"] == wave] for member, rows in bound.items() if member in roster.members}
    if empty := [member for member in roster.members if member not in parts or parts[member].empty]:
        raise SourceError(
            f"no respondents of wave {wave} for {len(empty)} of {len(roster.members)} members",
            where="stevedata/wvs_justifbribe",
            found=", ".join(empty),
            way_out="compare examples/world_values/codes.toml with the file, or say --data synthetic",
        )
    report = binding.report(frame, codes, findings)
    return Split(data="wvs", fallback=False, seed=None, wave=wave, parts=parts, report=report)


def made_up(codes: binding.Binding, roster: roles.Roster, wave: int, *, seed: int, fallback: bool) -> Split:
    """People who do not exist, for the same members and areas."""
    parts = people.made_up(codes.of(roster.members), wave=wave, seed=seed)
    report: dict[str, Any] = {"file": None, "left_over": [], "bound_with_a_reason": [], "reasons": codes.reasons}
    return Split(
        data="synthetic", fallback=fallback, seed=seed, wave=wave, parts=dict(sorted(parts.items())), report=report
    )


def counts(answers: "pd.Series[Any]") -> dict[str, Any]:
    """Respondents by answer, as pandas counts them; the share is of all who gave an answer on the scale."""
    codes = {code: int((answers == code).sum()) for code in people.ANSWERS}
    answered, missing = sum(codes.values()), int(answers.isna().sum())
    return {
        "rows": len(answers),
        "answers": answered,
        "missing": missing,
        "out_of_list": len(answers) - answered - missing,
        "codes": {str(code): number for code, number in codes.items()},
        "share_never": round(codes[1] / answered, 6) if answered else None,
    }


def truth(split: Split) -> dict[str, Any]:
    """Counts of each member and of all, from the rows themselves."""
    return {
        "data": split.data,
        "wave": split.wave,
        "made_with": f"pandas {pd.__version__}, from the rows before they were split",
        "members": {member: counts(rows["f117"]) for member, rows in split.parts.items()},
        "total": counts(pd.concat([rows["f117"] for rows in split.parts.values()])),
    }


def members(split: Split, roster: roles.Roster, codes: binding.Binding) -> dict[str, Any]:
    """Who takes part, under which area and name, with how many respondents, and in which role."""
    about = tomllib.loads((HERE / "about.toml").read_text(encoding="utf-8"))
    areas = {code.member: code.m49 for code in codes.codes.values()}
    return {
        "data": split.data,
        "fallback": split.fallback,
        "seed": split.seed,
        "wave": split.wave,
        "title": about["title"],
        **about[split.data],
        **{topic: about[topic] for topic in ("nodes", "names", "claims")},
        "convenor": roster.convenor,
        "moves": roster.moves,
        "comments": roster.comments,
        "members": [
            {
                "id": member,
                "area": areas[member],
                "name": area.name(str(areas[member])),
                "rows": len(rows),
                "role": roster.role(member),
                "witness": member in roster.witnesses,
                "process": roster.process(member),
            }
            for member, rows in split.parts.items()
        ],
    }


def study(split: Split, size: int) -> str:
    """The text of the roster's study; made-up people make it a rehearsal, which every page and file then says."""
    text = (HERE / STUDIES[size]).read_text(encoding="utf-8")
    said = text.count(SURVEYED)
    if said != 1:
        raise ConfigError(
            "not the line wanted", where=STUDIES[size], found=f"{said} times", wanted=f"{SURVEYED!r} once"
        )
    return text if split.data == "wvs" else text.replace(SURVEYED, "\nrehearsal = true")


def write(split: Split, out: Path, texts: dict[str, str]) -> None:
    """Write all files into a folder beside `out`, which takes its place when all is there.

    Raises:
        UsageError: `out` holds something already.
        SourceError: a respondent stands twice in one member's rows.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(
            "will not write over what is there",
            where=str(out),
            found="a file" if out.is_file() else "a folder that is not empty",
            wanted="a new or empty folder",
            way_out="name another --out, or remove it",
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    try:
        for member, rows in split.parts.items():
            _write_respondents(fresh / member, rows, split.data)
        for name, text in texts.items():
            (fresh / name).write_text(text, encoding="utf-8")
        os.replace(fresh, out)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _write_respondents(folder: Path, rows: pd.DataFrame, data: str) -> None:
    if twice := int(rows["uid"].duplicated().sum()):
        raise SourceError(f"{twice} respondents stand twice", where=folder.name, wanted="one row a respondent (uid)")
    folder.mkdir()
    table = pa.Table.from_pandas(rows, schema=SCHEMA, preserve_index=False)
    pq.write_table(table.replace_schema_metadata({"data": data}), folder / "respondents.parquet")


def summary(split: Split, found: dict[str, Any], total: dict[str, Any]) -> Iterable[str]:
    """What a reader should have seen before believing the rest, in a few lines."""
    if file := found["file"]:
        left, reasoned = found["left_over"], found["bound_with_a_reason"]
        yield (
            f"codes of the file: {file['codes']}, with {file['names']} names; {file['rows']:,} rows of all waves, "
            f"{file['answers_missing']:,} without an answer"
        )
        yield (
            f"  {file['codes_with_the_name_of_m49']} are M49's code with M49's name, {len(reasoned)} are bound for a "
            f"reason, {len(left)} left over"
        )
        for finding in (*left, *(one for one in reasoned if one["kind"] not in binding.NAME_ONLY)):
            fate = f"held by {finding['bound']}" if finding["bound"] else "LEFT OVER, held by nobody"
            waves = ", ".join(map(str, finding["waves"]))
            yield f"  {finding['s003']:03d} {finding['kind']}: {finding['rows']:,} rows (wave {waves}), {fate}"
    share = f'{100 * total["share_never"]:.1f} % "never justifiable"' if total["answers"] else "no answers"
    yield (
        f"wave {split.wave}: {len(split.parts)} demonstration nodes, {total['rows']:,} respondents, "
        f"{total['answers']:,} answers, {total['missing']:,} missing, {total['out_of_list']} outside the list; "
        f"{share}, unweighted"
    )


def banner(lines: Iterable[str]) -> None:
    """Say something that nobody can overlook, on standard error."""
    print("!" * 100, *(f"!!! {line}" for line in lines), "!" * 100, sep="\n", file=sys.stderr, flush=True)


def run(size: int, wave: int, data: str, seed: int, out: Path) -> None:
    """Split, write and say what was found."""
    codes, roster = binding.read(HERE / "codes.toml"), roles.read(HERE / "roles.toml", size)
    fallback = False
    if data == "wvs":
        try:
            split = survey(codes, roster, wave)
        except people.RowsMissing as error:
            fallback = True
            banner(["SYNTHETIC DATA: nobody was asked; no figure says anything about a country", str(error)])
    if data == "synthetic" or fallback:
        split = made_up(codes, roster, wave, seed=seed, fallback=fallback)
    found = truth(split)
    head = {"data": split.data, "wave": split.wave}
    records = {"members": members(split, roster, codes), "truth": found, "binding-report": head | split.report}
    texts = {
        f"{name}.json": json.dumps(record, ensure_ascii=False, indent=1) + "\n" for name, record in records.items()
    }
    write(split, out, texts | {"study.toml": study(split, size)})
    if split.data == "synthetic":
        print(f"SYNTHETIC people, seed {seed}")
    print(*summary(split, split.report, found["total"]), f"written to {out}", sep="\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; 0, or the exit code of the error that it prints in one line."""
    parser = argparse.ArgumentParser(prog="python -m examples.world_values.split", description=__doc__.splitlines()[0])
    parser.add_argument("--wave", type=int, choices=[6], default=6, help="wave of the survey (so far: 6)")
    parser.add_argument("--members", type=int, choices=[12, 60], default=60, help="roster of roles.toml")
    parser.add_argument("--data", choices=["wvs", "synthetic"], default="wvs", help="whose people")
    parser.add_argument("--seed", type=int, default=1, help="of synthetic people")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="new or empty folder")
    given = parser.parse_args(arguments)
    try:
        run(given.members, given.wave, given.data, given.seed, given.out)
    except ComityError as error:
        print(error, file=sys.stderr)
        return error.exit
    except OSError as error:
        print(WorldError("cannot write", where=str(given.out), found=str(error)), file=sys.stderr)
        return WorldError.exit
    return 0


if __name__ == "__main__":
    sys.exit(main())
