"""Pictures to teach with, drawn here."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest


def draw(path: Path, kind: str, seed: int) -> None:
    """A picture of a thick ring or of stripes, somewhere, in some colour."""
    chance = np.random.default_rng(seed)
    image = np.full((180, 240, 3), chance.integers(0, 256, 3), np.uint8)
    colour = [int(part) for part in chance.integers(0, 256, 3)]
    x, y = (int(part) for part in chance.integers(60, 120, 2))
    if kind == "ring":
        cv2.circle(image, (x + 30, y), 45, colour, 18)
    else:
        for place in range(x % 30, 240, 30):
            cv2.line(image, (place, 0), (place, 180), colour, 12)
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), image)


@pytest.fixture
def shapes(tmp_path: Path) -> Path:
    """Eight pictures of rings and eight of stripes."""
    for kind in ("ring", "stripes"):
        for number in range(8):
            draw(tmp_path / "shapes" / kind / f"{number}.png", kind, number)
    return tmp_path / "shapes"
