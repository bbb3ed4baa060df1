"""A classifier's model file and its engine: what is wrong with them is said, and how ONNX Runtime is set up."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import onnx
import pytest
import xmaker_onnxruntime
from xmaker_classifier import Classifier

from tests.plugins.test_classifier import CARD, network
from xmaker import NodeError, Plugins, Project, ProjectError
from xmaker.testing import ProjectRun


def problem(tmp_path: Path, **options: Any) -> str:
    """Return the code of what is wrong with a classifier's options."""
    plugins = Plugins.load()
    project = Project("test", folder=tmp_path, plugins=plugins).add(plugins.nodes["camera"](), name="camera")
    with pytest.raises(ProjectError) as raised:
        project.add(Classifier(**options), name="pet", from_="camera").check()
    return raised.value.code


def test_what_is_wrong_with_a_model_is_said_before_the_run(tmp_path: Path) -> None:
    whole = network(tmp_path / "whole.onnx", CARD).read_bytes()
    (tmp_path / "cut.onnx").write_bytes(whole[:-20])
    (tmp_path / "text.onnx").write_text("This is no model.")
    (tmp_path / "empty.onnx").write_bytes(b"")
    (tmp_path / "folder.onnx").mkdir()
    network(tmp_path / "bare.onnx", None)
    network(tmp_path / "finds.onnx", CARD | {"task": "detect"})
    network(tmp_path / "odd.onnx", CARD | {"input": {"width": 0, "height": 8}})
    network(tmp_path / "unequal.onnx", CARD | {"labels": {"en": ["a", "b"], "zh": ["甲"]}})
    codes = {name: problem(tmp_path, model=f"{name}.onnx") for name in ("cut", "text", "empty", "folder", "bare", "finds")}
    assert codes == {"cut": "XM605", "text": "XM605", "empty": "XM605", "folder": "XM604", "bare": "XM606", "finds": "XM619"}
    assert problem(tmp_path, model="odd.onnx") == problem(tmp_path, model="unequal.onnx") == "XM614"
    assert problem(tmp_path, model="nothing.onnx") == "XM604"
    assert problem(tmp_path, model="imagnet") == "XM607"


def test_a_network_that_the_engine_refuses_ends_the_run_with_its_reason(tmp_path: Path) -> None:
    model = onnx.load(str(network(tmp_path / "bad.onnx", CARD)))
    model.graph.node[0].op_type = "NoSuchOperator"
    onnx.save(model, str(tmp_path / "bad.onnx"))
    plugins = Plugins.load()
    project = Project("test", folder=tmp_path, plugins=plugins).add(plugins.nodes["camera"](), name="camera")
    run = ProjectRun(project.add(Classifier(model="bad.onnx"), name="pet", from_="camera"))
    run.stop()
    failure = run.runtime.failure
    assert isinstance(failure, NodeError)
    assert failure.code == "XM618"
    assert "NoSuchOperator" in str(failure)


def test_the_engine_keeps_quiet_and_calm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No telemetry, no spinning threads, every optimisation: the options are read back from ONNX Runtime itself."""
    monkeypatch.delenv("ORT_DISABLE_TELEMETRY", raising=False)
    card = Plugins().model("colours.onnx", network(tmp_path / "colours.onnx", CARD).parent)
    session = xmaker_onnxruntime.OnnxRuntime().load(card, threads=2)
    options = session._run.__self__.get_session_options()
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"
    assert options.intra_op_num_threads == 2
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"
    assert options.graph_optimization_level.name == "ORT_ENABLE_ALL"


def test_the_plugin_loads_without_the_engine() -> None:
    program = "import sys, xmaker_onnxruntime, xmaker_classifier; print({'onnxruntime', 'numpy', 'cv2'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "set()\n"
