"""Pictures from a USB camera, a video, a folder, or the network."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

from xmaker import Count, DeviceError, Frame, Input, ProjectError, Rate, Seconds, Stamped, hookimpl
from xmaker_camera.devices import Csi, Device, Stream
from xmaker_camera.sources import Pictures, Source, Video, is_picture, pictures_in

FALLBACK_SECONDS = 2.0
"""How long each packaged picture is shown when there is no camera."""
GONE = {"XM801": "XM802", "XM809": "XM849"}
"""What is told of a camera that cannot be opened any more: it stopped, which has been told already."""


@dataclass
class Camera(Input):
    """The newest picture of a camera; or every picture of a video or a folder.
    摄像头最新的画面；或者视频、文件夹里的每一张图片。

    `source`: nothing or a number for a USB camera, `csi` for a Raspberry Pi's own, the path of a device, a picture, a video,
    a folder or a pattern of pictures, or the address of a stream (http, rtsp).
    Files are read as fast as their readers can, unless `fps` paces them.
    `fallback`: what to play when there is no camera, each picture for two seconds; one on the network is waited for instead.
    """

    use: ClassVar[str] = "camera"
    gives: ClassVar = Frame
    source: int | str | None = None
    """Where pictures come from; nothing is the first camera.
    画面从哪里来；不写就是第一个摄像头。"""
    width: Count | None = None
    """Width of the pictures that a camera is asked for, in pixels.
    向摄像头要的画面宽度，单位像素。"""
    height: Count | None = None
    """Height of the pictures that a camera is asked for, in pixels.
    向摄像头要的画面高度，单位像素。"""
    fps: Rate | None = None
    """Pictures a second; a file without it is read as fast as it can be worked on.
    每秒多少张；文件不写它，就处理多快读多快。"""
    loop: bool = False
    """Whether a file begins again at its end.
    文件放完以后是否从头再来。"""
    rotate: Literal[0, 90, 180, 270] = 0
    """How far to turn each picture, clockwise, in degrees.
    每张画面顺时针转多少度。"""
    flip: Literal["", "horizontal", "vertical"] = ""
    """Mirror each picture: horizontal swaps left and right, as in a mirror.
    翻转每张画面：horizontal 像照镜子一样左右互换。"""
    fallback: str = ""
    """What to play when there is no camera: a folder or a file.
    没有摄像头时放什么：文件夹或文件。"""
    timeout: Seconds = 5.0
    """How long a stream from the network may be silent.
    网络视频流可以中断多久。"""
    _open: Source | None = field(init=False, default=None, repr=False)
    _playing: bool = field(init=False, default=False, repr=False)
    """Whether the fallback is playing."""
    _seen: bool = field(init=False, default=False, repr=False)
    """Whether there has been a camera: then it is waited for, and nothing plays in its place."""
    _shown: int = field(init=False, default=0, repr=False)
    _start: float = field(init=False, default=0.0, repr=False)
    _due: float = field(init=False, default=0.0, repr=False)

    def check(self) -> None:
        if self.source is not None and not self._is_live():
            self._file(str(self.source)).check()
        if self.fallback:
            self._file(self.fallback).check()

    @property
    def paced(self) -> bool:
        return self._is_live() or bool(self.fps)

    @property
    def finite(self) -> bool:
        return (self._playing or not self._is_live()) and not self._begins_again()

    def _begins_again(self) -> bool:
        return self.loop or (self._playing and self.host.runtime.endless)

    @property
    def period(self) -> float | None:
        if self._is_live():
            return FALLBACK_SECONDS if self.fallback else 1.0 / (self.fps or 30.0)
        return 1.0 / self.fps if self.fps else None

    def progress(self) -> tuple[int, int] | None:
        return self._open.progress() if self._open else None

    def prepare(self) -> None:
        import cv2  # noqa: F401

    def open(self) -> None:
        self._shown, self._start = 0, self.host.now()
        self._open = self._file(self.fallback) if self._playing else self._source()
        try:
            self._open.open()
        except DeviceError as error:
            if self._seen and error.code in GONE:
                raise DeviceError.of(GONE[error.code], **error.problems[0].details) from None
            if self._seen or not self.fallback or error.code == "XM807" or isinstance(self._open, Stream):
                raise
            self._playing, self._open = True, self._file(self.fallback)
            self.host.notice("XM910" if self.fps else "XM902", source=self.fallback)
            self._open.open()
        if isinstance(self._open, Device) and not self._seen:
            self.host.notice("XM905", source=self._open.source)
        self._seen = self._is_live() and not self._playing

    def _source(self) -> Source:
        if not self._is_live():
            return self._file(str(self.source))
        if isinstance(self.source, str) and "://" in self.source:
            return Stream(self.source, self.timeout)
        if self.source == "csi":
            return Csi(self.width, self.height, self.fps)
        return Device(self.source or 0, self.width, self.height, self.fps)

    def read(self) -> Frame | Stamped:
        return self._read_file() if self._playing or not self._is_live() else self._read_live()

    def _read_live(self) -> Frame:
        """Read at most `fps` pictures a second; those between are taken from the device all the same, so none is ever stale."""
        assert self._open is not None  # read follows open
        image = self._open.read()
        while self.fps and self.host.now() < self._due:
            image = self._open.read()
        if self.fps:
            self._due = max(self._due + 1.0 / self.fps, self.host.now())
        return Frame(self._turned(image))

    def _read_file(self) -> Frame | Stamped:
        assert self._open is not None  # read follows open
        every = FALLBACK_SECONDS if self._playing and not self.fps else 1.0 / self.fps if self.fps else 0.0
        if every:
            self.host.sleep(self._start + self._shown * every)
        image = self._open.read()
        if image is None and self._begins_again():
            self._open.rewind()
            image = self._open.read()
        if image is None:
            raise self._open.finished()
        self._shown += 1
        frame = Frame(self._turned(image), self._open.name())
        return frame if every else Stamped(frame, self._open.time())

    def _turned(self, image: Any) -> Any:
        if self.rotate or self.flip:
            import cv2

            codes = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
            image = cv2.rotate(image, codes[self.rotate]) if self.rotate else image
            image = cv2.flip(image, int(self.flip == "horizontal")) if self.flip else image
        return image

    def close(self) -> None:
        if self._open:
            self._open.close()
        self._open = None

    def _is_live(self) -> bool:
        source = self.source
        return source is None or isinstance(source, int) or source == "csi" or "://" in source or source.startswith("/dev/")

    def _file(self, name: str) -> Source:
        """Return the source of a path; a relative one counts from the project, else from where the user is."""
        path = self.host.folder / Path(name).expanduser()
        path = path if path.exists() or not Path(name).exists() else Path(name)
        found = pictures_in(path)
        if found is None and not path.exists():
            raise ProjectError.of("XM804", source=name)
        if found is not None or is_picture(path):
            return Pictures(path, found if found is not None else [path])
        return Video(path)


@hookimpl
def xmaker_nodes() -> list[type[Input]]:
    return [Camera]
