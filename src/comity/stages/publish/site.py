"""The list of all releases: the first page of a hub or mirror."""

from collections.abc import Mapping, Sequence

from comity.model.release import Release
from comity.model.study import Study
from comity.pages import render
from comity.stages.publish import folder


def index(releases: Sequence[tuple[str, Release, Study]], *, name: str, origin: str) -> Mapping[str, bytes]:
    """The page that lists releases, the newest first.

    Args:
        releases: path of each folder relative to the page, its record, its study.
        name: of the assembly.
        origin: of its log.
    """
    newest = sorted(releases, key=lambda entry: (-entry[1].time, entry[0]))
    entries = [
        render.Entry(
            path=f"{path}/{folder.PAGE}",
            title=study.title,
            period=release.period,
            publisher=release.publisher,
            kind=release.kind,
        )
        for path, release, study in newest
    ]
    return {folder.PAGE: render.index(entries, name=name, origin=origin)}
