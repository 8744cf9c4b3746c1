"""`comity about`: what is installed here, for whoever accredits it: versions, digests, a bill of materials."""

from typing import Annotated

import typer

from comity.cli import show


def about(
    hashes: Annotated[bool, typer.Option("--hashes", help="The SHA-256 of every installed file of Comity.")] = False,
    sbom: Annotated[
        bool, typer.Option("--sbom", help="A bill of materials as CycloneDX 1.6 in JSON, of all that Comity uses here.")
    ] = False,
    as_json: show.Json = False,
) -> None:
    """What of Comity is installed here: version, Python, number of packages, and one digest of all its files.

    Two machines with the same digest run the same code. Nothing is asked of the network.

    Example: `comity about --sbom`
    """
    import platform

    from comity.adapters import distribution
    from comity.errors import UsageError

    if hashes and sbom:
        raise UsageError("two lists at once", where="--hashes, --sbom", wanted="one of them")
    if sbom:
        show.document(distribution.sbom())
        return
    found = distribution.files()
    if hashes:
        rows = [{"sha256": name, "file": path} for path, name in found.items()]
        rows += [{"sha256": distribution.whole(found), "file": "(all of them)"}]
        show.rows(rows, ("sha256", "file"), as_json=as_json, none="")
        return
    packages = distribution.packages()
    own = next(one for one in packages if one.name == distribution.NAME)
    facts = {"comity": own.version, "python": platform.python_version(), "system": platform.platform()}
    show.facts(
        facts | {"packages": len(packages), "files": len(found), "sha256": distribution.whole(found)}, as_json=as_json
    )
