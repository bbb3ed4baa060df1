"""Sound as a picture: a log-mel spectrogram, the same to the bit as librosa's, without its 240 MB.

The recipe is the one that schools use for XEdu's dialect project: `librosa.feature.melspectrogram(sr=16000, n_fft=512)`,
`power_to_db(ref=max)`, 0..255, and matplotlib's colour map viridis.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from xmaker_keywords.viridis import viridis

RATE = 16000
WINDOW, HOP, BANDS = 512, 512, 128
"""Samples of one spectrum, samples from one to the next, and mel bands: librosa's own unless it is told otherwise."""
DEPTH = 80.0
"""Decibels below the loudest that still have a colour."""


def mel_to_hertz(mel: Any) -> Any:
    """Return frequencies on Slaney's mel scale, which is a line up to 1000 Hz and a logarithm above."""
    import numpy as np

    step = np.log(6.4) / 27.0
    return np.where(mel >= 15.0, 1000.0 * np.exp(step * (mel - 15.0)), mel * 200.0 / 3.0)


@cache
def mel_filters() -> Any:
    """Return the (bands, frequencies) triangles that gather a spectrum into mel bands, each of area 1."""
    import numpy as np

    highest = 15.0 + np.log(RATE / 2 / 1000.0) / (np.log(6.4) / 27.0)
    edges = mel_to_hertz(np.linspace(0.0, highest, BANDS + 2))
    distances = edges[:, None] - np.fft.rfftfreq(WINDOW, 1.0 / RATE)[None, :]
    widths = np.diff(edges)[:, None]
    triangles = np.maximum(0.0, np.minimum(-distances[:-2] / widths[:-1], distances[2:] / widths[1:]))
    return (triangles * (2.0 / (edges[2:] - edges[:-2]))[:, None]).astype(np.float32)


def log_mel(samples: Any) -> Any:
    """Return the (128, frames) log-mel spectrogram of (n,) float32 samples at 16 kHz, in decibels from -80 to 0."""
    import numpy as np

    padded = np.pad(samples.astype(np.float32), WINDOW // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    hann = (0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(WINDOW) / WINDOW)).astype(np.float32)
    power = np.abs(np.fft.rfft(frames * hann).astype(np.complex64)) ** 2
    mel = np.einsum("ij,kj->ik", mel_filters(), power)  # not @: to wake a second thread for it takes longer than the work
    decibels = 10.0 * np.log10(np.maximum(1e-10, mel))
    return np.maximum(decibels - decibels.max(), -DEPTH)


def picture(samples: Any) -> Any:
    """Return the (128, frames, 3) uint8 picture of a sound: its log-mel spectrogram in the colours of viridis, as RGB."""
    import numpy as np

    return viridis()[((log_mel(samples) + DEPTH) / DEPTH * 255).astype(np.uint8)]
