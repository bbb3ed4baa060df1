"""How long it takes from the command until a real browser, which is open already, has drawn the first picture."""

from __future__ import annotations

import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.measure import ROOT, Row

DRAWN = """
const draw = CanvasRenderingContext2D.prototype.drawImage;
CanvasRenderingContext2D.prototype.drawImage = function (...given) {
  if (this.canvas.closest(".picture")) window.drawn ??= performance.timeOrigin + performance.now();
  return draw.apply(this, given);
};
"""
"""Keeps the moment when the first picture was drawn."""


def first_picture(project: Path, rounds: int) -> list[Row]:
    """Return the row; none where there is no Chromium."""
    chromium = os.environ.get("XMAKER_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return []
    if chromium is None:
        return []
    links, waits = list[float](), list[float]()
    with sync_playwright() as tools:
        arguments = ["--disable-gpu", *(["--no-sandbox"] if os.getuid() == 0 else [])]
        browser = tools.chromium.launch(executable_path=chromium, args=arguments)
        for _ in range(rounds):
            page = browser.new_page()
            page.add_init_script(DRAWN)
            begun = time.time()
            with TemporaryDirectory() as folder, _running(project, folder) as run:
                assert run.stdout
                link = re.search(r"http://\S+/", run.stdout.readline())
                assert link, "the panel does not say where it is"
                links.append(time.time() - begun)
                page.goto(link[0], wait_until="commit")
                page.wait_for_function("() => window.drawn")
                waits.append(page.evaluate("window.drawn") / 1000 - begun)
                page.close()
                run.terminate()
        browser.close()
    beside = f"the link after {statistics.median(links):.2f} s"
    return [Row("from the command to the first picture that Chromium has drawn", statistics.median(waits), "s", beside=beside)]


def _running(project: Path, folder: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "xmaker", "run", str(project), "--quiet", "--simulate", "--panel"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder, env=environment)
