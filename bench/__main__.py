"""`python -m bench NAME [--json]`: measure, and print each figure beside its limit."""

from __future__ import annotations

import argparse
import dataclasses
import gc
import importlib
import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.measure import ROOT, Row, Settings

BENCHES = (
    "overhead",
    "latency",
    "overload",
    "events",
    "idle",
    "pace",
    "startup",
    "preprocess",
    "words",
    "finding",
    "engines",
    "panel",
    "edit",
    "beside",
    "soak",
    "accuracy",
    "teaching",
    "hearing",
    "zoo",
    "road",
)


def main() -> None:
    """Read the command line, run one bench or all, and print."""
    gc.set_threshold(100_000)  # as the command `xmaker` does
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure what the framework costs.")
    parser.add_argument("name", nargs="?", choices=[*BENCHES, "all"])
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--rounds", type=int, help="how often blocks take turns")
    parser.add_argument("--seconds", type=float, help="how long overload, idle, pace and startup watch")
    parser.add_argument("--minutes", type=float, help="how long soak watches (10)")
    parser.add_argument("--int8", type=Path, metavar="FILE", help="another 8-bit network than the one in the box")
    parser.add_argument("--fp32", type=Path, metavar="FILE", help="the 32-bit network; else one is made from the 8-bit one")
    parser.add_argument("--imagenet", type=Path, metavar="DIR", help="accuracy: pictures with a labels.csv (file, class_index)")
    parser.add_argument("--catdog", type=Path, metavar="DIR", help="accuracy, teaching, road: a folder with cat/ and dog/")
    parser.add_argument(
        "--speech", type=Path, metavar="DIR", help="hearing: a folder with fsdd/ and hj_zh/, recordings of words"
    )
    parser.add_argument("--coco", type=Path, metavar="DIR", help="finding, zoo: a folder with COCO's images/ and labels/")
    parser.add_argument("--detector-fp32", type=Path, metavar="FILE", help="finding: `objects` with 32-bit numbers")
    parser.add_argument("--zoo", type=Path, metavar="DIR", help="zoo, engines: a folder with networks")
    parser.add_argument("--networks", nargs="+", metavar="NAME", help="zoo: only these, such as mobilenet_v2")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="zoo: write the tables into this file, too")
    arguments = parser.parse_args()
    settings = Settings(**{field.name: getattr(arguments, field.name) for field in dataclasses.fields(Settings)})
    if arguments.name is None:
        for name in BENCHES:
            print(f"{name:12}{(importlib.import_module(f'bench.{name}').__doc__ or '').splitlines()[0]}")
        return
    if arguments.name in ("zoo", "road"):
        print(importlib.import_module(f"bench.{arguments.name}").report(settings))
        return
    if arguments.name == "all":
        pictures = settings.imagenet or settings.catdog
        wanting = {
            "accuracy": pictures,
            "hearing": settings.speech,
            "teaching": settings.catdog,
            "engines": settings.zoo,
            "zoo": False,
            "road": False,
        }
        names = [name for name in BENCHES if wanting.get(name, True)]
        lines = [line for name in names for line in _own_process(name)]
    else:
        lines = [_line(row) for row in importlib.import_module(f"bench.{arguments.name}").run(settings)]
    print(json.dumps(lines, ensure_ascii=False, indent=2) if arguments.json else _table(lines))


def _line(row: Row) -> dict[str, Any]:
    measured = row.measured if math.isfinite(row.measured) else None  # JSON has no NaN
    return {**dataclasses.asdict(row), "measured": measured, "verdict": row.verdict if measured is not None else ""}


def _own_process(name: str) -> list[dict[str, Any]]:
    """Run one bench with the rest of this command line in a process of its own, so that none leaves anything to the next."""
    print(f"{name} …", file=sys.stderr)
    rest = [argument for argument in sys.argv[1:] if argument not in ("all", "--json")]
    command = [sys.executable, "-m", "bench", name, "--json", *rest]
    found = subprocess.run(command, stdout=subprocess.PIPE, encoding="utf-8", cwd=ROOT)
    lines: list[dict[str, Any]] = json.loads(found.stdout) if found.returncode == 0 else []
    return lines or [_line(Row(f"{name} failed", math.nan))]


def _table(lines: list[dict[str, Any]]) -> str:
    cells = [("figure", "measured", "limit", "", "control", "beside")]
    for line in lines:
        limit = "" if line["limit"] is None else f"{'≥' if line['at_least'] else '≤'} {_number(line['limit'])}"
        measured = f"{_number(line['measured'])} {line['unit']}".strip()
        cells.append((line["figure"], measured, limit, line["verdict"], line["control"], line["beside"]))
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in cells)


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


if __name__ == "__main__":
    main()
