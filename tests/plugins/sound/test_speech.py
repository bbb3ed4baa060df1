"""From the air to the lamp: a command that is played is caught by a microphone, understood, and obeyed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from xmaker.testing import wait_until

RECORDING = Path(__file__).parents[3] / "projects/dictation/media/speech.wav"
PROJECT = """
    inputs:
      microphone: {}
    models:
      speech: {from: microphone, phrases: [good morning, how are you, thank you, clear the screen, see you tomorrow]}
    outputs:
      lamp: led
    rules:
      - when: speech == "good morning"
        then: [lamp.on]
      - when: speech == "see you tomorrow"
        then: [lamp.off]
    """


@pytest.mark.slow
def test_what_is_said_switches_the_lamp(sound_system: Any, start_project: Any) -> None:
    running = start_project(PROJECT, 20, sound_system.env)
    wait_until(lambda: bool(running.find("microphone", "notice")) and bool(running.find("speech", "notice")), 15)
    sound_system.play(RECORDING)
    running.wait(40)
    assert running.find("speech", "text") == [
        *("good morning", "how are you", "thank you", "clear the screen", "see you tomorrow"),
    ]
    assert running.find("lamp", "action") == ["on", "off"]
    assert (running.stderr, running.process.returncode) == ("", 0)
