"""Long work on models, beside the run: it is cancelled, ends with the run, and takes nothing with it when it crashes."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import onnx
import pytest
from onnx import helper

from tests.plugins.panel.conftest import names, upload
from tests.plugins.panel.test_teaching import wait_gone
from xmaker.testing import wait_until


@pytest.fixture
def panel(colours: Any) -> Any:
    return colours


def test_quantizing_is_cancelled_and_leaves_nothing(panel: Any, tmp_path: Path) -> None:
    panel.tell("/models", "quantize", model="models/colours.onnx", data="pictures")
    assert panel.tell("/models", "evaluate", model="models/colours.onnx", data="pictures")[1]["code"] == "XM970"
    assert panel.tell("/models", "cancel")[0] == 200
    assert panel.job()["state"] == "cancelled"
    wait_gone(tmp_path)
    assert names(panel) == ["models/colours.onnx"]
    assert panel.tell("/models", "evaluate", model="models/colours.onnx", data="pictures")[0] == 200, "the next may begin"
    assert panel.job()["state"] == "done"


def test_what_is_worked_on_ends_with_the_run(panel: Any, tmp_path: Path) -> None:
    panel.tell("/models", "quantize", model="models/colours.onnx", data="pictures")
    [folder] = (tmp_path / ".xmaker").glob("xmaker-job-*")
    assert folder.is_dir()
    panel.end()
    assert not folder.exists()
    assert not [one for one in threading.enumerate() if one.name == "xmaker-job"], "nobody waits for it any more"


def test_to_look_needs_no_place_in_the_project(panel: Any, tmp_path: Path) -> None:
    """As in a folder that nobody may write to, where there can be no `.xmaker` either."""
    (tmp_path / ".xmaker").write_text("in the way", encoding="utf-8")
    assert panel.get("/models/card?lang=en&model=models/colours.onnx")["labels"] == 3
    path = "/models/try?lang=en&model=models/colours.onnx&camera=camera"
    assert panel.ask(path, "POST", "", Origin=f"http://{panel.address}").status == 200
    assert panel.tell("/models", "evaluate", model="models/colours.onnx", data="pictures")[0] == 200
    assert panel.job()["state"] == "done"
    status, answer = panel.tell("/models", "quantize", model="models/colours.onnx", data="pictures")
    assert (status, answer["code"]) == (409, "XM490"), "what is written needs one"


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_work_ends_when_the_run_is_killed_and_the_next_run_tidies_up(panel: Any, tmp_path: Path) -> None:
    """`kill -9`, or a power cut but for the disk."""
    code = (
        "import sys, time; from pathlib import Path; from xmaker_panel.jobs import Worker;"
        "one = Worker(Path(sys.argv[1]), 'quantize', {'model': sys.argv[2], 'data': ''});"
        "print(one._process.pid, flush=True); time.sleep(60)"
    )
    place, model = tmp_path / ".xmaker", tmp_path / "models" / "colours.onnx"
    run = subprocess.Popen([sys.executable, "-c", code, str(place), str(model)], stdout=subprocess.PIPE, text=True)
    with run:
        assert run.stdout
        worker = int(run.stdout.readline())
        assert len([*place.glob("xmaker-job-*")]) == 1
        run.kill()
    wait_until(lambda: not is_there(worker))
    assert upload(panel, "more.onnx", model.read_bytes())[0] == 200
    wait_gone(tmp_path)


def is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_network_that_crashes_takes_nothing_with_it(panel: Any, tmp_path: Path) -> None:
    """It asks for more memory than any computer has."""
    shape = helper.make_tensor("shape", onnx.TensorProto.INT64, [2], [1 << 20, 1 << 20])
    nodes = [
        helper.make_node("ConstantOfShape", ["shape"], ["a"]),
        helper.make_node("ReduceMax", ["a"], ["b"], axes=[0, 1]),
        helper.make_node("Mul", ["picture", "b"], ["c"]),
        helper.make_node("GlobalAveragePool", ["c"], ["d"]),
        helper.make_node("Flatten", ["d"], ["e"]),
    ]
    picture = helper.make_tensor_value_info("picture", onnx.TensorProto.FLOAT, [1, 3, 32, 32])
    scores = helper.make_tensor_value_info("e", onnx.TensorProto.FLOAT, [1, 3])
    graph = helper.make_graph(nodes, "greedy", [picture], [scores], [shape])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    name = upload(panel, "greedy.onnx", made.SerializeToString())[1]["model"]
    panel.tell("/models", "label", model=name, labels="a\nb\nc")
    panel.tell("/models", "quantize", model=name, data="pictures")
    done = panel.job()
    assert done["state"] == "failed" and done["error"]["words"]
    assert panel.runtime.workers["colour"].state == "on"
