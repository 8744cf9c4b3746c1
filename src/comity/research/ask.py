"""Drafting a study from a norm and a method: what it would reveal, what it costs, who would allow it.

Decides how a wish (an epsilon, or a variance) becomes a noise plan, and says beforehand what every node would say. A
researcher moves nothing: the draft is a file, a member that sponsors it moves it with its own key, and no key is ever
asked for here. The text is read back and checked exactly as `comity study pack` does (`stages.drafting`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Final, Literal

from comity import canon
from comity.adapters import durable
from comity.canon import Digest
from comity.errors import FormatError, UsageError
from comity.methods import registry
from comity.methods.card import Card
from comity.model import study as studies
from comity.model.norm import Norm
from comity.model.study import Draft, Period, Study, Timing, threshold
from comity.research import drafted, show
from comity.research.record import Archive, Standing
from comity.research.support import Support, support
from comity.research.wish import Wish, plan
from comity.stages import drafting
from comity.stages.protect import noise as noises

DELTA: Final = "0.000000001"
DAYS: Final = Timing(consent=14 * 86_400, step=86_400, send=6 * 3600)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reveals:
    """What would be known after one period.

    cells: of the table. figures: published, with both errors each. least_sd: standard deviation of the noise in an
    opened cell at least, 0 without noise. sd: the same if every member of today answered. survivors: members without
    whom the sum is not opened, 0 if there is none. seen: by whom, in words.
    """

    cells: int
    figures: int
    measures: tuple[str, ...]
    least_sd: float
    sd: float
    survivors: int
    seen: tuple[tuple[str, str], ...]  # who, what


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """Privacy loss of one person, as decimals; None without noise.

    epsilon: of one period, if at most `colluding` members and the hub pool what they know. all_periods: of one who is
    in every period (epsilons add up). alone: of one period, if all other members do, by the noise of the own member
    alone, at the least rate; None where that much noise is worth no epsilon.
    """

    delta: str
    colluding: int
    epsilon: Decimal | None
    all_periods: Decimal | None
    alone: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A drafted study and what is known of it before anybody moves it."""

    draft: Draft
    study: Study
    norm: Norm
    text: str  # study.toml
    reveals: Reveals
    costs: Costs
    support: Support
    standing: Standing

    def write(self, path: str | Path = "study.toml") -> tuple[Path, Path]:
        """Write the draft, and the bundle of its norm beside it (`norm.json`), for the member that sponsors it.

        Raises:
            UsageError: something else is there already; nothing is overwritten, and nothing half written.
        """
        file = Path(path)
        made = {file.with_name("norm.json"): canon.encode(self.norm), file: self.text.encode()}
        for there, data in made.items():
            if there.exists() and (not there.is_file() or there.read_bytes() != data):
                raise UsageError("is there already", where=str(there), wanted="a new file", way_out="name another")
        for there, data in made.items():
            durable.write(there, data)
        return file, file.with_name("norm.json")

    def __repr__(self) -> str:
        rows = [("", name, value) for name, value in self._facts()]
        head = show.lines(f"{self.draft.title}: a draft that nobody has moved")
        return f"{head}\n{show.columns(('', '', ''), rows)}\n{self.standing}"

    def _repr_html_(self) -> str:
        return show.whole(
            show.title(f"{self.draft.title}: a draft that nobody has moved"),
            show.facts(self._facts()),
            show.note("A member that sponsors it moves it with its own key: .write() makes the file."),
            show.note(self.standing),
        )

    def _facts(self) -> list[tuple[str, object]]:
        reveals, costs = self.reveals, self.costs
        seen = [(f"seen by {who}", what) for who, what in reveals.seen]
        priced: list[tuple[str, object]] = [("costs", "no privacy budget: without noise there is no epsilon")]
        if costs.epsilon is not None:
            of_member = self.draft.noise is not None and self.draft.noise.protects == "member"
            protected = "all that one member puts in, and so each of its persons" if of_member else "one person's part"
            pooled = f"if at most {costs.colluding} members and the hub pool what they know"
            alone = f"{costs.alone:f}" if costs.alone is not None else "no bound worth stating"
            priced = [
                ("protects", protected),
                ("costs", f"epsilon {costs.epsilon:f} a period at delta {costs.delta}, {pooled}"),
                ("over all periods", f"epsilon {costs.all_periods:f}, for one who is in each of them"),
                ("if all others pool", f"epsilon {alone}, by the noise of one's own member alone"),
            ]
        table = f"{reveals.cells} cells, {reveals.figures} figures ({', '.join(reveals.measures)}) a period"
        kept = f"even if {costs.colluding} members kept theirs out; {reveals.sd:.3g} if all answer"
        noise = f"standard deviation {reveals.least_sd:.3g} in each opened cell at least, {kept}"
        least = [("opened with", f"{reveals.survivors} members at least")] if reveals.survivors else []
        return [
            ("study", f"{self.draft.id}/{self.draft.version}, {self.draft.method}, {self.draft.norm}"),
            ("periods", ", ".join(period.id for period in self.draft.periods)),
            ("reveals", table),
            ("noise", noise if reveals.least_sd else "none"),
            *least,
            *seen,
            *priced,
            *self.support.facts(),
        ]


def ask(
    archive: Archive,
    norm: Norm,
    method: str = "table/1",
    *,
    periods: Mapping[str, str] | Sequence[str],
    bound: int,
    epsilon: str | None = None,
    sigma2: int | None = None,
    delta: str = DELTA,
    dimensions: Sequence[str] | None = None,
    colluding: int | None = None,
    parameters: Mapping[str, str] | None = None,
    id: str = "",
    version: str = "1.0.0",
    title: str = "",
    goal: str = "",
    rehearsal: bool = False,
    timing: Timing = DAYS,
    sponsor: str | None = None,
    protects: Literal["person", "member"] = "person",
) -> Asked:
    """Draft a study.

    Args:
        method: name/version of one on this shelf.
        periods: SDMX period -> value of the norm's period variable; or periods that are their own value.
        bound: largest absolute value of one member's cell; a larger one is cut to it.
        epsilon: what one release may cost at most, at `delta`; the least noise that keeps it is planned.
        sigma2: or the variance of the noise itself, if `colluding` members kept theirs out.
        dimensions: of the norm, in the order of the cells; by itself all.
        colluding: members that may pool what they know; by itself a third of today's.
        title, goal, id: by themselves the norm's.
        rehearsal: on made-up people.
        timing: seconds for consents, a step, and how far into a step statements leave.
        sponsor: id of the member that would move it; policies may answer some movers alone.
        protects: whose part epsilon is about: one person's, or all that one member puts in.

    Raises:
        UsageError: too little, or too much, was said of the noise (of areas: anything); or the sponsor is no member.
        FormatError: a field that contradicts norm, method or another. Refused: the method is not on this shelf.
    """
    name, _, number = method.partition("/")
    card, reference = registry.load(name, number).card, registry.reference(name, number)
    members = len(archive.log.state.members)
    if sponsor is not None and sponsor not in archive.log.state.members:
        known = ", ".join(archive.log.state.members)
        raise UsageError("no member in good standing", where="sponsor", found=sponsor, wanted=known)
    each = periods.items() if isinstance(periods, Mapping) else [(period, period) for period in periods]
    draft = Draft(
        id=id or f"{norm.id}-study",
        version=version,
        title=title or norm.title,
        goal=goal or norm.goal,
        related=norm.related,
        rehearsal=rehearsal,
        norm=f"{norm.id}/{norm.version}",
        method=method,
        parameters=dict(parameters or {}),
        dimensions=tuple(dimensions or (dimension.id for dimension in norm.structure.dimensions)),
        measures=card.needs.measures,
        bound=bound,
        colluding=max(1, members // 3) if colluding is None else colluding,
        noise=None,
        periods=tuple(Period(id=period, value=value) for period, value in each),
        timing=timing,
    )
    floor = studies.settle(draft, norm, reference)
    wish = Wish(cells=norm.protection.cells, delta=delta, epsilon=epsilon, sigma2=sigma2, protects=protects)
    draft = replace(draft, noise=plan(floor, card, wish))
    text = drafted.toml(draft, _told(draft, norm, archive.log.standing))
    study, loss = drafting.study(text, norm, where="the draft", rehearsal=rehearsal)
    if studies.read(text, where="the draft") != draft:
        raise FormatError("a text that TOML does not give back", where="the draft", found=draft.title)
    return Asked(
        draft=draft,
        study=study,
        norm=norm,
        text=text,
        reveals=_reveals(study, norm, card, members),
        costs=_costs(study, loss, members),
        support=support(archive, study, norm, card, loss, sponsor),
        standing=archive.log.standing,
    )


def _reveals(study: Study, norm: Norm, card: Card, members: int) -> Reveals:
    """What would be known, and by whom."""
    cells, measures = study.layout.cells, tuple(rounding.measure for rounding in card.decimals)
    deviation = study.noise.sigma2**0.5 if study.noise else 0.0
    full = float(members * noises.share(study, max(members, study.colluding + 3), 100)) ** 0.5 if study.noise else 0.0
    return Reveals(
        cells=cells,
        figures=cells * len(measures),
        measures=measures,
        least_sd=deviation,
        sd=max(full, deviation),
        survivors=0 if card.needs.data == "rasters" else threshold(members, study.colluding),
        seen=tuple(_seen(study, norm, card, members)),
    )


def _seen(study: Study, norm: Norm, card: Card, members: int) -> list[tuple[str, str]]:
    """Who sees what, in words."""
    if card.needs.data == "rasters":
        return [("everyone", "each answering office's own areas, with their errors: no person is counted")]
    own = (
        "the own table of each member that publishes one, cells of fewer persons than its threshold suppressed "
        f"(the norm asks {norm.protection.threshold} at least)"
    )
    return [
        ("the office itself", "its own data and table, which stay at home"),
        ("the hub", "each member's vector masked, and the sum of those that answered, with its noise; no table of one"),
        (
            f"the hub and up to {study.colluding} members together",
            "that sum less what they put in themselves, still with noise",
        ),
        ("everyone", f"the figures of the sum with both errors, and what each of {members} members did"),
        ("everyone, besides", own),
    ]


def _costs(study: Study, loss: Decimal | None, members: int) -> Costs:
    """What one person pays, as consent computes it."""
    if study.noise is None or loss is None:
        return Costs(delta="", colluding=study.colluding, epsilon=None, all_periods=None, alone=None)
    own: Fraction = noises.share(study, max(members, study.colluding + 3), 100)
    return Costs(
        delta=study.noise.delta,
        colluding=study.colluding,
        epsilon=loss,
        all_periods=loss * len(study.periods),
        alone=noises.loss(study, own),
    )


def _told(draft: Draft, norm: Norm, standing: Standing) -> tuple[str, ...]:
    """What the file says to the member that sponsors it."""
    digest: Digest = norm.digest
    return (
        "A draft that nobody has moved. A researcher drafted it and holds no key; a member that sponsors it runs:",
        "",
        "    comity study pack study.toml --norm norm.json --out study.json",
        "    comity policy what-if study.json --norm norm.json --home OFFICE",
        "    comity motion move study study.json --home OFFICE",
        "",
        f"Norm {draft.norm} {digest}.",
        f"Drafted on log {standing.origin}, charter {standing.charter}, at {standing.leaves} leaves.",
    )
