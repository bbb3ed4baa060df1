"""Live sources of pictures: USB cameras, a Raspberry Pi's own camera, and streams from the network."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from typing import Any

from xmaker import DeviceError, MissingDependency
from xmaker_camera.sources import Captured, capture


@dataclass
class Device(Captured):
    """A USB camera, by number or path."""

    source: int | str
    width: int | None
    height: int | None
    fps: float | None
    lock: int = -1
    """The device's file while it is ours."""

    def open(self) -> None:
        on_linux = sys.platform == "linux"
        if on_linux:
            self.lock = self._take(self.source if isinstance(self.source, str) else f"/dev/video{self.source}")
        import cv2

        self.capture = capture(self.source, cv2.CAP_V4L2 if on_linux else cv2.CAP_ANY)
        if not self.capture.isOpened():
            raise DeviceError.of("XM801", source=self.source)
        for name, value in (("FRAME_WIDTH", self.width), ("FRAME_HEIGHT", self.height), ("FPS", self.fps), ("BUFFERSIZE", 1)):
            if value:
                self.capture.set(getattr(cv2, f"CAP_PROP_{name}"), value)

    def _take(self, path: str) -> int:
        """Take the device for this project alone: two that read one camera would both stutter, and neither would know why."""
        import fcntl

        try:
            lock = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        except PermissionError:
            raise DeviceError.of("XM872", device=path, group="video") from None
        except OSError:
            raise DeviceError.of("XM801", source=self.source) from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            raise DeviceError.of("XM807", source=self.source) from None
        return lock

    def close(self) -> None:
        super().close()
        lock, self.lock = self.lock, -1
        if lock >= 0:
            os.close(lock)

    def read(self) -> Any:
        ok, image = self.capture.read()  # isOpened() still says True after unplugging; read() does not lie
        if not ok:
            raise DeviceError.of("XM802", source=self.source)
        return image


@dataclass
class Csi(Captured):
    """The ribbon-cable camera of a Raspberry Pi, through picamera2, which its system brings (python3-picamera2)."""

    width: int | None
    height: int | None
    fps: float | None
    source: str = "csi"

    def open(self) -> None:
        try:
            from picamera2 import Picamera2  # type: ignore[import-not-found, unused-ignore]  # exists on a Pi alone
        except ImportError:
            command = "sudo apt install python3-picamera2, and python3 -m venv --system-site-packages"
            raise MissingDependency.of("XM601", library="picamera2", command=command) from None
        try:
            self.capture = Picamera2()
            main = {"format": "RGB888", "size": (self.width or 640, self.height or 480)}  # its RGB888 is B, G, R in memory
            controls = {"FrameRate": self.fps} if self.fps else {}
            self.capture.configure(self.capture.create_video_configuration(main=main, controls=controls, buffer_count=2))
            self.capture.start()
        except (RuntimeError, IndexError) as error:  # no camera, or another program has it
            raise DeviceError.of("XM801", source=f"csi ({error})") from None

    def read(self) -> Any:
        return self.capture.capture_array("main")

    def close(self) -> None:
        if self.capture is not None:
            self.capture.close()
        self.capture = None


@dataclass
class Stream(Captured):
    """A stream from the network (MJPEG over http, rtsp)."""

    address: str
    timeout: float

    @property
    def shown(self) -> str:
        """The address without the name and the password that may stand in it."""
        return re.sub(r"(?<=://)[^/]*@", "", self.address)

    def open(self) -> None:
        import cv2

        limit = int(self.timeout * 1000)
        limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, limit, cv2.CAP_PROP_READ_TIMEOUT_MSEC, limit]
        self.capture = capture(self.address, cv2.CAP_FFMPEG, limits)
        if not self.capture.isOpened():
            raise DeviceError.of("XM809", source=self.shown)

    def read(self) -> Any:
        ok, image = self.capture.read()
        if not ok:
            raise DeviceError.of("XM849", source=self.shown)
        return image
