"""Reads the takes that somebody recorded: one folder for each word, in it one WAV file for each time it was said."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xmaker import ProjectError
from xmaker_keywords.head import OTHER
from xmaker_keywords.listening import RATE, loudest_word

FEWEST = 2
"""Takes of a word: one to learn from and one to try it on."""


@dataclass
class Takes:
    """The takes of one word; each is (n,) float32 samples at 16 kHz."""

    word: str
    sounds: list[Any] = field(default_factory=list)
    silent: list[Path] = field(default_factory=list)
    """Files in which nobody speaks."""


def read_takes(folder: Path) -> list[Takes]:
    """Read a folder of takes, `other` last if there is one. Raises ProjectError for whatever cannot be learnt from."""
    if not folder.is_dir():
        raise ProjectError.of("XM923", folder=folder)
    folders = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    if not folders:
        raise ProjectError.of("XM924", folder=folder)
    found = [_read_word(path) for path in folders]
    words = [takes for takes in found if takes.word not in OTHER]
    if len(words) < 2:
        raise ProjectError.of("XM925", folder=folder, word=words[0].word if words else OTHER[0])
    for takes in words:
        if len(takes.sounds) < FEWEST:
            raise ProjectError.of("XM928", word=takes.word, count=len(takes.sounds), fewest=FEWEST)
    return words + [takes for takes in found if takes.word in OTHER]


def _read_word(folder: Path) -> Takes:
    files = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    wavs = [path for path in files if path.suffix.lower() == ".wav"]
    if not wavs:
        raise ProjectError.of("XM926", folder=folder, example=files[0].name if files else "1.mp3")
    takes = Takes(folder.name)
    for path in wavs:
        word = loudest_word(read_wav(path))
        if word is None:
            takes.silent.append(path)
        else:
            takes.sounds.append(word)
    if not takes.sounds:
        raise ProjectError.of("XM927", folder=folder)
    return takes


def read_wav(path: Path) -> Any:
    """Return a WAV file of any rate, channels and width as (n,) float32 at 16 kHz. Raises ProjectError when it is none."""
    import numpy as np
    from xmaker_audio.resample import Resampler
    from xmaker_audio.waves import NoWav, Wav

    try:
        wav = Wav(path)
    except (NoWav, OSError) as error:
        raise ProjectError.of("XM835", file=path, reason=error) from None
    try:
        resampler = Resampler(wav.rate, RATE)
        return np.concatenate((resampler.run(wav.read(wav.frames)), resampler.finish())).astype(np.float32)
    finally:
        wav.close()
