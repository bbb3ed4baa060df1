"""Real networks, where they are: a minute each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import onnx
import pytest
from xmaker_toolbox.quantizing.run import quantize

from xmaker import Plugins

SHARED = Path(__file__).parents[6] / "shared"
ZOO, MEDIA = SHARED / "models" / "zoo", SHARED / "media"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (ZOO.is_dir() and MEDIA.is_dir()), reason="the test-only networks and pictures are not here"),
]


def with_card(name: str, folder: Path, card: dict[str, Any]) -> Path:
    model = onnx.load(str(ZOO / f"{name}.onnx"))
    del model.metadata_props[:]
    onnx.helper.set_model_props(model, {"xmaker": json.dumps({"name": name, "file": f"{name}.onnx", **card})})
    onnx.save(model, str(folder / f"{name}.onnx"))
    return folder / f"{name}.onnx"


def picture(size: int, **more: Any) -> dict[str, Any]:
    colours = {"layout": "NCHW", "dtype": "float32", "colour": "RGB", "mean": [128] * 3, "std": [128] * 3}
    return {"width": size, "height": size, **colours, **more}


def test_mobilenet_v2(tmp_path: Path) -> None:
    names = Plugins.load().model("imagenet", Path()).labels["en"]
    card = {"task": "classify", "input": picture(224, crop=0.875), "labels": {"en": ["background", *names]}}
    model = with_card("mobilenet_v2_1.0_224_fp32", tmp_path, card)
    made = quantize(model, tmp_path / "small.onnx", data=MEDIA / "coco" / "images", test=MEDIA / "imagenet" / "labels.csv")
    assert made.labelled == 200
    assert made.original.accuracy == pytest.approx(0.845)
    assert made.chosen.loss <= 1
    assert made.chosen.bytes <= 0.28 * made.original.bytes
    assert made.faster


def test_ssd(tmp_path: Path) -> None:
    names = [name.strip() for name in (SHARED / "models" / "coco90_labels.txt").read_text().splitlines()]
    card = {
        "task": "detect",
        "input": picture(300, resize="stretch"),
        "decode": {"layout": "ssd"},
        "labels": {"en": ["???", *names]},
    }
    model = with_card("ssd_mobilenet_v1_coco_fp32", tmp_path, card)
    made = quantize(model, tmp_path / "small.onnx", data=MEDIA / "catdog", test=MEDIA / "coco")
    assert made.original.accuracy is not None and made.original.accuracy > 0.2  # mAP
    assert made.chosen.loss <= 1
    assert made.chosen.agreement > 0.9
    assert made.chosen.bytes <= 0.3 * made.original.bytes
    assert made.faster
