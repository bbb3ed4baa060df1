"""Tries the camera and the microphone through the nodes that a project would use."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import click

from xmaker import Event, Frame, Plugins, Project, ProjectError, Sound, View, XMakerError, hookimpl
from xmaker.cli.app import DONE, INTERRUPTED, PROJECTS_FAULT
from xmaker.cli.plain import Quiet
from xmaker.errors import Problem, message
from xmaker.options import DURATION
from xmaker_doctor.findings import rehint
from xmaker_doctor.parts import make

PATIENCE = 10.0
"""How long the first picture may take, in seconds."""
EVERY = 0.25
"""Seconds of sound that one line of the meter stands for."""
WIDTH = 40
"""How long the meter is at its loudest."""
QUIETEST = 60.0
"""Decibels below the loudest at which the meter begins."""


class Trying(Quiet):
    """Shows errors with the hints that are true here."""

    def play(self, seconds: float | None = None, simulate: bool = False) -> bool:
        try:
            self.project.check()
            return super().play(seconds, simulate)
        except XMakerError as error:
            rehint(error)
            raise

    @hookimpl
    def xmaker_error(self, error: XMakerError) -> None:
        rehint(error)
        super().xmaker_error(error)


class First:
    """Ends the run at the first picture, or at the first error."""

    xmaker_wants_media = True

    def __init__(self, front: Quiet) -> None:
        self.front, self.begin, self.seconds = front, time.monotonic(), 0.0
        self.frame: Frame | None = None

    @hookimpl
    def xmaker_event(self, event: Event) -> None:
        if self.frame is None and isinstance(event.value, Frame):
            self.frame, self.seconds = event.value, time.monotonic() - self.begin
            self._end()

    @hookimpl
    def xmaker_error(self, error: XMakerError) -> None:
        self._end()

    def _end(self) -> None:
        self.front.runtime.interrupted.set()  # else the rest of a video would be waited for
        self.front.runtime.finished.set()


def try_camera(source: str) -> int:
    """Take a picture, show and save it; return the exit code."""
    plugins = Plugins.load()
    options = {"source": int(source) if source.isascii() and source.isdigit() else source} if source else {}
    project = Project("doctor", plugins=plugins).add(make(plugins, "camera", **options), name="camera")
    front = Trying(project)
    plugins.manager.register(first := First(front))
    stopped = front.play(PATIENCE)
    if first.frame is None:
        if stopped and not front.reported:
            return INTERRUPTED
        if not front.reported:
            click.echo(Problem("XM891", {"seconds": f"{PATIENCE:g}"}).show(), err=True)
        return PROJECTS_FAULT
    _show(front, first.frame)
    size = {"width": first.frame.width, "height": first.frame.height}
    click.echo(message("XM889", "what", **size, seconds=f"{first.seconds:.1f}", file=_save(first.frame.image)))
    return DONE


def _show(front: Quiet, frame: Frame) -> None:
    """Draw the picture, where somebody looks: the live view of a run can do that."""
    if sys.stdout.isatty():
        from xmaker.cli.live import LiveView

        view = LiveView(front.project)
        view.runtime = front.runtime
        with view.shown():
            view.show("camera", View(frame=frame))


def _save(image: Any) -> str:
    """Save a picture under a name that is free, and return it."""
    import cv2

    path, number = Path("camera.jpg"), 1
    while path.exists():
        number += 1
        path = Path(f"camera {number}.jpg")
    try:
        path.write_bytes(cv2.imencode(".jpg", image)[1].tobytes())
    except OSError as error:
        raise XMakerError.of("XM898", folder=Path.cwd(), reason=error.strerror or error) from None
    return str(path)


class Meter:
    """Prints how loud it is: a bar that moves, or lines where nobody looks."""

    xmaker_wants_media = True

    def __init__(self, live: bool) -> None:
        self.live, self.peak, self._seconds = live, 0, 0.0
        self._parts: list[Any] = []

    @hookimpl
    def xmaker_event(self, event: Event) -> None:
        if isinstance(event.value, Sound):
            self._parts.append(event.value.samples)
            self._seconds += event.value.seconds
            if self._seconds >= EVERY:
                self._print()

    def _print(self) -> None:
        import numpy as np

        samples = np.concatenate(self._parts).astype(np.float32)
        self._parts, self._seconds = [], 0.0
        self.peak = max(self.peak, int(np.abs(samples).max(initial=0)))
        line = meter(float(np.sqrt(np.mean(samples**2))) if samples.size else 0.0)
        click.echo(f"\r{line}" if self.live else line, nl=not self.live)


def meter(rms: float) -> str:
    """Return a loudness (root mean square of 16-bit samples) as a bar and decibels below the loudest."""
    import math

    decibels = max(-QUIETEST, 20 * math.log10(max(rms, 1e-9) / 32768))
    bar = round(WIDTH * (1 + decibels / QUIETEST))
    return f"{'█' * bar}{'·' * (WIDTH - bar)} {decibels:4.0f} dB"


def try_microphone(duration: str) -> int:
    """Show how loud it is for a while; return the exit code."""
    seconds = DURATION.parse(duration)
    if seconds is None or not 0 < seconds < 1e9:
        raise ProjectError.of("XM708", text=duration)
    plugins = Plugins.load()
    project = Project("doctor", plugins=plugins).add(make(plugins, "microphone"), name="microphone")
    front = Trying(project)
    plugins.manager.register(heard := Meter(sys.stdout.isatty()))
    stopped = front.play(seconds)
    if heard.live:
        click.echo()
    if not front.reported and not heard.peak and not stopped:
        click.echo(Problem("XM892").show(), err=True)
    return INTERRUPTED if stopped else PROJECTS_FAULT if front.reported or not heard.peak else DONE
