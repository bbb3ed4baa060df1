"""The camera: folders, pictures, videos, streams, and no camera at all. OpenCV itself runs; nothing is mocked."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from xmaker_camera import Camera

from xmaker import Event, Frame, Plugins, Project, ProjectError, Runtime, hookimpl
from xmaker.runtime import worker
from xmaker.testing import wait_until


class Film:
    """What a camera gave, and what was said about it."""

    def __init__(self) -> None:
        self.frames: list[Event] = []
        self.notices: list[str] = []
        self.errors: list[str] = []
        self.xmaker_wants_media = True

    @hookimpl
    def xmaker_event(self, event: Event) -> None:
        if isinstance(event.value, Frame):
            self.frames.append(event)
        else:
            self.notices.append(event.value.code)

    @hookimpl
    def xmaker_error(self, error: Any) -> None:
        self.errors.append(error.code)

    @property
    def sources(self) -> list[str]:
        return [event.value.source for event in self.frames]

    @property
    def greys(self) -> list[int]:
        """How bright each frame is: the tests' pictures are plain grey."""
        return [int(event.value.image.mean()) for event in self.frames]


def picture(path: Path, grey: int = 100, size: tuple[int, int] = (12, 16)) -> Path:
    """Write a grey picture; OpenCV itself cannot write to every name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _, data = cv2.imencode(path.suffix, np.full((*size, 3), grey, np.uint8))
    path.write_bytes(data.tobytes())
    return path


def play(tmp_path: Path, seconds: float | None = None, **options: Any) -> Film:
    """Run a project with nothing but a camera."""
    project = Project("test", folder=tmp_path, plugins=Plugins()).add(Camera(**options), name="camera")
    project.check()
    project.plugins.manager.register(film := Film())
    Runtime(project.plugins).run(project, seconds)
    return film


@pytest.fixture
def video(tmp_path: Path) -> str:
    """A video of ten frames, ever brighter, at 20 fps."""
    writer = cv2.VideoWriter(str(tmp_path / "clip.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 20.0, (64, 48))
    for number in range(10):
        writer.write(np.full((48, 64, 3), number * 25, np.uint8))
    writer.release()
    return "clip.avi"


def test_a_folder_gives_its_pictures_in_order_of_name_a_second_apart(tmp_path: Path) -> None:
    for name in ("b.png", "a.jpg", "猫 1.bmp", "my cat.JPG"):
        picture(tmp_path / "media" / name)
    (tmp_path / "media" / "notes.txt").write_text("no picture")
    (tmp_path / "media" / "._a.jpg").write_bytes(b"what macOS leaves behind")
    film = play(tmp_path, source="media")
    assert film.sources == ["a.jpg", "b.png", "my cat.JPG", "猫 1.bmp"]
    assert [event.time for event in film.frames] == [0, 1, 2, 3]
    assert not film.errors


def test_a_pattern_chooses_pictures(tmp_path: Path) -> None:
    for name in ("cat1.jpg", "cat2.jpg", "dog1.jpg"):
        picture(tmp_path / name)
    assert play(tmp_path, source="cat*.jpg").sources == ["cat1.jpg", "cat2.jpg"]


@pytest.mark.parametrize("name", ["cat.jpg", "只 猫.png", "cat[1].jpg"])
def test_a_single_picture(tmp_path: Path, name: str) -> None:
    picture(tmp_path / name, 200)
    film = play(tmp_path, source=name)
    assert (film.sources, film.greys) == ([name], [200])
    image = film.frames[0].value.image
    assert (image.shape, image.dtype) == ((12, 16, 3), np.uint8)


def test_a_grey_picture_and_one_with_transparency_become_bgr(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), np.full((9, 9), 50, np.uint8))
    cv2.imwrite(str(tmp_path / "b.png"), np.full((9, 9, 4), 50, np.uint8))
    assert [event.value.image.shape for event in play(tmp_path, source=".").frames] == [(9, 9, 3), (9, 9, 3)]


def test_a_file_that_is_no_picture_is_said_and_passed_over(tmp_path: Path) -> None:
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
def test_what_cannot_work_is_said_before_the_run(tmp_path: Path, source: str, code: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad.jpg").write_text("no picture")
    (tmp_path / "bad.mp4").write_text("no video")
    with pytest.raises(ProjectError) as raised:
        play(tmp_path, source=source)
    assert raised.value.code == code


def test_a_folder_with_bad_pictures_alone_ends_with_an_error(tmp_path: Path) -> None:
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_text("no picture")
    with pytest.raises(Exception, match="There are no pictures"):
        play(tmp_path, source=".")


def test_a_video_gives_every_frame_with_its_own_time(tmp_path: Path, video: str) -> None:
    film = play(tmp_path, source=video)
    assert [event.time for event in film.frames] == pytest.approx([number / 20 for number in range(10)])
    assert film.greys == pytest.approx([number * 25 for number in range(10)], abs=4)
    assert set(film.sources) == {"clip.avi"}


def test_fps_paces_a_file_like_a_live_camera(tmp_path: Path, video: str) -> None:
    film = play(tmp_path, source=video, fps=50.0)
    times = [event.time for event in film.frames]
    assert len(times) == 10
    assert times[-1] - times[0] >= 9 / 50 - 0.02


def test_loop_begins_again_and_time_goes_on(tmp_path: Path, video: str) -> None:
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


def test_without_a_camera_the_fallback_plays_and_says_so(tmp_path: Path) -> None:
    picture(tmp_path / "media" / "cat.jpg")
    film = play(tmp_path, source=77, fallback="media", fps=100.0)
    assert film.sources == ["cat.jpg"]
    assert film.notices == ["XM902"]
    assert not film.errors


def test_a_camera_that_is_not_there_is_tried_again(tmp_path: Path) -> None:
    film = play(tmp_path, 0.7, source=77)
    assert film.errors == ["XM801"]
    assert not film.frames


class Broadcast:
    """A camera on the network: MJPEG over HTTP, with everything that may go wrong."""

    def __init__(self) -> None:
        self.grey = 10
        self.silent = threading.Event()
        self.over = threading.Event()
        self.every = 0.01
        self.start()

    def start(self, port: int = 0) -> None:
        broadcast = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
                self.end_headers()
                try:
                    while not broadcast.over.is_set():
                        if broadcast.silent.is_set():
                            time.sleep(0.01)
                            continue
                        _, data = cv2.imencode(".jpg", np.full((48, 64, 3), broadcast.grey, np.uint8))
                        head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
                        self.wfile.write(head.encode() + data.tobytes() + b"\r\n")
                        time.sleep(broadcast.every)
                except OSError:
                    pass  # nobody listens any more

            def log_message(self, *arguments: object) -> None: ...

        self.over.clear()
        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()
        self.port = self.server.server_address[1]

    def stop(self) -> None:
        self.over.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def broadcast() -> Iterator[Broadcast]:
    made = Broadcast()
    yield made
    made.stop()


Watch = Callable[..., tuple[Runtime, Film]]


@pytest.fixture
def watch(tmp_path: Path, broadcast: Broadcast, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    """Give a function that runs a camera on the broadcast; a lost one is opened again sooner than in real life."""
    monkeypatch.setattr(worker, "BACK_OFF", (0.05,))
    runs: list[Runtime] = []

    def watch(**options: Any) -> tuple[Runtime, Film]:
        camera = Camera(source=f"http://127.0.0.1:{broadcast.port}/", timeout=0.3, **options)
        project = Project("test", folder=tmp_path, plugins=Plugins()).add(camera, name="camera")
        project.plugins.manager.register(film := Film())
        runs.append(Runtime(project.plugins))
        runs[-1].apply(project)
        return runs[-1], film

    yield watch
    for runtime in runs:
        runtime.stop()


def test_a_stream_is_drained_so_that_its_frames_are_never_stale(watch: Watch, broadcast: Broadcast) -> None:
    _, film = watch()
    wait_until(lambda: len(film.frames) > 20)
    broadcast.grey = 200
    sent = len(film.frames)
    wait_until(lambda: film.greys[-1] > 190)
    assert len(film.frames) - sent < 15


def test_fps_thins_out_a_stream(watch: Watch) -> None:
    _, film = watch(fps=10.0)
    wait_until(lambda: len(film.frames) > 4)
    times = [event.time for event in film.frames]
    assert times[4] - times[0] > 0.3


def test_a_stream_that_falls_silent_is_opened_again(watch: Watch, broadcast: Broadcast) -> None:
    _, film = watch()
    wait_until(lambda: len(film.frames) > 3)
    broadcast.silent.set()
    wait_until(lambda: film.errors == ["XM802"])
    broadcast.silent.clear()
    seen = len(film.frames)
    wait_until(lambda: len(film.frames) > seen + 3)
    assert film.notices == ["XM503"]


def test_a_stream_whose_server_dies_comes_back_with_it(watch: Watch, broadcast: Broadcast) -> None:
    _, film = watch()
    wait_until(lambda: len(film.frames) > 3)
    broadcast.stop()
    wait_until(lambda: "XM801" in film.errors)
    broadcast.start(broadcast.port)
    seen = len(film.frames)
    wait_until(lambda: len(film.frames) > seen + 3)
    assert film.notices == ["XM503"]
    assert film.errors == ["XM802", "XM801"]


def test_a_camera_that_was_there_is_waited_for_and_no_fallback_takes_its_place(
    watch: Watch, broadcast: Broadcast, tmp_path: Path
) -> None:
    picture(tmp_path / "media" / "cat.jpg")
    _, film = watch(fallback="media")
    wait_until(lambda: len(film.frames) > 3)
    broadcast.stop()
    wait_until(lambda: "XM801" in film.errors)
    broadcast.start(broadcast.port)
    wait_until(lambda: film.notices == ["XM503"])
    assert set(film.sources) == {""}


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere cameras have no path")
def test_a_camera_by_its_path(tmp_path: Path) -> None:
    assert play(tmp_path, 0.1, source="/dev/no-camera").errors == ["XM801"]
