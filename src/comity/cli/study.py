"""`comity study`: one question to all members, packed into the text that is voted on."""

from pathlib import Path
from typing import Annotated, Any

import typer

from comity.cli import norm as norms
from comity.cli import options, show

app = options.group()


@app.command()
def pack(
    text: Annotated[Path, typer.Argument(metavar="STUDY.toml", help="The study, as a methodologist writes it.")],
    norm: Annotated[Path, typer.Option("--norm", metavar="NORM.json", help="The bundle of the norm that it follows.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The study, as canonical JSON.")],
    rehearsal: Annotated[
        bool, typer.Option("--rehearsal", help="On made-up people: all that follows says that it is synthetic.")
    ] = False,
    as_json: show.Json = False,
) -> None:
    """Fix norm and method by digest and the order of the cells, check that it holds together, and write it.

    Checks what every node will check: fields that contradict norm or method, and an epsilon below what the noise gives.

    Example: `comity study pack study.toml --norm norm.json --out study.json`
    """
    from comity import canon
    from comity.adapters import durable
    from comity.methods import registry
    from comity.model.study import fewest
    from comity.stages import drafting

    study, loss = drafting.study(options.text(text), options.norm_file(norm), where=str(text), rehearsal=rehearsal)
    durable.write(out, canon.encode(study))
    facts: dict[str, Any] = {
        "study": f"{study.id}/{study.version}",
        "title": study.title,
        "method": f"{study.method.name}/{study.method.version} {study.method.digest}",
        "norm": study.norm,
        "periods": [period.id for period in study.periods],
        "cells": study.layout.cells,
        "colluding": study.colluding,
        "consents-needed": fewest(study.colluding) if registry.is_summed(study.method) else None,
        "rehearsal": study.rehearsal,
    }
    if study.noise is not None:
        facts |= {"noise-variance": study.noise.sigma2, "epsilon": study.noise.epsilon, "epsilon-computed": str(loss)}
        facts |= {"delta": study.noise.delta, "protects": study.noise.protects}
    show.facts(facts | {"out": str(out), "digest": study.digest}, as_json=as_json)


@app.command("list")
def list_(
    hub: options.Hub = None, home: options.Home = None, charter: options.Pin = None, as_json: show.Json = False
) -> None:
    """Studies in force by the members' decision. How far each has come: `comity assembly studies`.

    Example: `comity study list --hub https://hub.example.org`
    """
    with options.reading(hub, home, charter) as reading:
        rows = norms.in_force(reading.log.state, "study")
    show.rows(rows, norms.COLUMNS, as_json=as_json, none="No study is in force.")
