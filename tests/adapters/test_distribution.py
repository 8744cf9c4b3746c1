"""What is installed is told as it is: the bill of materials holds against its schema, digests against sha256sum."""

import json
import subprocess
from importlib.metadata import version
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

import comity
from comity.adapters import distribution


def test_the_bill_of_materials_is_cyclonedx_1_6() -> None:
    """The judge is the standard's own schema, in OWASP's library; a bill with a made-up field fails it."""
    judge = JsonStrictValidator(SchemaVersion.V1_6)
    assert None is judge.validate_str(json.dumps(distribution.sbom()))
    empty = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1}
    assert None is judge.validate_str(json.dumps(empty))
    assert None is not judge.validate_str(json.dumps(empty | {"made-up": 1}))


def test_each_package_is_told_with_its_installed_version_and_once() -> None:
    components = distribution.sbom()["components"]
    told = {one["name"]: one["version"] for one in components}
    assert len(told) == len(components)
    assert {name: version(name) for name in told} == told
    assert {"cryptography", "msgspec", "cffi", "duckdb", "ibis-framework"} <= told.keys()
    assert {"pytest", "ruff", "mypy"}.isdisjoint(told)


def test_what_depends_on_what_stays_inside_the_bill() -> None:
    made = distribution.sbom()
    known = {made["metadata"]["component"]["bom-ref"], *(one["bom-ref"] for one in made["components"])}
    named = {ref for one in made["dependencies"] for ref in (one["ref"], *one["dependsOn"])}
    assert known == named


def test_digests_are_those_of_sha256sum() -> None:
    root = Path(comity.__file__).parent
    found = distribution.files()
    assert {"errors.py", "py.typed", "cli/about.py"} <= found.keys()
    lines = subprocess.run(["sha256sum", *sorted(found)], cwd=root, capture_output=True, check=True).stdout
    assert lines.decode() == "".join(f"{name}  {path}\n" for path, name in sorted(found.items()))
    whole = subprocess.run(["sha256sum"], input=lines, capture_output=True, check=True).stdout.decode().split()[0]
    assert whole == distribution.whole(found)


def test_one_other_byte_is_another_digest() -> None:
    found = distribution.files()
    assert distribution.whole(found) != distribution.whole(found | {"errors.py": "0" * 64})
