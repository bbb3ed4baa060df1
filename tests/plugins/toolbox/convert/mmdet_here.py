"""MMDetection, for reference_detectors.py: builds a network from MMEdu's configuration, and finds things with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

if not hasattr(torch.ops.torchvision, "nms"):  # torchvision's own library is for CUDA: beside torch for CPUs it does not load
    library = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

import mmdet
import mmdet.models  # registers what it has
from mmcv.transforms import Compose
from mmdet.models.dense_heads import SSDHead
from mmdet.registry import MODELS
from mmengine.config import Config
from mmengine.registry import init_default_scope

MEAN, STD = [123.675, 116.28, 103.53], [58.395, 57.12, 57.375]


def configured(title: str, mmedu: Path, own: str | None) -> tuple[Any, str]:
    """Return the network, and its configuration as a text."""
    init_default_scope("mmdet")
    SSDHead.loss_cls = None  # MMDetection 3.3.0 asks for it, and SSDs have none
    folder = Path(mmdet.__file__).parent / ".mim/configs"
    config = Config.fromfile(folder / own if own else mmedu / f"MMEdu/Detection/models/{title}/{title}.py")
    if title == "SSD_Lite":
        config.model.test_cfg.score_thr = 0.3  # its own 0.5 is for one kind
        config.model.bbox_head.num_classes = 80
    text = config.pretty_text
    config.model.backbone.init_cfg = None
    prepared = {"type": "DetDataPreprocessor", "mean": MEAN, "std": STD, "bgr_to_rgb": True, "pad_mask": False}
    config.model.setdefault("data_preprocessor", prepared)
    config.model.data_preprocessor.pad_size_divisor = 1
    return MODELS.build(config.model).eval(), text


def find(network: Any, title: str, image: Any, size: int) -> dict[str, Any]:
    """Return what MMDetection finds: rows of left, top, right, bottom, score and label in pixels of the frame, and masks."""
    steps = [
        {"type": "LoadImageFromNDArray"},
        {"type": "Resize", "scale": (size, size), "keep_ratio": title != "SSD_Lite"},
        {"type": "PackDetInputs", "meta_keys": ("ori_shape", "img_shape", "scale_factor")},
    ]
    from mmdet.datasets import transforms  # noqa: F401  # registers them

    packed = Compose(steps)({"img": image, "img_id": 0, "img_path": ""})
    made = network.data_preprocessor({"inputs": [packed["inputs"]], "data_samples": [packed["data_samples"]]}, False)
    inputs = made["inputs"]
    inputs = torch.nn.functional.pad(inputs, (0, size - inputs.shape[3], 0, size - inputs.shape[2]))
    for sample in made["data_samples"]:
        sample.set_metainfo({"batch_input_shape": (size, size), "pad_shape": (size, size)})
    with torch.no_grad():
        found = network.predict(inputs, made["data_samples"], rescale=True)[0].pred_instances
    rows = np.concatenate([found.bboxes.numpy(), found.scores[:, None].numpy(), found.labels[:, None].numpy()], 1)
    return {"rows": rows.tolist(), "masks": found.masks.numpy() if "masks" in found else None}


def balance(network: Any, look: Any) -> dict[str, float]:
    """Return what each layer's weights must be multiplied with, so that its numbers are spread by 1; the last ones' by more.

    Mishkin and Matas, 2016 (arXiv 1511.06422): without it, what is in the picture is lost on the way.
    """
    factors, hooks, wanted = dict[str, float](), [], last_layers(network)
    for name, layer in network.named_modules():
        if not isinstance(layer, torch.nn.Conv2d | torch.nn.Linear | torch.nn.ConvTranspose2d):
            continue

        def scale(own: Any, _given: Any, made: Any, name: str = name) -> Any:
            bias = 0 if own.bias is None else own.bias.reshape(-1, *[1] * (made.dim() - 2)) if made.dim() > 2 else own.bias
            if name not in factors:
                factors[name] = float(f"{wanted.get(own, 1.0) / float((made - bias).std()):.4g}")
            return (made - bias) * factors[name] + bias

        hooks.append(layer.register_forward_hook(scale))
    look()
    for hook in hooks:
        hook.remove()
    return factors


def last_layers(network: Any) -> dict[Any, float]:
    """Return the layers that give scores and boxes, and how far their numbers are to be spread."""
    head = getattr(network, "bbox_head", None)
    if head is None:
        boxes, rpn = network.roi_head.bbox_head, network.rpn_head
        masks = getattr(network.roi_head, "mask_head", None)
        found = {rpn.rpn_cls: 2.0, rpn.rpn_reg: 0.3, boxes.fc_cls: 2.5, boxes.fc_reg: 0.5}
        return found | ({masks.conv_logits: 2.0} if masks is not None else {})
    if hasattr(head, "convs_pred"):
        return dict.fromkeys(head.convs_pred, 1.0)
    return {one[-1]: 2.5 for one in head.cls_convs} | {one[-1]: 0.8 for one in head.reg_convs}
