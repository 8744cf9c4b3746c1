"""Our table of areas against the country codes that Open Knowledge publishes (datasets/country-codes, PDDL)."""

import csv
from pathlib import Path

import pytest

from comity.model import area

# Where the published list departs from the names that the Statistics Division writes; M49 decides.
M49_WRITES = {
    "238": ("Falkland Islands", "Falkland Islands (Malvinas)"),
    "384": ("Ivory Coast", "Côte d’Ivoire"),
    "528": ("Netherlands", "Netherlands (Kingdom of the)"),
}
NOT_IN_M49 = {"158"}  # in the list by its ISO number


@pytest.fixture(scope="module")
def published(corpus: Path) -> dict[str, dict[str, str]]:
    """Rows of the published list, by code."""
    with (corpus / "sdmx" / "country-codes.csv").open(encoding="utf-8", newline="") as lines:
        return {row["M49"].zfill(3): row for row in csv.DictReader(lines)}


def test_the_codes_are_those_of_the_published_list(published: dict[str, dict[str, str]]) -> None:
    """Nobody is missing, nobody is invented."""
    assert published.keys() - NOT_IN_M49 == area.AREAS.keys()


def test_names_and_letters_are_those_of_the_published_list(published: dict[str, dict[str, str]]) -> None:
    """Each departure is named above, with both spellings; a departure that the list has mended is reported too."""
    for m49, row in area.AREAS.items():
        theirs = published[m49]
        assert M49_WRITES.get(m49, (row.name, row.name)) == (theirs["official_name_en"], row.name)
        assert theirs["ISO3166-1-Alpha-3"] == row.alpha3
        assert theirs["ISO3166-1-Alpha-2"] == row.alpha2
