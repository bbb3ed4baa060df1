"""Checks of microphone, speaker and speech."""

from __future__ import annotations

import shutil

from xmaker_audio.library import COMMAND

from xmaker_doctor.children import ChildError, call
from xmaker_doctor.findings import Finding, Machine, broken, fine, forbidden, notice

LIBRARIES = ("sounddevice", "pyaudio")
SECONDS = 8.0
"""How long the library may look for devices; with a broken PipeWire it waits for ever."""
SHOWN = 3


def sound(machine: Machine) -> list[Finding]:
    """Look for microphones and speakers: at the system's devices first, then at what the library lists."""
    for device in machine.devices("snd/pcm*")[:1]:
        if fault := forbidden(machine, "microphone", device, "audio", "sound"):
            return [fault]
    library = next((name for name in LIBRARIES if machine.has(name)), "")
    if not library:
        return [notice("microphone", "XM601", library="sounddevice", command=COMMAND), *_speaker(machine)]
    try:
        devices = call("sound", "devices", library, seconds=SECONDS)
    except ChildError as error:
        said = broken if machine.devices("snd/pcm*") else notice  # without a sound card nothing is lost
        command = "sudo apt install libportaudio2"
        return [said("microphone", "XM871", library=library, reason=error, command=command), *_speaker(machine)]
    inputs = [name for name, takes, _ in devices if takes]
    outputs = [name for name, _, gives in devices if gives]
    return [_said("microphone", inputs, "XM881"), _said("speaker", outputs, "XM882")]


def _speaker(machine: Machine) -> list[Finding]:
    """Without a library, the system's own devices tell as much."""
    if not machine.linux:
        return []
    return [_said("speaker", [machine.shown(device) for device in machine.devices("snd/pcm*p")], "XM882")]


def _said(thing: str, names: list[str], none: str) -> Finding:
    more = f" +{len(names) - SHOWN}" if len(names) > SHOWN else ""
    return fine(thing, ", ".join(names[:SHOWN]) + more) if names else notice(thing, none)


def devices(library: str) -> list[tuple[str, int, int]]:
    """Return each device's name, and how many channels it takes in and gives out."""
    if library == "sounddevice":
        import sounddevice  # type: ignore[import-not-found, import-untyped, unused-ignore]  # installed only by those who need it

        return [(one["name"], one["max_input_channels"], one["max_output_channels"]) for one in sounddevice.query_devices()]
    import pyaudio  # type: ignore[import-not-found, import-untyped, unused-ignore]  # installed only by those who need it

    audio = pyaudio.PyAudio()
    infos = [audio.get_device_info_by_index(index) for index in range(audio.get_device_count())]
    return [(info["name"], info["maxInputChannels"], info["maxOutputChannels"]) for info in infos]


def speech(machine: Machine) -> list[Finding]:
    if not machine.linux:
        return []
    folders = machine.environment.get("PATH")
    found = shutil.which("espeak-ng", path=folders) or shutil.which("espeak", path=folders)
    return [fine("speech", found) if found else notice("speech", "XM883", program="espeak-ng")]
