"""A connection: one log, read and checked, with its releases, series, studies and norms.

Decides what is meant when a reader names little: of a release's folder that release, of a hub its newest joint one.
Opens no connection but to the address named, holds no key, and sends nothing but requests for public files.
"""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from comity import canon
from comity.assembly import queries
from comity.assembly.facts import MotionFacts, ReleaseFacts
from comity.canon import Digest
from comity.errors import FormatError, UsageError
from comity.model.member import HUB
from comity.model.norm import Norm
from comity.model.study import Study
from comity.research import ask as asking
from comity.research import frame as frames
from comity.research import listing, place, record, show
from comity.research.ask import Asked
from comity.research.frame import Frame
from comity.research.listing import Listing, Moved, Series
from comity.research.plot import Plot
from comity.research.published import Published, Verified
from comity.research.record import Archive, Standing
from comity.stages.publish import folder

RELEASES = ("index", "study", "period", "kind", "area", "publisher", "time", "state")
SERIES = ("study", "kind", "area", "publisher", "periods", "releases")
MOVED = ("name", "outcome", "mover", "motion", "digest")


def connect(named: str | Path, *, charter: str | None = None) -> "Connection":
    """Read a log and check it; nothing is handed out of one that does not hold.

    Args:
        named: address of a hub or mirror; or a folder: a hub's or mirror's public files, or one release.
        charter: digest that the log must begin with, from a source that the reader trusts. Without it all that is
            handed out says that its charter is not pinned.

    Raises:
        UsageError: not a digest, no such folder, or nothing to read in it. Unreachable: nothing answers.
        NotVerified, QuorumShort: leaves, signature, quorum or charter do not hold.
    """
    pin = None if charter is None else _digest(charter)
    found = place.of(named)
    try:
        return Connection(Archive(place=found, log=record.read(found, pin)))
    except BaseException:
        found.close()
        raise


class Connection:
    """A log that holds, and the place it was read from. For one thread; a context manager, though nothing breaks
    without it."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, e: BaseException | None, at: TracebackType | None) -> None:
        self.archive.place.close()

    @property
    def standing(self) -> Standing:
        """What was checked of the log, and whose word it stands on."""
        return self.archive.log.standing

    @cached_property
    def releases(self) -> Listing[Published]:
        """Every release of the log, the newest first; taken-back ones say so."""
        state = self.archive.log.state
        replaced = {f.replaces.index: f.ref.index for f in state.releases.values() if f.replaces}
        items = [self._published(facts, replaced) for facts in reversed(list(state.releases.values()))]
        return listing.of("Releases", items, RELEASES, self.standing)

    @cached_property
    def series(self) -> Listing[Series]:
        """What each publisher publishes of each study, by periods: of releases that stand."""
        found: dict[tuple[str, str, str, str], list[Published]] = {}
        for one in reversed(self.releases):
            if one.stands:
                found.setdefault((one.study, one.kind, one.area, one.publisher), []).append(one)
        items = [
            Series(
                study=study,
                kind=kind,
                area=area,
                publisher=publisher,
                periods=tuple(dict.fromkeys(one.period for one in ones)),
                releases=tuple(one.index for one in ones),
            )
            for (study, kind, area, publisher), ones in sorted(found.items())
        ]
        return listing.of("Series", items, SERIES, self.standing)

    @cached_property
    def studies(self) -> Listing[Moved]:
        """Every study that was moved, and what came of it."""
        return self._moved("Studies", "study")

    @cached_property
    def norms(self) -> Listing[Moved]:
        """Every norm that was moved, and what came of it."""
        return self._moved("Norms", "norm", "norm-recognised")

    def study(self, named: str) -> Study:
        """The text of a study, by name or digest."""
        return self.archive.study(self._named(self.studies, named).digest)

    def norm(self, named: str) -> Norm:
        """The text of a norm, by name or digest."""
        return self.archive.norm(self._named(self.norms, named).digest)

    def release(self, named: int | str | None = None) -> Published:
        """A release by leaf index or by the digest of its `release.json`; without either, the one meant.

        Raises:
            UsageError: there is none.
        """
        about, known = self.archive.place.about, list(self.releases)
        if named is not None:
            found = [one for one in known if named in (one.index, one.digest)]
        elif about is not None:
            found = [one for one in known if one.digest == about]
        else:
            found = sorted((one for one in known if one.stands), key=lambda one: one.kind != "joint")
        if not found:
            raise UsageError(
                "no such release",
                where=self.archive.place.address,
                found=str(named or about or "none that stands"),
                wanted=", ".join(str(one.index) for one in known[:20]) or "a release; none was published yet",
                way_out=".releases lists them",
            )
        return found[0]

    def frame(
        self,
        study: str | None = None,
        *,
        period: str | None = None,
        area: str | None = None,
        kind: str | None = None,
    ) -> Frame:
        """Figures as a table: of all releases that stand and fit; without a word, of `release()`.

        Args:
            study: by name or digest; needed where releases of several stand.
            period: one of its periods.
            area: M49 of a member, or _X for those who took part together.
            kind: "joint" or "national".

        Raises:
            UsageError: nothing fits. Unreachable: a body is not here; a release's own folder holds no other's figures.
        """
        if study is period is area is kind is None:
            return self.release().frame()
        stand = [one for one in self.releases if one.stands]
        asked = {"study": study, "period": period, "area": area, "kind": kind}
        fit = [one for one in stand if all(_fits(one, name, value) for name, value in asked.items())]
        studies = dict.fromkeys(one.question for one in fit)
        if len(studies) != 1:
            told = ", ".join(dict.fromkeys(f"{one.study} {one.period} {one.kind}" for one in stand))
            raise UsageError(
                "no release fits" if not studies else "releases of several studies fit",
                where="frame",
                found=", ".join(f"{name} {value}" for name, value in asked.items() if value),
                wanted=told,
                way_out=".series lists what there is; name a study, by its digest if two have one name",
            )
        fit.sort(key=lambda one: (one.period, one.kind != "joint", one.area, one.index))
        return frames.joined([one.frame() for one in fit])

    def plot(self, **choices: Any) -> Plot:
        """`frame().plot()`: see `Frame.plot`."""
        return self.frame().plot(**choices)

    def verify(self, named: int | str | None = None) -> Verified:
        """The report of `comity verify` on a release: see `Published.verify`."""
        return self.release(named).verify()

    def ask(self, norm: str | Norm, method: str = "table/1", **wish: Any) -> Asked:
        """Draft a study: see `ask.ask`."""
        text = norm if isinstance(norm, Norm) else self.norm(norm)
        return asking.ask(self.archive, text, method, **wish)

    def __repr__(self) -> str:
        counts = ", ".join(f"{len(held)} {held.title.lower()}" for held in self._lists())
        return show.lines(f"{self.archive.log.name} at {self.archive.place.address}: {counts}", self.standing)

    def _repr_html_(self) -> str:
        facts = [
            ("read from", self.archive.place.address),
            *((held.title.lower(), len(held)) for held in self._lists()),
        ]
        claims = [("holds", claim.name, claim.detail) for claim in self.standing.claims]
        checked = show.table(("", "checked", "found"), claims)
        return show.whole(show.title(self.archive.log.name), show.facts(facts), checked, show.note(self.standing))

    def _lists(self) -> tuple[Listing[Any], ...]:
        return (self.releases, self.series, self.studies, self.norms)

    def _published(self, facts: ReleaseFacts, replaced: Mapping[int, int]) -> Published:
        """A release with what the log alone says of it."""
        state = self.archive.log.state
        question, period = queries.subject(state, facts) or (Digest(""), "")
        actor = state.actors.get(facts.publisher)
        motions = queries.motions_about(state, question)
        return Published(
            archive=self.archive,
            facts=facts,
            kind="joint" if facts.publisher == HUB else "national",
            area=actor.party.area if actor else folder.NO_AREA,
            study=motions[0].name if motions else question,
            question=question,
            period=period,
            time=max((state.dated[index] for index in facts.inputs if index in state.dated), default=0),
            replaced=replaced.get(facts.ref.index),
            withdrawn=facts.withdrawn,
        )

    def _moved(self, title: str, *matters: str) -> Listing[Moved]:
        motions = [m for _, m in sorted(self.archive.log.state.motions.items()) if m.matter in matters]
        items = [
            Moved(name=m.name, outcome=self._outcome(m), mover=m.mover, motion=m.ref.index, digest=m.thing.digest)
            for m in motions
        ]
        return listing.of(title, items, MOVED, self.standing)

    def _outcome(self, motion: MotionFacts) -> str:
        force = self.archive.log.state.in_force.get((motion.matter, motion.thing.digest))
        return "in force" if force is not None and force.motion == motion.ref else motion.outcome

    def _named(self, known: Listing[Moved], named: str) -> Moved:
        """One of a list, by name or digest; the one in force first, of two that bear one name."""
        found = [one for one in known if named in (one.name, one.digest, one.name.partition("/")[0])]
        found.sort(key=lambda one: one.outcome != "in force")
        if not found:
            raise UsageError(
                f"no such name among the {known.title.lower()}",
                where=self.archive.place.address,
                found=named,
                wanted=", ".join(one.name for one in known) or "none was moved yet",
            )
        return found[0]


def _fits(one: Published, name: str, value: str | None) -> bool:
    if name == "study":
        return value in (None, one.question, one.study, one.study.partition("/")[0])
    return value in (None, getattr(one, name))


def _digest(text: str) -> Digest:
    try:
        canon.hex_of(text.strip())
    except FormatError as e:
        raise UsageError(e.what, where="charter", found=e.found, wanted=e.wanted, way_out="copy it whole") from None
    return Digest(text.strip())
