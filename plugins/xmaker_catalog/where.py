"""Where a network can be had: its address, a mirror's, or what pip says of a package."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import PurePosixPath

from xmaker import XMakerError
from xmaker_catalog.entry import Entry

LOOKING = (
    *("--dry-run", "--quiet", "--report", "-"),
    *("--no-deps", "--ignore-installed", "--ignore-requires-python", "--only-binary", ":all:", "--retries", "1"),
)
"""How pip is asked where a wheel lies, whatever is installed here."""
PATIENCE = 120.0
"""Seconds that pip may look for a package."""


def address_of(entry: Entry, mirror: str = "") -> str:
    """Return the web address of what is to be downloaded. Raises XMakerError when nobody knows it.

    A mirror is another server's folder with the same files; for a package, another index for pip.
    """
    if not entry.package:
        return f"{mirror.rstrip('/')}/{PurePosixPath(entry.address).name}" if mirror else entry.address
    wanted = [
        "--retries",
        "1",
        "--dry-run",
        "--no-deps",
        "--ignore-installed",
        "--ignore-requires-python",
        "--only-binary",
        ":all:",
    ]
    index = ["--index-url", mirror] if mirror else []
    command = [sys.executable, "-m", "pip", "install", *wanted, *index, "--quiet", "--report", "-", entry.package]
    try:
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False)  # noqa: S603  # the user's own pip
        return str(json.loads(done.stdout)["install"][0]["download_info"]["url"])
    except subprocess.TimeoutExpired:
        raise XMakerError.of("XM572", package=entry.package, reason=f"> {PATIENCE:.0f} s") from None
    except (ValueError, LookupError):
        said = [line for line in done.stderr.decode("utf-8", "replace").splitlines() if line.strip()]
        errors = [line.removeprefix("ERROR: ") for line in said if "ERROR" in line] or said[-1:]
        raise XMakerError.of("XM572", package=entry.package, reason=(errors or ["pip"])[0][:200]) from None
