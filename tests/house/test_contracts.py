"""Each contract between the rooms is kept by the tree, and catches a breach that is planted in a copy of it."""

import os
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

# Contract, then what is planted: a file of src/comity and the line it gains.
BREACHES: list[tuple[str, dict[str, str]]] = [
    ("layers", {"canon.py": "import comity.dsse"}),
    ("layers", {"sdmx/rest.py": "import comity.acts.statement"}),
    ("layers", {"pages/__init__.py": "import comity.adapters.log"}),
    ("layers", {"utils.py": '"""A room that nobody drew."""'}),
    ("acyclic", {"geo/grid.py": "import comity.geo.zonal", "geo/zonal.py": "import comity.geo.grid"}),
    ("hub", {"services/hub/__init__.py": "import comity.stages.seal.member"}),
    ("hub", {"services/mirror/copy.py": "import comity.adapters.tables"}),
    ("hub", {"services/witness.py": "import duckdb"}),
    ("mirror", {"services/mirror/copy.py": "import comity.adapters.keyring"}),
    ("mirror", {"services/mirror/copy.py": "import comity.assembly.fold"}),
    ("verify", {"stages/verify/log.py": "import numpy"}),
    ("verify", {"cli/verify.py": "import comity.model.cube"}),
    ("verify", {"tlog/proof.py": "import socket"}),
    ("tlog", {"tlog/merkle.py": "import comity.model.reason"}),
    ("pure", {"stages/answer.py": "import os"}),
    ("pure", {"model/study.py": "from time import time"}),
    ("ibis", {"services/node/__init__.py": "import ibis"}),
    ("demo", {"services/demo/__init__.py": "import comity.stages.verify"}),
    ("methods", {"methods/mean/__init__.py": "", "methods/mean/card.py": "import comity.methods.table.card"}),
    ("finish", {"methods/table/finish.py": "import numpy"}),
]


def lint(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`lint-imports` on the tree of that folder, not on the installed one."""
    return subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache", "--no-logo", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def contracts(root: Path) -> dict[str, str]:
    """Each contract's identifier and the sentence it is named by."""
    file = ConfigParser()
    file.read(root / ".importlinter")
    prefix = "importlinter:contract:"
    return {name.removeprefix(prefix): file[name]["name"] for name in file.sections() if name.startswith(prefix)}


@pytest.fixture
def copy(root: Path, tmp_path: Path) -> Path:
    """The tree and its contract file, to be spoilt."""
    shutil.copytree(root / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__", "assets"))
    shutil.copy(root / ".importlinter", tmp_path)
    return tmp_path


def test_every_contract_is_kept(root: Path) -> None:
    """What `make check` asks, asked here too."""
    report = lint(root)
    assert report.returncode == 0, report.stdout + report.stderr


def test_a_breach_is_planted_for_every_contract(root: Path) -> None:
    """A contract that nothing can break would promise nothing."""
    assert set(contracts(root)) == {contract for contract, _ in BREACHES}


@pytest.mark.parametrize(
    ("contract", "planted"), BREACHES, ids=[f"{contract}: {', '.join(planted)}" for contract, planted in BREACHES]
)
def test_a_planted_breach_is_caught(root: Path, copy: Path, contract: str, planted: dict[str, str]) -> None:
    """The contract is named as broken, and by its own rule: the tree without the line keeps it."""
    for name, line in planted.items():
        file = copy / "src" / "comity" / name
        file.parent.mkdir(exist_ok=True)
        before = file.read_text() if file.exists() else ""
        file.write_text(f"{before}\n{line}\n")
    report = lint(copy, "--contract", contract)
    assert report.returncode == 1, report.stdout + report.stderr
    assert f"{contracts(root)[contract]} BROKEN" in " ".join(report.stdout.split())
