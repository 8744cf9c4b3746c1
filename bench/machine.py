"""What a reader must know of the machine that figures come from: its cores, its processor, the versions. No more."""

import os
import platform
import re
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any


def facts(root: Path) -> dict[str, Any]:
    """Cores and processor, Python, Comity, and the commit whose code was measured."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short=12", "HEAD"], cwd=root, capture_output=True, text=True, check=False
    )
    return {
        "cores": os.cpu_count(),
        "cpu": processor(),
        "python": platform.python_version(),
        "comity": version("comity"),
        "commit": commit.stdout.strip(),
    }


def processor() -> str:
    """The model as the kernel names it."""
    cpuinfo = Path("/proc/cpuinfo")
    named = re.search(r"^model name\s*:\s*(.+)$", cpuinfo.read_text() if cpuinfo.exists() else "", re.MULTILINE)
    return named.group(1).strip() if named else platform.machine()


def peak() -> int:
    """MB that this process held at most since it began. `getrusage` would count what its parent held at the fork."""
    status = Path("/proc/self/status").read_text()
    kilobytes = re.search(r"^VmHWM:\s*(\d+) kB$", status, re.MULTILINE)
    return int(kilobytes.group(1)) * 1024 // 10**6 if kilobytes else 0
