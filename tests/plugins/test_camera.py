"""The camera: folders, pictures, videos, streams, and no camera at all. OpenCV itself runs; nothing is mocked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from xmaker_camera import Camera

from xmaker import Plugins, Project, ProjectError, Runtime
from xmaker.testing import wait_until


@pytest.fixture
def video(tmp_path: Path) -> str:
    """A video of ten frames, ever brighter, at 20 fps."""
    writer = cv2.VideoWriter(str(tmp_path / "clip.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 20.0, (64, 48))
    for number in range(10):
        writer.write(np.full((48, 64, 3), number * 25, np.uint8))
    writer.release()
    return "clip.avi"


def test_a_folder_gives_its_pictures_in_order_of_name_a_second_apart(tmp_path: Path, picture: Any, play: Any) -> None:
    for name in ("b.png", "a.jpg", "猫 1.bmp", "my cat.JPG"):
        picture(tmp_path / "media" / name)
    (tmp_path / "media" / "notes.txt").write_text("no picture")
    (tmp_path / "media" / "._a.jpg").write_bytes(b"what macOS leaves behind")
    film = play(tmp_path, source="media")
    assert film.sources == ["a.jpg", "b.png", "my cat.JPG", "猫 1.bmp"]
    assert [event.time for event in film.frames] == [0, 1, 2, 3]
    assert not film.errors


def test_a_pattern_chooses_pictures(tmp_path: Path, picture: Any, play: Any) -> None:
    for name in ("cat1.jpg", "cat2.jpg", "dog1.jpg"):
        picture(tmp_path / name)
    assert play(tmp_path, source="cat*.jpg").sources == ["cat1.jpg", "cat2.jpg"]


@pytest.mark.parametrize("name", ["cat.jpg", "只 猫.png", "cat[1].jpg"])
def test_a_single_picture(tmp_path: Path, name: str, picture: Any, play: Any) -> None:
    picture(tmp_path / name, 200)
    film = play(tmp_path, source=name)
    assert (film.sources, film.greys) == ([name], [200])
    image = film.frames[0].value.image
    assert (image.shape, image.dtype) == ((12, 16, 3), np.uint8)


def test_a_grey_picture_and_one_with_transparency_become_bgr(tmp_path: Path, play: Any) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), np.full((9, 9), 50, np.uint8))
    cv2.imwrite(str(tmp_path / "b.png"), np.full((9, 9, 4), 50, np.uint8))
    assert [event.value.image.shape for event in play(tmp_path, source=".").frames] == [(9, 9, 3), (9, 9, 3)]


def test_a_file_that_is_no_picture_is_said_and_passed_over(tmp_path: Path, picture: Any, play: Any) -> None:
    whole = picture(tmp_path / "a.jpg", size=(200, 200)).read_bytes()
    (tmp_path / "b.jpg").write_text("no picture")
    (tmp_path / "c.jpg").write_bytes(b"")
    (tmp_path / "d.jpg").write_bytes(whole[:100])
    picture(tmp_path / "e.jpg")
    film = play(tmp_path, source=".")
    assert film.sources == ["a.jpg", "e.jpg"]
    assert film.errors == ["XM803"] * 3


@pytest.mark.parametrize(
    ("source", "code"),
    [("nothing", "XM804"), ("no*.jpg", "XM806"), ("empty", "XM806"), ("bad.jpg", "XM803"), ("bad.mp4", "XM803")],
)
def test_what_cannot_work_is_said_before_the_run(tmp_path: Path, source: str, code: str, play: Any) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad.jpg").write_text("no picture")
    (tmp_path / "bad.mp4").write_text("no video")
    with pytest.raises(ProjectError) as raised:
        play(tmp_path, source=source)
    assert raised.value.code == code


def test_a_folder_with_bad_pictures_alone_ends_with_an_error(tmp_path: Path, play: Any) -> None:
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_text("no picture")
    with pytest.raises(Exception, match="There are no pictures"):
        play(tmp_path, source=".")


def test_a_video_gives_every_frame_with_its_own_time(tmp_path: Path, video: str, play: Any) -> None:
    film = play(tmp_path, source=video)
    assert [event.time for event in film.frames] == pytest.approx([number / 20 for number in range(10)])
    assert film.greys == pytest.approx([number * 25 for number in range(10)], abs=4)
    assert set(film.sources) == {"clip.avi"}


def test_fps_paces_a_file_like_a_live_camera(tmp_path: Path, video: str, play: Any) -> None:
    film = play(tmp_path, source=video, fps=50.0)
    times = [event.time for event in film.frames]
    assert len(times) == 10
    assert times[-1] - times[0] >= 9 / 50 - 0.02


def test_a_folder_that_begins_again_has_the_pictures_that_lie_in_it_by_then(tmp_path: Path, picture: Any) -> None:
    for name in ("a.png", "b.png"):
        picture(tmp_path / "media" / name)
    project = Project("film", folder=tmp_path, plugins=Plugins.load())
    project.add(Camera(source="media", fps=50, loop=True), name="camera")
    runtime = Runtime(project.plugins)
    runtime.apply(project)
    try:
        camera = runtime.workers["camera"]
        wait_until(lambda: camera.events > 2)
        for name in ("a.png", "b.png"):
            (tmp_path / "media" / name).unlink()
        wait_until(lambda: camera.errors)
        picture(tmp_path / "media" / "c.png")
        wait_until(lambda: camera.newest.value.source == "c.png")
    finally:
        runtime.stop()


def test_loop_begins_again_and_time_goes_on(tmp_path: Path, video: str, picture: Any, play: Any) -> None:
    for name in ("1.png", "2.png"):
        picture(tmp_path / "media" / name)
    for source, count in ((video, 10), ("media", 2)):
        film = play(tmp_path, 0.3, source=source, loop=True)
        times = [event.time for event in film.frames]
        assert len(times) > count
        assert times == sorted(set(times))


def test_progress_is_known_for_files(tmp_path: Path, video: str) -> None:
    project = Project("test", folder=tmp_path, plugins=Plugins()).add(Camera(source=video), name="camera")
    runtime = Runtime(project.plugins)
    runtime.run(project)
    assert Camera(source=video).progress() is None
    assert runtime.workers["camera"].events == 10


def test_without_a_camera_the_fallback_plays_and_says_so(tmp_path: Path, picture: Any, play: Any) -> None:
    picture(tmp_path / "media" / "cat.jpg")
    film = play(tmp_path, source=77, fallback="media", fps=100.0)
    assert film.sources == ["cat.jpg"]
    assert film.notices == ["XM910"]
    assert not film.errors


def test_a_camera_that_is_not_there_is_tried_again(tmp_path: Path, play: Any) -> None:
    film = play(tmp_path, 0.7, source=77)
    assert film.errors == ["XM801"]
    assert not film.frames


@pytest.mark.parametrize(
    ("options", "corner"),
    [
        ({}, (0, 0)),
        ({"rotate": 90}, (0, 11)),
        ({"rotate": 180}, (11, 15)),
        ({"rotate": 270}, (15, 0)),
        ({"flip": "horizontal"}, (0, 15)),
        ({"flip": "vertical"}, (11, 0)),
        ({"rotate": 90, "flip": "horizontal"}, (0, 0)),
    ],
)
def test_pictures_are_turned_and_mirrored(tmp_path: Path, options: dict[str, Any], corner: tuple[int, int], play: Any) -> None:
    image = np.zeros((12, 16, 3), np.uint8)
    image[0, 0] = 255
    cv2.imwrite(str(tmp_path / "a.png"), image)
    (frame,) = play(tmp_path, source="a.png", **options).frames
    assert frame.value.image[corner].tolist() == [255, 255, 255]
    assert frame.value.image.sum() == 3 * 255
