"""`xmaker model teach` with pictures: one ONNX file of one's own, without torch, and an honest word on how good it is."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
import pytest
from xmaker_toolbox.nodes import opened
from xmaker_toolbox.pictures import load_picture
from xmaker_toolbox.progress import Cancelled
from xmaker_toolbox.teach.graph import feature_network, trunk
from xmaker_toolbox.teach.lesson import teach

from tests.conftest import Run as Xmaker
from xmaker import Frame, Plugins, ProjectError, read_onnx

from .conftest import draw

SHIPPED = Path(__file__).parents[4] / "plugins/xmaker_imagenet/efficientnet_lite0_int8.onnx"


def answer(model: Path, image: Any) -> Any:
    with opened(Plugins.load(), "classifier", model=str(model), smooth=0.0) as node:
        return node.run(Frame(image, "a.png"))


def test_what_was_taught_is_told_apart_in_a_project(shapes: Path, tmp_path: Path) -> None:
    lesson = teach(shapes, tmp_path / "shapes.onnx")
    assert lesson.labels == ["ring", "stripes"]
    assert lesson.counts == [8, 8]
    assert lesson.accuracy > 0.9
    for kind in lesson.labels:
        draw(tmp_path / "new.png", kind, 100)
        label = answer(lesson.file, load_picture(tmp_path / "new.png"))
        assert (label.label, label.score > 0.5) == (kind, True)


def test_the_file_says_what_it_is_to_xmaker_and_to_mmedus_users(shapes: Path, tmp_path: Path) -> None:
    teach(shapes, tmp_path / "形状.onnx")
    file = read_onnx(tmp_path / "形状.onnx")
    onnx.checker.check_model(onnx.load(file.path))
    assert json.loads(file.metadata["MODEL_INFO"]) == {
        "codebase": "MMCls",
        "modelname": "MobileNet",
        "classes": ["ring", "stripes"],
    }
    assert [str(one) for one in (*file.inputs, *file.outputs)] == ["input float32 [1, 3, 224, 224]", "probs float32 [1, 2]"]
    assert Plugins.load().model(str(file.path), Path()).labels["en"] == ["ring", "stripes"]


def test_the_same_pictures_give_the_same_file(shapes: Path, tmp_path: Path) -> None:
    teach(shapes, tmp_path / "a" / "shapes.onnx")
    teach(shapes, tmp_path / "b" / "shapes.onnx")
    assert (tmp_path / "a" / "shapes.onnx").read_bytes() == (tmp_path / "b" / "shapes.onnx").read_bytes()


def test_the_features_are_those_of_the_shipped_network() -> None:
    """The cut network gives what the whole one has at that place."""
    import onnxruntime

    whole = onnx.load(SHIPPED)
    whole.graph.output.append(onnx.helper.make_tensor_value_info("/Reshape_output_0", onnx.TensorProto.FLOAT, [1, 1280]))
    picture = np.random.default_rng(0).integers(0, 256, (1, 224, 224, 3), np.uint8)
    networks = (whole.SerializeToString(), feature_network(trunk(SHIPPED.read_bytes())))
    sessions = [onnxruntime.InferenceSession(one, providers=["CPUExecutionProvider"]) for one in networks]
    assert np.array_equal(*(one.run(["/Reshape_output_0"], {"image": picture})[0] for one in sessions))


def test_odd_pictures_are_taken_or_counted(shapes: Path, tmp_path: Path) -> None:
    grey = cv2.imread(str(shapes / "ring" / "0.png"), cv2.IMREAD_GRAYSCALE)
    cv2.imwrite(str(shapes / "ring" / "grey.png"), grey)
    cv2.imwrite(str(shapes / "ring" / "pixel.png"), grey[:1, :1])
    (shapes / "ring" / "cut.png").write_bytes((shapes / "ring" / "1.png").read_bytes()[:60])
    (shapes / "ring" / "none.jpg").write_text("no picture")
    lesson = teach(shapes, tmp_path / "shapes.onnx")
    assert lesson.counts == [10, 8]
    assert sorted(path.name for path in lesson.skipped) == ["cut.png", "none.jpg"]


@pytest.mark.parametrize(
    ("left", "code"),
    [
        ({"ring": 8, "stripes": 4}, "XM465"),
        ({"ring": 8}, "XM466"),
        ({"": 8}, "XM467"),
        ({}, "XM493"),
    ],
)
def test_what_cannot_be_learnt_is_refused_with_the_reason(tmp_path: Path, left: dict[str, int], code: str) -> None:
    (tmp_path / "few").mkdir()
    for kind, count in left.items():
        for number in range(count):
            draw(tmp_path / "few" / kind / f"{number}.png", kind, number)
    with pytest.raises(ProjectError) as caught:
        teach(tmp_path / "few", tmp_path / "few.onnx")
    assert caught.value.code == code
    assert not (tmp_path / "few.onnx").exists()


def test_who_ends_it_loses_nothing(shapes: Path, tmp_path: Path) -> None:
    before = teach(shapes, tmp_path / "shapes.onnx").file.read_bytes()

    def progress(part: float, doing: str = "") -> None:
        if part > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        teach(shapes, tmp_path / "shapes.onnx", progress=progress)
    assert (tmp_path / "shapes.onnx").read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == ["shapes", "shapes.onnx"]


def test_the_command_says_how_good_it_is_and_how_to_use_it(
    shapes: Path, xmaker: Xmaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shapes.parent)
    ran = xmaker("model", "teach", shapes, "--to", "shapes.onnx")
    assert ran.code == 0
    assert "of 16 pictures were right" in ran.out
    assert "{use: classifier, model: shapes.onnx, from: camera}" in ran.out
    assert "XM471" in xmaker("model", "teach", shapes, "--to", "shapes.pth").err


def test_what_lies_there_is_pictures_or_sounds(shapes: Path, xmaker: Xmaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shapes.parent)
    (shapes / "ring" / "hello.wav").touch()
    assert "XM489" in xmaker("model", "teach", "shapes").err
    (shapes.parent / "empty" / "cat").mkdir(parents=True)
    assert "XM488" in xmaker("model", "teach", "empty").err
    assert "XM923" in xmaker("model", "teach", "nowhere").err
    assert sorted(os.listdir()) == ["empty", "shapes"]


@pytest.mark.parametrize("name", ["mine.onnx", "mine.json"])
def test_what_no_lesson_wrote_is_left_as_it_is(shapes: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("{}")
    with pytest.raises(ProjectError) as caught:
        teach(shapes, tmp_path / name)
    assert caught.value.code == "XM487"
    assert (tmp_path / name).read_text() == "{}"


def test_pictures_of_one_moment_are_said_to_flatter(xmaker: Xmaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight pictures of one ring, each a little brighter, are no eight rings."""
    monkeypatch.chdir(tmp_path)
    for number in range(8):
        draw(tmp_path / f"burst/stripes/{number}.png", "stripes", number)
        draw(tmp_path / f"burst/ring/{number}.png", "ring", 3)
        one = cv2.imread(str(tmp_path / f"burst/ring/{number}.png"))
        cv2.imwrite(str(tmp_path / f"burst/ring/{number}.png"), cv2.add(one, (number, number, number, 0)))
    assert teach("burst", "burst.json").moments[0] == 1
    told = xmaker("model", "teach", "burst", "--to", "burst.json").out
    (said,) = [line for line in told.splitlines() if "pictures are of a few moments" in line]
    assert said.startswith("ring")
    assert "--data" in said


def test_a_class_of_which_nothing_can_be_read_is_too_few(shapes: Path, tmp_path: Path) -> None:
    for path in (shapes / "ring").iterdir():
        path.write_text("no picture")
    with pytest.raises(ProjectError) as caught:
        teach(shapes, tmp_path / "shapes.onnx")
    assert (caught.value.code, caught.value.problems[0].details["count"]) == ("XM465", 0)


def test_folders_may_be_links(shapes: Path, xmaker: Xmaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shapes.parent)
    (shapes.parent / "linked").mkdir()
    for kind in ("ring", "stripes"):
        (shapes.parent / "linked" / kind).symlink_to(shapes / kind)
    assert "of 16 pictures were right" in xmaker("model", "teach", "linked", "--to", "linked.json").out
