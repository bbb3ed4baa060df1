"""Writes golden.npz: what the real BaseDT makes of three pictures, for each of its backbones.

It needs a Python of its own, for BaseDT wants old libraries: `pip install xedu-python==2.0.0 six 'numpy<2'`, then
`python make_golden.py`. Of each tensor some 200 numbers are kept, and the checksum of all.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

PICTURES = {"small": (120, 160), "large": (480, 640), "tall": (400, 300)}
"""Height and width."""
KEPT = 200


def some(tensor: Any) -> Any:
    """Return about 200 numbers from all over a tensor."""
    return tensor.reshape(-1)[:: tensor.size // KEPT | 1]


def picture(height: int, width: int) -> Any:
    """Return a picture of smooth colours with edges and noise, the same everywhere."""
    y, x = np.mgrid[:height, :width]
    noise = (y * 7919 + x * 104729 + y * x * 31) % 64
    blue, green = x * 191 // width, y * 191 // height
    red = np.where((x // 16 + y // 16) % 2, 160, 40)
    return np.stack([blue + noise, green + noise, red + noise], axis=2).astype(np.uint8)


def main() -> None:
    import cv2
    from XEdu.hub.BaseDT.data import ImageData

    made: dict[str, Any] = {}
    for backbone in ImageData._backbone_args:
        for name, size in PICTURES.items():
            tensor = np.ascontiguousarray(ImageData(picture(*size), backbone=backbone).to_tensor(), np.float32)
            made[f"{backbone}/{name}/shape"] = np.array(tensor.shape)
            made[f"{backbone}/{name}/numbers"] = some(tensor)
            made[f"{backbone}/{name}/sha256"] = np.array(hashlib.sha256(tensor.tobytes()).hexdigest())
            print(f"{backbone:20} {name:6} {tensor.shape}")
    print("OpenCV", cv2.__version__, "numpy", np.__version__)
    np.savez_compressed(Path(__file__).with_name("golden.npz"), **made)


if __name__ == "__main__":
    main()
