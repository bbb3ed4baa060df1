"""A picture becomes the network's input tensor, and a place in the tensor a place in the picture again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xmaker import ModelInput

SMALL = 3.0
"""Pictures more than this many times too large are averaged down; nearest samples alone would alias."""


@dataclass(frozen=True)
class Fit:
    """How a picture lies in a tensor: x in pixels of the tensor = x in pixels of the picture * scale_x + left; y likewise."""

    scale_x: float
    scale_y: float
    left: float
    top: float


class Preparer:
    """Makes tensors for one network, in a buffer that is used again and again."""

    def __init__(self, wanted: ModelInput) -> None:
        import numpy as np

        self._wanted = wanted
        self._buffer = np.full((1, wanted.height, wanted.width, 3), wanted.grey, np.uint8)
        self._shape: tuple[int, ...] = ()
        self._cut: tuple[slice, slice] | None = None
        self._target = self._buffer[0]
        self._method = 0
        self.fit = Fit(1.0, 1.0, 0.0, 0.0)
        """How the latest picture lies in its tensor."""

    def tensor(self, image: Any) -> Any:
        """Return the input tensor of a (height, width, 3) uint8 BGR picture. The next call overwrites it."""
        import cv2

        if image.shape != self._shape:
            self._measure(image.shape)
        if self._cut:
            image = image[self._cut]
        target = self._target
        cv2.resize(image, (target.shape[1], target.shape[0]), target, 0, 0, self._method)
        return self._converted(self._buffer)

    def _measure(self, shape: tuple[int, ...]) -> None:
        """Work out, once for each size of picture, what is cut out and where it goes."""
        import cv2

        height, width, channels = shape
        assert channels == 3, "a picture has three channels: blue, green, red"  # OpenCV would leave the buffer as it was
        wanted = self._wanted
        top, left, tall, wide = 0, 0, height, width
        to_top, to_left, to_tall, to_wide = 0, 0, wanted.height, wanted.width
        if wanted.resize == "centre-crop":
            aspect = wanted.width / wanted.height
            cut = min(height, width / aspect) * wanted.crop
            tall, wide = max(1, round(cut)), max(1, round(cut * aspect))
            top, left = (height - tall) // 2, (width - wide) // 2
        elif wanted.resize == "letterbox":
            scale = min(wanted.width / width, wanted.height / height)
            to_tall, to_wide = max(1, round(height * scale)), max(1, round(width * scale))
            if not wanted.corner:
                to_top, to_left = (wanted.height - to_tall) // 2, (wanted.width - to_wide) // 2
        self._cut = None if (tall, wide) == (height, width) else (slice(top, top + tall), slice(left, left + wide))
        self._buffer[:] = wanted.grey
        self._target = self._buffer[0, to_top : to_top + to_tall, to_left : to_left + to_wide]
        self._method = cv2.INTER_AREA if tall > SMALL * to_tall else cv2.INTER_LINEAR
        scale_x, scale_y = to_wide / wide, to_tall / tall
        self.fit = Fit(scale_x, scale_y, to_left - left * scale_x, to_top - top * scale_y)
        self._shape = shape

    def _converted(self, tensor: Any) -> Any:
        """Do what the graph does not do itself; XMaker's own models leave nothing to be done."""
        wanted = self._wanted
        if (wanted.layout, wanted.dtype, wanted.colour) == ("NHWC", "uint8", "BGR"):
            return tensor
        import numpy as np

        made = tensor[..., ::-1] if wanted.colour == "RGB" else tensor
        if wanted.dtype != "uint8":
            made = made.astype(np.float32)
            if wanted.mean is not None:
                made -= np.array(wanted.mean, np.float32)
            if wanted.std is not None:
                made /= np.array(wanted.std, np.float32)
            made = made.astype(wanted.dtype, copy=False)
        return np.ascontiguousarray(made.transpose(0, 3, 1, 2) if wanted.layout == "NCHW" else made)
