"""YOLOv3 on a Darknet-53 or a MobileNetV2: three sizes of places, each with three anchors (Redmon and Farhadi, 2018)."""

from __future__ import annotations

from typing import Any

from xmaker_toolbox.convert.torch_files.detectors import backbones, boxes
from xmaker_toolbox.convert.torch_files.detectors.settings import Settings
from xmaker_toolbox.convert.torch_files.detectors.weights import Weights
from xmaker_toolbox.convert.torch_files.libraries import torch

SIZES = (((116, 90), (156, 198), (373, 326)), ((30, 61), (62, 45), (59, 119)), ((10, 13), (16, 30), (33, 23)))
STRIDES = (32, 16, 8)
TEST = {"score_thr": 0.05, "conf_thr": 0.005, "iou": 0.5, "max_per_img": 100, "nms_pre": 1000}


def kinds(net: Weights) -> int:
    """Return how many kinds of things the network knows; each anchor has five numbers more."""
    return net.rows("bbox_head.convs_pred.0") // len(SIZES[0]) - 5


def look(net: Weights, picture: Any, settings: Settings) -> tuple[Any, ...]:
    """Return dets, labels, and of all anchors the boxes (n, 4) and scores (n, kinds)."""
    library, test = torch(), settings.test
    found = [_level(net, x, level, settings) for level, x in enumerate(_features(net, picture))]
    places, things, scores = (library.cat(part) for part in zip(*found, strict=True))
    counted = (things >= test["conf_thr"]) & (scores > test["score_thr"])
    strong, row, kind = boxes.strongest(library.where(counted, scores, library.tensor(boxes.NEVER)), test["nms_pre"])
    best, where = strong * things[row, 0], places[row]
    kept = boxes.apart(where, best, kind, test, 0.0)
    return *boxes.answer(where[kept], best[kept], kind[kept]), places, things * scores


def _features(net: Weights, picture: Any) -> list[Any]:
    """Return what the neck gives, the coarsest first."""
    functional = torch().nn.functional
    if "backbone.conv_res_block1.conv.conv.weight" in net:
        layers = backbones.darknet(net, picture, _leaky)[:1:-1]
    else:
        layers = backbones.mobilenet(net, picture, _leaky)[6:0:-2]
    given = [_five(net, "neck.detect1", layers[0])]
    for number, x in enumerate(layers[1:], 1):
        larger = functional.interpolate(net.conv(f"neck.conv{number}", given[-1], 1, _leaky), scale_factor=2.0)
        given.append(_five(net, f"neck.detect{number + 1}", torch().cat([larger, x], 1)))
    return given


def _five(net: Weights, name: str, x: Any) -> Any:
    for number in range(1, 6):
        x = net.conv(f"{name}.conv{number}", x, 1, _leaky)
    return x


def _level(net: Weights, x: Any, level: int, settings: Settings) -> tuple[Any, Any, Any]:
    """Return of one size of places the boxes, whether anything is there (n, 1), and the scores."""
    library = torch()
    x = net.conv(f"bbox_head.convs_bridge.{level}", x, 1, _leaky)
    table = boxes.rows(net.layer(f"bbox_head.convs_pred.{level}", x), kinds(net) + 5)
    stride = settings.anchors("strides", STRIDES)[level]
    around = boxes.anchors(settings.anchors("base_sizes", SIZES)[level], stride / 2, stride, x.shape[2:])
    middle = (around[:, :2] + around[:, 2:]) * 0.5 + (table[:, :2].sigmoid() - 0.5) * stride
    half = (around[:, 2:] - around[:, :2]) * 0.5 * table[:, 2:4].exp()
    return library.cat([middle - half, middle + half], 1), table[:, 4:5].sigmoid(), table[:, 5:].sigmoid()


def _leaky(x: Any) -> Any:
    return torch().nn.functional.leaky_relu(x, 0.1)
