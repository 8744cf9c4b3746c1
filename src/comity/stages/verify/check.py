"""Verify a release offline: what follows from the leaves and vectors alone, and whether the folder says just that.

Pure: files come in as a mapping from path to bytes. Uses the standard library, `cryptography`, and rooms of ours that
need no more. Everything is read out of the log and the view; `release.json` is only held against it, so a release
whose figures were blanked prints the same figures and fails. Arithmetic is verified, truth is not.
"""

from collections.abc import Mapping

from comity import canon
from comity.assembly.state import ExchangeFacts, ReleaseFacts
from comity.canon import Digest
from comity.errors import ComityError, NotVerified
from comity.methods import registry
from comity.methods.card import Finish
from comity.model.member import HUB
from comity.model.norm import Norm
from comity.model.release import Figure, Release
from comity.model.study import Study
from comity.stages import combine, table
from comity.stages.publish import folder
from comity.stages.seal.view import View
from comity.stages.verify import exchange, log, record, votes
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
    given = Folder(files)
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
        figures, found = _release(read, given, made, said)
    except ComityError as e:
        figures, found = (), [no("figures", str(e))]
    claims += [*found, record.in_log(read, said)]
    claims += record.listed(made, given) if made else []
    try:
        claims.append(record.extra(read, made, _view(read, given), given))
    except ComityError as e:
        claims.append(no("folder", str(e)))
    trusted = pin is not None or policy is not None
    return Report(claims=tuple(claims), charter=read.state.charter_digest, trusted=trusted, figures=figures)


def _release(
    read: Log, files: Folder, made: Release | None, said: ReleaseFacts | None
) -> tuple[tuple[Figure, ...], list[Claim]]:
    """Figures and claims of the release that the folder is about."""
    inputs = said.inputs if said else made.inputs if made else ()
    national = said.publisher != HUB if said else made is not None and made.kind == "national"
    if national:
        return _national(read, files, made, said, inputs)
    facts = _subject(read, files, inputs)
    study = _text(files, facts.study)
    claims = votes.claims(read, facts.study, study.norm, facts.opened.ref.index)
    summed = exchange.check(read, facts, study, files)
    claims += summed.claims
    if summed.sums is None:
        return (), [*claims, no("figures", "not recomputed: there is no sum to finish")]
    wanted = combine.joint(
        read.states[said.ref.index] if said else read.state,
        facts.opened.ref.index,
        summed.sums,
        study=study,
        finish=_finish(study),
        leaf=read.leaves.__getitem__,
        nationals=_counted(read, files, facts, inputs),
    )
    how = "recomputed" if claims[-1].holds else "finished from the sum as the hub stated it, not recomputed"
    claims.append(yes("figures", f"{len(wanted.figures)} figures {how}, by {_method(study)}"))
    return wanted.figures, [*claims, *_compare(files, made, said, wanted)]


def _national(
    read: Log, files: Folder, made: Release | None, said: ReleaseFacts | None, inputs: tuple[int, ...]
) -> tuple[tuple[Figure, ...], list[Claim]]:
    """A member's own table: the figures are those of the table that its logged answer names."""
    consent = next((index for index, a in read.state.nationals.items() if a.ref.index in inputs), None)
    if consent is None:
        raise NotVerified("no national answer among the inputs", where="release", found=str(inputs))
    given, answer = read.state.consents[consent], read.state.nationals[consent]
    study = _text(files, given.study)
    claims = votes.claims(read, given.study, study.norm, given.ref.index)
    detail = f"leaf {given.ref.index}, by {given.member}, for {given.period}; answered in leaf {answer.ref.index}"
    claims.append(yes("consents", detail))
    own = table.read(files.blob(answer.body.digest), where=f"table of {given.member}")
    wanted = combine.national(read.state, answer.ref.index, own, study=study, finish=_finish(study))
    claims.append(yes("figures", f"{len(wanted.figures)} figures recomputed from the table, by {_method(study)}"))
    return wanted.figures, [*claims, *_compare(files, made, said, wanted)]


def _compare(files: Folder, made: Release | None, said: ReleaseFacts | None, wanted: Release) -> list[Claim]:
    """The folder's own words against what follows."""
    axes = [axis.id for axis in wanted.layout.dimensions]
    claims = [record.observations(wanted.figures, axes, files)]
    if made is not None:
        claims.insert(0, record.follows(made, wanted, said))
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


def _text(files: Folder, study: Digest) -> Study:
    """The study, checked against the digest that the members adopted; its norm must be there and readable too."""
    text = canon.decode(files.blob(study), Study, where="study")
    canon.decode(files.blob(text.norm), Norm, where="norm")
    return text


def _finish(study: Study) -> Finish:
    """The finish of the very method that the members adopted."""
    method = registry.held(study.method)
    if method is None:
        raise NotVerified(
            "this version of Comity does not hold the study's method",
            where=_method(study),
            found=", ".join(registry.names()),
            wanted=study.method.digest,
            way_out="verify with the version whose sources have this digest",
        )
    return method.finish


def _counted(read: Log, files: Folder, facts: ExchangeFacts, inputs: tuple[int, ...]) -> Mapping[int, bool]:
    """The national tables among the inputs, read again."""
    found = {}
    for consent, said in read.state.nationals.items():
        given = read.state.consents[consent]
        if said.ref.index in inputs and (given.study, given.period) == (facts.study, facts.period):
            body = files.blob(said.body.digest)
            found[said.ref.index] = table.read(body, where=f"table of {given.member}").suppressed
    return found


def _method(study: Study) -> str:
    return f"{study.method.name}/{study.method.version}"
