"""Writes docs/panel/*.png: the panel's pages as Chromium shows them, in both languages, light and dark, large and small.

Run it after a change of the page, on a computer without a camera: `python docs/make_panel.py` (it needs Chromium), or
`python docs/make_panel.py editor projects` for some of them.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
from playwright.sync_api import Page, sync_playwright

PICTURES = Path(__file__).resolve().parent / "panel"
PHONE, DESKTOP = (390, 844), (1440, 900)


def person_alarm(page: Page) -> None:
    """Wait for the picture of a person."""
    page.wait_for_timeout(9000)
    page.wait_for_function("() => !document.querySelector('.picture canvas').dataset.boxes")
    page.wait_for_function("() => document.querySelector('.picture canvas').dataset.boxes")
    page.wait_for_timeout(400)


def parking_radar(page: Page) -> None:
    """Come near."""
    page.locator("[data-node=radar] input").fill("62")
    page.wait_for_selector("[data-rule='2'][data-state=true]")
    page.wait_for_timeout(900)


def doorbell(page: Page) -> None:
    """Press the button, and keep it pressed."""
    page.wait_for_selector(".labels, .picture canvas")
    page.wait_for_timeout(1500)
    page.locator(".push").focus()
    page.keyboard.down("Space")
    page.wait_for_selector("[data-rule='1'][data-state=true]")
    page.wait_for_timeout(150)


def weather_station(page: Page) -> None:
    """Let some time pass, so that there is something to see."""
    page.wait_for_timeout(25_000)


def editor(page: Page) -> None:
    """Write a mistake, and have the editor offer what may stand there."""
    page.wait_for_selector(".cm-content")
    page.wait_for_function("() => document.querySelector('[role=tabpanel]').innerText.length > 3")
    line = next(line for line in page.locator(".cm-line").all() if "use: led" in line.inner_text())
    line.click()
    page.keyboard.press("End")
    page.keyboard.insert_text("\n  colour: {use: rgb_led}")
    _end_of_rules(page)
    page.keyboard.insert_text("  - when: room > 60\n    then: [lmap.on, colour.]")
    page.keyboard.press("ArrowLeft")
    page.wait_for_selector(".mistakes .error")
    page.keyboard.press("Control+Space")
    page.wait_for_selector(".cm-tooltip-autocomplete")
    page.wait_for_timeout(900)


def _end_of_rules(page: Page) -> None:
    page.keyboard.press("Control+End")
    if page.locator(".cm-line").last.inner_text().strip():
        page.keyboard.press("Enter")
    page.keyboard.press("Shift+Home")


def projects(page: Page) -> None:
    """Copy a project and start the copy."""
    page.locator("[data-project='shipped/night_light'] button").last.click()
    page.wait_for_selector("[data-project='here/night_light']")
    page.locator("[data-project='here/night_light'] button").first.click()
    page.wait_for_selector("[data-project='here/night_light'] .tag.true")
    page.wait_for_timeout(500)


SHOTS = (
    ("person_alarm", "live", "en", "light", DESKTOP, person_alarm),
    ("parking_radar", "live-zh", "zh", "dark", DESKTOP, parking_radar),
    ("doorbell", "phone", "en", "dark", PHONE, doorbell),
    ("doorbell", "phone-zh", "zh", "light", PHONE, doorbell),
    ("weather_station", "data", "en", "light", (1200, 700), weather_station),
    ("night_light", "editor", "en", "light", (1280, 760), editor),
    ("night_light", "editor-zh", "zh", "dark", (1280, 760), editor),
    ("night_light", "editor-phone", "en", "dark", PHONE, editor),
    ("night_light", "editor-phone-zh", "zh", "light", PHONE, editor),
    ("", "projects", "en", "light", (1280, 760), projects),
    ("", "projects-zh", "zh", "dark", PHONE, projects),
)
"""Project ("" is the list of them), picture, language, theme, size, and what is done before the picture is taken."""


@contextmanager
def running(project: str) -> Iterator[str]:
    """Run a project of the gallery, or the list of projects; yield the address of the panel."""
    what = ["run", project, "--panel", "--simulate", *_set(project)] if project else ["panel"]
    command = [sys.executable, "-m", "xmaker", *what]
    with tempfile.TemporaryDirectory() as outer:  # where a project leaves what it writes
        folder = Path(outer) / "projects"
        folder.mkdir()
        pipes: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
        environment = {**os.environ, "LC_ALL": "C.UTF-8", "PYTHONPATH": str(PICTURES.parents[1])}
        with subprocess.Popen(command, cwd=folder, env=environment, **pipes) as run:  # noqa: S603
            assert run.stdout
            link = re.search(r"http://\S+/", run.stdout.readline())
            assert link
            yield link[0]
            run.terminate()
            run.stdout.read()


def _set(project: str) -> list[str]:
    """Have a project that plays pictures play them for ever."""
    return ["--set", "camera.loop=true"] if project in ("person_alarm", "doorbell") else []


def main() -> None:
    """Take every picture."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if not browser:
        sys.exit("this needs Chromium: apt install chromium")
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as tools:
        chromium = tools.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        for project, name, language, theme, (width, height), act in SHOTS:
            if sys.argv[1:] and name not in sys.argv[1:]:
                continue
            locale = "zh-CN" if language == "zh" else "en-US"
            context = chromium.new_context(viewport={"width": width, "height": height}, locale=locale, color_scheme=theme)
            with running(project) as link:
                page = context.new_page()
                place = name.partition("-")[0]
                page.goto(link + (f"#{place}" if place in ("data", "editor") else ""))
                page.wait_for_selector("main section")
                time.sleep(1)
                act(page)
                page.screenshot(path=PICTURES / f"{name}.png")
            context.close()
            _shrink(PICTURES / f"{name}.png")
            print(f"panel/{name}.png", (PICTURES / f"{name}.png").stat().st_size)
        chromium.close()


def _shrink(path: Path) -> None:
    cv2.imwrite(str(path), cv2.imread(str(path)), [cv2.IMWRITE_PNG_COMPRESSION, 9])


if __name__ == "__main__":
    main()
