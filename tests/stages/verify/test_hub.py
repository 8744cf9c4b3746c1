"""A hub that logs what it pleases: what does not follow from the vectors is refused, though log and quorum stand."""

from dataclasses import replace

import pytest

from comity import canon
from comity.acts import statement
from comity.acts.exchange import ExchangeClosed
from comity.acts.refs import Blob
from comity.errors import NotVerified
from comity.model.member import HUB
from comity.model.release import Release
from comity.stages import replay
from comity.stages.publish import bundle, folder, release
from comity.stages.verify.check import verify
from comity.stages.verify.report import Report
from tests.builders.assembly import FIGURES, Assembly
from tests.builders.release import Made, made, saying

TIME = 90_000  # seconds after the last tick


def holds(report: Report, name: str) -> list[bool]:
    return [claim.holds for claim in report.claims if claim.name == name]


def copy(source: Made, before: int) -> Assembly:
    """The same log up to a leaf, ready to go on otherwise."""
    other = Assembly(charter=source.assembly.charter, ready=False)
    for leaf in source.assembly.leaves[1:before]:
        other.append(leaf)
    return other


def published(assembly: Assembly, source: Made, files: dict[str, bytes]) -> dict[str, bytes]:
    """The folder after the hub logged these files as its release."""
    record = files[folder.RELEASE]
    inputs = canon.decode(record, Release).inputs
    assembly.say(HUB, saying(record, inputs, assembly.state, source.world.store))
    note = assembly.cosigned(assembly.time + TIME)
    return {**files, **bundle.proofs(assembly.state, record, assembly.leaves, note, source.world.store)}


def relisted(record: Release, files: dict[str, bytes]) -> bytes:
    """The record with the digests of these files."""
    listed = tuple(replace(f, digest=canon.digest(files[f.path]), size=len(files[f.path])) for f in record.files)
    return canon.encode(replace(record, files=listed))


def test_a_false_figure_that_the_log_names_is_refused() -> None:
    """Record, file and log agree with each other; the vectors do not."""
    source = made()
    last = len(source.assembly.leaves) - 1
    record = canon.decode(source.files[folder.RELEASE], Release)
    figures = (replace(record.figures[0], value="9999"), *record.figures[1:])
    files = dict(source.files)
    files[folder.CSV] = files[folder.CSV].replace(f",{record.figures[0].value},A".encode(), b",9999,A", 1)
    files[folder.RELEASE] = relisted(replace(record, figures=figures), files)
    report = verify(published(copy(source, last), source, files), pin=source.charter)
    assert [True] == holds(report, "log") == holds(report, "quorum") == holds(report, "files")
    assert [True, False, False, False] == holds(report, "figures")
    assert report.figures[0].value == record.figures[0].value


def test_a_false_list_of_who_took_part_is_refused() -> None:
    source = made()
    record = canon.decode(source.files[folder.RELEASE], Release)
    takings = tuple(replace(t, part="silent", reasons=()) if t.part == "refused" else t for t in record.takings)
    files = dict(source.files)
    files[folder.RELEASE] = relisted(replace(record, takings=takings), files)
    whole = published(copy(source, len(source.assembly.leaves) - 1), source, files)
    report = verify(whole, pin=source.charter)
    assert False in holds(report, "release.json")
    assert any("takings" in claim.detail for claim in report.claims if not claim.holds)


def test_a_false_sum_is_refused() -> None:
    """The hub closes with another sum, and makes its release of that."""
    source = made()
    facts = source.world.facts
    assert facts.closed is not None
    assert facts.closed.sum is not None
    store = source.world.store
    true = store.get(facts.closed.sum.digest)
    false = bytes([true[0] ^ 1]) + true[1:]
    store.put(false)
    other = copy(source, facts.closed.ref.index)
    body = ExchangeClosed(
        exchange=facts.opened.ref,
        sum=Blob(digest=canon.digest(false), size=len(false)),
        view=facts.closed.view,
        failed=None,
    )
    other.say(HUB, body)
    files = release.joint(other.state, source.exchange, leaf=other.leaves.__getitem__, bodies=store)
    report = verify(published(other, source, dict(files)), pin=source.charter)
    assert [False] == holds(report, "sum")
    assert any("do not give the sum that the log names" in claim.detail for claim in report.claims)


def test_a_norm_that_the_members_rejected_is_named() -> None:
    """Study and exchange went through; but how it was measured was voted down."""
    source = made(norm="no")
    report = verify(source.folder, pin=source.charter)
    assert [False, True] == holds(report, "votes")
    assert any("was not in force" in claim.detail and "rejected" in claim.detail for claim in report.claims)


def test_without_decisive_votes_there_is_no_sum() -> None:
    """Every other vote left out: whatever was said on top of them is against the rules, so no figure follows."""
    source = made()
    other = Assembly(charter=source.assembly.charter, ready=False)
    votes = 0
    for leaf in source.assembly.leaves[1:]:
        votes += statement.read(leaf).act.kind == "vote"
        if statement.read(leaf).act.kind != "vote" or votes % 2:
            other.smuggle(leaf)
    files = {path: body for path, body in source.folder.items() if not path.startswith(folder.LOG)}
    log = bundle.log(other.leaves, other.cosigned(other.time + TIME))
    report = verify({**files, **log}, pin=source.charter)
    assert () == report.figures
    assert [False] == holds(report, "figures")


@pytest.mark.parametrize(("field", "told"), [("count", "tree"), ("root", "tree"), ("heading", "heading")])
def test_a_leaf_that_names_another_tree_of_figures_is_refused(field: str, told: str) -> None:
    """All else is true: record, files, sum. A single figure could be shown that is none of the release."""
    source = made()
    other = copy(source, len(source.assembly.leaves) - 1)
    record = source.files[folder.RELEASE]
    body = saying(record, canon.decode(record, Release).inputs, other.state, source.world.store)
    false = {"count": body.figures.count + 1, "root": FIGURES.root, "heading": FIGURES.heading}
    other.say(HUB, replace(body, figures=replace(body.figures, **{field: false[field]})))
    note = other.cosigned(other.time + TIME)
    proofs = bundle.proofs(other.state, record, other.leaves, note, source.world.store)
    report = verify({**source.files, **proofs}, pin=source.charter)
    assert [f"names another {told} than follows" in c.detail for c in report.claims if not c.holds] == [True]
    with pytest.raises(NotVerified, match="not those that the leaf names"):
        replay.again({**source.files, **proofs})
