"""Pictures of sizes that round differently, and what is compared of the tensors that are made of them."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import numpy as np

SIZES = ((640, 480), (480, 640), (640, 425), (500, 333), (200, 125), (900, 1200), (1333, 800))
"""Width and height."""


def noise(width: int, height: int) -> Any:
    """Return a picture in which no two pixels go together: whatever is done to it can be seen. BGR."""
    return np.random.default_rng(width).integers(0, 256, (height, width, 3), np.uint8)


def fingerprint(tensor: Any) -> str:
    """Return what tells a tensor's bytes from others: it is in units of 0 to 255, and its own last digits do not count."""
    return sha256(np.rint(tensor).astype(np.int16).tobytes()).hexdigest()[:16]
