"""What networks of each layout give for a picture: made up, the same every time. The input is 96 pixels wide and 64 high."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.generic]
WIDTH, HEIGHT, KINDS = 96, 64, 5
PLACES = {stride: -(-WIDTH // stride) * -(-HEIGHT // stride) for stride in (8, 16, 32, 64)}


def made_up() -> dict[str, dict[str, Array]]:
    """Return layout → output → array."""
    random = np.random.default_rng(2026)
    floats = {"dtype": np.float32}
    three, four = sum(PLACES[stride] for stride in (8, 16, 32)), sum(PLACES.values())

    def scores(*shape: int) -> Array:
        return random.random(shape, **floats) ** 6  # most places show nothing

    def centred(count: int) -> NDArray[np.float32]:
        return random.random((count, 4), **floats) * np.array([WIDTH, HEIGHT, 60, 40], np.float32) + np.array(
            [0, 0, 4, 4], np.float32
        )

    def corners(count: int) -> NDArray[np.float32]:
        boxes = centred(count)
        return np.concatenate([boxes[:, :2] - boxes[:, 2:] / 2, boxes[:, :2] + boxes[:, 2:] / 2], 1)

    def parts(count: int) -> NDArray[np.float32]:
        return corners(count)[:, [1, 0, 3, 2]] / np.array([HEIGHT, WIDTH] * 2, np.float32)

    def kinds(count: int, first: int = 0) -> NDArray[np.int64]:
        return random.integers(first, KINDS + first, count)

    def descending(count: int) -> NDArray[np.float32]:
        return np.sort(random.random(count, **floats))[::-1].copy()

    def waves(count: int) -> NDArray[np.float32]:
        y, x = np.mgrid[:16, :24] / 24
        a, b, c = random.normal(size=(3, count, 1, 1)) * 2
        return np.sin(a * y + b * x + c).astype(np.float32)

    masked = np.concatenate([centred(three), scores(three, KINDS), random.normal(size=(three, 32)).astype(np.float32)], 1)
    indices = np.stack([np.zeros(6, np.int64), kinds(6), random.permutation(three)[:6]], 1)
    made: dict[str, dict[str, Array]] = {
        "mmdet": {"dets": np.concatenate([corners(12), descending(12)[:, None]], 1)[None], "labels": kinds(12)[None]},
        "tensorflow": {
            "detection_boxes": parts(10)[None],
            "detection_classes": kinds(10, 1)[None].astype(np.float32),
            "detection_scores": descending(10)[None],
            "num_detections": np.array([8], np.float32),
        },
        "rcnn": {
            "6379": corners(9),
            "6381": kinds(9, 1),
            "6383": descending(9),
            "6887": random.random((9, 1, 28, 28), **floats),
        },
        "yolov3": {
            "boxes": corners(three)[None][:, :, [1, 0, 3, 2]],
            "scores": random.random((1, KINDS, three), **floats),
            "indices": indices.astype(np.int32),
        },
        "yolov5": {
            "output": np.concatenate(
                [centred(3 * three), scores(3 * three, 1) ** 0.3, random.random((3 * three, KINDS), **floats)], 1
            )[None]
        },
        "yolov8": {"output0": np.concatenate([centred(three), scores(three, KINDS)], 1).T[None]},
        "yolov8 with masks": {"output0": masked.T[None], "output1": waves(32)[None]},
        "yolov10": {
            "output0": np.concatenate([corners(20), descending(20)[:, None], kinds(20)[:, None].astype(np.float32)], 1)[None]
        },
        "nanodet": {f"cls{stride}": scores(1, PLACES[stride], KINDS) for stride in (8, 16, 32)}
        | {f"dis{stride}": random.normal(size=(1, PLACES[stride], 32)).astype(np.float32) for stride in (8, 16, 32)},
        "nanodet plus": {
            "output": np.concatenate([scores(four, KINDS), random.normal(size=(four, 32)).astype(np.float32) * 2], 1)[None]
        },
        "fastestdet": {"758": random.random((1, 5 + KINDS, 4, 6), **floats)},
        "ssd": {"scores": scores(1, 138, KINDS + 1), "boxes": random.normal(size=(1, 138, 4)).astype(np.float32)},
        "efficientdet": {
            "scores": scores(1, 1161, KINDS) ** 2,
            "boxes": random.normal(size=(1, 1161, 4)).astype(np.float32) * 0.5,
        },
        "candidates": {"boxes": corners(30), "scores": descending(30), "labels": kinds(30)},
    }
    return made


def blobs(count: int) -> NDArray[np.float32]:
    """Return masks [n, 1, 28, 28] with smooth edges, 0..1."""
    y, x = np.mgrid[:28, :28] / 28
    waves = [np.sin((3 + number) * y + number) + np.cos(5 * x - number) for number in range(count)]
    return (1 / (1 + np.exp(-4 * np.array(waves)[:, None]))).astype(np.float32)
