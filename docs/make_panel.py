"""Writes docs/panel/*.png: the panel's pages as Chromium shows them, in both languages, light and dark, large and small.

Run it after a change of the page, on a computer without a camera: `python docs/make_panel.py` (it needs Chromium); with the
names of pictures (`live phone-zh`) it writes only those.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
from playwright.sync_api import Page, sync_playwright

PICTURES = Path(__file__).resolve().parent / "panel"
GALLERY = PICTURES.parents[1] / "projects"
THINGS = """
name: Things
inputs:
  camera: {source: seen, fps: 2, loop: true}
models:
  thing: {use: classifier, from: camera}
"""
PHONE, DESKTOP = (390, 844), (1440, 900)


def person_alarm(page: Page) -> None:
    """Wait for the picture of a person."""
    page.wait_for_timeout(9000)
    page.wait_for_function("() => !document.querySelector('.picture canvas').dataset.boxes")
    page.wait_for_function("() => document.querySelector('.picture canvas').dataset.boxes")
    page.wait_for_timeout(150)


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
    page.keyboard.press("End")  # of what is one line on this screen
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


def taught(folder: Path) -> Path:
    """Make a project whose camera sees photographs, and some views of each to teach with."""
    project = folder / "things"
    _photographs(project / "seen", GALLERY / "cat_dog" / "media", ("coffee",), 8)
    for name in ("astronaut", "coffee", "rocket"):
        _photographs(project / "pictures" / name, GALLERY / "cat_dog" / "media", (name,), 8)
    (project / "project.yaml").write_text(THINGS, encoding="utf-8")
    return project


def fruit(folder: Path) -> Path:
    """Make a project with a network of its own, and the pictures that it was trained to know."""
    project = folder / "fruit"
    shutil.copytree(GALLERY / "my_own_model", project, ignore=shutil.ignore_patterns("*.md", "*.svg", "*.py", "*_int8*"))
    (project / "models").mkdir()
    (project / "fruit.onnx").rename(project / "models" / "fruit.onnx")
    text = (project / "project.yaml").read_text(encoding="utf-8")
    (project / "project.yaml").write_text(text.replace("model: fruit.onnx", "model: models/fruit.onnx"), encoding="utf-8")
    return project


def _photographs(folder: Path, source: Path, names: tuple[str, ...], count: int) -> None:
    """Write what a camera that is moved sees of some photographs."""
    folder.mkdir(parents=True)
    for name in names:
        image = cv2.imread(str(source / f"{name}.jpg"))
        height, width = image.shape[:2]
        for number in range(count):
            part = 0.75 + 0.03 * number
            high, wide = round(height * part), round(width * part)
            top, left = (height - high) * (number % 3) // 2, (width - wide) * (number % 4) // 3
            view = cv2.resize(image[top : top + high, left : left + wide], (320, 240), interpolation=cv2.INTER_AREA)
            cv2.imwrite(str(folder / f"{name}-{number}.jpg"), view)


def teach(page: Page) -> None:
    """Teach what is there, and try it."""
    page.locator(".lesson button.strong").first.click()
    page.wait_for_selector(".figure", timeout=120_000)
    page.locator(".lesson button[aria-pressed]").click()
    page.wait_for_selector(".ranking li")
    page.wait_for_timeout(600)


def quantize(page: Page) -> None:
    """Make a network smaller, and try it."""
    page.wait_for_selector(".facts")
    page.locator(".model-card .bar input[type=file] ~ button").click()
    page.wait_for_selector(".ranking li")
    page.locator(".model-card form.bar select[name=data]").first.select_option("media")
    page.locator(".model-card form.bar button").first.click()
    page.wait_for_selector(".outcome table", timeout=180_000)
    page.wait_for_timeout(300)


SHOTS: tuple[tuple[str | Callable[[Path], Path], str, str, str, tuple[int, int], Callable[[Page], None]], ...] = (
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
    (taught, "teach", "en", "light", (1180, 1080), teach),
    (taught, "teach-zh", "zh", "dark", (1180, 1080), teach),
    (taught, "teach-phone", "en", "dark", (390, 1400), teach),
    (taught, "teach-phone-zh", "zh", "light", (390, 1400), teach),
    (fruit, "model", "en", "light", (1280, 1120), quantize),
    (fruit, "model-zh", "zh", "dark", (1280, 1120), quantize),
    (fruit, "model-phone", "en", "dark", (390, 1400), quantize),
    (fruit, "model-phone-zh", "zh", "light", (390, 1400), quantize),
)
"""Project (one of the gallery, what makes one in a folder, or "", the list of them), picture, language, theme, size, and what
is done before the picture is taken."""


@contextmanager
def running(project: str | Callable[[Path], Path]) -> Iterator[str]:
    """Run a project, or the list of projects; yield the address of the panel."""
    with tempfile.TemporaryDirectory() as outer:  # where a project leaves what it writes
        folder = Path(outer) / "projects"
        folder.mkdir()
        target = project if isinstance(project, str) else str(project(Path(outer)))
        what = ["run", target, "--panel", "--simulate", *_set(target)] if target else ["panel"]
        command = [sys.executable, "-m", "xmaker", *what]
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
            finger: Any = {"has_touch": True, "is_mobile": True} if width == PHONE[0] else {}
            size = {"width": width, "height": height}
            context = chromium.new_context(viewport=size, locale=locale, color_scheme=theme, **finger)  # type: ignore[arg-type]  # it is a TypedDict
            with running(project) as link:
                page = context.new_page()
                place = name.partition("-")[0]
                page.goto(link + (f"#{place}" if place in ("data", "editor", "teach", "model") else ""))
                page.wait_for_selector("main section")
                time.sleep(1)
                act(page)
                file = PICTURES / (f"{name}.jpg" if place == "teach" else f"{name}.png")  # photographs make large PNGs
                page.screenshot(path=file, **({"type": "jpeg", "quality": 80} if place == "teach" else {}))
            context.close()
            if file.suffix == ".png":
                _shrink(file)
            print(f"panel/{file.name}", file.stat().st_size)
        chromium.close()


def _shrink(path: Path) -> None:
    cv2.imwrite(str(path), cv2.imread(str(path)), [cv2.IMWRITE_PNG_COMPRESSION, 9])


if __name__ == "__main__":
    main()
