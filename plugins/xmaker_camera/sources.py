"""Where pictures come from: what every source can do, and the sources that are files.

Each source opens, gives the next picture, and closes.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from xmaker import Finished, NodeError, ProjectError

PICTURE_SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm")
PICTURE_SECONDS = 1.0
"""How far apart the pictures of a folder are in time, when nobody paces them."""


class Source(Protocol):
    """Something that gives pictures as (height, width, 3) uint8 arrays in BGR order."""

    def check(self) -> None:
        """Raise ProjectError for what will not work."""

    def open(self) -> None: ...
    def read(self) -> Any:
        """Return the next picture; None at the end of a file. Raises DeviceError when a device is lost."""

    def rewind(self) -> None: ...
    def close(self) -> None: ...
    def name(self) -> str:
        """Return the name of the file that the last picture came from, or ""."""

    def time(self) -> float:
        """Return the last picture's own time in seconds."""

    def finished(self) -> Exception:
        """Return what to raise at the end."""

    def progress(self) -> tuple[int, int] | None: ...


def is_picture(path: Path) -> bool:
    """Return whether the name is a picture's. Hidden files are none: macOS writes a `._cat.jpg` beside each picture."""
    return path.suffix.lower() in PICTURE_SUFFIXES and not path.name.startswith(".")


def pictures_in(path: Path) -> list[Path] | None:
    """Return the pictures of a folder or a pattern (`pictures/*.jpg`) in order of name; None when the path is neither."""
    if path.is_dir():
        return sorted(file for file in path.iterdir() if is_picture(file))
    if not path.exists() and any(character in path.name for character in "*?["):  # `cat[1].jpg` may be a file
        return sorted(file for file in path.parent.glob(path.name) if is_picture(file))
    return None


def capture(*arguments: Any) -> Any:
    """Open a video, a device or a stream. What fails is said by XMaker, once; XMAKER_VERBOSE lets the libraries speak."""
    quiet = not os.environ.get("XMAKER_VERBOSE")
    if quiet:
        os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # AV_LOG_QUIET
    import cv2

    if quiet:
        set_log_level = cv2.setLogLevel if hasattr(cv2, "setLogLevel") else cv2.utils.logging.setLogLevel  # OpenCV 4, OpenCV 5
        set_log_level(0)
    return cv2.VideoCapture(*arguments)


class Captured:
    """What a device, a stream and a video share: something that captures, and no file behind it."""

    capture: Any = None

    def check(self) -> None: ...

    def rewind(self) -> None: ...

    def close(self) -> None:
        if self.capture is not None:
            self.capture.release()
        self.capture = None

    def name(self) -> str:
        return ""

    def time(self) -> float:
        return 0.0

    def finished(self) -> Exception:
        return Finished()

    def progress(self) -> tuple[int, int] | None:
        return None


@dataclass
class Video(Captured):
    """A video file."""

    path: Path
    index: int = 0
    fps: float = 25.0
    total: int = 0

    def check(self) -> None:
        self.open()
        self.close()

    def open(self) -> None:
        import cv2

        self.capture, self.index = capture(str(self.path)), 0
        if not self.capture.isOpened():
            raise ProjectError.of("XM803", file=self.path)
        rate = self.capture.get(cv2.CAP_PROP_FPS)
        self.fps = rate if rate and 0 < rate < 1000 else 25.0
        self.total = max(0, int(self.capture.get(cv2.CAP_PROP_FRAME_COUNT)))

    def read(self) -> Any:
        ok, image = self.capture.read()
        self.index += bool(ok)
        return image if ok else None

    def rewind(self) -> None:
        import cv2

        self.capture.set(cv2.CAP_PROP_POS_FRAMES, 0)

    def name(self) -> str:
        return self.path.name

    def time(self) -> float:
        return (self.index - 1) / self.fps

    def finished(self) -> Exception:
        return Finished(self.index / self.fps)

    def progress(self) -> tuple[int, int] | None:
        return (min(self.index, self.total), self.total) if self.total else None


@dataclass
class Pictures:
    """The pictures of a folder, or a single one."""

    path: Path
    files: list[Path]
    index: int = 0
    count: int = 0
    """Pictures read since it was opened; unlike `index` it goes on when the folder begins again."""
    good: int = 0

    def check(self) -> None:
        if not self.files:
            raise ProjectError.of("XM806", folder=self.path)
        if len(self.files) == 1 and self._load(self.files[0]) is None:
            raise ProjectError.of("XM803", file=self.files[0])

    def open(self) -> None:
        self.check()
        self.index = self.count = self.good = 0

    def read(self) -> Any:
        if self.index >= len(self.files):
            return None
        self.index += 1
        self.count += 1
        image = self._load(self.files[self.index - 1])
        if image is None:
            raise NodeError.of("XM803", file=self.files[self.index - 1])
        self.good += 1
        return image

    def _load(self, file: Path) -> Any:
        """Return the picture turned upright, or None when it is no picture. Names may have any characters, on Windows too."""
        import cv2
        import numpy as np

        try:
            data = np.fromfile(file, np.uint8)
            return cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
        except (OSError, cv2.error):  # cv2.error: a picture whose header promises more than there is
            return None

    def rewind(self) -> None:
        self.files = pictures_in(self.path) or self.files  # a folder may have other pictures by now
        self.index = 0

    def close(self) -> None: ...

    def name(self) -> str:
        return self.files[self.index - 1].name

    def time(self) -> float:
        return (self.count - 1) * PICTURE_SECONDS

    def finished(self) -> Exception:
        return Finished(self.count * PICTURE_SECONDS) if self.good else ProjectError.of("XM806", folder=self.path)

    def progress(self) -> tuple[int, int] | None:
        return self.index, len(self.files)
