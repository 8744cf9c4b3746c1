"""Data that were exchanged: sources that no longer hold what was checked, or what a consent is held to.

Decides what is looked at: bytes of files, sizes of layers; tables of databases, whose rows must all be read for it, and
layers' bytes only if that is asked. Changes nothing, and says digests alone. That nothing is counted of other data is
`adapters.tables` and `vintages`; here the office hears of it before an exchange fails.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from comity.adapters.vault import Question
from comity.assembly import queries
from comity.assembly.facts import ConsentFacts
from comity.assembly.state import State
from comity.errors import SourceError
from comity.model.source import POSTGRESQL, Layer, Source
from comity.services.node import sources, vintages
from comity.services.node.office import Office

NAMED: Final = 4  # questions that a line names


def checked(home: Path, *, deep: bool) -> str:
    """Whether each source still holds what was checked; SourceError with all that do not.

    A file that is gone is no fault here, as another check is about it; nor is it counted among those that hold them.
    """
    known = [entry.source for entry in sources.read(home) if entry.source.vintage or entry.source.layers]
    looked = [one for one in known if deep or not _is_slow(one)]
    wrong = {one.id: found for one in looked if (found := _differs(one, deep=deep))}
    if wrong:
        raise SourceError(
            "not the data that were checked: nothing is counted of them",
            where=", ".join(wrong),
            found="; ".join(wrong.values()),
            wanted="the source as it was when it was checked",
            way_out="put the earlier data back; or comity source check, and comity consent revoke where it is held to",
        )
    later = [one.id for one in known if one not in looked]
    gone = [one.id for one in looked if not _is_there(one)]
    told = f"{len(looked) - len(gone)} source(s) hold the data that were checked"
    told += f"; not there: {', '.join(gone)}" if gone else ""
    return told + (f"; all rows must be read for {', '.join(later)}: --deep" if later else "")


def consented(office: Office) -> str:
    """Whether what waits for an answer would be answered by the data of its consent; SourceError where it would not."""
    at_hand = {entry.source.id: entry.source.vintage for entry in sources.read(office.home)}
    asked = {Question(study=one.study, period=one.period) for one in _waiting(office.follower.state, office.member)}
    found = [kept for one in asked if (kept := vintages.find(office.home, one)) and kept.vintage]
    wrong = [kept for kept in found if at_hand.get(kept.source) != kept.vintage]
    if wrong:
        raise SourceError(
            f"{len(wrong)} question(s) would not be answered: the source was checked with other data since the consent",
            where="; ".join(f"{one.source}: {one.period} of {one.study}" for one in wrong[:NAMED]),
            found=", ".join(dict.fromkeys(str(at_hand.get(one.source)) for one in wrong[:NAMED])),
            wanted=", ".join(dict.fromkeys(str(one.vintage) for one in wrong[:NAMED])),
            way_out="put the earlier data back and check them, or take the consent back: comity consent revoke",
        )
    return f"{len(found)} question(s) wait for an answer that is held to data, which are at hand"


def _waiting(state: State, member: str) -> Iterator[ConsentFacts]:
    """Consents that stand, of this office, which its own table or its part of a sum still answers."""
    for given in state.consents.values():
        if given.member == member and given.revoked is None:
            table = given.national and given.ref.index not in state.nationals
            if table or _sums(state, given):
                yield given


def _sums(state: State, given: ConsentFacts) -> bool:
    if given.sealed is None or given.sealed.attempt != queries.attempt(state, given.study, given.period):
        return False
    exchange = queries.exchange(state, given.study, given.period, given.sealed.attempt)
    if exchange is None:
        return True
    answered = given.member in exchange.answers or given.member in exchange.left
    return exchange.closed is None and not answered


def _is_slow(source: Source) -> bool:
    """Whether its vintage is that of its rows, and not of bytes in files."""
    return source.format == POSTGRESQL or source.catalogued


def _is_there(source: Source) -> bool:
    """Whether its files exist; whether a database answers is another check's."""
    paths = [layer.path for layer in source.layers] if source.layers else [] if _is_slow(source) else [source.path]
    return all(Path(path).exists() for path in paths)


def _differs(source: Source, *, deep: bool) -> str:
    """What a source holds instead of what was checked; "" if nothing, or if it is gone."""
    if source.layers:
        return ", ".join(one.id for one in source.layers if _layer_differs(one, deep=deep))
    if not _is_there(source):
        return ""
    from comity.adapters.tables.counting import NationalTables, silent  # loaded when a source is looked at

    with silent(source):
        found = NationalTables().engine(source).vintage(source)
    return "" if found == source.vintage else found


def _layer_differs(layer: Layer, *, deep: bool) -> bool:
    path = Path(layer.path)
    if not path.is_file():
        return False
    if path.stat().st_size != layer.size:
        return True
    if not deep:
        return False
    from comity.adapters import rasters  # loads arrays

    return rasters.digest(layer.path) != layer.digest
