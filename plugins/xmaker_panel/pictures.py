"""Pictures for browsers: the newest frame of a node with what was found in it, made a JPEG once however many watch."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, OrderedDict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import msgspec

from xmaker import Detections, Event, Frame, Label, Output, ProjectError, Runtime, hookimpl
from xmaker.looks import Scene
from xmaker.rules.functions import text_of

HOLD = 1.0
"""For so many seconds a frame with what was found in it stays, rather than newer ones of which nothing is known yet."""
WIDEST = 960
"""Pixels; a wider picture is made smaller before it is sent."""
QUALITY = 75
KEPT = 4
"""JPEGs that are kept for those who still have to be sent them."""
PATIENCE = 5.0
"""Seconds that a picture may take to come when one is asked for."""
SCENE_PERIOD = 0.05
"""Seconds from one look at what a screen shows to the next."""


class Shot(msgspec.Struct, frozen=True):
    """One frame, with what models found: node → (when its frame was captured, the frame, what it found)."""

    frame: Frame
    time: float
    found: dict[str, tuple[float, Frame, Any]] = {}

    def looked_at(self) -> frozenset[str]:
        """Return the nodes that have looked at this very frame."""
        return frozenset(node for node, (_, frame, _) in self.found.items() if frame is self.frame)


class Film:
    """Sees frames, and what was found in them, while somebody watches pictures. On the event loop."""

    xmaker_wants_media = True

    def __init__(self, pictures: Pictures) -> None:
        self._take = pictures.take

    @hookimpl
    def xmaker_event(self, event: Event) -> None:
        if isinstance(event.value, Frame | Label | Detections):
            self._take(event)


class Pictures:
    """The newest pictures of a run."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._shots: dict[str, Shot] = {}
        self._newest: dict[str, Frame] = {}
        """What each node sees now, whether or not anything is known of it yet."""
        self._boxed: dict[str, float] = {}
        """Node → when its last frame was captured in which a detector has looked for things."""
        self._watched: Counter[str] = Counter()
        self._film = Film(self)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._new = asyncio.Event()
        self._jpegs: OrderedDict[int, tuple[Frame, asyncio.Task[bytes]]] = OrderedDict()
        self._encoder = ThreadPoolExecutor(1, "xmaker-panel-jpeg")

    def close(self) -> None:
        """End the thread that encodes."""
        self._encoder.shutdown(wait=True)

    @contextmanager
    def watched(self, name: str) -> Iterator[None]:
        """Have one more browser watch a node's pictures; without any, no frame comes here."""
        if not self._watched:
            self._loop = asyncio.get_running_loop()
            self._runtime.observe(self._film)
        self._watched[name] += 1
        if name not in self._shots:
            self._runtime.loop.call(lambda: self._begin(name))
        try:
            yield
        finally:
            self._watched[name] -= 1
            self._watched += Counter()  # without those that nobody watches
            if not self._watched:
                self._runtime.forget(self._film)
                for kept in (self._shots, self._newest, self._boxed, self._jpegs):
                    kept.clear()

    def _begin(self, name: str) -> None:
        """Take what has been seen last: the next frame may be long in coming. On the event loop."""
        if name in self._shots or name not in self._watched:
            return
        given = [worker.newest for worker in self._runtime.workers.values() if worker.newest is not None]
        for event in sorted(given, key=lambda event: not isinstance(event.value, Frame)):
            seen = _frame_of(event) if isinstance(event.value, Frame | Label | Detections) else None
            if seen is not None and seen.node == name:
                self.take(event)

    def take(self, event: Event) -> None:
        """Take a frame, or what was found in one. On the event loop."""
        seen = _frame_of(event)
        if seen is None:
            return
        name, frame, value = seen.node, seen.value, event.value
        found = self._shots[name].found if name in self._shots else {}
        if value is frame:
            self._newest[name] = frame
        else:
            found = {**found, event.node: (seen.time, frame, value)}
        if isinstance(value, Detections):
            self._boxed[name] = seen.time
        if isinstance(value, Detections) or not 0 <= seen.time - self._boxed.get(name, float("-inf")) < HOLD:
            self._shots[name] = Shot(frame, seen.time, found)
        elif name in self._shots:
            self._shots[name] = msgspec.structs.replace(self._shots[name], found=found)
        if self._loop is not None and not self._new.is_set():
            self._loop.call_soon_threadsafe(self._new.set)

    async def next(self, name: str, last: Shot | None) -> Shot:
        """Return the newest picture of a node, once it is another one than the last, or more is known of it."""
        while True:
            self._new.clear()  # before looking: what comes meanwhile sets it again
            shot = self._scene(name) or self._shots.get(name)
            if shot is not None and (last is None or shot.frame is not last.frame or shot.looked_at() != last.looked_at()):
                return shot
            try:
                await asyncio.wait_for(self._new.wait(), SCENE_PERIOD if name not in self._shots else None)
            except TimeoutError:
                continue

    async def sight(self, name: str) -> Frame:
        """Return what a node sees now. Raises ProjectError when nothing comes."""
        with self.watched(name):
            deadline = time.monotonic() + PATIENCE
            while name not in self._newest:
                if time.monotonic() > deadline or name not in self._runtime.workers:
                    raise ProjectError.of("XM977", camera=name, seconds=f"{PATIENCE:g}")
                await asyncio.sleep(SCENE_PERIOD)
            return self._newest[name]

    def _scene(self, name: str) -> Shot | None:
        """Return what a screen shows; None when there is no screen of that name, or nothing in it."""
        worker = self._runtime.workers.get(name)
        look = worker.node.looks() if worker and isinstance(worker.node, Output) else None
        return Shot(look.frame, 0.0) if isinstance(look, Scene) and look.frame is not None else None

    async def jpeg(self, frame: Frame) -> bytes:
        """Return a frame as JPEG. Of all who ask for the same one, the first has it made."""
        key = id(frame.image)
        if key not in self._jpegs or self._jpegs[key][0].image is not frame.image:
            self._jpegs[key] = frame, asyncio.ensure_future(self._encoded(frame.image))
            while len(self._jpegs) > KEPT:
                self._jpegs.popitem(last=False)
        return await asyncio.shield(self._jpegs[key][1])

    async def _encoded(self, image: Any) -> bytes:
        return await asyncio.get_running_loop().run_in_executor(self._encoder, _encode, image)


def _frame_of(event: Event | None) -> Event | None:
    """Return the frame that an event is, or that it was found in; None when it has come from none."""
    while event is not None and not isinstance(event.value, Frame):
        event = event.cause
    return event


def _encode(image: Any) -> bytes:
    import cv2

    height, width = image.shape[:2]
    if width > WIDEST:
        image = cv2.resize(image, (WIDEST, round(height * WIDEST / width)), interpolation=cv2.INTER_AREA)
    return bytes(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1])


def overlay(shot: Shot) -> dict[str, Any]:
    """Return what is drawn over a picture: boxes in pixels of the frame, labels with scores. `old` are of an earlier frame."""
    found = [(node, value, frame) for node, (time, frame, value) in shot.found.items() if shot.time - time < HOLD]
    boxes = [
        {**item.to_json(), "label": text_of(item.label), "node": node, "old": frame is not shot.frame}
        for node, value, frame in found
        if isinstance(value, Detections)
        for item in value.items
    ]
    labels = [
        {"label": text_of(value.label), "score": round(value.score, 3), "node": node}
        for node, value, _ in found
        if isinstance(value, Label)
    ]
    return {"t": round(shot.time, 3), "width": shot.frame.width, "height": shot.frame.height, "boxes": boxes, "labels": labels}
