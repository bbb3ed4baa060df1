"""Brings the libraries of the page from npm into static/vendor/, each checked against its hash.

    python plugins/xmaker_panel/build_static.py            # writes the files, needs npm
    python plugins/xmaker_panel/build_static.py --check    # says whether they are as this script would write them

A page under a strict content policy has no import map, so the one bare import, of "preact" in its hooks, is made a path.
CodeMirror is many small packages that import each other by name: they become one file, with what the editor uses of them.
"""

from __future__ import annotations

import base64
import hashlib
import os
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
EDITOR = {
    "@codemirror/autocomplete@6.20.4": (
        "yF8RhOf2SXlg00+qtupzLhrglcas61boqaONiNcbPIebHCpJocpqTBA6dyrtUrQO47hqyTdeob/3XnYilT7TaQ=="
    ),
    "@codemirror/commands@6.11.1": ("O/4hG3SC1YwcmQ0d2UVNDs+AsaNWd1iHVxbTeEBuqH+6bExAiPK3iS/BvpY6rZGURALv4ZD3sIgcCmRvw3ehBg=="),
    "@codemirror/lang-yaml@6.1.3": ("AZ8DJBuXGVHybpBQhmZtgew5//4hv3tdkXnr3vDmOUMJRuB6vn/uuwtmTOTlqEaQFg3hQSVeA90NmvIQyUV6FQ=="),
    "@codemirror/language@6.13.1": ("zfvU2r3TyylQLMj/te+5CnQ0rSqZi8B1oTCBbQkagcLW4Xc6imab6qN+pEJhsuNOLaJqiRyBXp9UhWA1DhVvDw=="),
    "@codemirror/lint@6.9.8": ("qNvtcE73xUto/D1RvtgSRI4A1Hg8ekxlvtZpjHpdpisLBnhyu82EUEJMEgaxkjuQCA8vqnrylENWKOsEDCOHcw=="),
    "@codemirror/state@6.7.6": ("kAz+AncRtKuIknedxT1bq4XwXv4UowhbkHU1myPrtVb/jZtImWuV5BXzv5vK6i3kYACsdiZiQKFQQ5Mq7elW8w=="),
    "@codemirror/streamparser@6.0.0": (
        "JTFPF6xrfjt0mnfGPgzcLiMwYmvIyNaoizp8BYzv8FE8KrT6GBGDZ190rtt+O7Wke3gG/MFHyiY9YGNeimof4w=="
    ),
    "@codemirror/view@6.43.15": ("HHsfpqFeHyXLs983pSRe38Xajs0vFWZQ2BuX0m7Ki8w3jZ5iD8cuR3lBz2/5/X53Dhf32SBHKh6rtSTB6tKeGw=="),
    "@lezer/common@1.5.5": ("Pw7PVCndruF1pb3ebCxpSVpkMHSDjwRCLcTRw+RizUKco5QbWylwq2g4lnG/RYN7yTTQDXE9F77MwtkAyphrjg=="),
    "@lezer/highlight@1.2.5": ("O1GMVKgtf5YspFaRzpmqkVgMtIk2HG9uMAbH6wdAIdNh3TVzCsch/+cRi+6l2//UGDKe6NB9BW3cvuR5ezMQ0w=="),
    "@lezer/lr@1.4.12": ("On9HU4oMMiHPMkQDgoTnGahjgG5n/MkN38CgG77sMraKLL+3JBbeQNi1FcCXV9QRqwF9/BUXP3caHyJC1fBOTQ=="),
    "@lezer/yaml@1.0.4": ("2lrrHqxalACEbxIbsjhqGpSW8kWpUKuY6RHgnSAFZa6qK62wvnPxA8hGOwOoDbwHcOFs5M4o27mjGu+P7TvBmw=="),
    "@marijn/find-cluster-break@1.0.4": (
        "Wy0V7+SGUjnF9/TkiM1hKVDPj7jKXduPNboMVtHTA8dySMURWqfg/JZ9E2Sq8JgSJmkl7k7Qe9FLeMSrSraWmQ=="
    ),
    "crelt@1.0.7": ("aK6BbWfhf4U/wCcLHKPJl/xa6VkVstRaPywWtMKGwuOLc/wZTyQYuoxgvZnNsBvv7Kg3YTBQYYBCggcviQczuA=="),
    "style-mod@4.1.5": ("WQ2llCZa9sZSkJA+aOwpg5DkfbAXFKGh//t3MRTBeruFiSBC+GXUmbBzrw3bXyboCWAbtCW9InDfBsXrRD/rAg=="),
    "w3c-keyname@2.2.8": ("dpojBhNsCNN7T82Tm7k26A6G9ML3NkhDsnw9n/eoxSRlVBB4CEtIQ/KTCLI2Fwf3ataSXRhYFkQi3SlnFwPvPQ=="),
}
"""CodeMirror and what it stands on → SHA-512, as above. All of them are under the MIT licence."""
BUNDLER = ("esbuild-wasm@0.28.2", "GccVwhv3mmOUVQHCQm2Ox/rby8n/EqUwvZxE6Pjfikrq/lWw9g9WX/u9EykWnpot3Ko6j426DgQdea2xWKIAQA==")
USED = """
export { Compartment, EditorState } from "@codemirror/state";
export { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
export { defaultKeymap, history, historyKeymap, indentLess, indentMore, isolateHistory } from "@codemirror/commands";
export { bracketMatching, HighlightStyle, indentUnit, syntaxHighlighting } from "@codemirror/language";
export { autocompletion, completionKeymap, startCompletion } from "@codemirror/autocomplete";
export { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
export { yaml } from "@codemirror/lang-yaml";
export { tags } from "@lezer/highlight";
"""
"""What of CodeMirror becomes codemirror.js; the rest is left out."""
BARE = {'from"preact"': 'from"./preact.js"', "from'preact'": "from'./preact.js'", 'from "preact"': 'from "./preact.js"'}


def packed(folder: Path, package: str, wanted: str) -> tarfile.TarFile:
    """Return a package that is what it should be. Raises SystemExit."""
    command = [shutil.which("npm") or "npm", "pack", package, "--silent"]
    ran = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)  # noqa: S603  # npm itself
    archive = folder / ran.stdout.split()[-1]
    got = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if got != wanted:
        raise SystemExit(f"{package} is not what it was: sha512-{got}")
    return tarfile.open(archive)


def fetched(folder: Path) -> dict[str, str]:
    """Return name → text of each file. Raises SystemExit."""
    found = {}
    for package, (wanted, files) in PACKAGES.items():
        with packed(folder, package, wanted) as archive:
            for inside, name in files.items():
                member = archive.extractfile(f"package/{inside}")
                assert member, inside
                text = member.read().decode()
                for bare, path in BARE.items():
                    text = text.replace(bare, path)
                lines = [line for line in text.splitlines() if not line.startswith("//# sourceMappingURL")]
                found[name] = "\n".join(line.rstrip() for line in lines).strip() + "\n"
    return found | bundled(folder)


def bundled(folder: Path) -> dict[str, str]:
    """Return CodeMirror in one file, and the licences of its parts in another. Raises SystemExit."""
    licences: dict[str, list[str]] = {}
    for package, wanted in {**EDITOR, BUNDLER[0]: BUNDLER[1]}.items():
        name = package.rpartition("@")[0]
        with packed(folder, package, wanted) as archive:
            archive.extractall(folder / name, filter="data")
        home = folder / "node_modules" / name
        home.parent.mkdir(parents=True, exist_ok=True)
        (folder / name / "package").rename(home)
        if package in EDITOR:
            licences.setdefault((home / "LICENSE").read_text(encoding="utf-8").strip(), []).append(package)
    (folder / "used.js").write_text(USED, encoding="utf-8")
    program = folder / "node_modules" / "esbuild-wasm" / "bin" / "esbuild"
    options = ["--bundle", "--minify", "--format=esm", "--target=es2020", "--legal-comments=none", "--outfile=codemirror.js"]
    command = [shutil.which("node") or "node", str(program), "used.js", *options, "--log-level=error"]
    environment = {**os.environ, "NODE_PATH": ""}
    subprocess.run(command, cwd=folder, check=True, env=environment)  # noqa: S603  # what was fetched above
    texts = (f"{', '.join(packages)}:\n\n{text}" for text, packages in licences.items())
    return {
        "codemirror.js": (folder / "codemirror.js").read_text(encoding="utf-8").strip() + "\n",
        "LICENSE-codemirror": "\n\n\n".join(texts) + "\n",
    }


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
