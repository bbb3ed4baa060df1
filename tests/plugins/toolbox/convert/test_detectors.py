"""Checkpoints of detectors: the converted file finds what MMDetection found with the same weights (reference_detectors.py).

Nobody trained the weights, they are made from their names; what MMDetection 3.3 found in one picture is in detectors.json.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from xmaker_toolbox.convert.compare import MOST
from xmaker_toolbox.convert.compare_boxes import difference
from xmaker_toolbox.convert.torch_files import mm_config
from xmaker_toolbox.convert.torch_files.detectors import settings
from xmaker_toolbox.convert.torch_files.detectors.operations import best_boxes
from xmaker_toolbox.nodes import Host

from tests.conftest import Run
from xmaker import Frame, Plugins, ProjectError, read_onnx
from xmaker.toolbox import convert

from .made_up import at_points, weights

torch = pytest.importorskip("torch", reason='needs: pip install "xmaker[convert]"')
pytestmark = pytest.mark.filterwarnings("ignore")
KNOWN: Any = json.loads(Path(__file__).with_name("detectors.json").read_text(encoding="utf-8"))
PICTURE = Path(__file__).parents[4] / "projects/cat_dog/media/dog1.jpg"
KINDS = [f"kind{number}" for number in range(80)]
SWAPPED = 2
"""How many of forty boxes may be others: where two score alike, the last digit of a number decides which one stands."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def checkpoint(name: str, **other: Any) -> Path:
    """Write a checkpoint as MMDetection 2 does, which MMEdu trains with."""
    known = KNOWN[name]
    made = {key: torch.from_numpy(one) for key, one in weights(known["shapes"], known["factors"]).items()}
    meta = {"mmdet_version": "2.26.0", "CLASSES": tuple(KINDS), "config": known["text"], **other}
    torch.save({"meta": meta, "state_dict": made}, "things.pth")
    return Path("things.pth")


def found_in(image: Any, file: str = "things.onnx") -> list[Any]:
    plugins = Plugins.load()
    node: Any = plugins.nodes["detector"](model=file, min_score=0.001, max=1000, iou=1)
    node.host = Host(plugins)
    node.open()
    return list(node.run(Frame(image, "dog")).items)


def square() -> Any:
    image = cv2.imread(str(PICTURE))
    return image[:, 80:560]


SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in ("Yolov3 (Darknet-53)", "FasterRCNN", "Mask_RCNN")]


@pytest.mark.parametrize("name", ["SSD_Lite", "Yolov3", *SLOW])
def test_boxes_are_mmdetections(name: str, folder: Path) -> None:
    known = KNOWN[name]
    made = convert(checkpoint(name), "things.onnx", size=known["size"])
    assert made.labels == KINDS and made.origin == f"MMEdu, {name.partition(' ')[0]}" and made.task == "detect"
    items = found_in(square())
    table = np.array([[x, y, x + w, y + h, item.score, item.number] for item in items for x, y, w, h in [item.box]])
    lost, same = 0, list[bool]()
    for number, row in enumerate(known["rows"]):
        wanted = np.array([*np.clip(row[:4], 0, 480), *row[4:]])
        far = np.abs(table - wanted)
        near = (far[:, :4].max(1) < 0.05) & (far[:, 4] < 1e-4) & (far[:, 5] == 0)
        lost += not near.any()
        if known["masks"] and near.any():
            points = at_points(items[int(near.argmax())].mask, row)
            same += [int(point) == other for point, other in zip(known["masks"][number], points, strict=True)]
    assert lost <= SWAPPED
    assert not same or np.mean(same) > 0.95  # masks of noise, each drawn in its box; those of another kind agree by half


def test_the_files_beside_it_run(folder: Path, xmaker: Run) -> None:
    ran = xmaker("model", "convert", str(checkpoint("SSD_Lite")), "things.onnx")
    assert ran.code == 0 and "MMEdu, SSD_Lite" in ran.out
    assert "detector" in Path("project.yaml").read_text() and xmaker("check", "project.yaml").code == 0
    program = Path("things_xeduhub.py").read_text()
    assert 'task="mmedu"' in program and "data=sys.argv[1]" in program  # it knows pictures of that size, and takes all of them
    about = json.loads(read_onnx(Path("things.onnx")).metadata["MODEL_INFO"])
    assert (about["codebase"], about["modelname"], about["classes"]) == ("MMDet", "SSD_Lite", KINDS)


def test_another_size_and_settings(folder: Path) -> None:
    text = KNOWN["SSD_Lite"]["text"].replace("score_thr=0.3", "score_thr=0.9")
    convert(checkpoint("SSD_Lite", config=text), "things.onnx", size=256, labels=[f"thing {one}" for one in range(80)])
    items = found_in(square())
    assert items and min(item.score for item in items) > 0.9 and str(items[0].label).startswith("thing")
    assert not Path("things_xeduhub.py").exists()  # of this size XEduHub prepares no picture


def test_without_its_configuration_a_checkpoint_is_taken_for_mmedus(folder: Path) -> None:
    made = convert(checkpoint("SSD_Lite", config=""), "things.onnx")
    assert len(made.guessed) == 1
    card = Plugins.load().model("./things.onnx", Path())
    assert (card.task, card.input.width, card.input.resize, card.decode["layout"]) == ("detect", 320, "stretch", "mmdet")


def test_others_are_refused_by_name(folder: Path) -> None:
    zeros = torch.zeros(3, 3)
    for name, meta in (("bbox_head.retina_cls", {"config": "model = dict(type='RetinaNet')"}), ("roi_head.x", {})):
        torch.save({"meta": meta, "state_dict": {"backbone.conv1.weight": zeros, f"{name}.weight": zeros}}, "boxes.pth")
        with pytest.raises(ProjectError) as caught:
            convert("boxes.pth", "boxes.onnx")
        assert caught.value.code == "XM530"
        assert ("RetinaNet" if meta else "backbone, roi_head") in caught.value.show("en")
        assert "SSD_Lite" in caught.value.show("zh") or "MMDeploy" in caught.value.show("zh")


def test_a_layer_more_is_another_network(folder: Path) -> None:
    file = checkpoint("Yolov3")
    known = torch.load(file, weights_only=True)
    known["state_dict"]["neck.attention.weight"] = torch.zeros(3)
    torch.save(known, file)
    with pytest.raises(ProjectError) as caught:
        convert(file, "things.onnx")
    assert caught.value.code == "XM530" and "YOLOV3" in caught.value.show("en")


def test_a_configuration_is_read_and_never_run() -> None:
    model = "model = dict(type='X', test_cfg=dict(score_thr=0.5, nms=dict(iou_threshold=0.3)))"
    found = mm_config.program({"config": f"import os\nos.system('touch exploded')\n{model}"})
    test = mm_config.part(found, "model", "test_cfg")
    assert settings.thresholds(test, {"score_thr": 0.1, "iou": 0.5, "max_per_img": 7}) == {
        "score_thr": 0.5,
        "iou": 0.3,
        "max_per_img": 7,
    }
    assert not Path("exploded").exists()


def test_boxes_as_flat_as_a_line_hide_no_others(folder: Path) -> None:
    """Boxes of other kinds are moved far away; there a low one has no height left, and shares nothing with any other."""
    assert convert(checkpoint("Yolov3"), "things.onnx", size=320).difference <= MOST
    flat, scores = [[9.0, 5, 12, 5]] * 3, [0.9, 0.8, 0.7]
    table = [*flat, [0.0, 0, 10, 10], [0.0, 0, 9, 10], [20.0, 0, 30, 10]]
    found = best_boxes(torch.tensor(table), torch.tensor([*scores, 0.6, 0.5, 0.4]), 0.5, 0.1, 10)
    assert found.tolist() == [0, 1, 2, 3, 5]


def test_other_answers_are_noticed(folder: Path) -> None:
    """Rows may change places; a box that is elsewhere, or of another kind, may not."""
    convert(checkpoint("SSD_Lite"), "things.onnx")
    from xmaker_toolbox.convert.compare import session

    given = np.random.default_rng(0).normal(0, 1, (1, 3, 320, 320)).astype(np.float32)
    dets, labels = session("things.onnx").run(None, {"input": given})
    assert dets.shape[1] > 50
    assert difference("things.onnx", [given], [(dets[:, ::-1], labels[:, ::-1])]) == 0
    assert difference("things.onnx", [given], [(dets + 1, labels)]) > 1e-3
    assert difference("things.onnx", [given], [(dets, labels + 1)]) >= 1
    assert difference("things.onnx", [given], [(dets[:, :0], labels[:, :0])]) == float("inf")
