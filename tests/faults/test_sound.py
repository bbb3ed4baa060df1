"""Microphones and speakers that go away, and a sound system that hangs: a PulseAudio of the test's own is killed or frozen."""

from __future__ import annotations

import subprocess
import time
from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.slow

HEARING = """
inputs: {microphone: {timeout: 2 s}}
models: {loudness: {use: sound_level, from: microphone}}
outputs: {lamp: {use: led, pin: 1, driver: files}}
rules: [{when: loudness >= 0, then: [lamp.on], else: [lamp.off]}]
"""
SPEAKING = """
inputs: {timer: {every: 1 s}}
outputs: {lamp: {use: led, pin: 1, driver: files}, voice: speaker}
rules: [{each: timer, then: [lamp.on, 'voice.say("{timer.count}")']}]
"""
AWAY = 3.0


@pytest.fixture
def sound(frail_sound_system: Any) -> Any:
    return frail_sound_system


def heard(sound: Any) -> float:
    """Wait until a sound is heard; return how long it took."""
    begun = time.monotonic()
    command = ["parec", "--raw", "--format=s16le", "--channels=1", "--rate=16000", "--latency-msec=50", "-d", "null.monitor"]
    with subprocess.Popen(command, env=sound.env, stdout=subprocess.PIPE) as recorder:
        assert recorder.stdout is not None
        while np.abs(np.frombuffer(recorder.stdout.read(3200), np.int16)).max() < 1000:
            assert time.monotonic() - begun < 20
        recorder.kill()
    return time.monotonic() - begun


def start(run: Any, project: str, sound: Any, *options: str) -> Any:
    return run(project, *options, **{name: sound.env[name] for name in ("PULSE_SERVER", "XDG_RUNTIME_DIR", "HOME")})


def test_the_microphone_goes(run: Any, row: Any, sound: Any) -> None:
    """The microphone is unplugged for 3 s"""
    child = start(run, HEARING, sound)
    child.wait("lamp", "on")
    child.now()
    sound.stop()
    told = child.wait("error XM833: The microphone default gives no sound any more.")
    dark = child.wait("lamp", "off")
    time.sleep(max(0.0, AWAY - dark))
    child.now()
    sound.start()
    back = child.wait("microphone is back.")
    child.wait("lamp", "on")
    row.recovers = f"yes; told after {told:.1f} s, back {back:.1f} s after its return"
    row.outputs = f"`else` puts the lamp out after {dark:.1f} s, `then` on again"
    child.end()
    assert child.is_safe()
    assert sum("error" in line for _, line in child.lines) == 1
    assert [line for line in row.sees if "ALSA" in line or "Expression" in line or "jack" in line] == []


@pytest.mark.parametrize("begun", [True, False], ids=["while the microphone is on", "from the start"])
def test_the_sound_system_hangs(run: Any, row: Any, sound: Any, begun: bool, request: Any) -> None:
    """The sound system hangs for 5 s (`timeout: 2 s`)"""
    row.fault += f", {request.node.callspec.id}"
    if not begun:
        sound.freeze()
    child = start(run, HEARING, sound)
    if begun:
        child.wait("lamp", "on")
        sound.freeze()
    child.now()
    told = child.wait("error XM833: " if begun else "error XM831: The computer's sound system does not answer.")
    time.sleep(5.0 - told)
    sound.thaw()
    child.now()
    back = child.wait("microphone is back.")
    child.wait("lamp", "on")
    row.recovers = f"yes; told after {told:.1f} s, back {back:.1f} s after it goes on"
    child.end()
    assert child.is_safe()
    assert [line for line in row.sees if "ALSA" in line or "jack" in line] == []


def test_it_is_stopped_while_the_sound_system_hangs(run: Any, row: Any, sound: Any) -> None:
    """The sound system hangs, and the run is stopped meanwhile"""
    sound.freeze()
    child = start(run, HEARING, sound)
    child.wait("no board that XMaker knows")
    time.sleep(0.5)
    child.now()
    child.end()
    row.recovers = "ends, as asked"
    assert row.sees == ["Stopped."]
    assert child.is_safe()


def test_the_speaker_goes(run: Any, row: Any, sound: Any) -> None:
    """The speaker is unplugged for 3 s"""
    child = start(run, SPEAKING, sound)
    child.wait("voice", "say 2")
    child.now()
    sound.stop()
    told = child.wait("No speaker can be used here, so what would be heard is shown instead.")
    child.wait("voice: ")
    time.sleep(max(0.0, AWAY - told))
    child.now()
    sound.start()
    plays = heard(sound)
    row.recovers = f"yes: told after {told:.1f} s, heard again {plays:.1f} s after its return; meanwhile the words are shown"
    child.end()
    assert child.is_safe()
    assert len(child.said("No speaker")) == 0
    assert [line for line in row.sees if "ALSA" in line or "Expression" in line] == []


def test_the_sound_system_hangs_while_it_speaks(run: Any, row: Any, sound: Any) -> None:
    """The sound system hangs while a speaker speaks"""
    child = start(run, SPEAKING, sound)
    child.wait("voice", "say 2")
    sound.freeze()
    child.now()
    told = child.wait("The computer's sound system does not answer, so voice is silent.")
    sound.thaw()
    child.now()
    plays = heard(sound)
    row.recovers = f"yes: told after {told:.1f} s; what waited is heard {plays:.1f} s after it goes on"
    child.end()
    assert child.is_safe()


def test_no_sound_at_all_and_verbose(run: Any, row: Any, tmp_path: Any) -> None:
    """No microphone at all; ALSA's noise is for `--verbose` only"""
    nothing = {"PULSE_SERVER": "unix:/nonexistent", "HOME": str(tmp_path)}
    child, loud = run(HEARING, **nothing), run(HEARING, "--verbose", **nothing)
    child.now()
    told = child.wait("error XM830: There is no microphone.")
    loud.wait("error XM830: There is no microphone.")
    hidden = sum("ALSA" in line or "jack" in line for _, line in loud.lines)
    row.recovers = f"tried again; told after {told:.1f} s ({hidden} lines of ALSA and Jack hidden)"
    child.end()
    loud.end()
    assert not any("ALSA" in line or "jack" in line for _, line in child.lines)
    if not hidden:
        pytest.skip("these versions of ALSA and PortAudio print nothing that could be hidden")
