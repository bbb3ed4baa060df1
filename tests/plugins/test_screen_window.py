"""The window of a screen, on a display that nobody sees; screenshots say what is in it."""

from __future__ import annotations

import shutil
import subprocess
from typing import Any

import cv2
import numpy as np
import pytest
from xmaker_screen.painter import BACK

from xmaker import Detection, Detections, Event, Frame
from xmaker.testing import wait_until

RED = 0, 0, 255
GROUND = tuple(bytes.fromhex(BACK[1:])[::-1])
YELLOW = 63, 210, 255
"""Of the first label's boxes."""

PROJECT = """
inputs: {camera: {}, room: {use: light}}
outputs: {screen: {window: true, from: [camera, room]}}
"""


@pytest.fixture
def run(display: Any, xmaker_run: Any) -> Any:
    """A project with a screen."""
    return xmaker_run(PROJECT)


def screen_of(run: Any) -> Any:
    return run.runtime.workers["screen"].node


def codes(run: Any) -> list[str]:
    return [event.value.code for event in run.events if hasattr(event.value, "notice") and event.value.code != "XM901"]


def is_near(pixels: Any, colour: tuple[int, ...], by: int = 12) -> Any:
    return (abs(pixels.astype(int) - colour) <= by).all(axis=-1)


def bright(picture: Any) -> Any:
    return picture.min(axis=2) > 150


def plain(colour: tuple[int, ...], height: int = 112, width: int = 224) -> Frame:
    return Frame(np.full((height, width, 3), colour, np.uint8))


def test_the_window_fills_a_small_display_and_is_dark(run: Any, display: Any) -> None:
    picture = display.shows(lambda picture: bool(is_near(picture, GROUND).all()))
    assert picture.shape == (320, 240, 3)


@pytest.mark.parametrize("display", ["800x700"], indirect=True)
def test_on_a_large_display_the_window_is_one_among_others(run: Any, display: Any) -> None:
    picture = display.shows(lambda picture: bool(is_near(picture, GROUND).sum() == 480 * 620))
    assert picture.shape == (700, 800, 3)


def test_a_picture_is_fitted_into_the_window(run: Any, display: Any) -> None:
    run.send("camera", plain(RED))
    picture = display.shows(lambda picture: bool(is_near(picture, RED).any()))
    found = is_near(picture, RED)
    assert found[104:216, 8:232].all()
    assert found.sum() == 112 * 224


def test_boxes_are_drawn_where_things_were_found(run: Any, display: Any) -> None:
    frame = Event("camera", plain(RED), 1.0)
    found = Detections([Detection("cat", 0.9, (60, 40, 80, 50))])
    screen_of(run).receive(Event("finder", found, 1.0, 1, frame))
    screen_of(run).receive(Event("camera", plain((0, 255, 0)), 1.2))  # newer, but what is in it is not known yet
    picture = display.shows(lambda picture: bool(is_near(picture, YELLOW).any()))
    yellow = is_near(picture, YELLOW)
    left, top, right, bottom = 8 + 60, 104 + 40, 8 + 140, 104 + 90
    middle_x, middle_y = (left + right) // 2, (top + bottom) // 2
    assert yellow[middle_y, left - 2 : left + 3].any() and yellow[middle_y, right - 2 : right + 3].any()
    assert yellow[bottom - 2 : bottom + 3, middle_x].any() and yellow[top - 2 : top + 3, right - 10].any()
    assert is_near(picture[top + 3 : bottom - 3, left + 3 : right - 3], RED).all()
    assert yellow[top - 15 : top - 2, left : left + 60].sum() > 300  # the label
    screen_of(run).receive(Event("camera", plain((0, 255, 0)), 2.5))  # nobody finds anything any more
    display.shows(lambda picture: not is_near(picture, YELLOW).any() and is_near(picture, (0, 255, 0)).sum() == 112 * 224)


def test_text_is_large_until_it_is_cleared(run: Any, display: Any) -> None:
    screen_of(run).write("12")
    picture = display.shows(lambda picture: bool(bright(picture).any()))
    rows = np.flatnonzero(bright(picture).any(axis=1))
    assert 40 < rows.max() - rows.min() < 80
    assert abs((rows.max() + rows.min()) / 2 - 160) < 12
    screen_of(run).clear()
    display.shows(lambda picture: bool(is_near(picture, GROUND).all()))


def test_the_rule_that_is_nearest_to_firing_is_told_at_the_bottom(display: Any, xmaker_run: Any) -> None:
    run = xmaker_run(f"{PROJECT}rules: [{{when: room < 5, then: ['screen.write(\"12\")']}}]")

    def words(picture: Any) -> Any:
        return picture[282:312].max(axis=2) > 100

    run.send("room", 100)
    waiting = words(display.shows(lambda picture: bool(words(picture).any())))
    rows = np.flatnonzero(waiting.any(axis=1))
    assert rows.max() - rows.min() < 15, "one line, small"
    run.send("room", 50.1234)
    display.shows(lambda picture: bool((words(picture) != waiting).any()))


def test_a_crowded_window_still_shows_the_newest_text(run: Any, display: Any) -> None:
    run.send("camera", plain(RED, 480, 640))
    for number in range(9):
        screen_of(run).gauge(f"gauge {number}", number, 0, 9)
        screen_of(run).write("many words " * 5)
    display.shows(lambda picture: bool(is_near(picture, (255, 255, 255)).any()))


@pytest.mark.parametrize(
    "text", ["", " ", "a" * 5000, "猫" * 5000, "word " * 500, "\0\n\t\x1b[A", "\ud800", "😀 ✓ é", "{$x [exit]}\\"]
)
def test_any_text_can_be_shown(text: str, run: Any, display: Any) -> None:
    screen_of(run).write(text)
    screen_of(run).gauge(text.encode("utf-8", "replace").decode(), 1e300, -1e300, float("inf"), "%s" * 100)
    screen_of(run).write("!")
    display.shows(lambda picture: bool(is_near(picture, (255, 255, 255)).any()))
    assert codes(run) == []


def test_numbers_are_bars_between_their_usual_ends(run: Any, display: Any) -> None:
    run.send("room", 75)
    green = tuple(bytes.fromhex("1f7a55")[::-1])
    picture = display.shows(lambda picture: bool(is_near(picture, green).any()))
    columns = np.flatnonzero(is_near(picture, green).sum(axis=0) > 5)
    assert abs(columns.max() - columns.min() - 0.75 * 224) < 4
    screen_of(run).gauge("room", 25, 0, 100, "%")
    display.shows(lambda picture: abs(np.ptp(np.flatnonzero(is_near(picture, green).any(axis=0))) - 0.25 * 224) < 4)


def glyph(picture: Any) -> Any:
    """Return the bright part of a picture, in one size."""
    rows, columns = np.flatnonzero(picture.any(axis=1)), np.flatnonzero(picture.any(axis=0))
    cut = picture[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    small = cv2.resize(cut.astype(np.float32), (48, 48), interpolation=cv2.INTER_AREA)
    return cv2.GaussianBlur(small, (0, 0), 2).ravel()


def chinese_font() -> str:
    found = subprocess.run(["fc-match", "-f", "%{file} %{lang}", ":lang=zh-cn"], capture_output=True, text=True).stdout
    path, _, languages = found.partition(" ")
    if "zh" not in languages or not shutil.which("convert"):
        pytest.skip("needs a Chinese font: apt install fonts-wqy-microhei")
    return path


def test_chinese_characters_are_not_empty_boxes(run: Any, display: Any) -> None:
    font, likeness = chinese_font(), {}
    for shown in "停猫":
        screen_of(run).clear()
        display.shows(lambda picture: bool(is_near(picture, GROUND).all()))
        screen_of(run).write(shown)
        window = glyph(bright(display.shows(lambda picture: bool(bright(picture).any()))))
        for drawn in "停猫":
            command = ["convert", "-font", font, "-pointsize", "72", f"label:{drawn}", "png:-"]
            data = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
            wanted = glyph(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE) < 128)
            likeness[shown + drawn] = np.corrcoef(window, wanted)[0, 1]
    assert min(likeness["停停"], likeness["猫猫"]) > 0.8 > 0.6 > max(likeness["停猫"], likeness["猫停"]), likeness
    assert codes(run) == []


def test_pictures_of_other_shapes_and_sizes(run: Any, display: Any) -> None:
    def painter() -> Any:
        return screen_of(run)._window._painter

    wait_until(lambda: bool(painter() and painter()._drawn))
    for shape in ((112, 224), (112, 224, 1), (112, 224, 4), (1, 1, 3), (3000, 2, 3), (1, 4000, 3), (0, 0, 3), (112, 224, 3)):
        image = np.full(shape, 200, np.uint8)
        screen_of(run).receive(Event("camera", Frame(image), 1.0))
        wait_until(lambda image=image: painter()._drawn["picture"][1] == id(image))  # type: ignore[misc]
    display.shows(lambda picture: bool(is_near(picture, (200, 200, 200)).sum() == 112 * 224))
    assert codes(run) == []
