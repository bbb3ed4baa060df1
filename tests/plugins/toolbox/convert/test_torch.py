"""Checkpoints of PyTorch. They are made here with random weights, so that nothing needs to be fetched."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from xmaker_toolbox.convert.torch_files import libraries
from xmaker_toolbox.convert.torch_files.state import State
from xmaker_toolbox.convert.torch_files.zoo import Known, find
from xmaker_toolbox.convert.words import guesses, reasons

from tests.conftest import Run
from xmaker import MissingDependency, Plugins, ProjectError
from xmaker.toolbox import convert

torch = pytest.importorskip("torch", reason='needs: pip install "xmaker[convert]"')
pytestmark = pytest.mark.filterwarnings("ignore")
try:
    models, timm = libraries.torchvision_models(), libraries.timm()
except MissingDependency as missing:
    pytest.skip(str(missing), allow_module_level=True)


class Bomb:
    def __reduce__(self) -> Any:
        return os.system, ("touch exploded",)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with labels for two classes, which is the current one."""
    (tmp_path / "labels.txt").write_text("cat\ndog\n")
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(0)
    return tmp_path


def shaken(module: Any) -> Any:
    """Return a module with statistics as after some training, so that a layer in the wrong place shows."""
    for one in module.modules():
        if isinstance(one, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(one.weight, 0.5, 1.5)
            one.running_mean.normal_(0, 0.2)
            one.running_var.uniform_(0.5, 1.5)
    return module.eval()


def refusal(*arguments: Any, **options: Any) -> ProjectError:
    before = sorted(Path().iterdir())
    with pytest.raises(ProjectError) as caught:
        convert(*arguments, **options)
    assert sorted(Path().iterdir()) == before
    return caught.value


@pytest.mark.parametrize("wrapped", ["plain", "state_dict", "module.", "old file", "half"])
def test_a_state_dict_however_it_was_saved(folder: Path, wrapped: str) -> None:
    weights = shaken(models.resnet18(num_classes=2)).state_dict()
    kept: Any = {"epoch": 3, "state_dict": weights} if wrapped == "state_dict" else weights
    if wrapped == "module.":
        kept = {"model": {f"module.{name}": one for name, one in weights.items()}}
    elif wrapped == "half":
        kept = {name: one.half() for name, one in weights.items()}
    torch.save(kept, "cats.pth", _use_new_zipfile_serialization=wrapped != "old file")
    made = convert("cats.pth", "cats.onnx", labels="labels.txt")
    assert (made.origin, made.labels) == ("torchvision, resnet18", ["cat", "dog"])
    assert made.difference < 1e-4 and len(made.guessed) == 2


def test_timm_prepares_pictures_its_own_way(folder: Path) -> None:
    torch.save(shaken(timm.create_model("efficientnet_lite0", num_classes=2)).state_dict(), "cats.pth")
    made = convert("cats.pth", "cats.onnx", labels="labels.txt")
    assert made.origin == "timm, efficientnet_lite0"
    assert made.guessed == [guesses().timm, guesses().twin]  # one of the same weights, with other padding; nothing else
    named = convert("cats.pth", "cats.onnx", labels="labels.txt", arch="tf_efficientnet_lite0", size=192)
    assert named.origin == "timm, tf_efficientnet_lite0" and named.guessed == [guesses().timm]
    card = Plugins.load().model("./cats.onnx", Path())
    assert (card.input.width, card.input.mean) == (192, (123.675, 116.28, 103.53))  # the graph takes it from there


def test_safetensors_are_in_the_order_of_the_alphabet(folder: Path) -> None:
    from safetensors.torch import save_file

    save_file(shaken(models.mobilenet_v2(num_classes=2)).state_dict(), "cats.safetensors")
    assert convert("cats.safetensors", "cats.onnx", labels="labels.txt").origin == "torchvision, mobilenet_v2"


def test_xeduhub_gets_a_program_for_the_one_size_that_it_prepares(folder: Path) -> None:
    torch.save(shaken(models.mobilenet_v2(num_classes=2)).state_dict(), "cats.pth")
    convert("cats.pth", "small.onnx", labels="labels.txt", size=64)
    convert("cats.pth", "usual.onnx", labels="labels.txt")
    assert [path.name for path in Path().glob("*_xeduhub.py")] == ["usual_xeduhub.py"]


def test_code_is_not_run_and_named(folder: Path) -> None:
    for name, new in (("new.pth", True), ("old.pth", False)):
        torch.save({"state_dict": {}, "more": Bomb()}, name, _use_new_zipfile_serialization=new)
        error = refusal(name, "cats.onnx")
        assert error.code == "XM532" and "system" in str(error.problems[0].details["code"])
    assert not Path("exploded").exists()


def test_a_pickle_that_pytorch_did_not_write_names_its_code_too(folder: Path, xmaker: Run) -> None:
    Path("plain.pth").write_bytes(pickle.dumps({"more": Bomb()}))
    for trust in ([], ["--trust"]):  # PyTorch could not read it, but would run it
        ran = xmaker("model", "convert", "plain.pth", "cats.onnx", *trust)
        assert ran.code == 1 and "XM529" in ran.err and "system" in ran.err
        assert "Warning" not in ran.err and not Path("exploded").exists()
    Path("numbers.pth").write_bytes(pickle.dumps({"fc.weight": np.zeros((2, 3))}))  # no code, but nothing of PyTorch either
    assert refusal("numbers.pth", "cats.onnx").code == "XM531"


def test_a_class_of_somebodys_own_program_is_named(folder: Path) -> None:
    for name, own in (("net", "net"), ("__main__", "Own")):
        made = type("Own", (torch.nn.Module,), {"__module__": name})
        with as_module(name, Own=made):
            torch.save(made(), f"{name}.pth")
        error = refusal(f"{name}.pth", "cats.onnx", labels="labels.txt", trust=True)
        assert error.code == "XM482" and str(error.problems[0].details["name"]).endswith(own)


def test_changed_bytes_in_the_weights_are_told_of(folder: Path) -> None:
    weights = models.resnet18(num_classes=2).state_dict()
    for checked in (True, False):
        torch.serialization.set_crc32_options(checked)
        try:
            torch.save(weights, "cats.pth")
        finally:
            torch.serialization.set_crc32_options(True)
        if not checked:
            convert("cats.pth", "cats.onnx", labels="labels.txt")  # it has no checksums
            continue
        data = bytearray(Path("cats.pth").read_bytes())
        place = len(data) // 2
        data[place : place + 4] = bytes(255 - byte for byte in data[place : place + 4])
        Path("cats.pth").write_bytes(data)
        error = refusal("cats.pth", "cats.onnx", labels="labels.txt")
        assert error.code == "XM531" and reasons().changed in error.show()


def test_layers_alone_are_no_code_but_hooks_are(folder: Path) -> None:
    small = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(4 * 30 * 30, 2))
    torch.save(small, "small.pth")
    assert convert("small.pth", "small.onnx", labels="labels.txt", size=32).origin == "PyTorch, Sequential"
    small.register_forward_hook(torch._utils._rebuild_parameter)
    torch.save(small, "hook.pth")
    assert refusal("hook.pth", "cats.onnx", labels="labels.txt", size=32).code == "XM532"


def test_whole_modules_must_be_trusted(folder: Path) -> None:
    module = shaken(models.resnet18(num_classes=2))
    torch.save(module, "whole.pth")
    torch.jit.script(module).save("script.pt")
    for file in ("whole.pth", "script.pt"):
        assert refusal(file, "cats.onnx", labels="labels.txt").code == "XM532"
        assert convert(file, "cats.onnx", labels="labels.txt", trust=True).origin == "PyTorch, ResNet"


def test_a_whole_module_of_timm_knows_its_pictures(folder: Path) -> None:
    torch.save(timm.create_model("tf_efficientnet_lite0", num_classes=2).eval(), "whole.pth")
    made = convert("whole.pth", "cats.onnx", labels="labels.txt", trust=True)
    assert made.guessed == [guesses().timm]
    numbers = {one.name: onnx.numpy_helper.to_array(one) for one in onnx.load("cats.onnx").graph.initializer}
    assert numbers["input.factor"].ravel() == pytest.approx([58.395 / 127.5, 57.12 / 127.5, 57.375 / 127.5])  # timm's 0.5


def test_a_file_of_basenn_without_basenn(folder: Path) -> None:
    nn = torch.nn
    flat = type("Reshape", (nn.Flatten,), {"__module__": "BaseNN.BaseNN", "start_dim": 1, "end_dim": -1})
    with as_module("BaseNN.BaseNN", Reshape=flat):
        module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), flat(), nn.Linear(4 * 30 * 30, 2), nn.Softmax(1))
        shape = torch.tensor([1, 3, 32, 32]).numpy()
        meta = {"tool": "BaseNN", "backbone": module, "device": torch.device("cpu"), "input_size": shape}
        torch.save({"meta": {**meta, "dataset_type": "img", "CLASSES": ["猫", "狗"]}, "state_dict": module}, "cats.pth")
    made = convert("cats.pth", "cats.onnx")
    assert (made.origin, made.labels, made.guessed) == ("BaseNN", ["猫", "狗"], [])
    card = Plugins.load().model("./cats.onnx", Path())
    assert (card.input.colour, card.input.mean, card.output, card.input.resize) == ("BGR", None, "output", "stretch")
    assert 'task="basenn"' in Path("cats_xeduhub.py").read_text()


class as_module:  # noqa: N801
    """Have a module of this name be there while something is pickled."""

    def __init__(self, name: str, **content: Any) -> None:
        self.names, self.content = [name.partition(".")[0], name], content

    def __enter__(self) -> None:
        import sys
        from types import ModuleType

        self.before = {name: sys.modules.get(name) for name in self.names}
        for name in self.names:
            sys.modules[name] = ModuleType(name)
        vars(sys.modules[self.names[-1]]).update(self.content)

    def __exit__(self, *_: object) -> None:
        import sys

        for name, module in self.before.items():
            del sys.modules[name]
            if module:
                sys.modules[name] = module


@pytest.mark.parametrize("name", ["torchvision, mnasnet1_3", "timm, mobilevit_s"])
def test_networks_that_are_seldom_used_are_found_by_their_names(folder: Path, name: str) -> None:
    known = Known(*name.split(", "))
    assert find(State(known.build(2, "meta").state_dict()), "", Path("cats.pth")) == known


def test_a_network_of_a_known_family_is_like_it_by_its_names(folder: Path) -> None:
    """Every width is another, and so every shape; resnet26 has more of the same shapes."""
    torch.save(timm.create_model("convnext_pico", num_classes=2, dims=(24, 48, 96, 192)).state_dict(), "cats.pth")
    error = refusal("cats.pth", "cats.onnx", labels="labels.txt")
    assert error.code == "XM533" and "convnext" in str(error.problems[0].details["close"])
    assert "resnet" not in str(error.problems[0].details["close"])


def test_a_network_that_nobody_knows_has_relatives(folder: Path) -> None:
    module = models.resnet18(num_classes=2)
    module.layer4 = torch.nn.Identity()
    torch.save(module.state_dict(), "cats.pth")
    error = refusal("cats.pth", "cats.onnx", labels="labels.txt")
    assert error.code == "XM533" and "resnet18" in str(error.problems[0].details["close"])
    assert "--arch" in error.show("en")


def test_relatives_are_found_by_their_shapes_where_all_names_are_others(folder: Path) -> None:
    weights = models.mobilenet_v2(num_classes=2).state_dict()
    torch.save({name.replace("features", "layers"): one for name, one in weights.items()}, "cats.pth")
    error = refusal("cats.pth", "cats.onnx", labels="labels.txt")
    assert error.code == "XM533" and "mobilenet_v2" in str(error.problems[0].details["close"])


def test_a_detector_of_torchvision_is_called_one(folder: Path) -> None:
    names = ("backbone.features.0.0.0.weight", "head.classification_head.0.0.weight")
    torch.save({name: torch.zeros(8, 3, 3, 3) for name in names}, "boxes.pth")
    assert refusal("boxes.pth", "cats.onnx", labels="labels.txt").code == "XM530"


def test_wrong_names_of_architectures(folder: Path) -> None:
    torch.save(models.resnet18(num_classes=2).state_dict(), "cats.pth")
    assert refusal("cats.pth", "cats.onnx", labels="labels.txt", arch="resnet34").code == "XM534"
    error = refusal("cats.pth", "cats.onnx", labels="labels.txt", arch="ResNet-18")
    assert error.code == "XM547" and "resnet18" in error.show("en")
    error = refusal("cats.pth", "cats.onnx", labels="labels.txt", arch="资源")
    assert error.code == "XM547" and "Did you mean" not in error.show("en")


def test_damaged_files(folder: Path) -> None:
    weights = models.resnet18(num_classes=2).state_dict()
    torch.save(weights, "whole.pth")
    whole = Path("whole.pth").read_bytes()
    for name, data in (("cut.pth", whole[: len(whole) // 2]), ("page.pth", b"<html>"), ("empty.pth", b"")):
        Path(name).write_bytes(data)
        assert refusal(name, "cats.onnx", labels="labels.txt").code == "XM531", name
    torch.save([1, 2], "list.pth")
    assert refusal("list.pth", "cats.onnx").code == "XM531"
    torch.save({**weights, "conv1.weight": weights["conv1.weight"] * float("nan")}, "nan.pth")
    assert refusal("nan.pth", "cats.onnx", labels="labels.txt").code == "XM537"
    torch.save({"state_dict": {"backbone.conv1.weight": torch.zeros(3), "bbox_head.fc.bias": torch.zeros(3)}}, "boxes.pth")
    assert refusal("boxes.pth", "cats.onnx").code == "XM530"


def test_names_like_mmedus_with_other_layers(folder: Path) -> None:
    zeros = torch.zeros(2, 3)
    for name in ("stem.branch_3x3.conv", "features.x.conv", "layers.0.0.branch2.9.conv", "layer1.0.conv.0.conv", "conv1"):
        torch.save({"state_dict": {f"backbone.{name}.weight": zeros, "head.fc.weight": zeros}}, "cats.pth")
        error = refusal("cats.pth", "cats.onnx", labels="labels.txt")
        assert error.code == "XM664" and "--arch" in error.show("en"), name


def test_a_module_that_takes_something_else(folder: Path, xmaker: Run) -> None:
    torch.save(torch.nn.Sequential(torch.nn.Linear(4, 3)), "iris.pth")
    ran = xmaker("model", "convert", "iris.pth", "iris.onnx", "--labels", "labels.txt")
    assert ran.code == 1 and "XM545" in ran.err
    assert not ran.out, "PyTorch prints nothing"
