"""Faster R-CNN and Mask R-CNN on a ResNet with a pyramid: proposals, then a look at each (Ren 2015, Lin 2017, He 2017)."""

from __future__ import annotations

from typing import Any

from xmaker_toolbox.convert.torch_files.detectors import backbones, boxes
from xmaker_toolbox.convert.torch_files.detectors.operations import look_at
from xmaker_toolbox.convert.torch_files.detectors.settings import Settings
from xmaker_toolbox.convert.torch_files.detectors.weights import Weights
from xmaker_toolbox.convert.torch_files.libraries import torch

STRIDES = (4, 8, 16, 32, 64)
SCALES, RATIOS = (8,), (0.5, 1.0, 2.0)
ONE, SPREAD = (1.0,) * 4, (0.1, 0.1, 0.2, 0.2)
USUAL = 56
"""A proposal of this side is looked at on the finest level; each level more is for twice the side."""
TEST = {"score_thr": 0.05, "iou": 0.5, "max_per_img": 100}
PROPOSALS = {"nms_pre": 1000, "max_per_img": 1000, "iou": 0.7}


def kinds(net: Weights) -> int:
    """Return how many kinds of things the network knows; each proposal has one more, "nothing"."""
    return net.rows("roi_head.bbox_head.fc_cls") - 1


def look(net: Weights, picture: Any, settings: Settings) -> tuple[Any, ...]:
    """Return dets, labels, where the network has them masks (1, n, 28, 28), and of all proposals boxes and scores."""
    library, test = torch(), settings.test
    levels = _features(net, picture, settings)
    proposals = _proposals(net, levels, settings)
    order, seen = _by_level(levels[:4], proposals, 7)
    where, x = proposals[order], seen.flatten(1)
    for number in net.numbers("roi_head.bbox_head.shared_fcs.{}.weight"):
        x = library.relu(net.matrix(f"roi_head.bbox_head.shared_fcs.{number}", x))
    scores = net.matrix("roi_head.bbox_head.fc_cls", x).softmax(1)[:, :-1]
    offsets = net.matrix("roi_head.bbox_head.fc_reg", x).reshape(-1, net.rows("roi_head.bbox_head.fc_reg") // 4, 4)
    places = boxes.moved(where[:, None], offsets, SPREAD, settings.width, settings.height)
    every = places.expand(-1, kinds(net), 4).reshape(-1, 4)
    row_kinds = library.arange(kinds(net)).expand(scores.shape[0], -1).reshape(-1)
    flat = scores.reshape(-1)
    kept = boxes.apart(every, flat, row_kinds, test, test["score_thr"])
    found, best, kind = every[kept], flat[kept], row_kinds[kept]
    if "roi_head.mask_head.conv_logits.weight" not in net:
        return *boxes.answer(found, best, kind), where, scores
    order, masks = _masks(net, levels[:4], found, kind)
    return *boxes.answer(found[order], best[order], kind[order]), masks[None], where, scores


def _features(net: Weights, picture: Any, settings: Settings) -> list[Any]:
    """Return five levels, the finest first: each has what the coarser ones see added to it."""
    functional = torch().nn.functional
    layers = [
        net.conv(f"neck.lateral_convs.{number}", x) for number, x in enumerate(backbones.resnet(net, picture, settings.caffe))
    ]
    for number in (2, 1, 0):
        size = tuple(int(side) for side in layers[number].shape[2:])
        layers[number] = layers[number] + functional.interpolate(layers[number + 1], size=size)
    given = [net.conv(f"neck.fpn_convs.{number}", x) for number, x in enumerate(layers)]
    return [*given, functional.max_pool2d(given[-1], 1, 2)]


def _proposals(net: Weights, levels: list[Any], settings: Settings) -> Any:
    """Return where something may be: (n, 4)."""
    library, limits, found = torch(), settings.proposals, []
    for level, x in enumerate(levels):
        x = net.layer("rpn_head.rpn_conv", x, 1, library.relu)
        scores, offsets = (boxes.rows(net.layer(f"rpn_head.rpn_{part}", x), width) for part, width in (("cls", 1), ("reg", 4)))
        stride = settings.anchors("strides", STRIDES)[level]
        around = boxes.anchors(_sizes(stride, settings), 0.0, stride, x.shape[2:])
        strong, row, kind = boxes.strongest(scores.sigmoid(), limits["nms_pre"])
        places = boxes.moved(around[row], offsets[row], ONE, settings.width, settings.height)
        found.append((places, strong, kind + level))
    places, scores, level_of = (library.cat(part) for part in zip(*found, strict=True))
    return places[boxes.apart(places, scores, level_of, limits, boxes.NEVER / 2)]


def _sizes(stride: float, settings: Settings) -> list[tuple[float, float]]:
    scales, ratios = settings.anchors("scales", SCALES), settings.anchors("ratios", RATIOS)
    return [(stride * scale / ratio**0.5, stride * scale * ratio**0.5) for ratio in ratios for scale in scales]


def _by_level(levels: list[Any], where: Any, size: int) -> tuple[Any, Any]:
    """Return the order of boxes (n, 4) by their levels, and what is in each in this order: (n, 256, size, size)."""
    library, orders, found = torch(), [], []
    side = ((where[:, 2] - where[:, 0]) * (where[:, 3] - where[:, 1])).sqrt()
    level_of = library.log2(side / USUAL + 1e-6).floor().clamp(0, len(levels) - 1)
    for level, (x, stride) in enumerate(zip(levels, STRIDES, strict=False)):
        own = (level_of == level).nonzero()[:, 0]
        orders.append(own)
        found.append(look_at(x, where[own], size, 1 / stride))
    return library.cat(orders), library.cat(found)


def _masks(net: Weights, levels: list[Any], where: Any, kind: Any) -> tuple[Any, Any]:
    """Return the order of the boxes whose masks (n, 28, 28) these are, and the masks, 0 to 1."""
    library = torch()
    order, x = _by_level(levels, where, 14)
    for number in net.numbers("roi_head.mask_head.convs.{}.conv.weight"):
        x = net.conv(f"roi_head.mask_head.convs.{number}", x, 1, library.relu)
    name = "roi_head.mask_head.upsample"
    x = library.nn.functional.conv_transpose2d(x, net[f"{name}.weight"], net[f"{name}.bias"], 2).relu()
    every = net.layer("roi_head.mask_head.conv_logits", x).sigmoid()
    if every.shape[1] == 1:  # of a network that does not look at the kind
        return order, every[:, 0]
    own = kind[order][:, None, None, None].expand(-1, 1, *every.shape[2:])
    return order, every.gather(1, own)[:, 0]
