"""OpenVINO's .xml and .bin, by OpenVINO itself."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from xmaker import MissingDependency, ProjectError
from xmaker_toolbox.quantizing.runtime import in_short


def write(network: Path, stem: str, shape: Sequence[int], folder: Path) -> None:
    """Write `stem`.xml and .bin, all numbers as they are. Raises ProjectError, MissingDependency."""
    if find_spec("openvino") is None:
        raise MissingDependency.of("XM601", library="openvino", command='pip install "xmaker[openvino]"')
    import openvino

    try:
        model = openvino.convert_model(str(network))
        openvino.save_model(model, str(folder / f"{stem}.xml"), compress_to_fp16=False)
    except Exception as error:  # noqa: BLE001  # its errors share no base class
        raise ProjectError.of("XM576", file=stem, engine="openvino", reason=in_short(error)) from None
