"""Whether a converted detector finds what its source finds: the same boxes, with the same scores.

Rows are compared in the order in which they come, and where that differs, each with the nearest: of two boxes whose scores
differ by less than a 32-bit number can say, either may come first, or push the other away.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xmaker_toolbox.convert import compare
from xmaker_toolbox.convert.compare import MOST, session

LOST = 0.05
"""The part of the rows that may have no partner."""
ROUGH = 0.1
"""How much of a mask's differences counts: of its numbers only that matters on which side of a half they are."""
ALL = 4
"""So many outputs has a network that gives all boxes and scores, too."""
NOISE = 8
"""How much brighter or darker a pixel becomes, at most, of 255."""
Answer = Sequence[Any]
"""dets (1, n, 5) in pixels, labels (1, n), perhaps masks (1, n, h, w); perhaps all boxes (m, 4) and scores (m, kinds)."""


def pictures() -> list[Any]:
    """Return two pictures, (height, width, 3) uint8 in BGR, with noise: where all is of one colour, boxes score alike."""
    import numpy as np

    found = []
    for number, image in enumerate(compare.pictures()[::3]):
        noise = np.random.default_rng(number).integers(-NOISE, NOISE + 1, image.shape)
        found.append(np.clip(image + noise, 0, 255).astype(np.uint8))
    return found


def difference(network: Any, given: Sequence[Any], wanted: Sequence[Answer]) -> float:
    """Return how far boxes (in parts of the longer side), scores and masks are apart at most; infinite where there are none.

    `network` is an ONNX file's path or its bytes. What it does not give beside dets, labels and masks is not compared.
    """
    opened, apart = session(network), 0.0
    name, outputs = opened.get_inputs()[0].name, [one.name for one in opened.get_outputs()]
    for tensor, answer in zip(given, wanted, strict=True):
        found, side = opened.run(None, {name: tensor}), max(tensor.shape[2:])
        whole = len(outputs) == len(answer) >= ALL
        pairs = [(_things(found), _things(answer)), *([(_all(found), _all(answer))] if whole else [])]
        apart = max(apart, *(_apart(*pair, side) for pair in pairs))
    return apart


def _things(answer: Answer) -> tuple[Any, Any]:
    """Return a row for each thing: its box, and its score, label and mask."""
    import numpy as np

    dets, labels = answer[0][0], answer[1][0][:, None]
    masks = [answer[2][0].reshape(len(dets), -1) * ROUGH] if len(answer) > 2 and answer[2].ndim == 4 else []
    return dets[:, :4], np.concatenate([dets[:, 4:], labels.astype(np.float32), *masks], 1)


def _all(answer: Answer) -> tuple[Any, Any]:
    return answer[-2], answer[-1]


def _apart(found: tuple[Any, Any], wanted: tuple[Any, Any], side: int) -> float:
    """Return how far two tables of boxes and what belongs to them are apart."""
    import numpy as np

    scale = max(float(side), float(np.abs(wanted[0]).max(initial=0)))
    one, other = (np.concatenate([boxes / scale, more], 1).astype(np.float64) for boxes, more in (found, wanted))
    if not (np.isfinite(one).all() and np.isfinite(other).all()):
        return float("inf")
    if one.shape == other.shape and (direct := float(np.abs(one - other).max(initial=0))) <= MOST:
        return direct
    return max(_farthest(one, other), _farthest(other, one))


def _farthest(one: Any, other: Any) -> float:
    """Return how far the rows of a table are from the nearest of another, but for those that may be lost."""
    import numpy as np

    if not len(one) or not len(other):
        return 0.0 if len(one) == 0 else float("inf")
    near = sorted(float(np.abs(other - row).max(1).min()) for row in one)
    return near[len(near) - 1 - int(LOST * len(near))]
