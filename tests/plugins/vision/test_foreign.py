"""Model files of other programs, used with no option but their path. Each is made here as that program writes it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from xmaker_classifier import Classifier

from xmaker import Detections, Frame, Label, ModelCard, Plugins, Project, ProjectError
from xmaker.testing import ProjectRun

BLUE, GREEN, RED = (255, 0, 0), (0, 255, 0), (0, 0, 255)
"""In BGR order."""
FLOAT, UINT8, HALF = TensorProto.FLOAT, TensorProto.UINT8, TensorProto.FLOAT16
NAMES = ["红苹果", "green apple", "blueberry"]
"""In the order red, green, blue."""


def network(
    path: Path,
    shape: Sequence[int | str] = (1, 3, 224, 224),
    kind: int = FLOAT,
    last: str = "Softmax",
    inputs: int = 1,
    **metadata: str,
) -> Path:
    """Write a network whose scores are the channels' means, as they come in; a picture of one channel has three scores too."""
    nchw = shape[1] in (1, 3)
    axes = helper.make_tensor("axes", TensorProto.INT64, [2], [2, 3] if nchw else [1, 2])
    nodes = [
        helper.make_node("Cast", ["input"], ["float"], to=FLOAT),
        helper.make_node("ReduceMean", ["float", "axes"], ["mean"], keepdims=0),
        helper.make_node("Concat", ["mean"] * (3 if 1 in shape[1::2] else 1), ["logits"], axis=1),
        helper.make_node(last, ["logits"], ["probs"]),
    ]
    pictures = [helper.make_tensor_value_info("input" if n == 0 else f"more{n}", kind, shape) for n in range(inputs)]
    probs = helper.make_tensor_value_info("probs", FLOAT, [shape[0], 3])
    graph = helper.make_graph(nodes, "g", pictures, [probs], [axes])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    helper.set_model_props(model, metadata)
    onnx.save(model, str(path))
    return path


def card_of(path: Path) -> ModelCard:
    return Plugins.load().model(str(path), Path())


def label_of(path: Path, colour: tuple[int, int, int], **options: Any) -> Label:
    """Run a project that looks at one picture of one colour."""
    plugins = Plugins.load()
    project = Project("test", folder=path.parent, plugins=plugins).add(plugins.nodes["camera"](), name="camera")
    run = ProjectRun(project.add(Classifier(model=path.name, **options), name="fruit", from_="camera"))
    run.send("camera", Frame(np.full((60, 80, 3), colour, np.uint8)))
    run.stop()
    labels = [event.value for event in run.events if isinstance(event.value, Label)]
    if not labels:
        raise run.runtime.failure or run.errors[0]
    return labels[-1]


def all_right(path: Path) -> bool:
    """Whether each colour gets its label: then channels, numbers and labels are where they belong."""
    return [str(label_of(path, colour).label) for colour in (RED, GREEN, BLUE)] == NAMES


def test_mmedu_since_0_1_15(tmp_path: Path) -> None:
    info = json.dumps({"codebase": "MMCls", "modelname": "MobileNet", "classes": NAMES})
    path = network(tmp_path / "fruit.onnx", MODEL_INFO=info)
    card = card_of(path)
    assert "\\u7ea2" in info  # MMEdu escapes what is not ASCII
    assert (card.format, card.guessed) == ("MMEdu, MobileNet", [])
    assert (card.input.resize, card.input.crop, card.input.normalise_first) == ("stretch", 0.875, True)
    assert all_right(path)


def test_mmedu_0_1_9_to_0_1_14(tmp_path: Path) -> None:
    path = network(tmp_path / "fruit.onnx", CLASSES="|".join(NAMES))
    assert card_of(path).format == "MMEdu 0.1.9 to 0.1.14"
    assert all_right(path)


SAMPLE = """
import onnxruntime as rt
from BaseDT.data_image import ImageData
import numpy as np
import cv2

class_names = {names}
sess = rt.InferenceSession('fruit.onnx', None)
dt = ImageData(Vshow, backbone="MobileNet")
raise SystemExit("read, never run")
"""


def test_mmedu_before_0_1_9_has_its_labels_in_the_sample_program(tmp_path: Path) -> None:
    path = network(tmp_path / "fruit.onnx")
    (tmp_path / "fruit.py").write_text(SAMPLE.format(names=NAMES), encoding="utf-8")
    assert card_of(path).format == "MMEdu before 0.1.9, MobileNet"
    assert all_right(path)


def test_the_lenet_of_mmedu_is_grey(tmp_path: Path) -> None:
    info = json.dumps({"codebase": "MMCls", "modelname": "LeNet", "classes": NAMES})
    card = card_of(network(tmp_path / "digits.onnx", (1, 1, 32, 32), MODEL_INFO=info))
    assert (card.input.colour, card.input.mean, card.input.width) == ("GREY-SWAPPED", (33.46,), 32)
    assert label_of(tmp_path / "digits.onnx", RED).score == pytest.approx(1 / 3)


def test_basenn_knows_no_labels(tmp_path: Path) -> None:
    path = network(tmp_path / "fruit.onnx", (1, 3, 64, 64), input_size="[1, 3, 64, 64]", dataset_type="img")
    assert label_of(path, BLUE).label == "0"  # BGR, as it comes
    (tmp_path / "labels.txt").write_text("blue\ngreen\nred\n")
    assert label_of(path, GREEN).label == "green"


def test_what_basenn_would_run_is_only_read(tmp_path: Path) -> None:
    evil = f"open({str(tmp_path / 'gotcha')!r}, 'w') and [1, 3, 64, 64]"
    path = network(tmp_path / "fruit.onnx", (1, 3, 64, 64), input_size=evil, dataset_type="img")
    with pytest.raises(ProjectError) as raised:
        card_of(path)
    assert raised.value.code == "XM614"
    assert not (tmp_path / "gotcha").exists()


def test_mind_plus(tmp_path: Path) -> None:
    path = network(tmp_path / "model.onnx", (1, 3, 320, 320))
    yaml = "base_model: yolov8n-cls\nlabels:\n" + "".join(f"  {n}: {name}\n" for n, name in enumerate(NAMES))
    (tmp_path / "model.yaml").write_text(yaml + "input_shape: [320, 320]\n", encoding="utf-8")
    assert card_of(path).format == "Mind+, yolov8n-cls"
    assert all_right(path)


def test_teachable_machine_numbers_its_labels(tmp_path: Path) -> None:
    path = network(tmp_path / "model.onnx", ("unk__606", 224, 224, 3))
    (tmp_path / "labels.txt").write_text("".join(f"{n} {name}\n" for n, name in enumerate(NAMES)), encoding="utf-8")
    card = card_of(path)
    assert (card.format, card.input.mean, card.input.layout) == ("Teachable Machine", (127.5, 127.5, 127.5), "NHWC")
    assert all_right(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("name", ["labels.txt", "fruit.txt", "classes.txt"])
def test_any_classifier_with_a_file_of_labels(tmp_path: Path, name: str, encoding: str) -> None:
    path = network(tmp_path / "fruit.onnx")
    (tmp_path / name).write_text("\n".join(NAMES) + "\n\n", encoding=encoding)
    assert all_right(path)


def test_networks_with_a_thousand_scores_know_the_thousand_objects() -> None:
    """Networks of the ONNX model zoo, as onnx ships them: the graphs are real, the weights are all the same."""
    folder = Path(onnx.__file__).parent / "backend/test/data/light"
    card = card_of(folder / "light_resnet50.onnx")
    assert card.label_names()[281] == "虎斑猫" or card.label_names()[281] == "tabby"
    assert (card.input.layout, card.input.crop, card.input.colour) == ("NCHW", 0.875, "RGB")
    assert {card_of(folder / f"light_{name}.onnx").format for name in ("shufflenet", "vgg19", "squeezenet")} == {"ImageNet"}


def test_logits_become_probabilities(tmp_path: Path) -> None:
    path = network(tmp_path / "fruit.onnx", last="Identity", CLASSES="|".join(NAMES))
    assert card_of(path).decode == {"scores": "logits"}
    assert sum(score for _, score in label_of(path, RED).top) == pytest.approx(1.0)


@pytest.mark.parametrize("shape", [(1, 3, 224, 224), (1, 224, 224, 3), ("N", 3, 224, 224), ("N", 3, "H", "W")])
@pytest.mark.parametrize("kind", [FLOAT, UINT8, HALF])
def test_every_kind_of_picture(tmp_path: Path, shape: tuple[int | str, ...], kind: int) -> None:
    path = network(tmp_path / "fruit.onnx", shape, kind)
    (tmp_path / "labels.txt").write_text("\n".join(NAMES), encoding="utf-8")
    assert all_right(path)
    assert any("any" in guess for guess in card_of(path).guessed) == ("H" in shape)


def test_a_card_in_a_file_beside_it(tmp_path: Path) -> None:
    network(tmp_path / "fruit.onnx", kind=UINT8)
    card = {"name": "fruit", "task": "classify", "file": "fruit.onnx", "labels": {"zh": NAMES}}
    wanted = {"width": 224, "height": 224, "layout": "NCHW", "colour": "RGB"}
    (tmp_path / "fruit.json").write_text(json.dumps(card | {"input": wanted}))
    assert all_right(tmp_path / "fruit.json")


def test_a_detector_of_mmedu_answers_as_its_users_know(tmp_path: Path) -> None:
    """The boxes of MMEdu's files are in pixels of the network's input; those here were also put into XEduHub 2.0.0."""
    dets = np.array([[[32, 64, 160, 160, 0.9], [100.7, 20.2, 300.9, 310.4, 0.8], [0, 0, 10, 10, 0.1]]], np.float32)
    constants = [numpy_helper.from_array(dets, "found"), numpy_helper.from_array(np.array([[1, 0, 2]]), "kinds")]
    nodes = [
        helper.make_node("ReduceMin", ["input"], ["least"], keepdims=0),
        helper.make_node("Sub", ["least", "least"], ["nothing"]),
        helper.make_node("Add", ["found", "nothing"], ["dets"]),
        helper.make_node("Identity", ["kinds"], ["labels"]),
    ]
    outputs = [("dets", FLOAT, [1, 3, 5]), ("labels", TensorProto.INT64, [1, 3])]
    picture = helper.make_tensor_value_info("input", FLOAT, [1, 3, 320, 320])
    graph = helper.make_graph(nodes, "g", [picture], [helper.make_tensor_value_info(*one) for one in outputs], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=6)
    info = {"codebase": "MMDet", "modelname": "SSD_Lite", "classes": ["猫", "狗", "鸟"]}
    helper.set_model_props(model, {"MODEL_INFO": json.dumps(info)})
    onnx.save(model, str(tmp_path / "pets.onnx"))
    plugins = Plugins.load()
    project = Project("test", folder=tmp_path, plugins=plugins).add(plugins.nodes["camera"](), name="camera")
    run = ProjectRun(project.add(plugins.nodes["detector"](model="pets.onnx"), name="pets", from_="camera"))
    for _ in range(2):  # what is there is sure when it has been seen twice
        run.send("camera", Frame(np.zeros((240, 320, 3), np.uint8)))
    found = next(event.value for event in reversed(run.events) if isinstance(event.value, Detections))
    run.stop()
    assert json.loads(json.dumps(found.as_xedu())) == [
        {"标签": 1, "置信度": pytest.approx(0.9), "坐标": {"x1": 32, "y1": 48, "x2": 160, "y2": 120}, "预测结果": "狗"},
        {"标签": 0, "置信度": pytest.approx(0.8), "坐标": {"x1": 100, "y1": 15, "x2": 300, "y2": 232}, "预测结果": "猫"},
    ]


def labelled(path: Path, encoding: str = "utf-8") -> Path:
    path.with_suffix(".txt").write_text("\n".join(NAMES), encoding=encoding)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
def test_labels_may_be_written_as_windows_does(tmp_path: Path, encoding: str) -> None:
    card = card_of(labelled(network(tmp_path / "fruit.onnx", (1, 3, 32, 32)), encoding))
    assert card.labels == {"zh": NAMES}


def test_a_detector_that_gives_one_thing_is_no_classifier(tmp_path: Path) -> None:
    dets = helper.make_tensor_value_info("dets", FLOAT, [1, 1, 5])
    kinds = helper.make_tensor_value_info("labels", TensorProto.INT64, [1, 1])
    constants = [
        numpy_helper.from_array(np.zeros((1, 1, 5), np.float32), "a"),
        numpy_helper.from_array(np.zeros((1, 1), np.int64), "b"),
    ]
    nodes = [helper.make_node("Identity", ["a"], ["dets"]), helper.make_node("Identity", ["b"], ["labels"])]
    picture = helper.make_tensor_value_info("images", FLOAT, [1, 3, 64, 64])
    onnx.save(
        helper.make_model(helper.make_graph(nodes, "g", [picture], [dets, kinds], constants), ir_version=9),
        str(tmp_path / "one.onnx"),
    )
    card = card_of(labelled(tmp_path / "one.onnx"))
    assert (card.task, card.decode) == ("detect", {"layout": "mmdet"})
