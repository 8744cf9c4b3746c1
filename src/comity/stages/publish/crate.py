"""The folder described for machines: RO-Crate 1.2 metadata, as our own JSON-LD.

Names files and what the release is about; digests are in `release.json`. Source: w3id.org/ro/crate/1.2.
"""

from datetime import UTC, datetime
from typing import Final

from comity import canon
from comity.model.norm import Norm
from comity.model.release import Release
from comity.model.study import Study
from comity.pages import words
from comity.stages.publish import folder

VERSION: Final = "https://w3id.org/ro/crate/1.2"
_FORMATS: Final = {
    folder.RELEASE: "application/json",
    folder.CSV: "text/csv",
    folder.PARQUET: "application/vnd.apache.parquet",
    folder.PAGE: "text/html",
}


def metadata(release: Release, study: Study, norm: Norm) -> bytes:
    """`ro-crate-metadata.json` of a release."""
    parts = [
        {
            "@id": path,
            "@type": "File",
            "name": path,
            "description": words.say(f"file.{path}"),
            "encodingFormat": kind,
        }
        for path, kind in _FORMATS.items()
    ]
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": words.say("page.title", title=study.title, period=release.period),
        "description": norm.disclaimer or norm.title,
        "datePublished": datetime.fromtimestamp(release.time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "identifier": release.study,
        "isBasedOn": norm.authority.citation or norm.authority.source,
        "license": words.say("crate.license"),
        "measurementTechnique": f"{study.method.name}/{study.method.version} {study.method.digest}",
        "temporalCoverage": release.period,
        "hasPart": [{"@id": part["@id"]} for part in parts],
    }
    about = {
        "@id": folder.CRATE,
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": VERSION},
    }
    return canon.encode({"@context": f"{VERSION}/context", "@graph": [about, root, *parts]})
