"""Pictures in the browser: encoded once however many watch, not at all when nobody does, and boxes on their own frame."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import pytest
from xmaker_panel import pictures as pictures_module

from xmaker.testing import wait_until

FILMING = """
inputs: {camera: {use: counting}, slow: {use: counting, every: 0.2}}
models: {things: {use: finder, from: camera}, pet: {use: namer, from: slow}}
outputs: {screen: {from: [camera, things]}}
"""
PLUGIN = '''
from dataclasses import dataclass, field
from typing import ClassVar
import time
import numpy as np
from xmaker import Detection, Detections, Frame, Input, Label, Model, Seconds, hookimpl


@dataclass
class Counting(Input):
    """Each frame is as grey as its number."""
    use: ClassVar[str] = "counting"
    gives: ClassVar = Frame
    every: Seconds = 0.02
    _count: int = field(init=False, default=0)

    def read(self):
        self._count = (self._count + 1) % 200
        return Frame(np.full((48, 64, 3), self._count, np.uint8))


@dataclass
class Finder(Model):
    """Finds one thing, as far from the left as the frame is grey; slower than the camera."""
    use: ClassVar[str] = "finder"
    takes: ClassVar = (Frame,)
    gives: ClassVar = Detections

    def run(self, value):
        time.sleep(0.05)
        left = float(value.image[0, 0, 0])
        return Detections([Detection("thing", 0.5, (left, 1.0, 2.0, 3.0))], value.width, value.height)


@dataclass
class Namer(Model):
    """Names everything, a while after the picture has been sent."""
    use: ClassVar[str] = "namer"
    takes: ClassVar = (Frame,)
    gives: ClassVar = Label

    def run(self, value):
        time.sleep(0.06)
        return Label("cat", 0.75)


@hookimpl
def xmaker_nodes():
    return [Counting, Finder, Namer]
'''


@pytest.fixture
def film(start: Callable[..., Any], tmp_path: Any) -> Any:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "counting.py").write_text(PLUGIN, encoding="utf-8")
    return start(FILMING)


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Keep what is made a JPEG."""
    made: list[Any] = []
    encode = pictures_module._encode

    def counted(image: Any) -> bytes:
        made.append(image)
        return encode(image)

    monkeypatch.setattr(pictures_module, "_encode", counted)
    return made


def picture(page: Any) -> tuple[dict[str, Any], Any]:
    """Take one picture, and say that it has been drawn."""
    data = page.socket.recv(5)
    size = int.from_bytes(data[:4], "big")
    jpeg = data[4 + size :]
    image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR) if jpeg else None
    page.socket.send("drawn")
    return json.loads(data[4 : 4 + size]), image


def test_boxes_belong_to_the_very_frame_that_they_were_found_in(film: Any) -> None:
    with film.page("pictures/camera") as page:
        heads = [picture(page) for _ in range(12)]
    found = [(head["boxes"], image) for head, image in heads if head["boxes"] and image is not None]
    assert len(found) >= 8
    for boxes, image in found[2:]:
        assert boxes[0]["old"] is False
        assert abs(boxes[0]["box"][0] - int(image[24, 32, 0])) <= 2, "JPEG may be off by one or two"
    assert (heads[0][0]["width"], heads[0][0]["height"]) == (64, 48)


def test_whoever_begins_to_look_sees_the_last_picture_at_once(start: Callable[..., Any], tmp_path: Any) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "counting.py").write_text(PLUGIN, encoding="utf-8")
    film = start(FILMING.replace("camera: {use: counting}", "camera: {use: counting, every: 60}"))
    wait_until(lambda: film.runtime.workers["things"].newest is not None)
    for _ in range(2):
        with film.page("pictures/camera") as page:
            heads = [picture(page)]
            if not heads[0][0]["boxes"]:
                heads.append(picture(page))  # the frame first, then what was found in it
            assert heads[0][1] is not None and heads[-1][0]["boxes"][0]["box"][0] == 1.0


def test_what_is_found_late_is_told_without_the_picture_again(film: Any) -> None:
    with film.page("pictures/slow") as page:
        told = [picture(page) for _ in range(8)]
    pairs = list(pairwise(told))
    again = [(before, after) for (before, _), (after, image) in pairs if image is None]
    assert again, "a label comes after its frame"
    assert all(before["t"] == after["t"] for before, after in again)
    assert all(before["t"] < after["t"] for (before, _), (after, image) in pairs if image is not None)


def test_a_label_is_shown_with_the_picture(film: Any) -> None:
    with film.page("pictures/slow") as page:
        heads = [picture(page)[0] for _ in range(5)]
    assert heads[-1]["labels"] == [{"label": "cat", "score": 0.75, "node": "pet"}]


def test_a_frame_is_encoded_once_however_many_watch(film: Any, encoded: list[Any]) -> None:
    with film.page("pictures/slow") as one, film.page("pictures/slow") as two, film.page("pictures/slow") as three:
        shown = 0
        for _ in range(20):
            shown += sum(picture(page)[1] is not None for page in (one, two, three))
    assert shown >= 27
    assert len(encoded) <= shown / 3 + 2
    assert len({id(image) for image in encoded}) == len(encoded)


def test_nothing_is_encoded_when_nobody_watches(film: Any, encoded: list[Any]) -> None:
    time.sleep(0.3)
    assert encoded == []
    assert film.runtime.observers.of_media == []
    with film.page("pictures/camera") as page:
        picture(page)
    wait_until(lambda: film.runtime.observers.of_media == [])
    count = len(encoded)
    time.sleep(0.2)
    assert len(encoded) == count


def test_who_does_not_draw_gets_one_picture_and_then_the_newest(film: Any, encoded: list[Any]) -> None:
    with film.page("pictures/slow") as page:
        before = page.socket.recv(5)
        size = int.from_bytes(before[:4], "big")
        time.sleep(1.0)
        assert len(encoded) == 1, "nothing is made for who does not ask"
        page.socket.send("drawn")
        head, _ = picture(page)
        assert head["t"] - json.loads(before[4 : 4 + size])["t"] >= 0.8


def test_a_screen_has_its_own_picture(film: Any) -> None:
    with film.page("pictures/screen") as page:
        _, image = picture(page)
        assert image.shape == (48, 64, 3)


def test_a_node_without_pictures_gives_none_and_costs_nothing(film: Any) -> None:
    with film.page("pictures/nobody") as page, pytest.raises(TimeoutError):
        page.socket.recv(0.3)


@pytest.mark.parametrize("message", [b"\x00", "x" * 100_000])
def test_nonsense_ends_the_line(film: Any, message: Any) -> None:
    from websockets.exceptions import ConnectionClosed

    with film.page("pictures/slow") as page, pytest.raises(ConnectionClosed):
        page.socket.send(message)
        while True:
            page.socket.recv(3)


def test_a_large_picture_is_made_smaller() -> None:
    data = pictures_module._encode(np.zeros((1080, 1920, 3), np.uint8))
    assert cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR).shape == (540, 960, 3)


def test_what_plays_in_place_of_a_camera_begins_again_as_a_camera_goes_on(start: Callable[..., Any], tmp_path: Any) -> None:
    (tmp_path / "media").mkdir()
    for name in ("a.png", "b.png"):
        cv2.imwrite(str(tmp_path / "media" / name), np.zeros((8, 8, 3), np.uint8))
    run = start("inputs: {camera: {source: 77, fallback: media, fps: 20}}\noutputs: {screen: {from: camera}}")
    wait_until(lambda: run.runtime.workers["camera"].events > 5)
    assert not run.runtime.finished.is_set()
