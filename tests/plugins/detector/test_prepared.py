"""Pictures are prepared for networks of the ONNX zoo as the zoo's own programs do it (reference_zoo.py)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from xmaker_detector.node import Detector
from xmaker_detector.reading import LIKE_PILLOW, RCNN_ZOO
from xmaker_toolbox.nodes import Host
from xmaker_vision.prepare import Preparer, plan

from xmaker import Frame, Plugins

from .prepared_pictures import SIZES, fingerprint, noise
from .reference_zoo import NETWORKS, wanted

WANTED = json.loads(Path(__file__).with_name("prepared.json").read_text(encoding="utf-8"))
SAID = {size: f"{size[0]}×{size[1]}" for size in SIZES}


@pytest.mark.parametrize("size", SIZES, ids=SAID.get)
@pytest.mark.parametrize("network", NETWORKS)
def test_tensors_are_those_of_the_zoos_program(network: str, size: tuple[int, int]) -> None:
    """Their bytes are the same; the floats that become of them differ by the last digit."""
    known, unit = NETWORKS[network]
    tensor, right = Preparer(wanted(known)).tensor(noise(*size)), WANTED[network][SAID[size]]
    assert list(tensor.shape) == right["shape"]
    assert fingerprint(tensor * unit) == right["bytes"]


def test_beside_a_picture_an_rcnn_sees_nothing_at_all() -> None:
    tensor = Preparer(wanted(RCNN_ZOO)).tensor(noise(640, 425))
    assert tensor.shape == (1, 3, 800, 1216)
    assert (tensor[..., 1204:] == 0).all() and (np.abs(tensor[..., 1203]) > 0.01).any()


def test_the_next_picture_of_another_size_leaves_nothing_of_the_first() -> None:
    preparer = Preparer(wanted(LIKE_PILLOW | {"width": 416, "height": 416}))
    preparer.tensor(noise(480, 640))
    assert fingerprint(preparer.tensor(noise(640, 480)) * 255) == WANTED["yolov3"]["640×480"]["bytes"]


def test_no_picture_for_an_rcnn_is_longer_than_those_that_it_learnt_from() -> None:
    """The program would make this one 1,600 wide; its README says 1,333."""
    tensor = Preparer(wanted(RCNN_ZOO)).tensor(noise(400, 200))
    assert tensor.shape == (1, 3, 672, 1344)


@pytest.mark.parametrize(("height", "rows"), [(425, (213, 212, 212)), (427, (214, 214, 213)), (426, (213, 213, 213))])
def test_half_a_pixel_is_rounded_as_the_card_says(height: int, rows: tuple[int, ...]) -> None:
    """MMCV rounds it up, Ultralytics to the even side, the zoo and EfficientDet cut it off."""
    known = {"width": 320, "height": 320, "resize": "letterbox"}
    cards = [wanted(known | {"rounding": rounding}) for rounding in ("nearest", "even", "down")]
    assert tuple(plan(card, height, 640).scaled[0] for card in cards) == rows


def test_an_rcnn_of_the_zoo_needs_a_list_of_labels_and_its_path(tmp_path: Path) -> None:
    """It takes a picture of any size, without a batch. This one finds the whole tensor, and scores it by what it sees."""
    nodes = [
        helper.make_node("Shape", ["image"], ["sides"]),
        helper.make_node("Gather", ["sides", "order"], ["turned"]),
        helper.make_node("Cast", ["turned"], ["boxes"], to=TensorProto.FLOAT),
        *seen("image", 1),
    ]
    constants = {"order": np.array([[0, 0, 2, 1]]), "labels": np.array([1])}
    outputs = {"boxes": (1, [None, 4]), "labels": (7, [None]), "scores": (1, [None])}
    path = written(tmp_path / "rcnn.onnx", nodes, constants, [("image", [3, "height", "width"])], outputs)
    found = things(path, ["__background__", "person"], noise(640, 425))
    score = 1 / (1 + np.exp(-WANTED["rcnn"]["640×425"]["mean"]))
    left, top, width, height = found[0].box
    assert (found[0].label, left + width, top + height) == ("person", 640, 425)
    assert (left, top) == pytest.approx((3 * 640 / 1204, 3 * 425 / 800))  # 3 is how many colours it has
    assert found[0].score == pytest.approx(score, abs=1e-5)


def test_a_yolov3_of_the_zoo_is_told_its_own_size_and_gives_boxes_in_the_frame(tmp_path: Path) -> None:
    """It gives boxes of the size that it was told: here all of it, so that the frame lies in the box."""
    nodes = [
        helper.make_node("Concat", ["zeros", "image_shape"], ["row"], axis=1),
        helper.make_node("Unsqueeze", ["row", "first"], ["boxes"]),
        *seen("input_1", 3),
    ]
    constants = {"zeros": np.zeros((1, 2), np.float32), "first": np.array([1]), "indices": np.array([[0, 0, 0]], np.int32)}
    inputs = [("input_1", ["N", 3, "height", "width"]), ("image_shape", ["N", 2])]
    outputs = {"boxes": (1, [1, None, 4]), "scores": (1, [1, 1, None]), "indices": (6, [None, 3])}
    path = written(tmp_path / "yolov3.onnx", nodes, constants, inputs, outputs)
    found = things(path, ["person"], noise(640, 480))
    assert found[0].box == (0, 0, 640, 480)
    assert found[0].score == pytest.approx(1 / (1 + np.exp(-WANTED["yolov3"]["640×480"]["mean"])), abs=1e-5)


def seen(picture: str, axes: int) -> list[Any]:
    """Return nodes that make `scores` of a picture's mean."""
    shape = [1] * axes
    return [
        helper.make_node("ReduceMean", [picture], ["mean"], keepdims=1),
        helper.make_node("Sigmoid", ["mean"], ["score"]),
        helper.make_node("Constant", [], ["shape"], value=numpy_helper.from_array(np.array(shape))),
        helper.make_node("Reshape", ["score", "shape"], ["scores"]),
    ]


def written(
    path: Path, nodes: list[Any], constants: dict[str, Any], inputs: Sequence[tuple[str, Any]], outputs: dict[str, Any]
) -> Path:
    stored = [numpy_helper.from_array(one, f"{name}_" if name in outputs else name) for name, one in constants.items()]
    nodes = nodes + [helper.make_node("Identity", [f"{name}_"], [name]) for name in constants if name in outputs]
    given = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in inputs]
    gives = [helper.make_tensor_value_info(name, kind, shape) for name, (kind, shape) in outputs.items()]
    graph = helper.make_graph(nodes, "zoo", given, gives, stored)
    onnx.save(helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 13)]), str(path))
    return path


def things(path: Path, labels: list[str], image: Any) -> list[Any]:
    """Return what a detector finds that is told nothing but the file."""
    path.with_suffix(".txt").write_text("\n".join(labels), encoding="utf-8")
    node: Any = Detector(model=str(path), min_score=0.0)
    node.host = Host(Plugins.load())
    node.open()
    return list(node.run(Frame(image, "noise.png")).items)
