"""Brings the libraries of the page from npm into static/vendor/, each checked against its hash.

    python plugins/xmaker_panel/build_static.py            # writes the files, needs npm
    python plugins/xmaker_panel/build_static.py --check    # says whether they are as this script would write them

A page under a strict content policy has no import map, so the one bare import, of "preact" in its hooks, is made a path.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

VENDOR = Path(__file__).parent / "static" / "vendor"
PACKAGES = {
    "preact@11.2.0": (
        "/HfHI/7N84e6GrWBJ3J280z3mLaRJiDcSvj/A+y/4AbLnND/1UlGHe1sR6oYuTGwId0nP7dqDU9OnLxMPZ7xBg==",
        {"dist/preact.mjs": "preact.js", "hooks/dist/hooks.mjs": "hooks.js", "LICENSE": "LICENSE-preact"},
    ),
    "htm@3.1.1": (
        "983Vyg8NwUE7JkZ6NmOqpCZ+sh1bKv2iYTlUkzlWmA5JD2acKoxd4KVxbMmxX/85mtfdnDmTFoNKcg5DGAvxNQ==",
        {"dist/htm.module.js": "htm.js", "LICENSE": "LICENSE-htm"},
    ),
    "uplot@1.6.32": (
        "KIMVnG68zvu5XXUbC4LQEPnhwOxBuLyW1AHtpm6IKTXImkbLgkMy+jabjLgSLMasNuGGzQm/ep3tOkyTxpiQIw==",
        {"dist/uPlot.esm.js": "uplot.js", "dist/uPlot.min.css": "uplot.css", "LICENSE": "LICENSE-uplot"},
    ),
}
"""Package → SHA-512 of what the registry gives (base64), and its files → their names here."""
BARE = {'from"preact"': 'from"./preact.js"', "from'preact'": "from'./preact.js'", 'from "preact"': 'from "./preact.js"'}


def fetched(folder: Path) -> dict[str, str]:
    """Return name → text of each file, out of packages that are what they should be. Raises SystemExit."""
    found = {}
    for package, (wanted, files) in PACKAGES.items():
        command = [shutil.which("npm") or "npm", "pack", package, "--silent"]
        name = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.split()[-1]  # noqa: S603
        archive = folder / name
        got = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if got != wanted:
            raise SystemExit(f"{package} is not what it was: sha512-{got}")
        with tarfile.open(archive) as packed:
            for inside, name in files.items():
                member = packed.extractfile(f"package/{inside}")
                assert member, inside
                text = member.read().decode()
                for bare, path in BARE.items():
                    text = text.replace(bare, path)
                lines = [line for line in text.splitlines() if not line.startswith("//# sourceMappingURL")]
                found[name] = "\n".join(line.rstrip() for line in lines).strip() + "\n"
    return found


def main() -> None:
    """Write the files, or look at them."""
    with tempfile.TemporaryDirectory() as folder:
        files = fetched(Path(folder))
    if "--check" in sys.argv:
        wrong = [name for name, text in files.items() if (VENDOR / name).read_text(encoding="utf-8") != text]
        raise SystemExit(f"not as npm has it: {', '.join(wrong)}" if wrong else 0)
    VENDOR.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (VENDOR / name).write_text(text, encoding="utf-8", newline="\n")
        print(name, len(text))


if __name__ == "__main__":
    main()
