"""A picture becomes the network's input tensor, and a place in the tensor a place in the picture again."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from typing import Any

import msgspec

from xmaker import ModelInput

SMALL = 3.0
"""Pictures more than this many times too large are averaged down; nearest samples alone would alias."""
SWAPPED = (0.2989, 0.5870, 0.1140)
"""BaseDT's weights of red, green, blue, which it applies to blue, green, red."""
ROUNDINGS: dict[str, Callable[[float], int]] = {"nearest": lambda side: int(side + 0.5), "even": round, "down": int}
"""How the sides of a letterboxed picture become whole pixels; they differ at a half, `down` anywhere."""


class Fit(msgspec.Struct, frozen=True):
    """How a picture lies in a tensor: x in pixels of the tensor = x in pixels of the picture * scale_x + left; y likewise."""

    scale_x: float
    scale_y: float
    left: float
    top: float


class Plan(msgspec.Struct, frozen=True):
    """What becomes of pictures of one size; every pair is (height, width), or (down, right)."""

    corner: tuple[int, int]
    """Where the part that is used begins in the picture."""
    part: tuple[int, int]
    """How large that part is."""
    scaled: tuple[int, int]
    """What it is resized to."""
    place: tuple[int, int]
    """Where that begins in the tensor; when it is negative, only the middle of it lies there."""
    tensor: tuple[int, int]

    @property
    def fit(self) -> Fit:
        scale_y, scale_x = self.scaled[0] / self.part[0], self.scaled[1] / self.part[1]
        return Fit(scale_x, scale_y, self.place[1] - self.corner[1] * scale_x, self.place[0] - self.corner[0] * scale_y)


def plan(wanted: ModelInput, height: int, width: int) -> Plan:
    """Work out what becomes of pictures of this size."""
    picture, tensor = (height, width), (wanted.height, wanted.width)
    if wanted.resize == "centre-crop":
        aspect = wanted.width / wanted.height
        cut = min(height, width / aspect) * wanted.crop
        part = max(1, round(cut)), max(1, round(cut * aspect))
        return Plan(((height - part[0]) // 2, (width - part[1]) // 2), part, tensor, (0, 0), tensor)
    if wanted.resize == "stretch":
        scaled = round(wanted.height / wanted.crop), round(wanted.width / wanted.crop)
        place = round((tensor[0] - scaled[0]) / 2), round((tensor[1] - scaled[1]) / 2)
        return Plan((0, 0), picture, scaled, place, tensor)
    scale = min(wanted.width / width, wanted.height / height)
    if wanted.pad:  # the tensor is turned as the picture is
        scale = min(max(tensor) / max(picture), min(tensor) / min(picture))
    rounded = ROUNDINGS[wanted.rounding]
    scaled = max(1, rounded(height * scale)), max(1, rounded(width * scale))
    if wanted.pad:
        tensor = ceil(scaled[0] / wanted.pad) * wanted.pad, ceil(scaled[1] / wanted.pad) * wanted.pad
    place = (0, 0) if wanted.corner else ((tensor[0] - scaled[0]) // 2, (tensor[1] - scaled[1]) // 2)
    return Plan((0, 0), picture, scaled, place, tensor)


class Preparer:
    """Makes tensors for one network, in a buffer that is used again and again."""

    def __init__(self, wanted: ModelInput) -> None:
        self._wanted = wanted
        self._grey = wanted.colour.startswith("GREY")
        self._shape: tuple[int, ...] = ()
        self._cut: tuple[slice, slice] | None = None
        self._middle: Any = None
        """What of the resized picture goes into the tensor; None when it lies there already."""
        self._swapped: Any = None
        self._floats: Any = None
        """Room for a whole picture, where it is normalised first."""
        self._planes: list[tuple[Any, Any, Any, Any]] = []
        """For each colour: where it goes, where it comes from, what is subtracted, and what it is multiplied with."""
        self._method = 0
        self._sampled: Any = None
        """What resizes as Pillow does; None where OpenCV resizes."""
        self.fit = Fit(1.0, 1.0, 0.0, 0.0)
        """How the latest picture lies in its tensor."""

    def tensor(self, image: Any) -> Any:
        """Return the input tensor of a (height, width, 3) uint8 BGR picture. The next call overwrites it."""
        import cv2

        if image.shape != self._shape:
            self._measure(image.shape)
        if self._cut:
            image = image[self._cut]
        if self._grey:
            image = self._greyed(image)
        if self._wanted.normalise_first:
            image = self._normalised(image)
        scaled = self._scaled
        if self._sampled is not None:
            self._sampled.resize(image, scaled)
        else:
            cv2.resize(image, (scaled.shape[1], scaled.shape[0]), scaled, 0, 0, self._method)
        if self._middle is not None:
            self._buffer[0] = self._middle
        return self._converted()

    def _measure(self, shape: tuple[int, ...]) -> None:
        """Work out, once for each size of picture, what is cut out and where it goes."""
        import cv2
        import numpy as np

        height, width, channels = shape
        assert channels == 3, "a picture has three channels: blue, green, red"  # OpenCV would leave the buffer as it was
        wanted, made = self._wanted, plan(self._wanted, height, width)
        cut = tuple(slice(first, first + size) for first, size in zip(made.corner, made.part, strict=True))
        self._cut = None if made.part == (height, width) else (cut[0], cut[1])
        kind = np.float32 if wanted.normalise_first else np.uint8
        colours = 1 if self._grey else 3
        self._buffer = np.full((1, *made.tensor, colours), 0 if wanted.grey == "zero" else wanted.grey, kind)
        down, right = made.place
        if down < 0 or right < 0:
            scaled = np.empty((*made.scaled, colours), kind)
            self._middle = scaled[-down : -down + wanted.height, -right : -right + wanted.width]
        else:
            scaled = self._buffer[0, down : down + made.scaled[0], right : right + made.scaled[1]]
            self._middle = None
        self._scaled = scaled[..., 0] if self._grey else scaled  # OpenCV gives and takes grey pictures without a third axis
        averaged = wanted.average and made.part[0] > SMALL * made.scaled[0]
        self._method = cv2.INTER_AREA if averaged else cv2.INTER_LINEAR
        if wanted.sampling != "opencv":
            from xmaker_vision.sampling import Sampling

            self._sampled = Sampling(wanted.sampling, made.part, made.scaled)
        self._swapped = self._floats = None
        self._take_planes(colours, made)
        self.fit, self._shape = made.fit, shape

    def _greyed(self, image: Any) -> Any:
        import cv2
        import numpy as np

        if self._wanted.colour == "GREY":
            return cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        return np.dot(image, SWAPPED).astype(np.uint8)

    def _normalised(self, image: Any) -> Any:
        """Subtract and divide as BaseDT does, with the same roundings."""
        import cv2
        import numpy as np

        wanted = self._wanted
        if wanted.colour == "RGB":
            image = self._swapped = cv2.cvtColor(image, cv2.COLOR_BGR2RGB, self._swapped)
        if self._floats is None:
            self._floats = np.empty(image.shape, np.float32)  # a new one each time would cost more than the arithmetic
        np.copyto(self._floats, image)
        if wanted.mean is not None:
            cv2.subtract(self._floats, np.array(wanted.mean, np.float64).reshape(1, -1), self._floats)
        if wanted.std is not None:
            cv2.multiply(self._floats, 1 / np.array(wanted.std, np.float64).reshape(1, -1), self._floats)
        return self._floats

    def _take_planes(self, colours: int, made: Plan) -> None:
        """Work out where each colour goes in the tensor, and what is subtracted and multiplied on the way.

        What a letterbox leaves empty is the same for all pictures of a size: it is filled here, once.
        """
        import numpy as np

        wanted, first = self._wanted, self._wanted.normalise_first
        tall, wide = made.tensor
        self._planes = []
        if (wanted.layout, wanted.dtype, wanted.colour) == ("NHWC", "uint8", "BGR"):
            self._tensor = self._buffer
            return
        nchw = wanted.layout == "NCHW"
        self._tensor = np.empty((1, colours, tall, wide) if nchw else (1, tall, wide, colours), wanted.dtype)
        swapped = wanted.colour == "RGB" and not first
        for number in range(colours):
            mean, std = (given[number] if given and not first else None for given in (wanted.mean, wanted.std))
            plane = self._tensor[0, number] if nchw else self._tensor[0, ..., number]
            source = self._buffer[0, ..., colours - 1 - number if swapped else number]
            self._planes.append((plane, source, np.float32(mean or 0), np.float32(1 / (std or 1))))
        self._converted()
        if wanted.grey == "zero":
            self._tensor[:] = 0
        down, right = (max(0, first) for first in made.place)
        inside = np.s_[down : down + made.scaled[0], right : right + made.scaled[1]]
        self._planes = [(plane[inside], source[inside], *factors) for plane, source, *factors in self._planes]

    def _converted(self) -> Any:
        """Do what the graph does not do itself; XMaker's own models leave nothing to be done."""
        import numpy as np

        for plane, source, mean, factor in self._planes:
            if mean == 0 and factor == 1:
                np.copyto(plane, source, "unsafe")
            else:
                np.subtract(source, mean, plane, dtype=np.float32, casting="unsafe")
                np.multiply(plane, factor, plane, casting="unsafe")
        return self._tensor
