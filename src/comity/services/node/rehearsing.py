"""A rehearsal: a folder of made-up people, an office of its own that they are the source of, and a dry run on them.

Decides what is written down and that everything says SYNTHETIC; who the people are is `stages.rehearsal`'s. The office
is a new one that is in no assembly: nothing made up can be answered with by a node that has real data.
"""

import csv
import shutil
from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Final, Literal

from comity.adapters import durable
from comity.adapters.folder import PRIVATE_FILE
from comity.errors import UsageError
from comity.methods import registry
from comity.model.job import Tell
from comity.model.norm import Norm
from comity.model.study import Study
from comity.services.node import draft, intake, setup
from comity.services.node.office import POLICY
from comity.services.node.preview import DryRun, period_of
from comity.stages import rehearsal
from comity.stages.rehearsal import ID, REMARK

Format = Literal["csv", "parquet"]

MARK: Final = "SYNTHETIC.txt"
OFFICE: Final = "office"  # the folder of the rehearsal's own node
BINDING: Final = "binding.toml"
ALLOWS: Final = """\
# {remark} A policy for training: it allows this study and nothing else.

version = "1"
valid_from = 0
valid_until = 4102444800
officer = false

[[allow]]
method = "{method}"
goals = ["{goal}"]
movers = ["*"]

[national]
publish = true
threshold = {threshold}

[sealed]
noise_floor = 0
rate = 100
colluding = 1
survivors = 0
witnesses = 0
noiseless = [{noiseless}]

[budget]
epsilon = "100"
delta = "0.001"
"""


def rehearse(
    study: Study,
    norm: Norm,
    out: Path,
    *,
    seed: str,
    persons: int,
    period: str = "",
    form: Format = "csv",
    policy: Path | None = None,
    tell: Tell | None = None,
) -> DryRun:
    """Make people up, keep them in a new folder, and run a study dry on them.

    Args:
        persons: of each period of the study.
        policy: state folder of an office whose policy answers; None: one that allows the study.

    Raises:
        UsageError: the folder exists already, the study names another norm, or its method counts no persons.
    """
    period_of(study, period)
    if study.norm != norm.digest:
        raise UsageError("the study names another norm", where=study.id, found=norm.digest, wanted=study.norm)
    method = registry.held(study.method)
    if method is None or method.card.needs.data != "persons":
        raise UsageError(
            "no people can be made up for this study",
            where=f"{study.method.name}/{study.method.version}",
            found="not on the shelf, or a method on rasters",
            wanted="a method on persons: " + ", ".join(registry.names()),
        )
    made = rehearsal.rehearsal(study, norm, seed=seed, persons=persons)
    if out.exists():
        raise UsageError("the folder exists already", where=str(out), wanted="a new one")
    text = (policy / POLICY).read_text("utf-8") if policy else _allows(study, norm)
    try:
        out.mkdir(parents=True)
        durable.write(out / MARK, f"{REMARK}\nSeed: {seed!r}\n".encode())
        durable.write(out / BINDING, made.binding.encode())
        people = _written(out, made.columns, form)
        home = out / OFFICE
        setup.init(home, id="rehearsal", area="001", policy=text)
        durable.write(home / MARK, f"{REMARK}\n".encode(), mode=PRIVATE_FILE)
        intake.add_source(home, ID, people)
        intake.bind(home, ID, made.binding, where=BINDING)
        intake.check_source(home, ID, norm)
        return draft.dry_run(home, study, norm, period, tell=tell)
    except BaseException:
        shutil.rmtree(out, ignore_errors=True)  # whole or not at all
        raise


def _allows(study: Study, norm: Norm) -> str:
    return ALLOWS.format(
        remark=REMARK,
        method=study.method.name,
        goal=study.goal,
        threshold=max(1, norm.protection.threshold),
        noiseless="" if study.noise else f'"{study.method.name}"',
    )


def _written(out: Path, columns: Mapping[str, Sequence[str]], form: Format) -> Path:
    """The file of people."""
    path = out / f"{ID}.{form}"
    if form == "parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        pq.write_table(pa.table({name: list(values) for name, values in columns.items()}), path)
        return path
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    durable.write(path, text.getvalue().encode())
    return path
