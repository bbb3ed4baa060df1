"""Programs that run in a process of their own: `python -m bench.programs NAME …`. Each prints its result as JSON.

Imports are in the functions, so that no program holds more than it needs.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any


def _project(every: float) -> Any:
    """Return a timer, a rule and an output."""
    from bench.rig import Sink
    from xmaker import Plugins, Project

    plugins = Plugins.load()
    make: Any = plugins.nodes["timer"]
    project = Project("timed", plugins=plugins).add(make(every=every)).add(Sink())
    project.rule(when="timer.count % 40 > 20", then=["sink.show(1)"], else_=["sink.show(0)"])
    return project


def idle(seconds: str) -> float:
    """Return the processor seconds of a second of a project with a 10 Hz sensor and a rule."""
    from xmaker import Runtime

    project = _project(0.1)
    Runtime(project.plugins).apply(project)
    return _cpu_of_a_second(lambda: time.sleep(float(seconds)), float(seconds))


def idle_bare(seconds: str) -> float:
    """Return the same of a loop: sleep, count, compare."""
    shown = []
    return _ten_times_a_second(lambda: shown.append(time.monotonic() % 4 > 2), float(seconds))


def timer(seconds: str) -> float:
    """Return the memory of a project without an engine."""
    from bench.measure import memory_mb

    _project(0.1).run(float(seconds))
    return memory_mb()


def nothing(seconds: str) -> float:
    """Return the memory of Python."""
    from bench.measure import memory_mb

    time.sleep(float(seconds))
    return memory_mb()


def pace(seconds: str, network: str) -> float:
    """Return the processor seconds of a second of a project that classifies ten pictures in it."""
    from bench.measure import Settings
    from bench.networks import plugins_with_networks
    from bench.rig import Rig, pictures

    rig, images = Rig(plugins_with_networks(Settings(int8=Path(network)), ("int8",)), "imagenet-int8"), pictures()
    return _ten_times_a_second(lambda: rig.frames(1, images), float(seconds))


def pace_bare(seconds: str, network: str) -> float:
    """Return the same of the bare loop."""
    from bench.rig import BareLoop, pictures

    loop, images = BareLoop(Path(network), "probabilities"), pictures()
    return _ten_times_a_second(lambda: loop.frames(1, images), float(seconds))


def _ten_times_a_second(step: Callable[[], object], seconds: float) -> float:
    def work() -> None:
        start = time.monotonic()
        for number in range(1, round(10 * seconds) + 1):
            step()
            time.sleep(max(0.0, start + number / 10 - time.monotonic()))

    step()
    return _cpu_of_a_second(work, seconds)


def silent_microphone(seconds: str, model: str) -> float:
    """Return the processor seconds of a second of a microphone in a quiet room, with or without keywords."""
    import tempfile
    import wave

    import numpy as np

    from xmaker import Plugins, Project, Runtime

    with tempfile.TemporaryDirectory() as folder:
        with wave.open(f"{folder}/room.wav", "wb") as file:
            file.setparams((1, 2, 16000, 0, "NONE", ""))
            file.writeframes(
                np.random.default_rng(1).normal(0, 30, round(16000 * (float(seconds) + 5))).astype("<i2").tobytes()
            )
        plugins = Plugins.load()
        microphone: Any = plugins.nodes["microphone"](source=f"{folder}/room.wav", real_time=True)
        project = Project("silent", plugins=plugins).add(microphone, name="microphone")
        if model == "keywords":
            words: Any = plugins.nodes["keywords"]()
            project.add(words, name="word", from_="microphone")
        Runtime(plugins).apply(project)
        return _cpu_of_a_second(lambda: time.sleep(float(seconds)), float(seconds))


def spectrogram_memory() -> float:
    """Return by how many MB a process grows, at its highest, that makes spectrograms of a second."""
    import numpy as np
    from xmaker_keywords.logmel import picture

    from bench.measure import memory_mb

    second = np.random.default_rng(1).normal(0, 0.1, 16000).astype(np.float32)
    before = memory_mb(field="VmRSS")
    for _ in range(50):
        picture(second)
    return memory_mb(field="VmHWM") - before


def browser(address: str) -> None:
    """Look at a panel as a page does: read what happens, draw pictures at 60 Hz. Prints a line at the first one."""
    import threading

    from websockets.exceptions import ConnectionClosed
    from websockets.sync.client import connect

    def line(path: str) -> Any:
        while True:
            try:
                return connect(f"ws://{address}/{path}", origin=f"http://{address}", compression=None, max_size=None)  # type: ignore[arg-type]
            except OSError:
                time.sleep(0.02)

    def read() -> None:
        with suppress(ConnectionClosed), line("events") as events:
            while events.recv():
                events.send('{"type": "ack"}')

    threading.Thread(target=read, daemon=True).start()
    with suppress(ConnectionClosed), line("pictures/camera") as pictures:
        print(len(pictures.recv()), flush=True)
        while True:
            time.sleep(1 / 60)
            pictures.send("drawn")
            pictures.recv()


def _cpu_of_a_second(work: Callable[[], None], seconds: float) -> float:
    from bench.measure import cpu_seconds

    time.sleep(0.5)  # what starting has left to do does not count
    return cpu_seconds(work) / seconds


PROGRAMS = {
    function.__name__: function
    for function in (idle, idle_bare, timer, nothing, pace, pace_bare, silent_microphone, spectrogram_memory, browser)
}

if __name__ == "__main__":
    print(json.dumps(PROGRAMS[sys.argv[1]](*sys.argv[2:])))
