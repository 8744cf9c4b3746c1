"""The officer's console as a page: what is asked of the office, and one question with its own table before and after.

Nouns of that page alone, as text and numbers; who fills them, and what an answer does, is `services.node.console`'s
affair. No script: answers are two buttons of one form.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from comity.model.warning import Warned
from comity.pages import render


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One study in one period, and how the office stands to it; reasons are worded."""

    study: str  # digest
    title: str
    period: str
    norm: str
    mover: str
    status: str  # behind `console.status.` in the catalogue
    reasons: tuple[str, ...]

    @property
    def waits(self) -> bool:
        """Whether the officer may answer."""
        return self.status == "waits for the officer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell: its codes, persons counted, and persons as the office's own release shows them (None: Q)."""

    key: str
    counted: str
    shown: str | None
    noisy: bool = False  # what is shown is drawn only when it is shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One figure of the own table, unprotected, by the study's method; "" for what it does not have."""

    key: str
    measure: str
    value: str
    error: str  # standard error of sampling
    noise: str  # standard deviation of the joint sum's noise in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """The design effect of one estimate."""

    key: str
    of: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One question, as a dry run shows it; numbers as text.

    name: the study's id and version. goal: what it serves. source, binding: what was counted, and read by which.
    estimates: of a study that has standard errors. beside: the noise of the sum beside them, in words.
    """

    line: Line
    name: str
    goal: str
    source: str
    binding: str
    cells: tuple[Cell, ...]
    publishes: bool
    rows: str
    counted: str
    missing: str
    outside: str
    own_noise: str
    sum_noise: str
    epsilon: str  # "" for a study without noise
    delta: str
    spent: str
    budget: str
    warnings: tuple[Warned, ...]
    estimates: tuple[Estimate, ...] = ()
    effects: tuple[Effect, ...] = ()
    beside: tuple[str, ...] = ()


def asked(lines: Sequence[Line], *, office: str) -> bytes:
    """All that is asked."""
    return render.page("console.html", office=office, lines=tuple(lines), shown=None)


def question(shown: Shown, *, office: str, named: bool = False) -> bytes:
    """One question, with the officer's two buttons if it waits for an answer; named: each officer says who it is."""
    return render.page("console.html", office=office, lines=(), shown=shown, named=named)
