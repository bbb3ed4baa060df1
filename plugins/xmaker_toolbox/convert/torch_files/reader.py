"""Reads a PyTorch file: finds out whose it is, builds its network, and exports it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xmaker import ProjectError
from xmaker_toolbox.convert.labels import named
from xmaker_toolbox.convert.sources import Asked, Source
from xmaker_toolbox.convert.torch_files import chains, preparing
from xmaker_toolbox.convert.torch_files.built import Built
from xmaker_toolbox.convert.torch_files.detectors import known as detectors
from xmaker_toolbox.convert.torch_files.detectors.known import is_detector
from xmaker_toolbox.convert.torch_files.export import answers, export
from xmaker_toolbox.convert.torch_files.libraries import timm
from xmaker_toolbox.convert.torch_files.loading import load
from xmaker_toolbox.convert.torch_files.modules import built, refuse_hooks, whole_module
from xmaker_toolbox.convert.torch_files.renaming import LITE0, from_mm, renamed
from xmaker_toolbox.convert.torch_files.state import State, meta_of, state_of
from xmaker_toolbox.convert.torch_files.zoo import Known, find, unknown
from xmaker_toolbox.convert.words import guesses
from xmaker_toolbox.steps import converting

BACKBONES = {"resnet18": "ResNet18", "resnet50": "ResNet50", "resnext50_32x4d": "ResNeXt", "mobilenet_v2": "MobileNet"}
BACKBONES |= {"vgg16": "VGG", "shufflenet_v2_x1_0": "ShuffleNet_v2"}
"""torchvision's name → what MMEdu calls it."""
LITE = Known("timm", "tf_efficientnet_lite0")


def read(asked: Asked) -> Source:
    """Read a checkpoint. Raises ProjectError or MissingDependency."""
    found = load(asked.path, asked.trust)
    asked.progress(0.3, converting().finding)
    meta = meta_of(found)
    if module := whole_module(found):
        if not asked.trust:
            refuse_hooks(module, asked.path)
        made = built(module, meta, asked.size, asked.path)
    else:
        state = state_of(found, asked.path)
        if is_detector(state.weights):
            return _detector(state, asked)
        made = _built(state, asked)
    labels = named(asked.path, asked.labels, _labels(meta), made.classes)
    asked.progress(0.6, converting().writing)
    usual = guesses().colours
    return Source(
        network=export(made.module, made.picture, asked.path),
        answer=answers(made.module),
        picture=made.picture,
        labels=labels,
        origin=made.origin,
        logits=made.logits,
        backbone=made.backbone,
        told=made.told,
        output="output" if made.told else "probs",
        guessed=[one for one in made.guessed if one != usual],
        guessed_pixels=[one for one in made.guessed if one == usual],
    )


def _detector(state: State, asked: Asked) -> Source:
    """A detector: XEduHub prepares pictures for it where it knows one of the same size."""
    made = detectors.build(state, asked)
    labels = named(asked.path, asked.labels, _labels(state.meta), made.classes)
    asked.progress(0.6, converting().writing)
    outputs = ["dets", "labels", *(["masks"] if made.masks else []), "boxes", "scores"]
    hub = detectors.like_in_xeduhub(made.picture)
    return Source(
        network=export(made.module, made.picture, asked.path, outputs, made.kind.opset),
        answer=answers(made.module),
        picture=made.picture,
        labels=labels,
        origin=f"MMEdu, {made.kind.name}",
        logits=False,
        task="detect",
        backbone=hub or made.kind.name,
        xeduhub=bool(hub),
        guessed=[] if made.said else [guesses().colours],
    )


def _built(state: State, asked: Asked) -> Built:
    """Return the network that the weights belong to."""
    if any(name.startswith("backbone.") for name in state.weights):
        try:
            return _of_mm(state, asked)
        except ProjectError:
            raise
        except (LookupError, ValueError, RuntimeError):  # names like theirs, but of other layers
            raise unknown(state, asked.path) from None
    if "_conv_stem.weight" in state.weights:
        return _lite0(state, asked)
    known = find(state, asked.arch, asked.path)
    module = _filled(known, state)
    if known.library == "timm":
        picture, twin = preparing.as_timm_does(module.default_cfg, asked.size), f"tf_{known.name}" in timm().list_models()
        guessed = [guesses().timm, *([guesses().twin] if twin and not asked.arch else ())]
        module = timm().utils.reparameterize_model(module)  # branches that are only needed in training become one
    else:
        picture, guessed = preparing.usual(asked.size or 224), [guesses().colours, guesses().picture]
    return Built(classes=state.classes, module=module, picture=picture, origin=str(known), guessed=guessed)


def _of_mm(state: State, asked: Asked) -> Built:
    picture, guessed = preparing.as_mm_says(state.meta, asked.size)
    bare = {name.removeprefix("backbone."): one for name, one in state.weights.items()}
    if "features.0.weight" in bare and "classifier.2.weight" in bare:
        grey = preparing.grey(asked.size or 32)
        return Built(classes=state.classes, module=chains.lenet(bare), picture=grey, origin="MMEdu, LeNet", backbone="LeNet")
    if any(".branch_" in name for name in bare):
        module = chains.repvgg(bare)
        return Built(
            classes=state.classes, module=module, picture=picture, origin="MMEdu, RepVGG", backbone="RepVGG", guessed=guessed
        )
    state.weights = from_mm(state.weights)
    known = find(state, asked.arch, asked.path)
    backbone = BACKBONES.get(known.name, "MobileNet")
    module = _filled(known, state)
    origin = f"MMEdu, {BACKBONES.get(known.name, known.name)}"
    return Built(classes=state.classes, module=module, picture=picture, origin=origin, backbone=backbone, guessed=guessed)


def _lite0(state: State, asked: Asked) -> Built:
    """The package efficientnet-lite-pytorch: TensorFlow's padding, and (x - 127) / 128."""
    state.weights = renamed(state.weights, LITE0)
    known = find(state, LITE.name, asked.path)
    picture = preparing.usual(asked.size or 224, mean=(127.0,) * 3, std=(128.0,) * 3)
    return Built(
        classes=state.classes,
        module=_filled(known, state),
        picture=picture,
        origin="efficientnet-lite-pytorch, EfficientNet-Lite0",
    )


def _filled(known: Known, state: State) -> Any:
    module = known.build(state.classes)
    module.load_state_dict(state.weights, strict=False)  # names and shapes are the same, counters aside
    return module.eval()


def _labels(meta: Mapping[str, Any]) -> list[str]:
    """Return the names that MMEdu (`CLASSES`) or MMPretrain (`dataset_meta`) keeps in a checkpoint."""
    more = dict(meta.get("dataset_meta") or {})
    names = meta.get("CLASSES") or more.get("classes") or more.get("CLASSES") or ()
    return [str(name) for name in names] if isinstance(names, list | tuple) else []
