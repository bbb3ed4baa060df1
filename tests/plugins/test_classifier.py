"""The classifier on ONNX Runtime, with tiny networks made here: their scores are how blue, green and red the picture is."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from xmaker_classifier import Classifier

from xmaker import Frame, Label, Plugins, Project
from xmaker.testing import ProjectRun

BLUE, GREEN, RED = (255, 0, 0), (0, 255, 0), (0, 0, 255)
"""In BGR order."""

CARD: dict[str, Any] = {
    "name": "colours",
    "task": "classify",
    "input": {"width": 8, "height": 8},
    "labels": {"en": ["blue", "green", "red"], "zh": ["蓝", "绿", "红"]},
}


def network(path: Path, card: dict[str, Any] | None, kind: int = TensorProto.UINT8, nchw: bool = False) -> Path:
    """Write a network that averages each channel, with a card in its metadata."""
    shape = [1, 3, 8, 8] if nchw else [1, 8, 8, 3]
    axes = helper.make_tensor("axes", TensorProto.INT64, [2], [2, 3] if nchw else [1, 2])
    whole = helper.make_tensor("whole", TensorProto.FLOAT, [], [255.0 if kind == TensorProto.UINT8 else 1.0])
    nodes = [
        helper.make_node("Cast", ["picture"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["float", "axes"], ["mean"], keepdims=0),
        helper.make_node("Div", ["mean", "whole"], ["scores"]),
    ]
    picture = helper.make_tensor_value_info("picture", kind, shape)
    scores = helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, 3])
    model = helper.make_model(
        helper.make_graph(nodes, "colours", [picture], [scores], [axes, whole]),
        opset_imports=[helper.make_opsetid("", 18)],
        ir_version=9,
    )
    if card is not None:
        helper.set_model_props(model, {"xmaker": json.dumps(card)})
    onnx.save(model, str(path))
    return path


def plain(colour: tuple[int, int, int], width: int = 16, height: int = 16, source: str = "") -> Frame:
    return Frame(np.full((height, width, 3), colour, np.uint8), source)


Look = Callable[..., ProjectRun]


@pytest.fixture
def look(tmp_path: Path, xmaker_run: Any) -> Look:
    """Give a function that runs a classifier on what the test sends as `camera`."""

    def look(
        card: dict[str, Any] | None = CARD, nchw: bool = False, kind: int = TensorProto.UINT8, **options: Any
    ) -> ProjectRun:
        network(tmp_path / "colours.onnx", card, kind, nchw)
        plugins = Plugins.load()
        project = Project("test", folder=tmp_path, plugins=plugins).add(plugins.nodes["camera"](), name="camera")
        project.add(Classifier(model="colours.onnx", **options), name="pet", from_="camera")
        project.check()
        return xmaker_run(project)  # type: ignore[no-any-return]

    return look


def labels(run: ProjectRun) -> list[str]:
    return [str(event.value.label) for event in run.events if isinstance(event.value, Label)]


def test_the_plugin_loads_without_the_engine() -> None:
    program = "import sys, xmaker_onnxruntime, xmaker_classifier; print({'onnxruntime', 'numpy', 'cv2'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "set()\n"
