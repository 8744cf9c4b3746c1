"""Pages of any log, whatever was done in it: each reads strictly, leads somewhere, and is made anew when it must be."""

import posixpath
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity import canon
from comity.assembly import fold
from comity.assembly.recount import Recounting, recount
from comity.assembly.roll import Recount
from comity.pages.assembly import ballot
from comity.pages.assembly.room import Room
from comity.pages.assembly.sheet import HALL, NORMS
from comity.stages.publish.assembly import Edition
from tests.builders.assembly import Assembly
from tests.builders.life import GOVERNED, Deed, governed
from tests.builders.pages import Kept, Page, pages

DEED = st.tuples(st.integers(0, GOVERNED - 1), st.integers(0, 6), st.integers(0, 9))
BESIDE = ("index.html", "blobs/")  # public files that pages may lead to and that are no pages of the set


def leads(path: str, link: str) -> str:
    """Where a link on a page leads, as a path from the public files' root."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), link))


def check(made: Mapping[str, bytes]) -> None:
    for path, data in made.items():
        page = Page(data)
        assert page.tables == page.captions
        assert {scope for _, scope in page.heads} <= {"col", "row"}
        assert not page.tags & {"script", "img", "iframe", "form", "object", "link"}
        for link in page.links:
            if link.startswith("#"):
                assert link[1:] in page.ids
            else:
                target = leads(path, link)
                assert target in made or target.startswith(BESIDE), f"{path} leads to {target}"


@settings(max_examples=25, deadline=None)
@given(st.lists(DEED, max_size=40))
def test_pages_of_any_log_read_strictly_and_lead_somewhere(deeds: Sequence[Deed]) -> None:
    assembly = governed(deeds)
    made = pages(assembly)
    check(made)
    state = assembly.state
    wanted = {HALL, NORMS} | {f"assembly/members/{id}.html" for id in state.actors}
    wanted |= {f"assembly/motions/{leaf}.html" for leaf in state.motions}
    assert set() == wanted - set(made)


@settings(max_examples=15, deadline=None)
@given(st.lists(DEED, min_size=5, max_size=40), st.integers(1, 7))
def test_pages_made_head_by_head_are_those_made_at_once(deeds: Sequence[Deed], stride: int) -> None:
    """Nothing that a page shows may change without the page."""
    assembly = governed(deeds)
    edition, shown, state = Edition(), dict[str, bytes](), fold.start()
    for size, leaf in enumerate(assembly.leaves, start=1):
        state, _ = fold.step(state, leaf)
        if size % stride == 0 or size == len(assembly.leaves):
            shown |= pages(assembly, edition, state)
    made = pages(assembly)
    assert sorted(made) == sorted(shown)
    assert [] == [path for path in made if made[path] != shown[path]]


@settings(max_examples=25, deadline=None)
@given(st.lists(DEED, max_size=40))
def test_the_roll_of_an_open_motion_is_that_of_the_second_count(deeds: Sequence[Deed]) -> None:
    assembly = governed(deeds)
    state, counted = assembly.state, recount(assembly.state, assembly.leaves)
    room = Room(state=state, leaf=assembly.leaves.__getitem__, bodies=Kept({}), counted=counted.__getitem__)
    for index in state.pending:
        lines = ballot.roll(room, state.motions[index]).lines
        told = {line.member: (line.weight, line.choice) for line in lines if line.counts}
        assert {b.member: (b.weight, b.choice) for b in counted[index].roll if b.counts} == told


@settings(max_examples=15, deadline=None)
@given(st.lists(DEED, max_size=40), st.integers(1, 9))
def test_a_count_that_grows_is_that_of_the_whole_log(deeds: Sequence[Deed], stride: int) -> None:
    assembly = governed(deeds)
    recounting, state, over = Recounting(), fold.start(), dict[int, Recount]()
    for size, leaf in enumerate(assembly.leaves, start=1):
        state, _ = fold.step(state, leaf)
        if size % stride == 0 or size == len(assembly.leaves):
            over = dict(recounting.over(state, assembly.leaves.__getitem__))
    whole = {index: one for index, one in recount(state, assembly.leaves).items() if one.outcome != "open"}
    rolls = {index: (one.outcome, one.rule, one.roll) for index, one in whole.items()}
    assert rolls == {index: (one.outcome, one.rule, one.roll) for index, one in over.items()}


def test_a_vote_costs_its_motion_and_who_shows_it() -> None:
    """Not the other motions, and not the members who did nothing."""
    assembly = Assembly(4)
    for n in range(6):
        assembly.adopt("norm", f"norm {n}".encode(), name=f"norm/{n}")
    motion = assembly.motion("norm", b"another", name="norm/7")
    assembly.tick()
    edition = Edition()
    pages(assembly, edition)
    assembly.vote(motion, "yes", "m2")
    changed = {HALL, f"assembly/motions/{motion.index}.html", "assembly/members/m2.html"}
    assert changed | {"assembly/motions/list-1.html"} == set(pages(assembly, edition))
    assert {} == pages(assembly, edition)


def test_a_text_that_comes_later_is_shown_then() -> None:
    assembly = Assembly(4)
    motion = assembly.motion("norm", b"what is proposed")
    name = canon.digest(b"what is proposed")
    del assembly.bodies[name]
    edition, path = Edition(), f"assembly/motions/{motion.index}.html"
    assert "The text is not at hand." in Page(pages(assembly, edition)[path]).text
    assembly.bodies[name] = b"what is proposed"
    assert [path] == list(pages(assembly, edition))
    assert "what is proposed" in Page(pages(assembly)[path]).text


def test_only_the_page_of_the_assembly_names_the_head() -> None:
    """Every other page would change with every leaf."""
    assembly = Assembly(4)
    root = assembly.state.roots[assembly.state.size]
    assert [HALL] == [path for path, data in pages(assembly).items() if root.encode() in data]


@pytest.mark.parametrize("path", [HALL, NORMS, "assembly/members/m1.html"])
def test_every_page_says_that_it_is_no_proof_and_how_it_is_made(path: str) -> None:
    text = Page(pages(Assembly(4))[path]).text
    assert "Arithmetic is verified, truth is not." in text
    assert "comity assembly pages" in text
