"""A project is changed in the panel's editor while it runs: which nodes start anew, and whether the camera's frames stop."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from xmaker_panel.server import serving

from bench.measure import Row, Settings, percentile
from bench.overload import PERIOD
from bench.panel import PLUGIN
from xmaker import Event, Runtime, hookimpl
from xmaker.runtime.live_file import LiveFile

TEXT = """
inputs: {camera: {use: steady}}
models: {pet: {use: classifier, model: cat-dog, from: camera}}
outputs: {lamp: {use: led}}
rules: [{when: pet == "cat" and pet.score > 0.6, then: [lamp.on], else: [lamp.off]}]
"""
EDITS = {
    "nothing": ("", ""),
    "a rule": ("pet.score > 0.6", "pet.score > 0.7"),
    "an output": ("{use: led}", "{use: led, pin: 4}"),
    "the model": ("model: cat-dog,", "model: cat-dog, top: 2,"),
    "the camera": ("{use: steady}", "{use: steady, every: 33 ms}"),
}
"""What is changed → the words of the text, and what stands there then."""
AROUND = 1.0
"""Seconds before and after a save in which frames are looked at."""
MOST = 2 * PERIOD * 1e3
"""Milliseconds: no frame is missing where two are no further apart."""


class Frames:
    """Sees every frame, and every label found in one, with its number and its moment."""

    xmaker_wants_media = True

    def __init__(self) -> None:
        self.seen: dict[str, list[tuple[int, float]]] = {"camera": [], "pet": []}

    @hookimpl
    def xmaker_event(self, event: Event) -> None:
        if event.node in self.seen:
            frame = event.cause or event
            self.seen[event.node].append((frame.sequence, frame.time))


class Edited:
    """A running project with its panel, and what was seen around one save."""

    def __init__(self, runtime: Runtime, file: LiveFile, address: str) -> None:
        self._runtime, self._file, self._address = runtime, file, address
        self._frames = Frames()
        runtime.observe(self._frames)

    def save(self, old: str, new: str) -> tuple[list[str], list[tuple[int, float]], float]:
        """Save a change as the page does. Return the nodes that started, the frames, the labels' largest gap."""
        opened = self._ask("/editor")
        for seen in self._frames.seen.values():
            seen.clear()
        time.sleep(AROUND)
        if old:
            text = opened["text"].replace(old, new)
            assert text != opened["text"], old
            self._ask(f"/editor/save?tag={opened['tag']}", text)
        time.sleep(AROUND)
        frames, labels = (list(self._frames.seen[name]) for name in ("camera", "pet"))
        return list(self._file.started) if old else [], frames, max(gaps(labels))

    def _ask(self, path: str, text: str | None = None) -> dict[str, str]:
        line = HTTPConnection(self._address, timeout=10)
        line.request("GET" if text is None else "POST", path, text, {"Origin": f"http://{self._address}"})
        answer = line.getresponse()
        body = answer.read()
        line.close()
        assert answer.status == 200, (answer.status, body)
        found: dict[str, str] = json.loads(body)
        return found


def gaps(frames: list[tuple[int, float]]) -> list[float]:
    """Return the milliseconds from each frame to the next."""
    return [(after - before) * 1e3 for (_, before), (_, after) in pairwise(frames)] or [float("nan")]


def run(settings: Settings) -> list[Row]:
    """Make each change, and take it back, several times."""
    rows = []
    for name, (old, new) in EDITS.items():
        started, frames, labels, missing = set[str](), list[float](), list[float](), 0
        numbers = ""
        with _running() as project:
            for turn in range(settings.rounds or 6):
                nodes, seen, gap = project.save(*((old, new) if turn % 2 == 0 else (new, old)))
                started |= set(nodes)
                frames += gaps(seen)
                labels.append(gap)
                missing += sum(after != before + 1 for (before, _), (after, _) in pairwise(seen))
                numbers = f"frames {seen[0][0]} to {seen[-1][0]} in the last turn, {missing} missing in all"
        anew = "camera" in started
        beside = f"started: {', '.join(sorted(started)) or 'none'}; {'numbered anew' if anew else numbers}"
        control = f"p50 {percentile(frames, 50):.1f} ms"
        figure = f"changed: {name}; largest gap between frames"
        rows.append(Row(figure, max(frames), "ms", None if anew else MOST, control, beside))
        rows.append(Row(f"changed: {name}; largest gap between labels", max(labels), "ms"))
    return rows


@contextmanager
def _running() -> Iterator[Edited]:
    """Run the project with its panel, in this process, so that every single frame is seen."""
    with TemporaryDirectory() as folder:
        Path(folder, "plugins").mkdir()
        Path(folder, "project.yaml").write_text(TEXT, encoding="utf-8")
        Path(folder, "plugins", "steady.py").write_text(PLUGIN, encoding="utf-8")
        file = LiveFile(Path(folder), simulate=True)
        project = file.read()
        runtime = Runtime(project.plugins, simulate=True)
        with serving(file, runtime, "", 0) as words:
            runtime.apply(project)
            link = re.search(r"http://(\S+)/", words)
            assert link
            time.sleep(2.0)  # the network is loaded and warm
            try:
                yield Edited(runtime, file, link[1])
            finally:
                runtime.stop()
