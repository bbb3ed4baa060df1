"""The clap lamp goes on with a clap and out with the next; speech, echoes and silence do nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from xmaker import Sound
from xmaker.testing import RunProject

PROJECT = Path(__file__).parents[2] / "projects/clap_lamp"


def sound(loudness: float) -> Sound:
    """Return a chunk of noise whose mean of squares is so many times full scale."""
    samples = np.random.default_rng(1).normal(0, loudness, 1600) * 32767
    return Sound(np.clip(samples, -32768, 32767).astype(np.int16))


SILENCE, SPEECH, CLAP = sound(0.001), sound(0.05), sound(0.3)


def test_one_clap_lights_it_the_next_puts_it_out(xmaker_run: RunProject) -> None:
    run = xmaker_run(PROJECT)
    for _ in range(2):
        run.send("microphone", SILENCE, CLAP, SPEECH, SILENCE)
        run.advance(1)
    assert run.actions == ["lamp.toggle", "lamp.toggle"]
    assert run.errors == []


def test_an_echo_is_no_second_clap(xmaker_run: RunProject) -> None:
    run = xmaker_run(PROJECT)
    run.send("microphone", CLAP)
    run.advance(0.2)
    run.send("microphone", SILENCE, CLAP, SILENCE)
    run.advance(2)
    assert run.actions == ["lamp.toggle"]


def test_speech_does_nothing(xmaker_run: RunProject) -> None:
    run = xmaker_run(PROJECT)
    run.send("microphone", *[SILENCE, SPEECH] * 5)
    run.advance(1)
    assert run.actions == []


def test_its_own_recording_has_three_claps(tmp_path: Path) -> None:
    """In the simulator, and from the file itself: what is seen without a microphone."""
    from xmaker import Event, Project, Runtime, hookimpl
    from xmaker.values import Action

    claps: list[float] = []

    class Lamp:
        @hookimpl
        def xmaker_event(self, event: Event) -> None:
            if isinstance(event.value, Action):
                claps.append(round(event.time, 1))

    project = Project.load(PROJECT)
    project.nodes["microphone"].options |= {"source": "media/claps.wav", "fallback": ""}
    project.plugins.manager.register(Lamp())
    Runtime(project.plugins, simulate=True).run(project)
    assert claps == [1.1, 2.6, 4.1]
