"""Writes what MMDetection itself finds in a picture, and the ONNX files that MMDeploy makes of the same networks.

Weights are random, and scaled so that scores differ. The four networks are those of MMEdu, whose metadata the files get.
Run by hand, in a venv with mmdet, mmdeploy, and an mmcv whose operators were compiled:

    python reference_mmdet.py PICTURE FOLDER [NETWORK …]
"""

from __future__ import annotations

import functools
import json
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
import torch

if not hasattr(torch.ops.torchvision, "nms"):  # torchvision's own library is for CUDA: beside torch for CPUs it does not load
    library = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

import mmdeploy.codebase.mmdet.deploy
import mmdet
from mmdeploy.apis import torch2onnx
from mmdet.apis import inference_detector, init_detector
from mmdet.models.dense_heads import SSDHead
from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch.onnx import symbolic_opset9

CONFIGS = Path(mmdet.__file__).parent / ".mim/configs"
NETWORKS = {
    "SSD_Lite": ("ssd/ssdlite_mobilenetv2-scratch_8xb24-600e_coco.py", (320, 320), (320, 320)),
    "Yolov3": ("yolo/yolov3_mobilenetv2_8xb24-ms-416-300e_coco.py", (416, 416), (416, 416)),
    "FasterRCNN": ("faster_rcnn/faster-rcnn_r50_fpn_1x_coco.py", (448, 320), (448, 320)),
    "Mask_RCNN": ("mask_rcnn/mask-rcnn_r50_fpn_1x_coco.py", (448, 320), (448, 294)),
}
"""MMEdu's name → MMDetection's configuration, width and height of the input, and of the picture in it."""
LEAST, FEW = 0.05, 150
DEPLOY: dict[str, Any] = {
    "codebase_config": {
        "type": "mmdet",
        "task": "ObjectDetection",
        "model_type": "end2end",
        "post_processing": {
            "score_threshold": LEAST,
            "confidence_threshold": 0.005,
            "iou_threshold": 0.5,
            "max_output_boxes_per_class": 200,
            "pre_top_k": 5000,
            "keep_top_k": 100,
            "background_label_id": -1,
            "export_postprocess_mask": False,
        },
    },
    "backend_config": {"type": "onnxruntime"},
}
"""What MMDeploy's own configuration for ONNX Runtime says (mmdet/_base_)."""


def configured(title: str) -> Any:
    """Return a network's configuration, with random weights and our size of pictures."""
    name, size, inside = NETWORKS[title]
    kept = inside != size
    config = Config.fromfile(CONFIGS / name)
    config.model.backbone.init_cfg = None
    if "rpn" in (config.model.test_cfg or ()):
        rpn = config.model.test_cfg.rpn
        rpn.nms.iou_threshold = 1.0  # MMDetection thins out each level for itself, MMDeploy all together
        rpn.min_bbox_size = -1  # MMDetection leaves proposals without an area out, MMDeploy has them among its best 1,000
    steps = [one for one in config.test_pipeline if one.type != "LoadAnnotations"]
    for step in steps:
        if step.type == "Resize":
            step.scale, step.keep_ratio = size, kept
    if kept:
        steps.insert(2, {"type": "Pad", "size": size, "pad_val": {"img": (123.675, 116.28, 103.53)[::-1]}})
    config.test_dataloader.dataset.pipeline = config.test_pipeline = steps
    return config


def leave_empty(network: Any, inside: tuple[int, int]) -> None:
    """Let there be nothing beside the picture: MMDetection fills up with whole bytes, the mean is none, and 0.008 is left."""
    prepare = network.data_preprocessor.forward

    def prepared(*given: Any, **options: Any) -> Any:
        made = prepare(*given, **options)
        made["inputs"][:, :, inside[1] :] = 0
        return made

    network.data_preprocessor.forward = prepared


def drawn(title: str, picture: str, folder: Path) -> str:
    """Write the picture as the network sees it, each pixel as a block: so every way of making it smaller gives the same."""
    wide, high = NETWORKS[title][2]
    across, down = (2, 2) if title.startswith("Mask") else (2, 3)
    image = cv2.resize(cv2.imread(picture), (wide, high)).repeat(down, 0).repeat(across, 1)
    path = folder / f"{title}.png"
    cv2.imwrite(str(path), image)
    return str(path)


def layers(network: Any) -> list[tuple[Any, float]]:
    """Return the layers that give scores and boxes, and the standard deviation that their numbers are to have."""
    head = getattr(network, "bbox_head", None)
    if head is None:
        boxes = network.roi_head.bbox_head
        rpn = network.rpn_head
        found = [(boxes.fc_cls, 2.5), (boxes.fc_reg, 0.5), (rpn.rpn_cls, 0.5), (rpn.rpn_reg, 0.3)]
        masks = getattr(network.roi_head, "mask_head", None)
        return found + ([(masks.conv_logits, 2.0)] if masks is not None else [])
    if hasattr(head, "convs_pred"):
        return [(one, 2.0) for one in head.convs_pred]
    return [(one[-1], 2.5) for one in head.cls_convs] + [(one[-1], 0.8) for one in head.reg_convs]


def spread(network: Any, look: Any) -> None:
    """Let the normalisation fit what it sees, then scale the layers that give the answers, from the first to the last."""
    norms = [part for part in network.backbone.modules() if isinstance(part, torch.nn.BatchNorm2d)]
    for norm in norms:
        norm.momentum = 1.0
        norm.train()
    look()
    network.eval()
    for layer, wanted in sorted(layers(network), key=lambda one: one[0] in [*getattr(network, "roi_head", network).modules()]):
        seen: list[Any] = []
        hook = layer.register_forward_hook(lambda _one, _given, out, seen=seen: seen.append(out.flatten()))
        look()
        hook.remove()
        layer.weight.data *= wanted / torch.cat(seen).std()


def weaken(network: Any, look: Any) -> None:
    """Let few places have scores above LEAST: MMDetection and MMDeploy do not thin out crowds in the same order."""
    if hasattr(network, "rpn_head"):
        network.rpn_head.rpn_cls.bias.data += 1.0  # MMDeploy drops weak proposals
    for layer in getattr(getattr(network, "bbox_head", None), "convs_pred", ()):
        seen: list[Any] = []
        hook = layer.register_forward_hook(lambda _one, _given, out, seen=seen: seen.append(out))
        look()
        hook.remove()
        kinds = seen[0].unflatten(1, (3, -1))[:, :, 5:]
        layer.bias.data.view(3, -1)[:, 5:] -= kinds.flatten().topk(FEW).values[-1] - np.log(LEAST / (1 - LEAST))


def export(title: str, config: Any, picture: str, folder: Path) -> None:
    """Write the ONNX file, with the metadata that MMEdu adds."""
    size, masks = NETWORKS[title][1], title.startswith("Mask")
    names = ["dets", "labels", *(["masks"] if masks else [])]
    wanted = {"type": "onnx", "export_params": True, "keep_initializers_as_inputs": False, "save_file": f"{title}.onnx"}
    shapes = {"opset_version": 16, "input_names": ["input"], "output_names": names, "input_shape": size, "optimize": False}
    files = folder / f"{title}.py", folder / f"{title}.pth"
    config.dump(files[0])
    deploy = Config(DEPLOY | {"onnx_config": wanted | shapes})
    torch2onnx(picture, str(folder), f"{title}.onnx", deploy, *map(str, files), device="cpu")
    path = folder / f"{title}.onnx"
    model = onnx.load(path)
    info = {"codebase": "MMDet", "modelname": title, "classes": [f"kind{number}" for number in range(80)]}
    onnx.helper.set_model_props(model, {"MODEL_INFO": json.dumps(info)})
    onnx.save(model, path)


def main(picture: str, folder: str, *only: str) -> None:
    """Write each network's file, and beside it boxes, scores, labels and masks, in pixels of the picture."""
    torch.onnx.export = functools.partial(torch.onnx.export, dynamo=False)  # MMDeploy knows only the older of the two exporters
    symbolic_opset9._cast_Long = lambda g, number, _wait: g.op("Cast", number, to_i=onnx.TensorProto.INT64)  # torch had it once
    SSDHead.loss_cls = None  # MMDetection 3.3.0 asks for it, and SSDs have none
    place = Path(folder)
    for title in only or NETWORKS:
        torch.manual_seed(1)
        init_default_scope("mmdet")
        config, seen = configured(title), drawn(title, picture, place)
        network = init_detector(config, None, device="cpu")
        leave_empty(network, NETWORKS[title][2])
        spread(network, lambda network=network, seen=seen: inference_detector(network, seen))
        weaken(network, lambda network=network, seen=seen: inference_detector(network, seen))
        found = inference_detector(network, seen).pred_instances
        torch.save({"state_dict": network.state_dict(), "meta": {}}, place / f"{title}.pth")
        export(title, config, seen, place)
        masks = {"masks": np.packbits(found.masks.numpy(), axis=-1)} if "masks" in found else {}
        boxes, scores, labels = (found[part].numpy() for part in ("bboxes", "scores", "labels"))
        versions = f"MMDetection {mmdet.__version__}, MMDeploy {mmdeploy.__version__}"
        np.savez(place / f"{title}.npz", boxes=boxes, scores=scores, labels=labels, reference=versions, **masks)


if __name__ == "__main__":
    main(*sys.argv[1:])
