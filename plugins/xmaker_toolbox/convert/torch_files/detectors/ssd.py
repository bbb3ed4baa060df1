"""SSD-Lite on a MobileNetV2: six sizes of places, each with six anchors (Liu and others, 2016; Sandler and others, 2018)."""

from __future__ import annotations

from typing import Any

from xmaker_toolbox.convert.torch_files.detectors import backbones, boxes
from xmaker_toolbox.convert.torch_files.detectors.settings import Settings
from xmaker_toolbox.convert.torch_files.detectors.weights import Weights
from xmaker_toolbox.convert.torch_files.libraries import torch

EPSILON = 0.001
SPREAD = (0.1, 0.1, 0.2, 0.2)
STRIDES = (16, 32, 64, 107, 160, 320)
RATIOS = ((2, 3),) * 6
SMALLEST, LARGEST = (48, 100, 150, 202, 253, 304), (100, 150, 202, 253, 304, 320)
TEST = {"score_thr": 0.02, "iou": 0.45, "max_per_img": 200, "nms_pre": 1000}


def kinds(net: Weights) -> int:
    """Return how many kinds of things the network knows; each anchor has one more, "nothing"."""
    return net.rows("bbox_head.cls_convs.0.1") // (net.rows("bbox_head.reg_convs.0.1") // 4) - 1


def look(net: Weights, picture: Any, settings: Settings) -> tuple[Any, ...]:
    """Return dets, labels, and of all anchors the boxes (n, 4) and scores (n, kinds)."""
    library = torch()
    found = [_level(net, x, level, settings) for level, x in enumerate(_features(net, picture))]
    test, best = settings.test, list[tuple[Any, ...]]()
    for places, scores in found:
        strong, row, kind = boxes.strongest(scores, test["nms_pre"])
        best.append((places[row], strong, kind))
    places, scores, kind = (library.cat(part) for part in zip(*best, strict=True))
    kept = boxes.apart(places, scores, kind, test, test["score_thr"])
    every = (library.cat(part) for part in zip(*found, strict=True))
    return *boxes.answer(places[kept], scores[kept], kind[kept]), *every


def _features(net: Weights, picture: Any) -> list[Any]:
    act = torch().nn.functional.relu6
    layers = backbones.mobilenet(net, picture, act)
    given = [layers[4], layers[7]]
    for number in net.numbers("neck.extra_layers.{}.0.conv.weight"):
        name = f"neck.extra_layers.{number}"
        x = net.conv(f"{name}.0", given[-1], 1, act)
        x = net.conv(f"{name}.1.depthwise_conv", x, 2, act)
        given.append(net.conv(f"{name}.1.pointwise_conv", x, 1, act))
    return given


def _level(net: Weights, x: Any, level: int, settings: Settings) -> tuple[Any, Any]:
    """Return the boxes and scores of one size of places."""
    act, tables = torch().nn.functional.relu6, []
    for part, width in (("cls", kinds(net) + 1), ("reg", 4)):
        name = f"bbox_head.{part}_convs.{level}"
        tables.append(boxes.rows(net.layer(f"{name}.1", net.conv(f"{name}.0", x, 1, act)), width))
    scores, offsets = tables
    stride = settings.anchors("strides", STRIDES)[level]
    around = boxes.anchors(_sizes(level, settings), stride / 2, stride, x.shape[2:])
    return boxes.moved(around, offsets, SPREAD, settings.width, settings.height), scores.softmax(1)[:, :-1]


def _sizes(level: int, settings: Settings) -> list[tuple[float, float]]:
    """Return widths and heights: a square, a larger one, and a flat and a tall one for each ratio."""
    small, large = (settings.anchors(key, usual)[level] for key, usual in (("min_sizes", SMALLEST), ("max_sizes", LARGEST)))
    made = [(small, small), ((small * large) ** 0.5,) * 2]
    for ratio in settings.anchors("ratios", RATIOS)[level]:
        made += [(small * ratio**0.5, small / ratio**0.5), (small / ratio**0.5, small * ratio**0.5)]
    return made
