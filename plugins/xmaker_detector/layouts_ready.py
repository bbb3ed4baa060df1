"""Layouts of networks that pick the things themselves: one box a thing is left."""

from __future__ import annotations

from bisect import bisect_right
from math import inf
from operator import neg

import numpy as np

from xmaker import NodeError
from xmaker_detector.given import Found, Given


def candidates(given: Given) -> Found | None:
    """XMaker's own networks: boxes [n, 4] in pixels, scores [n], the best first, labels [n]; not yet one a thing."""
    found = dict(zip(given.names, given.outputs, strict=True))
    if not found.keys() >= {"boxes", "scores", "labels"} or found["boxes"].ndim != 2:
        return None
    scores = found["scores"].tolist()  # the first call of numpy after a network has run costs as much as all of this
    if not sum(scores) < inf:
        raise NodeError.of("XM674")
    strong = slice(bisect_right(scores, -given.least, key=neg))
    return Found(found["boxes"][strong], found["scores"][strong], found["labels"][strong], overlapping=True)


def mmdet(given: Given) -> Found | None:
    """MMDetection, and so MMEdu: dets [1, n, 5] in pixels with the score last, labels [1, n], perhaps masks [1, n, h, w]."""
    sizes = [one.ndim for one in given.outputs]
    if sizes[:2] != [3, 2] or given.shapes[0][2] != 5 or given.shapes[1] != given.shapes[0][:2]:
        return None
    dets, labels = given.outputs[0][0], given.outputs[1][0]
    keep = given.strong(dets[:, 4])
    found = Found(dets[keep, :4], dets[keep, 4], labels[keep].astype(np.int64))
    if sizes[2:] == [4]:
        masks = given.outputs[2][0]
        found.mask = lambda number: masks[keep[number]] - 0.5
        found.mask_of_box = masks.shape[1:] != (given.height, given.width)
    return found


def tensorflow(given: Given) -> Found | None:
    """TensorFlow's SSD and others: detection_boxes [1, n, 4] as top, left, bottom, right (0..1), _classes, _scores; num_…"""
    found = given.named("detection_boxes", "detection_classes", "detection_scores", "num_detections")
    if found is None and [one.shape[1:] for one in given.outputs[1:]] == [given.shapes[0][1:2], given.shapes[0][1:2], ()]:
        found = list(given.outputs)  # TFLite's order, where the names are gone
    if found is None:
        return None
    boxes, labels, scores = (one[0] for one in found[:3])
    count = int(found[3].reshape(-1)[0])
    keep = given.strong(scores[:count])
    return Found(given.pixels(boxes[keep][:, [1, 0, 3, 2]]), scores[keep], given.without_background(labels[keep]))


def rcnn(given: Given) -> Found | None:
    """Faster and Mask R-CNN of torchvision or the zoo: boxes [n, 4] in pixels, labels [n], scores [n], masks [n, 1, h, w]."""
    boxes = [one for one in given.outputs if one.ndim == 2 and one.shape[1] == 4]
    labels = [one for one in given.outputs if one.ndim == 1 and one.dtype.kind in "iu"]
    scores = [one for one in given.outputs if one.ndim == 1 and one.dtype.kind == "f"]
    masks = [one for one in given.outputs if one.ndim == 4 and one.shape[1] == 1]
    if len(boxes) != 1 or len(labels) != 1 or len(scores) != 1 or len(masks) != len(given.outputs) - 3:
        return None
    keep = given.strong(scores[0])
    found = Found(boxes[0][keep], scores[0][keep], given.without_background(labels[0][keep]))
    if masks:
        found.mask = lambda number: masks[0][keep[number], 0] - 0.5
        found.mask_of_box = masks[0].shape[2:] != (given.height, given.width)
    return found


def yolov3(given: Given) -> Found | None:
    """YOLOv3 of the ONNX zoo: boxes [1, n, 4] as top, left, bottom, right in pixels, scores [1, kinds, n], indices [m, 3].

    Each row of the indices is a thing: its picture, its label, its box.
    """
    if len(given.outputs) != 3 or given.shapes[2][-1:] != (3,) or given.outputs[2].dtype.kind not in "iu":
        return None
    boxes, scores, indices = given.outputs
    if boxes.ndim != 3 or scores.ndim != 3 or boxes.shape[1:] != (scores.shape[2], 4):
        return None
    indices = indices.reshape(-1, 3)
    indices = indices[(indices >= 0).all(1)]
    of_things = scores[0, indices[:, 1], indices[:, 2]]
    keep = given.strong(of_things)
    _, labels, places = indices[keep].T
    return Found(boxes[0, places][:, [1, 0, 3, 2]], of_things[keep], labels, kinds=scores.shape[1])


def yolov10(given: Given) -> Found | None:
    """YOLOv10, and any YOLO exported with its NMS: [1, n, 6] as left, top, right, bottom in pixels, score, label."""
    if len(given.outputs) != 1 or given.outputs[0].ndim != 3 or given.shapes[0][2] != 6:
        return None
    rows = given.outputs[0][0]
    rows = rows[given.strong(rows[:, 4])]
    return Found(rows[:, :4], rows[:, 4], rows[:, 5].astype(np.int64))
