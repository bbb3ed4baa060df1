"""What a network's files say of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from onnx import TensorProto, helper, save
from xmaker_toolbox.speed.network import megabytes, name_of, precision_of

from tests.plugins.engines.networks import write_ncnn, write_onnx, write_tflite


@pytest.mark.parametrize("name", ["cats.onnx", "cats_int8.onnx", "cats_fp32.tflite", "cats.ncnn.param", "cats_int8.ncnn.param"])
def test_files_of_one_network_share_a_name(name: str) -> None:
    assert name_of(Path(name)) == "cats"


def test_the_name_tells_the_precision(tmp_path: Path) -> None:
    for ending, precision in (("_int8", "INT8"), ("_fp16", "FP16"), ("_fp32", "FP32")):
        assert precision_of(write_onnx(tmp_path / f"cats{ending}.onnx")) == precision


def test_else_what_is_in_it_does(tmp_path: Path) -> None:
    assert precision_of(write_onnx(tmp_path / "cats.onnx")) == "FP32"
    assert precision_of(write_tflite(tmp_path / "cats.tflite")) == "FP32"
    assert precision_of(write_tflite(tmp_path / "bytes.tflite", int8=True)) == "INT8"
    param = write_ncnn(tmp_path / "cats.ncnn.param")
    assert precision_of(param) == "FP32"
    param.write_text(param.read_text() + "Convolution conv 1 1 a b 0=8 1=3 6=216 8=2\n")
    assert precision_of(param) == "INT8"
    given, gives = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy")
    scale = helper.make_tensor("s", TensorProto.FLOAT, [], [0.1])
    nodes = [helper.make_node("QuantizeLinear", ["x", "s"], ["q"]), helper.make_node("DequantizeLinear", ["q", "s"], ["y"])]
    save(helper.make_model(helper.make_graph(nodes, "q", [given], [gives], [scale])), tmp_path / "q.onnx")
    assert precision_of(tmp_path / "q.onnx") == "INT8"


def test_weights_beside_a_file_count(tmp_path: Path) -> None:
    param = write_ncnn(tmp_path / "cats.ncnn.param")
    param.with_suffix(".bin").write_bytes(bytes(2_000_000))
    assert megabytes(param) == pytest.approx(2.0, abs=0.01)
    onnx = write_onnx(tmp_path / "cats.onnx", work=1)
    assert megabytes(onnx) == pytest.approx(onnx.stat().st_size / 1e6)
