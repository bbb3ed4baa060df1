"""From the air to the lamp: a command that is played is caught by a microphone, understood, and obeyed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.plugins.speech.conftest import KOREAN, said_in_korean
from xmaker.testing import wait_until

from .conftest import write_wav

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


IN_KOREAN = """
    inputs:
      microphone: {}
    models:
      speech: {from: microphone, language: ko, phrases: [안녕하세요, 왼쪽, 오른쪽, 아래로, 위로, 고양이]}
    outputs:
      lamp: led
    rules:
      - when: speech == "왼쪽"
        then: [lamp.on]
      - when: speech == "오른쪽"
        then: [lamp.off]
    """


@pytest.mark.slow
def test_korean_is_heard_through_the_microphone(sound_system: Any, start_project: Any, tmp_path: Path) -> None:
    recording = write_wav(tmp_path / "korean.wav", said_in_korean())
    running = start_project(IN_KOREAN, 60, sound_system.env)
    wait_until(lambda: bool(running.find("microphone", "notice")) and bool(running.find("speech", "notice")), 40)
    sound_system.play(recording)
    wait_until(lambda: len(running.find("speech", "text")) == len(KOREAN), 20)
    assert running.find("speech", "text") == list(KOREAN)
    assert running.find("lamp", "action") == ["on", "off"]
