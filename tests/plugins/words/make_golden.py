"""Writes golden.npz: what librosa and matplotlib make of some sounds. Run by hand, in an environment of its own:

pip install librosa==0.11.0 matplotlib==3.11.2
python tests/plugins/words/make_golden.py
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

RATE = 16000


def sounds() -> dict[str, Any]:
    """Return name → (n,) float32 samples at 16 kHz, the same every time."""
    time = np.arange(2 * RATE) / RATE
    glide = 0.5 * np.sin(2 * np.pi * (200 + 900 * time) * time) * np.exp(-1.5 * time)
    chance = np.random.default_rng(3)
    steps = chance.uniform(-1, 1, 40).repeat(RATE // 20) * chance.uniform(-1, 1, 2 * RATE)
    return {
        "glide": glide.astype(np.float32),
        "steps": steps.astype(np.float32),
        "short": glide[:700].astype(np.float32),
        "silence": np.zeros(RATE, np.float32),
    }


def make() -> None:
    import librosa
    import matplotlib

    golden = {"viridis": (np.array(matplotlib.colormaps["viridis"].colors) * 255).astype(np.uint8)}
    for name, samples in sounds().items():
        mel = librosa.feature.melspectrogram(y=samples, sr=RATE, n_fft=512)
        golden[name] = (((librosa.power_to_db(mel, ref=np.max) + 80) / 80) * 255).astype(np.uint8)
    np.savez_compressed(Path(__file__).with_name("golden.npz"), **golden)


if __name__ == "__main__":
    make()
