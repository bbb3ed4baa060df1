"""What tests of plugins share: pictures, a project that films, a camera on the network, and a display for windows."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
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

from xmaker import Event, Frame, Plugins, Project, Runtime, hookimpl


class Film:
    """What a camera gave, and what was said about it."""

    def __init__(self) -> None:
        self.frames: list[Event] = []
        self.notices: list[str] = []
        self.errors: list[str] = []
        self.said: list[str] = []
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
        self.said.append(error.show("en"))

    @property
    def sources(self) -> list[str]:
        return [event.value.source for event in self.frames]

    @property
    def greys(self) -> list[int]:
        """How bright each frame is: the tests' pictures are plain grey."""
        return [int(event.value.image.mean()) for event in self.frames]


def write_picture(path: Path, grey: int = 100, size: tuple[int, int] = (12, 16)) -> Path:
    """Write a grey picture; OpenCV itself cannot write to every name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _, data = cv2.imencode(path.suffix, np.full((*size, 3), grey, np.uint8))
    path.write_bytes(data.tobytes())
    return path


def film_of(tmp_path: Path, seconds: float | None = None, **options: Any) -> Film:
    """Run a project with nothing but a camera."""
    project = Project("test", folder=tmp_path, plugins=Plugins()).add(Camera(**options), name="camera")
    project.check()
    project.plugins.manager.register(film := Film())
    Runtime(project.plugins).run(project, seconds)
    return film


@pytest.fixture
def picture() -> Callable[..., Path]:
    """Give a function that writes a grey picture."""
    return write_picture


@pytest.fixture
def play() -> Callable[..., Film]:
    """Give a function that runs a project with nothing but a camera."""
    return film_of


@pytest.fixture
def film() -> Film:
    """An observer that keeps what a camera gave."""
    return Film()


class Display:
    """An X display that nobody sees, with what is needed to look at it and to touch it."""

    def __init__(self, size: str) -> None:
        command = ["Xvfb", "-displayfd", "1", "-screen", "0", f"{size}x24", "-nolisten", "tcp", "-noreset"]
        self.server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert self.server.stdout
        self.name = f":{int(self.server.stdout.readline())}"

    def shot(self) -> Any:
        """Return what it shows, in BGR."""
        png = subprocess.run(["import", "-display", self.name, "-window", "root", "png:-"], stdout=subprocess.PIPE, check=True)
        return cv2.imdecode(np.frombuffer(png.stdout, np.uint8), cv2.IMREAD_COLOR)

    def shows(self, condition: Callable[[Any], bool], seconds: float = 8.0) -> Any:
        """Wait until what it shows is as wanted, and return it."""
        deadline = time.monotonic() + seconds
        while not condition(picture := self.shot()):
            if time.monotonic() > deadline:
                raise AssertionError("the display does not show it")
        return picture

    def xdotool(self, *words: object) -> None:
        subprocess.run(["xdotool", *map(str, words)], env={**os.environ, "DISPLAY": self.name}, check=True)

    def end(self) -> None:
        self.server.terminate()
        self.server.wait()
        assert self.server.stdout
        self.server.stdout.close()


@pytest.fixture
def display(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Display]:
    """A display as large as that of a UNIHIKER, or as the test's parameter says."""
    missing = [tool for tool in ("Xvfb", "import", "xdotool") if not shutil.which(tool)]
    if missing or not importlib.util.find_spec("tkinter"):
        pytest.skip(f"needs {', '.join(missing) or 'tkinter'}: apt install xvfb imagemagick xdotool python3-tk")
    made = Display(getattr(request, "param", "240x320"))
    monkeypatch.setenv("DISPLAY", made.name)
    yield made
    made.end()


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
