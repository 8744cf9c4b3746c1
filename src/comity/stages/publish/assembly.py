"""The public pages of the assembly as files: those that changed since they were last made, or all of them.

Pages follow from the log and the public bodies that it names, so that anyone makes the same ones; they prove nothing.
What stands on a page is `pages.assembly`; when they are made, and where they lie, is decided by who writes them.
"""

from collections.abc import Callable, Iterator

from comity.assembly.recount import Recounting
from comity.assembly.state import State
from comity.pages.assembly.drafts import drafts
from comity.pages.assembly.index import Index
from comity.pages.assembly.room import Room
from comity.pages.assembly.sheet import html
from comity.pages.assembly.texts import Bodies


class Edition:
    """All pages of one log, as they were last made: a head more costs those that show something else."""

    def __init__(self) -> None:
        self._index = Index()
        self._made: dict[str, object] = {}  # path -> what its page was made from
        self._recounting = Recounting()

    def changed(self, state: State, leaf: Callable[[int], bytes], bodies: Bodies) -> Iterator[tuple[str, bytes]]:
        """Path and bytes of every page that is to be written, each made when it is asked for.

        The page of the assembly, which names the head, is the last: behind it all are of that head.

        Args:
            state: of this log, as long as the one before or longer.
            leaf: its leaves, by index.
            bodies: public ones only.
        """
        here = Room(
            state=state, leaf=leaf, bodies=bodies, counted=lambda motion: self._recounting.over(state, leaf)[motion]
        )
        name, origin = here.charter.name, here.charter.origin
        self._index.update(here)
        for draft in drafts(here, self._index):
            facts = (draft.facts, name, origin)
            if draft.path not in self._made or self._made[draft.path] != facts:
                yield draft.path, html(draft.sheet(), name=name, origin=origin)
                self._made[draft.path] = facts
