"""Every release is an RO-Crate 1.1: the validator of the standard's own community says so, without network."""

import io
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
import requests
from requests.adapters import HTTPAdapter
from requests_cache import CachedSession
from rocrate_validator import services
from rocrate_validator.models import Severity, ValidationSettings
from urllib3 import HTTPResponse

from comity import canon
from comity.model.release import Release
from comity.stages.publish import crate, folder
from tests import sample
from tests.builders.release import Made, made, own

# Terms of the RO-Crate 1.1 JSON-LD context (version 1.1.3, CC0) that a release may use: a term that is not here is not
# known to the validator either, and fails.
CONTEXT: Final = "https://w3id.org/ro/crate/1.1/context"
SCHEMA: Final = (
    "CreateAction", "CreativeWork", "Dataset", "Organization", "SoftwareApplication", "about", "agent", "author",
    "citation", "contentSize", "datePublished", "description", "encodingFormat", "endTime", "hasPart",
    "identifier", "instrument", "isBasedOn", "license", "measurementTechnique", "mentions", "name", "object",
    "publisher", "result", "softwareVersion", "temporalCoverage", "url", "version",
)  # fmt: skip
TERMS: Final = {term: f"http://schema.org/{term}" for term in SCHEMA} | {
    "File": "http://schema.org/MediaObject",
    "conformsTo": "http://purl.org/dc/terms/conformsTo",
}

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")


@pytest.fixture(scope="module")
def source() -> Made:
    return made()


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the validator would have fetched once: the context, as the web would have sent it."""
    place = tmp_path_factory.mktemp("validator") / "http"
    asked = requests.Request("GET", CONTEXT, headers={"Accept": "application/ld+json, application/json"}).prepare()
    body = io.BytesIO(json.dumps({"@context": TERMS}).encode())
    sent = HTTPResponse(body, {"Content-Type": "application/ld+json"}, 200, preload_content=False, request_url=CONTEXT)
    with CachedSession(str(place), backend="sqlite", expire_after=-1) as session:
        session.cache.save_response(HTTPAdapter().build_response(asked, sent))
    return place


def issues(files: Mapping[str, bytes], place: Path, cache: Path) -> set[tuple[str, str, str]]:
    """What the validator has to say, down to the recommendations: severity, entity, message."""
    for path, body in files.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_bytes(body)
    settings = ValidationSettings(
        rocrate_uri=str(place),
        profile_identifier="ro-crate-1.1",
        requirement_severity=Severity.RECOMMENDED,
        offline=True,
        cache_path=cache,
    )
    found = services.validate(settings).get_issues()
    return {(issue.severity.name, str(issue.violatingEntity).removeprefix("./"), str(issue.message)) for issue in found}


def described(files: Mapping[str, bytes]) -> dict[str, Any]:
    """Entities of a description, by id."""
    return {entity["@id"]: entity for entity in json.loads(files[folder.CRATE])["@graph"]}


def test_a_joint_release_is_a_valid_crate(source: Made, tmp_path: Path, cache: Path) -> None:
    """Nothing required is missing; of what is recommended only the members' web addresses, which the log lacks."""
    summed = {t.member for t in canon.decode(source.files[folder.RELEASE], Release).takings if t.part == "summed"}
    wanted = {("RECOMMENDED", f"#member-{id}", "The organization SHOULD have a URL.") for id in summed}
    assert wanted == issues(source.folder, tmp_path, cache)


def test_a_members_own_release_is_a_valid_crate(tmp_path: Path, cache: Path) -> None:
    _, whole = own(made("own"), "m2")
    assert {"#member-m2"} == {entity for _, entity, _ in issues(whole, tmp_path, cache)}


def test_the_validator_sees_what_is_wrong(source: Made, tmp_path: Path, cache: Path) -> None:
    """A file that is not there, and a description without a licence: or the tests above would say nothing."""
    files = dict(source.folder)
    del files[folder.CSV]
    files[folder.CRATE] = files[folder.CRATE].replace(b'"license":{"@id":"#license"},', b"")
    found = issues(files, tmp_path, cache)
    assert any(severity == "REQUIRED" and "license" in message for severity, _, message in found)
    assert any(folder.CSV in message or entity == folder.CSV for _, entity, message in found)


def test_every_file_is_described_and_its_digest_where_it_was_there(source: Made) -> None:
    """The page and the record are made after the description, and the record names them all."""
    entities = described(source.files)
    parts = {part["@id"] for part in entities["./"]["hasPart"]}
    assert set(source.files) - {folder.CRATE} == parts
    for path in parts - {folder.PAGE, folder.RELEASE}:
        body = source.files[path]
        assert (str(len(body)), canon.hex_of(canon.digest(body))) == (
            entities[path]["contentSize"],
            entities[path]["sha256"],
        )


def test_files_of_a_raster_release_are_described_too(source: Made) -> None:
    release = canon.decode(source.files[folder.RELEASE], Release)
    beside = {"blocks.json": b"{}", "stac-item.json": b"{}", "zones.geojson": b"{}"}
    house = crate.House(name="A", address="")
    made_ = crate.metadata(release, source.study, sample.norm(), house, beside, folder.NO_AREA)
    entities = described({folder.CRATE: made_})
    assert set(beside) <= {part["@id"] for part in entities["./"]["hasPart"]}
    assert "application/geo+json" == entities["zones.geojson"]["encodingFormat"]
    assert "url" not in entities["#hub"], "an address that the charter does not have is left out"


def test_a_release_says_how_to_cite_it(source: Made) -> None:
    """Makers, year, title, version, publisher, identifier."""
    text = described(source.files)["./"]["creditText"]
    assert text.startswith("Assembly of the tests, 7 members summed (2023). Trust in courts, by wave · 2010-2014")
    assert source.study.digest in text
    files, _ = own(made("own"), "m2")
    assert described(files)["./"]["creditText"].startswith("Algeria (m2) (2023). ")


def test_a_citation_of_made_up_data_says_so(source: Made) -> None:
    """It travels without the page that would say it."""
    release = replace(canon.decode(source.files[folder.RELEASE], Release), notes=("synthetic",))
    house = crate.House(name="A", address="")
    assert "[data set; Synthetic data]" in crate.citation(release, source.study, house, folder.NO_AREA)


def test_who_made_it_and_with_what(source: Made) -> None:
    entities = described(source.files)
    making = entities["#making"]
    assert "#hub" == making["agent"]["@id"] == entities["./"]["publisher"]["@id"]
    assert [source.study.method.digest] == [entities[i["@id"]].get("identifier") for i in making["instrument"]][1:]
    assert (source.study.digest, source.study.norm) == tuple(entities[id]["identifier"] for id in ("#study", "#norm"))


def test_another_version_of_the_software_says_the_same(source: Made) -> None:
    """As do other bytes of Parquet; another figure does not."""
    found = source.files[folder.CRATE]
    assert crate.same(found, found.replace(b'"softwareVersion":"0.', b'"softwareVersion":"9.'))
    assert not crate.same(found, found.replace(b"2010/2014", b"2010/2015"))
    assert not crate.same(found, b"[]")
