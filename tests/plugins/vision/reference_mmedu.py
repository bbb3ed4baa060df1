"""MMEdu 2.0.0 itself trains and converts its classifiers, XEduHub looks at photos with them, and XMaker is held against both.

By hand, each step in a Python of its own:

    1. pip install mmedu==2.0.0 mmcls==0.25.0 mmcv==1.7.2 (each --no-deps), torch, onnx, and what they then miss:
       python reference_mmedu.py train PHOTOS OUT        # PHOTOS has a folder for each label
    2. pip install xedu-python==2.0.0 six 'numpy<2':
       python reference_mmedu.py hub PHOTOS OUT
    3. XMaker: python reference_mmedu.py compare PHOTOS OUT

The wheel of MMEdu lacks the configurations of RegNet, RepVGG, ResNeXt and ShuffleNet_v2; those of mmcls take their place.
"""

from __future__ import annotations

import json
import shutil
import sys
import types
from importlib.metadata import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

BACKBONES = ("LeNet", "MobileNet", "ResNet18", "ResNet50", "RegNet", "RepVGG", "ResNeXt", "ShuffleNet_v2")
MISSING = {
    "RegNet": "regnet/regnetx_400mf.py",
    "RepVGG": "repvgg-A0_in1k.py",
    "ResNeXt": "resnext50_32x4d.py",
    "ShuffleNet_v2": "shufflenet_v2_1x.py",
}
TRAINED = 40
"""Photos of each label that are learnt from; the rest only are looked at."""
PARTS = {"training_set": slice(TRAINED), "val_set": slice(TRAINED, None), "test_set": slice(TRAINED, None)}


def load_mmedu() -> Any:
    """Return MMEdu's class, with the configurations that its wheel lacks. Its detectors would need compiled operations."""
    import torch

    found = next(one for one in files("mmedu") or () if one.name == "Classification_Edu.py")
    folder = Path(str(found.locate())).parent
    package: Any = types.ModuleType("MMEdu")
    package.__path__ = [str(folder.parent)]
    sys.modules["MMEdu"] = package
    spec = find_spec("mmcls")
    assert spec and spec.origin
    bases = Path(spec.origin).parent / ".mim/configs/_base_/models"
    common = (folder / "models/ResNet18/ResNet18.py").read_text(encoding="utf-8").partition("# optimizer")[2]
    for name, base in MISSING.items():
        (folder / "models" / name).mkdir(exist_ok=True)
        network = (bases / base).read_text(encoding="utf-8").replace("topk=(1, 5)", "topk=(1,)")
        (folder / "models" / name / f"{name}.py").write_text(f"{network}\n# {common}", encoding="utf-8")
    load, export = torch.load, torch.onnx.export
    torch.load = lambda *given, **options: load(*given, **{"weights_only": False, **options})  # its own files, just written

    class OnePicture(torch.nn.Module):
        """Later exporters hand over every default of forward(), some of which MMEdu has bound already."""

        def __init__(self, network: Any) -> None:
            super().__init__()
            self.network = network

        def forward(self, picture: Any) -> Any:
            return self.network.forward([picture])

    def old_export(network: Any, given: Any, *others: Any, **options: Any) -> Any:
        if isinstance(given, tuple) and isinstance(given[0], list):
            network, given = OnePicture(network), (given[0][0],)
        return export(network, given, *others, **{"dynamo": False, "opset_version": 11, **options})

    torch.onnx.export = old_export
    from MMEdu.Classification.Classification_Edu import MMClassification

    return MMClassification


def train(photos: Path, out: Path) -> None:
    data = out / "data"
    labels = sorted(folder.name for folder in photos.iterdir() if folder.is_dir())
    for label in labels:
        for part, some in PARTS.items():
            (data / part / label).mkdir(parents=True, exist_ok=True)
            for photo in sorted((photos / label).iterdir())[some]:
                shutil.copy(photo, data / part / label)
    (data / "classes.txt").write_text("\n".join(labels) + "\n", encoding="utf-8")
    for part in ("val", "test"):
        rows = [f"{one.parent.name}/{one.name} {labels.index(one.parent.name)}" for one in sorted(data.glob(f"{part}_set/*/*"))]
        (data / f"{part}.txt").write_text("\n".join(rows) + "\n", encoding="utf-8")
    made = load_mmedu()
    for backbone in BACKBONES:
        model = made(backbone=backbone, num_classes=len(labels))
        model.load_dataset(str(data))
        model.save_fold = str(out / backbone)
        model.train(epochs=1, lr=0.01, validate=False, batch_size=8)
        model.convert(str(out / backbone / "latest.pth"), out_file=str(out / f"{backbone}.onnx"))


def hub(photos: Path, out: Path) -> None:
    from XEdu.hub import Workflow

    for backbone in BACKBONES:
        answers = {}
        try:
            model = Workflow(task="mmedu", checkpoint=str(out / f"{backbone}.onnx"))
            for photo in sorted(photos.glob("*/*")):
                model.inference(data=str(photo))
                answers[str(photo)] = model.format_output(lang="zh", isprint=False)
        except Exception as error:  # noqa: BLE001  # what it cannot do is a result, too
            print(backbone, str(error).strip().splitlines()[-1])
        (out / f"{backbone}.json").write_text(json.dumps(answers, default=float), encoding="utf-8")


def compare(photos: Path, out: Path) -> None:
    import cv2
    from xmaker_toolbox.nodes import Host

    from xmaker import Frame, Plugins

    plugins = Plugins.load()
    for backbone in BACKBONES:
        node: Any = plugins.nodes["classifier"](model=str(out / f"{backbone}.onnx"), smooth=0)
        node.host = Host(plugins)
        node.open()
        answers = json.loads((out / f"{backbone}.json").read_text(encoding="utf-8"))
        pairs = [(node.run(Frame(cv2.imread(photo), photo)).as_xedu(), answer) for photo, answer in answers.items()]
        same = sum(ours["预测结果"] == theirs["预测结果"] for ours, theirs in pairs)
        apart = max((abs(ours["置信度"] - theirs["置信度"]) for ours, theirs in pairs), default=float("nan"))
        print(f"{backbone}: {same} of {len(pairs)} labels the same, scores at most {apart} apart")


if __name__ == "__main__":
    {"train": train, "hub": hub, "compare": compare}[sys.argv[1]](*map(Path, sys.argv[2:4]))
