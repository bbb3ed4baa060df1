"""ncnn's .param and .bin, by pnnx: the program of ncnn's makers, which needs no torch for .onnx files."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from xmaker import MissingDependency, ProjectError
from xmaker_toolbox.exporting.linear import as_linear
from xmaker_toolbox.quantizing.source import INTEGERS

INSTALL = 'pip install --no-deps pnnx && pip install "xmaker[ncnn]"'
"""Without --no-deps, pip would bring torch and gigabytes of CUDA, which are for other files."""
NAMES = ("pnnx", "pnnx.exe")
"""What the program is called in its package."""
PATIENCE = 600.0
"""Seconds for the largest networks; a MobileNet takes half of one."""


def write(network: Path, stem: str, shape: Sequence[int], folder: Path) -> None:
    """Write `stem`.ncnn.param and .bin. Raises ProjectError, MissingDependency."""
    _refuse_integers(network, stem)
    package = find_spec("pnnx")
    places = [Path(place) / name for place in (package and package.submodule_search_locations) or () for name in NAMES]
    program = next((place for place in places if place.is_file()), None)
    if program is None or find_spec("ncnn") is None:
        raise MissingDependency.of("XM601", library="pnnx", command=INSTALL)
    _prepare(network)
    written = [folder / f"{stem}.ncnn{ending}" for ending in (".param", ".bin")]
    where = [f"ncnnparam={written[0]}", f"ncnnbin={written[1]}"]
    command = [str(program), network.name, f"inputshape=[{','.join(map(str, shape))}]", "fp16=0", *where]
    try:
        done = subprocess.run(command, cwd=network.parent, capture_output=True, timeout=PATIENCE, check=False)  # noqa: S603  # its own
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ProjectError.of("XM576", file=stem, engine="ncnn", reason=error) from None
    if not all(file.is_file() for file in written):
        said = done.stderr.decode("utf-8", "replace").strip().splitlines() or [f"pnnx: {done.returncode}"]
        raise ProjectError.of("XM576", file=stem, engine="ncnn", reason=said[-1][:200])


def _refuse_integers(network: Path, stem: str) -> None:
    """Raise ProjectError for a quantized network: pnnx writes files for it that ncnn cannot read, and ncnn prints why."""
    import onnx

    nodes = onnx.load(str(network), load_external_data=False).graph.node
    found = {node.op_type for node in nodes if node.op_type in INTEGERS or node.op_type.startswith("QLinear")}
    if found:
        raise ProjectError.of("XM576", file=f"{stem}.ncnn.param", engine="ncnn", reason=", ".join(sorted(found)))


def _prepare(network: Path) -> None:
    """Write the network as pnnx reads it rightly."""
    import onnx

    model = onnx.load(str(network))
    as_linear(model)
    onnx.save(model, str(network))
