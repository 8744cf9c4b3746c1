"""Step 5: both releases are verified by the charter that was pinned at the beginning; the log holds the change."""

from comity.services.demo.stage import Stage


def play(stage: Stage) -> None:
    """What the first hub published holds in the second one's log as well."""
    again = stage.places.out / "release-first-again"
    first = stage.release["first"]["release"]
    words = ("--hub", stage.address, "--charter", stage.charter, "--out", again)
    audit = ("log", "audit", stage.address, "--charter", stage.charter)
    _, audited = stage.commands.each([("release", "fetch", first, *words), audit])
    folders = [stage.places.out / "release-first", again, stage.places.out / "release-second"]
    verify = [stage.commands.argv("verify", folder, "--charter", stage.charter) for folder in folders]
    for folder, done in zip(folders, stage.commands.processes.run(verify), strict=True):
        if done.exit != 0:
            raise done.failed(f"{folder.name} does not verify")
        lines = [line for line in done.out.splitlines() if line.startswith(("holds  log", "holds  quorum"))]
        for line in [*lines, done.out.strip().splitlines()[-1]]:
            stage.show.say(f"{folder.name}: {' '.join(line.split())}")
    stage.show.say(f"the whole log is audited at the second hub: {audited['size']} leaves of {audited['origin']}")
