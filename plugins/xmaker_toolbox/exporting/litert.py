"""LiteRT's .tflite, by onnx2tf: what it writes such files with needs no TensorFlow."""

from __future__ import annotations

import platform
import re
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from xmaker import MissingDependency, ProjectError
from xmaker_toolbox.editing.network import forget_unused
from xmaker_toolbox.quantizing.runtime import hushed, in_short
from xmaker_toolbox.quantizing.source import INTEGERS

EXTRA, ALONE = 'pip install "xmaker[litert,toolbox]"', 'pip install --no-deps "onnx2tf>=2.4" sng4onnx psutil'
"""Without --no-deps, pip would bring what onnx2tf needs for other files, and other versions of what is here already."""
INSTALL = f"{EXTRA} && {ALONE}"
ELSEWHERE = f"python3.12 -m venv new && new/bin/{EXTRA} && new/bin/{ALONE}"
LIBRARIES = ("onnx2tf", "sng4onnx", "psutil", "onnxslim", "ai_edge_litert")
OLDEST = (2, 4)
"""The first version of onnx2tf that writes without TensorFlow unless it is asked for it."""
PYTHON = (3, 12)
"""The oldest Python for that version."""
PATIENCE = 600.0
"""Seconds for the largest networks; a MobileNet takes two."""
MADE = "_float32.tflite"
"""How the file's name ends; another, in 16 bits, lies beside it."""


def write(network: Path, stem: str, shape: Sequence[int], folder: Path) -> str:
    """Write `stem`.tflite; return "NHWC" where the colours come last in it and did not before, else "".

    Raises ProjectError, MissingDependency.
    """
    _refuse_integers(network, stem)
    require()
    try:
        kept = _prepare(network, shape)
    except Exception as error:  # noqa: BLE001  # onnxslim's and onnx's own
        raise ProjectError.of("XM576", file=f"{stem}.tflite", engine="litert", reason=in_short(error)) from None
    made = network.with_name("onnx2tf")
    # In a Python of its own: it sets the seeds, the warnings and how deep a program may call itself.
    command = [sys.executable, "-m", "onnx2tf", "-i", network.name, "-o", made.name, "-tb", "flatbuffer_direct", "-osd", "-n"]
    command += ["-kat", *kept] if kept else []
    try:
        done = subprocess.run(command, cwd=network.parent, capture_output=True, timeout=PATIENCE, check=False)  # noqa: S603  # its own
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ProjectError.of("XM576", file=f"{stem}.tflite", engine="litert", reason=error) from None
    written = next(made.glob(f"*{MADE}"), None) if made.is_dir() else None
    if written is None:
        raise ProjectError.of("XM576", file=f"{stem}.tflite", engine="litert", reason=_said(done))
    written.rename(folder / f"{stem}.tflite")
    return "" if kept else "NHWC"


def _refuse_integers(network: Path, stem: str) -> None:
    """Raise ProjectError for a quantized network: it would have 32 bits again, and other answers."""
    import onnx

    nodes = onnx.load(str(network), load_external_data=False).graph.node
    found = {node.op_type for node in nodes if node.op_type in INTEGERS or node.op_type.startswith("QLinear")}
    if found:
        raise ProjectError.of("XM907", file=f"{stem}.tflite", found=", ".join(sorted(found)))


def require() -> None:
    """Raise MissingDependency where onnx2tf or what it imports is not there."""
    missing = next((name for name in LIBRARIES if find_spec(name) is None), "")
    if not missing and tuple(map(int, re.findall(r"\d+", version("onnx2tf"))[:2])) < OLDEST:
        missing = "onnx2tf"
    if missing and sys.version_info < PYTHON:
        raise MissingDependency.of("XM906", python=platform.python_version(), command=ELSEWHERE)
    if missing:
        raise MissingDependency.of("XM601", library=missing.replace("_", "-"), command=INSTALL)


def _prepare(network: Path, shape: Sequence[int]) -> list[str]:
    """Write the network as onnx2tf reads it rightly; return the inputs whose sides must stay where they are."""
    import onnx
    from onnxslim import slim

    model = onnx.load(str(network))
    forget_unused(model)
    given = model.graph.input[0]
    for side, size in zip(given.type.tensor_type.shape.dim, shape, strict=True):
        side.dim_value = size
    with hushed():
        model = slim(model)  # it loses its way in sizes that are computed
    forget_unused(model)
    _keep_outputs(model)
    onnx.save(model, str(network))
    turned = len(shape) == 4 and shape[1] in (1, 3) and shape[3] not in (1, 3)
    return [] if turned else [given.name]


def _keep_outputs(model: Any) -> None:
    """Let every output end in a new shape, and that in its own: without, its sides would be turned as the engine likes it."""
    from onnx import helper, numpy_helper, shape_inference

    known = {one.name: one.type.tensor_type.shape.dim for one in shape_inference.infer_shapes(model).graph.output}
    for name, sides in known.items():
        sizes = [side.dim_value for side in sides]
        if len(sizes) < 3 or not all(sizes):
            continue
        for node in model.graph.node:
            node.input[:] = [f"{name}.turned" if one == name else one for one in node.input]
            node.output[:] = [f"{name}.turned" if one == name else one for one in node.output]
        shapes = {f"{name}.row": [-1], f"{name}.sides": sizes}
        model.graph.initializer.extend(numpy_helper.from_array(_whole(numbers), where) for where, numbers in shapes.items())
        model.graph.node.append(helper.make_node("Reshape", [f"{name}.turned", f"{name}.row"], [f"{name}.flat"]))
        model.graph.node.append(helper.make_node("Reshape", [f"{name}.flat", f"{name}.sides"], [name]))


def _whole(numbers: Sequence[int]) -> Any:
    import numpy as np

    return np.array(numbers, np.int64)


def _said(done: subprocess.CompletedProcess[bytes]) -> str:
    """Return the line in which onnx2tf says what is wrong."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", (done.stdout + done.stderr).decode("utf-8", "replace"))
    lines = [line.strip() for line in re.split(r"[\r\n]+", text) if line.strip()]
    return (lines or [f"onnx2tf: {done.returncode}"])[-1][:200]
