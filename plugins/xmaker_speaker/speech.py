"""Turns text into sound with espeak-ng, a program that speaks some hundred languages on any computer."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading

from xmaker import NodeError

PROGRAM = "espeak-ng"
RENDER_SECONDS = 30.0
HANZI = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
LATIN_WORDS = re.compile(r"([A-Za-z]+(?:[ '-]+[A-Za-z]+)*)")
NO_SOUND = {"PULSE_SERVER": "none:"}
"""espeak-ng connects with PulseAudio even when it only writes, and would hang with it."""
CHINESE = {"zh", "cmn", "chinese"}
PINYIN_VOICE, HANZI_VOICE = "cmn-latn-pinyin", "cmn"


def parts(text: str, language: str) -> list[tuple[str, str]]:
    """Return (language, text) in the order in which they are said.

    Without a language, a text with Chinese characters is Chinese, but for the Latin words in it: `LED 亮了`.
    """
    if language:
        return [("zh" if language.lower() in CHINESE or language.lower().startswith("zh") else language, text)]
    if not HANZI.search(text):
        return [("en", text)]
    pieces = [(("en" if number % 2 else "zh"), piece) for number, piece in enumerate(LATIN_WORDS.split(text))]
    return [(spoken, piece) for spoken, piece in pieces if any(letter.isalnum() for letter in piece)]


def pinyin(text: str) -> str | None:
    """Return how Chinese characters are read, with the number of the tone after each; None without pypinyin."""
    try:
        from pypinyin import Style, lazy_pinyin
    except ImportError:
        return None
    return " ".join(lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True, v_to_u=True))


class Speech:
    """Speaks into memory; `stop` ends that at once, from any thread."""

    def __init__(self) -> None:
        self.reads_badly = False
        """Whether Chinese was read by espeak-ng itself, which does not know the characters well."""
        self._child: subprocess.Popen[bytes] | None = None
        self._stopped = False
        self._lock = threading.Lock()

    @staticmethod
    def is_there() -> bool:
        return shutil.which(PROGRAM) is not None

    def say(self, text: str, language: str) -> list[bytes]:
        """Return WAV files to be played one after the other. Raises NodeError when espeak-ng will not say it."""
        self._stopped = False
        made = []
        for spoken, piece in parts(text, language):
            voice = spoken
            if spoken == "zh":
                read = pinyin(piece)
                self.reads_badly = self.reads_badly or read is None
                voice, piece = (HANZI_VOICE, piece) if read is None else (PINYIN_VOICE, read)
            if sound := self._render(voice, piece):
                made.append(sound)
        return made

    def _render(self, voice: str, text: str) -> bytes:
        command = [shutil.which(PROGRAM) or PROGRAM, "-v", voice, "-b", "1", "--stdin", "--stdout"]
        pipe = subprocess.PIPE
        with self._lock:
            if self._stopped:
                return b""
            # a session of its own: Ctrl-C must reach XMaker alone, which then ends it
            child = subprocess.Popen(  # noqa: S603
                command, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True, env={**os.environ, **NO_SOUND}
            )
            self._child = child
        try:
            sound, said = child.communicate(text.encode("utf-8", "replace"), RENDER_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            sound, said = child.communicate()
        with self._lock:
            self._child = None
        if child.returncode and not self._stopped:
            raise NodeError.of("XM844", reason=said.decode("utf-8", "replace").strip() or child.returncode)
        return b"" if self._stopped else sound

    def stop(self) -> None:
        with self._lock:
            self._stopped = True
            if self._child is not None:
                self._child.kill()
