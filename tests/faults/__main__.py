"""`python -m tests.faults`: cause every fault, and print what it comes to as a table in Markdown."""

from __future__ import annotations

import contextlib
import platform
import sys
from pathlib import Path
from typing import Any

import pytest

HEADINGS = ("fault", "what the user sees", "recovers", "outputs", "stops in", "exit code")


class Table:
    """A plugin of pytest that keeps the rows, and why one could not be had here."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if row := dict(report.user_properties).get("fault"):
            self.rows[report.nodeid] = row  # type: ignore[assignment]  # pytest knows no type of it
        if report.skipped:
            self.rows[report.nodeid] = {"fault": report.nodeid, "sees": [f"not tried here: {report.longrepr[2]}"]}  # type: ignore[index]
        elif report.failed:
            self.rows[report.nodeid] = {"fault": report.nodeid, "sees": ["**failed**"]}


def cells(row: dict[str, Any]) -> list[str]:
    """Return a row's cells."""
    lines = "<br>".join(line.strip().replace("|", "\\|") for line in row["sees"]) or "nothing"
    return [row["fault"], lines, *(row.get(key, "") for key in ("recovers", "outputs", "stop", "code"))]


def main() -> int:
    """Run the tests of this folder; what pytest says goes to stderr."""
    table = Table()
    arguments = [str(Path(__file__).parent), "-m", "", "-q", "-p", "no:cacheprovider", *sys.argv[1:]]
    with contextlib.redirect_stdout(sys.stderr):
        code = pytest.main(arguments, plugins=[table])
    print(f"Python {platform.python_version()}, {platform.system()} {platform.machine()}\n")
    for line in (HEADINGS, ["---"] * len(HEADINGS), *map(cells, table.rows.values())):
        print(f"| {' | '.join(line)} |")
    return code


if __name__ == "__main__":
    sys.exit(main())
