"""Verify a release offline: what follows from the leaves and vectors alone, and whether the folder says just that.

Pure: files come in as a mapping from path to bytes. Uses the standard library, `cryptography`, and rooms of ours that
need no more. Everything is read out of the log and the view; `release.json` is only held against it, so a release
whose figures were blanked prints the same figures and fails. Arithmetic is verified, truth is not.
"""

from collections.abc import Mapping

from comity import canon
from comity.assembly.facts import ExchangeFacts, ReleaseFacts
from comity.assembly.state import State
from comity.canon import Digest
from comity.errors import ComityError, NotVerified
from comity.methods import registry
from comity.methods.card import Finish, Method
from comity.model.member import HUB
from comity.model.norm import Norm
from comity.model.release import Figure, Release
from comity.model.study import Study, unsound
from comity.stages import combine, table
from comity.stages.publish import figures, folder
from comity.stages.seal.view import View
from comity.stages.verify import blocks, exchange, log, record, votes
from comity.stages.verify.log import Log
from comity.stages.verify.reading import Folder
from comity.stages.verify.report import Claim, Report, no, yes
from comity.tlog.quorum import Policy


def verify(files: Mapping[str, bytes], *, pin: Digest | None = None, policy: Policy | None = None) -> Report:
    """Check a release folder.

    Args:
        files: every file of the folder, by path with "/".
        pin: digest of the charter that the reader trusts.
        policy: logs and quorum that the reader trusts (c2sp.org/tlog-policy), instead of the charter's.

    Never raises for what is in the folder: whatever is wrong is a claim that does not hold.
    """
    try:
        return _verify(Folder(files), pin, policy)
    except Exception as e:  # whoever made the folder may have thought of what we did not: that is no yes
        told = no("folder", f"cannot be read to its end: {type(e).__name__}: {e}")
        return Report(claims=(told,), charter=None, trusted=False, figures=())


def _verify(given: Folder, pin: Digest | None, policy: Policy | None) -> Report:
    try:
        read = log.read(given)
    except ComityError as e:
        return Report(claims=(no("log", str(e)),), charter=None, trusted=False, figures=())
    claims = log.claims(read, pin, policy)
    said = record.published(read, given)
    try:
        made: Release | None = record.read(given)
    except ComityError as e:
        made = None
        claims.append(no("release.json", str(e)))
    try:
        told, found = _release(read, given, made, said)
    except ComityError as e:
        told, found = (), [no("figures", str(e))]
    claims += [*found, record.in_log(read, said)]
    claims += record.listed(made, given) if made else []
    try:
        claims.append(record.extra(read, made, _view(read, given), given))
    except ComityError as e:
        claims.append(no("folder", str(e)))
    trusted = pin is not None or policy is not None
    return Report(claims=tuple(claims), charter=read.state.charter_digest, trusted=trusted, figures=told)


def _release(
    read: Log, files: Folder, made: Release | None, said: ReleaseFacts | None
) -> tuple[tuple[Figure, ...], list[Claim]]:
    """Figures and claims of the release that the folder is about."""
    inputs = said.inputs if said else made.inputs if made else ()
    national = said.publisher != HUB if said else made is not None and made.kind == "national"
    if national:
        return _national(read, files, made, said, inputs)
    facts = _subject(read, files, inputs)
    study, norm = _texts(files, facts.study)
    claims = votes.claims(read, facts.study, norm, facts.opened.ref.index)
    summed = exchange.check(read, facts, study, files)
    claims += summed.claims
    if summed.sums is None:
        return (), [*claims, no("figures", "not recomputed: there is no sum to finish")]
    counted, state = _counted(read, files, facts, study, inputs), read.states[said.ref.index] if said else read.state
    wanted = combine.joint(
        state,
        facts.opened.ref.index,
        summed.sums,
        study=study,
        finish=_finish(study),
        leaf=read.leaves.__getitem__,
        nationals=counted,
    )
    how = "recomputed" if claims[-1].holds else "finished from the sum as the hub stated it, not recomputed"
    claims.append(yes("figures", f"{len(wanted.figures)} figures {how}, by {_method(study)}"))
    answered = sum(_asks(state, consent, facts) for consent in state.nationals)
    beside = f"; {len(counted)} of {answered} national tables in the log are counted" if answered else ""
    return wanted.figures, [*claims, *_compare(files, made, said, wanted, (study, norm), folder.NO_AREA, beside)]


def _national(
    read: Log, files: Folder, made: Release | None, said: ReleaseFacts | None, inputs: tuple[int, ...]
) -> tuple[tuple[Figure, ...], list[Claim]]:
    """A member's own table: the figures are those of the table that its logged answer names."""
    consent = next((index for index, a in read.state.nationals.items() if a.ref.index in inputs), None)
    if consent is None:
        raise NotVerified("no national answer among the inputs", where="release", found=str(inputs))
    given, answer = read.state.consents[consent], read.state.nationals[consent]
    study, norm = _texts(files, given.study)
    claims = votes.claims(read, given.study, norm, given.ref.index)
    detail = f"leaf {given.ref.index}, by {given.member}, for {given.period}; answered in leaf {answer.ref.index}"
    claims.append(yes("consents", detail))
    own = table.read(files.blob(answer.body.digest), where=f"table of {given.member}")
    method = _held(study)
    rasters = method.card.needs.data == "rasters"
    if rasters:
        claims.append(blocks.claim(files, study, given, own))
    wanted = combine.national(read.state, answer.ref.index, own, study=study, finish=method.finish, rasters=rasters)
    claims.append(yes("figures", f"{len(wanted.figures)} figures recomputed from the table, by {_method(study)}"))
    area = read.state.actors[given.member].party.area
    return wanted.figures, [*claims, *_compare(files, made, said, wanted, (study, norm), area, "")]


def _compare(
    files: Folder,
    made: Release | None,
    said: ReleaseFacts | None,
    wanted: Release,
    texts: tuple[Study, Norm],
    area: str,
    beside: str,
) -> list[Claim]:
    """The folder's own words, and those of the leaf, against what follows."""
    study, norm = texts
    of = norm.structure
    if wanted.reserved:
        beside += f"; under reservations of {', '.join(f'{one.member} (leaf {one.leaf})' for one in wanted.reserved)}"
    claims = [record.observations(wanted, f"{of.agency}:{of.id}({of.version})", area, files)]
    if made is not None:
        claims.insert(0, record.follows(made, wanted, said, beside))
    if said is not None:
        claims.append(record.rooted(said, figures.of(wanted, study, norm, area)))
    return claims


def _subject(read: Log, files: Folder, inputs: tuple[int, ...]) -> ExchangeFacts:
    """The exchange that the release opens; without a record, the one whose view the folder holds."""
    ended = [x for x in read.state.exchanges.values() if x.closed and x.closed.sum and x.closed.view]
    named = [x for x in ended if x.closed and x.closed.ref.index in inputs]
    held = [x for x in ended if x.closed and x.closed.view and folder.view(x.closed.view.digest) in files]
    found = named or held or ended
    if not found:
        raise NotVerified("the log holds no exchange that ended with a sum", where="log")
    return found[-1]


def _view(read: Log, files: Folder) -> tuple[str, ...]:
    """Digests of everything that may lie in the view: what any closed exchange's view names, and its sum."""
    found: list[str] = []
    for facts in read.state.exchanges.values():
        closed = facts.closed
        if closed is None or closed.view is None or closed.sum is None:
            continue
        found += [closed.view.digest, closed.sum.digest]
        try:
            view = canon.decode(files.view(closed.view.digest), View, where="view")
        except ComityError:
            continue
        found += view.named()
    return tuple(found)


def _texts(files: Folder, digest: Digest) -> tuple[Study, Norm]:
    """The study and its norm, checked against the digests that the members adopted, and against each other."""
    study = canon.decode(files.blob(digest), Study, where="study")
    norm = canon.decode(files.blob(study.norm), Norm, where="norm")
    if wrong := unsound(study, norm):
        raise NotVerified(
            "the study contradicts its norm or itself", where=f"study {study.id}", found=f"in {', '.join(wrong)}"
        )
    return study, norm


def _finish(study: Study) -> Finish:
    """The finish of a study's method."""
    return _held(study).finish


def _held(study: Study) -> Method:
    """The very method that the members adopted."""
    method = registry.held(study.method)
    if method is None:
        raise NotVerified(
            "this version of Comity does not hold the study's method",
            where=_method(study),
            found=registry.shown(study.method),
            wanted=study.method.digest,
            way_out="verify with the version whose sources have this digest",
        )
    return method


def _counted(
    read: Log, files: Folder, facts: ExchangeFacts, study: Study, inputs: tuple[int, ...]
) -> Mapping[int, bool]:
    """The national tables among the inputs, read again."""
    found = {}
    for consent, said in read.state.nationals.items():
        if said.ref.index in inputs and _asks(read.state, consent, facts):
            where = f"table of {read.state.consents[consent].member}"
            own = table.read(files.blob(said.body.digest), where=where)
            if own.layout != study.layout:
                raise NotVerified("the table is not of this study", where=where)
            found[said.ref.index] = own.suppressed
    return found


def _asks(state: State, consent: int, facts: ExchangeFacts) -> bool:
    """Whether a consent is to the study and period of an exchange."""
    given = state.consents[consent]
    return (given.study, given.period) == (facts.study, facts.period)


def _method(study: Study) -> str:
    return f"{study.method.name}/{study.method.version}"
