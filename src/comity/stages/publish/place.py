"""Where and when a release of areas is, for catalogues of Earth observation: its STAC item (`geo.stac`) as a file."""

import json
from collections.abc import Mapping
from typing import Final

from comity import canon
from comity.geo import stac
from comity.geo.grid import Grid
from comity.geo.stac import Asset
from comity.model.norm import Norm
from comity.model.release import Release
from comity.model.study import Study
from comity.pages import words
from comity.stages.grounds import Grounds
from comity.stages.publish import folder

_MEDIA: Final = {
    folder.CSV: ("text/csv", "data"),
    folder.PARQUET: ("application/vnd.apache.parquet", "data"),
    folder.BLOCKS: ("application/json", "metadata"),
    folder.BINDING: ("application/json", "metadata"),
    folder.ZONES: ("application/geo+json", "data"),
}


def item(release: Release, study: Study, norm: Norm, found: Grounds, files: Mapping[str, bytes]) -> bytes:
    """`stac-item.json`; the same bytes wherever it is made.

    Args:
        files: what was made so far, by path; each is an asset. Page, record and description come after.
    """
    method = study.method
    made = stac.item(
        id=f"{release.publisher}-{study.id}-{release.period}",
        title=words.say("page.title", title=study.title, period=release.period),
        description=norm.disclaimer or norm.title,
        grid=Grid.of(found.blocks.grid),
        period=study.period(release.period).value,
        created=release.time,
        assets=[_asset(path, body) for path, body in sorted(files.items())],
        inputs=found.blocks.inputs,
        method=f"{method.name}/{method.version}",
        software={f"{method.name}/{method.version}": method.digest},
    )
    # Coordinates are no whole numbers, so this is no record of ours: plain JSON, in the order of the specification.
    return json.dumps(made, ensure_ascii=False, allow_nan=False, indent=1).encode() + b"\n"


def _asset(path: str, body: bytes) -> Asset:
    media, role = _MEDIA[path]
    return Asset(
        href=f"./{path}",
        title=words.say(f"file.{path}"),
        media_type=media,
        roles=(role,),
        digest=canon.digest(body),
        size=len(body),
    )
