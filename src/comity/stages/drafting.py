"""Drafting: from a methodologist's text to the study that is voted on, checked as every node will check it.

Nobody should vote on a study that every node must refuse. Decides nothing else: see `consent`.
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final

from comity.errors import FormatError
from comity.methods import registry
from comity.model import study as studies
from comity.model.norm import Norm
from comity.model.study import Study, unsound
from comity.stages.misfits import misfits, unfinished, wanted, wanted_noise, wanted_sizes

# What `model.study.unsound` asks of a field, in words.
_ASKED: Final[Mapping[str, str]] = {
    "related": "related = true, as the norm is only related to its goal",
    "bound": "bound: 1 or more",
    "colluding": "colluding: 1 or more",
    "noise.sigma2": "noise.sigma2: 1 or more",
    "noise.delta": "noise.delta: a decimal between 0 and 1, as text",
    "noise.epsilon": "noise.epsilon: a decimal, as text",
    "noise.cells": "noise.cells: those of the norm's protection, and as many as one person can touch by the method",
    "periods": "periods: one or more, each id once",
    "timing": "timing: consent above 0, send above 0 and below step",
}


def study(text: str, norm: Norm, *, where: str, rehearsal: bool) -> tuple[Study, Decimal | None]:
    """The study, and epsilon of one release as computed from its noise; None without noise.

    Args:
        text: TOML.
        rehearsal: on made-up people, whatever the text says.

    Raises:
        FormatError: a field that no study has, that contradicts norm or method, or that promises too much privacy.
        Refused: the method is not on this shelf.
    """
    draft = studies.read(text, where=where)
    name, _, version = draft.method.partition("/")
    method = registry.reference(name, version)
    settled = studies.settle(replace(draft, rehearsal=draft.rehearsal or rehearsal), norm, method)
    held = registry.load(name, version)
    wrong = {*unsound(settled, norm), *misfits(settled, held.card, norm)}
    if not wrong and (told := unfinished(settled, held)):
        raise FormatError(
            f"the method cannot finish it: {told}",
            where=where,
            wanted=f"parameters and dimensions as docs/methods/{name}.md says",
            way_out="correct them; every node refuses the study as it is",
        )
    if wrong:
        sizes = wanted_sizes(settled, held.card, norm) if "parameters" in wrong else ""
        others = "layout" in wrong or ("parameters" in wrong and not sizes)
        words = [
            sizes,
            wanted(settled, held.card) if others else "",
            wanted_noise(held.card) if "noise" in wrong else "",
            *(_ASKED[field] for field in sorted(wrong & _ASKED.keys())),
        ]
        raise FormatError(
            "fields that contradict the norm, the method or each other",
            where=where,
            found=", ".join(sorted(wrong)),
            wanted=f"of {draft.method}: {'; '.join(filter(None, words))}" if any(words) else "",
            way_out="correct them; every node refuses the study as it is",
        )
    # Arrays take a moment to load; only who drafts or decides pays for it.
    from comity.stages.protect import noise

    loss = noise.loss(settled)
    if settled.noise is not None and (loss is None or Decimal(settled.noise.epsilon) < loss):
        raise FormatError(
            "the noise gives away more than the study says",
            where=f"{where}: noise.epsilon",
            found=settled.noise.epsilon,
            wanted=f"{loss} or more" if loss is not None else "noise that protects at all",
            way_out="state a larger epsilon, or plan more noise",
        )
    return settled, loss
